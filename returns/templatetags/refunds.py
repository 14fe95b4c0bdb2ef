"""Template tags of refunds, on head office's screens."""

from typing import Any

from django import template

from accounts.viewer import Viewer
from orders.models import RefundDue, WebOrder
from returns.refunded_pieces import pieces_of, with_pieces
from returns.refunds import closed_by, return_of
from returns.refunds_listing import waiting_of

register = template.Library()


@register.simple_tag
def refunds_waiting(viewer: Viewer) -> int:
    """How many refunds are open, counted to 100 at most; 1 query."""
    return waiting_of(viewer)


@register.inclusion_tag("returns/_refunds_of.html")
def refunds_of(order: WebOrder) -> dict[str, Any]:
    """What is owed for pieces of the order that the customer never got; 1 query when there is nothing."""
    return {"refunds": list(with_pieces(RefundDue.objects.filter(order=order, taken_back=None)))}


register.filter("closed_by", closed_by)
register.filter("refunded_pieces", pieces_of)
register.filter("return_of", return_of)
