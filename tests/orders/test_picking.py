"""A shop takes an order and picks it piece by piece: tapped twice, by two people, in a wrong state."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import Conflict, Invalid, NotFound
from ddd.models import Posting
from orders import delivery, picking, sync_status
from orders.missing_reasons import MISSING_REASONS
from orders.models import Line, WebOrder
from orders.states import Status
from tests.factories import HAND_OVER, NOW, Cast, again, delivered, new_order, picked, received, taken
from tests.orders.together import at_once, everything, kinds

SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(minutes=20)


def pieces(order: WebOrder) -> list[Line]:
    return list(order.lines.all())


def cancelled(cast: Cast) -> WebOrder:
    return picked(cast, missing=(1, 2))


def cancelled_by_ddd(cast: Cast) -> WebOrder:
    order = received(cast)
    sync_status.follow_cancelled(order, NOW)
    return again(order)


def delivered_by_ddd(cast: Cast) -> WebOrder:
    order = received(cast)
    sync_status.follow_delivered(order, [line.pk for line in pieces(order)], NOW)
    return again(order)


OVER: list[Callable[[Cast], WebOrder]] = [picked, delivered, cancelled, cancelled_by_ddd, delivered_by_ddd]


# --- I have it ---------------------------------------------------------------------------------------


def test_i_have_it_names_the_picker_once(cast: Cast) -> None:
    order, freja = received(cast), cast.person("aarhus")
    picking.accept(order, freja, SOON)
    once = everything(order)
    picking.accept(order, freja, LATER)

    assert everything(order) == once
    order = again(order)
    assert (order.taken_by, order.taken_at, order.modified_at, order.status) == (
        freja,
        SOON,
        SOON,
        "Reserved",
    )
    assert kinds(order) == ["created", "accepted"]


def test_the_slower_of_two_is_told_who_was_faster(cast: Cast) -> None:
    order = taken(cast, "aarhus")
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        picking.accept(order, cast.person("manager"), SOON)
    assert (refused.value.code, refused.value.sentence) == (
        "taken-by-another",
        f"{cast.person('aarhus').name} was faster and has this order.",
    )
    assert everything(order) == before


@pytest.mark.parametrize("over", [cancelled_by_ddd, delivered_by_ddd])
def test_an_order_that_ddd_finished_is_not_taken(cast: Cast, over: Callable[[Cast], WebOrder]) -> None:
    order = over(cast)
    before = everything(order)
    with pytest.raises(Conflict, match=r"This order is (cancelled|delivered) now"):
        picking.accept(order, cast.person("aarhus"), SOON)
    assert everything(order) == before


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_it_at_once_one_has_it_and_all_others_know_who(cast: Cast) -> None:
    order = received(cast)
    people = [cast.person(who) for who in ("aarhus", "manager", "office") for _tap in range(3)]
    done = at_once(*[lambda who=who: picking.accept(order, who, SOON) for who in people])

    winner = again(order).taken_by
    assert winner is not None
    told = {str(answer) for answer in done if answer is not None}
    assert told == {f"{winner.name} was faster and has this order."}
    assert done.count(None) == 3
    assert kinds(order) == ["created", "accepted"]


# --- Pick --------------------------------------------------------------------------------------------


def test_a_picked_piece_is_picked_once_and_takes_an_order_that_nobody_had(cast: Cast) -> None:
    order, freja = received(cast), cast.person("aarhus")
    [jumper, _scarf] = pieces(order)
    picking.pick(order, jumper.pk, freja, SOON)
    once = everything(order)
    picking.pick(order, jumper.pk, freja, LATER)

    assert everything(order) == once
    [jumper, scarf] = pieces(order)
    assert (jumper.status, jumper.picked_by, jumper.modified_at) == ("Picked", freja, SOON)
    assert (scarf.status, scarf.picked_by) == ("Reserved", None)
    assert (again(order).taken_by, again(order).modified_at) == (freja, SOON)
    assert kinds(order) == ["created", "accepted", "piece picked"]


def test_a_piece_that_a_colleague_picked_cannot_be_picked_again(cast: Cast) -> None:
    order = taken(cast, "aarhus")
    [jumper, scarf] = pieces(order)
    picking.pick(order, jumper.pk, cast.person("aarhus"), SOON)
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        picking.pick(order, jumper.pk, cast.person("manager"), LATER)
    assert refused.value.sentence == f"{cast.person('aarhus').name} has picked this piece already."
    assert everything(order) == before

    picking.pick(order, scarf.pk, cast.person("manager"), LATER)
    assert again(order).taken_by == cast.person("aarhus")


@pytest.mark.parametrize("over", OVER)
def test_nothing_is_picked_or_reported_missing_once_the_order_is_over(
    cast: Cast, over: Callable[[Cast], WebOrder]
) -> None:
    order, other = over(cast), cast.person("manager")
    before = everything(order)
    for line in pieces(order):
        with pytest.raises(Conflict):
            picking.pick(order, line.pk, other, LATER)
        for reason in MISSING_REASONS.codes:
            if (line.status, line.missing_reason) != ("Missing", reason):
                with pytest.raises(Conflict):
                    picking.report_missing(order, line.pk, reason, other, LATER)
    assert everything(order) == before


def test_the_line_of_another_order_is_not_found(cast: Cast) -> None:
    order, other = received(cast), received(cast)
    [line, _other] = pieces(other)
    before = everything(order), everything(other)
    with pytest.raises(NotFound):
        picking.pick(order, line.pk, cast.person("aarhus"), SOON)
    with pytest.raises(NotFound):
        picking.report_missing(order, line.pk, "sold", cast.person("aarhus"), SOON)
    assert (everything(order), everything(other)) == before


@pytest.mark.django_db(transaction=True)
def test_a_piece_that_two_tablets_pick_at_once_is_picked_once(cast: Cast) -> None:
    order = taken(cast)
    [jumper, _scarf] = pieces(order)
    people = [cast.person("aarhus"), cast.person("manager")] * 3
    done = at_once(*[lambda who=who: picking.pick(order, jumper.pk, who, SOON) for who in people])

    assert sum(isinstance(answer, Conflict) for answer in done) == 3
    assert sum(isinstance(answer, Line) for answer in done) == 3
    assert kinds(order).count("piece picked") == 1


# --- Missing -----------------------------------------------------------------------------------------


def test_a_missing_piece_has_a_reason_and_is_reported_once(cast: Cast) -> None:
    order, freja = received(cast), cast.person("aarhus")
    [jumper, _scarf] = pieces(order)
    picking.report_missing(order, jumper.pk, "damaged", freja, SOON)
    once = everything(order)
    picking.report_missing(order, jumper.pk, "damaged", freja, LATER)
    picking.report_missing(order, jumper.pk, "damaged", cast.person("manager"), LATER)

    assert everything(order) == once
    jumper.refresh_from_db()
    assert (jumper.status, jumper.missing_reason) == ("Missing", "damaged")
    assert again(order).total == Decimal("199.95")
    assert kinds(order) == ["created", "accepted", "piece missing"]
    assert order.events.last() is not None
    assert order.events.get(kind="piece missing").data == {
        "piece": "Wool jumper Skagerrak Blue S",
        "reason": "damaged",
    }


@pytest.mark.parametrize("reason", ["", "lost in space", "Damaged"])
def test_a_piece_is_not_missing_without_one_of_the_reasons(cast: Cast, reason: str) -> None:
    order = taken(cast)
    before = everything(order)
    with pytest.raises(Invalid) as refused:
        picking.report_missing(order, pieces(order)[0].pk, reason, cast.person("aarhus"), SOON)
    assert [fault.pointer for fault in refused.value.faults] == ["/reason"]
    assert everything(order) == before


def test_a_reason_may_be_put_right_while_the_order_is_being_picked(cast: Cast) -> None:
    order, freja = taken(cast), cast.person("aarhus")
    line = pieces(order)[0]
    picking.report_missing(order, line.pk, "damaged", freja, SOON)
    picking.report_missing(order, line.pk, "sold", freja, LATER)
    line.refresh_from_db()
    assert (line.missing_reason, line.modified_at) == ("sold", LATER)
    assert kinds(order).count("piece missing") == 2


def test_a_missing_piece_that_turned_up_is_picked_after_all(cast: Cast) -> None:
    order, freja = taken(cast), cast.person("aarhus")
    line = pieces(order)[0]
    picking.report_missing(order, line.pk, "not found", freja, SOON)
    picking.pick(order, line.pk, freja, LATER)
    line.refresh_from_db()
    assert (line.status, line.missing_reason, line.picked_by) == ("Picked", "", freja)


def test_a_picked_piece_is_not_reported_missing(cast: Cast) -> None:
    order, freja = taken(cast), cast.person("aarhus")
    line = pieces(order)[0]
    picking.pick(order, line.pk, freja, SOON)
    before = everything(order)
    with pytest.raises(Conflict, match="This piece is picked already"):
        picking.report_missing(order, line.pk, "damaged", freja, LATER)
    assert everything(order) == before


# --- Order picked ------------------------------------------------------------------------------------


def test_an_order_with_undecided_pieces_is_not_picked(cast: Cast) -> None:
    order = taken(cast)
    picking.pick(order, pieces(order)[0].pk, cast.person("aarhus"), SOON)
    before = everything(order)
    with pytest.raises(Conflict, match="1 pieces are not decided yet") as refused:
        picking.finish(order, cast.person("aarhus"), LATER)
    assert refused.value.code == "pieces-undecided"
    assert everything(order) == before


def test_an_order_is_picked_once_and_its_second_tap_is_quiet(cast: Cast) -> None:
    order = picked(cast)
    assert (order.status, order.picked_at) == ("Picked", NOW + timedelta(minutes=5))
    assert kinds(order) == ["created", "accepted", "piece picked", "piece picked", "picked"]
    before = everything(order)
    picking.finish(order, cast.person("aarhus"), LATER)
    assert everything(order) == before


@pytest.mark.parametrize("over", [picked, cancelled, delivered])
def test_the_slower_of_two_who_finish_is_told_who_was_faster(
    cast: Cast, over: Callable[[Cast], WebOrder]
) -> None:
    order = over(cast)
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        picking.finish(order, cast.person("manager"), LATER)
    assert refused.value.sentence == f"{cast.person('aarhus').name} was faster and is done with this order."
    assert everything(order) == before


@pytest.mark.parametrize("over", [cancelled_by_ddd, delivered_by_ddd])
def test_who_finishes_what_ddds_till_has_finished_is_told_so(
    cast: Cast, over: Callable[[Cast], WebOrder]
) -> None:
    order = over(cast)
    before = everything(order)
    with pytest.raises(Conflict, match="DdD's till was faster"):
        picking.finish(order, cast.person("manager"), LATER)
    assert everything(order) == before


def test_an_order_of_which_nothing_was_found_is_cancelled_and_nothing_is_sold(cast: Cast) -> None:
    order = picked(cast, missing=(1, 2))
    assert (order.status, order.total) == ("Cancelled", Decimal(0))
    assert order.picked_at is None
    assert kinds(order)[-2:] == ["cancelled", "refund due"]
    assert [posting.kind for posting in Posting.objects.all()] == ["order"]
    with pytest.raises(Conflict, match="This order is cancelled now"):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)


def test_of_a_paid_order_the_web_shop_is_told_which_pieces_it_refunds(cast: Cast) -> None:
    order = picked(cast, new=new_order(price="149.50"), missing=(2,))
    assert order.events.get(kind="refund due").data == {
        "lines": ["2"],
        "pieces": ["Scarf Løvfald Rust One size"],
        "variant_ids": ["100039"],
        "amount": "149.50",
        "refund": order.refunds.get().pk,
    }


def test_of_an_unpaid_order_nothing_is_to_be_refunded(cast: Cast) -> None:
    assert "refund due" not in kinds(picked(cast, new=new_order(is_paid=False), missing=(1,)))


def test_a_refund_is_told_once_even_when_ddds_till_delivers_the_rest(cast: Cast) -> None:
    order = picked(cast, missing=(2,))
    sync_status.follow_delivered(order, [pieces(order)[0].pk], LATER)
    assert kinds(order).count("refund due") == 1
    assert [line.status for line in pieces(order)] == ["Delivered", "Missing"]


def test_of_an_order_that_ddd_cancels_the_pieces_not_yet_told_are_refunded(cast: Cast) -> None:
    order = picked(cast, missing=(2,))
    sync_status.follow_cancelled(order, LATER)
    assert [event.data["lines"] for event in order.events.filter(kind="refund due")] == [["2"], ["1"]]
    assert {line.status for line in pieces(order)} == {"Cancelled"}


@pytest.mark.django_db(transaction=True)
def test_an_order_that_two_tablets_finish_at_once_is_picked_once(cast: Cast) -> None:
    order = taken(cast)
    for line in pieces(order):
        picking.pick(order, line.pk, cast.person("aarhus"), SOON)
    people = [cast.person("aarhus"), cast.person("manager")] * 3
    done = at_once(*[lambda who=who: picking.finish(order, who, LATER) for who in people])

    assert sum(isinstance(answer, Conflict) for answer in done) == 3
    assert done.count(None) == 3
    assert kinds(order).count("picked") == 1


@pytest.mark.django_db(transaction=True)
def test_a_piece_is_never_both_picked_and_missing(cast: Cast) -> None:
    order = taken(cast)
    [jumper, _scarf] = pieces(order)
    done = at_once(
        *[lambda: picking.pick(order, jumper.pk, cast.person("aarhus"), SOON)] * 3,
        *[lambda: picking.report_missing(order, jumper.pk, "sold", cast.person("aarhus"), SOON)] * 3,
    )
    jumper.refresh_from_db()
    assert jumper.status == Status.PICKED
    assert jumper.missing_reason == ""
    assert {type(answer) for answer in done} <= {Line, Conflict}
    assert kinds(order).count("piece picked") == 1
