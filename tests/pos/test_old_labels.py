"""A label that was printed before the web shop changed an address on it, and the new one that is offered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from orders import delivery
from orders.models import WebOrder
from pos import documents
from pos.old_labels import old_labels_of
from tests.core.pages import Page, browser
from tests.factories import HAND_OVER, NOW, Cast, again, new_order, picked, received
from tests.orders.changes import ADDRESS, lines_of, put

pytestmark = pytest.mark.any_database
SAID = "The address label was printed before the web shop changed an address on it:"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """10:40 in Copenhagen."""
    with time_machine.travel(NOW + timedelta(minutes=40), tick=False) as traveller:
        yield traveller


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


def print_label(client: Client, order: WebOrder, paper: str = "address-label") -> None:
    assert client.get(f"/pos/orders/{order.pk}/{paper}.pdf").status_code == 200


def shown(client: Client, order: WebOrder) -> str:
    return Page(client.get(f"/pos/orders/{order.pk}/")).text


def changed(clock: time_machine.Traveller, order_no: str = "W-1", **fields: object) -> None:
    """Two minutes later."""
    clock.shift(timedelta(minutes=2))
    sent = fields or {"ReceiveAddress": ADDRESS}
    assert put({"OrderNo": order_no, **sent}).content == b"true"


def test_an_old_label_is_told_until_a_new_one_is_printed(
    cast: Cast, aarhus: Client, clock: time_machine.Traveller
) -> None:
    order = picked(cast, new=new_order("W-1"))
    print_label(aarhus, order)
    assert "printed before" not in shown(aarhus, order)
    changed(clock)
    for page, when in ((f"/pos/orders/{order.pk}/", "today 10:42"), ("/pos/?tab=ready", "W-1 today 10:42")):
        told = Page(aarhus.get(page))
        assert f"{SAID} {when}" in told.text
        assert "Print the new label" in told.buttons
    assert "printed before" not in Page(aarhus.get("/pos/?tab=new")).text
    clock.shift(timedelta(minutes=1))
    aarhus.get("/pos/documents/labels.pdf", {"order": order.pk})
    assert "printed before" not in shown(aarhus, order) + Page(aarhus.get("/pos/?tab=ready")).text


def test_a_change_that_is_not_on_the_label_makes_none_old(
    cast: Cast, aarhus: Client, clock: time_machine.Traveller
) -> None:
    order, never = received(cast, new_order("W-1")), received(cast, new_order("W-2"))
    print_label(aarhus, order)
    print_label(aarhus, never, "bag-slip")
    changed(clock, WebOrderLines=[{"Id": lines_of(order)[0], "Notes": "Gift"}])
    changed(clock, "W-2")
    assert old_labels_of([again(order), again(never)]) == []
    changed(clock, ReturnAddress="Nordlys#Lager 4")
    assert [old.order for old in old_labels_of([order, never])] == [order]


def test_a_change_that_comes_while_a_label_is_drawn_is_newer_than_it(
    cast: Cast, aarhus: Client, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, draw = received(cast, new_order("W-1")), documents.address_label

    def slowly(orders: list[WebOrder]) -> bytes:
        pdf = draw(orders)
        changed(clock)
        return pdf

    monkeypatch.setattr(documents, "address_label", slowly)
    print_label(aarhus, order)
    assert SAID in shown(aarhus, order)


def test_of_what_has_left_the_shop_nothing_is_said(
    cast: Cast, aarhus: Client, clock: time_machine.Traveller
) -> None:
    order = picked(cast, new=new_order("W-1"))
    print_label(aarhus, order)
    changed(clock)
    assert SAID in shown(aarhus, order)
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), NOW)
    assert "printed before" not in shown(aarhus, order)
