"""The bodies of the Public API in JSON: fractions stay exact, and each name stands once."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.errors import Fault, Invalid, step_of

LARGEST_BODY = 1_000_000


class Twofold(dict[str, Any]):
    """A JSON object in which names stand more than once; it has the last value of each."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _value in pairs]
        self.twice = [name for name, times in Counter(names).items() if times > 1]


class ExactJSONParser(BaseParser):
    """JSON whose fractions stay exact: 0.1 as a float would be another amount."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """ParseError (400) when it is not JSON in Unicode; Invalid as `read_bytes` and `each_once`."""
        raw = read_bytes(stream)
        try:
            # .NET writes a byte order mark without being asked to, and takes UTF-16.
            found = json.loads(
                raw.decode(json.detect_encoding(raw)),
                parse_float=Decimal,
                parse_constant=_not_a_number,
                object_pairs_hook=object_of,
            )
        except (ValueError, RecursionError, InvalidOperation) as error:
            raise ParseError(_("This is not JSON: %(error)s") % {"error": error}) from error
        return each_once(found)


class TextJSONParser(ExactJSONParser):
    """JSON under its other media type, which DdD also takes (contract 2.6)."""

    media_type = "text/json"


def read_bytes(stream: IO[bytes]) -> bytes:
    """The whole body; Invalid when it is larger than any order."""
    raw = stream.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        detail = _("Send at most %(most)d bytes at a time.") % {"most": LARGEST_BODY}
        raise Invalid(detail, [Fault("/", detail, "too-large")])
    return raw


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that remembers which names it has more than once."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else Twofold(pairs)


def each_once(found: Any) -> Any:
    """What was sent; Invalid when a name stands twice in one object: which value is meant would be a
    guess."""
    faults = list(_sent_twice(found))
    if faults:
        names = ", ".join(fault.pointer for fault in faults)
        raise Invalid(_("The same name stands twice in one object: %(names)s.") % {"names": names}, faults)
    return found


def _sent_twice(found: Any) -> Iterator[Fault]:
    """Every name that stands twice in its object, with its place; without recursion, for any depth."""
    open_values = [("", found)]
    while open_values:
        pointer, value = open_values.pop()
        if isinstance(value, Twofold):
            for name in value.twice:
                yield Fault(f"{pointer}/{step_of(name)}", _("This field is sent twice."), "twice")
        if isinstance(value, dict):
            open_values += [(f"{pointer}/{step_of(name)}", inner) for name, inner in value.items()]
        elif isinstance(value, list):
            open_values += [(f"{pointer}/{number}", inner) for number, inner in enumerate(value)]


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
