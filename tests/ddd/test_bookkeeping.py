"""The turnover rule, and what a sale and an item transfer look like to the øre."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import WebShop
from ddd.api.bodies import SaleBody
from ddd.booking.bookkeeping import Delivery, SoldPiece, book_delivery, number_sale, sale_body, turnover_of
from ddd.models import Connection, ItemTransfer, Posting, ReceiptSeries, Sale
from ddd.sending import dispatch
from orders.delivery import HandOver
from orders.models import WebOrder
from tests.ddd.rows import Clock, delivery
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast, delivered, new_order
from tests.sandbox_process import RunningSandbox

PORTAL, DDD = WebShop.TransfersBy.PORTAL, WebShop.TransfersBy.DDD


@pytest.mark.parametrize(
    ("web_shop", "transfers_by", "shop_id", "by_ddd", "expected"),
    [
        ("nordlys", PORTAL, 996001, False, (996900, 9900, True)),
        ("nordlys", PORTAL, 996002, False, (996900, 9900, True)),
        ("nordlys", PORTAL, 996900, False, (996900, 9900, False)),
        ("nordlys", PORTAL, 996001, True, (996900, 9900, False)),
        ("nordlys", DDD, 996001, False, (996900, 9900, False)),
        ("nordlys", DDD, 996001, True, (996900, 9900, False)),
        ("outlet", PORTAL, 996001, False, (996001, None, False)),
        ("outlet", PORTAL, 996001, True, (996001, None, False)),
        ("outlet", DDD, 996002, False, (996002, None, False)),
        (None, PORTAL, 996003, False, (996003, None, False)),
    ],
)
def test_the_turnover_rule(
    web_shop: str | None,
    transfers_by: str,
    shop_id: int,
    by_ddd: bool,
    expected: tuple[int, int | None, bool],
    cast: Cast,
) -> None:
    """Where the sale goes, under which item group, and whether the portal moves the pieces."""
    of = cast.web_shop(web_shop) if web_shop else None
    if of:
        of.transfers_by = transfers_by

    turnover = turnover_of(of, cast.shop(shop_id), by_ddd)

    assert (turnover.shop.shop_id, turnover.item_group, turnover.transfer) == expected


def test_a_turnover_shop_without_its_item_group_cannot_be_saved(cast: Cast) -> None:
    web_shop = cast.web_shop("outlet")
    web_shop.turnover_shop = cast.turnover_shop
    with pytest.raises(IntegrityError, match="turnover_shop_needs_item_group"), transaction.atomic():
        web_shop.save()
    with pytest.raises(ValidationError, match="needs its turnover item group"):
        web_shop.full_clean()

    assert cast.web_shop("outlet").turnover_shop is None
    web_shop.turnover_item_group = 9900
    web_shop.save()
    assert cast.web_shop("outlet").turnover_shop == cast.turnover_shop


def test_a_turnover_shop_of_another_group_cannot_be_saved(cast: Cast) -> None:
    web_shop = cast.web_shop("outlet")
    web_shop.turnover_shop, web_shop.turnover_item_group = cast.shop(997001), 9900
    with pytest.raises(ValidationError, match="must be a shop of this Group"):
        web_shop.save()

    assert cast.web_shop("outlet").turnover_shop is None


# --- bodies -----------------------------------------------------------------------------------------------


def body_of(cast: Cast, made: Delivery, **settings_of_the_group: Any) -> SaleBody:
    connection = cast.connection
    for name, value in settings_of_the_group.items():
        setattr(connection, name, value)
    return sale_body(made, turnover_of(made.web_shop, made.shop, made.by_ddd), connection)


def test_a_sale_to_the_turnover_shop_to_the_letter(cast: Cast) -> None:
    body = body_of(cast, delivery(cast, "W-1", customer_number=100042))

    line = {
        "Type": "Sale",
        "Quantity": 1,
        "GrossLineAmount": "219.95",
        "WebOrderOrderNo": "W-1",
        "ItemGroupId": 9900,
        "PriceAlteration": "Discount",
        "PriceAlterationAmount": "20.00",
    }
    assert body == {
        "ShopId": 996900,
        "TerminalId": 99,
        "ClerkId": 1,
        "CustomerNumber": 100042,
        "ItemLines": [{**line, "VariantId": JUMPER}, {**line, "VariantId": SCARF}],
        "PaymentLines": [{"Direction": "In", "TransactionType": 150, "LineAmount": "399.90"}],
    }


def test_without_a_turnover_shop_a_line_has_no_item_group(cast: Cast) -> None:
    body = body_of(cast, delivery(cast, web_shop=cast.web_shop("outlet")))

    assert body["ShopId"] == 996001
    assert all("ItemGroupId" not in line for line in body["ItemLines"])
    assert "CustomerNumber" not in body


def test_a_group_whose_gross_amount_is_after_the_discount(cast: Cast) -> None:
    [line, _other] = body_of(cast, delivery(cast), gross_before_discount=False)["ItemLines"]

    assert (line["GrossLineAmount"], line["PriceAlterationAmount"]) == ("199.95", "20.00")


@pytest.mark.parametrize(
    ("sales", "effective", "gross", "alteration"),
    [
        ("100.00", "100.00", "100.00", None),
        ("100.00", "99.99", "100.00", "0.01"),
        ("100.00", "0.00", "100.00", "100.00"),
        ("0.00", "0.00", "0.00", None),
        ("100.00", "120.00", "120.00", None),
    ],
)
def test_discounts_are_alterations_and_a_higher_price_is_none(
    sales: str, effective: str, gross: str, alteration: str | None, cast: Cast
) -> None:
    piece = SoldPiece(JUMPER, Decimal(sales), Decimal(effective))
    body = body_of(cast, delivery(cast, pieces=[piece]))
    [line] = body["ItemLines"]

    assert (line["GrossLineAmount"], line.get("PriceAlterationAmount")) == (gross, alteration)
    assert ("PriceAlteration" in line) == (alteration is not None)
    assert body["PaymentLines"][0]["LineAmount"] == effective


@pytest.mark.parametrize(
    ("paid_at_register", "web_shop", "by_ddd", "transaction_type"),
    [
        ("", "nordlys", False, 150),
        ("", "nordlys", True, 150),
        ("cash", "nordlys", False, 101),
        ("terminal", "nordlys", False, 111),
        ("terminal", None, False, 111),
        ("", None, True, 251),
    ],
)
def test_who_took_the_money_decides_the_transaction_type(
    paid_at_register: str, web_shop: str | None, by_ddd: bool, transaction_type: int, cast: Cast
) -> None:
    of = cast.web_shop(web_shop) if web_shop else None
    made = delivery(cast, web_shop=of, paid_at_register=paid_at_register, by_ddd=by_ddd)

    body = body_of(
        cast,
        made,
        cash_transaction_type=101,
        terminal_transaction_type=111,
        unknown_web_shop_transaction_type=251,
    )

    assert [line["TransactionType"] for line in body["PaymentLines"]] == [transaction_type]


money = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)
sold = st.lists(
    st.builds(SoldPiece, st.integers(1, 99_999_999), money, money), min_size=1, max_size=9
)  # fmt: skip


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(pieces=sold, before=st.booleans())
def test_lines_less_alterations_are_what_was_paid_to_the_oere(
    pieces: list[SoldPiece], before: bool, cast: Cast
) -> None:
    body = body_of(cast, delivery(cast, pieces=pieces), gross_before_discount=before)

    gross = sum(Decimal(line["GrossLineAmount"]) for line in body["ItemLines"])
    altered = sum(Decimal(line.get("PriceAlterationAmount", "0")) for line in body["ItemLines"])
    [paid] = [Decimal(line["LineAmount"]) for line in body["PaymentLines"]]
    assert gross - (altered if before else 0) == paid == sum(piece.effective_price for piece in pieces)


# --- booking ----------------------------------------------------------------------------------------------


def test_equal_pieces_move_as_one_item_with_their_number(cast: Cast) -> None:
    pieces = [SoldPiece(number, Decimal(10), Decimal(10)) for number in (SCARF, CAP, SCARF)]
    book_delivery(delivery(cast, pieces=pieces), NOW)

    transfer = ItemTransfer.objects.get()
    assert transfer.posting.payload == {
        "ShopIdSender": 996001,
        "ShopIdRecipient": 996900,
        "Items": [{"VariantId": SCARF, "Quantity": 2}, {"VariantId": CAP, "Quantity": 1}],
    }
    assert (transfer.pieces, transfer.sender, transfer.recipient) == (3, cast.aarhus, cast.turnover_shop)


def test_the_same_delivery_cannot_be_booked_twice(cast: Cast) -> None:
    book_delivery(delivery(cast), NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        book_delivery(delivery(cast), NOW)

    assert (Sale.objects.count(), ItemTransfer.objects.count(), Posting.objects.count()) == (1, 1, 2)
    assert not ReceiptSeries.objects.exists()


def test_two_groups_may_have_deliveries_and_order_numbers_of_the_same_name(cast: Cast) -> None:
    ours = book_delivery(delivery(cast, "W-1"), NOW)
    of_fjord = replace(
        delivery(cast, "W-1"), group=cast.fjord, web_shop=cast.web_shop("fjord"), shop=cast.shop(997001)
    )
    theirs = book_delivery(of_fjord, NOW)
    for sale in (theirs, ours):
        number_sale(sale.posting)

    assert sorted(Sale.objects.values_list("shop__shop_id", "receipt_id")) == [(996900, 1), (997001, 1)]
    assert ItemTransfer.objects.get().group == cast.nordlys


def test_a_transfer_from_a_shop_to_itself_cannot_even_be_written(cast: Cast) -> None:
    sale = book_delivery(delivery(cast, web_shop=cast.web_shop("outlet")), NOW)
    with pytest.raises(IntegrityError, match="never_from_a_shop_to_itself"), transaction.atomic():
        ItemTransfer.objects.create(
            group=cast.nordlys,
            sender=cast.aarhus,
            recipient=cast.aarhus,
            order_no="W-1",
            pieces=1,
            posting=sale.posting,
            made_at=NOW,
        )


def test_an_unpaid_order_is_sold_with_the_registers_transaction_type(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    Connection.objects.update(cash_transaction_type=101)
    hand_over = HandOver(WebOrder.Way.HAND_OVER, paid_by=WebOrder.PaidBy.CASH)
    delivered(booked_cast, new=new_order("W-1", is_paid=False), web_shop="outlet", hand_over=hand_over)

    dispatch.drain(booked_cast.nordlys.pk, Clock())

    [sale] = sandbox.ledger()["sales"]
    assert (sale["ShopId"], sale["PaymentLines"]) == (
        996001,
        [{"Direction": "In", "TransactionType": 101, "LineAmount": 399.9}],
    )
    assert sandbox.ledger()["transfers"] == []


def test_missing_pieces_are_neither_sold_nor_moved(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    delivered(booked_cast, new=new_order("W-1", variants=(JUMPER, SCARF, CAP)), missing=(2,))

    dispatch.drain(booked_cast.nordlys.pk, Clock())

    ledger = sandbox.ledger()
    assert [line["VariantId"] for line in ledger["sales"][0]["ItemLines"]] == [JUMPER, CAP]
    assert ledger["sales"][0]["PaymentLines"][0]["LineAmount"] == 399.9
    assert [item["VariantId"] for item in ledger["transfers"][0]["Items"]] == [JUMPER, CAP]


@pytest.mark.parametrize("amount", ["0.01", "0.10", "19.99", "4294967.29", "9999999.99"])
def test_money_reaches_ddd_to_the_oere(amount: str, booked_cast: Cast, sandbox: RunningSandbox) -> None:
    piece = SoldPiece(JUMPER, Decimal(amount), Decimal(amount))
    book_delivery(delivery(booked_cast, pieces=[piece]), NOW)

    dispatch.drain(booked_cast.nordlys.pk, Clock())

    [sale] = sandbox.ledger()["sales"]
    assert sale["PaymentLines"][0]["LineAmount"] == float(amount)
    assert f"{sale['ItemLines'][0]['GrossLineAmount']:.2f}" == amount
