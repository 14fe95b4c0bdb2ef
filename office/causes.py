"""Why one order of a bulk action was refused, and the names under which changes of settings are stored."""

from django.utils.translation import gettext_lazy as _

from core.causes import Cause

BROKE = Cause("bulk-broke", _("Something broke: try it on the order's own page."))
WAS_DELIVERED = Cause("bulk-was-delivered", _("It was delivered on %(at)s by %(name)s."))
IS_READY = Cause("bulk-is-ready", _("It is ready: it stays in its shop."))
IS_CANCELLED = Cause("bulk-is-cancelled", _("It is cancelled."))

# Pages of settings.
WORK = Cause("setting-work", _("Work in the shops"))
PERSONAL_DATA = Cause("setting-personal-data", _("Personal data"))
DDD = Cause("setting-ddd", _("DdD"))
RETURNS = Cause("setting-returns", _("Returns"))

# What a setting has beside its fields.
WORDS_CONFIRMED = Cause("setting-words-confirmed", _("DdD's words are confirmed"))
RETURN_WORDS_CONFIRMED = Cause("setting-return-words-confirmed", _("DdD's words for a return are confirmed"))
WHY_PIECES_COME_BACK = Cause("setting-return-reasons", _("Why pieces come back"))
OFFERED = Cause("setting-return-reasons-offered", _("Offered"))
ORDER_TYPES = {
    "collect": Cause("setting-order-type-collect", _("collected in a shop")),
    "in store": Cause("setting-order-type-in-store", _("order in store")),
    "other": Cause("setting-order-type-other", _("not for the shops")),
}
