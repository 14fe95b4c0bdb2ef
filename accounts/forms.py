"""What people type about their own access."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ForgotForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
