"""Scanned or typed codes: the right piece is picked, and a wrong item is refused with a clear message."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.errors import Conflict, Invalid
from ddd.models import Barcode, Variant
from orders import picking
from orders.models import WebOrder
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_EAN,
    NOW,
    SCARF,
    SCARF_EAN,
    SHARED_EAN,
    Cast,
    delivered,
    new_order,
    picked,
    received,
    taken,
)
from tests.orders.together import everything, kinds

SOON = NOW + timedelta(minutes=10)


def scanned(cast: Cast, order: WebOrder, code: str) -> int:
    return picking.pick_by_code(order, code, cast.person("aarhus"), SOON).number


def refusal(cast: Cast, order: WebOrder, code: str) -> str:
    """The sentence; and nothing changed."""
    before = everything(order)
    with pytest.raises(Invalid) as refused:
        scanned(cast, order, code)
    assert [fault.pointer for fault in refused.value.faults] == ["/code"]
    assert everything(order) == before
    return refused.value.sentence


@pytest.mark.parametrize("code", [SCARF_EAN, str(SCARF), f" {SCARF_EAN}\t\r\n", f"  {SCARF} "])
def test_a_piece_is_picked_by_its_ean_and_by_its_variant_id(cast: Cast, code: str) -> None:
    order = taken(cast)
    assert scanned(cast, order, code) == 2
    assert [(line.status, line.picked_by) for line in order.lines.all()] == [
        ("Reserved", None),
        ("Picked", cast.person("aarhus")),
    ]
    assert kinds(order) == ["created", "accepted", "piece picked"]


def test_a_piece_is_picked_by_each_of_its_eans(cast: Cast) -> None:
    scarf = Variant.objects.get(group=cast.nordlys, variant_id=SCARF)
    Barcode.objects.create(group=cast.nordlys, variant=scarf, ean="40170725")
    assert scanned(cast, taken(cast), "40170725") == 2


def test_a_scan_takes_an_order_that_nobody_had(cast: Cast) -> None:
    order = received(cast)
    scanned(cast, order, JUMPER_EAN)
    assert kinds(order) == ["created", "accepted", "piece picked"]


def test_each_scan_picks_the_next_of_several_equal_pieces_and_one_too_many_is_told(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, SCARF, JUMPER)))
    assert [scanned(cast, order, JUMPER_EAN), scanned(cast, order, JUMPER_EAN)] == [1, 3]
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        scanned(cast, order, JUMPER_EAN)
    assert refused.value.sentence == "Wool jumper Skagerrak Blue S is picked already."
    assert everything(order) == before


def test_a_piece_that_was_missing_is_picked_when_it_is_scanned_but_only_after_the_others(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, JUMPER)))
    first = order.lines.all()[0]
    picking.report_missing(order, first.pk, "not found", cast.person("aarhus"), NOW)
    assert [scanned(cast, order, JUMPER_EAN), scanned(cast, order, JUMPER_EAN)] == [2, 1]
    first.refresh_from_db()
    assert (first.status, first.missing_reason) == ("Picked", "")


def test_an_ean_of_several_variants_is_the_one_that_is_in_the_order(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, 100014)))
    assert scanned(cast, order, SHARED_EAN) == 2


def test_the_ean_that_the_web_shop_sent_is_good_even_when_the_catalogue_has_lost_it(cast: Cast) -> None:
    order = taken(cast)
    order.lines.filter(number=2).update(ean="4006381333931")
    assert scanned(cast, order, "4006381333931") == 2


@pytest.mark.parametrize("code", ["", "  ", "\t"])
def test_nothing_scanned_is_told_so(cast: Cast, code: str) -> None:
    assert refusal(cast, taken(cast), code) == "Scan a piece, or type its Ean or VariantId."


@pytest.mark.parametrize("code", ["4711", "0" * 13, "9" * 60, "100039x", "²", "-100039", "Scarf"])
def test_a_code_that_nobody_knows_is_told_so(cast: Cast, code: str) -> None:
    expected = f"Wrong item: nobody here knows the code {code[:50]}."
    assert refusal(cast, taken(cast), code) == expected


def test_a_wrong_item_is_named(cast: Cast) -> None:
    expected = "Wrong item: Cap Blåvand Navy One size is not in this order."
    assert refusal(cast, taken(cast), str(CAP)) == expected


def test_a_wrong_item_that_another_order_of_the_shop_waits_for_says_which(cast: Cast) -> None:
    received(cast, new_order("W-9", variants=(CAP,)))
    expected = "Wrong item: Cap Blåvand Navy One size belongs to the order W-9."
    assert refusal(cast, taken(cast), str(CAP)) == expected


def test_a_wrong_item_says_nothing_of_orders_of_other_shops_or_of_what_is_over(cast: Cast) -> None:
    received(cast, new_order("W-8", shop_id=996002, variants=(CAP,)))
    picked(cast, new=new_order("W-7", variants=(CAP,)))
    assert "is not in this order" in refusal(cast, taken(cast), str(CAP))


def test_the_catalogue_of_another_group_is_not_looked_at(cast: Cast) -> None:
    Variant.objects.filter(group=cast.nordlys, variant_id=CAP).delete()
    assert Variant.objects.filter(group=cast.fjord, variant_id=CAP).exists()
    assert "nobody here knows" in refusal(cast, taken(cast), str(CAP))


@pytest.mark.parametrize("over", [picked, delivered])
def test_nothing_is_scanned_into_an_order_that_is_over(cast: Cast, over: Callable[[Cast], WebOrder]) -> None:
    order = over(cast)
    before = everything(order)
    for code in (JUMPER_EAN, str(CAP), "nonsense"):
        with pytest.raises(Conflict, match=r"This order is (picked|delivered) now"):
            scanned(cast, order, code)
    assert everything(order) == before
