"""The icons of the screens, from the package `lucide`."""

import re
from functools import cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags import lucide as package

register = template.Library()

# What all icons have in common is set once, in the style sheet.
SET_IN_CSS = re.compile(r' (?:fill|stroke|stroke-[a-z]+)="[^"]*"')


@register.simple_tag
@cache  # a list has one in each of its rows, and the package copies an XML element for each
def lucide(name: str, size: int = 24) -> SafeString:
    """`{% lucide "check" size=16 %}`; hidden from screen readers, as text always stands beside it."""
    drawn = package.lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})
    start, end, shapes = drawn.partition(">")
    shapes = re.sub(r"\s*\n\s*", "", shapes)
    return mark_safe(SET_IN_CSS.sub("", start) + end + shapes)  # noqa: S308 - names are of templates
