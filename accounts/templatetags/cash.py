"""What changes hands in cash, in templates."""

from decimal import Decimal

from django import template

from accounts.models import Group

register = template.Library()


@register.filter
def in_cash(amount: Decimal, group: Group) -> Decimal:
    """The amount as it changes hands in cash."""
    return amount + group.rounding_in_cash(amount)
