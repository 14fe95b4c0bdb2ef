"""Web orders: create, change, read."""

import json
import sqlite3
from collections import defaultdict
from decimal import Decimal
from typing import Any

from ddd.sandbox import catalogue, wire, words
from ddd.sandbox.endpoints import Answer, Call, Handler, Refused, known_variant
from ddd.sandbox.state import State

_LINE_COLUMNS = {
    "SalesPrice": "sales_price",
    "EffectiveSalesPrice": "effective_sales_price",
    "DiscountAmount": "discount_amount",
    "DeliveryNo": "delivery_no",
    "Notes": "notes",
}


def create(schema_name: str, order_type: str, made_by: str = "api") -> Handler:
    """The handler of one create route; whether lines carry VariantId or Ean is seen in its schema's name."""
    by_ean = schema_name.endswith("Alternative")

    def handler(call: Call) -> Answer:
        body, faults = call.body(schema_name)
        group = call.group_of_shop(body.get("ShopId"), "ShopId", faults)
        variants = _variants(body.get("WebOrderLines"), group, by_ean, faults)
        if faults or group is None:
            raise Refused(faults)
        stored = record(
            call.state,
            body,
            variants,
            posted=call.raw.decode(),
            group=group,
            webshop=call.webshop(group),
            token_webshop=call.token.webshop,
            order_type=order_type,
            made_by=made_by,
        )
        # The answer to a repeated OrderNo is unknown: a bare false says least.
        return Answer(stored)

    return handler


def _variants(lines: object, group: int | None, by_ean: bool, faults: list[str]) -> list[int]:
    found: list[int] = []
    for place, line in enumerate(lines if isinstance(lines, list) else []):
        if not isinstance(line, dict) or group is None:
            continue
        name = f"WebOrderLines[{place}].{'Ean' if by_ean else 'VariantId'}"
        if not by_ean:
            variant = known_variant(group, line.get("VariantId"), name, faults)
        elif isinstance(line.get("Ean"), str):
            # Which variant DdD takes of several is unknown: the sandbox guesses, so nobody should let it.
            variant = next(iter(catalogue.by_ean(group, line["Ean"])), None)
            if variant is None and line["Ean"]:
                faults.append(f"{name}: {line['Ean']} is not a barcode of group {group}")
        else:
            variant = None
        found.append(variant.variant_id if variant else 0)
    return found


def record(
    state: State,
    body: dict[str, Any],
    variants: list[int],
    *,
    posted: str,
    group: int,
    webshop: int,
    token_webshop: int | None,
    order_type: str,
    made_by: str,
) -> bool:
    """Stores the order with its lines. False, and nothing stored, when the group has the OrderNo already."""
    moment = wire.now()
    try:
        with state.transaction():
            order_id = state.insert(
                "orders",
                grp=group,
                webshop=webshop,
                token_webshop=token_webshop,
                made_by=made_by,
                order_no=body["OrderNo"],
                shop=body["ShopId"],
                order_type=order_type,
                order_reference=body.get("OrderReference"),
                ordered_on=wire.read_time(body["OrderedOn"]) if "OrderedOn" in body else moment,
                picked_up_on=wire.read_time(body["PickedUpOn"]) if "PickedUpOn" in body else None,
                created_on=moment,
                modified_on=moment,
                is_paid=body.get("IsPaid", False),
                customer_number=body.get("CustomerNumber", 0),  # the old model knows MemberId only
                receive_address=body.get("ReceiveAddress"),
                return_address=body.get("ReturnAddress"),
                posted=posted,
            )
            for line, variant_id in zip(body["WebOrderLines"], variants, strict=True):
                _record_line(state, order_id, variant_id, line, moment)
    except sqlite3.IntegrityError:
        return False
    return True


def _record_line(state: State, order_id: int, variant_id: int, line: dict[str, Any], moment: str) -> None:
    state.insert(
        "lines",
        order_id=order_id,
        variant_id=variant_id,
        status=words.RESERVED,
        modified_on=moment,
        sales_price=str(line["SalesPrice"]),
        effective_sales_price=str(line["EffectiveSalesPrice"]),
        discount_amount=str(line["DiscountAmount"]),
        delivery_no=line.get("DeliveryNo", ""),
        notes=line.get("Notes"),
    )


def change(call: Call) -> Answer:
    """PUT api/weborder. An order or a line that is not there answers false, and nothing is changed."""
    body, faults = call.body("HeaderUpdateModel")
    if faults:
        raise Refused(faults)
    order = find(call, body["OrderNo"])
    if order is None:
        return Answer(False)
    lines = body.get("WebOrderLines", [])
    known = {row["id"] for row in call.state.rows("SELECT id FROM lines WHERE order_id = ?", order["id"])}
    if any(line["Id"] not in known for line in lines):
        return Answer(False)
    moment = wire.now()
    with call.state.transaction():
        call.state.change(
            "UPDATE orders SET receive_address = ?, return_address = ?, modified_on = ? WHERE id = ?",
            body.get("ReceiveAddress", order["receive_address"]),
            body.get("ReturnAddress", order["return_address"]),
            moment,
            order["id"],
        )
        for line in lines:
            _change_line(call.state, line, moment)
        call.state.insert("order_changes", order_id=order["id"], at=moment, posted=call.raw.decode())
    return Answer(True)


def _change_line(state: State, line: dict[str, Any], moment: str) -> None:
    given = {column: line[name] for name, column in _LINE_COLUMNS.items() if name in line}
    sets = ", ".join(f"{column} = ?" for column in ("modified_on", *given))
    values = (str(value) if isinstance(value, Decimal) else value for value in given.values())
    state.change(f"UPDATE lines SET {sets} WHERE id = ?", moment, *values, line["Id"])  # noqa: S608


def find(call: Call, order_no: str) -> sqlite3.Row | None:
    return call.state.row(
        "SELECT * FROM orders WHERE order_no = ?1 AND (?2 IS NULL OR grp = ?2) "
        "AND (?3 IS NULL OR webshop = ?3) ORDER BY id",
        order_no,
        call.token.group,
        call.webshop_seen,
    )


def fetch(call: Call) -> Answer:
    """All digits are the Id, anything else is the OrderNo, as the contract infers."""
    key = call.path["orderId"]
    if not (key.isascii() and key.isdigit()):
        return _one(call, key, find(call, key))
    row = call.state.row(
        "SELECT * FROM orders WHERE id = ?1 AND (?2 IS NULL OR grp = ?2) AND (?3 IS NULL OR webshop = ?3)",
        call.number("orderId"),
        call.token.group,
        call.webshop_seen,
    )
    return _one(call, key, row)


def fetch_by_order_no(call: Call) -> Answer:
    key = call.path["orderNo"]
    return _one(call, key, find(call, key))


def _one(call: Call, key: str, row: sqlite3.Row | None) -> Answer:
    if row is None:
        raise Refused([f"orderNo: there is no web order {key}"], status=404, message="Not found.")
    return Answer(read(call.state, [row])[0])


def listed(call: Call) -> Answer:
    """By the status of any of its lines; with `dateTime`, those whose ModifiedOn is strictly newer."""
    return _listed(call, since=None, webshop=call.webshop_seen)


def listed_since(call: Call) -> Answer:
    return _listed(call, since=_since(call), webshop=call.webshop_seen)


def listed_since_for_webshop(call: Call) -> Answer:
    if call.token.webshop is None:
        raise Refused(["Authorization: this token is not bound to a web-shop"])
    return _listed(call, since=_since(call), webshop=call.token.webshop)


def _since(call: Call) -> str:
    if "dateTime" not in call.query:
        raise Refused(["dateTime: is missing"])
    try:
        return wire.read_time(call.query["dateTime"])
    except wire.Unreadable as error:
        raise Refused([f"dateTime: {error}"]) from error


def _status(text: str) -> str:
    by_number = {str(number): name for name, number in words.LINE_STATUSES.items()}
    name = by_number.get(text, text)
    if name not in words.LINE_STATUSES:
        raise Refused(
            [f"status: must be one of {', '.join(words.LINE_STATUSES)} or its number, was “{text}”"]
        )
    return name


def _listed(call: Call, since: str | None, webshop: int | None) -> Answer:
    status, means = _status(call.path["status"]), call.sandbox.dialect.since
    compared = "created_on" if means == "created" else "modified_on"
    rows = call.state.rows(
        f"SELECT * FROM orders WHERE (?1 IS NULL OR grp = ?1) AND {compared} > ?2 "  # noqa: S608
        "AND (?3 IS NULL OR webshop = ?3) AND (?4 = 'All' OR EXISTS "
        "(SELECT 1 FROM lines WHERE order_id = orders.id AND status = ?4)) ORDER BY id",
        call.token.group,
        since if since and means != "ignored" else "",
        webshop,
        status,
    )
    return Answer(read(call.state, rows))


def lines_of(state: State, order_ids: list[int]) -> dict[int, list[sqlite3.Row]]:
    found: dict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in state.rows(
        "SELECT * FROM lines WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(order_ids),
    ):
        found[row["order_id"]].append(row)
    return found


def read(state: State, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """The orders as DdD's WebOrderHeader."""
    lines = lines_of(state, [row["id"] for row in rows])
    return [{**_header(row), "WebOrderLines": [_line(line) for line in lines[row["id"]]]} for row in rows]


def _header(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "OrderType": row["order_type"],
        "ShopId": row["shop"],
        "OrderNo": row["order_no"],
        "OrderReference": row["order_reference"],
        "OrderedOn": wire.utc_text(row["ordered_on"]),
        "PickedUpOn": wire.utc_text(row["picked_up_on"]) if row["picked_up_on"] else None,
        "CreatedOn": wire.utc_text(row["created_on"]),
        "ModifiedOn": wire.utc_text(row["modified_on"]),
        "IsPaid": bool(row["is_paid"]),
        "CustomerNumber": row["customer_number"],
        "WebshopId": row["webshop"],
        "ReceiveAddress": row["receive_address"],
        "ReturnAddress": row["return_address"],
    }


def _line(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "VariantId": row["variant_id"],
        "Status": row["status"],
        "ModifiedOn": wire.utc_text(row["modified_on"]),
        "SalesPrice": Decimal(row["sales_price"]),
        "EffectiveSalesPrice": Decimal(row["effective_sales_price"]),
        "DiscountAmount": Decimal(row["discount_amount"]),
        "DeliveryNo": row["delivery_no"],
        "Notes": row["notes"],
    }
