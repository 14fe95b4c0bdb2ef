"""Somebody else has sold the order in DdD already: the portal asks before it books a second sale."""

from typing import Any

import pytest

from accounts.models import SoldBy
from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from returns import desk
from tests.core.pages import Page, browser
from tests.ddd.rows import drain_to_the_end
from tests.factories import JUMPER, Cast, delivered, new_order, taken_back
from tests.orders.night import AARHUS, TURNOVER, Night
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(booked_cast: Cast, sandbox: RunningSandbox) -> Night:
    return Night(booked_cast, sandbox)


def sale_of_another(order_no: str, shop_id: int, receipt: int = 4711, terminal: int = 77) -> dict[str, Any]:
    """As the web shop's own program posts it, by default at a terminal of its own."""
    item = {"Type": "Sale", "VariantId": JUMPER, "Quantity": 1, "GrossLineAmount": 399.90}
    paid = {"Direction": "In", "TransactionType": 150, "LineAmount": 399.90}
    return {
        "ShopId": shop_id,
        "TerminalId": terminal,
        "ClerkId": 7,
        "ReceiptId": receipt,
        "ItemLines": [{**item, "WebOrderOrderNo": order_no}],
        "PaymentLines": [paid],
    }


def sales_of(night: Night, order_no: str) -> int:
    return sum(
        order_no in {line.get("WebOrderOrderNo") for line in sale["ItemLines"]}
        for sale in night.sandbox.ledger()["sales"]
    )


def sold(night: Night, order_no: str = "W-1") -> Posting:
    """Delivered, and sent as far as it goes without a person."""
    order = delivered(night.cast, new=new_order(order_no))
    night.send()
    return night.posted("sale", order)


@pytest.mark.parametrize("shop_id", [AARHUS, TURNOVER])
def test_a_sale_with_the_order_no_stops_the_portals_own(night: Night, shop_id: int) -> None:
    night.post("api/sale", sale_of_another("W-1", shop_id))
    night.post("api/sale", sale_of_another("W-10", shop_id, receipt=4712))
    sale = sold(night)
    assert (sale.state, sale.needs_attention, sale.first_sent_at) == ("uncertain", True, None)
    assert sale.evidence == {"found-receipts": [f"{shop_id} 77/4711"]}
    assert sales_of(night, "W-1") == 1
    page = Page(browser(night.cast, "office").get("/orders/attention/"))
    assert "DdD has a sale of this order that the portal has not booked. Nothing was sent." in page.text

    night.send()
    assert sales_of(night, "W-1") == 1


@pytest.mark.parametrize("written", ["w-1", " W-1  "])
def test_a_sale_with_the_order_no_as_ddd_writes_it_stops_the_portals_own(night: Night, written: str) -> None:
    night.post("api/sale", sale_of_another(written, AARHUS))
    sale = sold(night)
    assert (sale.state, sale.needs_attention, sale.first_sent_at) == ("uncertain", True, None)
    assert sales_of(night, "W-1") == 0


def test_a_person_may_say_that_it_is_this_sale(night: Night) -> None:
    night.post("api/sale", sale_of_another("W-1", TURNOVER, terminal=99))
    decisions.it_arrived(sold(night), night.cast.person("office"), night.clock())
    night.send()
    assert sales_of(night, "W-1") == 1
    assert night.compare() == []


def test_a_person_may_have_it_sent_all_the_same(night: Night) -> None:
    night.post("api/sale", sale_of_another("W-1", TURNOVER))
    for _twice in range(2):
        decisions.send_again(sold_once(night), night.cast.person("office"), night.clock())
    night.send()
    assert (sold_once(night).state, sales_of(night, "W-1")) == ("sent", 2)


def sold_once(night: Night) -> Posting:
    known = Posting.objects.filter(kind="sale", order_no="W-1").first()
    return known or sold(night)


def test_it_waits_while_ddd_cannot_be_read(night: Night) -> None:
    night.sandbox.fault("503", on="reads")
    order = delivered(night.cast, new=new_order("W-1"))
    dispatch.drain(night.group.pk, night.clock)
    sale = night.posted("sale", order)
    assert (sale.state, sale.needs_attention, sale.first_sent_at) == ("waiting", False, None)
    assert sales_of(night, "W-1") == 0
    night.sandbox.clear_faults()
    drain_to_the_end(night.group.pk, night.clock)
    sale.refresh_from_db()
    assert (sale.state, sales_of(night, "W-1")) == ("sent", 1)


def test_the_portals_own_bookings_stop_nothing(night: Night) -> None:
    """A sale, its return and the opposite of that name one order, all three."""
    order = delivered(night.cast, new=new_order("W-1"))
    night.send()
    assert night.posted("sale", order).state == "sent"
    returned = taken_back(night.cast, order, paid_by="cash")
    night.send()
    desk.reverse(returned, "wrong order", night.cast.person("manager"), night.clock())
    night.send()
    assert Posting.objects.filter(kind="sale").count() == 2
    assert {posting.state for posting in Posting.objects.all()} == {"sent"}


def test_an_order_that_is_booked_elsewhere_is_no_difference_at_night(night: Night) -> None:
    Connection.objects.update(ddd_orders_sold_by=SoldBy.WEB_SHOP)
    night.cast.nordlys.web_shops.update(sold_by=SoldBy.WEB_SHOP)
    order = delivered(night.cast, new=new_order("W-1"))
    night.post("api/sale", sale_of_another(order.order_no, TURNOVER, terminal=99))
    night.send()
    assert not Posting.objects.filter(kind="sale").exists()
    assert night.compare() == []
