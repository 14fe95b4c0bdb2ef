"""What the screen of figures shows: sums of weeks, as tables, charts and a file. Nothing is counted here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.models import Group, Shop, WebShop
from core.choices import label_of
from office.figures import words
from office.figures.charts import Chart, charts_of
from office.figures.counting import WEEK, midnight
from office.figures.counts import (
    Counts,
    missing_pieces,
    refunded_pieces,
    returned_pieces,
    sum_counts,
)
from office.figures.rows import Row, share_names
from office.figures.selection import DDD, Selection
from office.listing.happenings import Happening
from office.models import WeeklyFigure
from office.models.daily_figure import EVERY, NO_WEB_SHOP
from orders.missing_reasons import MISSING_REASONS
from orders.models import RefundedLine
from returns.policy import Outcome


@dataclass(frozen=True)
class Total:
    """A figure of the span and of the one before."""

    name: str
    now: str
    before: str
    change: str
    query: str = ""


@dataclass(frozen=True)
class Reason:
    """Why pieces were missing or came back; `length` is that of its bar, of 100."""

    name: str
    pieces: int
    share: str
    length: int

    @property
    def number(self) -> str:
        """Of its pieces, as people read it."""
        return words.number(self.pieces)


@dataclass(frozen=True)
class Report:
    """Everything that is shown of one choice."""

    group: Group
    selection: Selection
    shop: Shop | None
    web_shop: str  # its WebshopId as an address says it
    total: Row
    before: Row
    weeks: list[Row]
    shops: list[Row]
    web_shops: list[Row]

    @property
    def span_words(self) -> str:
        """From day to day."""
        return words.span(self.selection.first, self.selection.last_day)

    @property
    def before_words(self) -> str:
        """The span before, from day to day."""
        return words.span(self.selection.before.first, self.selection.before.last_day)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened in the span."""
        return not self.total.counts

    @cached_property
    def totals(self) -> list[Total]:
        """Each figure beside the one of the span before."""
        return list(_totals(self))

    @cached_property
    def charts(self) -> list[Chart]:
        """What there is to see week by week."""
        return list(charts_of(self.weeks))

    @cached_property
    def missing(self) -> list[Reason]:
        """Why pieces were not found."""
        found = missing_pieces(self.total.counts)
        return _reasons([(MISSING_REASONS.label_of(code), pieces) for code, pieces in found.items()])

    @cached_property
    def returned(self) -> list[tuple[str, list[Reason]]]:
        """Why pieces came back, by who paid."""
        found = returned_pieces(self.total.counts)
        of_outcome = [
            (outcome, [(why, pieces) for (who, why), pieces in found.items() if who == outcome.value])
            for outcome in Outcome
        ]
        return [(str(outcome.label), _reasons(reasons)) for outcome, reasons in of_outcome if reasons]

    @cached_property
    def refunded(self) -> list[Reason]:
        """Why pieces that were paid for were never given out."""
        found = refunded_pieces(self.total.counts)
        causes = RefundedLine.Cause.choices
        return _reasons([(label_of(causes, cause), pieces) for cause, pieces in found.items()])


def report_of(
    group: Group, selection: Selection, shops: Sequence[Shop], web_shops: Sequence[WebShop]
) -> Report:
    """3 queries, over sums of weeks."""
    shop = next((one for one in shops if one.pk == selection.shop), None)
    numbers = {one.pk: str(one.webshop_id) for one in web_shops} | {NO_WEB_SHOP: DDD}
    of_weeks = _by(group, selection, "day", since=selection.before.first)
    of_shops = _by(group, selection, "shop")
    of_web_shops = _by(group, selection, "web_shop")
    span = Selection(selection.first, selection.last, selection.shop, selection.web_shop)
    query = _Queries(group, span, str(shop.shop_id) if shop else "", numbers.get(selection.web_shop, ""))
    return Report(
        group=group,
        selection=selection,
        shop=shop,
        web_shop=numbers.get(selection.web_shop, ""),
        total=Row("", sum_counts(of_weeks.get(day, {}) for day in selection.weeks), query.orders()),
        before=Row("", sum_counts(of_weeks.get(day, {}) for day in selection.before.weeks)),
        weeks=[
            Row(words.week(day), of_weeks.get(day, {}), query.orders(came_from=day, came_until=_sunday(day)))
            for day in selection.weeks
        ],
        shops=[
            Row(one.name, of_shops[one.pk], query.orders(shop=number), query.figures(shop=number))
            for one in shops
            if one.pk in of_shops and (number := str(one.shop_id))
        ],
        web_shops=[
            Row(name, of_web_shops[key], query.orders(web_shop=number), query.figures(web_shop=number))
            for key, name in [*((one.pk, one.name) for one in web_shops), (NO_WEB_SHOP, "DdD")]
            if key in of_web_shops and (number := numbers[key])
        ],
    )


@dataclass(frozen=True)
class _Queries:
    """The addresses behind the numbers."""

    group: Group
    span: Selection
    shop: str
    web_shop: str

    def orders(self, **other: object) -> str:
        """Of the list of orders that came in."""
        return self.figures(**other)

    def figures(self, **other: object) -> str:
        """Of this screen."""
        data = {
            "shop": self.shop,
            "web_shop": self.web_shop,
            "came_from": self.span.first,
            "came_until": self.span.last_day,
            **other,
        }
        return urlencode({name: fact for name, fact in data.items() if fact})


def _sunday(monday: date) -> date:
    return Selection(monday, monday).last_day


def _by(group: Group, selection: Selection, column: str, since: date | None = None) -> dict[Any, Counts]:
    """The sum for each value of this column; of the others what was chosen."""
    keys = {"shop": selection.shop, "web_shop": selection.web_shop}
    rows = WeeklyFigure.objects.filter(
        group=group, day__gte=since or selection.first, day__lte=selection.last
    )
    narrowed = keys.pop(column, EVERY)
    rows = rows.filter(**keys)
    if column in ("shop", "web_shop"):
        rows = rows.filter(**{column: narrowed}) if narrowed else rows.exclude(**{column: EVERY})
    found: dict[Any, list[Counts]] = {}
    for value, counts in rows.values_list(column, "counts"):
        found.setdefault(value, []).append(counts)
    return {value: sum_counts(many) for value, many in found.items()}


def _totals(report: Report) -> Iterator[Total]:
    now, before = report.total, report.before
    came_in = (now.came_in, before.came_in)
    yield Total(_("Orders came in"), *_numbers(*came_in), query=now.query)
    for (name, most), times, earlier in zip(_time_names(), now.times, before.times, strict=True):
        yield Total(name, *_lengths(times[0], earlier[0]))
        yield Total(most, *_lengths(times[1], earlier[1]))
    shares = zip(share_names(), now.shares, before.shares, now.behind_shares, strict=True)
    for name, part, old, behind in shares:
        yield Total(name, words.percent(part), words.percent(old), words.change_of_share(part, old), behind)
    yield Total(_("Pieces that were missing"), *_numbers(now.missing, before.missing), now.behind_missing)
    yield Total(_("Pieces that came back"), *_numbers(now.returned, before.returned), query=_back(report))
    yield Total(_("Paid pieces that nobody got"), *_numbers(now.refunded, before.refunded))
    owed = _("Owed for them, %(currency)s") % {"currency": report.group.currency}
    change = words.change_of_number(float(now.owed), float(before.owed))
    yield Total(owed, words.amount(now.owed), words.amount(before.owed), change)


def _back(report: Report) -> str:
    """Of the orders of which something came back in the span. By shop it would say who sold it, not who took
    it back."""
    if not report.total.returned or report.shop or report.web_shop:
        return ""
    since, until = (
        midnight(report.selection.first, report.group),
        midnight(report.selection.last + WEEK, report.group),
    )
    moments = (moment.isoformat().replace("+00:00", "Z") for moment in (since, until))
    return urlencode(
        dict(zip(("happened", "since", "until"), (Happening.RETURNED.value, *moments), strict=True))
    )


def _numbers(now: float, before: float) -> tuple[str, str, str]:
    return words.number(now), words.number(before), words.change_of_number(now, before)


def _lengths(now: float | None, before: float | None) -> tuple[str, str, str]:
    return words.length(now), words.length(before), words.change_of_length(now, before)


def _time_names() -> list[tuple[str, str]]:
    return [
        (_("Half were taken within"), _("9 of 10 were taken within")),
        (_("Half were ready within"), _("9 of 10 were ready within")),
        (_("Half were collected within"), _("9 of 10 were collected within")),
    ]


def _reasons(found: list[tuple[str, int]]) -> list[Reason]:
    pieces_of_each = [pieces for _name, pieces in found]
    total, most = sum(pieces_of_each), max(pieces_of_each, default=0)
    return [
        Reason(name, pieces, words.percent(pieces / total), round(100 * pieces / most))
        for name, pieces in found
    ]
