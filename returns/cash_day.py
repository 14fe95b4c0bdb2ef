"""The money that went over a shop's register and card terminal on one day, to lay beside its till: the orders
that were paid there, and the returns that were paid out there or taken back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Group, Shop
from ddd.models import Posting, Sale
from orders.models import WebOrder
from orders.selling import AT_THE_REGISTER
from returns.models import Return
from returns.policy import Outcome

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
NOTHING: Final = Decimal(0)


class What(models.TextChoices):
    """Why money changed hands."""

    ORDER = "order", gettext_lazy("Order")
    RETURN = "return", gettext_lazy("Return")
    REVERSED = "reversed", gettext_lazy("Return reversed")


@dataclass(frozen=True)
class Booking:
    """Where DdD has it, or is to get it. `told` is the amount of the payment there."""

    shop_id: int
    terminal_id: int
    receipt_id: int | None
    told: Decimal
    state: str

    @property
    def is_sent(self) -> bool:
        return self.state == Posting.State.SENT

    @property
    def state_words(self) -> str:
        """How far it is."""
        return str(Posting.State(self.state).label)


@dataclass(frozen=True)
class Payment:
    """Money that a customer gave (`is_in`) or got. `booking` is None when the portal books nothing of it."""

    at: datetime
    what: What
    order: WebOrder
    person: str
    paid_by: str
    amount: Decimal
    rounding: Decimal
    is_in: bool
    key: str
    number: int | None = None
    booking: Booking | None = None

    @property
    def changed_hands(self) -> Decimal:
        return self.amount + self.rounding

    @property
    def is_cash(self) -> bool:
        return self.paid_by == WebOrder.PaidBy.CASH

    @property
    def signed(self) -> Decimal:
        """What the till has more of, or less."""
        return self.changed_hands if self.is_in else -self.changed_hands

    @property
    def rounding_signed(self) -> Decimal:
        """What the till has more by the rounding, or less."""
        return self.signed - self.exact

    @property
    def exact(self) -> Decimal:
        """The same before it was rounded."""
        return self.amount if self.is_in else -self.amount


@dataclass
class Sums:
    """What changed hands, in and out; `exact_cash` is the cash before it was rounded, in less out."""

    cash_in: Decimal = NOTHING
    cash_out: Decimal = NOTHING
    card_in: Decimal = NOTHING
    card_out: Decimal = NOTHING
    exact_cash: Decimal = NOTHING

    @classmethod
    def of(cls, payments: Iterable[Payment]) -> "Sums":
        sums = cls()
        for payment in payments:
            sums.add(payment.is_cash, payment.is_in, payment.changed_hands)
            sums.exact_cash += payment.exact if payment.is_cash else NOTHING
        return sums

    def add(self, is_cash: bool, is_in: bool, amount: Decimal) -> None:
        name = f"{'cash' if is_cash else 'card'}_{'in' if is_in else 'out'}"
        setattr(self, name, getattr(self, name) + amount)

    @property
    def cash(self) -> Decimal:
        """What lies in the till from it."""
        return self.cash_in - self.cash_out

    @property
    def card(self) -> Decimal:
        return self.card_in - self.card_out

    @property
    def rounding(self) -> Decimal:
        """What the till has more than the pieces cost."""
        return self.cash - self.exact_cash


@dataclass(frozen=True)
class Place:
    """A shop and terminal of DdD's, and what it was told of this day there."""

    shop_id: int
    terminal_id: int
    name: str
    sums: Sums


@dataclass(frozen=True)
class CashDay:
    """A shop's day, the payments in order of time."""

    shop: Shop
    day: date
    today: date
    payments: Sequence[Payment]
    people: Sequence[tuple[str, Sums]] = ()
    places: Sequence[Place] = ()
    sums: Sums = field(default_factory=Sums)

    @property
    def before(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date | None:
        """None today: the next day has not come."""
        return self.day + timedelta(days=1) if self.day < self.today else None

    @property
    def not_booked(self) -> int:
        """How many of its payments the portal tells DdD nothing of."""
        return sum(payment.booking is None for payment in self.payments)


def day_named(text: str, group: Group, now: datetime) -> date:
    """The day as a link or a form names it; today for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _today(group, now)
    return day if FIRST_DAY < day < LAST_DAY else _today(group, now)


def cash_day(shop: Shop, day: date, now: datetime) -> CashDay:
    """By the calendar of the Group. At most 6 queries, each of this shop and day alone."""
    zone = ZoneInfo(shop.group.time_zone)
    begin, end = (datetime.combine(day + timedelta(days=more), time(), zone) for more in (0, 1))
    found = [*_orders(shop, begin, end), *_returns(shop, begin, end), *_reversed(shop, begin, end)]
    booked = _bookings(shop.group, found)
    payments = [
        Payment(**{**vars(payment), "booking": booked.get(payment.key)})
        for payment in sorted(found, key=lambda payment: payment.at)
    ]
    names = sorted({payment.person for payment in payments})
    return CashDay(
        shop,
        day,
        _today(shop.group, now),
        payments,
        [(name, Sums.of(one for one in payments if one.person == name)) for name in names],
        _places(shop, payments),
        Sums.of(payments),
    )


def _today(group: Group, now: datetime) -> date:
    return now.astimezone(ZoneInfo(group.time_zone)).date()


def _orders(shop: Shop, begin: datetime, end: datetime) -> Iterator[Payment]:
    """2 queries; what an order cost was not kept before cash was rounded, so its lines are read."""
    orders = WebOrder.objects.filter(
        shop=shop, delivered_at__gte=begin, delivered_at__lt=end, paid_by__in=AT_THE_REGISTER
    )
    for order in orders.select_related("delivered_by").prefetch_related("lines"):
        if order.delivered_at is None:
            continue
        yield Payment(
            order.delivered_at,
            What.ORDER,
            order,
            order.delivered_by.name if order.delivered_by else _("DdD's till"),
            order.paid_by,
            order.changed_hands - order.cash_rounding,
            order.cash_rounding,
            is_in=True,
            key=f"sale:delivery:{order.pk}",
        )


def _returns(shop: Shop, begin: datetime, end: datetime) -> Iterator[Payment]:
    """Nothing of a return that was cancelled counts."""
    returns = Return.objects.filter(
        shop=shop, made_at__gte=begin, made_at__lt=end, outcome=Outcome.REGISTER
    ).exclude(state=Return.State.CANCELLED)
    for one in returns.select_related("order", "taken_by"):
        yield _payment(one, What.RETURN, one.made_at, one.taken_by.name, f"return:{one.action_key}")


def _reversed(shop: Shop, begin: datetime, end: datetime) -> Iterator[Payment]:
    """The register got its money back on the day on which the return was reversed."""
    returns = Return.objects.filter(
        shop=shop,
        state=Return.State.REVERSED,
        ended_at__gte=begin,
        ended_at__lt=end,
        outcome=Outcome.REGISTER,
    )
    for one in returns.select_related("order", "ended_by"):
        name = one.ended_by.name if one.ended_by else ""
        yield _payment(one, What.REVERSED, one.ended_at or begin, name, f"sale:{one.reversal_key}")


def _payment(one: Return, what: What, at: datetime, person: str, key: str) -> Payment:
    return Payment(
        at,
        what,
        one.order,
        person,
        one.paid_by,
        one.amount,
        one.cash_rounding,
        is_in=what == What.REVERSED,
        key=key,
        number=one.number,
    )


def _bookings(group: Group, payments: Sequence[Payment]) -> dict[str, Booking]:
    """By the key of the payment; 1 query."""
    order_nos = {payment.order.order_no for payment in payments}
    if not order_nos:
        return {}
    sales = Sale.objects.filter(group=group, order_no__in=order_nos).select_related("shop", "posting")
    return {_key_of(sale.posting): _booking(sale) for sale in sales.order_by("pk")}


def _key_of(posting: Posting) -> str:
    """Without the number of a delivery: those that were undone have no sale."""
    key = posting.action_key
    return key.rpartition(":")[0] if key.startswith("sale:delivery:") else key


def _booking(sale: Sale) -> Booking:
    lines = sale.posting.payload["PaymentLines"]
    told = Decimal(lines[0]["LineAmount"]) if lines else NOTHING
    return Booking(sale.shop.shop_id, sale.terminal_id, sale.receipt_id, told, sale.posting.state)


def _places(shop: Shop, payments: Sequence[Payment]) -> list[Place]:
    """What DdD has, or gets, at each place; nothing of what somebody has given up."""
    told: dict[tuple[int, int], Sums] = {}
    for payment in payments:
        booking = payment.booking
        if booking is not None and booking.state != Posting.State.GIVEN_UP:
            sums = told.setdefault((booking.shop_id, booking.terminal_id), Sums())
            sums.add(payment.is_cash, payment.is_in, booking.told)
    named = {shop.shop_id: shop.name}
    if told.keys() - {(shop.shop_id, terminal) for _shop, terminal in told}:
        named |= dict(shop.group.shops.values_list("shop_id", "name"))
    return [Place(*place, named.get(place[0], ""), sums) for place, sums in sorted(told.items())]
