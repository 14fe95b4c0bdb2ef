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
# Nobody chooses it: DdD, or the web shop there, has cancelled the order.
AT_DDD: Final = Reason("ddd", _("Cancelled at DdD"))


def label_of_cancel_reason(code: str) -> str:
    """The label of a stored reason, in the active language; empty for none."""
    return Reasons([*CANCEL_REASONS, AT_DDD]).label_of(code)
