"""When a shop is open, in words, and how many minutes of it the alert counts."""

from datetime import datetime, time, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.calendars import Calendar
from core.words import day as day_words

DAYS = 7


def today_in_words(calendar: Calendar, now: datetime) -> str:
    """ "open today until 18:00", "closed today", "opens today at 10:00", "always open"."""
    local = now.astimezone(calendar.zone)
    if not calendar.hours:
        return _("closed today") if local.date() in calendar.closed_days else _("always open")
    if calendar.is_open(now):
        return _("open today until %(time)s") % {"time": _clock(calendar.hours[local.weekday()][1])}
    opens = calendar.plus_open_minutes(now, 0).astimezone(calendar.zone)
    if opens.date() == local.date():
        return _("opens today at %(time)s") % {"time": _clock(opens.time())}
    return _("closed, opens %(day)s at %(time)s") % {"day": day_words(opens), "time": _clock(opens.time())}


def open_minutes_in_words(calendar: Calendar, now: datetime) -> str:
    """How many open minutes the alert and the promise count today, and in the seven days from today."""
    start = now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = round(calendar.open_minutes(start, start + timedelta(days=1)))
    week = round(calendar.open_minutes(start, start + timedelta(days=DAYS)))
    return _("The alert counts %(today)s open minutes today, and %(week)s in the seven days from today.") % {
        "today": _number(today),
        "week": _number(week),
    }


def _number(count: int) -> str:
    return str(formats.number_format(count, 0, use_l10n=True, force_grouping=True))


def _clock(at: time) -> str:
    return formats.time_format(at, "H:i")
