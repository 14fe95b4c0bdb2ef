"""Why a mail about an order was not sent. What a mail server may say is in `core/sending.py`."""

from django.utils.translation import gettext_lazy as _

from core.causes import Cause

NOT_NEEDED_ANY_MORE = Cause("order-mail-not-needed", _("Not needed any more: the order has moved on."))
NO_NUMBER = Cause("order-mail-no-number", _("The order has no CustomerNumber."))
NO_MEMBER = Cause("order-mail-no-member", _("No member has this number"))
NO_ADDRESS = Cause("order-mail-no-address", _("The member has no mail address."))
BAD_ADDRESS = Cause("order-mail-bad-address", _("The mail address cannot be used."))
DDD_AWAY = Cause("order-mail-ddd-away", _("DdD cannot be asked for the member's address now."))
