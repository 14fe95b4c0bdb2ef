"""Times, booleans and amounts as .NET writes them, DdD and those who speak to it. Knows no database.

A time without an offset is UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

# `ToString()` of the invariant culture and of en-US.
WITH_SLASHES: Final = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p")
# `ToString("R")`, which is RFC 1123. Its words are English everywhere; strptime's would be the server's.
RFC_1123: Final = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun), (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) gmt", re.IGNORECASE
)
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
LONGEST_BOOLEAN: Final = 20  # with spaces around it
THOUSAND_OR_ONE: Final = re.compile(r"\s*-?[0-9]{1,3}[.,][0-9]{3}\s*")  # by the country
# JSON of older .NET: milliseconds since 1970 in UTC. An offset behind them changes nothing.
SINCE_1970: Final = re.compile(r"\\?/date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/", re.IGNORECASE)


def read_json_time(text: str) -> datetime:
    """The moment in UTC as JSON has it; ValueError or OverflowError when it is none."""
    text = text.strip()
    if old := SINCE_1970.fullmatch(text):
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(old[1]))
    return _iso(text)


def read_time(text: str) -> datetime:
    """The same as a web shop writes it in an address, where DdD's framework takes more forms. It reads the
    month before the day."""
    text = text.strip()
    if is_unset(text):  # with an offset that leads out of all time
        return datetime.min.replace(tzinfo=UTC)
    if found := RFC_1123.fullmatch(text):
        day, month, *rest = found.groups()
        year, hour, minute, second = map(int, rest)
        number = MONTHS.index(month.lower()) + 1
        return datetime(year, number, int(day), hour, minute, second, tzinfo=UTC)
    if "/" in text and not SINCE_1970.fullmatch(text):
        return _with_slashes(text)
    return read_json_time(text)


def is_unset(text: str) -> bool:
    """Whether this is .NET's empty time, the first moment of the year 1, with any offset."""
    try:
        return datetime.fromisoformat(text.strip().upper()).replace(tzinfo=None) == datetime.min
    except ValueError:
        return False


def read_boolean(value: Any) -> bool | None:
    """True or false, also as text or as 1 and 0; None when it is neither."""
    is_short = isinstance(value, int) or (isinstance(value, str) and len(value) < LONGEST_BOOLEAN)
    return BOOLEANS.get(str(value).strip().lower()) if is_short else None


def read_money(value: Any) -> Decimal | None:
    """An amount with two decimals, as a number or as text with a point or a comma; None when it is none. The
    text 1,000 is none: it may be a thousand or one."""
    if isinstance(value, str) and THOUSAND_OR_ONE.fullmatch(value):
        return None
    try:
        amount = Decimal(str(value).replace(",", ".")).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _with_slashes(text: str) -> datetime:
    for form in WITH_SLASHES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(text)


def _iso(text: str) -> datetime:
    """ISO 8601, with a T or a space, and with as many decimals as there are."""
    # A + that was not escaped arrives as a space.
    text = text.upper()
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
