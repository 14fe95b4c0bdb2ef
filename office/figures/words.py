"""How figures are written: whole numbers, lengths of time and shares, as the reader's language does."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from core.words import minutes as minutes_in_words

NOTHING = "–"
MINUS = "−"
FROM_HOURS, FROM_DAYS = 5 * 60, 48 * 60


def number(value: float | None) -> str:
    """ "1,234"; a dash for nothing."""
    return NOTHING if value is None else formats.number_format(int(value), use_l10n=True, force_grouping=True)


def amount(money: Decimal) -> str:
    """ "1,234.50", without its currency."""
    return formats.number_format(money, 2, use_l10n=True, force_grouping=True)


def number_on_a_scale(value: float) -> str:
    """ "2.5", "1,000"."""
    return number(value) if value == int(value) else _decimals(value, 1)


def length(minutes: float | None) -> str:
    """ "under 1 min", "12 min", "1 h 40 min", "20 h", "2.4 days"."""
    if minutes is None:
        return NOTHING
    if minutes < 1:
        return _("under 1 min")
    if round(minutes) < FROM_HOURS:
        return minutes_in_words(round(minutes))
    if round(minutes) < FROM_DAYS:
        return _("%(count)s h") % {"count": round(minutes / 60)}
    return _("%(count)s days") % {"count": _decimals(minutes / 1440, 1)}


def length_on_a_scale(minutes: float) -> str:
    """ "0", "30 min", "1.5 h", "5 days"."""
    if not minutes:
        return "0"
    if minutes < 60:
        return _("%(count)s min") % {"count": _as_short_as_possible(minutes)}
    if minutes < FROM_DAYS:
        return _("%(count)s h") % {"count": _as_short_as_possible(minutes / 60)}
    return _("%(count)s days") % {"count": _as_short_as_possible(minutes / 1440)}


def percent(share: float | None) -> str:
    """ "97.3 %"; the whole as "100 %"."""
    if share is None:
        return NOTHING
    return f"{_decimals(share * 100, 0 if share in (0, 1) else 1)} %"


def percent_on_a_scale(share: float) -> str:
    """ "2.5 %", "50 %"."""
    return f"{_as_short_as_possible(share * 100)} %"


def week(monday: date) -> str:
    """By the day on which it begins."""
    return formats.date_format(monday, _("j M"))


def span(first: date, last: date) -> str:
    """From day to day."""
    return f"{week(first)} – {week(last)} {last.year}"


def change_of_number(now: float | None, before: float | None) -> str:
    """ "+12 %"."""
    if not before or now is None:
        return NOTHING
    return _signed(round(100 * (now - before) / before), lambda part: f"{number(part)} %")


def change_of_length(now: float | None, before: float | None) -> str:
    """ "+3 min"."""
    if now is None or before is None:
        return NOTHING
    return _signed(round(now - before), length)


def change_of_share(now: float | None, before: float | None) -> str:
    """In points: "+1.2"."""
    if now is None or before is None:
        return NOTHING
    return _signed(
        round(100 * (now - before), 1),
        lambda part: _("%(count)s points") % {"count": _decimals(part, 1)},
    )


def _as_short_as_possible(value: float) -> str:
    return _decimals(value, 0 if value == int(value) else 1)


def _decimals(value: float, places: int) -> str:
    # Django would cut the rest off.
    return formats.number_format(round(value, places), places)


def _signed(difference: float, words: Callable[[float], str]) -> str:
    if not difference:
        return _("the same")
    return f"{'+' if difference > 0 else MINUS}{words(abs(difference))}"
