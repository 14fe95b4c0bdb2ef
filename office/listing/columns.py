"""The columns of the list of orders: one row for each in COLUMNS, and nothing else knows of it.

Headings, the links that sort, the choices of the form, the cells of the list and the columns of a file follow
from the row. A row without one of its parts cannot be made.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import words
from office import spreadsheet
from orders.models import WebOrder
from orders.states import Phase

Value = TypeVar("Value", bound=spreadsheet.Cell)
TO_COME: Final = (Phase.NEW, Phase.PICKING)  # its promise is still to be kept


@dataclass(frozen=True)
class Sort:
    """The order of the rows, by the time in the field `moment`. Only what has an index, as there may be a
    million orders. `key` stands in addresses and in saved views."""

    key: str
    label: Promise
    moment: str
    newest_first: bool


@dataclass(frozen=True)
class FileColumn:
    """A column of a file."""

    label: Promise
    value: Callable[[WebOrder], spreadsheet.Cell]


@dataclass(frozen=True)
class Column(Generic[Value]):
    """What is shown of an order beside its OrderNo.

    `key` stands in addresses and in saved views, so it never changes. `value` is what a file has, `show` how
    the list shows it, by the time now. `beside` are more columns of a file, which the list shows in the same
    cell; `related` the rows of other tables that all of these read.
    """

    key: str
    label: Promise
    value: Callable[[WebOrder], Value]
    show: Callable[[WebOrder, Value, datetime], str]
    is_number: bool = False
    is_usual: bool = False
    sorts: tuple[Sort, ...] = ()
    beside: tuple[FileColumn, ...] = ()
    related: tuple[str, ...] = ()

    def cell(self, order: WebOrder, now: datetime) -> SafeString:
        """The cell of an order in this column; a time has its seconds as a tooltip."""
        value = self.value(order)
        shown = self.show(order, value, now)
        if self.is_number:
            return format_html('<td class="number">{}</td>', shown)
        if isinstance(value, datetime):
            return format_html('<td title="{}">{}</td>', words.exact(value), shown)
        return format_html("<td>{}</td>", shown)

    @property
    def in_files(self) -> list[FileColumn]:
        """What a file has of it."""
        return [FileColumn(self.label, self.value), *self.beside]


def text(_order: WebOrder, value: str | None, _now: datetime) -> str:
    """As it is."""
    return value or ""


def moment(_order: WebOrder, value: datetime | None, _now: datetime) -> str:
    """ "today 14:05"."""
    return words.moment(value)


def _phase(order: WebOrder, _value: str, _now: datetime) -> str:
    return render_to_string("components/_phase.html", {"phase": order.phase})


def _pieces(order: WebOrder, value: int, _now: datetime) -> str:
    missing = order.missing_count
    if not missing:
        return str(value)
    return render_to_string("office/listing/_pieces.html", {"missing": missing, "pieces": value})


def _amount(order: WebOrder, value: Decimal, _now: datetime) -> str:
    return words.money(value, order.group.currency)


def _promise(order: WebOrder, value: datetime, now: datetime) -> str:
    if order.phase not in TO_COME:
        return format_html('<span class="soft">{}</span>', words.moment(value))
    style = ' class="late"' if value < now else ""
    return format_html("<span{}>{}</span>", SafeString(style), words.promise(value, now))


def _collect_by(order: WebOrder, value: datetime | None, _now: datetime) -> str:
    return words.day(value) if order.phase == Phase.READY else ""


def _customer_number(order: WebOrder) -> str | None:
    """As text, since it is an identifier."""
    return str(order.customer_number) if order.customer_number else None


NEWEST: Final = Sort("newest", _("Came in, newest first"), "created_at", newest_first=True)
OLDEST: Final = Sort("oldest", _("Came in, oldest first"), "created_at", newest_first=False)
DUE_FIRST: Final = Sort("due first", _("Promised, earliest first"), "promised_at", newest_first=False)
DUE_LAST: Final = Sort("due last", _("Promised, latest first"), "promised_at", newest_first=True)
CHANGED_LAST: Final = Sort("changed last", _("Changed, latest first"), "modified_at", newest_first=True)
CHANGED_FIRST: Final = Sort("changed first", _("Changed, earliest first"), "modified_at", newest_first=False)

# In the order in which they stand; the first way to sort is the one that is wanted first. They have no type
# here, so that mypy compares what each row shows with what its value is.
_ROWS = (
    Column("status", _("Status"), lambda order: str(order.phase.label), _phase, is_usual=True),
    Column(
        "shop",
        _("Shop"),
        lambda order: order.shop.name,
        text,
        is_usual=True,
        beside=(FileColumn(_("ShopId"), lambda order: order.shop.shop_id),),
        related=("shop",),
    ),
    Column(
        "web shop",
        _("Web shop"),
        lambda order: order.web_shop.name if order.web_shop else "DdD",
        text,
        is_usual=True,
        related=("web_shop",),
    ),
    Column(
        "pieces",
        _("Pieces"),
        lambda order: order.piece_count,
        _pieces,
        is_number=True,
        is_usual=True,
        beside=(FileColumn(_("Missing"), lambda order: order.missing_count),),
    ),
    Column("type", _("Type"), lambda order: order.get_order_type_display(), text),
    Column("amount", _("In all"), lambda order: order.total, _amount, is_number=True, related=("group",)),
    Column("customer", _("Customer"), lambda order: order.receiver, text, is_usual=True),
    Column("number", _("CustomerNumber"), _customer_number, text),
    Column("reference", _("OrderReference"), lambda order: order.order_reference, text),
    Column(
        "came in",
        _("Came in"),
        lambda order: order.created_at,
        moment,
        is_usual=True,
        sorts=(NEWEST, OLDEST),
    ),
    Column(
        "promised",
        _("Promised"),
        lambda order: order.promised_at,
        _promise,
        is_usual=True,
        sorts=(DUE_FIRST, DUE_LAST),
    ),
    Column(
        "taken by",
        _("Taken by"),
        lambda order: order.taken_by.name if order.taken_by else None,
        text,
        related=("taken_by",),
    ),
    Column("ready", _("Ready"), lambda order: order.picked_at, moment),
    Column("collect by", _("Collect by"), lambda order: order.collect_by, _collect_by),
    Column("delivered", _("Delivered"), lambda order: order.delivered_at, moment),
    Column(
        "changed", _("Changed"), lambda order: order.modified_at, moment, sorts=(CHANGED_LAST, CHANGED_FIRST)
    ),
)


def by_key(rows: Iterable[Column[Any]]) -> dict[str, Column[Any]]:
    """ImproperlyConfigured when two columns, or two ways to sort, have one key."""
    rows = list(rows)
    keys = [row.key for row in rows] + [f"sort={sort.key}" for row in rows for sort in row.sorts]
    if double := sorted({key for key in keys if keys.count(key) > 1}):
        raise ImproperlyConfigured(f"Two columns of the list have the key {double[0]!r}.")
    return {row.key: row for row in rows}


COLUMNS: Final = by_key(_ROWS)
SORTS: Final = {sort.key: sort for column in COLUMNS.values() for sort in column.sorts}
USUAL: Final = frozenset(column.key for column in COLUMNS.values() if column.is_usual)
RELATED: Final = sorted({name for column in COLUMNS.values() for name in column.related})
