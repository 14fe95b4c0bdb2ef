"""Where the sandbox's own words meet DdD's: requests are read, and answers are written, in a dialect.

In the usual dialect everything passes as it is.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ddd.sandbox import wire
from ddd.sandbox.answers import Json
from ddd.sandbox.dialect import USUAL_BASE, Dialect

UNSET: Final = "0001-01-01T00:00:00"
BUSY_SECONDS: Final = 1
BUSY_MESSAGE: Final = "Too many requests."
_AMOUNTS = {
    "amount",
    "costprice",
    "discount",
    "discountamount",
    "effectivesalesprice",
    "salesprice",
    "vat",
    "wholesalecostprice",
}
# The fields of answers and of posted sales that have words in them.
_READ = {"status": "WebOrderLineStatus", "ordertype": "WebOrderType"}
_LINES = {"Type": "ItemLineType", "PriceAlteration": "PriceAlterationType"}
_PAYMENTS = {"Direction": "PaymentFlow"}
_LATE_KINDS = ("poll", "transactions")
_SAID_INSTEAD: Final[Mapping[str, Callable[[], Response]]] = {
    "true": lambda: Json(True),
    "false": lambda: Json(False),
    "empty": lambda: Response(),
    "text": lambda: PlainTextResponse("accepted"),
    "html": lambda: HTMLResponse("<!doctype html><title>OK</title><p>Saved."),
}


class NotSpoken(ValueError):
    """What came in is not said so in this dialect, or its numbers are refused; nothing was stored."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class AtBase:
    """Finds DdD's routes under the base path of the dialect; the sandbox's own stay where they are."""

    def __init__(self, app: ASGIApp, dialect: Callable[[], Dialect], own: frozenset[str]) -> None:
        self._app, self._dialect, self._own = app, dialect, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = self._dialect().base
        if scope["type"] == "http" and base != USUAL_BASE:
            scope = {**scope, "path": self._path(base.rstrip("/"), scope["path"])}
        await self._app(scope, receive, send)

    def _path(self, base: str, asked: str) -> str:
        if asked.split("/")[1] in self._own:
            return asked
        inside = asked.startswith(f"{base}/")
        return f"{USUAL_BASE}{asked.removeprefix(base)}" if inside else f"/elsewhere{asked}"


def in_own_path(dialect: Dialect, path: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of the path with a status in the sandbox's own word."""
    if "status" not in path or not dialect.has_other_words or path["status"] in ("All", "0"):
        return path
    own = dialect.own("WebOrderLineStatus", path["status"])
    if own is None:
        raise NotSpoken([f"status: “{path['status']}” is not a status here"])
    return {**path, "status": own}


def in_own_words(dialect: Dialect, kind: str, raw: bytes) -> bytes:
    """A posted sale in the sandbox's own words; what cannot be read is left to the check of the body.

    NotSpoken names every word that DdD does not say, and every number that it refuses.
    """
    refuses = any(_refused_numbers(dialect).values())
    if kind != "sale" or not (dialect.has_other_words or refuses):
        return raw
    try:
        body = wire.read_json(raw)
    except wire.Unreadable:
        return raw
    if not isinstance(body, dict):
        return raw
    faults = _refused(dialect, body)
    for name, enums in (("ItemLines", _LINES), ("PaymentLines", _PAYMENTS)):
        for place, line in enumerate(_objects(body.get(name))):
            for field, enum in enums.items():
                _to_own(dialect, enum, line, field, f"{name}[{place}]", faults)
    if faults:
        raise NotSpoken(faults)
    return wire.write_json(body)


def _to_own(
    dialect: Dialect, enum: str, line: dict[str, Any], field: str, place: str, faults: list[str]
) -> None:
    if field not in line:
        return
    own = dialect.own(enum, str(line[field]))
    if own is None:
        faults.append(f"{place}.{field}: “{line[field]}” is no {enum}")
    else:
        line[field] = own


def _refused_numbers(dialect: Dialect) -> dict[str, tuple[int, ...]]:
    return {
        "ClerkId": dialect.refuse_clerks,
        "TerminalId": dialect.refuse_terminals,
        "ItemGroupId": dialect.refuse_item_groups,
        "TransactionType": dialect.refuse_transaction_types,
    }


def _refused(dialect: Dialect, sale: dict[str, Any]) -> list[str]:
    refused = _refused_numbers(dialect)
    places = [("", sale)]
    for name in ("ItemLines", "PaymentLines"):
        places += [(f"{name}[{place}].", line) for place, line in enumerate(_objects(sale.get(name)))]
    return [
        f"{place}{field}: {found[field]} is not one of the group"
        for place, found in places
        for field, numbers in refused.items()
        if found.get(field) in numbers
    ]


def _objects(lines: Any) -> list[dict[str, Any]]:
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def spoken(dialect: Dialect, kind: str, body: Any) -> Any:
    """What a handler answered, as DdD says it."""
    if dialect.late and kind in _LATE_KINDS:
        body = _without_the_latest(body, datetime.now(UTC) - timedelta(seconds=dialect.late))
    if dialect.unset_dates and kind in ("poll", "fetch"):
        body = [_unset(order) for order in body] if isinstance(body, list) else _unset(body)
    if dialect.has_other_words or dialect.money != "number":
        body = _rewritten(dialect, body)
    if kind == "transfer" and dialect.transfer_ids != "number" and isinstance(body, int):
        return str(body) if dialect.transfer_ids == "text" else 0
    return {"Items": body, "Count": len(body)} if dialect.wrapped and isinstance(body, list) else body


def response(
    dialect: Dialect,
    kind: str,
    body: Any,
    status: int,
    headers: Mapping[str, str] | None,
    renamed: Callable[[Any], Any] | None = None,
) -> Response:
    """The answer of a call, with its fields `renamed` at last."""
    if body is True and dialect.odd_yes != "true":
        return _SAID_INSTEAD[dialect.odd_yes]()
    if kind == "article" and body == [] and dialect.past_the_end == "404":
        return Json({"Message": "There is no such page."}, 404)
    if status < 400:
        body = spoken(dialect, kind, body)
    return Json(renamed(body) if renamed else body, status, headers)


def _without_the_latest(body: Any, until: datetime) -> Any:
    """Rows that are newer are not there yet; the items of a receipt come with its payments."""
    if isinstance(body, list):
        return [row for row in body if _at(row) <= until]
    sales = body["sales"]
    known = [row for row in sales["salePayment"] if _at(row) <= until]
    late = {_receipt(row) for row in sales["salePayment"] if _at(row) > until}
    items = [row for row in sales["saleItems"] if _receipt(row) not in late]
    return {
        **body,
        "sales": {"saleItems": items, "salePayment": known},
        "transfers": _without_the_latest(body["transfers"], until),
    }


def _at(row: dict[str, Any]) -> datetime:
    named = {name.lower(): value for name, value in row.items()}
    return datetime.fromisoformat(
        named["modifiedon"] if "modifiedon" in named else named["transactiondatetime"]
    )


def _receipt(row: dict[str, Any]) -> tuple[int, int]:
    return row["posNumber"], row["receiptNumber"]


def _unset(order: dict[str, Any]) -> dict[str, Any]:
    """DdD sets ModifiedOn when somebody changes the order, and PickedUpOn when it is picked up."""
    made_on = order["CreatedOn"]
    return {
        **_unset_fields(order, made_on),
        "WebOrderLines": [_unset_fields(line, made_on) for line in order["WebOrderLines"]],
    }


def _unset_fields(found: dict[str, Any], made_on: str) -> dict[str, Any]:
    never = {"ModifiedOn": (None, made_on), "PickedUpOn": (None,)}
    return {name: UNSET if value in never.get(name, ()) else value for name, value in found.items()}


def _rewritten(dialect: Dialect, value: Any) -> Any:
    """Words and amounts of an answer, however deep they stand."""
    if isinstance(value, list):
        return [_rewritten(dialect, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: _said(dialect, name.lower(), inner) for name, inner in value.items()}


def _said(dialect: Dialect, name: str, value: Any) -> Any:
    if name in _READ and isinstance(value, str):
        word = dialect.spoken(_READ[name], value)
        return int(word) if dialect.case == "numbers" else word
    if name in _AMOUNTS and dialect.money != "number" and isinstance(value, int | float | Decimal):
        text = f"{value:.2f}"
        return text.replace(".", ",") if dialect.money == "comma" else text
    return _rewritten(dialect, value)
