"""Who books the sale of an order: the portal, somebody else, or a person says it each time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import SoldBy, WebShop
from core.errors import Conflict, Invalid
from ddd.models import Connection, ItemTransfer, Notice, Posting, Sale
from ddd.nightly import books
from orders import delivery, sale_decisions, sync_status
from orders.importing import poll
from orders.models import WebOrder
from orders.reconciling import delivered_without_a_sale
from tests.core.pages import Page, browser
from tests.factories import HAND_OVER, NOW, Cast, again, delivered, new_order, picked, received, taken_back
from tests.orders.together import at_once, kinds
from tests.orders.upstream import Upstream, wire_order

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)
WORK_LIST = "/orders/attention/"


def sold_by(cast: Cast, **choices: SoldBy) -> None:
    Connection.objects.filter(group=cast.nordlys).update(**choices)


def from_the_till(cast: Cast, upstream: Upstream, **changes: object) -> WebOrder:
    """An order that somebody made at DdD, and that DdD's till has delivered."""
    upstream.orders = [wire_order("D-1", "Delivered", **changes)]
    poll(cast.nordlys.pk, LATER)
    return WebOrder.objects.get(order_no="D-1")


def asked(cast: Cast, upstream: Upstream) -> WebOrder:
    sold_by(cast, ddd_orders_sold_by=SoldBy.ASK)
    order = from_the_till(cast, upstream)
    assert order.sale_by == "ask"
    return order


def delivered_unpaid(cast: Cast) -> WebOrder:
    """The portal's own order, delivered by DdD's till although nobody had paid it."""
    order = received(cast, new_order("W-1", is_paid=False))
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], LATER)
    return again(order)


def sales() -> list[Posting]:
    return list(Posting.objects.filter(kind="sale"))


def test_a_new_group_sells_only_what_came_through_its_own_api() -> None:
    connection = Connection()
    assert (connection.ddd_orders_sold_by, connection.unknown_web_shops_sold_by) == ("ask", "ask")
    assert WebShop().sold_by == "portal"


def test_an_order_that_ddd_made_waits_for_a_person_and_is_sold_once(cast: Cast, upstream: Upstream) -> None:
    order = asked(cast, upstream)
    assert sales() == []
    office, page = browser(cast, "office"), Page(browser(cast, "office").get(WORK_LIST))
    assert "Sales of which nobody has said who books them 1" in page.text
    assert "Nothing of its sale is booked" in Page(office.get(f"/orders/{order.pk}/")).text

    said = {"chosen": order.pk, "decision": "book"}
    for _twice in range(2):
        assert office.post(f"{WORK_LIST}who-sells/decide/", said).status_code == 302
    (sale,) = sales()
    assert (sale.order_no, Sale.objects.get().amount) == ("D-1", Decimal("399.90"))
    assert kinds(order) == ["imported", "delivered", "booked late"]
    with pytest.raises(Conflict):
        sale_decisions.booked_elsewhere(order, "", cast.person("office"), LATER)
    assert again(order).sale_by == "portal"


def test_what_is_booked_elsewhere_is_never_booked_here(cast: Cast, upstream: Upstream) -> None:
    order, office = asked(cast, upstream), browser(cast, "office")
    said = {"chosen": order.pk, "decision": "elsewhere", "reason": "99/4711"}
    for _twice in range(2):
        assert office.post(f"{WORK_LIST}who-sells/decide/", said).status_code == 302
    assert (again(order).sale_by, sales()) == ("elsewhere", [])
    assert order.events.get(kind="sold elsewhere").data["reason"] == "99/4711"
    assert kinds(order).count("sold elsewhere") == 1
    with pytest.raises(Conflict):
        sale_decisions.book_now(order, cast.person("office"), LATER)
    until = books.period_until(LATER + timedelta(days=1))
    assert list(delivered_without_a_sale(cast.nordlys, until)) == []
    with pytest.raises(Conflict, match="take it back at DdD's till"):
        taken_back(cast, again(order))


def test_nothing_is_taken_back_before_somebody_has_said_who_sells(cast: Cast, upstream: Upstream) -> None:
    order = asked(cast, upstream)
    with pytest.raises(Conflict) as refused:
        taken_back(cast, order)
    assert (refused.value.code, Posting.objects.count()) == ("sale-undecided", 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_only_one_decides(cast: Cast, upstream: Upstream) -> None:
    order = asked(cast, upstream)
    office, manager = cast.person("office"), cast.person("manager")
    at_once(
        *[lambda: sale_decisions.book_now(order, office, LATER)] * 2,
        *[lambda: sale_decisions.booked_elsewhere(order, "", manager, LATER)] * 2,
    )
    decided = again(order).sale_by
    assert (decided, len(sales())) in {("portal", 1), ("elsewhere", 0)}
    assert len(kinds(order)) == 3


def test_a_web_shop_that_sells_itself_is_left_alone_but_the_pieces_move(cast: Cast) -> None:
    WebShop.objects.filter(name=cast.web_shop("nordlys").name).update(sold_by=SoldBy.WEB_SHOP)
    order = delivered(cast)
    assert (order.sale_by, sales()) == ("elsewhere", [])
    transfer = ItemTransfer.objects.get()
    assert (transfer.sender, transfer.recipient) == (cast.aarhus, cast.turnover_shop)


def test_its_delivery_can_be_undone_as_any_other(cast: Cast, settings: object) -> None:
    settings.UNDO_SECONDS = 60  # type: ignore[attr-defined]
    WebShop.objects.filter(name=cast.web_shop("nordlys").name).update(sold_by=SoldBy.WEB_SHOP)
    order, actor = picked(cast), cast.person("aarhus")
    delivery.deliver(order, HAND_OVER, actor, LATER)
    delivery.undo(order, actor, LATER + timedelta(seconds=5))
    assert (again(order).status, ItemTransfer.objects.count()) == ("Picked", 0)


@pytest.mark.parametrize(
    ("of_web_shop", "of_ddds_orders", "sale_by"),
    [
        (SoldBy.PORTAL, SoldBy.PORTAL, "portal"),
        (SoldBy.PORTAL, SoldBy.ASK, "ask"),
        (SoldBy.PORTAL, SoldBy.WEB_SHOP, "elsewhere"),
        (SoldBy.WEB_SHOP, SoldBy.PORTAL, "elsewhere"),
        (SoldBy.WEB_SHOP, SoldBy.ASK, "elsewhere"),
        (SoldBy.ASK, SoldBy.PORTAL, "ask"),
    ],
)
def test_what_the_web_shop_says_goes_before_the_group(
    cast: Cast, upstream: Upstream, of_web_shop: SoldBy, of_ddds_orders: SoldBy, sale_by: str
) -> None:
    WebShop.objects.filter(group=cast.nordlys, webshop_id=1).update(sold_by=of_web_shop)
    sold_by(cast, ddd_orders_sold_by=of_ddds_orders, unknown_web_shops_sold_by=SoldBy.WEB_SHOP)
    assert from_the_till(cast, upstream).sale_by == sale_by
    assert len(sales()) == (sale_by == "portal")


@pytest.mark.parametrize(("webshop_id", "notices"), [(77, [("unknown web shop", "77")]), (0, []), (None, [])])
def test_an_order_of_an_unknown_web_shop_asks_and_the_web_shop_is_told_once(
    cast: Cast, upstream: Upstream, webshop_id: int | None, notices: list[tuple[str, str]]
) -> None:
    sold_by(cast, unknown_web_shops_sold_by=SoldBy.ASK)
    order = from_the_till(cast, upstream, WebshopId=webshop_id)
    assert (order.web_shop, order.sale_by, sales()) == (None, "ask", [])
    assert list(Notice.objects.values_list("kind", "subject")) == notices

    Notice.objects.update(closed_at=LATER)
    upstream.orders = [wire_order("D-2", WebshopId=webshop_id)]
    poll(cast.nordlys.pk, LATER)
    assert not Notice.objects.filter(closed_at=None).exists()


def test_how_it_was_paid_at_ddds_till_is_asked(cast: Cast, upstream: Upstream) -> None:
    order = delivered_unpaid(cast)
    assert (order.sale_by, sales()) == ("ask", [])
    office = browser(cast, "office")
    assert "Delivered unpaid by DdD's till 1" in Page(office.get(WORK_LIST)).text
    with pytest.raises(Invalid):
        sale_decisions.book_now(order, cast.person("office"), LATER)
    assert (again(order).sale_by, sales()) == ("ask", [])


@pytest.mark.parametrize(
    ("decision", "transaction_type", "paid_by", "is_paid"),
    [("cash", 100, "cash", False), ("card", 110, "terminal", False), ("web shop", 150, "web shop", True)],
)
def test_what_is_said_decides_the_transaction_type(
    cast: Cast, decision: str, transaction_type: int, paid_by: str, is_paid: bool
) -> None:
    order, office = delivered_unpaid(cast), browser(cast, "office")
    for _twice in range(2):
        said = {"chosen": order.pk, "decision": decision}
        assert office.post(f"{WORK_LIST}how-paid/decide/", said).status_code == 302
    (sale,) = sales()
    assert [line["TransactionType"] for line in sale.payload["PaymentLines"]] == [transaction_type]
    assert (again(order).paid_by, again(order).is_paid) == (paid_by, is_paid)
    assert not ItemTransfer.objects.exists()


def test_an_unpaid_order_may_be_booked_elsewhere_too(cast: Cast) -> None:
    order = delivered_unpaid(cast)
    sale_decisions.booked_elsewhere(order, "at the till", cast.person("office"), LATER)
    assert (again(order).sale_by, sales()) == ("elsewhere", [])
