"""Causes that are stored: why a mail about an order was not sent, and why an action on an order was refused.
What a mail server may answer is in `core/sending.py`."""

from django.utils.translation import gettext_lazy as _

from core.causes import Cause, LocalValue
from core.choices import label_of
from orders.states import Status

NOT_NEEDED_ANY_MORE = Cause("order-mail-not-needed", _("Not needed any more: the order has moved on."))
NO_NUMBER = Cause("order-mail-no-number", _("The order has no CustomerNumber."))
NO_MEMBER = Cause("order-mail-no-member", _("No member has this number"))
NO_ADDRESS = Cause("order-mail-no-address", _("The member has no mail address."))
BAD_ADDRESS = Cause("order-mail-bad-address", _("The mail address cannot be used."))
DDD_AWAY = Cause("order-mail-ddd-away", _("DdD cannot be asked for the member's address now."))

# Why something was not done with an order.
STATUS = LocalValue("order-status", lambda status: label_of(Status.choices, status).lower())
DDDS_TILL = Cause("ddds-till", _("DdD's till"))
STANDS_OTHERWISE = Cause(
    "order-stands-otherwise", _("This order is %(status)s now; the screen shows it as it is.")
)
MOVED_BY_OTHERS = Cause("order-moved-by-others", _("Somebody was faster and moved this order to %(shop)s."))
MOVED_AWAY = Cause("order-moved-away", _("This order was moved to %(shop)s meanwhile."))
TAKES_NONE_OF_IT = Cause("order-takes-none-of-it", _("%(shop)s does not take orders of this web shop."))
SAY_WHY = Cause("order-say-why", _("Say why: choose one of the reasons."))
CANCELLED_BY = Cause("order-cancelled-by", _("%(name)s has cancelled this order already."))
IS_BEING_PICKED = Cause("order-is-being-picked", _("%(name)s is picking it: nobody has to be reminded."))
SHOP_WAS_REMINDED = Cause("order-shop-was-reminded", _("The shop was reminded within the last 5 minutes."))
CUSTOMER_WAS_REMINDED = Cause(
    "order-customer-was-reminded", _("The customer was reminded within the last 24 hours.")
)
NO_ADDRESS_TO_REMIND = Cause(
    "order-no-address-to-remind", _("It came without a member's number: there is no address for a mail.")
)
