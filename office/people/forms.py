"""What head office types and chooses about people."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import inviting, people, second_factor
from accounts.models import Membership, Shop, User
from core.errors import Invalid
from office.shop_forms import ShopFilterForm

NO_ROLE = "none"


class PeopleFilterForm(ShopFilterForm):
    """Whom the list shows."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)

    def people(self, by: User) -> QuerySet[User]:
        """The filtered people; everybody when a filter has a value that does not exist."""
        found = self.cleaned_data if self.is_valid() else {}
        return people.people_of_the_group(by.group, found.get("q", ""), found.get("shop"))


class InviteForm(forms.Form):
    """Who is to come, and what as."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=100)
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        to_field_name="shop_id",
        empty_label=_("No shop"),
    )
    role = forms.ChoiceField(label=_("Role in the shop"), choices=Membership.Role.choices, required=False)
    is_head_office = forms.BooleanField(
        label=_("Head office"),
        required=False,
        help_text=_("Sees every shop, sets the rules and looks after people."),
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]
        self.initial.setdefault("role", Membership.Role.STAFF)

    def clean(self) -> None:
        """An invitation needs a shop or head office."""
        found = self.cleaned_data
        if "shop" in found and not found["shop"] and not found.get("is_head_office"):
            self.add_error("shop", _("Choose a shop, or head office."))

    def carry_out(self, by: User, now: datetime) -> User | None:
        """Invites them; None when their address cannot be, which the form then says."""
        found = self.cleaned_data
        roles = {found["shop"]: Membership.Role(found["role"] or "staff")} if found["shop"] else {}
        try:
            return inviting.invite(
                found["email"], found["name"], by, now, is_head_office=found["is_head_office"], roles=roles
            )
        except Invalid as refused:
            self.add_error("email", refused.sentence)
            return None


class NameForm(forms.Form):
    """A person's name and language."""

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

    def __init__(self, *args: Any, shops: QuerySet[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]

    def carry_out(self, person: User, by: User, now: datetime) -> None:
        role = self.cleaned_data["role"]
        asked = None if role == NO_ROLE else Membership.Role(role)
        people.give_role(person, self.cleaned_data["shop"], asked, by, now)


WITHDRAW = "withdraw the invitation"
ACTIONS: dict[str, Callable[[User, User, datetime], None]] = {
    "into head office": partial(people.make_head_office, True),
    "out of head office": partial(people.make_head_office, False),
    "deactivate": people.deactivate,
    "activate": people.activate,
    "reset pin": people.reset_pin,
    "unlock pin": people.unlock_pin,
    "reset second factor": second_factor.reset,
    "password mail": inviting.send_password_mail,
    "invite again": inviting.invite_again,
    WITHDRAW: inviting.withdraw,
}


# These ask for the password again.
WITH_THE_PASSWORD = ("into head office", "reset second factor")


class ActionForm(forms.Form):
    """What is done with a person by one button."""

    do = forms.ChoiceField(choices=[(action, action) for action in ACTIONS])

    def carry_out(self, person: User, by: User, now: datetime) -> None:
        """Does it; Conflict when it would lock out who does it, or somebody was faster."""
        ACTIONS[self.cleaned_data["do"]](person, by, now)


class EndLogInsForm(forms.Form):
    """Which of a person's log-ins end; none named is all."""

    log_in = forms.CharField(required=False, max_length=64)

    def carry_out(self, person: User, by: User, now: datetime, this: str | None) -> None:
        """`this` is the session of who does it, which never ends by that."""
        named = self.cleaned_data["log_in"]
        if not named:
            people.end_all_log_ins(person, by, now, except_session=this)
            return
        for log_in in people.log_ins_of(person):
            if log_in.number == named:
                people.end_log_in(log_in, by, now)
