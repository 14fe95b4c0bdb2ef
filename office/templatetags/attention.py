"""How much needs attention, beside the menu's entry on every screen of head office."""

from django import template

from accounts.viewer import Viewer
from office.attention.waiting import badge_of

register = template.Library()


@register.simple_tag
def attention_count(viewer: Viewer) -> int:
    """The number of the badge, counted to 100 at most; 1 query."""
    return badge_of(viewer.group_id)
