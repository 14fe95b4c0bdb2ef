"""Template tags of head office's screens of refunds."""

from django import template

from accounts.viewer import Viewer
from returns.refunds import closed_by
from returns.refunds_listing import waiting_of

register = template.Library()


@register.simple_tag
def refunds_waiting(viewer: Viewer) -> int:
    """How many refunds are open, counted to 100 at most; 1 query."""
    return waiting_of(viewer)


register.filter("closed_by", closed_by)
