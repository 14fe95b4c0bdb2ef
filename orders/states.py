"""The statuses of web orders and lines and the moves between them. Knows no database.

The same tables draw the buttons: what is not a move here is not offered on a screen.
"""

from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The words of the portal's own API, for orders and lines. Only lines can be `Missing`."""

    RESERVED = "Reserved", _("Reserved")
    PICKED = "Picked", _("Picked")
    DELIVERED = "Delivered", _("Delivered")
    RETURNED = "Returned", _("Returned")
    CANCELLED = "Cancelled", _("Cancelled")
    MISSING = "Missing", _("Missing")


class Phase(models.TextChoices):
    """Where an order is, as people say it on screens."""

    NEW = "new", _("New")
    PICKING = "picking", _("Picking")
    READY = "ready", _("Ready")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


ALL: Final = "All"
NUMBERS: Final[dict[str, str]] = {
    "0": ALL,
    "1": Status.RESERVED,
    "2": Status.PICKED,
    "3": Status.DELIVERED,
    "4": Status.RETURNED,
    "5": Status.CANCELLED,
    "6": Status.MISSING,
}

ORDER_MOVES: Final[dict[str, frozenset[str]]] = {
    Status.RESERVED: frozenset({Status.PICKED, Status.DELIVERED, Status.CANCELLED}),
    Status.PICKED: frozenset({Status.DELIVERED, Status.CANCELLED}),
    Status.DELIVERED: frozenset({Status.RETURNED, Status.PICKED}),
    Status.RETURNED: frozenset({Status.DELIVERED}),
    Status.CANCELLED: frozenset(),
}
LINE_MOVES: Final[dict[str, frozenset[str]]] = {
    Status.RESERVED: frozenset({Status.PICKED, Status.MISSING, Status.DELIVERED, Status.CANCELLED}),
    Status.PICKED: frozenset({Status.DELIVERED, Status.MISSING, Status.CANCELLED, Status.RESERVED}),
    Status.MISSING: frozenset({Status.PICKED, Status.CANCELLED, Status.RESERVED}),
    Status.DELIVERED: frozenset({Status.RETURNED, Status.PICKED}),
    Status.RETURNED: frozenset({Status.DELIVERED}),
    Status.CANCELLED: frozenset(),
}


class Step(StrEnum):
    """What a person in the shop can do next with a whole order."""

    ACCEPT = "accept"
    FINISH = "finish"
    CLOSE_EMPTY = "close empty"
    DELIVER = "deliver"


def order_may_move(old: str, new: str) -> bool:
    """Whether an order in `old` may become `new`."""
    return new in ORDER_MOVES[old]


def line_may_move(old: str, new: str) -> bool:
    """Whether a line in `old` may become `new`."""
    return new in LINE_MOVES[old]


def may_pick(order_status: str, line_status: str) -> bool:
    """Pieces are picked, and reported missing, while the order is not yet picked as a whole."""
    return order_status == Status.RESERVED and line_status in (Status.RESERVED, Status.MISSING)


def may_undo_pick(order_status: str, line_status: str) -> bool:
    """Picked and missing can be undone only while the order is not yet picked as a whole."""
    return order_status == Status.RESERVED and line_status in (Status.PICKED, Status.MISSING)


def may_move(order_status: str) -> bool:
    """Another shop can take over only what is not yet picked as a whole."""
    return order_status == Status.RESERVED


def may_cancel(order_status: str) -> bool:
    """What the customer has is returned, never cancelled."""
    return Status.CANCELLED in ORDER_MOVES[order_status]


def next_step(order_status: str, taken: bool, line_statuses: list[str]) -> Step | None:
    """The one big button of the order page; None while pieces are undecided or when all is done."""
    if order_status == Status.PICKED:
        return Step.DELIVER
    if order_status != Status.RESERVED:
        return None
    if not taken:
        return Step.ACCEPT
    if Status.RESERVED in line_statuses:
        return None
    return Step.FINISH if Status.PICKED in line_statuses else Step.CLOSE_EMPTY


def phase_of(status: str, taken: bool) -> Phase:
    """The order's phase on every screen; an order is never `Missing`."""
    if status == Status.RESERVED:
        return Phase.PICKING if taken else Phase.NEW
    return {
        Status.PICKED: Phase.READY,
        Status.DELIVERED: Phase.DELIVERED,
        Status.RETURNED: Phase.RETURNED,
    }.get(Status(status), Phase.CANCELLED)


def status_of(text: str) -> str | None:
    """`All` or a Status, by case-insensitive name or by number; None for anything else."""
    if text in NUMBERS:
        return NUMBERS[text]
    for word in (ALL, *Status.values):
        if text.lower() == word.lower():
            return word
    return None
