"""A Group begins with the portal: what DdD had before is never sold a second time."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from core.errors import Conflict
from ddd.models import Connection, Notice, Posting, Sale
from ddd.nightly import books
from orders import delivery, picking
from orders.importing import poll
from orders.models import WebOrder
from orders.reconciling import delivered_without_a_sale
from tests.core.pages import Page, browser
from tests.factories import HAND_OVER, NOW, Cast, again, new_order, received, taken_back
from tests.orders.upstream import Upstream, wire_order

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
OLD = {"CreatedOn": "2026-02-25T09:00:00Z", "ModifiedOn": "2026-02-26T09:00:00Z"}
AGAIN = {**OLD, "ModifiedOn": "2026-03-03T09:05:00Z"}
SENTENCE = "its sale is made at DdD's till, and the portal books nothing of it"


def old_order(cast: Cast, upstream: Upstream) -> WebOrder:
    """One that DdD had a week before, and that is still open."""
    upstream.orders = [wire_order("OLD-1", "Reserved", **OLD)]
    poll(cast.nordlys.pk, NOW)
    return WebOrder.objects.get(order_no="OLD-1")


def ready(cast: Cast, order: WebOrder) -> WebOrder:
    """The same, picked in Aarhus."""
    actor = cast.person("aarhus")
    picking.accept(order, actor, NOW)
    for line in order.lines.all():
        picking.pick(order, line.pk, actor, NOW)
    picking.finish(order, actor, NOW)
    return again(order)


def differences(cast: Cast) -> list[str]:
    found = delivered_without_a_sale(cast.nordlys, books.period_until(LATER + timedelta(days=1)))
    return [one.order_no for one in found]


def nothing_is_booked() -> bool:
    return not Posting.objects.exists() and not Sale.objects.exists()


def test_an_order_from_before_is_followed_and_never_sold(cast: Cast, upstream: Upstream) -> None:
    order = old_order(cast, upstream)
    upstream.orders = [wire_order("OLD-1", "HandedOut", **AGAIN)]
    poll(cast.nordlys.pk, LATER)
    assert again(order).status == "Reserved"

    connection = cast.connection
    connection.status_words["HandedOut"] = "Delivered"
    connection.polled_until = None
    connection.save()
    for _twice in range(2):
        poll(cast.nordlys.pk, LATER)

    order = again(order)
    assert (order.status, order.delivered_by_ddd, order.sale_by) == ("Delivered", True, "elsewhere")
    assert nothing_is_booked()
    assert differences(cast) == []


def test_an_order_from_before_that_the_shop_hands_over_is_not_sold_either(
    cast: Cast, upstream: Upstream, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 60
    order = ready(cast, old_order(cast, upstream))
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert (again(order).status, again(order).sale_by) == ("Delivered", "elsewhere")
    assert nothing_is_booked()
    assert differences(cast) == []

    delivery.undo(order, cast.person("aarhus"), LATER + timedelta(seconds=2))
    assert (again(order).status, again(order).sale_by) == ("Picked", "portal")
    delivery.deliver(again(order), HAND_OVER, cast.person("aarhus"), LATER + timedelta(seconds=9))
    assert (again(order).sale_by, nothing_is_booked()) == ("elsewhere", True)


def test_its_pieces_are_not_taken_back_here_so_that_nothing_is_paid_out_twice(
    cast: Cast, upstream: Upstream
) -> None:
    order = ready(cast, old_order(cast, upstream))
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    with pytest.raises(Conflict) as refused:
        taken_back(cast, again(order))
    assert refused.value.code == "sold-elsewhere"
    assert nothing_is_booked()
    assert not order.returns.exists()


def test_both_pages_say_where_the_sale_is_made(cast: Cast, upstream: Upstream) -> None:
    order = old_order(cast, upstream)
    for who, address in (("aarhus", f"/pos/orders/{order.pk}/"), ("office", f"/orders/{order.pk}/")):
        assert SENTENCE in Page(browser(cast, who).get(address)).text


def test_one_that_was_taken_over_before_this_was_kept_is_marked_when_ddd_lists_it(
    cast: Cast, upstream: Upstream
) -> None:
    order = old_order(cast, upstream)
    WebOrder.objects.filter(pk=order.pk).update(older_than_portal=False)
    upstream.orders = [wire_order("OLD-1", "Delivered", **AGAIN)]
    poll(cast.nordlys.pk, LATER)
    assert (again(order).status, again(order).older_than_portal) == ("Delivered", True)
    assert nothing_is_booked()


def test_the_portals_own_orders_are_never_older(cast: Cast, upstream: Upstream) -> None:
    order = received(cast, new_order("W-1"))
    Connection.objects.filter(group=cast.nordlys).update(started_at=NOW + timedelta(days=1))
    upstream.orders = [wire_order("W-1", "Delivered")]
    poll(cast.nordlys.pk, LATER)
    assert (again(order).older_than_portal, again(order).sale_by) == (False, "portal")
    assert Sale.objects.get().order_no == "W-1"


@pytest.mark.parametrize("word", ["Delivered", "HandedOut"])
def test_an_order_without_an_age_that_may_have_ended_is_told_and_never_sold(
    cast: Cast, upstream: Upstream, word: str
) -> None:
    unset = dict.fromkeys(("CreatedOn", "OrderedOn"), "0001-01-01T00:00:00")
    upstream.orders = [wire_order("OLD-1", word, **unset), wire_order("OPEN-1", "Reserved", **unset)]
    for _twice in range(2):
        poll(cast.nordlys.pk, NOW)
    assert [order.order_no for order in WebOrder.objects.all()] == ["OPEN-1"]
    assert Notice.objects.get(kind=Notice.Kind.UNREADABLE).subject == "OLD-1"
    assert nothing_is_booked()


def test_an_order_is_as_old_as_it_was_ordered_where_ddd_does_not_say_when_it_was_made(
    cast: Cast, upstream: Upstream
) -> None:
    Connection.objects.update(started_at=NOW)
    ordered = {"CreatedOn": None, "OrderedOn": "2026-02-25T09:00:00Z"}
    upstream.orders = [wire_order("OLD-1", "Delivered", **ordered)]
    poll(cast.nordlys.pk, NOW)
    assert (WebOrder.objects.count(), Notice.objects.count()) == (0, 0)
