"""What head office types about a web shop and its keys."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.keyring import LONGEST_ROTATION, about
from accounts.models import Group, Shop, User, WebShop
from accounts.save_setting import Setting, make_row
from accounts.setting_forms import Section, SettingForm, fields_in
from core.causes import words_of
from ddd.lookup.trying import try_address
from ddd.models import Connection
from office.shops.hours_forms import ShopsField
from office.shops.web_shops import refuse_turnover_shop
from orders.models import WebOrder

# What is asked on the page beside the fields of the web shop.
BESIDE = ("where", "forget_token")
SECTIONS = (
    Section("web-shop", gettext_lazy("Web shop"), (("name", "webshop_id"), "where", "shops")),
    Section(
        "books",
        gettext_lazy("How its sales are booked"),
        ("sold_by", ("turnover_shop", "turnover_item_group"), "transfers_by", "transaction_type"),
        note=gettext_lazy(
            "Its prices are in the currency of the Group: an order says none, and neither does a sale in "
            "DdD. A web shop in another currency needs a Group of its own."
        ),
        ending=gettext_lazy(
            "A sale in DdD names no VAT: it probably comes from the item group. Where a web shop sells at "
            "two rates of VAT, one turnover item group would then book one of them wrongly: ask DdD first."
        ),
    ),
    Section("token", gettext_lazy("DdD's token for this web shop"), ("ddd_token", "forget_token")),
)
USUAL_ROTATION = timedelta(days=7)
WALL_CLOCK = "%Y-%m-%dT%H:%M"


class WebShopForm(SettingForm):
    """A web shop; its WebshopId is fixed as soon as orders name it. The token is written, never read."""

    ALL, CHOSEN = "all", "chosen"
    secrets = ("ddd_token",)
    sections = SECTIONS

    where = forms.ChoiceField(
        label=gettext_lazy("it sells through"),
        choices=[
            (ALL, gettext_lazy("every shop that takes web orders")),
            (CHOSEN, gettext_lazy("the chosen shops")),
        ],
        widget=forms.RadioSelect,
    )
    shops = ShopsField(label=gettext_lazy("chosen shops"))
    forget_token = forms.BooleanField(label=gettext_lazy("use the Group's token instead"), required=False)

    class Meta(SettingForm.Meta):
        model = WebShop
        fields = fields_in(*SECTIONS, but=BESIDE)
        help_texts = {
            "webshop_id": gettext_lazy("DdD's number of the web shop."),
            "turnover_item_group": gettext_lazy("Marks the turnover there; 1 to 9999."),
            "transaction_type": gettext_lazy(
                "DdD's number, 100 to 999, for what was paid online; usually 150."
            ),
            "turnover_shop": gettext_lazy("Empty: each shop keeps the turnover of what it delivers."),
            "transfers_by": gettext_lazy("When there is a turnover shop, pieces move there in DdD's books."),
        }
        widgets = {
            "sold_by": forms.RadioSelect,
            "transfers_by": forms.RadioSelect,
            "ddd_token": forms.PasswordInput(attrs={"autocomplete": "off"}),
        }

    def __init__(self, data: Any, *, group: Group, web_shop: WebShop | None = None) -> None:
        self.about, self.subject = (about(web_shop), web_shop.name) if web_shop else ("web shops", "")
        super().__init__(data, group=group, instance=web_shop or WebShop(group=group))
        chosen = web_shop is not None and bool(self.initial["shops"])
        self.initial["where"] = self.CHOSEN if chosen else self.ALL
        self.initial["shops"] = [shop.shop_id for shop in self.initial.get("shops", [])]
        self.token = self.instance.ddd_token
        shops: Any = self.fields["shops"]
        # Who names a shop that takes no orders just now still names it when it takes them again.
        named = Q(shop_id__in=self.initial["shops"])
        shops.queryset = group.shops.filter(Q(takes_orders=True) | named)
        turnover: Any = self.fields["turnover_shop"]
        turnover.queryset = group.shops.filter(takes_orders=False)
        turnover.to_field_name = "shop_id"
        turnover.empty_label = _("none")
        turnover.error_messages["invalid_choice"] = _(
            "It must be a shop of this Group that takes no web orders itself."
        )
        self.initial["turnover_shop"] = self.instance.turnover_shop and self.instance.turnover_shop.shop_id
        if web_shop and WebOrder.objects.filter(web_shop=web_shop).exists():
            self.fields["webshop_id"].disabled = True
        if not self.token:
            del self.fields["forget_token"]
        token = self.fields["ddd_token"]
        token.help_text = (
            _("One is saved. Type another to take its place; it is never shown.")
            if self.token
            else _("Empty: the Group's token is used.")
        )

    def stored(self) -> WebShop:
        """As the database has it."""
        shown: WebShop = self.instance
        return WebShop.objects.select_related("turnover_shop").get(pk=shown.pk) if shown.pk else shown

    def clean_webshop_id(self) -> int:
        """Each WebshopId once in the Group."""
        number: int = self.cleaned_data["webshop_id"]
        other = self.group.web_shops.filter(webshop_id=number).exclude(pk=self.instance.pk).first()
        if other:
            raise forms.ValidationError(_("%(web_shop)s has this WebshopId already.") % {"web_shop": other})
        return number

    def clean(self) -> dict[str, Any]:
        """A turnover shop and its item group go together; chosen shops are some; DdD takes a new token."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("where") == self.ALL:
            found["shops"] = Shop.objects.none()
        elif "shops" not in self.errors and not found.get("shops"):
            self.add_error("shops", _("Choose at least one shop."))
        both = "turnover_shop" not in self.errors and "turnover_item_group" not in self.errors
        if both and found.get("turnover_shop") and not found.get("turnover_item_group"):
            self.add_error("turnover_item_group", _("A turnover shop needs its turnover item group."))
        elif both and found.get("turnover_item_group") and not found.get("turnover_shop"):
            self.add_error("turnover_shop", _("An item group alone marks nothing: choose the turnover shop."))
        if found.get("forget_token"):
            found["ddd_token"] = ""
        else:
            if found.get("ddd_token") and not self.errors:
                self._try_token(found["ddd_token"])
            found["ddd_token"] = found.get("ddd_token") or self.token
        return found

    def _try_token(self, token: str) -> None:
        connection = Connection.objects.filter(group=self.group).first()
        tried = connection and try_address(connection.base_url, token)
        if tried and tried.trouble:
            self.add_error("ddd_token", words_of(tried.trouble))

    def setting(self, user: User, now: datetime) -> Setting:
        """The turnover shop is looked at once more: it may take web orders by now."""
        refuse = partial(refuse_turnover_shop, self.cleaned_data["turnover_shop"])
        return replace(super().setting(user, now), before_save=refuse)

    def make(self, user: User, now: datetime) -> WebShop:
        """A new web shop. Conflict when somebody else makes it at this moment."""
        taken = _("Somebody has made this web shop just now: look at the list.")
        made: WebShop = make_row(self.setting(user, now), about, user, now, taken)
        return made


class KeyForm(forms.Form):
    """A new key, and the number of the form that asks for it."""

    name = forms.CharField(
        label=gettext_lazy("what it is for"),
        max_length=60,
        help_text=gettext_lazy("The program or firm that uses it."),
    )
    form = forms.CharField(widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="key_%s")  # it stands beside the web shop's own name


class RotationForm(forms.Form):
    """A key in place of an old one, and until when the old one is good."""

    until = forms.DateTimeField(
        label=gettext_lazy("the old one stays good until"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, WALL_CLOCK),
    )
    form = forms.CharField(widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))

    def __init__(self, data: Any, now: datetime) -> None:
        super().__init__(data, initial={"until": now + USUAL_ROTATION})
        self.now = now

    def clean_until(self) -> datetime:
        """A moment to come, and not for ever."""
        until: datetime = self.cleaned_data["until"]
        if not self.now < until <= self.now + LONGEST_ROTATION:
            raise forms.ValidationError(_("A moment to come, in 90 days at most. To end it now, revoke it."))
        return until
