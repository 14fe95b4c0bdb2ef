"""The shop's documents as PDF: pick list (A4), address label and bag slip (100 x 150 mm)."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from core.paper.pdf import bind_sheets, render_pdf
from orders.models import WebOrder
from pos.documents.address_labels import label
from pos.documents.bag_slips import slip
from pos.documents.check_sheets import check_sheet_pages
from pos.documents.pick_lists import pick_list_page

__all__ = ["address_label", "bag_slip", "check_sheet", "pick_list"]


def pick_list(orders: Sequence[WebOrder]) -> bytes:
    """Each order on pages of its own with their own numbers, in the active language.

    3 queries (lines, variants, Eans) when the orders come with their group, shop and taken_by.
    """
    prefetch_related_objects(orders, "group", "shop", "taken_by", "lines__variant__barcodes")
    return render_pdf("pos/documents/pick_list.css", [pick_list_page(order) for order in orders])


def address_label(orders: Sequence[WebOrder]) -> bytes:
    """A page for each order, in the language of its Group.

    1 query (lines) when the orders come with their group and shop.
    """
    prefetch_related_objects(orders, "group", "shop", "lines")
    title = f"{_('Address label')} {orders[0].order_no}"
    return render_pdf(
        "pos/documents/address_label.css", [bind_sheets(title, [label(order) for order in orders])]
    )


def bag_slip(orders: Sequence[WebOrder]) -> bytes:
    """A page for each order, in the language of its Group; 1 query as for labels."""
    prefetch_related_objects(orders, "group", "shop", "lines")
    title = f"{_('Bag slip')} {orders[0].order_no}"
    return render_pdf("pos/documents/bag_slip.css", [bind_sheets(title, [slip(order) for order in orders])])


def check_sheet() -> bytes:
    """Two pages, A4 and label size, in the active language; no query."""
    return render_pdf("pos/documents/check_sheet.css", [bind_sheets(_("Check sheet"), check_sheet_pages())])
