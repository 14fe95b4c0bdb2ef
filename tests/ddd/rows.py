"""Rows of the outbox as the verbs write them, and a clock that a test moves."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

import httpx2
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Group
from ddd.api.bodies import Item, TransferBody
from ddd.booking import outbox
from ddd.booking.bookkeeping import Delivery, SoldPiece, Turnover, book_sale
from ddd.booking.returning import ReturnBooking, ReturnedPiece, book_return
from ddd.models import Connection, Difference, Posting
from ddd.nightly import reconciling
from ddd.sending import dispatch
from ddd.words.differences import Difference as ComparedDifference
from ddd.words.differences import Kind
from orders.intake import body_for_ddd
from tests.factories import JUMPER, SCARF, Cast, new_order
from tests.passing_time import let_leases_age
from tests.sandbox_process import RunningSandbox

State = Posting.State
SEND, READ = "send", "read back"
KINDS = ("order", "sale", "transfer")
ASKING = httpx2.Client()
# At the first of them a call whose caller gave up may not even be read yet; asking twice lets it be read.
LOOKS_AT_REST = 2
LEDGER = {"order": "orders", "sale": "sales", "transfer": "transfers"}


class Clock:
    """Begins now, because DdD's stand-in books by the real day, and stands until it is moved; then leases
    age as well."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.to(self.now + timedelta(seconds=seconds))

    def to(self, moment: datetime) -> None:
        let_leases_age(moment - self.now)
        self.now = moment


def order_row(cast: Cast, now: datetime, order_no: str = "W-1", web_shop: str = "nordlys") -> Posting:
    """A web order of one jumper and one scarf."""
    new = new_order(order_no)
    variants = [cast.web_shop(web_shop).group.variants.get(variant_id=line.variant_id) for line in new.lines]
    with transaction.atomic():
        return outbox.post_order(cast.web_shop(web_shop), order_no, body_for_ddd(new, variants), now)


def delivery(cast: Cast, order_no: str = "W-1", price: str = "199.95", **more: Any) -> Delivery:
    """A jumper and a scarf, each 20.00 below its list price, collected in Aarhus."""
    pieces = [SoldPiece(number, Decimal(price) + 20, Decimal(price)) for number in (JUMPER, SCARF)]
    data: dict[str, Any] = {
        "action_key": f"delivery:{order_no}",
        "order_no": order_no,
        "group": cast.nordlys,
        "web_shop": cast.web_shop("nordlys"),
        "shop": cast.aarhus,
        "pieces": pieces,
        "customer_number": 0,
        "paid_at_register": "",
        "by_ddd": False,
    }
    return Delivery(**(data | more))


def sale_row(cast: Cast, now: datetime, order_no: str = "W-1", price: str = "199.95", **more: Any) -> Posting:
    """A sale to the turnover shop; it gets its receipt number when it is sent."""
    turnover = Turnover(cast.turnover_shop, 9900, transfer=True)
    with transaction.atomic():
        return book_sale(delivery(cast, order_no, price, **more), turnover, cast.connection, now).posting


def return_row(cast: Cast, now: datetime, order_no: str = "W-1", price: str = "199.95") -> Posting:
    """A return of the same pieces, for which the web shop pays; no item transfer."""
    sold = [ReturnedPiece(piece, 1) for piece in delivery(cast, order_no, price).pieces]
    taken_back = ReturnBooking(
        action_key=f"return:{order_no}",
        order_no=order_no,
        group=cast.nordlys,
        web_shop=cast.web_shop("nordlys"),
        shop=cast.turnover_shop,
        pieces=sold,
        customer_number=0,
        paid_by="",
        time_to_cancel=timedelta(),
    )
    with transaction.atomic():
        return book_return(taken_back, now).posting


def transfer_row(
    cast: Cast, now: datetime, order_no: str = "W-1", variants: Sequence[int] = (JUMPER, SCARF)
) -> Posting:
    """Pieces that go from Aarhus to the turnover shop."""
    items: list[Item] = [{"VariantId": variant, "Quantity": 1} for variant in variants]
    body: TransferBody = {"ShopIdSender": 996001, "ShopIdRecipient": 996900, "Items": items}
    with transaction.atomic():
        return outbox.post_transfer(cast.nordlys, f"delivery:{order_no}", order_no, body, now)


def row(kind: str, cast: Cast, now: datetime, order_no: str = "W-1") -> Posting:
    makers: dict[str, Callable[[Cast, datetime, str], Posting]]
    makers = {"order": order_row, "sale": sale_row, "transfer": transfer_row}
    return makers[kind](cast, now, order_no)


def a_difference(group: Group, kind: Kind = Kind.SALE_TWICE, **kwargs: Any) -> Difference:
    """A difference as a complete nightly comparison stores it."""
    now = timezone.now()
    report = reconciling.claim(group, now)
    assert report is not None
    usual: dict[str, Any] = {"subject": "delivery:1", "order_no": "W-1", "about_at": now}
    found = ComparedDifference(kind, **(usual | kwargs))
    assert reconciling.keep(report, reconciling.Outcome(now - timedelta(days=29), [found]), now)
    return Difference.objects.get(group=group, kind=kind, subject=found.subject)


def calls(posting: Posting) -> list[tuple[str, str]]:
    """The purpose and outcome of each attempt at a posting, in order."""
    return list(posting.attempts.values_list("purpose", "outcome"))


def undecided(group_id: int) -> QuerySet[Posting]:
    """The postings that workers still have to handle: not those behind one that waits for a person."""
    open_states = [State.WAITING, State.IN_FLIGHT, State.UNCERTAIN]
    in_front = Posting.objects.filter(
        group_id=group_id, order_no=OuterRef("order_no"), pk__lt=OuterRef("pk"), needs_attention=True
    )
    rows = Posting.objects.filter(group_id=group_id, state__in=open_states, needs_attention=False)
    return rows.exclude(Exists(in_front))


def next_due(group_id: int, now: datetime) -> datetime:
    """When a worker can go on: what is due already waits for another of its lane, or DdD is left alone."""
    due = undecided(group_id).filter(not_before__gt=now).aggregate(at=Min("not_before"))["at"]
    rests_until = Connection.objects.values_list("sends_rest_until", flat=True).get(group_id=group_id)
    return max(due or now, rests_until or now)


def drain_to_the_end(group_id: int, clock: Clock, rounds: int = 40) -> None:
    """Drains again and again, each time when the next posting is due, until workers have nothing to do."""
    for _round in range(rounds):
        dispatch.drain(group_id, clock)
        if not undecided(group_id):
            return
        clock.to(next_due(group_id, clock()))
    raise AssertionError(f"not at an end after {rounds} rounds: {list(undecided(group_id))}")


def count_calls(sandbox: RunningSandbox) -> None:
    """Used before any fault, so that `wait_until_at_rest` knows which calls are under way."""
    sandbox.fault("503", every=10**9)


def wait_until_at_rest(sandbox: RunningSandbox) -> None:
    """Returns when DdD has done all that it was asked, also for callers that gave up: its quiet time."""
    began = monotonic()
    looks_at_rest = 0
    while looks_at_rest < LOOKS_AT_REST:
        finished = ASKING.get(f"{sandbox.url}/healthz").json()["calls"]
        seen = ASKING.get(f"{sandbox.url}/faults").json()[0]["seen"]
        looks_at_rest = looks_at_rest + 1 if seen == finished else 0
        assert monotonic() - began < 30, "the sandbox does not come to rest"
