"""What a poll misses where DdD's `since` means created, and orders that cannot be read."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from ddd.models import Notice
from orders.importing import poll
from orders.models import WebOrder
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, new_order, received
from tests.orders.upstream import Upstream, wire_order

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def asked_from(upstream: Upstream) -> datetime:
    return datetime.fromisoformat(upstream.since_param[-1] + "+00:00")


def ordered_three_days_ago(cast: Cast) -> WebOrder:
    order = received(cast, new_order("W-1"))
    WebOrder.objects.filter(pk=order.pk).update(ordered_on=NOW - timedelta(days=3))
    return order


def test_every_hour_it_is_read_from_the_oldest_open_order_on(cast: Cast, upstream: Upstream) -> None:
    old = ordered_three_days_ago(cast)
    upstream.orders = [wire_order("D-1")]
    poll(cast.nordlys.pk, NOW)
    for minutes in (1, 59):
        poll(cast.nordlys.pk, NOW + minutes * MINUTE)
        assert asked_from(upstream) > old.created_at - timedelta(days=1)
    poll(cast.nordlys.pk, NOW + 60 * MINUTE)
    assert asked_from(upstream) == NOW - timedelta(days=4)
    poll(cast.nordlys.pk, NOW + 61 * MINUTE)
    assert asked_from(upstream) > NOW - timedelta(days=1)


def test_no_more_once_ddd_has_shown_that_it_lists_what_changed(cast: Cast, upstream: Upstream) -> None:
    ordered_three_days_ago(cast)
    upstream.orders = [wire_order("D-1")]
    poll(cast.nordlys.pk, NOW)
    upstream.orders = [wire_order("D-2", CreatedOn="2025-06-01T09:00:00Z", ModifiedOn="2026-03-03T09:00:00Z")]
    poll(cast.nordlys.pk, NOW + MINUTE)
    poll(cast.nordlys.pk, NOW + 70 * MINUTE)
    assert asked_from(upstream) > NOW - timedelta(days=1)


def test_many_orders_with_one_fault_are_one_notice_that_names_them(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [wire_order(f"D-{number:02d}", ShopId="Aarhus") for number in range(30)]
    for _time in range(3):
        poll(cast.nordlys.pk, NOW)
    notice = Notice.objects.get()
    assert (notice.kind, notice.subject, notice.times) == ("many unreadable", "ShopId", 1)
    assert notice.detail_words.startswith("30 orders, all alike. The first: ShopId of an order is 'Aarhus'.")
    assert "D-00, D-01" in notice.detail_words
    Notice.objects.update(closed_at=NOW)
    poll(cast.nordlys.pk, NOW)
    assert not Notice.objects.filter(closed_at=None).exists()
    upstream.orders.append(wire_order("D-30", ShopId="Aarhus"))
    poll(cast.nordlys.pk, NOW)
    assert Notice.objects.filter(closed_at=None).exists()


def test_a_poll_that_fails_for_long_is_named_with_its_cause_though_sales_go_out(
    cast: Cast, upstream: Upstream
) -> None:
    office: Client = browser(cast, "office")
    upstream.orders = b"<html>"
    began = cast.connection.started_at + timedelta(days=1)
    for minutes in (0, 16):
        assert poll(cast.nordlys.pk, began + minutes * MINUTE) is None
        cast.connection.mark_answering()  # by a sale
    connection = cast.connection
    assert connection.unread_since == began
    sentence = "DdD's orders have not been read for more than 15 minutes: DdD's answer is not JSON: <html>"
    assert sentence in " ".join(Page(office.get("/orders/dashboard/")).text.split())
    upstream.orders = []
    poll(cast.nordlys.pk, began + 17 * MINUTE)
    assert cast.connection.unread_since is None
