"""Reads what a person at the counter has chosen from a form or a query string."""

from django.http import QueryDict

from core.params import number
from returns.desk import Piece, ReturnRequest
from returns.models import Condition
from returns.policy import Outcome

LONGEST_TEXT = 1000


def read_return_request(data: QueryDict) -> ReturnRequest:
    """Does not validate: `desk.take_back` refuses what is not offered."""
    keys = dict.fromkeys(number(key) for key in data.getlist("piece"))
    instead = data.get("instead", "")
    return ReturnRequest(
        pieces=tuple(_piece(data, key) for key in keys if key),
        paid_by=text_in(data, "paid_by"),
        instead=Outcome(instead) if instead in Outcome.values else None,
        overrule_reason=text_in(data, "overrule_reason"),
        shown=text_in(data, "shown"),
    )


def with_piece(data: QueryDict, key: int) -> str:
    """The query string of the same choice and the piece that was scanned."""
    chosen = data.copy()
    del chosen["code"]
    chosen.appendlist("piece", str(key))
    return chosen.urlencode()


def text_in(data: QueryDict, name: str) -> str:
    """Without NUL, which PostgreSQL does not take."""
    return data.get(name, "")[:LONGEST_TEXT].replace("\0", "")


def _piece(data: QueryDict, key: int) -> Piece:
    condition = data.get(f"condition-{key}", "")
    return Piece(
        key,
        text_in(data, f"reason-{key}"),
        Condition(condition) if condition in Condition.values else Condition.SHELF,
    )
