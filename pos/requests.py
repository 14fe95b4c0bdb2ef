"""What a tap's request contains: its number, so that it is applied once however often it is sent, and the
page to return to."""

from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import Invalid
from pos.batch import keys_in, query_of


class TapForm(forms.Form):
    """A tap of a page that numbers its taps."""

    tap = forms.UUIDField(required=False)


def tap_number(request: HttpRequest) -> UUID | None:
    """None for a tap without a number. Invalid when it is not a UUID."""
    form = TapForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The number of this tap is no number: open the page anew and tap again."))
    number: UUID | None = form.cleaned_data["tap"]
    return number


def page_after(request: HttpRequest, pk: int) -> str:
    """The page to return to after a tap on a piece: the walk from which it came, else the order's page."""
    walk = request.POST.getlist("walk")
    if walk:
        return f"{reverse('pos-batch')}?{query_of(keys_in(walk))}"
    return reverse("pos-order", args=[pk])
