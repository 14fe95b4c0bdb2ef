"""An order leaves the shop: once, whole, and with its sale and item transfer, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from accounts.models import WebShop
from core.errors import Conflict, Invalid
from ddd.booking import outbox
from ddd.models import Connection, ItemTransfer, Posting, ReceiptSeries, Sale
from orders import delivery, sync_status
from orders.delivery import HandOver
from orders.models import WebOrder
from tests.factories import (
    CAP,
    HAND_OVER,
    JUMPER,
    NOW,
    SCARF,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken,
)
from tests.orders.together import at_once, everything, kinds

Way, PaidBy = WebOrder.Way, WebOrder.PaidBy
LATER = NOW + timedelta(hours=1)


def sale_of(order: WebOrder) -> Sale:
    return Sale.objects.select_related("shop", "posting").get(order_no=order.order_no)


def test_a_delivered_order_has_its_sale_at_the_turnover_shop_and_its_transfer_there(cast: Cast) -> None:
    order = delivered(cast, new=new_order("W-1", variants=(JUMPER, SCARF, JUMPER), customer_number=77))
    freja = cast.person("aarhus")

    assert (order.status, order.delivered_by, order.delivered_at) == (
        "Delivered",
        freja,
        NOW + timedelta(minutes=30),
    )
    assert (order.way, order.paid_by, order.delivered_by_ddd) == ("hand over", "web shop", False)
    assert {line.status for line in order.lines.all()} == {"Delivered"}
    sale = sale_of(order)
    assert (sale.shop, sale.terminal_id, sale.receipt_id) == (cast.turnover_shop, 99, None)
    assert (sale.amount, sale.currency) == (Decimal("599.85"), "DKK")
    assert (sale.posting.kind, sale.posting.state) == ("sale", "waiting")
    item = {
        "Type": "Sale",
        "Quantity": 1,
        "ItemGroupId": 9900,
        "GrossLineAmount": "219.95",
        "PriceAlteration": "Discount",
        "PriceAlterationAmount": "20.00",
        "WebOrderOrderNo": "W-1",
    }
    assert sale.posting.payload == {
        "ShopId": 996900,
        "TerminalId": 99,
        "ClerkId": 1,
        "CustomerNumber": 77,
        "ItemLines": [{**item, "VariantId": variant} for variant in (JUMPER, SCARF, JUMPER)],
        "PaymentLines": [{"Direction": "In", "TransactionType": 150, "LineAmount": "599.85"}],
    }
    transfer = ItemTransfer.objects.get()
    assert (transfer.sender, transfer.recipient, transfer.pieces) == (cast.aarhus, cast.turnover_shop, 3)
    assert transfer.posting.payload == {
        "ShopIdSender": 996001,
        "ShopIdRecipient": 996900,
        "Items": [{"VariantId": JUMPER, "Quantity": 2}, {"VariantId": SCARF, "Quantity": 1}],
    }
    assert order.events.get(kind="delivered").data == {
        "way": "hand over",
        "paid_by": "web shop",
        "delivery_no": "",
        "proof": "none",
    }


def test_without_a_turnover_shop_the_sale_is_the_shops_own_and_nothing_moves(cast: Cast) -> None:
    order = delivered(cast, web_shop="outlet")
    sale = sale_of(order)
    assert sale.shop == cast.aarhus
    assert all("ItemGroupId" not in line for line in sale.posting.payload["ItemLines"])
    assert not ItemTransfer.objects.exists()


def test_where_ddd_makes_the_transfers_the_portal_makes_none(cast: Cast) -> None:
    WebShop.objects.filter(name="nordlys").update(transfers_by="ddd")
    assert sale_of(delivered(cast)).shop == cast.turnover_shop
    assert not ItemTransfer.objects.exists()


def test_a_missing_piece_is_never_sold_and_never_moved(cast: Cast) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, CAP)), missing=(2,))
    sale = sale_of(order)
    assert [line["VariantId"] for line in sale.posting.payload["ItemLines"]] == [JUMPER, CAP]
    assert sale.amount == Decimal("399.90")
    assert [item["VariantId"] for item in ItemTransfer.objects.get().posting.payload["Items"]] == [
        JUMPER,
        CAP,
    ]
    assert [line.status for line in order.lines.all()] == ["Delivered", "Missing", "Delivered"]


def test_a_second_tap_of_the_same_person_is_quiet(cast: Cast) -> None:
    order = delivered(cast)
    before = everything(order)
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    delivery.deliver(order, HandOver(Way.SEND, "cash", "D-1"), cast.person("aarhus"), LATER)
    assert everything(order) == before


def test_the_slower_of_two_who_deliver_is_told_who_was_faster(cast: Cast) -> None:
    order = delivered(cast)
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        delivery.deliver(order, HAND_OVER, cast.person("manager"), LATER)
    assert (refused.value.code, refused.value.sentence) == (
        "delivered-already",
        f"{cast.person('aarhus').name} has delivered this order already.",
    )
    assert everything(order) == before


def test_what_ddds_till_delivered_is_not_delivered_again(cast: Cast) -> None:
    order = picked(cast)
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], LATER)
    before = everything(order)
    with pytest.raises(Conflict, match="DdD's till has delivered this order already"):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert everything(order) == before


@pytest.mark.parametrize("state", [received, taken])
def test_an_order_that_is_not_picked_is_not_delivered(cast: Cast, state: Callable[[Cast], WebOrder]) -> None:
    order = state(cast)
    before = everything(order)
    with pytest.raises(Conflict, match="This order is reserved now"):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert everything(order) == before


@pytest.mark.django_db(transaction=True)
def test_two_tablets_that_deliver_at_once_make_one_sale_one_transfer_and_one_event(cast: Cast) -> None:
    order = picked(cast)
    people = [cast.person("aarhus"), cast.person("manager")] * 4
    done = at_once(*[lambda who=who: delivery.deliver(order, HAND_OVER, who, LATER) for who in people])

    winner = again(order).delivered_by
    assert winner is not None
    assert done.count(None) == 4
    told = {str(answer) for answer in done if answer is not None}
    assert told == {f"{winner.name} has delivered this order already."}
    assert (Sale.objects.count(), ItemTransfer.objects.count()) == (1, 1)
    assert kinds(order).count("delivered") == 1
    assert sorted(Posting.objects.values_list("kind", flat=True)) == ["order", "sale", "transfer"]
    assert not ReceiptSeries.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_orders_that_are_delivered_at_once_are_each_sold_once(cast: Cast) -> None:
    orders = [picked(cast) for _number in range(8)]
    freja = cast.person("aarhus")
    done = at_once(*[lambda one=one: delivery.deliver(one, HAND_OVER, freja, LATER) for one in orders])
    assert done == [None] * 8
    sold = list(Sale.objects.order_by("order_no").values_list("order_no", "receipt_id"))
    assert sold == sorted((order.order_no, None) for order in orders)


@pytest.mark.django_db(transaction=True)
def test_a_tablet_and_ddds_till_that_deliver_at_once_make_one_sale(cast: Cast) -> None:
    order = picked(cast)
    lines = [line.pk for line in order.lines.all()]
    freja = cast.person("aarhus")
    done = at_once(
        *[lambda: delivery.deliver(order, HAND_OVER, freja, LATER)] * 2,
        *[lambda: sync_status.follow_delivered(order, lines, LATER)] * 2,
        *[lambda: sync_status.follow_cancelled(order, LATER)] * 2,
    )
    assert {type(answer) for answer in done} <= {type(None), Conflict}
    order = again(order)
    sold = order.status == "Delivered"
    assert order.status in ("Delivered", "Cancelled")
    assert Sale.objects.count() == sold
    assert ItemTransfer.objects.count() == (sold and not order.delivered_by_ddd)
    assert {line.status for line in order.lines.all()} == {order.status}


# --- Paid or not -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("paid_by", "transaction_type"), [("cash", 100), ("terminal", 110)])
def test_an_unpaid_order_is_delivered_when_it_is_said_how_it_was_paid(
    cast: Cast, paid_by: str, transaction_type: int
) -> None:
    order = delivered(cast, new=new_order(is_paid=False), hand_over=HandOver(Way.HAND_OVER, paid_by))
    assert order.paid_by == paid_by
    [payment] = sale_of(order).posting.payload["PaymentLines"]
    assert (payment["TransactionType"], payment["LineAmount"]) == (transaction_type, "399.90")


@pytest.mark.parametrize("paid_by", ["", "web shop", "cheque"])
def test_an_unpaid_order_is_not_given_away(cast: Cast, paid_by: str) -> None:
    order = picked(cast, new=new_order(is_paid=False), missing=(2,))
    before = everything(order)
    with pytest.raises(Invalid) as refused:
        delivery.deliver(order, HandOver(Way.HAND_OVER, paid_by), cast.person("aarhus"), LATER)
    [fault] = refused.value.faults
    assert (fault.pointer, fault.code) == ("/paid_by", "not-paid")
    assert fault.detail == "This order is not paid: take 199.95 DKK and say how it was paid."
    assert everything(order) == before


def test_a_paid_order_was_paid_in_the_web_shop_whatever_the_tablet_says(cast: Cast) -> None:
    order = delivered(cast, hand_over=HandOver(Way.HAND_OVER, "cash"))
    assert order.paid_by == PaidBy.WEB_SHOP
    assert sale_of(order).posting.payload["PaymentLines"][0]["TransactionType"] == 150


# --- Sent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delivery_no", ["", "   ", "x" * 51])
def test_what_is_sent_needs_the_carriers_number(cast: Cast, delivery_no: str) -> None:
    order = picked(cast)
    before = everything(order)
    with pytest.raises(Invalid) as refused:
        delivery.deliver(order, HandOver(Way.SEND, "", delivery_no), cast.person("aarhus"), LATER)
    assert [fault.pointer for fault in refused.value.faults] == ["/delivery_no"]
    assert everything(order) == before


def test_the_carriers_number_is_on_the_lines_that_were_sent(cast: Cast) -> None:
    order = delivered(cast, hand_over=HandOver(Way.SEND, "", "  00370726202635 "), missing=(2,))
    assert order.way == "send"
    assert [line.delivery_no for line in order.lines.all()] == ["00370726202635", ""]
    assert order.events.get(kind="delivered").data["delivery_no"] == "00370726202635"


def test_a_number_on_an_order_that_is_handed_over_is_left_out(cast: Cast) -> None:
    order = delivered(cast, hand_over=HandOver(Way.HAND_OVER, "", "D-1"))
    assert {line.delivery_no for line in order.lines.all()} == {""}


# --- All or nothing ----------------------------------------------------------------------------------


def test_when_the_books_cannot_be_written_nothing_is_delivered(cast: Cast) -> None:
    order = picked(cast)
    before = everything(order)
    Connection.objects.filter(group=cast.nordlys).delete()
    with pytest.raises(Conflict, match="Nordlys is not connected to DdD yet, so nothing can be booked"):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert everything(order) == before


def test_when_the_transfer_cannot_be_written_the_sale_is_not_either(cast: Cast) -> None:
    order = picked(cast)
    in_the_way = outbox.post_transfer(
        cast.nordlys,
        f"delivery:{order.pk}:1",
        "another",
        {"ShopIdSender": 996001, "ShopIdRecipient": 996900, "Items": []},
        NOW,
    )
    before = everything(order)
    with pytest.raises(IntegrityError):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert everything(order) == before

    in_the_way.delete()
    delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert sale_of(order).amount == order.total


def test_a_delivery_that_was_booked_before_is_not_booked_again(cast: Cast) -> None:
    order = delivered(cast)
    before = Posting.objects.count()
    # As if a restored backup had forgotten the delivery but not the outbox.
    order.lines.update(status="Picked")
    WebOrder.objects.filter(pk=order.pk).update(status="Picked", delivered_at=None, delivered_by=None)
    forgotten = everything(order)
    with pytest.raises(IntegrityError):
        delivery.deliver(order, HAND_OVER, cast.person("aarhus"), LATER)
    assert everything(order) == forgotten
    assert Posting.objects.count() == before
