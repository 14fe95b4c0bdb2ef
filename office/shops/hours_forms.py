"""What head office types about opening hours and holidays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import changes
from accounts.models import Group, Shop, User
from accounts.opening_hours import Week, about_week, close_on, save_weeks, week_of
from accounts.setting_forms import save_unless_changed

ROWS_OF_HOLIDAYS = 6
LONGEST_HOLIDAY = timedelta(days=92)
FURTHEST = timedelta(days=2 * 366)


class ShopsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some shops of the Group, by their ShopId."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Shop.objects.none(),
            required=False,
            to_field_name="shop_id",
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "invalid_choice": gettext_lazy("There is no shop %(value)s here."),
                "invalid_pk_value": gettext_lazy("There is no shop %(pk)s here."),
            },
            **kwargs,
        )


class WeekForm(forms.Form):
    """When a shop is open on each weekday, and which other shops are open as it is."""

    ALWAYS, HOURS = "always", "hours"

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    when = forms.ChoiceField(
        label=gettext_lazy("the shop is open"),
        choices=[(ALWAYS, gettext_lazy("always")), (HOURS, gettext_lazy("at these times"))],
        widget=forms.RadioSelect,
    )
    others = ShopsField(label=gettext_lazy("these shops are open at the same times"))

    def __init__(self, data: Any, shop: Shop) -> None:
        self.shop, self.group = shop, shop.group
        self.changes = changes.latest(shop.group, about_week(shop))
        kept, seen = week_of(shop), self.changes[0].pk if self.changes else 0
        super().__init__(data, initial={"when": self.HOURS if kept else self.ALWAYS, "seen": seen})
        others: Any = self.fields["others"]
        others.queryset = self.group.shops.filter(takes_orders=True).exclude(pk=shop.pk)
        for number, name in WEEKDAYS.items():
            opens, closes = kept.get(number, (None, None))
            self.fields[f"opens_{number}"] = _clock(_("%(day)s opens") % {"day": str(name)}, opens)
            self.fields[f"closes_{number}"] = _clock(_("%(day)s closes") % {"day": str(name)}, closes)

    @property
    def days(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each weekday with its two fields."""
        return [
            (str(name), self[f"opens_{number}"], self[f"closes_{number}"])
            for number, name in WEEKDAYS.items()
        ]

    @property
    def week(self) -> Week:
        """What was typed: the days on which it is open."""
        if self.cleaned_data["when"] == self.ALWAYS:
            return {}
        typed = {
            number: (self.cleaned_data[f"opens_{number}"], self.cleaned_data[f"closes_{number}"])
            for number in WEEKDAYS
        }
        return {number: (opens, closes) for number, (opens, closes) in typed.items() if opens and closes}

    def clean(self) -> dict[str, Any]:
        """A day has both times, and opens before it closes; some day is open."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("when") != self.HOURS:
            return found
        for number in WEEKDAYS:
            opens, closes = found.get(f"opens_{number}"), found.get(f"closes_{number}")
            if f"opens_{number}" in self.errors or f"closes_{number}" in self.errors:
                continue
            if (opens is None) != (closes is None):
                missing = "opens" if opens is None else "closes"
                self.add_error(f"{missing}_{number}", _("Both times, or none on a day that is closed."))
            elif opens and closes and opens >= closes:
                self.add_error(
                    f"closes_{number}", _("It closes after it opens; until midnight is 23:59 here.")
                )
        if not self.errors and not self.week:
            self.add_error("when", _("A shop that never opens is never alerted: give it one day at least."))
        return found

    def keep(self, user: User, now: datetime) -> bool:
        """False when somebody else was faster with this shop's week."""
        others, seen = list(self.cleaned_data["others"]), self.cleaned_data["seen"]
        return save_unless_changed(self, lambda: save_weeks(self.shop, others, self.week, user, seen, now))


class HolidayForm(forms.Form):
    """Some days on which shops are closed, all under one name."""

    first = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(
        label=gettext_lazy("until and with"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    name = forms.CharField(label=gettext_lazy("name"), max_length=100)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for field in self.fields.values():  # the head of their column names them for the eye alone
            field.widget.attrs["aria-label"] = str(field.label).capitalize()

    def clean(self) -> dict[str, Any]:
        """Days to come, and not more than a season."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last") or found.get("first")
        if first is None or last is None:
            return found
        if first < self.today:
            self.add_error("first", _("This day is over."))
        elif first > self.today + FURTHEST:
            self.add_error("first", _("At most two years ahead."))
        elif last < first:
            self.add_error("last", _("It ends after it begins."))
        elif last - first >= LONGEST_HOLIDAY:
            self.add_error("last", _("At most three months; a shop that closes takes no web orders."))
        return found

    def days(self) -> Iterator[date]:
        """Each of its days."""
        first = self.cleaned_data["first"]
        last = self.cleaned_data["last"] or first
        return (first + timedelta(days=number) for number in range((last - first).days + 1))


class ClosedShopsForm(forms.Form):
    """Which shops are closed then."""

    ALL, CHOSEN = "all", "chosen"

    whose = forms.ChoiceField(
        label=gettext_lazy("closed shops"),
        choices=[(ALL, gettext_lazy("all shops")), (CHOSEN, gettext_lazy("the chosen shops"))],
        initial=ALL,
        widget=forms.RadioSelect,
    )
    shops = ShopsField(label=gettext_lazy("chosen shops"))

    def __init__(self, data: Any, group: Group) -> None:
        super().__init__(data)
        shops: Any = self.fields["shops"]
        shops.queryset = group.shops.filter(takes_orders=True)

    def clean(self) -> dict[str, Any]:
        """Some shop is closed."""
        found: dict[str, Any] = super().clean() or {}
        chosen = found.get("whose") == self.CHOSEN
        if chosen and "shops" not in self.errors and not found.get("shops"):
            self.add_error("shops", _("Choose at least one shop."))
        return found


class HolidaysPage:
    """The whole page: several holidays at once, for all or for some shops."""

    def __init__(self, data: Any, group: Group, today: date) -> None:
        self.group = group
        self.whose = ClosedShopsForm(data, group)
        rows = forms.formset_factory(HolidayForm, extra=ROWS_OF_HOLIDAYS, max_num=ROWS_OF_HOLIDAYS)
        self.rows = rows(data, prefix="days", form_kwargs={"today": today})

    @property
    def errors(self) -> bool:
        """Whether something was sent that cannot be kept."""
        return self.whose.is_bound and not self.is_valid()

    def is_valid(self) -> bool:
        """Every part is looked at, so that all faults are told at once."""
        valid = [self.whose.is_valid(), self.rows.is_valid()]
        return all(valid) and any(form.has_changed() for form in self.rows)

    def keep(self, user: User, now: datetime) -> int:
        """Returns how many days were new; existing ones stay as they are."""
        chosen = list(self.whose.cleaned_data["shops"]) if self._some else None
        typed = [form for form in self.rows if form.has_changed()]
        days = {day: form.cleaned_data["name"] for form in typed for day in form.days()}
        return close_on(self.group, days, chosen, user, now)

    @property
    def _some(self) -> bool:
        return bool(self.whose.cleaned_data["whose"] == ClosedShopsForm.CHOSEN)


def _clock(label: str, initial: time | None) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time", "aria-label": label}, "%H:%M")
    return forms.TimeField(label=label, required=False, initial=initial, widget=widget)
