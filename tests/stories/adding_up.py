"""What must be true of DdD's ledger and of the portal's once all is sent, whatever happened before."""

from collections import Counter, defaultdict
from decimal import Decimal

from ddd.models import Posting, Sale
from orders.models import OrderEvent, RefundDue
from orders.states import Status
from returns.models import Return, ReturnedPiece
from returns.policy import Outcome
from tests.factories import again
from tests.stories.counter import Counters
from tests.stories.expected import SHOPS, TURNOVER, Back, Known, goes_to_the_shelf
from tests.stories.ledger import (
    money_of_orders,
    pieces_in_shops,
    receipts_in,
    sales_in,
    transfers_in,
    turnover_of_orders,
)

State, Kind = Posting.State, OrderEvent.Kind


def assert_it_adds_up(counters: Counters) -> None:
    ledger = counters.sandbox.ledger()

    # Each action is there once, with its shop, pieces, prices, codes, words and payment, and nothing else.
    assert Counter(sales_in(ledger)) == +counters.sales
    assert Counter(transfers_in(ledger)) == +counters.transfers
    states = Posting.objects.exclude(state=State.WITHDRAWN).values_list("state", flat=True)
    assert set(states) == {State.SENT}
    for numbers_given in receipts_in(ledger).values():
        assert numbers_given == list(range(1, len(numbers_given) + 1))

    # So it adds up: by order the money, by shop and variant the pieces; the turnover shop never keeps any.
    assert {no: money for no, money in money_of_orders(ledger).items() if money} == amounts_delivered(
        counters.orders
    )
    assert {no: money for no, money in turnover_of_orders(ledger).items() if money} == amounts_delivered(
        counters.orders
    )
    there = {place: count for place, count in counters.in_shops.items() if count}
    assert pieces_in_shops(ledger) == there
    assert not any(shop == TURNOVER for shop, _variant in there)

    # The portal's own books say the same, under the same receipt numbers; what was withdrawn was never sent.
    kept: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in Sale.objects.all():
        kept[sale.order_no] += sale.amount
    assert {no: money for no, money in kept.items() if money} == amounts_delivered(counters.orders)
    numbered = Sale.objects.values_list("shop__shop_id", "terminal_id", "receipt_id")
    assert sorted(numbered) == sorted(
        (sale["ShopId"], sale["TerminalId"], sale["ReceiptId"]) for sale in ledger["sales"]
    )
    assert not Posting.objects.filter(state=State.WITHDRAWN, first_sent_at__isnull=False).exists()

    for known in counters.orders:
        assert_the_portal_knows(known, counters.returns)
    assert_the_web_shop_owes_what_no_register_paid(counters.returns)


def amounts_delivered(orders: list[Known]) -> dict[str, Decimal]:
    return {known.order_no: known.worth(known.with_customer) for known in orders if known.with_customer}


def assert_the_portal_knows(known: Known, returns: list[Back]) -> None:
    order, theirs = again(known.order), [one for one in returns if one.known is known]
    back = {line: SHOPS[one.shop] for one in theirs if one.standing for line in one.lines}
    told = Counter(order.events.values_list("kind", flat=True))
    assert told[Kind.TAKEN_BACK] == len(theirs)
    ended = told[Kind.RETURN_CANCELLED] + told[Kind.RETURN_REVERSED]
    assert ended == sum(not one.standing for one in theirs)
    if not known.is_delivered:
        assert order.status == Status.PICKED
        return
    assert order.status == (Status.DELIVERED if known.with_customer else Status.RETURNED)
    assert {line.pk: line.status for line in order.lines.all()} == {
        **dict.fromkeys(known.with_customer, Status.DELIVERED),
        **dict.fromkeys(back, Status.RETURNED),
    }
    counting = ReturnedPiece.objects.filter(line__order=order, counts=True).values_list("line", flat=True)
    assert sorted(counting) == sorted(back)
    # Pieces to put back are listed in the shop that took them, and nowhere once the customer has them again.
    lies = order.lines.filter(to_put_back=True).values_list("pk", "put_back_shop__shop_id")
    assert dict(lies) == {line: shop for line, shop in back.items() if goes_to_the_shelf(line)}


def assert_the_web_shop_owes_what_no_register_paid(returns: list[Back]) -> None:
    assert Return.objects.count() == len(returns)
    assert Return.objects.filter(state=Return.State.BOOKED).count() == sum(one.standing for one in returns)
    refunds = {one.taken_back.pk: (one.entry.sale.amount, one.refund) for one in returns if one.refund}
    rows = RefundDue.objects.values_list("taken_back", "amount", "state")
    assert {pk: (amount, state) for pk, amount, state in rows} == refunds
    assert all(bool(one.refund) == (one.outcome == Outcome.WEB_SHOP) for one in returns)
