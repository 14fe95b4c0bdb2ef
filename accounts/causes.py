"""Why a mail about somebody's own access was not sent. What a mail server may say is in `core/sending.py`."""

from django.utils.translation import gettext_lazy as _

from core.causes import Cause

NOT_NEEDED_ANY_MORE = Cause("account-mail-not-needed", _("Not needed any more."))
