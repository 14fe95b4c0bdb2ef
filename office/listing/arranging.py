"""How the list of orders looks: what stands first, and which columns are shown."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sort(models.TextChoices):
    """What stands first. Only what an index carries: nobody waits until a million orders are sorted."""

    NEWEST = "newest", _("Came in, newest first")
    OLDEST = "oldest", _("Came in, oldest first")
    DUE_FIRST = "due first", _("Promised, earliest first")
    DUE_LAST = "due last", _("Promised, latest first")
    CHANGED_LAST = "changed last", _("Changed, latest first")
    CHANGED_FIRST = "changed first", _("Changed, earliest first")

    @property
    def moment(self) -> str:
        """The time by which it is sorted."""
        return _MOMENT[self]

    @property
    def newest_first(self) -> bool:
        """Whether the latest time stands first."""
        return self in (Sort.NEWEST, Sort.DUE_LAST, Sort.CHANGED_LAST)


_MOMENT = {
    Sort.NEWEST: "created_at",
    Sort.OLDEST: "created_at",
    Sort.DUE_FIRST: "promised_at",
    Sort.DUE_LAST: "promised_at",
    Sort.CHANGED_LAST: "modified_at",
    Sort.CHANGED_FIRST: "modified_at",
}


class Column(models.TextChoices):
    """What is told of an order beside its OrderNo, in the order in which it stands."""

    STATUS = "status", _("Status")
    SHOP = "shop", _("Shop")
    WEB_SHOP = "web shop", _("Web shop")
    PIECES = "pieces", _("Pieces")
    AMOUNT = "amount", _("In all")
    CUSTOMER = "customer", _("Customer")
    CUSTOMER_NUMBER = "number", _("CustomerNumber")
    REFERENCE = "reference", _("OrderReference")
    CAME_IN = "came in", _("Came in")
    PROMISED = "promised", _("Promised")
    TAKEN_BY = "taken by", _("Taken by")
    READY = "ready", _("Ready")
    COLLECT_BY = "collect by", _("Collect by")
    DELIVERED = "delivered", _("Delivered")
    CHANGED = "changed", _("Changed")

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self in (Column.PIECES, Column.AMOUNT)

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """How the list may be sorted by it, the way that is wanted first."""
        return _SORTS.get(self, ())


_SORTS = {
    Column.CAME_IN: (Sort.NEWEST, Sort.OLDEST),
    Column.PROMISED: (Sort.DUE_FIRST, Sort.DUE_LAST),
    Column.CHANGED: (Sort.CHANGED_LAST, Sort.CHANGED_FIRST),
}
USUAL = (
    Column.STATUS,
    Column.SHOP,
    Column.WEB_SHOP,
    Column.PIECES,
    Column.CUSTOMER,
    Column.CAME_IN,
    Column.PROMISED,
)
