"""Where DdD answers, and the token that it wants: tried before they are kept."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.keyring import forget_ddd_tokens
from accounts.models import Group, User
from accounts.save_setting import Setting
from accounts.setting_forms import Section, SettingForm
from core.causes import words_of
from ddd.api.addresses import NotCalled, check_address
from ddd.api.http import tidy_address
from ddd.lookup.trying import try_address
from ddd.models import Connection
from office import causes


class AddressField(forms.CharField):
    """An address of DdD that may be called, tidied before it is checked."""

    def to_python(self, value: Any) -> str:
        """Without the path of DdD's routes, and with a scheme."""
        return tidy_address(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        """Also what an address has in it."""
        super().validate(value)
        try:
            check_address(value)
        except NotCalled as refused:
            raise forms.ValidationError(words_of(refused.cause)) from refused


class ReachForm(SettingForm):
    """The address and the token of the Group's connection."""

    about = "ddd"
    subject = causes.DDD
    secrets = ("token",)
    sections: ClassVar[tuple[Section, ...]] = (
        Section("reached", _("How DdD is reached"), ("base_url", "token")),
    )

    base_url = AddressField(
        label=_("address"),
        max_length=200,
        validators=[URLValidator(schemes=["https", "http"], message=_("An address begins with https://."))],
        help_text=_("Where DdD's Public API answers, as DdD has told you."),
        widget=forms.URLInput,
    )
    token = forms.CharField(
        label=_("token"),
        required=False,
        max_length=200,
        validators=[RegexValidator(r"^[!-~]+$", _("A token has no spaces and no letters like æ, ø and å."))],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "It is never shown. Empty: it stays as it is. A new address needs it typed anew, and so the web "
            "shops' own tokens."
        ),
    )

    class Meta(SettingForm.Meta):
        model = Connection
        fields: ClassVar[list[str]] = ["base_url", "token"]

    def __init__(self, data: Any, group: Group) -> None:
        kept = Connection.objects.filter(group=group).select_related("words_confirmed_by").first()
        super().__init__(data, group=group, instance=kept or Connection(group=group))
        self.is_new, self.routes_under_api = kept is None, self.instance.routes_under_api
        # The form writes over the instance before it is known to be good.
        self.known = {name: getattr(self.instance, name) for name in ("base_url", "token")}

    def stored(self) -> Connection:
        return Connection.objects.filter(group=self.group).first() or Connection(group=self.group)

    def current_values(self) -> Any:
        """Nothing of a connection that is not there yet."""
        return super().current_values() if self.stored().pk else {}

    @property
    def has_moved(self) -> bool:
        """Whether the address is another one than before."""
        before = tidy_address(self.known["base_url"])
        return bool(before) and self.cleaned_data["base_url"] != before

    def setting(self, user: User, now: datetime) -> Setting:
        """With another address the web shops' own tokens are forgotten too."""
        setting = super().setting(user, now)
        if not self.has_moved:
            return setting
        return replace(setting, before_save=partial(forget_ddd_tokens, self.group, user, now))

    def values(self, user: User, now: datetime) -> dict[str, Any]:
        """Also whether its routes are under /api/, which was found by trying."""
        return super().values(user, now) | {
            "token": self.cleaned_data["token"] or self.known["token"],
            "routes_under_api": self.routes_under_api,
        }

    def clean(self) -> dict[str, Any]:
        """A token goes to no other address than the one for which it was typed."""
        found: dict[str, Any] = super().clean() or {}
        address = found.get("base_url")
        if "token" in found and not found["token"]:
            if self.is_new or not self.known["token"]:
                self.add_error("token", _("DdD lets nobody in without a token."))
            elif address and address != tidy_address(self.known["base_url"]):
                self.add_error("token", _("The address is another one: type the token that belongs to it."))
        self.check_words()
        if not self.errors and (found["token"] or address != tidy_address(self.known["base_url"])):
            tried = try_address(found["base_url"], found["token"])
            self.routes_under_api = tried.routes_under_api
            if tried.trouble:
                self.add_error("base_url", words_of(tried.trouble))
                # What they have just typed, and nothing that is kept: it need not be typed twice.
                self.fields["token"].widget.render_value = True
        return found

    def check_words(self) -> None:
        """What else stands on the page is checked before DdD is called."""
