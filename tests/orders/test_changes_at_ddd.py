"""DdD changes an order after the portal has it: prices, addresses, and whether it is paid."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ddd.models import Notice, Posting, Sale
from orders.changing import change_order
from orders.importing import poll
from orders.models import WebOrder
from orders.reading_changes import read_change
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, SCARF, Cast, again, new_order, received
from tests.orders.together import kinds
from tests.orders.upstream import Upstream, wire_line, wire_order

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
CHEAPER = {"EffectiveSalesPrice": 149.95, "DiscountAmount": 70.0}


def polled(cast: Cast, upstream: Upstream, status: str = "Reserved", **changes: Any) -> None:
    usual: dict[str, Any] = {"ModifiedOn": "2026-03-03T09:05:00Z"}
    upstream.orders = [wire_order("D-1", status, **(usual | changes))]
    assert poll(cast.nordlys.pk, LATER) is not None


def from_ddd(cast: Cast, upstream: Upstream, **changes: Any) -> WebOrder:
    polled(cast, upstream, **changes)
    return WebOrder.objects.get(order_no="D-1")


def cheaper_jumper(status: str = "Reserved") -> list[dict[str, Any]]:
    return [wire_line(status, JUMPER, **CHEAPER), wire_line(status, SCARF, Id=2)]


def test_an_order_from_ddd_follows_what_ddd_has_once(cast: Cast, upstream: Upstream) -> None:
    order = from_ddd(cast, upstream, IsPaid=False)
    for _twice in range(2):
        polled(cast, upstream, ReceiveAddress="Bo Berg#5000 Odense", WebOrderLines=cheaper_jumper())
    order = again(order)
    assert (order.is_paid, order.receiver, order.total) == (True, "Bo Berg", Decimal("349.90"))
    assert kinds(order) == ["imported", "changed at ddd"]
    event = order.events.last()
    assert event is not None
    assert event.data["fields"] == ["IsPaid", "ReceiveAddress", "EffectiveSalesPrice", "DiscountAmount"]
    page = Page(browser(cast, "office").get(f"/orders/{order.pk}/"))
    assert "Web order changed at DdD" in page.text
    assert "Bo Berg" in Page(browser(cast, "aarhus").get("/pos/", {"q": "Berg"})).text


def test_one_that_is_changed_and_delivered_between_two_polls_is_sold_as_changed(
    cast: Cast, upstream: Upstream
) -> None:
    from_ddd(cast, upstream)
    polled(cast, upstream, WebOrderLines=cheaper_jumper("Delivered"))
    assert Sale.objects.get().amount == Decimal("349.90")


def test_what_is_delivered_does_not_change_any_more(cast: Cast, upstream: Upstream) -> None:
    order = from_ddd(cast, upstream)
    polled(cast, upstream, "Delivered")
    polled(cast, upstream, WebOrderLines=cheaper_jumper("Delivered"))
    assert again(order).total == Decimal("399.90")


def test_what_ddd_leaves_out_and_equal_pieces_in_another_order_are_no_change(
    cast: Cast, upstream: Upstream
) -> None:
    two = [wire_line("Reserved", JUMPER), wire_line("Reserved", JUMPER, Id=2, **CHEAPER)]
    order = from_ddd(cast, upstream, WebOrderLines=two)
    polled(cast, upstream, WebOrderLines=two[::-1], ReceiveAddress="")
    assert kinds(again(order)) == ["imported"]


def test_of_the_portals_own_order_a_person_is_told_and_the_web_shops_word_stays(
    cast: Cast, upstream: Upstream
) -> None:
    order = received(cast, new_order("D-1"))
    for _twice in range(2):
        polled(cast, upstream, IsPaid=False, WebOrderLines=cheaper_jumper())
    assert (again(order).total, again(order).is_paid) == (Decimal("399.90"), True)
    notice = Notice.objects.get()
    assert (notice.kind, notice.subject, notice.times) == ("changed at ddd", "D-1", 1)
    assert notice.detail_words == "It differs in: IsPaid, EffectiveSalesPrice, DiscountAmount"


def decide(cast: Cast, decision: str) -> int:
    url = "/orders/attention/changed-at-ddd/decide/"
    data = {"chosen": Notice.objects.get().pk, "decision": decision}
    return browser(cast, "office").post(url, data).status_code


def test_head_office_takes_over_what_ddd_has_and_its_sale_is_booked_so(
    cast: Cast, upstream: Upstream
) -> None:
    order = received(cast, new_order("D-1"))
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    assert decide(cast, "take over") == 302
    assert cast.connection.polled_until is None
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    assert again(order).total == Decimal("349.90")
    polled(cast, upstream, WebOrderLines=cheaper_jumper("Delivered"))
    assert Sale.objects.get().amount == Decimal("349.90")
    assert not Notice.objects.filter(closed_at=None).exists()


def test_what_the_web_shop_changes_after_that_is_not_undone(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("D-1"))
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    decide(cast, "take over")
    body = {
        "OrderNo": "D-1",
        "WebOrderLines": [
            {"Id": order.lines.all()[0].pk, "EffectiveSalesPrice": "99.95", "DiscountAmount": "120.00"}
        ],
    }
    change_order(cast.key(), *read_change(body), NOW)
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    assert again(order).total == Decimal("299.90")


def test_it_stays_as_the_web_shop_sent_it_or_it_is_too_late(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("D-1"))
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    WebOrder.objects.filter(pk=order.pk).update(status="Cancelled")
    assert decide(cast, "take over") == 409
    assert decide(cast, "keep") == 302
    assert not Notice.objects.filter(closed_at=None).exists()
    assert not again(order).follows_ddd


def test_what_its_web_shop_has_changed_here_is_not_undone_by_ddds_old_list(
    cast: Cast, upstream: Upstream
) -> None:
    order = from_ddd(cast, upstream)
    line = order.lines.all()[0]
    body = {
        "OrderNo": "D-1",
        "WebOrderLines": [{"Id": line.pk, "EffectiveSalesPrice": "149.95", "DiscountAmount": "70.00"}],
    }
    change_order(cast.key(), *read_change(body), NOW)
    polled(cast, upstream)
    assert again(order).total == Decimal("349.90")


def test_nobody_is_told_while_the_web_shops_own_change_may_be_on_its_way(
    cast: Cast, upstream: Upstream
) -> None:
    order = received(cast, new_order("D-1"))
    line = order.lines.all()[0]
    body = {"OrderNo": "D-1", "WebOrderLines": [{"Id": line.pk, "Notes": "Gift"}]}
    change_order(cast.key(), *read_change(body), NOW)
    assert Posting.objects.filter(kind="change").exists()
    polled(cast, upstream, WebOrderLines=cheaper_jumper())
    assert not Notice.objects.exists()
