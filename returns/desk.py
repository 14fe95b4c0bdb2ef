"""Pieces come back to a shop, and a wrong return is cancelled or reversed."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Shop, User
from orders.models import WebOrder
from returns.models import Condition, Return
from returns.policy import Outcome


@dataclass(frozen=True)
class Piece:
    """One line of the order that came back, why, by the words of an offered reason, and in which condition."""

    line: int
    reason: str
    condition: Condition


@dataclass(frozen=True)
class Asked:
    """What the person at the counter says. `instead` is the outcome that she chooses against the policy."""

    pieces: tuple[Piece, ...]
    paid_by: str = ""
    instead: Outcome | None = None
    overrule_reason: str = ""


def take_back(order: WebOrder, shop: Shop, asked: Asked, actor: User, now: datetime) -> Return:
    """The customer has handed these pieces back: return, lines, order, books and events, or none."""
    raise NotImplementedError


def cancel(taken_back: Return, why: str, actor: User, now: datetime) -> None:
    """A wrong return of which nothing was sent: DdD never hears of it."""
    raise NotImplementedError


def reverse(taken_back: Return, why: str, actor: User, now: datetime) -> None:
    """A wrong return that DdD has: an opposite booking."""
    raise NotImplementedError


def may_cancel(taken_back: Return, actor: User) -> bool:
    """Whether this person can cancel it still."""
    raise NotImplementedError


def may_reverse(taken_back: Return, actor: User) -> bool:
    """Whether this person can reverse it, now that it cannot be cancelled."""
    raise NotImplementedError
