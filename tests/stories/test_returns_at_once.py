"""Many people at the same time, with DdD failing: each piece comes back once, and everything adds up."""

from collections import Counter
from functools import partial
from random import Random

import pytest
from pytest_django import Settings

from core.errors import Conflict
from ddd.sandbox.faults import WORDS
from orders import delivery
from returns import desk
from returns.models import Return, ReturnedPiece
from returns.policy import Outcome
from tests.factories import again, make_cast
from tests.orders.together import at_once, everything
from tests.sandbox_process import RunningSandbox
from tests.stories.adding_up import assert_it_adds_up
from tests.stories.counter import Counters, opened
from tests.stories.expected import LIMIT, Back, Known

PEOPLE, TAPS, ORDERS = 10, 8, 6


@pytest.fixture
def counters(transactional_db: None, sandbox: RunningSandbox, settings: Settings) -> Counters:
    settings.DDD_TIMEOUT_SECONDS = 0.3
    settings.DDD_QUIET_SECONDS = 60
    return Counters(opened(make_cast(sandbox.url)), sandbox)


@pytest.mark.parametrize("colleague", ["manager", "odense"])
def test_two_tablets_take_the_same_piece_back_at_once_and_it_comes_back_once(
    counters: Counters, colleague: str
) -> None:
    """The last piece of one is the first of the other: of each of them all is done, or nothing."""
    known = counters.hand_over("aarhus", "nordlys", (1, 2, 1), "", 0)
    first, second, third = known.lines
    wishes = {"aarhus": (first, second), colleague: (second, third)}

    def take(who: str) -> Return:
        shop = counters.shop("aarhus" if who == "manager" else who)
        order, asked = again(known.order), counters.return_request(known, wishes[who], "cash", None)
        return desk.take_back(order, shop, asked, counters.cast.person(who), counters.clock())

    results = dict(zip(wishes, at_once(*(partial(take, who) for who in wishes)), strict=True))
    (winner,) = (who for who, result in results.items() if isinstance(result, Return))
    (loser,) = set(wishes) - {winner}
    assert isinstance(results[loser], Conflict)
    assert str(results[loser]).startswith(counters.cast.person(winner).name)

    done = Return.objects.get()
    assert set(ReturnedPiece.objects.values_list("line", "counts")) == {(pk, True) for pk in wishes[winner]}
    shop = "aarhus" if winner == "manager" else winner
    counters.note_return(known, wishes[winner], shop, Outcome.REGISTER, "cash", done)
    counters.settle()
    assert_it_adds_up(counters)


def test_one_person_at_two_tablets_takes_the_same_back_once(counters: Counters) -> None:
    known = counters.hand_over("aarhus", "nordlys", (1, 2), "", 0)
    lines = tuple(known.lines)
    asked, freja = counters.return_request(known, lines, "terminal", None), counters.cast.person("aarhus")
    order, shop = again(known.order), counters.shop("aarhus")
    results = at_once(*[partial(desk.take_back, order, shop, asked, freja, counters.clock())] * 4)
    done = Return.objects.get()
    assert results == [done] * 4
    counters.note_return(known, lines, "aarhus", Outcome.REGISTER, "terminal", done)
    counters.settle()
    assert_it_adds_up(counters)


def test_a_return_and_the_undoing_of_its_delivery_never_both_win(
    counters: Counters, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 60
    for number in range(4):
        known = counters.hand_over("aarhus", "nordlys", (1, 2), "", 0)
        freja, order, lines = counters.cast.person("aarhus"), again(known.order), tuple(known.lines)[:1]
        asked, now = counters.return_request(known, lines, "cash", None), counters.clock()
        undone, back = at_once(
            partial(delivery.undo, order, freja, now),
            partial(desk.take_back, order, counters.shop("aarhus"), asked, freja, now),
        )
        assert isinstance(undone, Conflict) != isinstance(back, Conflict), (number, undone, back)
        if isinstance(back, Return):
            counters.note_return(known, lines, "aarhus", Outcome.REGISTER, "cash", back)
        else:
            counters.note_undone(known)
    counters.settle()
    assert_it_adds_up(counters)


def test_the_manager_cancels_while_a_worker_sends_and_only_one_of_them_wins(counters: Counters) -> None:
    for _number in range(4):
        known = counters.hand_over("aarhus", "nordlys", (1, 2), "", 0)
        counters.settle()
        lines = tuple(known.lines)
        back = counters.take_back(known, lines, "aarhus")
        assert back is not None
        cancelled = partial(
            desk.cancel, back.taken_back, "Wrong customer", counters.cast.person("manager"), counters.clock()
        )
        before = everything(known.order)
        refused, _sent = at_once(cancelled, counters.work)
        if isinstance(refused, Conflict):
            assert everything(known.order)["lines"] == before["lines"]
            assert refused.code == "too-late-to-cancel"
        else:
            assert refused is None
            counters.note_end(back, booked=False)
    counters.settle()
    assert_it_adds_up(counters)


def test_ten_people_take_back_and_end_returns_at_once_and_all_adds_up(
    counters: Counters, sandbox: RunningSandbox
) -> None:
    """Eight people tap and two workers send while the clock stands and every third call goes wrong."""
    for number in range(ORDERS):
        who, web_shop = ("aarhus", "odense")[number % 2], ("nordlys", "nordlys", "outlet")[number % 3]
        counters.hand_over(who, web_shop, (0, 1, 2), "", 0)
    sandbox.fault(list(WORDS), every=3, seconds=0.45)

    for day in range(2):
        hands = [partial(random_actions, counters, PEOPLE * day + seed) for seed in range(PEOPLE)]
        assert at_once(*hands) == [None] * PEOPLE
        # What was taken back on the first day DdD has on the second.
        counters.settle()
        assert_it_adds_up(counters)

    assert set(counters.tally) == {"delivered", "taken back", "taken-back-already", "cancelled", "reversed"}
    counted = Counter(ReturnedPiece.objects.filter(counts=True).values_list("line", flat=True))
    assert set(counted.values()) <= {1}


def random_actions(counters: Counters, seed: int) -> None:
    """Every fifth is a worker; the others tap at random."""
    dice = Random(seed)
    for _tap in range(TAPS):
        if seed % 5 == 0:
            counters.work()
        elif counters.returns and dice.random() < 0.35:
            end_at_once(counters, dice.choice(counters.returns))
        else:
            known = dice.choice(counters.orders)
            lines = dice.sample(list(known.lines), dice.choice([1, 1, 2]))
            take_back_at_once(counters, known, lines, dice.choice(["aarhus", "odense", "manager"]), dice)


def take_back_at_once(counters: Counters, known: Known, lines: list[int], who: str, dice: Random) -> None:
    """Above the register's limit the web shop refunds; a colleague may have been faster."""
    outcome = Outcome.REGISTER if known.worth(lines) <= LIMIT else Outcome.WEB_SHOP
    paid_by = dice.choice(["cash", "terminal"]) if outcome == Outcome.REGISTER else ""
    shop = dice.choice(["aarhus", "odense"])
    asked, person = counters.return_request(known, lines, paid_by, None), counters.cast.person(who)
    try:
        back = desk.take_back(again(known.order), counters.shop(shop), asked, person, counters.clock())
    except Conflict as refused:
        counters.tally[refused.code] += 1
        return
    with counters.writing:
        if not counters.has_noted(back):
            counters.note_return(known, lines, shop, outcome, paid_by, back)
            counters.tally["taken back"] += 1


def end_at_once(counters: Counters, back: Back) -> None:
    """Cancelled, or reversed, or still on its way; the same manager may do it twice."""
    mads, now = counters.cast.person("manager"), counters.clock()
    for end, booked in ((desk.cancel, False), (desk.reverse, True)):
        try:
            end(back.taken_back, "Wrong customer", mads, now)
        except Conflict:
            continue
        with counters.writing:
            if back.standing:
                counters.note_end(back, booked=booked)
        return
