"""Formats times and money for screens, paper and mails."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def promise(promised_at: datetime, now: datetime) -> str:
    """ "in 25 min", or "late by 40 min"."""
    left = promised_at - now
    if left >= timedelta(0):
        return _("in %(time)s") % {"time": _span(left)}
    return _("late by %(time)s") % {"time": _span(-left)}


def is_before(moment: datetime, now: datetime) -> bool:
    """Whether the moment is in the past."""
    return moment < now


def waited(since: datetime, now: datetime) -> str:
    """ "for 12 min"."""
    return _("for %(time)s") % {"time": _span(max(now - since, timedelta(0)))}


def minutes(count: float) -> str:
    """ "12 min", "1 h 40 min"."""
    return _span(timedelta(minutes=count))


def moment(at: datetime | None) -> str:
    """ "today 14:05", "yesterday 9:30", else the date with its time."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return _("today %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": clock}
    return f"{formats.date_format(local, _day_and_month())} {clock}"


def day(at: datetime | date | None) -> str:
    """ "today", "tomorrow", else the weekday and the date."""
    if at is None:
        return ""
    today = timezone.localdate()
    local = timezone.localtime(at).date() if isinstance(at, datetime) else at
    near = {today: _("today"), today + timedelta(days=1): _("tomorrow")}
    return near.get(local) or formats.date_format(local, f"D {_day_and_month()}")


def long_day(of: date) -> str:
    """ "Tuesday 24 November 2026"."""
    return formats.date_format(of, f"l {'j' if _is_english() else 'j.'} F Y")


def full_moment(at: datetime) -> str:
    """ "Tuesday 24 November 2026 14:05", for what is read at another time."""
    local = timezone.localtime(at)
    return f"{long_day(local)} {formats.time_format(local, 'H:i')}"


def short_day(of: date) -> str:
    """ "Tue 24 Nov 2026"."""
    return formats.date_format(of, f"D {_day_and_month()} Y")


def _day_and_month() -> str:
    """ "3 Mar", in Danish "3. mar": Django has a letter of its own for a month without capital."""
    return "j M" if _is_english() else "j. b"


def _is_english() -> bool:
    return (translation.get_language() or "en").startswith("en")


def exact(at: datetime | None) -> str:
    """Date and time to the second, for hovering and for print."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def money(amount: Decimal, currency: str) -> str:
    """Two decimals as the language writes them, and the currency."""
    return f"{formats.number_format(amount, 2, use_l10n=True, force_grouping=True)} {currency}"


def rounded_money(changed_hands: Decimal, amount: Decimal, currency: str) -> str:
    """ "400.00 DKK (399.88, rounded)"; the amount alone where nothing was rounded."""
    if changed_hands == amount:
        return money(amount, currency)
    exact_amount = formats.number_format(amount, 2, use_l10n=True, force_grouping=True)
    said = {"money": money(changed_hands, currency), "amount": exact_amount}
    return _("%(money)s (%(amount)s, rounded)") % said


def pieces(count: int) -> str:
    """ "1 piece", "3 pieces"."""
    return ngettext("%(count)d piece", "%(count)d pieces", count) % {"count": count}


def _span(length: timedelta) -> str:
    minutes = int(length / MINUTE)
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    hours = int(length / HOUR)
    if hours < 48:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}
