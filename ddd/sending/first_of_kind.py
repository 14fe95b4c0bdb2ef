"""The first posting of a kind goes out alone; the others wait until a person has looked at it in DdD.

So a wrong setting costs one posting, and not a day's. First is the first of a Group, and the first by other
settings than before: the values that a posting is booked with, so also the first sale paid in cash, whose
transaction type nobody has seen in DdD yet. Web shops with equal settings have one first posting together.
What goes out by settings that were called right waits for no other one.

A `FirstPosting` is stored in the transaction that stores that its posting goes out, under a unique
constraint: of two workers one is first, and the other's posting waits.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q, QuerySet

from accounts.models import User, WebShop
from ddd.booking import outbox
from ddd.booking.bookkeeping import connection_of
from ddd.booking.payments import money_in_type, money_out_type
from ddd.models import Attempt, Connection, FirstPosting, Posting
from ddd.models.connection import CashBooking
from ddd.sending.decisions import decided_already
from ddd.sending.kinds import UnknownKind, kind_of

Kind = FirstPosting.Kind
State = FirstPosting.State
_UNSEEN: Final = {"decided_at": None, "decided_by": None, "looked_at": None, "listed_at": None}
ENDED_UNSEEN: Final = (Posting.State.GIVEN_UP, Posting.State.WITHDRAWN)


@dataclass(frozen=True)
class Used:
    """Whose settings a posting goes out by: the Group's, its web shop's, and those of how it is paid."""

    connection: Connection
    web_shop: WebShop | None = None
    paid_at: str | None = None


Settings = Mapping[str, Callable[[Used], object]]
ADDRESS: Final[Settings] = {"Address": lambda used: _address(used.connection)}
BOOKED: Final[Settings] = {
    **ADDRESS,
    "TerminalId": lambda used: used.connection.terminal_id,
    "FirstReceiptId": lambda used: used.connection.first_receipt,
    "ClerkId": lambda used: used.connection.clerk_id,
    "DiscountWord": lambda used: used.connection.discount_word,
    "GrossBeforeDiscount": lambda used: used.connection.gross_before_discount,
    "TurnoverShop": lambda used: _turnover_shop(used.web_shop),
    "ItemGroupId": lambda used: used.web_shop.turnover_item_group if used.web_shop else None,
}
OUT: Final[Settings] = {
    **BOOKED,
    "LineWord": lambda used: used.connection.return_word,
    "MoneyWord": lambda used: used.connection.payment_out_word,
    "TransactionType": lambda used: _type_of(money_out_type, used),
}
# All that a posting of each kind depends on; what is not here can be changed without anybody looking.
SETTINGS: Final[Mapping[Kind, Settings]] = {
    Kind.SALE: {
        **BOOKED,
        "LineWord": lambda used: used.connection.sale_word,
        "MoneyWord": lambda used: used.connection.payment_in_word,
        "TransactionType": lambda used: _type_of(money_in_type, used),
    },
    Kind.RETURN: OUT,
    Kind.PAY_OUT: OUT,
    Kind.TRANSFER: {**ADDRESS, "TurnoverShops": lambda used: _turnover_shops(used.connection)},
    Kind.CHANGE: ADDRESS,
}


def _address(connection: Connection) -> str:
    return connection.base_url if connection.routes_under_api else f"{connection.base_url} without /api/"


def _turnover_shop(web_shop: WebShop | None) -> int | None:
    return web_shop.turnover_shop.shop_id if web_shop and web_shop.turnover_shop else None


def _turnover_shops(connection: Connection) -> list[int]:
    shops = WebShop.objects.filter(group_id=connection.group_id, turnover_shop__isnull=False).order_by()
    return sorted(shops.values_list("turnover_shop__shop_id", flat=True).distinct())


def _type_of(type_of: Callable[[str, WebShop | None, Connection], int], used: Used) -> int | None:
    """None where it is not known who took the money: then no setting says it."""
    return None if used.paid_at is None else type_of(used.paid_at, used.web_shop, used.connection)


def first_kind_of(posting: Posting) -> Kind | None:
    """As its kind says; None of one that this version does not know: it is not sent anyway."""
    try:
        return kind_of(posting).first_of(posting)
    except UnknownKind:
        return None


def _cash_booking(used: Used) -> tuple[str, int | None] | None:
    """None where DdD is told the exact amount, as before there was a choice: that needs no new look."""
    connection = used.connection
    if used.paid_at != "cash" or connection.cash_booking == CashBooking.EXACT:
        return None
    return connection.cash_booking, connection.cash_rounding_type


def settings_of(posting: Posting, kind: Kind, connection: Connection) -> dict[str, object]:
    """The settings that a posting goes out by today."""
    if posting.kind in (Posting.Kind.SALE, Posting.Kind.RETURN):
        used = Used(connection, posting.sale.web_shop, posting.sale.paid_at)
    else:
        used = Used(connection)
    found = {name: read(used) for name, read in SETTINGS[kind].items()}
    rounded = _cash_booking(used)
    return {**found, "CashRounding": rounded} if rounded else found


def fingerprint(settings: Mapping[str, object]) -> str:
    """The same for the same settings."""
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def like(posting: Posting) -> Q:
    """The postings that go out by the same settings as this one."""
    if posting.kind in (Posting.Kind.SALE, Posting.Kind.RETURN):
        sale = posting.sale
        return Q(kind=posting.kind, sale__web_shop=sale.web_shop_id, sale__paid_at=sale.paid_at)
    return Q(kind=posting.kind)


def in_front_of(posting: Posting, connection: Connection) -> FirstPosting | None:
    """The first one of its kind, when this posting waits until somebody has looked at that. None for the
    first itself."""
    kind = first_kind_of(posting) if connection.asks_about_first else None
    if kind is None:
        return None
    row = _row(posting, kind, fingerprint(settings_of(posting, kind, connection)))
    if row is not None and _may_go(row, posting):
        return None
    if row is not None and row.state == State.WRONG:
        return row
    others = _asked_about(posting, kind)
    return next((one for one in others if not _is_past(one, kind, connection)), None)


def goes_out(posting: Posting, now: datetime) -> bool:
    """Whether it may, in the transaction that stores that it does; from then on it is the first where there
    is none. By the settings as they are now: its body was completed just before."""
    connection = connection_of(posting.group)
    kind = first_kind_of(posting) if connection.asks_about_first else None
    if kind is None:
        return True
    settings = settings_of(posting, kind, connection)
    row = _row(posting, kind, fingerprint(settings))
    if row is None or not _may_go(row, posting):
        # It was sent by other settings before, in vain.
        FirstPosting.objects.filter(posting=posting).update(posting=None, state=State.OVER)
        for other in _asked_about(posting, kind):
            if not _is_past(other, kind, connection):
                return False
            FirstPosting.objects.filter(pk=other.pk).update(state=State.OVER)
        if not _becomes_first(posting, kind, settings, now):
            return False
    # What was wrong by other settings holds up nothing any more.
    before = FirstPosting.objects.filter(group_id=posting.group_id, kind=kind, state=State.WRONG)
    others = Posting.objects.filter(like(posting), group_id=posting.group_id)
    before.filter(posting__in=others.values("pk")).update(state=State.OVER)
    return True


def waiting_for(first: FirstPosting) -> QuerySet[Posting]:
    """The postings that wait until somebody has looked at it."""
    if first.posting is None:
        return Posting.objects.none()
    rows = Posting.objects.filter(like(first.posting), group_id=first.group_id, state=Posting.State.WAITING)
    return rows.exclude(pk=first.posting.pk)


def waiting_since(first: FirstPosting) -> tuple[int, datetime | None]:
    """How many wait for it, and since when; 1 query."""
    found = waiting_for(first).aggregate(number=Count("pk"), since=Min("made_at"))
    return found["number"], found["since"]


def call_right(posting: Posting, actor: User, now: datetime) -> None:
    """A person has seen it in DdD and it is right: the others go out. Also when they called it wrong before.
    Conflict for the slower of two."""
    seen = Q(state=State.ASKED, posting__state=Posting.State.SENT) | Q(state=State.WRONG)
    asked = FirstPosting.objects.filter(seen, posting=posting)
    with transaction.atomic():
        if _decided(asked, posting, State.RIGHT, actor, now):
            _keep(posting, Attempt.Outcome.RIGHT, actor, now)
            outbox.wake_sender(posting.group_id)


def call_wrong(posting: Posting, actor: User, now: datetime) -> None:
    """It is wrong in DdD: the others wait until a setting that they depend on is changed. Conflict for the
    slower of two."""
    asked = FirstPosting.objects.filter(posting=posting, state=State.ASKED, posting__state=Posting.State.SENT)
    with transaction.atomic():
        if _decided(asked, posting, State.WRONG, actor, now):
            _keep(posting, Attempt.Outcome.WRONG, actor, now)


def _row(posting: Posting, kind: Kind, mark: str) -> FirstPosting | None:
    rows = FirstPosting.objects.filter(group_id=posting.group_id, kind=kind, fingerprint=mark)
    return rows.select_related("posting").first()


def _asked_about(posting: Posting, kind: Kind) -> list[FirstPosting]:
    """The one of the same kind that nobody has looked at yet, if it is another: the constraint allows one."""
    rows = FirstPosting.objects.filter(group_id=posting.group_id, kind=kind, state=State.ASKED)
    booked = rows.select_related("posting__sale__web_shop__turnover_shop")
    return [row for row in booked if row.posting_id != posting.pk]


def _is_past(row: FirstPosting, kind: Kind, connection: Connection) -> bool:
    """Whether nothing more is sent by its settings, or it was never seen in DdD."""
    if row.posting is None or row.posting.state in ENDED_UNSEEN:
        return True
    return fingerprint(settings_of(row.posting, kind, connection)) != row.fingerprint


def _may_go(row: FirstPosting, posting: Posting) -> bool:
    """It is the first itself; or the first is right."""
    return row.state == State.RIGHT or (row.posting_id == posting.pk and row.state == State.ASKED)


def _becomes_first(posting: Posting, kind: Kind, settings: Mapping[str, object], now: datetime) -> bool:
    """False when another worker was faster, or the first by these settings is called wrong."""
    mark, first = fingerprint(settings), {"posting": posting, "state": State.ASKED, "made_at": now}
    over = FirstPosting.objects.filter(
        group_id=posting.group_id, kind=kind, fingerprint=mark, state=State.OVER
    )
    try:
        with transaction.atomic():
            if not over.update(**first, **_UNSEEN):
                FirstPosting.objects.create(
                    group_id=posting.group_id, kind=kind, fingerprint=mark, settings=settings, **first
                )
    except IntegrityError:
        return False
    return True


def _decided(
    asked: QuerySet[FirstPosting], posting: Posting, state: State, actor: User, now: datetime
) -> bool:
    """False on their own second tap."""
    if asked.update(state=state, decided_at=now, decided_by=actor):
        return True
    row = FirstPosting.objects.filter(posting=posting).select_related("decided_by").first()
    if row is not None and (row.state, row.decided_by_id) == (state, actor.pk):
        return False
    raise decided_already(row.decided_by if row else None)


def _keep(posting: Posting, outcome: Attempt.Outcome, actor: User, now: datetime) -> None:
    Attempt.objects.create(
        posting=posting,
        purpose=Attempt.Purpose.DECISION,
        started_at=now,
        duration_ms=0,
        outcome=outcome,
        actor=actor,
    )
