"""Which orders a list shows and how, as its address says: the form of its filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Shop, WebShop
from accounts.viewer import Viewer
from core.choices import label_of
from core.errors import Invalid
from office.listing.columns import COLUMNS, NEWEST, SORTS, USUAL, Column, Sort
from office.listing.filters import NO_WEB_SHOP, Filters, Issue
from office.listing.happenings import Happening, Span
from office.listing.orders import orders_of, shops_with_orders
from office.shop_forms import ShopFilterForm
from orders.models import OrderQuerySet
from orders.states import Phase

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


class DayField(forms.DateField):
    """A day that a browser lets choose."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            **kwargs,
        )


class CameIn(models.TextChoices):
    """When an order came in, relative to today."""

    TODAY = "today", _("Came in today")
    YESTERDAY = "yesterday", _("Came in yesterday")
    WEEK = "7 days", _("Came in within 7 days")
    MONTH = "30 days", _("Came in within 30 days")

    @property
    def days(self) -> tuple[int, int]:
        """How many days ago it begins, and how many ago it ends."""
        return {"today": (0, 0), "yesterday": (1, 1), "7 days": (6, 0), "30 days": (29, 0)}[self.value]


class FilterForm(ShopFilterForm):
    """Which orders the list shows, and how it looks."""

    q = forms.CharField(label=_("Search"), required=False, max_length=50, strip=True)
    web_shop = forms.ChoiceField(label=_("Web shop"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    only = forms.ChoiceField(
        label=_("What is the matter"), required=False, choices=[("", _("Everything")), *Issue.choices]
    )
    came = forms.ChoiceField(
        label=_("Came in"), required=False, choices=[("", _("Came in at any time")), *CameIn.choices]
    )
    came_from = DayField(label=_("Came in from"))
    came_until = DayField(label=_("Came in until"))
    sort = forms.ChoiceField(
        required=False, choices=[("", ""), *((sort.key, sort.label) for sort in SORTS.values())]
    )
    col = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=[(column.key, column.label) for column in COLUMNS.values()],
    )
    # Set by the links of the overview, and kept while other filters are changed.
    happened = forms.ChoiceField(required=False, choices=[("", ""), *Happening.choices])
    since = forms.DateTimeField(required=False)
    until = forms.DateTimeField(required=False)

    data: QueryDict

    def __init__(self, asked: QueryDict, group: Group, shops: QuerySet[Shop]) -> None:
        super().__init__(asked, shops=shops)
        self.zone = ZoneInfo(group.time_zone)
        web_shop: forms.ChoiceField = self.fields["web_shop"]  # type: ignore[assignment]
        self.web_shops = {
            "ddd": (NO_WEB_SHOP, "DdD"),
            **{str(one.webshop_id): (one.pk, one.name) for one in _web_shops(group)},
        }
        names = [(value, name) for value, (_key, name) in self.web_shops.items()]
        web_shop.choices = [("", _("All web shops")), *names[1:], names[0]]
        status: forms.ChoiceField = self.fields["status"]  # type: ignore[assignment]
        status.choices = [("", _("All statuses")), *Phase.choices]

    def clean_since(self) -> datetime | None:
        return _in_utc(self.cleaned_data["since"])

    def clean_until(self) -> datetime | None:
        return _in_utc(self.cleaned_data["until"])

    def clean(self) -> None:
        """`happened` needs its span; the first day comes before the last."""
        given = [bool(self.cleaned_data.get(name)) for name in ("happened", "since", "until")]
        if any(given) and not all(given):
            raise forms.ValidationError(_("What happened needs a beginning and an end."))
        first, last = self.cleaned_data.get("came_from"), self.cleaned_data.get("came_until")
        if first and last and first > last:
            self.add_error("came_until", _("The last day is before the first: change one of them."))

    @property
    def wrong_days(self) -> list[str]:
        """What is wrong with the chosen days, in words."""
        return [str(text) for name in ("came_from", "came_until") for text in self.errors.get(name, [])]

    def refusal(self) -> Invalid:
        """The list's error, to be raised where showing everything instead would be wrong."""
        description = _("A filter has a value that does not exist: mend it first.")
        return Invalid(" ".join([str(description), *self.wrong_days]))

    @property
    def sort_by(self) -> Sort:
        """The order of the rows."""
        return SORTS[self.cleaned_data["sort"] or NEWEST.key] if self.is_valid() else NEWEST

    @property
    def columns(self) -> list[Column[Any]]:
        """Those that are shown, the usual ones unless others were chosen."""
        chosen = (self.cleaned_data["col"] if self.is_valid() else None) or USUAL
        return [column for key, column in COLUMNS.items() if key in chosen]

    def query(self, **instead: str) -> str:
        """The query of this list without defaults, with these values replaced."""
        given = {name: [self.data.get(name, "")] for name in self.fields}
        chosen = dict.fromkeys(self.data.getlist("col"))
        given["col"] = [] if chosen.keys() == USUAL else list(chosen)
        given |= {name: [value] for name, value in instead.items()}
        if given["sort"] == [NEWEST.key]:
            given["sort"] = []
        return urlencode([(name, value) for name, values in given.items() for value in values if value])

    def filters(self, now: datetime) -> Filters:
        """The filters; none of them when one has a value that does not exist."""
        if not self.is_valid():
            return Filters()
        found = self.cleaned_data
        since, before = self._came_in(now)
        web_shop, _name = self.web_shops.get(found["web_shop"], (None, ""))
        return Filters(
            text=found["q"],
            shop=found["shop"].pk if found["shop"] else None,
            web_shop=web_shop,
            phase=found["status"],
            only=found["only"],
            since=since,
            before=before,
            happened=found["happened"],
            span=Span(found["since"], found["until"]) if found["happened"] else None,
        )

    def _came_in(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The first moment, and the first that counts no more: both filters of days together."""
        first, last = self.cleaned_data["came_from"], self.cleaned_data["came_until"]
        if self.cleaned_data["came"]:
            today = now.astimezone(self.zone).date()
            begins, ends = (today - timedelta(days=ago) for ago in CameIn(self.cleaned_data["came"]).days)
            first, last = max(first or begins, begins), min(last or ends, ends)
        return self._midnight(first), self._midnight(last and last + timedelta(days=1))

    def _midnight(self, day: date | None) -> datetime | None:
        """When the day began where the Group is."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC) if day else None


def _web_shops(group: Group) -> QuerySet[WebShop]:
    return WebShop.objects.filter(group=group).order_by("name", "webshop_id")


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError as error:
        raise forms.ValidationError(_("There is no such moment.")) from error


@dataclass(frozen=True)
class Listing:
    """What a list shows: its orders as they are sorted, its columns, and in words which orders these are."""

    orders: OrderQuerySet
    columns: Sequence[Column[Any]]
    description: str


def listing_of(viewer: Viewer, query: str, now: datetime) -> Listing:
    """What the list at this address shows the person. Invalid when it has a filter that does not exist."""
    form = FilterForm(QueryDict(query), group=viewer.group, shops=shops_with_orders(viewer))
    if not form.is_valid():
        raise form.refusal()
    sort, way = form.sort_by, "-" if form.sort_by.newest_first else ""
    orders = orders_of(viewer, form.filters(now), now).order_by(f"{way}{sort.moment}", f"{way}pk")
    return Listing(orders, form.columns, _description(form))


def _description(form: FilterForm) -> str:
    """What was chosen, in the words of the form."""
    found = form.cleaned_data
    words = [found["q"] and f"“{found['q']}”", found["shop"] and found["shop"].name]
    for name in ("web_shop", "status", "only", "came", "happened"):
        choices = form.fields[name].choices  # type: ignore[attr-defined]
        words.append(found[name] and label_of(choices, found[name]))
    for name in ("came_from", "came_until"):
        words.append(found[name] and f"{form.fields[name].label} {found[name]:%Y-%m-%d}")
    return ", ".join(word for word in words if word) or gettext("All orders")
