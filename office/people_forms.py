"""What head office types and chooses about people."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import people
from accounts.models import Membership, Shop, User

NO_ROLE = "none"


class FindForm(forms.Form):
    """Whom the list shows."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        empty_label=_("All shops"),
        to_field_name="shop_id",
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]

    def people(self, by: User) -> QuerySet[User]:
        """Those that were asked for; everybody when a filter has a value that does not exist."""
        found = self.cleaned_data if self.is_valid() else {}
        return people.people_of_the_group(by.group, found.get("q", ""), found.get("shop"))


class NameForm(forms.Form):
    """How a person is called, and the language in which she is answered."""

    name = forms.CharField(label=_("Name"), max_length=100)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks for")), *settings.LANGUAGES],
    )

    def carry_out(self, person: User, by: User, now: datetime) -> None:
        people.rename(person, self.cleaned_data["name"], self.cleaned_data["language"], by, now)


class RoleForm(forms.Form):
    """What a person is in one shop."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(), label=_("Shop"), to_field_name="shop_id", empty_label=_("Choose a shop")
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[*Membership.Role.choices, (NO_ROLE, _("not in this shop"))]
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]

    def carry_out(self, person: User, by: User, now: datetime) -> None:
        role = self.cleaned_data["role"]
        asked = None if role == NO_ROLE else Membership.Role(role)
        people.give_role(person, self.cleaned_data["shop"], asked, by, now)


class DeedForm(forms.Form):
    """What is done with a person by one button."""

    deed = forms.ChoiceField(
        choices=[
            ("into head office", ""),
            ("out of head office", ""),
            ("deactivate", ""),
            ("activate", ""),
            ("reset pin", ""),
            ("unlock pin", ""),
        ]
    )

    def carry_out(self, person: User, by: User, now: datetime) -> None:
        """Does it; Conflict when it would lock out who does it."""
        deed = self.cleaned_data["deed"]
        if deed in ("into head office", "out of head office"):
            people.make_head_office(person, deed == "into head office", by, now)
        elif deed == "deactivate":
            people.deactivate(person, by, now)
        elif deed == "activate":
            people.activate(person, by, now)
        elif deed == "reset pin":
            people.reset_pin(person, by, now)
        else:
            people.unlock_pin(person, by, now)


class EndForm(forms.Form):
    """Which of a person's log-ins end; none named is all."""

    log_in = forms.CharField(required=False, max_length=64)

    def carry_out(self, person: User, by: User, now: datetime, this: str | None) -> None:
        """`this` is the session of who does it, which never ends by that."""
        named = self.cleaned_data["log_in"]
        if not named:
            people.end_all_log_ins(person, by, now, but=this)
            return
        for log_in in people.log_ins_of(person):
            if log_in.number == named:
                people.end_log_in(log_in, by, now)
