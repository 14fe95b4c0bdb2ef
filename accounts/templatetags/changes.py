"""Filters for the history of settings."""

from typing import Any

from django import template

from accounts import changes
from accounts.models import SettingChange

register = template.Library()


@register.filter
def in_words(fields: list[dict[str, Any]]) -> list[changes.FieldChange]:
    """Each changed field with its values before and after."""
    return changes.in_words(fields)


@register.filter
def subject_in_words(change: SettingChange) -> str:
    """What was changed."""
    return changes.subject_of(change)
