"""The number that a tap brings along, so that it is done once however often it is sent."""

from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import Invalid


class TapForm(forms.Form):
    """A tap of a page that numbers its taps."""

    tap = forms.UUIDField(required=False)


def tap_number(request: HttpRequest) -> UUID | None:
    """None for a tap that brings no number. Invalid when it is none."""
    form = TapForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The number of this tap is no number: open the page anew and tap again."))
    number: UUID | None = form.cleaned_data["tap"]
    return number
