"""How the sandbox reads and writes JSON, numbers, times and names."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

SHOP_TIME = ZoneInfo("Europe/Copenhagen")
LARGEST_INTEGER = 2**63 - 1
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Unreadable(ValueError):
    """What came in is not what its name promised; the text says why."""


def _no_constant(name: str) -> None:
    raise Unreadable(f"{name} is not JSON")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a name stands twice in one object")
    return found


def read_json(raw: bytes) -> Any:
    """JSON with every fraction as Decimal, so that two decimals mean exactly two."""
    try:
        found = json.loads(
            raw.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_each_name_once,
        )
        if _SURROGATE.search(raw):
            json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The body is not JSON in UTF-8: {error}") from error
    return found


def write_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float).encode("utf-8")


def now() -> str:
    """The moment in UTC as it is stored: of fixed width, so that text order is time order."""
    return _stored(datetime.now(UTC))


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def utc_text(stored: str) -> str:
    """A stored moment as web orders show it: UTC, seven decimals."""
    return f"{stored}0Z"


def shop_text(stored: str) -> str:
    """A stored moment as transactions show it: the shop's own time with its offset, seven decimals."""
    local = datetime.fromisoformat(f"{stored}+00:00").astimezone(SHOP_TIME)
    head, offset = local.isoformat(timespec="microseconds")[:26], local.isoformat()[-6:]
    return f"{head}0{offset}"


def shop_day(stored: str) -> str:
    return shop_text(stored)[:10]


def is_time(text: str, *, with_offset: bool = True) -> bool:
    match = _TIME.fullmatch(text)
    if match is None or (with_offset and not match[2]):
        return False
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def read_time(text: str) -> str:
    """A time from outside as it is stored; without an offset it is taken as UTC."""
    if not is_time(text, with_offset=False):
        raise Unreadable(f"must be a time such as 2026-11-24T08:30:00Z, was “{text}” (a + is sent as %2B)")
    moment = datetime.fromisoformat(text)
    return _stored(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_day(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise Unreadable(f"must be a day as yyyy-MM-dd, was “{text}”")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(f"is no day of the calendar: “{text}”") from error


def read_integer(text: str) -> int:
    if not re.fullmatch(r"\d{1,19}", text, re.ASCII) or int(text) > LARGEST_INTEGER:
        raise Unreadable(f"must be a whole number, was “{text}”")
    return int(text)


def camel(name: str) -> str:
    """ShopId -> shopId, EAN -> ean, as .NET's JSON writer does it."""
    head = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])|[A-Z]", name)
    return name if head is None else head[0].lower() + name[head.end() :]


def camelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel(name): camelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [camelled(inner) for inner in value]
    return value
