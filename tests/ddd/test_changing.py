"""A carrier's DeliveryNo reaches DdD's lines, once or twice alike, or a person is told why not."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast as taken_for

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from core.errors import Conflict
from ddd.api.bodies import Addresses, ChangeBody
from ddd.booking import outbox
from ddd.models import Connection, Posting
from ddd.sandbox.faults import WORDS
from ddd.sending import decisions, dispatch
from tests.ddd.other_servers import answering
from tests.ddd.rows import Clock, State, calls, count_calls, drain_to_the_end, order_row, wait_until_at_rest
from tests.ddd.test_dispatch import COURSES
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast
from tests.sandbox.caller import order as caller_order
from tests.sandbox_process import RunningSandbox

NUMBER = "00370726202635"


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.DDD_QUIET_SECONDS = 60


@pytest.fixture
def clock() -> Clock:
    return Clock()


def change_row(
    cast: Cast,
    now: datetime,
    order_no: str = "W-1",
    variants: Sequence[int] = (JUMPER, SCARF),
    delivery_no: str = NUMBER,
) -> Posting:
    """The pieces of these variants were sent with this number."""
    body: ChangeBody = {
        "OrderNo": order_no,
        "Since": (now - timedelta(days=1)).isoformat(),
        "WebOrderLines": [{"VariantId": variant, "DeliveryNo": delivery_no} for variant in variants],
    }
    with transaction.atomic():
        return outbox.post_change(
            cast.nordlys, cast.web_shop("nordlys"), f"delivery:{order_no}", order_no, body, now
        )


def at_ddd(cast: Cast, clock: Clock, order_no: str = "W-1") -> None:
    """DdD has the order: a jumper and a scarf."""
    order_row(cast, clock(), order_no)
    drain_to_the_end(cast.nordlys.pk, clock)


def numbers(sandbox: RunningSandbox) -> list[tuple[int, str]]:
    """What DdD's lines say now."""
    [order] = sandbox.ledger()["orders"]
    return [(line["VariantId"], line["DeliveryNo"]) for line in order["now"]["WebOrderLines"]]


# Whatever happens to the call


def test_every_fault_word_is_tried_here() -> None:
    assert set(COURSES) == set(WORDS)


@pytest.mark.slow
@pytest.mark.parametrize("word", COURSES)
def test_a_fault_ends_with_the_number_at_ddd_or_before_a_person(
    word: str, booked_cast: Cast, sandbox: RunningSandbox, clock: Clock, settings: Settings
) -> None:
    count_calls(sandbox)
    at_ddd(booked_cast, clock)
    posting = change_row(booked_cast, clock())
    if word == "slow":
        settings.DDD_TIMEOUT_SECONDS = 1
    sandbox.fault(word, on="posts", times=1, seconds=1.5)

    dispatch.drain(booked_cast.nordlys.pk, clock)
    wait_until_at_rest(sandbox)
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert calls(posting) == COURSES[word]
    if word == "refuse":
        assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
        assert posting.reason_words.startswith("DdD refused it with 400: ")
        assert numbers(sandbox) == [(JUMPER, ""), (SCARF, "")]
    else:
        assert (posting.state, posting.needs_attention, posting.reason_words) == (State.SENT, False, "")
        assert numbers(sandbox) == [(JUMPER, NUMBER), (SCARF, NUMBER)]


def test_ddd_that_cannot_be_read_is_asked_again(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    at_ddd(booked_cast, clock)
    posting = change_row(booked_cast, clock())
    sandbox.fault(["500", "nonsense", "half an answer", "refuse"], on="reads", times=4)
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    assert calls(posting) == [("send", "unavailable")] * 4 + [("send", "sent")]
    assert numbers(sandbox) == [(JUMPER, NUMBER), (SCARF, NUMBER)]


def test_what_a_dead_worker_had_sent_is_found(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    at_ddd(booked_cast, clock)
    posting = change_row(booked_cast, clock())
    # The worker of a process that dies after its call: what came of it is never written.
    claimed = dispatch.claim(booked_cast.nordlys.pk, clock())
    assert claimed is not None
    dispatch.handle(claimed, booked_cast.connection, clock)
    Posting.objects.filter(pk=posting.pk).update(state=State.IN_FLIGHT)
    posting.attempts.all().delete()

    clock.forward(31)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert calls(posting) == [("read back", "sent")]
    [order] = sandbox.ledger()["orders"]
    assert len(order["changes"]) == 1


# Which lines


def test_all_that_is_not_the_number_stays_as_ddd_has_it(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    body = caller_order(
        "W-1",
        ReceiveAddress="Åse Ø.#8000 Aarhus C",
        WebOrderLines=[
            {
                "VariantId": JUMPER,
                "SalesPrice": 219.95,
                "EffectiveSalesPrice": 199.95,
                "DiscountAmount": 20,
                "Notes": "Gift 🎁",
            }
        ],
    )
    sandbox.till_order(body)
    before = sandbox.ledger()["orders"][0]["now"]
    change_row(booked_cast, clock(), variants=(JUMPER,))
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    after = sandbox.ledger()["orders"][0]["now"]
    changed = {"ModifiedOn", "WebOrderLines"}
    assert {name for name in after if after[name] != before[name]} <= changed
    [line_before], [line] = before["WebOrderLines"], after["WebOrderLines"]
    assert line == {**line_before, "DeliveryNo": NUMBER, "ModifiedOn": line["ModifiedOn"]}


def test_of_equal_pieces_as_many_get_the_number_as_were_sent_also_when_it_is_sent_twice(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    line = {"VariantId": JUMPER, "SalesPrice": 1, "EffectiveSalesPrice": 1, "DiscountAmount": 0}
    sandbox.till_order(caller_order("W-1", WebOrderLines=[line] * 3))
    posting = change_row(booked_cast, clock(), variants=(JUMPER, JUMPER))
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert numbers(sandbox) == [(JUMPER, NUMBER), (JUMPER, NUMBER), (JUMPER, "")]

    Posting.objects.filter(pk=posting.pk).update(state=State.WAITING)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    assert numbers(sandbox) == [(JUMPER, NUMBER), (JUMPER, NUMBER), (JUMPER, "")]
    assert [len(order["changes"]) for order in sandbox.ledger()["orders"]] == [2]


def test_an_order_of_digits_only_is_not_taken_for_an_id(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    at_ddd(booked_cast, clock, "1")
    at_ddd(booked_cast, clock, "2")
    change_row(booked_cast, clock(), "2")
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    found = {
        order["OrderNo"]: [line["DeliveryNo"] for line in order["now"]["WebOrderLines"]]
        for order in sandbox.ledger()["orders"]
    }
    assert found == {"1": ["", ""], "2": [NUMBER, NUMBER]}


def test_pieces_that_ddds_order_does_not_have_are_put_before_a_person(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    at_ddd(booked_cast, clock)
    posting = change_row(booked_cast, clock(), variants=(JUMPER, CAP))
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert posting.reason_words == "DdD's order does not have these lines."
    assert numbers(sandbox) == [(JUMPER, ""), (SCARF, "")]


def test_when_ddd_says_false_a_person_decides(booked_cast: Cast, clock: Clock) -> None:
    posting = change_row(booked_cast, clock(), variants=(JUMPER,))
    order = {"Id": 1, "OrderNo": "W-1", "ShopId": 996001, "WebOrderLines": [{"Id": 7, "VariantId": JUMPER}]}
    with answering(200, b"false", reads=json.dumps(order).encode()) as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        drain_to_the_end(booked_cast.nordlys.pk, clock)

    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert posting.reason_words == "DdD answered false and does not have it."


# A newer change


def addresses(cast: Cast, now: datetime, action_key: str, **header: str) -> Posting:
    """The web shop has changed these, and the number of the jumper."""
    body: ChangeBody = {
        "OrderNo": "W-1",
        "Since": (now - timedelta(days=1)).isoformat(),
        "WebOrderLines": [{"VariantId": JUMPER, "DeliveryNo": action_key}],
        **taken_for(Addresses, header),
    }
    with transaction.atomic():
        return outbox.post_change(cast.nordlys, cast.web_shop("nordlys"), action_key, "W-1", body, now)


def refused_before_a_newer_one(cast: Cast, sandbox: RunningSandbox, clock: Clock, **newer: str) -> Posting:
    """DdD refused a change of both addresses and of the number; the one that came after it waits."""
    at_ddd(cast, clock)
    sandbox.fault("refuse", on="posts", times=1)
    older = addresses(cast, clock(), "older", ReceiveAddress="Old street 1", ReturnAddress="Old street 2")
    drain_to_the_end(cast.nordlys.pk, clock)
    addresses(cast, clock(), "newer", **newer)
    drain_to_the_end(cast.nordlys.pk, clock)
    older.refresh_from_db()
    assert (older.state, older.needs_attention) == (State.REJECTED, True)
    return older


def test_a_refused_change_that_is_sent_again_leaves_what_a_newer_one_has_said(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    older = refused_before_a_newer_one(booked_cast, sandbox, clock, ReceiveAddress="New street 1")

    decisions.send_again(older, booked_cast.person("office"), clock())
    drain_to_the_end(booked_cast.nordlys.pk, clock)

    older.refresh_from_db()
    assert older.state == State.SENT
    [order] = sandbox.ledger()["orders"]
    now = order["now"]
    assert (now["ReceiveAddress"], now["ReturnAddress"]) == ("New street 1", "Old street 2")
    assert numbers(sandbox) == [(JUMPER, "newer"), (SCARF, "")]


def test_a_refused_change_of_which_a_newer_one_says_all_is_not_sent_again(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    older = refused_before_a_newer_one(
        booked_cast, sandbox, clock, ReceiveAddress="New street 1", ReturnAddress="New street 2"
    )

    with pytest.raises(Conflict, match="newer change"):
        decisions.send_again(older, booked_cast.person("office"), clock())

    older.refresh_from_db()
    assert (older.state, older.needs_attention) == (State.REJECTED, True)
    decisions.give_up(older, "A newer one says all.", booked_cast.person("office"), clock())


def test_a_newer_change_that_was_given_up_has_no_say(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    older = refused_before_a_newer_one(
        booked_cast, sandbox, clock, ReceiveAddress="New street 1", ReturnAddress="New street 2"
    )
    Posting.objects.filter(action_key="change:newer").update(state=State.GIVEN_UP)

    decisions.send_again(older, booked_cast.person("office"), clock())

    older.refresh_from_db()
    assert older.payload["ReceiveAddress"] == "Old street 1"


# The order itself


def test_a_number_waits_until_ddd_has_the_order(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    sandbox.fault("lose the connection before committing", on="order", times=1)
    order_row(booked_cast, clock())
    posting = change_row(booked_cast, clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.tries, posting.needs_attention) == (State.WAITING, 0, False)

    drain_to_the_end(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert posting.state == State.SENT
    assert numbers(sandbox) == [(JUMPER, NUMBER), (SCARF, NUMBER)]


def test_a_number_waits_until_ddd_lists_an_order_that_it_has_got(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    posting = change_row(booked_cast, clock())
    dispatch.drain(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.WAITING, False)
    assert posting.reason_words == "DdD does not have the order yet."
    assert Connection.objects.get(group=booked_cast.nordlys).trouble == {}


def test_as_long_as_a_person_has_not_decided_about_the_order_its_number_waits(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    sandbox.fault("refuse", on="order", times=1)
    order = order_row(booked_cast, clock())
    posting = change_row(booked_cast, clock())
    for _round in range(20):
        dispatch.drain(booked_cast.nordlys.pk, clock)
        clock.forward(600)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.WAITING, False)

    Posting.objects.filter(pk=order.pk).update(state=State.GIVEN_UP, needs_attention=False)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    posting.refresh_from_db()
    assert (posting.state, posting.needs_attention) == (State.REJECTED, True)
    assert posting.reason_words == "DdD does not have the order."


def test_the_number_of_one_delivery_is_written_once(cast: Cast) -> None:
    change_row(cast, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        change_row(cast, NOW)
    assert Posting.objects.count() == 1
