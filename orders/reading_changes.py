"""Reads what a web shop sent to change an order (contract 2.3), and names everything that is wrong with it.

Fields that are left out or null stay as they are. Fields that cannot change may be sent with their old
values. Knows no database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import Fault
from orders.reading import INT64_MAX, MOST_LINES, Fields, as_boolean, as_number, without_unknown_fields


def _as_it_is(value: Any) -> Any:
    return value


PRICES: Final = ("SalesPrice", "EffectiveSalesPrice", "DiscountAmount")
# These cannot change, but a web shop may send them back unchanged; how each is read.
FIXED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "ShopId": as_number,
    "IsPaid": as_boolean,
    "CustomerNumber": as_number,
    "OrderReference": _as_it_is,
}
FIXED_OF_A_LINE: Final[Mapping[str, Callable[[Any], Any]]] = {"VariantId": as_number, "Status": _as_it_is}


@dataclass(frozen=True)
class LineChange:
    """The change of one line, by its Id in the API; fields by DdD's names."""

    line_id: int
    new_values: Mapping[str, Decimal | str]
    fixed: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """The change of an order; fields by DdD's names."""

    order_no: str
    new_values: Mapping[str, str]
    fixed: Mapping[str, Any]
    lines: tuple[LineChange, ...]


def read_change(raw: Any) -> tuple[Change, list[Fault]]:
    """The change, with empty values where something is wrong, and all faults."""
    faults: list[Fault] = []
    names = ("OrderNo", "ReceiveAddress", "ReturnAddress", "WebOrderLines", "OrderedOn", *FIXED)
    fields = Fields(raw, "", names, faults)
    rows = fields.raw("WebOrderLines")
    lines: list[LineChange] = []
    if rows is not None and not isinstance(rows, list):
        fields.fault("WebOrderLines", _("Send a list with the lines that change."), "not-a-list")
    elif rows and len(rows) > MOST_LINES:
        most = _("An order has at most %(count)d lines.") % {"count": MOST_LINES}
        fields.fault("WebOrderLines", most, "too-many")
    else:
        lines = [_read_line(row, number, faults) for number, row in enumerate(rows or [])]
        _each_once(lines, faults)
    longest = {"ReceiveAddress": 255, "ReturnAddress": 2000}
    change = Change(
        order_no=fields.order_no(),
        new_values={
            name: fields.text(name, most, line_break="#")
            for name, most in longest.items()
            if fields.has(name)
        },
        fixed=_fixed(fields, FIXED),
        # Unknown fields may be passed over, and then all others count.
        lines=() if without_unknown_fields(faults)[0] else tuple(lines),
    )
    return change, faults


def _read_line(raw: Any, number: int, faults: list[Fault]) -> LineChange:
    names = ("Id", *PRICES, "DeliveryNo", "Notes", *FIXED_OF_A_LINE)
    fields = Fields(raw, f"/WebOrderLines/{number}", names, faults)
    new_values: dict[str, Decimal | str] = {name: fields.price(name) for name in PRICES if fields.has(name)}
    if fields.has("Notes"):
        new_values["Notes"] = fields.text("Notes", 250, line_break=" ")
    # DdD's own answers have "" for a line without a DeliveryNo.
    if delivery_no := fields.text("DeliveryNo", 50):
        new_values["DeliveryNo"] = delivery_no
    fixed = _fixed(fields, FIXED_OF_A_LINE)
    return LineChange(fields.integer("Id", 1, INT64_MAX), new_values, fixed)


def _fixed(fields: Fields, names: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: read(fields.raw(name)) for name, read in names.items() if fields.has(name)}


def _each_once(lines: list[LineChange], faults: list[Fault]) -> None:
    seen: set[int] = set()
    for number, line in enumerate(lines):
        if line.line_id and line.line_id in seen:
            faults.append(Fault(f"/WebOrderLines/{number}/Id", _("This line is sent twice."), "twice"))
        seen.add(line.line_id)
