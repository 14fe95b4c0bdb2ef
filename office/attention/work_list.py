"""Head office's work list: what waits for a person, by kind, counted, filtered and page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, TextChoices, Value
from django.utils.translation import gettext_lazy

from accounts.models import Group, Shop
from accounts.tablets import AlertReach, deaf_shops
from core.paging import behind, place_of
from ddd.models import Notice, Posting, SharedEan
from office.attention import nightly
from orders import mailing
from orders.escalation import NotTaken, not_taken_in
from orders.models import WebOrder

ROWS_ON_A_PAGE = 50
ROWS_AT_A_GLANCE = 20


class Kind(TextChoices):
    """What waits, the most urgent first; the labels are the headings."""

    NOT_TAKEN = "not-taken", gettext_lazy("Orders that nobody takes")
    DEAF = "deaf", gettext_lazy("Shops that cannot hear")
    REJECTED = "rejected", gettext_lazy("Refused by DdD")
    UNCERTAIN = "uncertain", gettext_lazy("Nobody knows whether DdD has it")
    DIFFERENCES = "differences", gettext_lazy("Books that differ")
    EANS = "eans", gettext_lazy("Eans that several variants share")
    WORDS = "words", gettext_lazy("Words that DdD used and nobody knows")
    NOTICES = "notices", gettext_lazy("What DdD said and nobody understood")
    MAILS = "mails", gettext_lazy("Mails that may not have come")
    MENDING = "mending", gettext_lazy("Being mended until a comparison confirms it")


@dataclass(frozen=True)
class Filters:
    """What head office asked for; empty says everything."""

    kind: Kind | None = None
    shop: Shop | None = None


@dataclass(frozen=True)
class Section:
    """The rows of one kind that are shown, how many there are, and where the next page begins."""

    kind: Kind
    count: int
    rows: Sequence[Any] = ()
    after: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.rows)


@dataclass(frozen=True)
class WorkList:
    """The kinds of which something waits, with their rows where they are shown."""

    sections: Sequence[Section] = field(default_factory=list)

    @property
    def shown(self) -> list[Section]:
        """Those with rows."""
        return [section for section in self.sections if section.rows]

    def empty(self, is_compared: bool) -> list[str]:
        """The kinds of which nothing waits, by their headings. Without a whole comparison nobody knows
        whether books differ."""
        there = {section.kind for section in self.sections}
        unknown = set() if is_compared else {Kind.DIFFERENCES}
        return [str(kind.label) for kind in Kind if kind not in (*there, *unknown, Kind.MENDING)]

    def count(self, kind: Kind) -> int:
        """How many of this kind there are."""
        return sum(section.count for section in self.sections if section.kind == kind)

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return sum(section.count for section in self.sections)


@dataclass(frozen=True)
class Listed:
    """How the rows of a kind are found: all that are open, by which moment, and which are of a shop."""

    rows: Callable[[Group], QuerySet[Any]]
    column: str
    newest_first: bool
    of_shop: Callable[[Shop], Q] | None


def work_list(group: Group, filters: Filters, now: datetime, after: str = "") -> WorkList:
    """All kinds, or the 50 next rows of one; 6 queries, and 1 for each kind of which there is something."""
    found = [*_of_shops(group, filters, now)]
    counted = _counted(group, filters.shop)
    found += [Section(kind, counted[kind]) for kind in LISTED if counted.get(kind)]
    return WorkList([_with_rows(section, group, filters, after) for section in found])


def _of_shops(group: Group, filters: Filters, now: datetime) -> list[Section]:
    """Orders that nobody takes and shops that are deaf: few, and known only by looking at every tablet."""
    not_taken = [one for one in not_taken_in(group, now) if filters.shop in (None, one.order.shop)]
    deaf = [reach for reach in deaf_shops(group, now) if filters.shop in (None, reach.shop)]
    rows: list[tuple[Kind, Sequence[NotTaken | AlertReach]]] = [
        (Kind.NOT_TAKEN, not_taken),
        (Kind.DEAF, deaf),
    ]
    return [Section(kind, len(those), those) for kind, those in rows if those]


def _counted(group: Group, shop: Shop | None) -> dict[str, int]:
    """How many of each kind; 1 query over what is open."""
    first, *others = (
        _all_of(kind, group, shop)
        .order_by()
        .annotate(name=Value(kind.value))
        .values("name")
        .annotate(number=Count("pk"))
        .values_list("name", "number")
        for kind in LISTED
        if shop is None or LISTED[kind].of_shop
    )
    return dict(first.union(*others, all=True))


def _all_of(kind: Kind, group: Group, shop: Shop | None) -> QuerySet[Any]:
    listed = LISTED[kind]
    rows = listed.rows(group)
    return rows.filter(listed.of_shop(shop)) if shop and listed.of_shop else rows


def _with_rows(section: Section, group: Group, filters: Filters, after: str) -> Section:
    if filters.kind not in (None, section.kind):
        return replace(section, rows=())
    at_once = ROWS_ON_A_PAGE if filters.kind else ROWS_AT_A_GLANCE
    if section.kind not in LISTED:
        return replace(section, rows=section.rows[: at_once if filters.kind is None else None])
    listed = LISTED[section.kind]
    way = "-" if listed.newest_first else ""
    rows = _all_of(section.kind, group, filters.shop).order_by(f"{way}{listed.column}", f"{way}pk")
    if filters.kind and after:
        rows = rows.filter(behind(after, listed.column, listed.newest_first))
    found: list[Model] = list(rows[: at_once + 1])
    last = found[at_once - 1] if len(found) > at_once else None
    place = place_of(getattr(last, listed.column), last.pk) if last else ""
    return replace(section, rows=found[:at_once], after=place)


def _postings(state: Posting.State) -> Callable[[Group], QuerySet[Posting]]:
    def waiting(group: Group) -> QuerySet[Posting]:
        rows = Posting.objects.filter(group=group, for_a_person=True, state=state)
        booked = rows.select_related("sale__shop", "item_transfer__sender", "item_transfer__recipient")
        return nightly.with_order(booked)

    return waiting


def _order_in(shop: Shop) -> Exists:
    """Whether the order that the row names is in this shop."""
    return Exists(WebOrder.objects.filter(shop=shop, group=shop.group_id, order_no=OuterRef("order_no")))


def _posting_in(shop: Shop) -> Q:
    moves = Q(item_transfer__sender=shop) | Q(item_transfer__recipient=shop)
    return Q(_order_in(shop)) | Q(sale__shop=shop) | moves


def _notices(group: Group) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group, closed_at=None).exclude(kind=Notice.Kind.UNKNOWN_WORD)


def _words(group: Group) -> QuerySet[Notice]:
    return Notice.objects.filter(group=group, closed_at=None, kind=Notice.Kind.UNKNOWN_WORD)


def _shared_eans(group: Group) -> QuerySet[SharedEan]:
    rows = SharedEan.objects.filter(group=group, gone_at=None, seen_at=None)
    return rows.prefetch_related("variants")


def _difference_in(shop: Shop) -> Q:
    return Q(_order_in(shop)) | Q(shop=shop)


LISTED: Final[dict[Kind, Listed]] = {
    Kind.REJECTED: Listed(_postings(Posting.State.REJECTED), "made_at", False, _posting_in),
    Kind.UNCERTAIN: Listed(_postings(Posting.State.UNCERTAIN), "made_at", False, _posting_in),
    Kind.DIFFERENCES: Listed(nightly.open_differences, "first_seen_at", False, _difference_in),
    Kind.EANS: Listed(_shared_eans, "first_seen_at", False, None),
    Kind.WORDS: Listed(_words, "last_seen", True, None),
    Kind.NOTICES: Listed(_notices, "last_seen", True, None),
    Kind.MAILS: Listed(
        lambda group: mailing.to_be_known_of(group.pk), "made_at", True, lambda shop: Q(order__shop=shop)
    ),
    Kind.MENDING: Listed(nightly.being_mended, "closed_at", False, _difference_in),
}
