"""What the portal stores about DdD: each Group's connection, catalogue, books and outbox."""

from ddd.models.books import ItemTransfer, ReceiptSeries, Sale
from ddd.models.catalogue import Barcode, SharedEan, Variant
from ddd.models.connection import Connection
from ddd.models.difference import Difference, Reconciliation
from ddd.models.first import FirstPosting
from ddd.models.first_look import FirstLook
from ddd.models.lookup import Member, StockLevel
from ddd.models.notice import Notice
from ddd.models.posting import Attempt, Posting

__all__ = [
    "Attempt",
    "Barcode",
    "Connection",
    "Difference",
    "FirstLook",
    "FirstPosting",
    "ItemTransfer",
    "Member",
    "Notice",
    "Posting",
    "ReceiptSeries",
    "Reconciliation",
    "Sale",
    "SharedEan",
    "StockLevel",
    "Variant",
]
