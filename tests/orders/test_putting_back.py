"""Pieces that nobody collects are put back one by one, in the shop where they are."""

from datetime import timedelta

import pytest

from accounts.models import Shop
from core.errors import Conflict, Invalid, NotFound
from orders import picking, sync_status, trouble
from orders.collecting import give_up
from orders.models import Line, WebOrder
from orders.putting_back import pieces_to_put_back, put_back, put_back_by_code
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_EAN,
    NOW,
    SCARF,
    SCARF_EAN,
    SHARED_EAN,
    Cast,
    again,
    new_order,
    picked,
    received,
    taken,
)
from tests.orders.together import at_once, everything, kinds

LATER = NOW + timedelta(days=30)


def cancelled(cast: Cast, *variants: int, who: str = "aarhus", order_no: str = "") -> WebOrder:
    """An order that nobody collected: all its pieces are on the put-back list."""
    shop_id = {"aarhus": 996001, "odense": 996002}[who]
    order = picked(cast, who, new_order(order_no, shop_id, variants or (JUMPER, SCARF)))
    assert give_up(order, LATER)
    return again(order)


def lying(shop: Shop) -> list[int]:
    return [line.variant.variant_id for line in pieces_to_put_back(shop).order_by("pk")]


def first_line(order: WebOrder) -> Line:
    return order.lines.select_related("put_back_by", "put_back_shop").order_by("number")[0]


def test_a_piece_that_nobody_collected_is_put_back_by_tap(cast: Cast) -> None:
    order = cancelled(cast)
    assert lying(cast.aarhus) == [JUMPER, SCARF]
    assert lying(cast.odense) == []

    put_back(cast.aarhus, first_line(order).pk, cast.person("aarhus"), LATER)
    assert lying(cast.aarhus) == [SCARF]
    line = first_line(order)
    assert (line.put_back_at, line.put_back_by) == (LATER, cast.person("aarhus"))
    event = order.events.get(kind="put back")
    assert (event.actor, event.data["piece"]) == (cast.person("aarhus"), "Wool jumper Skagerrak Blue S")


def test_a_second_tap_is_quiet_and_the_slower_of_two_is_told(cast: Cast) -> None:
    order = cancelled(cast)
    line = first_line(order)
    put_back(cast.aarhus, line.pk, cast.person("aarhus"), LATER)
    before = everything(order)
    put_back(cast.aarhus, line.pk, cast.person("aarhus"), LATER)
    with pytest.raises(Conflict, match="Freja Sørensen has put this piece back already"):
        put_back(cast.aarhus, line.pk, cast.person("manager"), LATER)
    assert everything(order) == before


def test_what_does_not_lie_in_this_shop_is_not_there(cast: Cast) -> None:
    theirs, waiting = cancelled(cast, who="odense"), picked(cast)
    for line in (first_line(theirs), first_line(waiting)):
        before = everything(line.order)
        with pytest.raises(NotFound):
            put_back(cast.aarhus, line.pk, cast.person("aarhus"), LATER)
        assert everything(line.order) == before


@pytest.mark.parametrize("code", [JUMPER_EAN, f" {JUMPER_EAN} ", str(JUMPER)])
def test_a_scan_puts_the_oldest_such_piece_back(cast: Cast, code: str) -> None:
    older, newer = cancelled(cast), cancelled(cast)
    line = put_back_by_code(cast.aarhus, code, cast.person("aarhus"), LATER)
    assert line.order == older
    assert lying(cast.aarhus) == [SCARF, JUMPER, SCARF]
    assert put_back_by_code(cast.aarhus, code, cast.person("aarhus"), LATER).order == newer
    before = everything(older)
    with pytest.raises(Invalid, match=f"No piece with the code {code.strip()} is to be put back"):
        put_back_by_code(cast.aarhus, code, cast.person("aarhus"), LATER)
    assert everything(older) == before


def test_an_ean_of_two_variants_puts_back_the_one_on_the_list(cast: Cast) -> None:
    cancelled(cast, 100014)
    line = put_back_by_code(cast.aarhus, SHARED_EAN, cast.person("aarhus"), LATER)
    assert line.variant.variant_id == 100014


@pytest.mark.parametrize("code", ["", "  ", "nobody knows", SCARF_EAN, "9" * 60, "0" * 500])
def test_a_wrong_code_is_told_and_changes_nothing(cast: Cast, code: str) -> None:
    order, elsewhere = cancelled(cast, JUMPER), cancelled(cast, SCARF, who="odense")
    before = everything(order), everything(elsewhere)
    with pytest.raises(Invalid) as refused:
        put_back_by_code(cast.aarhus, code, cast.person("aarhus"), LATER)
    assert [fault.pointer for fault in refused.value.faults] == ["/code"]
    assert (everything(order), everything(elsewhere)) == before


def test_another_group_with_the_same_ean_puts_nothing_of_ours_back(cast: Cast) -> None:
    order = cancelled(cast)
    with pytest.raises(Invalid):
        put_back_by_code(cast.shop(997001), JUMPER_EAN, cast.person("fjord staff"), LATER)
    with pytest.raises(NotFound):
        put_back(cast.shop(997001), first_line(order).pk, cast.person("fjord staff"), LATER)
    assert lying(cast.aarhus) == [JUMPER, SCARF]


def test_pieces_of_a_moved_order_are_listed_where_they_were_picked(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, SCARF, CAP)))
    freja = cast.person("aarhus")
    picking.pick(order, first_line(order).pk, freja, NOW)
    trouble.move_to_shop(order, cast.odense, freja, NOW)
    assert (lying(cast.aarhus), lying(cast.odense)) == ([JUMPER], [])

    put_back_by_code(cast.aarhus, JUMPER_EAN, freja, LATER)
    assert (lying(cast.aarhus), first_line(order).status) == ([], "Reserved")
    # The tablets of the shop where it was are notified.
    assert order.events.get(kind="put back").shop == cast.aarhus


def test_a_cancelled_order_puts_back_what_was_picked_and_only_that(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, SCARF)))
    picking.pick(order, first_line(order).pk, cast.person("aarhus"), NOW)
    trouble.cancel(order, "customer", cast.person("aarhus"), NOW)
    assert lying(cast.aarhus) == [JUMPER]


def test_a_piece_put_back_and_picked_again_is_on_the_list_again(cast: Cast) -> None:
    order = taken(cast)
    freja = cast.person("aarhus")
    picking.pick(order, first_line(order).pk, freja, NOW)
    trouble.move_to_shop(order, cast.odense, freja, NOW)
    put_back_by_code(cast.aarhus, JUMPER_EAN, freja, NOW)
    mia = cast.person("odense")
    picking.pick(again(order), first_line(order).pk, mia, NOW)
    trouble.cancel(again(order), "customer", mia, NOW)
    assert (lying(cast.aarhus), lying(cast.odense)) == ([], [JUMPER])


def test_what_ddds_till_cancelled_or_left_behind_is_to_be_put_back(cast: Cast) -> None:
    sync_status.follow_cancelled(picked(cast, new=new_order(variants=(JUMPER, SCARF))), NOW)
    order = picked(cast, new=new_order(variants=(CAP, SCARF)))
    sync_status.follow_delivered(order, [first_line(order).pk], NOW)
    assert lying(cast.aarhus) == [JUMPER, SCARF, SCARF]
    sync_status.follow_cancelled(received(cast), NOW)
    assert lying(cast.aarhus) == [JUMPER, SCARF, SCARF]


@pytest.mark.django_db(transaction=True)
def test_four_scans_of_two_equal_pieces_at_once_put_two_back(cast: Cast) -> None:
    order = cancelled(cast, JUMPER, JUMPER)
    people = [cast.person("aarhus"), cast.person("manager")] * 2
    done = at_once(*[lambda who=who: put_back_by_code(cast.aarhus, JUMPER_EAN, who, LATER) for who in people])
    assert sorted(type(answer).__name__ for answer in done) == ["Invalid", "Invalid", "Line", "Line"]
    assert lying(cast.aarhus) == []
    assert kinds(order).count("put back") == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_tap_one_piece_at_once_put_it_back_once(cast: Cast) -> None:
    order = cancelled(cast, JUMPER)
    line = first_line(order)
    people = [cast.person("aarhus"), cast.person("manager")]
    done = at_once(*[lambda who=who: put_back(cast.aarhus, line.pk, who, LATER) for who in people])
    assert sorted(type(answer).__name__ for answer in done) == ["Conflict", "Line"]
    assert kinds(order).count("put back") == 1
