"""Filters that format times and money."""

from django import template

from core import words

register = template.Library()

register.filter("promise", words.promise)
register.filter("is_before", words.is_before)
register.filter("waited", words.waited)
register.filter("minutes", words.minutes)
register.filter("moment", words.moment)
register.filter("day", words.day)
register.filter("long_day", words.long_day)
register.filter("full_moment", words.full_moment)
register.filter("short_day", words.short_day)
register.filter("exact", words.exact)
register.filter("money", words.money)
register.simple_tag(words.rounded_money)
register.filter("pieces", words.pieces)
