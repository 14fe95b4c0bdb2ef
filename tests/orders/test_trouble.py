"""Undo, another shop, cancel: what each does, what it refuses, and what two people get who do it at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Shop
from core.errors import Conflict, Invalid, NotFound
from orders import picking, trouble
from orders.models import OrderEvent, WebOrder
from orders.states import Status
from tests.factories import (
    JUMPER,
    NOW,
    SCARF,
    Cast,
    again,
    delivered,
    make_cast,
    new_order,
    picked,
    received,
    taken,
)
from tests.orders.together import at_once, everything, kinds

SOON = NOW + timedelta(minutes=10)


def half_picked(cast: Cast, who: str = "aarhus", **kwargs: object) -> WebOrder:
    """The jumper lies in the basket, the scarf is missing."""
    order, person = taken(cast, who, new_order(**kwargs)), cast.person(who)  # type: ignore[arg-type]
    jumper, scarf = order.lines.all()
    picking.pick(order, jumper.pk, person, NOW)
    picking.report_missing(order, scarf.pk, "not found", person, NOW)
    return again(order)


def statuses(order: WebOrder) -> list[str]:
    return list(order.lines.values_list("status", flat=True))


# Undo


@pytest.mark.parametrize("place", [0, 1])
def test_a_pick_and_a_missing_piece_are_undone_and_the_piece_is_to_be_picked_again(
    cast: Cast, place: int
) -> None:
    order = half_picked(cast)
    line = order.lines.all()[place]
    was = line.status
    undone = picking.undo_pick(order, line.pk, cast.person("manager"), SOON)
    assert (undone.status, undone.picked_by, undone.missing_reason) == (Status.RESERVED, None, "")
    event = order.events.last()
    assert event is not None
    assert (event.kind, event.actor, event.data["was"]) == ("pick undone", cast.person("manager"), was)
    assert again(order).modified_at == SOON


def test_an_undo_tapped_twice_is_one(cast: Cast) -> None:
    order = half_picked(cast)
    line, person = order.lines.all()[0], cast.person("aarhus")
    picking.undo_pick(order, line.pk, person, SOON)
    before = everything(order)
    picking.undo_pick(order, line.pk, person, SOON)
    assert everything(order) == before


@pytest.mark.parametrize("state", [picked, delivered])
def test_what_is_picked_as_a_whole_is_not_undone_piece_by_piece(
    cast: Cast, state: Callable[[Cast], WebOrder]
) -> None:
    order = state(cast)
    before = everything(order)
    with pytest.raises(Conflict):
        picking.undo_pick(order, order.lines.all()[0].pk, cast.person("aarhus"), SOON)
    assert everything(order) == before


def test_a_piece_of_another_order_is_not_undone(cast: Cast) -> None:
    order, other = half_picked(cast), half_picked(cast)
    with pytest.raises(NotFound):
        picking.undo_pick(order, other.lines.all()[0].pk, cast.person("aarhus"), SOON)
    assert statuses(other) == ["Picked", "Missing"]


# Another shop


def test_a_moved_order_starts_again_in_the_other_shop(cast: Cast) -> None:
    order = half_picked(cast)
    WebOrder.objects.filter(pk=order.pk).update(escalated=2)
    trouble.move_to_shop(again(order), cast.odense, cast.person("aarhus"), SOON)
    order = again(order)
    assert (order.shop, order.status, order.taken_at, order.taken_by) == (cast.odense, "Reserved", None, None)
    assert (order.escalated, order.modified_at) == (0, SOON)
    assert order.promised_at > SOON
    assert statuses(order) == ["Reserved", "Reserved"]
    assert [line.missing_reason for line in order.lines.all()] == ["", ""]
    assert order.lines.filter(picked_by=None).count() == 2


def test_what_was_picked_is_to_be_put_back_in_the_shop_that_it_left(cast: Cast) -> None:
    order = half_picked(cast)
    trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), SOON)
    jumper, scarf = order.lines.all()
    assert (jumper.to_put_back, jumper.put_back_shop) == (True, cast.aarhus)
    assert (scarf.to_put_back, scarf.put_back_shop) == (False, None)


def test_both_shops_are_notified_of_the_move(cast: Cast) -> None:
    order = half_picked(cast)
    trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), SOON)
    told = order.events.filter(kind=OrderEvent.Kind.MOVED)
    assert [(event.shop, event.data["recipient"]) for event in told] == [
        (cast.aarhus, "Odense"),
        (cast.odense, "Odense"),
    ]
    assert told[0].data["pieces"] == ["Wool jumper Skagerrak Blue S"]


def test_the_other_shop_picks_and_delivers_it_and_the_books_name_that_shop(cast: Cast) -> None:
    order = half_picked(cast)
    trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), SOON)
    emil = cast.person("odense")
    picking.accept(again(order), emil, SOON)
    for line in order.lines.all():
        picking.pick(again(order), line.pk, emil, SOON)
    picking.finish(again(order), emil, SOON)
    assert again(order).status == Status.PICKED
    # The pieces in Aarhus are still on its put-back list.
    assert order.lines.filter(to_put_back=True, put_back_shop=cast.aarhus).count() == 1


def test_the_same_move_again_is_quiet(cast: Cast) -> None:
    order, person = half_picked(cast), cast.person("aarhus")
    trouble.move_to_shop(order, cast.odense, person, SOON)
    before = everything(order)
    trouble.move_to_shop(again(order), cast.odense, person, SOON)
    assert everything(order) == before


@pytest.mark.parametrize("state", [picked, delivered])
def test_only_what_is_not_yet_picked_moves(cast: Cast, state: Callable[[Cast], WebOrder]) -> None:
    order = state(cast)
    before = everything(order)
    with pytest.raises(Conflict):
        trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), SOON)
    assert everything(order) == before


def not_of_the_web_shop(cast: Cast) -> Shop:
    cast.web_shop("nordlys").shops.remove(cast.odense)
    return cast.odense


@pytest.mark.parametrize(
    "shop",
    [lambda cast: cast.turnover_shop, lambda cast: cast.shop(997001), not_of_the_web_shop],
    ids=["takes no orders", "another Group's", "not of the web shop"],
)
def test_only_shops_that_take_the_web_shops_orders_get_one(cast: Cast, shop: Callable[[Cast], Shop]) -> None:
    order, other = half_picked(cast), shop(cast)
    before = everything(order)
    with pytest.raises(Invalid) as refused:
        trouble.move_to_shop(order, other, cast.person("aarhus"), SOON)
    assert refused.value.sentence == f"{other.name} does not take orders of this web shop."
    assert everything(order) == before


def test_an_order_of_no_known_web_shop_may_go_to_every_shop_that_takes_orders(cast: Cast) -> None:
    order = half_picked(cast)
    WebOrder.objects.filter(pk=order.pk).update(web_shop=None)
    shops = trouble.shops_to_move_to(again(order))
    assert [shop.name for shop in shops] == ["Odense", "København"]


@pytest.mark.parametrize(
    "action", ["accept", "pick", "scan", "missing", "undo", "finish", "cancel", "take", "walk"]
)
def test_an_order_that_moved_cannot_be_changed_from_the_old_shop(cast: Cast, action: str) -> None:
    stale, mads = half_picked(cast), cast.person("manager")
    line = stale.lines.all()[0]
    trouble.move_to_shop(again(stale), cast.odense, cast.person("aarhus"), SOON)
    before = everything(stale)
    actions: dict[str, Callable[[], object]] = {
        "accept": lambda: picking.accept(stale, mads, SOON),
        "pick": lambda: picking.pick(stale, line.pk, mads, SOON),
        "scan": lambda: picking.pick_by_code(stale, str(JUMPER), mads, SOON),
        "missing": lambda: picking.report_missing(stale, line.pk, "sold", mads, SOON),
        "undo": lambda: picking.undo_pick(stale, line.pk, mads, SOON),
        "finish": lambda: picking.finish(stale, mads, SOON),
        "cancel": lambda: trouble.cancel(stale, "other", mads, SOON),
        "take": lambda: picking.accept_together([stale], mads, SOON),
        "walk": lambda: picking.pick_together([stale], str(JUMPER), mads, SOON),
    }
    with pytest.raises(Conflict) as refused:
        actions[action]()
    assert refused.value.sentence == "This order was moved to Odense meanwhile."
    assert everything(stale) == before


# Cancel


@pytest.mark.parametrize("state", [received, taken, half_picked, picked])
def test_an_order_is_cancelled_at_any_time_before_it_is_delivered(
    cast: Cast, state: Callable[[Cast], WebOrder]
) -> None:
    order = state(cast)
    trouble.cancel(order, "customer", cast.person("manager"), SOON)
    assert again(order).status == Status.CANCELLED
    event = order.events.get(kind=OrderEvent.Kind.CANCELLED)
    assert (event.actor, event.data) == (cast.person("manager"), {"reason": "customer"})


def test_what_was_picked_is_to_be_put_back_and_what_was_missing_stays_missing(cast: Cast) -> None:
    order = half_picked(cast)
    trouble.cancel(order, "not there", cast.person("aarhus"), SOON)
    assert [(line.status, line.to_put_back, line.missing_reason) for line in order.lines.all()] == [
        ("Cancelled", True, ""),
        ("Missing", False, "not found"),
    ]


def test_of_a_paid_order_all_pieces_are_refunded_once(cast: Cast) -> None:
    order = picked(cast, missing=(2,))
    trouble.cancel(order, "customer", cast.person("aarhus"), SOON)
    told = [
        (event.data["lines"], event.data["amount"])
        for event in order.events.filter(kind=OrderEvent.Kind.REFUND_DUE)
    ]
    assert told == [(["2"], "199.95"), (["1"], "199.95")]


def test_of_an_order_that_is_not_paid_nothing_is_refunded(cast: Cast) -> None:
    order = half_picked(cast, is_paid=False)
    trouble.cancel(order, "customer", cast.person("aarhus"), SOON)
    assert "refund due" not in kinds(order)


def test_what_the_customer_has_is_not_cancelled(cast: Cast) -> None:
    order = delivered(cast)
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        trouble.cancel(order, "customer", cast.person("aarhus"), SOON)
    assert refused.value.sentence == "This order is delivered now; the screen shows it as it is."
    assert everything(order) == before


@pytest.mark.parametrize("reason", ["", "evil", "\0", "not found"])
def test_a_cancellation_needs_one_of_the_reasons(cast: Cast, reason: str) -> None:
    order = taken(cast)
    before = everything(order)
    with pytest.raises(Invalid):
        trouble.cancel(order, reason, cast.person("aarhus"), SOON)
    assert everything(order) == before


def test_the_same_person_cancels_once_and_another_is_told_who_was_faster(cast: Cast) -> None:
    order = taken(cast)
    trouble.cancel(order, "other", cast.person("aarhus"), SOON)
    before = everything(order)
    trouble.cancel(order, "other", cast.person("aarhus"), SOON)
    with pytest.raises(Conflict) as refused:
        trouble.cancel(order, "other", cast.person("manager"), SOON)
    assert refused.value.sentence == "Freja Sørensen has cancelled this order already."
    assert everything(order) == before


# At once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["cancel", "pick", "move"])
def test_a_move_and_another_action_at_once_stay_consistent(other: str) -> None:
    cast = make_cast()
    order = taken(cast, new=new_order(variants=(JUMPER, SCARF)))
    line, freja, mads = order.lines.all()[0], cast.person("aarhus"), cast.person("manager")
    actions: dict[str, Callable[[], object]] = {
        "cancel": lambda: trouble.cancel(order, "other", mads, SOON),
        "pick": lambda: picking.pick(order, line.pk, mads, SOON),
        "move": lambda: trouble.move_to_shop(order, cast.shop(996003), mads, SOON),
    }
    at_once(lambda: trouble.move_to_shop(order, cast.odense, freja, SOON), actions[other])
    order = again(order)
    moved = order.events.filter(kind=OrderEvent.Kind.MOVED).count()
    if other == "cancel":
        # The second is refused: a cancelled order does not move, and a moved one belongs to another shop.
        truths = [(Status.CANCELLED, cast.aarhus, 0), (Status.RESERVED, cast.odense, 2)]
        assert (order.status, order.shop, moved) in truths
    elif other == "move":
        assert (order.shop.name in ("Odense", "København"), moved) == (True, 2)
    else:
        assert (order.shop, order.status, order.taken_by, moved) == (cast.odense, "Reserved", None, 2)
