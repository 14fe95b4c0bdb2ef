"""Why people cancel an order. Knows no database."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.choices import Reason, Reasons

CANCEL_REASONS: Final = Reasons(
    [
        Reason("not there", _("The pieces are not there")),
        Reason("customer", _("The customer does not want it")),
        Reason("other", _("Something else")),
    ]
)
