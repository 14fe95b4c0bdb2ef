"""Why a mail was not sent: stored in English, said in the reader's language. What a mail server may say is
in `core/sending.py`."""

from django.utils.translation import gettext_noop

NOT_NEEDED_ANY_MORE = gettext_noop("Not needed any more: the order has moved on.")
NO_NUMBER = gettext_noop("The order has no CustomerNumber.")
NO_MEMBER = gettext_noop("No member has this number")
NO_ADDRESS = gettext_noop("The member has no mail address.")
BAD_ADDRESS = gettext_noop("The mail address cannot be used.")
DDD_AWAY = gettext_noop("DdD cannot be asked for the member's address now.")
