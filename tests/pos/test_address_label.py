"""The address label: true to size, and no address too long for it."""

import pytest
from django.utils import translation

from orders.models import WebOrder
from pos.documents.address_labels import label
from tests.factories import Cast, again, new_order, received
from tests.pos.paper import ADDRESSES, FIFTY, label_of


def test_the_label_is_exactly_100_by_150_mm_and_both_its_codes_say_the_order_no(cast: Cast) -> None:
    page = label_of(received(cast, new_order("W-10231")))
    assert page.size == (100, 150)
    assert page.codes == {"QR Code": "W-10231", "Code 128": "W-10231"}


def test_the_label_says_who_receives_and_who_sends(cast: Cast) -> None:
    page = label_of(received(cast, new_order("W-1")))
    for words in ("Åse Ø. Sørensen", "Bakkevej 3, 2. tv.", "8000 Aarhus C", *cast.aarhus.address.split("#")):
        assert words in page.text
    assert cast.aarhus.name in page.text
    assert "#" not in page.text


def test_the_orders_own_return_address_goes_before_the_shops(cast: Cast) -> None:
    order = received(cast, new_order())
    WebOrder.objects.filter(pk=order.pk).update(return_address="Nordlys Retur#Postboks 9#2600 Glostrup")
    page = label_of(again(order))
    assert "Nordlys Retur Postboks 9 2600 Glostrup" in page.text
    assert "Søndergade" not in page.text


def test_the_label_carries_each_delivery_no_once(cast: Cast) -> None:
    order = received(cast, new_order())
    order.lines.update(delivery_no="00370723456789012345")
    assert label_of(again(order)).text.count("00370723456789012345") == 1


def test_the_label_speaks_the_groups_language_whatever_the_person_speaks(cast: Cast) -> None:
    order = received(cast, new_order())
    order.group.language = "da"
    with translation.override("en"):
        assert 'lang="da"' in label(order)
        order.group.language = "en"
        assert 'lang="en"' in label(order)


@pytest.mark.any_database
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("number", ["W-1", FIFTY])
def test_no_address_is_cut_or_runs_into_the_order_no(cast: Cast, address: str, number: str) -> None:
    order = received(cast, new_order(number, receive_address=address))
    order.lines.update(delivery_no="D" * 50)
    page = label_of(again(order))
    assert page.codes == {"QR Code": number, "Code 128": number}
    assert not page.overflow
    together = page.text.replace(" ", "").replace(",", "")
    if "left" not in address and address.isprintable() and all(ord(sign) < 0x250 for sign in address):
        assert address.replace("#", "").replace(" ", "").replace(",", "") in together


def test_an_endless_return_address_ends_in_three_dots_and_harms_nothing(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    WebOrder.objects.filter(pk=order.pk).update(return_address="Lagervej 12#" * 166)
    page = label_of(again(order))
    assert page.codes == {"QR Code": "W-1", "Code 128": "W-1"}
    assert "…" in page.text
    assert "Bakkevej 3, 2. tv." in page.text


def test_markup_in_an_address_is_text(cast: Cast) -> None:
    page = label_of(received(cast, new_order(receive_address="<b>Åse</b> & Søn#{{ order }}")))
    assert "<b>Åse</b> & Søn {{ order }}" in page.text
