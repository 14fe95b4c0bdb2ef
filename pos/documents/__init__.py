"""The shop's paper: the pick list (A4) and the receiver's address label (100 x 150 mm), as PDF."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from orders.models import WebOrder
from pos.documents.labelling import label_page
from pos.documents.picking import pick_list_page
from pos.documents.press import printed

__all__ = ["address_label", "pick_list"]


def pick_list(orders: Sequence[WebOrder]) -> bytes:
    """Each order on pages of its own, numbered for itself, in the active language.

    3 queries (lines, variants, Eans) when the orders come with their group, shop and taken_by.
    """
    prefetch_related_objects(orders, "group", "shop", "taken_by", "lines__variant__barcodes")
    return printed("pick_list", [pick_list_page(order) for order in orders])


def address_label(orders: Sequence[WebOrder]) -> bytes:
    """A page for each order, in the language of its Group.

    1 query (lines) when the orders come with their group and shop.
    """
    prefetch_related_objects(orders, "group", "shop", "lines")
    return printed("address_label", [label_page(order) for order in orders])
