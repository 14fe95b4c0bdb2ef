"""The transactions of a shop: what sales and transfers became, and reading them back by day."""

import json
from datetime import timedelta
from typing import Any

from ddd.sandbox import wire, words
from ddd.sandbox.endpoints import Answer, Call, Refused
from ddd.sandbox.state import State

SALE_ITEM = "sale item"
SALE_PAYMENT = "sale payment"
TRANSFER = "transfer"


def add(
    state: State, shop: int, kind: str, moment: str, model: dict[str, Any], *, number_as: str | None = None
) -> None:
    """Adds a transaction under the shop's next number, which stands in the model where DdD shows it."""
    number = state.next_number(shop)
    whole = {**model, number_as: number} if number_as else model
    state.insert(
        "transactions",
        shop=shop,
        number=number,
        kind=kind,
        day=wire.shop_day(moment),
        model=wire.write_json(whole).decode(),
    )


def _read(call: Call, shop: int, kind: str, first: str, before: str) -> list[dict[str, Any]]:
    rows = call.state.rows(
        "SELECT model FROM transactions WHERE shop = ? AND kind = ? AND day >= ? AND day < ? ORDER BY number",
        shop,
        kind,
        first,
        before,
    )
    return [json.loads(row["model"]) for row in rows]


def _day(call: Call, name: str) -> str:
    try:
        return wire.read_day(call.path[name]).isoformat()
    except wire.Unreadable as error:
        raise Refused([f"{name}: {error}"]) from error


def _days(call: Call) -> tuple[str, str]:
    """From the first day, 31 days and no more: a caller that asks too far back does not see today."""
    first = wire.read_day(_day(call, "from"))
    try:
        return first.isoformat(), (first + timedelta(days=words.DAYS_READ_AT_ONCE)).isoformat()
    except OverflowError as error:
        raise Refused(["from: is too far in the future"]) from error


def everything(call: Call) -> Answer:
    """All of a shop in one container, camelCase to the core as the vendor's own example reads it."""
    shop, (first, before) = call.shop(), _days(call)
    container = {
        "sales": {
            "saleItems": _read(call, shop, SALE_ITEM, first, before),
            "salePayment": _read(call, shop, SALE_PAYMENT, first, before),
        },
        "corrections": [],
        "purchases": [],
        "transfers": _read(call, shop, TRANSFER, first, before),
    }
    return Answer(wire.camelled(container))


def sale_payments(call: Call) -> Answer:
    return Answer(_read(call, call.shop(), SALE_PAYMENT, *_days(call)))


def transfers(call: Call) -> Answer:
    """Sent and received, distinguished by the sign of Quantity."""
    return Answer(_read(call, call.shop(), TRANSFER, *_days(call)))


def transfers_by_recipient(call: Call) -> Answer:
    """What the shop received; the last day itself is left out, since the contract does not say it is in."""
    rows = _read(call, call.shop(), TRANSFER, _day(call, "from"), _day(call, "to"))
    return Answer([row for row in rows if row["Quantity"] > 0])
