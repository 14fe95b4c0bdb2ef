"""Removes a shop that was made by mistake, as long as nothing refers to it."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.changes import record, values_of
from accounts.models import Shop, User
from core.errors import Conflict
from office.shops.shops import about

ORDERS = gettext_lazy("web orders")
BOOKS = gettext_lazy("DdD's books")
# In the order in which they are listed.
REFERENCES: Final = {
    "WebShop": gettext_lazy("web shops"),
    "WebShop_shops": gettext_lazy("web shops"),
    "Membership": gettext_lazy("people"),
    "Tablet": gettext_lazy("tablets"),
    "ReturnPolicy_shops": gettext_lazy("return policies"),
    "WebOrder": ORDERS,
    "OrderEvent": ORDERS,
    "MissingReport": ORDERS,
    "BulkAction": ORDERS,
    "BulkOrder": ORDERS,
    "Line": ORDERS,
    "RefundDue": ORDERS,
    "Return": gettext_lazy("returns"),
    "ReceiptSeries": BOOKS,
    "Sale": BOOKS,
    "ItemTransfer": BOOKS,
    "Difference": BOOKS,
}
# The shop's own rows, and short-lived caches: they are deleted with it.
ITS_OWN: Final = frozenset({"OpeningHours", "ClosedDay", "StockLevel"})
FACTS: Final = ("shop_id", "name", "address", "takes_orders", "asks_who")


def relations() -> list[Any]:
    """Every column of the database that names a shop, also those of which a shop knows nothing."""
    return [one for one in Shop._meta.get_fields(include_hidden=True) if one.one_to_many]


def references_to(shop: Shop) -> list[str]:
    """What would be left behind without its shop, in the reader's words; 1 query."""
    others = [one for one in relations() if one.related_model.__name__ not in ITS_OWN]
    naming = (
        Exists(one.related_model._base_manager.filter(**{one.field.name: OuterRef("pk")})) for one in others
    )
    found = Shop.objects.filter(pk=shop.pk).values_list(*naming)[0]
    names = {one.related_model.__name__ for one, is_there in zip(others, found, strict=True) if is_there}
    return list(dict.fromkeys(str(words) for name, words in REFERENCES.items() if name in names))


def remove_shop(shop: Shop, user: User, now: datetime) -> None:
    """Deletes the shop and records the change. Conflict when something refers to it."""
    with transaction.atomic():
        locked = Shop.objects.select_for_update().get(pk=shop.pk)  # nothing new comes to it now
        if referring := references_to(locked):
            data = {"shop": locked.name, "what": ", ".join(referring)}
            raise Conflict(_("%(shop)s cannot be taken away, because it has: %(what)s.") % data)
        record(user, about(locked), values_of(locked, FACTS), {}, now, locked.name)
        locked.delete()
