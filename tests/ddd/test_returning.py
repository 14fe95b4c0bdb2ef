"""What a return and its reversal look like in DdD's books, to the øre."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Group, WebShop
from core.errors import Conflict
from ddd.api.bodies import SaleBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import SoldPiece, book_delivery, sale_body, turnover_of
from ddd.booking.returning import (
    ReturnBooking,
    ReturnedPiece,
    book_return,
    book_reversal,
    opposite_of,
    return_body,
)
from ddd.models import Connection, ItemTransfer, Posting, ReceiptSeries, Sale
from ddd.sending import dispatch
from tests.ddd.rows import Clock, delivery, drain_to_the_end
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast
from tests.sandbox_process import RunningSandbox

State = Posting.State
MINUTE = timedelta(seconds=60)


def came_back(cast: Cast, order_no: str = "W-1", **more: Any) -> ReturnBooking:
    """A jumper and a scarf of `tests.ddd.rows.delivery`, taken back in Aarhus; the web shop refunds them."""
    pieces = [
        ReturnedPiece(SoldPiece(number, Decimal("219.95"), Decimal("199.95")), code)
        for number, code in ((JUMPER, 3), (SCARF, 0))
    ]
    data: dict[str, Any] = {
        "action_key": f"return:{order_no}",
        "order_no": order_no,
        "group": cast.nordlys,
        "web_shop": cast.web_shop("nordlys"),
        "shop": cast.aarhus,
        "pieces": pieces,
        "customer_number": 0,
        "paid_by": "",
        "time_to_cancel": MINUTE,
    }
    return ReturnBooking(**(data | more))


def body_of(cast: Cast, taken_back: ReturnBooking, **settings_of_the_group: Any) -> SaleBody:
    connection = cast.connection
    for name, value in settings_of_the_group.items():
        setattr(connection, name, value)
    return return_body(
        taken_back, turnover_of(taken_back.web_shop, taken_back.shop, by_ddd=False), connection
    )


# --- bodies -----------------------------------------------------------------------------------------------


def test_a_return_to_the_turnover_shop_to_the_letter(cast: Cast) -> None:
    body = body_of(cast, came_back(cast, customer_number=100042))

    line = {
        "Type": "Return",
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
        "ItemLines": [
            {**line, "VariantId": JUMPER, "ReturnCode": 3},
            {**line, "VariantId": SCARF, "ReturnCode": 0},
        ],
        "PaymentLines": [{"Direction": "Out", "TransactionType": 150, "LineAmount": "399.90"}],
    }


def test_without_a_turnover_shop_the_shop_that_took_it_has_the_return(cast: Cast) -> None:
    body = body_of(cast, came_back(cast, web_shop=cast.web_shop("outlet"), shop=cast.odense))

    assert body["ShopId"] == 996002
    assert all("ItemGroupId" not in line for line in body["ItemLines"])
    assert "CustomerNumber" not in body


def test_the_words_are_those_of_the_group(cast: Cast) -> None:
    body = body_of(cast, came_back(cast), return_word="Retur", payment_out_word="Ud", discount_word="Rabat")

    assert {line["Type"] for line in body["ItemLines"]} == {"Retur"}
    assert {line["PriceAlteration"] for line in body["ItemLines"]} == {"Rabat"}
    assert [line["Direction"] for line in body["PaymentLines"]] == ["Ud"]


@pytest.mark.parametrize(
    ("paid_by", "web_shop", "transaction_type"),
    [
        ("", "nordlys", 150),
        ("", None, 150),
        ("cash", "nordlys", 102),
        ("terminal", "nordlys", 112),
        ("terminal", None, 112),
    ],
)
def test_who_pays_the_customer_decides_the_transaction_type(
    paid_by: str, web_shop: str | None, transaction_type: int, cast: Cast
) -> None:
    of = cast.web_shop(web_shop) if web_shop else None
    types = {
        "cash_transaction_type": 101,
        "terminal_transaction_type": 111,
        "cash_out_transaction_type": 102,
        "terminal_out_transaction_type": 112,
    }
    taken_back = came_back(cast, web_shop=of, paid_by=paid_by)
    body = body_of(cast, taken_back, **types)

    assert [line["TransactionType"] for line in body["PaymentLines"]] == [transaction_type]


def test_the_opposite_of_a_return_is_a_sale_of_the_same(cast: Cast) -> None:
    connection = cast.connection
    connection.cash_transaction_type = 101
    booked: SaleBody = {**body_of(cast, came_back(cast, paid_by="cash", customer_number=7)), "ReceiptId": 12}

    line = {
        "Type": "Sale",
        "Quantity": 1,
        "GrossLineAmount": "219.95",
        "WebOrderOrderNo": "W-1",
        "ItemGroupId": 9900,
        "PriceAlteration": "Discount",
        "PriceAlterationAmount": "20.00",
    }
    assert opposite_of(booked, "cash", connection) == {
        "ShopId": 996900,
        "TerminalId": 99,
        "ClerkId": 1,
        "CustomerNumber": 7,
        "ItemLines": [{**line, "VariantId": JUMPER}, {**line, "VariantId": SCARF}],
        "PaymentLines": [{"Direction": "In", "TransactionType": 101, "LineAmount": "399.90"}],
    }


def test_the_opposite_of_what_the_web_shop_refunds_keeps_the_web_shops_type(cast: Cast) -> None:
    of = cast.web_shop("nordlys")
    of.transaction_type = 155
    [paid] = opposite_of(body_of(cast, came_back(cast, web_shop=of)), "", cast.connection)["PaymentLines"]

    assert paid == {"Direction": "In", "TransactionType": 155, "LineAmount": "399.90"}


money = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)
pieces_sold = st.lists(
    st.builds(SoldPiece, st.integers(1, 99_999_999), money, money), min_size=1, max_size=9
)  # fmt: skip


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sold=pieces_sold, before=st.booleans())
def test_whatever_was_sold_comes_back_for_the_same_and_goes_again_for_the_same(
    sold: list[SoldPiece], before: bool, cast: Cast
) -> None:
    connection = cast.connection
    connection.gross_before_discount = before
    made = delivery(cast, pieces=sold)
    there = sale_body(made, turnover_of(made.web_shop, made.shop, by_ddd=False), connection)
    taken_back = came_back(cast, pieces=[ReturnedPiece(piece, 5) for piece in sold])
    back = body_of(cast, taken_back, gross_before_discount=before)

    assert opposite_of(back, "", connection) == there
    assert taken_back.amount == Decimal(back["PaymentLines"][0]["LineAmount"])


# --- booking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("web_shop", "transfers_by", "shop_id", "sold_in", "moves_to"),
    [
        ("nordlys", "portal", 996001, 996900, 996001),
        ("nordlys", "portal", 996002, 996900, 996002),
        ("nordlys", "portal", 996900, 996900, None),
        ("nordlys", "ddd", 996001, 996900, None),
        ("outlet", "portal", 996002, 996002, None),
        (None, "portal", 996003, 996003, None),
    ],
)
def test_the_turnover_rule_of_a_return(
    web_shop: str | None,
    transfers_by: str,
    shop_id: int,
    sold_in: int,
    moves_to: int | None,
    cast: Cast,
) -> None:
    """Where the return sale goes, and to which shop the pieces move from the turnover shop."""
    of = cast.web_shop(web_shop) if web_shop else None
    if of:
        of.transfers_by = WebShop.TransfersBy(transfers_by)

    sale = book_return(came_back(cast, web_shop=of, shop=cast.shop(shop_id)), NOW)

    assert (sale.shop.shop_id, sale.amount, sale.currency) == (sold_in, Decimal("-399.90"), "DKK")
    assert (sale.posting.kind, sale.posting.action_key) == ("return", "return:return:W-1")
    moved = [
        (each.sender.shop_id, each.recipient.shop_id, each.pieces) for each in ItemTransfer.objects.all()
    ]
    assert moved == ([(996900, moves_to, 2)] if moves_to else [])


def test_equal_pieces_come_back_as_one_item_with_their_number(cast: Cast) -> None:
    pieces = [ReturnedPiece(SoldPiece(number, Decimal(10), Decimal(10)), 1) for number in (SCARF, CAP, SCARF)]
    book_return(came_back(cast, pieces=pieces), NOW)

    transfer = ItemTransfer.objects.get()
    assert transfer.posting.payload == {
        "ShopIdSender": 996900,
        "ShopIdRecipient": 996001,
        "Items": [{"VariantId": SCARF, "Quantity": 2}, {"VariantId": CAP, "Quantity": 1}],
    }
    assert (transfer.pieces, transfer.order_no) == (3, "W-1")


def test_nothing_of_a_return_is_due_before_its_time_to_cancel_is_over(cast: Cast) -> None:
    book_return(came_back(cast), NOW)

    assert set(Posting.objects.values_list("not_before", flat=True)) == {NOW + MINUTE}
    assert dispatch.claim(cast.nordlys.pk, NOW + MINUTE - timedelta(microseconds=1)) is None
    assert dispatch.claim(cast.nordlys.pk, NOW + MINUTE) is not None


def test_the_same_return_cannot_be_booked_twice(cast: Cast) -> None:
    book_return(came_back(cast), NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        book_return(came_back(cast), NOW)

    assert (Sale.objects.count(), ItemTransfer.objects.count(), Posting.objects.count()) == (1, 1, 2)
    assert not ReceiptSeries.objects.exists()


def test_a_group_that_is_not_connected_books_nothing(cast: Cast) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    nordlys = Group.objects.get(pk=cast.nordlys.pk)
    words = "Nordlys is not connected to DdD yet, so nothing can be booked"
    with pytest.raises(Conflict, match=words):
        book_return(came_back(cast, group=nordlys), NOW)
    with pytest.raises(Conflict, match=words):
        book_delivery(delivery(cast, group=nordlys), NOW)

    assert not Posting.objects.exists()
    assert not Sale.objects.exists()


# --- in DdD -----------------------------------------------------------------------------------------------


def test_a_return_is_in_ddd_under_the_next_receipt_number(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    clock = Clock()
    book_delivery(delivery(booked_cast), clock())
    book_return(came_back(booked_cast, paid_by="terminal"), clock())

    drain_to_the_end(booked_cast.nordlys.pk, clock)

    there, back = sandbox.ledger()["sales"]
    assert (there["ReceiptId"], back["ReceiptId"]) == (1, 2)
    assert [line["Type"] for line in back["ItemLines"]] == ["Return", "Return"]
    assert [line["ReturnCode"] for line in back["ItemLines"]] == [3, 0]
    assert back["PaymentLines"] == [{"Direction": "Out", "TransactionType": 110, "LineAmount": 399.9}]
    moved = [
        (row["ShopIdSender"], row["ShopIdRecipient"], len(row["Items"]))
        for row in sandbox.ledger()["transfers"]
    ]
    assert moved == [(996001, 996900, 2), (996900, 996001, 2)]
    assert set(Posting.objects.values_list("state", flat=True)) == {"sent"}


def test_a_reversal_is_the_opposite_of_what_was_booked_whatever_was_set_otherwise_since(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    cast, clock = booked_cast, Clock()
    book_return(came_back(cast, paid_by="cash"), clock())
    drain_to_the_end(cast.nordlys.pk, clock)
    web_shop = cast.web_shop("nordlys")
    web_shop.turnover_shop, web_shop.turnover_item_group = None, None
    web_shop.save()

    with transaction.atomic():
        book_reversal(cast.nordlys, "return:W-1", "return-reversed:W-1", "cash", clock())
    drain_to_the_end(cast.nordlys.pk, clock)

    back, again = sandbox.ledger()["sales"]
    assert (again["ShopId"], again["ReceiptId"]) == (996900, 2)
    assert [line["Type"] for line in again["ItemLines"]] == ["Sale", "Sale"]
    assert [line["ItemGroupId"] for line in again["ItemLines"]] == [9900, 9900]
    assert not any("ReturnCode" in line for line in again["ItemLines"])
    assert again["PaymentLines"] == [{"Direction": "In", "TransactionType": 100, "LineAmount": 399.9}]
    assert back["PaymentLines"] == [{"Direction": "Out", "TransactionType": 100, "LineAmount": 399.9}]
    moved = [(row["ShopIdSender"], row["ShopIdRecipient"]) for row in sandbox.ledger()["transfers"]]
    assert moved == [(996900, 996001), (996001, 996900)]
    assert list(Sale.objects.order_by("pk").values_list("amount", "receipt_id", "posting__action_key")) == [
        (Decimal("-399.90"), 1, "return:return:W-1"),
        (Decimal("399.90"), 2, "sale:return-reversed:W-1"),
    ]


@pytest.mark.parametrize(("given_up", "left"), [("return", "transfer"), ("transfer", "sale")])
def test_what_a_person_gave_up_is_not_reversed(given_up: str, left: str, cast: Cast) -> None:
    book_return(came_back(cast), NOW)
    Posting.objects.update(state=State.SENT)
    Posting.objects.filter(kind=given_up).update(state=State.GIVEN_UP)
    assert outbox.all_settled(cast.nordlys, "return:W-1")

    book_reversal(cast.nordlys, "return:W-1", "return-reversed:W-1", "", NOW)

    [made] = Posting.objects.filter(action_key__contains="return-reversed")
    assert (made.kind, made.action_key) == (left, f"{left}:return-reversed:W-1")


def test_what_has_no_opposite_that_anybody_has_said_is_not_reversed_as_something_else(cast: Cast) -> None:
    book_return(came_back(cast), NOW)
    Posting.objects.update(state=State.SENT)
    Posting.objects.filter(kind="transfer").update(kind="telegram")

    with pytest.raises(NotImplementedError, match="telegram"), transaction.atomic():
        book_reversal(cast.nordlys, "return:W-1", "return-reversed:W-1", "", NOW)

    assert not Posting.objects.filter(action_key__contains="return-reversed").exists()


@pytest.mark.parametrize("kind", ["return", "transfer"])
@pytest.mark.parametrize(
    ("state", "sent", "nothing_sent", "settled"),
    [
        (State.WAITING, False, True, False),
        (State.WAITING, True, False, False),
        (State.IN_FLIGHT, False, False, False),
        (State.UNCERTAIN, True, False, False),
        (State.REJECTED, True, False, False),
    ],
)
def test_how_far_a_return_is_decides_how_it_can_end(
    kind: str, state: Posting.State, sent: bool, nothing_sent: bool, settled: bool, cast: Cast
) -> None:
    book_return(came_back(cast), NOW)
    Posting.objects.filter(kind=kind).update(state=state, first_sent_at=NOW if sent else None)

    assert outbox.nothing_sent(cast.nordlys, "return:W-1") is nothing_sent
    assert outbox.all_settled(cast.nordlys, "return:W-1") is settled
