"""Pieces come back, down to DdD's ledger: who pays, whose turnover, a part or all, here or elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from accounts.models import WebShop
from core.errors import Conflict
from ddd.models import Connection, Posting
from ddd.sending import dispatch
from orders import delivery
from orders.importing import poll
from orders.models import RefundDue
from returns import desk
from returns.models import ReturnReason
from returns.policy import Outcome
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import HAND_OVER, SCARF, Cast, again, delivered, picked, received
from tests.sandbox_process import RunningSandbox
from tests.stories.ledger import (
    Booked,
    Moved,
    money_of_orders,
    ordered,
    pieces_in_shops,
    receipts_in,
    sales_in,
    transfers_in,
    turnover_of_orders,
)
from tests.stories.sixteen import (
    AARHUS,
    BASKET,
    BY_WEB_SHOP,
    CASES,
    CASH_OUT,
    DAY_17,
    HALF_OF_THEM,
    ODENSE,
    TERMINAL_OUT,
    TURNOVER,
    Case,
    amount_of,
    delivered_for,
    pieces_of,
    policy,
    return_request,
    taken_back_for,
)


@pytest.fixture
def nordlys(booked_cast: Cast, settings: Settings) -> Cast:
    """What is paid out has other transaction types than what comes in, so that a mix-up is seen."""
    settings.UNDO_SECONDS = 60
    Connection.objects.filter(group=booked_cast.nordlys).update(
        cash_out_transaction_type=CASH_OUT, terminal_out_transaction_type=TERMINAL_OUT
    )
    booked_cast.nordlys.return_reasons.all().delete()
    for words, code in (("Too small", 7), ("A hole", 42), ("Another colour", 99)):
        ReturnReason.objects.create(group=booked_cast.nordlys, words=words, return_code=code)
    return booked_cast


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_comes_back_is_booked_once_where_the_turnover_was_and_the_pieces_follow(
    case: Case, nordlys: Cast, sandbox: RunningSandbox
) -> None:
    order = delivered_for(case, nordlys)
    before = sandbox.ledger()
    taken_back = taken_back_for(case, nordlys, order)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    ledger = sandbox.ledger()

    # One return sale: the shop, the item group, the OrderNo, the amounts to the øre, the reasons' codes.
    assert ledger["sales"][:-1] == before["sales"]
    assert sales_in(ledger)[-1] == Booked(
        case.books,
        "W-1",
        "Return",
        pieces_of(case, back=True),
        "Out",
        case.transaction_type,
        amount_of(case),
    )
    posted = ledger["sales"][-1]
    assert (posted["TerminalId"], posted["ClerkId"], posted["CustomerNumber"]) == (99, 1, 4711)
    assert {line["Quantity"] for line in posted["ItemLines"]} == {1}
    assert [line.get("PriceAlteration") for line in posted["ItemLines"]] == [
        None if number == 2 else "Discount" for number in case.numbers
    ]

    # The item transfer: back from the turnover shop, and none where the shops have their own turnover.
    variants = tuple((BASKET[number - 1][0], 1) for number in case.numbers)
    assert ledger["transfers"][: len(before["transfers"])] == before["transfers"]
    assert transfers_in(ledger)[len(before["transfers"]) :] == (
        [Moved(TURNOVER, AARHUS, variants)] if case.turnover else []
    )
    assert {posting.state for posting in Posting.objects.all()} == {Posting.State.SENT}

    # No receipt number twice, and none left out.
    sold_in = TURNOVER if case.turnover else ODENSE if case.elsewhere else AARHUS
    assert receipts_in(ledger) == (
        {(case.books, 99): [1, 2]} if sold_in == case.books else {(ODENSE, 99): [1], (AARHUS, 99): [1]}
    )

    # What the portal knows of it.
    order = again(order)
    assert order.status == ("Returned" if case.whole else "Delivered")
    assert [line.status for line in order.lines.all()] == [
        "Returned" if number in case.numbers else "Delivered" for number in (1, 2, 3)
    ]
    taken_back.refresh_from_db()
    assert (taken_back.outcome, taken_back.amount, taken_back.paid_by, taken_back.shop) == (
        case.outcome,
        amount_of(case),
        case.paid_by,
        nordlys.aarhus,
    )
    due = RefundDue.objects.values_list("taken_back", "web_shop", "amount", "currency", "state")
    owed = (taken_back.pk, order.web_shop_id, amount_of(case), "DKK", "due")
    assert list(due) == ([owed] if case.outcome == Outcome.WEB_SHOP else [])


@pytest.mark.parametrize("case", HALF_OF_THEM, ids=str)
def test_a_return_that_was_wrong_is_booked_the_other_way_and_nothing_is_deleted(
    case: Case, nordlys: Cast, sandbox: RunningSandbox
) -> None:
    order = delivered_for(case, nordlys)
    sold = sandbox.ledger()
    taken_back = taken_back_for(case, nordlys, order)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    before = sandbox.ledger()

    desk.reverse(taken_back, "The wrong order", nordlys.person("manager"), DAY_17 + timedelta(days=1))
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    ledger = sandbox.ledger()

    assert ledger["sales"][:-1] == before["sales"]
    came_back, reversal = sales_in(ledger)[-2:]
    assert (reversal.shop_id, reversal.order_no) == (came_back.shop_id, "W-1")
    assert (reversal.word, reversal.direction) == ("Sale", "In")
    assert reversal.pieces == pieces_of(case, back=False)
    assert reversal.amount == amount_of(case)
    # The customer pays as they were paid; what the web shop owed them it owes no more.
    assert reversal.transaction_type == {"": BY_WEB_SHOP, "cash": 100, "terminal": 110}[case.paid_by]
    moved = transfers_in(ledger)[len(before["transfers"]) :]
    variants = tuple((BASKET[number - 1][0], 1) for number in case.numbers)
    assert moved == ([Moved(AARHUS, TURNOVER, variants)] if case.turnover else [])

    # All adds up to what it was before the return; the piece has left the shop that gave it out again.
    assert money_of_orders(ledger) == money_of_orders(sold) == {"W-1": Decimal("430.01")}
    assert turnover_of_orders(ledger) == turnover_of_orders(sold)
    assert pieces_in_shops(ledger) == pieces_in_shops(sold)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in receipts_in(ledger).values())

    order = again(order)
    assert order.status == "Delivered"
    assert {line.status for line in order.lines.all()} == {"Delivered"}
    taken_back.refresh_from_db()
    assert (taken_back.state, taken_back.ended_by) == ("reversed", nordlys.person("manager"))
    assert not taken_back.pieces.filter(counts=True).exists()
    owed = ["withdrawn"] if case.outcome == Outcome.WEB_SHOP else []
    assert list(RefundDue.objects.values_list("state", flat=True)) == owed


@pytest.mark.parametrize("case", HALF_OF_THEM, ids=str)
def test_a_return_cancelled_in_time_is_never_sent_to_ddd(
    case: Case, nordlys: Cast, sandbox: RunningSandbox
) -> None:
    clock = Clock()
    order = delivered_for(case, nordlys, clock() - timedelta(hours=1))
    before = sandbox.ledger()
    taken_back = taken_back_for(case, nordlys, order, clock())
    clock.forward(59)
    assert dispatch.drain(nordlys.nordlys.pk, clock) == 0
    desk.cancel(taken_back, "The wrong order", nordlys.person("manager"), clock())
    clock.forward(3600)
    drain_to_the_end(nordlys.nordlys.pk, clock)

    assert sandbox.ledger() == before
    order = again(order)
    assert order.status == "Delivered"
    assert {line.status for line in order.lines.all()} == {"Delivered"}
    taken_back.refresh_from_db()
    assert (taken_back.state, taken_back.ended_why) == ("cancelled", "The wrong order")
    assert not taken_back.pieces.filter(counts=True).exists()
    owed = ["withdrawn"] if case.outcome == Outcome.WEB_SHOP else []
    assert list(RefundDue.objects.values_list("state", flat=True)) == owed

    # What comes back after all has the next receipt number: the cancelled return left no gap.
    taken_back_for(case, nordlys, order, clock())
    clock.forward(60)
    drain_to_the_end(nordlys.nordlys.pk, clock)
    ledger = sandbox.ledger()
    assert len(ledger["sales"]) == len(before["sales"]) + 1
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in receipts_in(ledger).values())


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("turnover", [True, False])
def test_what_ddds_till_delivered_comes_back_like_any_other(
    nordlys: Cast, sandbox: RunningSandbox, outcome: Outcome, turnover: bool
) -> None:
    """DdD's till moved the pieces when they went; nobody but the portal moves them back."""
    case, moment = Case(outcome, turnover, whole=False, elsewhere=False), datetime.now(UTC)
    policy(nordlys, outcome)
    new = ordered("W-1", AARHUS, BASKET, customer_number=4711)
    order = received(nordlys, new, "nordlys" if turnover else "outlet", now=moment)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    sandbox.till_delivers("W-1")
    assert poll(nordlys.nordlys.pk, datetime.now(UTC)) is not None
    clock = Clock()
    drain_to_the_end(nordlys.nordlys.pk, clock)
    order = again(order)
    assert (order.status, order.delivered_by_ddd) == ("Delivered", True)

    taken_back_for(case, nordlys, order, clock())
    clock.forward(60)
    drain_to_the_end(nordlys.nordlys.pk, clock)

    ledger = sandbox.ledger()
    sale, came_back = sales_in(ledger)
    assert sale.word == "Sale"
    assert came_back == Booked(
        case.books,
        "W-1",
        "Return",
        pieces_of(case, back=True),
        "Out",
        case.transaction_type,
        Decimal("309.96"),
    )
    assert [(row["made_by"], row["ShopIdSender"], row["ShopIdRecipient"]) for row in ledger["transfers"]] == (
        [("till", AARHUS, TURNOVER), ("api", TURNOVER, AARHUS)] if turnover else []
    )
    assert pieces_in_shops(ledger) == {(AARHUS, SCARF): -1}
    assert money_of_orders(ledger) == {"W-1": Decimal("120.05")}


def test_a_piece_that_comes_back_before_its_sale_was_sent_is_booked_after_it(
    nordlys: Cast, sandbox: RunningSandbox
) -> None:
    """The customer comes back at once, within the minute in which a delivery can be undone."""
    case, clock = Case(Outcome.REGISTER, turnover=True, whole=True, elsewhere=False), Clock()
    order = picked(nordlys, new=ordered("W-1", AARHUS, BASKET, customer_number=4711))
    delivery.deliver(order, HAND_OVER, nordlys.person("aarhus"), clock())
    clock.forward(30)
    taken_back_for(case, nordlys, again(order), clock())
    with pytest.raises(Conflict):
        delivery.undo(again(order), nordlys.person("aarhus"), clock())
    drain_to_the_end(nordlys.nordlys.pk, clock)

    ledger = sandbox.ledger()
    assert [(sale.word, sale.amount) for sale in sales_in(ledger)] == [
        ("Sale", Decimal("430.01")),
        ("Return", Decimal("430.01")),
    ]
    assert [sale["ReceiptId"] for sale in ledger["sales"]] == [1, 2]
    assert [(row.sender, row.recipient) for row in transfers_in(ledger)] == [
        (AARHUS, TURNOVER),
        (TURNOVER, AARHUS),
    ]
    assert not pieces_in_shops(ledger)


@pytest.mark.parametrize("paid_by", ["cash", "terminal"])
def test_what_was_paid_at_a_register_comes_back_from_a_register(
    nordlys: Cast, sandbox: RunningSandbox, paid_by: str
) -> None:
    """The web shop never had this money, so it owes none, although this policy lets no register pay."""
    policy(nordlys, Outcome.WEB_SHOP)
    new = ordered("W-1", AARHUS, BASKET, is_paid=False)
    order = delivered(nordlys, new=new, hand_over=replace(HAND_OVER, paid_by=paid_by))
    desk.take_back(
        order, nordlys.aarhus, return_request(order, (2,), "cash"), nordlys.person("aarhus"), DAY_17
    )
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    came_back = sales_in(sandbox.ledger())[-1]
    assert (came_back.word, came_back.direction, came_back.transaction_type, came_back.amount) == (
        "Return",
        "Out",
        CASH_OUT,
        Decimal("120.05"),
    )
    assert not RefundDue.objects.exists()


def test_what_comes_back_in_two_turns_adds_up_to_the_whole(nordlys: Cast, sandbox: RunningSandbox) -> None:
    """The register pays for the first; for the second, elsewhere and the day after, it may no more."""
    order = delivered(nordlys, new=ordered("W-1", AARHUS, BASKET))
    policy(nordlys, Outcome.REGISTER)
    first = return_request(order, (1, 3), "cash")
    desk.take_back(order, nordlys.aarhus, first, nordlys.person("aarhus"), DAY_17)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    assert again(order).status == "Delivered"

    policy(nordlys, Outcome.WEB_SHOP)
    second, day_18 = return_request(order, (2,)), DAY_17 + timedelta(days=1)
    desk.take_back(again(order), nordlys.odense, second, nordlys.person("odense"), day_18)
    drain_to_the_end(nordlys.nordlys.pk, Clock())

    ledger = sandbox.ledger()
    assert [(sale.word, sale.transaction_type, sale.amount) for sale in sales_in(ledger)] == [
        ("Sale", BY_WEB_SHOP, Decimal("430.01")),
        ("Return", CASH_OUT, Decimal("309.96")),
        ("Return", BY_WEB_SHOP, Decimal("120.05")),
    ]
    assert receipts_in(ledger) == {(TURNOVER, 99): [1, 2, 3]}
    assert money_of_orders(ledger) == turnover_of_orders(ledger) == {"W-1": 0}
    # The scarf went in Aarhus and lies in Odense now.
    assert pieces_in_shops(ledger) == {(AARHUS, SCARF): -1, (ODENSE, SCARF): 1}
    assert again(order).status == "Returned"
    assert RefundDue.objects.get().amount == Decimal("120.05")


def test_where_ddd_makes_the_transfers_the_portal_makes_none_either_way(
    nordlys: Cast, sandbox: RunningSandbox
) -> None:
    WebShop.objects.filter(name="nordlys").update(transfers_by=WebShop.TransfersBy.DDD)
    case = Case(Outcome.WEB_SHOP, turnover=True, whole=True, elsewhere=False)
    order = delivered_for(case, nordlys)
    taken_back = taken_back_for(case, nordlys, order)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    desk.reverse(taken_back, "The wrong order", nordlys.person("manager"), DAY_17 + timedelta(days=1))
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    ledger = sandbox.ledger()
    assert [(sale.shop_id, sale.word) for sale in sales_in(ledger)] == [
        (TURNOVER, "Sale"),
        (TURNOVER, "Return"),
        (TURNOVER, "Sale"),
    ]
    assert not ledger["transfers"]


def test_every_answer_that_is_lost_leaves_a_return_booked_once(
    nordlys: Cast, sandbox: RunningSandbox
) -> None:
    """What DdD shows of money paid out is read back as such: nothing is sent twice, nothing asks a person."""
    case = Case(Outcome.REGISTER, turnover=True, whole=True, elsewhere=True)
    order = delivered_for(case, nordlys)
    sandbox.fault("lose the answer after committing", on="posts")
    taken_back = taken_back_for(case, nordlys, order)
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    desk.reverse(taken_back, "The wrong order", nordlys.person("manager"), DAY_17 + timedelta(days=1))
    drain_to_the_end(nordlys.nordlys.pk, Clock())
    ledger = sandbox.ledger()
    assert [sale.word for sale in sales_in(ledger)] == ["Sale", "Return", "Sale"]
    assert [(row.sender, row.recipient) for row in transfers_in(ledger)] == [
        (ODENSE, TURNOVER),
        (TURNOVER, AARHUS),
        (AARHUS, TURNOVER),
    ]
    assert {posting.state for posting in Posting.objects.all()} == {Posting.State.SENT}
    assert not Posting.objects.filter(needs_attention=True).exists()
