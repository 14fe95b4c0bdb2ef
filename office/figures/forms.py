"""Of which shop, web shop and weeks head office wants to see the figures."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, WebShop
from office.figures.counting import WEEK, monday_of
from office.figures.selection import DDD, Selection
from office.models.daily_figure import EVERY, NO_WEB_SHOP

WEEKS_SHOWN, MOST_WEEKS = 13, 53
FIRST_DAY, LAST_DAY = date(2000, 1, 3), date(2999, 12, 22)


class FiguresForm(forms.Form):
    """Days are widened to whole weeks."""

    shop = forms.ChoiceField(label=_("Shop"), required=False)
    web_shop = forms.ChoiceField(label=_("Web shop"), required=False)
    came_from = forms.DateField(label=_("Came in from"), required=False)
    came_until = forms.DateField(label=_("Came in until"), required=False)

    def __init__(
        self, *args: Any, shops: Iterable[Shop], web_shops: Iterable[WebShop], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.shops = {str(shop.shop_id): shop.pk for shop in shops}
        self.web_shops = {str(one.webshop_id): one.pk for one in web_shops} | {DDD: NO_WEB_SHOP}
        self.today = today
        self._offer("shop", _("All shops"), [(str(shop.shop_id), shop.name) for shop in shops])
        named = [(str(one.webshop_id), one.name) for one in web_shops]
        self._offer("web_shop", _("All web shops"), [*named, (DDD, "DdD")])
        for name in ("came_from", "came_until"):
            field: forms.DateField = self.fields[name]  # type: ignore[assignment]
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            field.validators += [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]

    def _offer(self, name: str, nothing: Any, choices: list[tuple[str, str]]) -> None:
        field: forms.ChoiceField = self.fields[name]  # type: ignore[assignment]
        field.choices = [("", nothing), *choices]

    def clean(self) -> None:
        """At most a year and a week."""
        first, last = self._span()
        if first > last:
            self.add_error("came_until", _("The last day is before the first: change one of them."))
        elif last - first >= MOST_WEEKS * WEEK:
            self.add_error("came_from", _("Choose at most %(count)d weeks.") % {"count": MOST_WEEKS})

    def selection(self) -> Selection:
        """The selection; the last 13 weeks of all shops when the form is invalid."""
        if not self.is_valid():
            this_week = monday_of(self.today)
            return Selection(this_week - (WEEKS_SHOWN - 1) * WEEK, this_week)
        first, last = self._span()
        found = self.cleaned_data
        return Selection(
            first,
            last,
            self.shops.get(found["shop"], EVERY),
            self.web_shops.get(found["web_shop"], EVERY),
        )

    def _span(self) -> tuple[date, date]:
        found = self.cleaned_data
        last = monday_of(found.get("came_until") or self.today)
        first = found.get("came_from")
        return monday_of(first) if first else last - (WEEKS_SHOWN - 1) * WEEK, last
