"""What each kind of row must define to appear on the work list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from accounts.models import Group, Shop, User
from orders.models import WebOrder

Rows = Callable[[int], QuerySet[Any, Any]]  # of the Group with this key
STACKED_ROWS: Final = "office/attention/_rows.html"


@dataclass(frozen=True)
class NotApplicable:
    """Why a part does not apply to a kind."""

    why: str


@dataclass(frozen=True)
class PagedRows:
    """Rows that the database counts and reads page by page, by the time in `sorted_by`."""

    sorted_by: str
    newest_first: bool
    # Which of them a shop has to do with; None when they are of no shop, and go when a shop is chosen.
    of_shop: Callable[[Shop], Q] | None


@dataclass(frozen=True)
class ComputedRows:
    """A few rows that no query finds: every tablet has to be looked at."""

    find: Callable[[Group, datetime], Sequence[Any]]
    shop_of: Callable[[Any], Shop]


@dataclass(frozen=True)
class Details:
    """What comes with a decision; `tries` is how often a mail had been tried when it was shown."""

    actor: User
    now: datetime
    reason: str = ""
    shop: Shop | None = None
    tries: int = 0


@dataclass(frozen=True)
class Decision:
    """A button: its label, the message for the rows that were done, and the verb."""

    label: Promise
    done: Promise
    carry_out: Callable[[Any, Details], None]
    wants_shop: bool = False
    wants_reason: bool = False


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What somebody can decide about rows, one by one or several at once."""

    # All that a form may name, with those that were decided about meanwhile.
    rows: Rows
    # By the names that forms send. The first one is what a typed reason is about: Enter presses the first
    # button of a form, and a reason must never send anything to DdD.
    buttons: Mapping[str, Decision]
    # How a form names a row: its key, and after a dot how often it had been tried.
    token: Callable[[Any], str]
    # The name of a row in messages.
    name: Callable[[Any], str]

    @property
    def wants_shop(self) -> bool:
        """Whether one of them asks for a shop; the others may have a reason."""
        return any(button.wants_shop for button in self.buttons.values())


class Silence(Enum):
    """When the work list shows that a kind has no rows."""

    ALWAYS = "whenever there is no row"
    COMPARED = "only after a comparison that looked at everything: before, nobody knows"
    NEVER = "it is no news"


@dataclass(frozen=True)
class Alarm:
    """A line of the overview; `sentence` takes the number as `count`."""

    icon: str
    sentence: Promise


@dataclass(frozen=True, kw_only=True)
class Kind:
    """All that differs between kinds of rows. No part has a default: a missing one is an error where the kind
    is made, in mypy and at import."""

    key: str  # in addresses: it never changes
    # The position on the work list: the smallest number is first. Steps of ten leave room between.
    urgency: int
    label: Promise
    # Everything of the kind that is open, as the list shows it.
    open_rows: Rows | NotApplicable
    source: PagedRows | ComputedRows
    # The template of one `row`, and the one that draws all of `section.rows`.
    template: str
    section_template: str
    decisions: Decisions | NotApplicable
    # Whether the number beside "Needs attention" counts it.
    in_badge: Literal[True] | NotApplicable
    # The keys of the orders that are in trouble because of it.
    orders_in_trouble: Rows | NotApplicable
    alarm: Alarm | NotApplicable
    silence: Silence

    def __post_init__(self) -> None:
        """Raises ImproperlyConfigured when a kind is counted but has no rows in the database."""
        is_counted = self.in_badge is True or isinstance(self.source, PagedRows)
        if is_counted and isinstance(self.open_rows, NotApplicable):
            raise ImproperlyConfigured(f"The kind {self.key!r} is counted, but has no open rows.")

    @property
    def buttons(self) -> Mapping[str, Decision]:
        """What can be decided about its rows."""
        return self.decisions.buttons if isinstance(self.decisions, Decisions) else {}


def by_key(row: Any) -> str:
    """The token of rows that a form names by their key alone."""
    return str(row.pk)


def by_order_no(row: Any) -> str:
    """The name of rows that name an order."""
    return str(row.order_no)


def order_in(shop: Shop) -> Exists:
    """Whether the order that the row names is in this shop."""
    return Exists(WebOrder.objects.filter(shop=shop, group=shop.group_id, order_no=OuterRef("order_no")))


def named_orders(rows: Rows) -> Rows:
    """The keys of the orders that the rows name."""

    def keys(group_id: int) -> QuerySet[Any, Any]:
        numbers = rows(group_id).order_by().values("order_no")
        return WebOrder.objects.filter(group_id=group_id, order_no__in=numbers).order_by().values("pk")

    return keys
