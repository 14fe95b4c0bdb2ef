"""The filter by shop, the same on every list of head office."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class ShopFilterForm(forms.Form):
    """Asks for one of the shops that its view offers, or for all."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        required=False,
        empty_label=_("All shops"),
        to_field_name="shop_id",
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shop: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment,type-arg]
        shop.queryset = shops
