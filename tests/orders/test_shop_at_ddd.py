"""In which shop an order is: the portal moves it without DdD, and DdD moves it without the portal."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Shop
from ddd.models import ItemTransfer, Notice, Sale
from orders import picking, sync_status, trouble
from orders.importing import poll
from orders.models import OrderEvent, WebOrder
from orders.putting_back import pieces_to_put_back
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, again, new_order, picked, received
from tests.orders.together import at_once
from tests.orders.upstream import Upstream, wire_order

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
AARHUS, ODENSE = 996001, 996002


def polled(cast: Cast, upstream: Upstream, status: str = "Reserved", **changes: object) -> None:
    upstream.orders = [wire_order("W-1", status, **changes)]
    assert poll(cast.nordlys.pk, LATER) is not None


def in_aarhus(cast: Cast) -> WebOrder:
    """Of the web shop without a turnover shop, so that the delivering shop keeps the turnover."""
    return received(cast, new_order("W-1"), "outlet")


def moved_to_odense(cast: Cast) -> WebOrder:
    """In the portal only: DdD still has it in Aarhus."""
    order = in_aarhus(cast)
    trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), NOW)
    return again(order)


def moves(order: WebOrder) -> list[tuple[str, bool]]:
    """The shop whose tablets are told, and whether DdD did it."""
    found = order.events.filter(kind="moved").select_related("shop")
    return [(event.shop.name, event.by_ddd) for event in found]


# --- Moved here only ----------------------------------------------------------------------------------


def test_a_move_in_the_portal_stays_although_ddd_names_the_old_shop(cast: Cast, upstream: Upstream) -> None:
    order = moved_to_odense(cast)
    polled(cast, upstream)
    assert again(order).shop == cast.odense
    assert not Notice.objects.exists()


def test_what_the_old_shops_till_delivers_is_booked_there(cast: Cast, upstream: Upstream) -> None:
    order, actor = moved_to_odense(cast), cast.person("odense")
    picking.accept(order, actor, NOW)
    picking.pick(order, order.lines.all()[0].pk, actor, NOW)
    for _twice in range(2):
        polled(cast, upstream, "Delivered")

    order = again(order)
    assert (order.status, order.shop, order.delivered_by_ddd) == ("Delivered", cast.aarhus, True)
    assert Sale.objects.get().shop == cast.aarhus
    assert not ItemTransfer.objects.exists()
    assert moves(order)[2:] == [("Odense", True), ("Aarhus", True)]
    # What was picked in Odense is still there.
    assert [line.number for line in pieces_to_put_back(cast.odense)] == [1]
    assert not pieces_to_put_back(cast.aarhus).exists()


def test_both_shops_read_that_the_old_till_still_shows_it(cast: Cast) -> None:
    order, sender, recipient = in_aarhus(cast), browser(cast, "aarhus"), browser(cast, "odense")
    answer = sender.post(f"/pos/orders/{order.pk}/move/", {"shop": ODENSE}, follow=True)
    told = "W-1 was moved to Odense. DdD is not told: the till here still shows it, and must not deliver it."
    assert told in Page(answer).text
    assert told not in Page(sender.get("/pos/")).text
    shown = "DdD's till in Aarhus still shows it and could deliver it too"
    assert shown in Page(recipient.get(f"/pos/orders/{order.pk}/")).text
    assert shown not in Page(recipient.get("/pos/", {"moved": order.pk})).text


# --- Moved at DdD -------------------------------------------------------------------------------------


def test_an_order_that_ddd_gives_to_another_shop_goes_there_once(cast: Cast, upstream: Upstream) -> None:
    order = in_aarhus(cast)
    picking.accept(order, cast.person("aarhus"), NOW)
    for _twice in range(2):
        polled(cast, upstream, ShopId=ODENSE)
    order = again(order)
    assert (order.shop, order.taken_at, order.shop_at_ddd) == (cast.odense, None, ODENSE)
    assert moves(order) == [("Aarhus", True), ("Odense", True)]

    trouble.move_to_shop(order, cast.aarhus, cast.person("odense"), LATER)
    polled(cast, upstream, ShopId=ODENSE)
    assert again(order).shop == cast.aarhus


def test_one_that_is_given_away_and_delivered_between_two_polls_is_booked_there(
    cast: Cast, upstream: Upstream
) -> None:
    order = in_aarhus(cast)
    polled(cast, upstream, "Delivered", ShopId=ODENSE)
    assert (again(order).shop, Sale.objects.get().shop) == (cast.odense, cast.odense)


def test_one_that_is_given_away_and_picked_there_is_picked_there(cast: Cast, upstream: Upstream) -> None:
    order = in_aarhus(cast)
    polled(cast, upstream, "Picked", ShopId=ODENSE)
    assert (again(order).shop, again(order).status) == (cast.odense, "Picked")


def test_what_stands_ready_here_stays_and_is_told_once(cast: Cast, upstream: Upstream) -> None:
    order = picked(cast, new=new_order("W-1"), web_shop="outlet")
    for _twice in range(2):
        polled(cast, upstream, ShopId=ODENSE)
    assert (again(order).shop, again(order).status) == (cast.aarhus, "Picked")
    notice = Notice.objects.get()
    assert (notice.kind, notice.subject, notice.shop_id) == ("moved when ready", "W-1", ODENSE)
    polled(cast, upstream, "Delivered", ShopId=ODENSE)
    assert Sale.objects.get().shop == cast.odense


@pytest.mark.parametrize("shop_id", [4711, 997001, 996900])
def test_a_shop_that_cannot_have_it_is_not_followed(cast: Cast, upstream: Upstream, shop_id: int) -> None:
    order = in_aarhus(cast)
    polled(cast, upstream, ShopId=shop_id)
    assert again(order).shop == cast.aarhus
    assert not moves(order)


@pytest.mark.parametrize("shop_id", [4711, 997001])
def test_where_it_is_booked_is_asked_when_the_shop_is_none_of_the_groups(
    cast: Cast, upstream: Upstream, shop_id: int
) -> None:
    order = in_aarhus(cast)
    polled(cast, upstream, "Delivered", ShopId=shop_id)
    assert (again(order).status, again(order).sale_by, Sale.objects.exists()) == ("Delivered", "ask", False)
    assert Notice.objects.get().kind == "unknown shop"


@pytest.mark.parametrize("has_moved", [True, False])
def test_of_orders_that_were_stored_before_the_first_shop_is_known(
    cast: Cast, upstream: Upstream, has_moved: bool
) -> None:
    order = moved_to_odense(cast) if has_moved else in_aarhus(cast)
    WebOrder.objects.update(shop_at_ddd=None)
    polled(cast, upstream)
    assert again(order).shop == (cast.odense if has_moved else cast.aarhus)
    polled(cast, upstream, "Delivered")
    assert Sale.objects.get().shop == cast.aarhus


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_move_it_once(cast: Cast, upstream: Upstream) -> None:
    order, odense = in_aarhus(cast), cast.odense
    done: list[Callable[[], None]] = [lambda: sync_status.follow_to_shop(order, odense, LATER)] * 3
    assert at_once(*done) == [None] * 3
    assert again(order).shop == odense
    assert OrderEvent.objects.filter(kind="moved").count() == 2
    assert Shop.objects.get(pk=odense.pk).orders.count() == 1
