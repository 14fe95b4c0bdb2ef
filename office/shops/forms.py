"""What head office types about a shop."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Group, Shop, User
from accounts.save_setting import Setting, make_row
from accounts.setting_forms import SettingForm
from office.shops.shops import about, has_fixed_shop_id, refuse_to_change, why_not_change


class ShopForm(SettingForm):
    """A shop; its ShopId is fixed as soon as orders or books name it."""

    class Meta(SettingForm.Meta):
        model = Shop
        fields = ("shop_id", "name", "address", "takes_orders", "asks_who")
        widgets = {"address": forms.Textarea(attrs={"rows": 4}), "shop_id": forms.TextInput}
        help_texts = {
            "shop_id": gettext_lazy("DdD's number of the shop, 1001 to 999999."),
            "address": gettext_lazy("As it is to stand on labels and in mails, line by line."),
            "takes_orders": gettext_lazy("Web shops may send it orders, and its tablets show them."),
        }

    def __init__(self, data: Any, *, group: Group, shop: Shop | None = None, **kwargs: Any) -> None:
        self.about, self.subject = (about(shop), shop.name) if shop else ("shops", "")
        super().__init__(data, group=group, instance=shop or Shop(group=group), **kwargs)
        self.initial["address"] = "\n".join(self.instance.address.split("#"))
        if shop and has_fixed_shop_id(shop):
            self.fields["shop_id"].disabled = True

    def stored(self) -> Shop:
        shown: Shop = self.instance
        return Shop.objects.get(pk=shown.pk) if shown.pk else shown

    def clean_shop_id(self) -> int:
        """Each ShopId once in the Group."""
        shop_id: int = self.cleaned_data["shop_id"]
        other = self.group.shops.filter(shop_id=shop_id).exclude(pk=self.instance.pk).first()
        if other:
            raise forms.ValidationError(_("%(shop)s has this ShopId already.") % {"shop": other.name})
        return shop_id

    def clean_name(self) -> str:
        """Lists and roles tell shops apart by their names; those that share one already keep it."""
        name: str = self.cleaned_data["name"]
        same = [
            number
            for number, other in self.group.shops.exclude(pk=self.instance.pk).values_list("shop_id", "name")
            if other.casefold() == name.casefold()
        ]
        if same and name != self.initial.get("name"):
            sentence = _("Shop %(shop_id)s is called %(name)s already: choose a name that tells them apart.")
            raise forms.ValidationError(sentence % {"shop_id": same[0], "name": name})
        return name

    def clean_address(self) -> str:
        """Kept as DdD writes it: # is a line break."""
        lines = (line.strip() for line in self.cleaned_data["address"].splitlines())
        return "#".join(line for line in lines if line)

    def clean_takes_orders(self) -> bool:
        """What is under way would be stuck in a shop that stops."""
        takes: bool = self.cleaned_data["takes_orders"]
        if sentence := why_not_change(self.instance, takes):
            raise forms.ValidationError(sentence)
        return takes

    def setting(self, user: User, now: datetime) -> Setting:
        """It is looked at once more: an order may have come in since."""
        takes = self.cleaned_data["takes_orders"]
        return replace(
            super().setting(user, now), before_save=partial(refuse_to_change, self.instance, takes)
        )

    def make(self, user: User, now: datetime) -> Shop:
        """A new shop. Conflict when somebody else makes it at this moment."""
        taken = _("Somebody has made this shop just now: look at the list.")
        made: Shop = make_row(self.setting(user, now), about, user, now, taken)
        return made
