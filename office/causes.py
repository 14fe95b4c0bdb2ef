"""What stood in the way of one of many orders, as head office reads it."""

from django.utils.translation import gettext_lazy as _

from core.causes import Cause

BROKE = Cause("bulk-broke", _("Something broke: try it on the order's own page."))
WAS_DELIVERED = Cause("bulk-was-delivered", _("It was delivered on %(at)s by %(name)s."))
IS_READY = Cause("bulk-is-ready", _("It is ready: it stays in its shop."))
IS_CANCELLED = Cause("bulk-is-cancelled", _("It is cancelled."))
