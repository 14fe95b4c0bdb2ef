"""Who changed what, for every screen of settings."""

from django import template

from accounts import changes
from accounts.models import SettingChange

register = template.Library()


@register.filter
def fields_in_words(change: SettingChange) -> list[changes.Changed]:
    """Each field with what stood there before and after."""
    return changes.in_words(change)


@register.filter
def subject_in_words(change: SettingChange) -> str:
    """What was changed."""
    return changes.subject_of(change)
