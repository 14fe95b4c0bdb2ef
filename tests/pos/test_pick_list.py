"""The pick list: all that is needed to find the pieces, in the order in which one walks."""

import pytest
from django.utils import translation

from ddd.models import Variant
from orders.models import Line
from pos.documents.pick_lists import for_walking
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_L,
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
from tests.pos.paper import list_of

pytestmark = pytest.mark.any_database


def test_the_pick_list_says_all_that_is_needed_to_find_the_pieces(cast: Cast) -> None:
    order = taken(cast, new=new_order("W-7", customer_number=100042, notes="Gave: pak den pænt ind"))
    (page,) = list_of(order, with_codes=True)
    assert page.size == (210, 297)
    assert page.codes == {"Code 128": "W-7"}
    data = ("Wool jumper Skagerrak", "Blue · S", str(JUMPER), SCARF_EAN, "Gave: pak den pænt ind", "199.95")
    for words in (*data, "Åse Ø. Sørensen", "100042", "Freja Sørensen", "Item group 1010", "399.90 DKK"):
        assert words in page.text
    assert "Tuesday 3 March, 11:00" in page.text
    assert "Paid in the web shop" in page.text
    assert "page 1 of 1" in page.text


def test_amounts_and_dates_are_danish_for_who_reads_danish(cast: Cast) -> None:
    order = received(cast, new_order(price="1234.50"))
    with translation.override("da"):
        (page,) = list_of(order)
    assert "2.469,00 DKK" in page.text
    assert "tirsdag 3" in page.text


def test_an_order_that_is_not_paid_says_what_to_take(cast: Cast) -> None:
    order = received(cast, new_order(is_paid=False))
    assert "Not paid: take 399.90 DKK" in list_of(order)[0].text


def test_what_is_missing_is_struck_out_and_not_counted(cast: Cast) -> None:
    order = picked(cast, missing=(1,))
    (page,) = list_of(order)
    assert "Not found on the shelf" in page.text
    assert "✕" in page.text
    assert "✓" in page.text
    assert "1 piece · 199.95 DKK" in page.text


def test_all_eans_that_a_shelf_may_say_are_there(cast: Cast) -> None:
    (page,) = list_of(received(cast, new_order(variants=(100013,))))
    assert "5712345000137" in page.text
    assert SHARED_EAN in page.text


def test_an_ean_as_long_as_ddd_allows_is_not_cut(cast: Cast) -> None:
    order = received(cast, new_order())
    order.lines.update(ean="E" * 50)
    assert list_of(again(order))[0].text.count("E" * 50) == 2


def test_pieces_come_as_one_walks_by_item_group_description_colour_and_size(cast: Cast) -> None:
    rows = [
        (3, None, "Anorak", "Black", "S"),
        (9, 20, "anorak", "Red", "104"),
        (1, 20, "Anorak", "Red", "36"),
        (2, 20, "Anorak", "Blue", "XL"),
        (7, 20, "Anorak", "Blue", "S"),
        (8, 20, "Anorak", "Blue", "One size"),
        (6, 10, "Wader", "", ""),
    ]
    for variant_id, group, *names in rows:
        data = dict(zip(("description", "colour", "size"), names, strict=True))
        Variant.objects.create(
            group=cast.nordlys, variant_id=variant_id, item_group=group, read_at=NOW, **data
        )
    order = received(cast, new_order(variants=tuple(row[0] for row in rows)))
    walked = for_walking(list(order.lines.select_related("variant")))
    assert [line.variant.variant_id for line in walked] == [6, 7, 2, 8, 1, 9, 3]


@pytest.mark.parametrize(("pieces", "pages"), [(1, 1), (20, 1), (60, 3)])
def test_pieces_fill_the_pages_and_each_page_says_whose_it_is(cast: Cast, pieces: int, pages: int) -> None:
    variants = ((JUMPER, SCARF, CAP, JUMPER_L) * 15)[:pieces]
    found = list_of(received(cast, new_order("W-60", variants=variants)), with_codes=True)
    assert len(found) == pages
    assert found[0].codes == {"Code 128": "W-60"}
    assert sum(page.text.count("199.95") for page in found) == pieces + (pieces == 1)
    for number, page in enumerate(found, 1):
        assert f"page {number} of {pages}" in page.text
        assert "Ean VariantId Price" in page.text
        assert page.text.count("W-60") == 2
        assert not page.overflow


def test_notes_and_names_of_full_length_are_whole(cast: Cast) -> None:
    Variant.objects.filter(variant_id=JUMPER).update(description="D" * 100, colour="C" * 30, size="Z" * 30)
    order = received(cast, new_order(variants=(JUMPER,) * 20, notes="N" * 250, price="9999979.99"))
    found = list_of(order)
    text = "".join(page.text for page in found).replace(" ", "")
    for sign, count in (("D", 100), ("C", 30), ("Z", 30), ("N", 250)):
        assert text.count(sign * count) == 20
    assert not any(page.overflow for page in found)


def test_an_order_without_pieces_has_a_list_all_the_same(cast: Cast) -> None:
    order = received(cast, new_order())
    Line.objects.filter(order=order).delete()
    assert "0 pieces" in list_of(again(order))[0].text
