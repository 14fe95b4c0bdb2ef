"""The nightly comparison: does DdD have everything that shops did, once, in the right place, and nothing
else?

DdD is read first and the portal's rows after that, so that what happens in between is known here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Group
from core.stopping import Stopped
from ddd.api.bodies import OrderBody
from ddd.api.client import OrderBatch
from ddd.api.http import DddError, wire_to
from ddd.lookup import order_lists
from ddd.models import Connection, Posting
from ddd.nightly import books, reconciling, rehearsed
from ddd.nightly.books import Period
from ddd.nightly.comparing import (
    Books,
    ExpectedSale,
    ExpectedTransfer,
    compare_sales,
    compare_transfers,
    sales_of_nobody,
)
from ddd.nightly.reconciling import Outcome
from ddd.words.differences import OF_ORDERS, Difference, Kind
from orders.differences import OurOrder, SentOrder, compare_orders, compare_sent
from orders.models import Line, WebOrder
from orders.states import Status

AT_ONCE = 500
GONE_OUT = (Status.DELIVERED, Status.RETURNED)


def reconcile(group_id: int, now: datetime) -> bool:
    """Writes today's report of a Group. False when another worker does it, or the Group has no connection."""
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    if connection is None or connection.live_at is None:
        return False
    report = reconciling.claim(connection.group, now)
    if report is None:
        return False
    try:
        outcome = compare(connection, now)
    except Stopped:
        reconciling.put_off(report, now)
        raise
    return reconciling.keep(report, outcome, now)


def compare(connection: Connection, now: datetime) -> Outcome:
    """All differences of the last 30 days, without shops that DdD refuses; none when DdD did not answer."""
    period = books.period_until(now)
    try:
        listed = order_lists.read_orders(connection, period.since, period.since).all
        with wire_to(connection) as wire:
            shown = books.read_books(wire, connection, period)
        return _compared(connection, period, listed, shown, now)
    except DddError as trouble:
        return Outcome(period.since, trouble=trouble.cause)


def _compared(
    connection: Connection, period: Period, listed: OrderBatch, shown: Books, now: datetime
) -> Outcome:
    group = connection.group
    sales = books.expected_sales(group, period, shown)
    transfers = [
        *books.expected_transfers(group, period, shown),
        *expected_of_tills(group, period, shown),
    ]
    books.refuse_empty_books([*sales, *transfers], shown)
    told, rehearses = books.posted_orders(group, shown), group.rehearses
    found = [
        # In a rehearsal others sell.
        *compare_sales(sales, shown, frozenset() if rehearses else told - _sold_elsewhere(group, told)),
        *(() if rehearses else _sales_of_nobody(connection, sales, listed, shown, told)),
        *compare_transfers(transfers, shown, connection.drafts_are_listed),
        *delivered_without_a_sale(group, period),
        *_orders_compared(connection, period, listed),
    ]
    compared = (
        ("shops", len(shown.read)),
        ("orders", len(listed.orders)),
        ("sales", len(sales)),
        ("transfers", len(transfers)),
        ("unreadable", len(listed.unreadable)),
    )
    beside = _beside(group, shown, told, now) if rehearses else None
    # An order that was not read may be one that differed before, or the one of an unexplained sale.
    unseen = OF_ORDERS | {Kind.SALE_OF_NOBODY} if not listed.is_whole else frozenset[Kind]()
    return Outcome(
        period.since,
        found,
        unseen,
        compared,
        refused=shown.refused,
        read=shown.read,
        rehearsed=beside,
    )


def _beside(group: Group, shown: Books, told: frozenset[str], now: datetime) -> list[rehearsed.Row]:
    """What would have been posted, beside what DdD has."""
    named = sorted({receipt.order_no for receipt in shown.named})
    return rehearsed.rows(group, shown, told | _our_orders(group, named).keys(), now)


def _sold_elsewhere(group: Group, told: frozenset[str]) -> frozenset[str]:
    """Of these orders, those whose sale somebody else has booked: DdD has it, and the portal does not."""
    found = set(books.sold_by_others(group, told))
    numbers = sorted(told)
    for start in range(0, len(numbers), AT_ONCE):
        rows = WebOrder.objects.filter(group=group, order_no__in=numbers[start : start + AT_ONCE])
        in_store = Q(order_type=WebOrder.Type.IN_STORE)  # sold before it is delivered
        elsewhere = rows.filter(Q(sale_by=WebOrder.SaleBy.ELSEWHERE) | in_store)
        found |= set(elsewhere.values_list("order_no", flat=True))
    return frozenset(found)


def _sales_of_nobody(
    connection: Connection,
    sales: Sequence[ExpectedSale],
    listed: OrderBatch,
    shown: Books,
    told: frozenset[str],
) -> Iterator[Difference]:
    """Sales of orders that neither the portal nor DdD has."""
    if not listed.is_whole:
        return
    group = connection.group
    named = {order_no for receipt in shown.receipts.values() for order_no in receipt.order_nos}
    at_ddd = {wire.order_no for wire in listed.orders}
    known = at_ddd | told | _our_orders(group, sorted(named - at_ddd - told)).keys()
    yield from sales_of_nobody(
        sales, shown, books.numbered_by_us(group), frozenset(known), connection.started_at
    )


def _orders_compared(connection: Connection, period: Period, listed: OrderBatch) -> Iterator[Difference]:
    group = connection.group
    numbers = [wire.order_no for wire in listed.orders]
    yield from compare_orders(
        listed.orders,
        _our_orders(group, numbers),
        connection.status_words,
        connection.is_for_shops,
        period.settled_by,
        connection.started_at,
    )
    if listed.is_whole:  # one that was not read may be the one that seems to be missing
        sent = (_sent_order(posting) for posting in books.orders_sent(group, period))
        yield from compare_sent(sent, frozenset(numbers))


def _our_orders(group: Group, numbers: list[str]) -> dict[str, OurOrder]:
    found = {}
    for start in range(0, len(numbers), AT_ONCE):
        rows = WebOrder.objects.filter(group=group, order_no__in=numbers[start : start + AT_ONCE])
        for order_no, status in rows.values_list("order_no", "status"):
            found[order_no] = OurOrder(order_no, status)
    return found


def _sent_order(posting: Posting) -> SentOrder:
    body: OrderBody = posting.payload
    return SentOrder(
        posting.order_no,
        posting.action_key,
        body["ShopId"],
        posting.pk,
        posting.first_sent_at or posting.made_at,
    )


def expected_of_tills(group: Group, period: Period, shown: Books) -> Iterator[ExpectedTransfer]:
    """DdD's own tills also transfer what they delivered to the turnover shop, where there is one."""
    orders = _delivered(group, period).filter(delivered_by_ddd=True, web_shop__turnover_shop__isnull=False)
    for order in orders.select_related("shop", "web_shop__turnover_shop").prefetch_related("lines__variant"):
        turnover = order.web_shop.turnover_shop if order.web_shop else None
        if turnover is None or turnover.pk == order.shop_id or order.delivered_at is None:
            continue
        lines: list[Line] = [line for line in order.lines.all() if line.status in GONE_OUT]
        yield ExpectedTransfer(
            subject=f"till:{order.order_no}",
            order_no=order.order_no,
            sender=order.shop.shop_id,
            recipient=turnover.shop_id,
            pieces=Counter(line.variant.variant_id for line in lines),
            is_required=order.shop.shop_id not in shown.refused,
            sent_at=order.delivered_at,
            by_till=True,
        )


def delivered_without_a_sale(group: Group, period: Period) -> Iterator[Difference]:
    """Orders that left the shop and have no sale in the portal's own books, although it is to book it."""
    action_key = Concat(
        Value("sale:delivery:"), Cast(OuterRef("pk"), CharField()), Value(":"), output_field=CharField()
    )
    booked = Posting.objects.filter(
        group_id=OuterRef("group_id"),
        order_no=OuterRef("order_no"),
        kind=Posting.Kind.SALE,
        action_key__startswith=action_key,
    ).exclude(state=Posting.State.WITHDRAWN)
    sold_here = _delivered(group, period).filter(sale_by=WebOrder.SaleBy.PORTAL)
    for order in sold_here.filter(~Exists(booked)).select_related("shop"):
        at = order.delivered_at or order.modified_at
        yield Difference(
            Kind.SALE_MISSING, f"delivery:{order.order_no}", order.order_no, at, order.shop.shop_id
        )


def _delivered(group: Group, period: Period) -> QuerySet[WebOrder]:
    """Filtered by shop, because that has an index."""
    return WebOrder.objects.filter(
        shop__in=group.shops.values_list("pk", flat=True),
        status__in=GONE_OUT,
        delivered_at__gte=period.since,
        delivered_at__lte=period.settled_by,
    )
