"""Orders in store: a clerk has ordered what the shop lacks, and the customer has paid at DdD's till."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from django.urls import reverse

from ddd.models import Connection, Posting
from orders import collecting, delivery, picking
from orders.delivery import HandOver
from orders.importing import poll
from orders.models import OrderEvent, RefundDue, WebOrder
from orders.reading import LATER_FIELDS, Model
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, again, new_order, received, taken_back
from tests.orders.night import TURNOVER, Night
from tests.orders.upstream import Upstream, wire_order
from tests.orders.web_shop import CREATE, FETCH, Caller, body, body_by_ean, faults
from tests.pos.paper import list_of
from tests.stories.test_sold_already import sale_of_another

IN_STORE, OLDER = "/api/weborder/orderinstore", "/api/weborder/alternative"
SENT = HandOver(WebOrder.Way.SEND, delivery_no="PN-1")
LATER = NOW + timedelta(hours=1)


def without(name: str, order: dict[str, object]) -> dict[str, object]:
    return {field: value for field, value in order.items() if field != name}


def in_store(cast: Cast, order_no: str = "W-1") -> WebOrder:
    return received(cast, replace(new_order(order_no), model=Model.IN_STORE))


def ready(cast: Cast, order: WebOrder, missing: tuple[int, ...] = ()) -> WebOrder:
    clerk = cast.person("aarhus")
    for line in order.lines.all():
        if line.number in missing:
            picking.report_missing(order, line.pk, "not found", clerk, NOW)
        else:
            picking.pick(order, line.pk, clerk, NOW)
    picking.finish(order, clerk, NOW)
    return again(order)


def sent(cast: Cast, order: WebOrder, missing: tuple[int, ...] = ()) -> WebOrder:
    delivery.deliver(ready(cast, order, missing), SENT, cast.person("aarhus"), LATER)
    return again(order)


def test_both_routes_take_it_and_say_it_again(cast: Cast) -> None:
    caller, by_id = Caller(), without("IsPaid", body())
    by_ean = without("IsPaid", body_by_ean("W-2"))
    both = ((IN_STORE, by_id), ("/api/weborder/OrderInStore", by_id), (f"{IN_STORE}/alternative", by_ean))
    for path, one in both:
        answer = caller.post(path, one)
        assert (answer.status_code, answer.content) == (200, b"true"), answer.content
    assert [order.is_in_store for order in WebOrder.objects.all()] == [True, True]
    assert caller.get(f"{FETCH}/W-1").json()["OrderType"] == "OrderInStore"
    # The same OrderNo to be collected is another order, and so is this one there.
    assert caller.post(CREATE, body()).json()["code"] == "order-no-taken"
    assert faults(caller.post(IN_STORE, body("W-3"))) == {"/IsPaid": "unknown-field"}
    assert caller.post(CREATE, body("W-4")).content == b"true"
    assert caller.get(f"{FETCH}/W-4").json()["OrderType"] == "ClickAndCollect"


def test_it_is_told_to_ddd_by_the_route_it_came_by(night: Night) -> None:
    caller = Caller()
    old = without("CustomerNumber", body_by_ean("O-1")) | {"MemberId": "7", "LoyaltyMemberId": "M-7"}
    assert caller.post(IN_STORE, without("IsPaid", body("S-1"))).content == b"true"
    assert caller.post(OLDER, old).content == b"true"
    assert faults(caller.post(OLDER, without("MemberId", old))) == {"/MemberId": "required"}
    assert caller.post(OLDER, old | {"MemberId": 8}).status_code == 409
    night.send()
    told = {order["OrderNo"]: order for order in night.sandbox.ledger()["orders"]}
    assert told["S-1"]["order_type"] == "OrderInStore"
    assert "IsPaid" not in told["S-1"]
    older = told["O-1"]
    assert (older["MemberId"], older["LoyaltyMemberId"], "CustomerNumber" in older) == (7, "M-7", False)
    assert {line["Ean"] for line in older["WebOrderLines"]} == {
        line["Ean"] for line in body_by_ean()["WebOrderLines"]
    }
    order = caller.get(f"{FETCH}/O-1").json()
    assert (order["OrderType"], order["CustomerNumber"], order["IsPaid"]) == ("ClickAndCollect", 0, True)
    assert {posting.state for posting in Posting.objects.all()} == {"sent"}


def test_it_is_sent_and_comes_back_without_a_sale_or_a_transfer_of_ours(night: Night) -> None:
    order = in_store(night.cast)
    night.send()
    # DdD's till has sold it before anybody picks it; Aarhus has a turnover shop.
    night.post("api/sale", sale_of_another("W-1", TURNOVER, terminal=12))
    assert night.compare() == []
    order = sent(night.cast, order)
    assert (order.sale_by, order.paid_by, order.way) == ("elsewhere", "", "send")
    night.send()
    assert set(Posting.objects.values_list("kind", flat=True)) == {"order", "change"}
    assert night.compare() == []

    returned = taken_back(night.cast, order, lines=(1,), paid_by="cash")
    night.send()
    assert (returned.outcome, again(order).status) == ("register", "Delivered")
    kinds = Posting.objects.exclude(kind__in=["order", "change"]).values_list("kind", "state")
    assert list(kinds) == [("return", "sent")]
    assert night.sandbox.ledger()["transfers"] == []
    assert night.compare() == []


def test_what_is_not_found_is_the_tills_and_nobody_gives_it_up(cast: Cast) -> None:
    order = sent(cast, in_store(cast), missing=(2,))
    assert not order.events.filter(kind=OrderEvent.Kind.REFUND_DUE).exists()
    assert not RefundDue.objects.exists()
    waiting, clerk = ready(cast, in_store(cast, "W-2")), cast.person("aarhus")
    collecting.remind_and_cancel_uncollected(NOW + timedelta(days=90))
    assert again(waiting).status == "Picked"
    delivery.deliver(again(waiting), SENT, clerk, LATER)
    delivery.undo(again(waiting), clerk, LATER - timedelta(seconds=1))
    assert again(waiting).status == "Picked"


def test_one_that_was_made_at_ddd_is_taken_over_and_followed(cast: Cast, upstream: Upstream) -> None:
    Connection.objects.filter(group=cast.nordlys).update(
        order_types={"ClickAndCollect": "collect", "Butik": "in store"}
    )
    usual = {"OrderType": "BUTIK", "IsPaid": None}
    upstream.orders = [wire_order("D-1", **usual)]
    poll(cast.nordlys.pk, NOW)
    order = WebOrder.objects.get()
    assert (order.is_in_store, order.is_paid, order.source) == (True, True, "ddd")
    later = {"ModifiedOn": "2026-03-03T09:05:00Z", "IsPaid": False, "ReceiveAddress": "Bo#5000 Odense"}
    upstream.orders = [wire_order("D-1", **(usual | later))]
    poll(cast.nordlys.pk, LATER)
    assert (again(order).is_paid, again(order).receive_address) == (True, "Bo#5000 Odense")
    later["ModifiedOn"] = "2026-03-03T09:09:00Z"
    upstream.orders = [wire_order("D-1", "Delivered", **(usual | later))]
    poll(cast.nordlys.pk, LATER)
    assert (again(order).status, again(order).sale_by) == ("Delivered", "elsewhere")
    assert not Posting.objects.exists()


@pytest.mark.any_database
def test_every_screen_says_that_the_till_has_sold_it(cast: Cast) -> None:
    order, tablet, office = in_store(cast), browser(cast, "aarhus"), browser(cast, "office")
    received(cast, new_order("W-2"))
    assert tablet.get(reverse("pos")).content.count(b"sold at the till") == 1
    page = Page(tablet.get(reverse("pos-order", args=[order.pk]))).text
    assert "sold at the till" in page
    assert "the portal books neither a sale nor an item transfer" in page
    assert "paid in the web shop" not in page
    assert "sold at the till" in " ".join(sheet.text for sheet in list_of(order))
    assert "sold at the till" in Page(office.get(f"/orders/{order.pk}/")).text
    listed = office.get("/orders/", {"only": "in store", "col": ["type", "status"]}).content.decode()
    assert ("W-1" in listed, "W-2" in listed, "Order in Store</td>" in listed) == (True, False, True)
    delivered = sent(cast, order)
    back = Page(tablet.get(reverse("return-order", args=[delivered.pk]))).text
    assert "in the web shop" not in back
    assert "DdD's till" in back


def test_an_order_from_before_is_still_the_same_order() -> None:
    new = new_order("W-1")
    before = {name: value for name, value in asdict(new).items() if name not in LATER_FIELDS}
    text = json.dumps(before, default=str, sort_keys=True, ensure_ascii=False)
    assert new.content() == hashlib.sha256(text.encode()).hexdigest()
