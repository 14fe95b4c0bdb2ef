"""The life of one made-up order: what happens to it, and when. The same chance gives the same life.

A life is made to its end; what lies behind `now` has not happened yet, so that orders of the last days stand
at every step. Knows no database.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from orders.cancel_reasons import CANCEL_REASONS
from orders.missing_reasons import MISSING_REASONS
from orders.states import Status

OF_A_HUNDRED: Final = {
    "paid": 92,
    "member": 30,
    "sent": 12,
    "late to take": 4,
    "missing piece": 3,
    "cancelled": 3,
    "never collected": 3,
    "returned": 8,
    "all of it returned": 40,
    "damaged": 10,
}
PIECES: Final = (1, 2, 3, 4)
HOW_OFTEN: Final = (45, 30, 17, 8)
# The usual one is listed twice.
WHY_MISSING: Final = ("not found", *MISSING_REASONS.codes)
WHY_CANCELLED: Final = ("customer", *CANCEL_REASONS.codes)
# How many of a day's orders come in each hour, from midnight.
BY_HOUR: Final = (1, 1, 0, 0, 0, 1, 2, 4, 6, 8, 9, 9, 9, 8, 8, 8, 9, 9, 8, 8, 9, 8, 5, 3)
LAST_SECOND: Final = time(23, 59, 59)


@dataclass
class Piece:
    """What became of one piece; `at` is when somebody `decided`: picked it, or reported it missing."""

    at: datetime
    decided: bool = False
    missing: str = ""
    returned: bool = False
    status: Status = Status.RESERVED


@dataclass
class Life:
    """When each thing happened; None when it has not, or never does."""

    created: datetime
    pieces: list[Piece]
    is_paid: bool
    is_member: bool
    is_sent: bool
    taken: datetime | None = None
    picked: datetime | None = None
    delivered: datetime | None = None
    cancelled: datetime | None = None
    cancelled_because: str = ""
    never_collected: datetime | None = None
    reminded_to_collect: datetime | None = None
    returned: datetime | None = None
    damaged: bool = False
    put_back: datetime | None = None
    collect_by: datetime | None = None
    reminders: list[datetime] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """Of the whole order."""
        if self.cancelled or self.never_collected:
            return Status.CANCELLED
        if self.returned and all(piece.returned or piece.missing for piece in self.pieces):
            return Status.RETURNED
        if self.delivered:
            return Status.DELIVERED
        return Status.PICKED if self.picked else Status.RESERVED

    @property
    def last(self) -> datetime:
        """When the order was last changed."""
        steps = (self.taken, self.picked, self.delivered, self.cancelled, self.never_collected, self.returned)
        decided = [piece.at for piece in self.pieces if piece.decided]
        return max([self.created, *decided, *(step for step in steps if step)])


@dataclass(frozen=True)
class Rules:
    """The Group's policy. `escalation` are minutes until shop, manager and head office are notified."""

    zone: ZoneInfo
    collect_days: int
    reminder_days: int
    escalation: tuple[int, int, int]


def moment_in(day: float, begin: datetime) -> datetime:
    """The share of the day by which its orders came in, as a clock: few at night, many at noon."""
    whole, left = divmod(day, 1)
    left *= sum(BY_HOUR)
    for hour, often in enumerate(BY_HOUR):
        if left < often:
            return begin + timedelta(days=whole, hours=hour, seconds=int(3600 * left / often))
        left -= often
    return begin + timedelta(days=whole + 1, seconds=-1)


def live(created: datetime, now: datetime, rules: Rules, chance: random.Random) -> Life:
    """One order, as it is now."""
    life = Life(
        created=created,
        pieces=[Piece(created) for _each in range(chance.choices(PIECES, HOW_OFTEN)[0])],
        is_paid=_happens(chance, "paid"),
        is_member=_happens(chance, "member"),
        is_sent=_happens(chance, "sent"),
    )
    _work(life, rules, chance)
    if life.picked:
        _leave(life, life.picked, rules, chance)
    if life.delivered and _happens(chance, "returned"):
        _come_back(life, life.delivered, chance)
    _forget_what_comes(life, now)
    for piece in life.pieces:
        piece.status = _status_of(piece, life, now)
    return life


def _work(life: Life, rules: Rules, chance: random.Random) -> None:
    """Somebody takes it and picks it, or it is cancelled before."""
    minutes = 0.4 + chance.expovariate(1 / 4)
    if _happens(chance, "late to take"):
        minutes = chance.uniform(61, 170)
    life.taken = at = life.created + _minutes(minutes)
    life.reminders = [life.created + _minutes(one) for one in rules.escalation if one < minutes]
    for piece in life.pieces:
        piece.at = at = at + _minutes(chance.uniform(0.5, 6))
        if _happens(chance, "missing piece"):
            piece.missing = chance.choice(WHY_MISSING)
    done = at + _minutes(chance.uniform(0.2, 4))
    if _happens(chance, "cancelled"):
        life.cancelled = life.created + _minutes(
            (done - life.created) / _minutes(1) * chance.uniform(0.02, 3)
        )
        life.cancelled_because = chance.choice(WHY_CANCELLED)
    if all(piece.missing for piece in life.pieces):
        life.cancelled, life.cancelled_because = done, ""
    if life.cancelled is None or life.cancelled > done:
        life.picked = done
    if life.cancelled:
        life.put_back = _on_the_shelf(life.cancelled, chance)
        if life.taken > life.cancelled:
            life.taken = None


def _leave(life: Life, picked: datetime, rules: Rules, chance: random.Random) -> None:
    """The customer comes, or never does."""
    last_day = picked.astimezone(rules.zone).date() + timedelta(days=rules.collect_days)
    life.collect_by = datetime.combine(last_day, LAST_SECOND, rules.zone)
    reminder_day = last_day - timedelta(days=rules.reminder_days)
    reminded = datetime.combine(reminder_day, time(9), rules.zone)
    gone = life.cancelled
    if gone is None and _happens(chance, "never collected"):
        gone = life.never_collected = life.collect_by + timedelta(seconds=chance.randrange(1, 60))
    if gone is None:
        minutes = 60 * min(chance.lognormvariate(2.7, 1.1), 24 * max(rules.collect_days, 1) - 12)
        gone = life.delivered = picked + _minutes(max(minutes, 2))
    if rules.reminder_days and picked < reminded < gone:
        life.reminded_to_collect = reminded + timedelta(seconds=chance.randrange(1, 60))
    if life.never_collected:
        life.put_back = _on_the_shelf(gone, chance)


def _come_back(life: Life, delivered: datetime, chance: random.Random) -> None:
    life.returned = delivered + _minutes(chance.uniform(12 * 60, 25 * 24 * 60))
    life.damaged = _happens(chance, "damaged")
    life.put_back = None if life.damaged else _on_the_shelf(life.returned, chance)
    found = [piece for piece in life.pieces if not piece.missing]
    some = found if _happens(chance, "all of it returned") else [chance.choice(found)]
    for piece in some:
        piece.returned = True


def _on_the_shelf(since: datetime, chance: random.Random) -> datetime:
    return since + _minutes(chance.uniform(30, 1200))


def _forget_what_comes(life: Life, now: datetime) -> None:
    for name in (
        "taken",
        "picked",
        "delivered",
        "cancelled",
        "never_collected",
        "reminded_to_collect",
        "returned",
        "put_back",
    ):
        moment = getattr(life, name)
        if moment and moment > now:
            setattr(life, name, None)
    life.reminders = [at for at in life.reminders if at <= min(now, life.cancelled or now)]
    if not life.picked:
        life.collect_by = None


def _status_of(piece: Piece, life: Life, now: datetime) -> Status:
    ended = life.cancelled or now
    piece.decided = life.taken is not None and piece.at <= min(now, ended)
    if not piece.decided:
        piece.missing = ""
        return Status.CANCELLED if life.cancelled else Status.RESERVED
    if piece.missing:
        return Status.MISSING
    if life.cancelled or life.never_collected:
        return Status.CANCELLED
    if life.returned and piece.returned:
        return Status.RETURNED
    return Status.DELIVERED if life.delivered else Status.PICKED


def _happens(chance: random.Random, what: str) -> bool:
    return chance.random() * 100 < OF_A_HUNDRED[what]


def _minutes(count: float) -> timedelta:
    return timedelta(seconds=int(count * 60))
