"""Forms about a person's own access."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ForgotForm(forms.Form):
    """Requests a link to choose a new password."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
