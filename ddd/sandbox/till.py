"""What DdD's own tills do without the portal: orders of another channel, picking, delivering, returns."""

import sqlite3
from collections import Counter

from ddd.sandbox import orders, transfers, wire, words
from ddd.sandbox.demo_data import WEB_SHOPS, Token
from ddd.sandbox.endpoints import Answer, Call, Refused, Sandbox

_create = orders.create("HeaderCreateModel", words.CLICK_AND_COLLECT, made_by="till")


def make_order(sandbox: Sandbox, content_type: str, raw: bytes, webshop: str) -> Answer:
    """An order that reached DdD by another way; checked like any other. `webshop` may be left empty."""
    if webshop and (not webshop.isdecimal() or int(webshop) not in WEB_SHOPS):
        raise Refused([f"webshop: there is no web shop {webshop}"])
    token = Token("till", WEB_SHOPS[int(webshop)].group, int(webshop)) if webshop else Token("till", None)
    return _create(Call(sandbox, token, path={}, query={}, content_type=content_type, raw=raw))


def pick(sandbox: Sandbox, order_no: str, group: int | None) -> None:
    """Reserved lines are Picked. Refused when there is none."""
    order = _order(sandbox, order_no, group)
    with sandbox.state.transaction():
        lines = _lines(sandbox, order, (words.RESERVED,), "pick")
        _move(sandbox, order, lines, words.PICKED)


def deliver(sandbox: Sandbox, order_no: str, group: int | None) -> None:
    """Lines are Delivered, and with a turnover shop DdD makes its own transfer. The sale is the portal's."""
    order = _order(sandbox, order_no, group)
    with sandbox.state.transaction():
        lines = _lines(sandbox, order, (words.RESERVED, words.PICKED), "deliver")
        _move(sandbox, order, lines, words.DELIVERED)
        turnover = WEB_SHOPS[order["webshop"]].turnover_shop
        if turnover and turnover != order["shop"]:
            _transfer(sandbox, order, lines, order["shop"], turnover)


def take_back(sandbox: Sandbox, order_no: str, group: int | None) -> None:
    """Delivered lines are Returned, and with a turnover shop the pieces come back from there.

    Whether the till makes the return sale itself is unknown; here it does not, as it makes no sale.
    """
    order = _order(sandbox, order_no, group)
    with sandbox.state.transaction():
        lines = _lines(sandbox, order, (words.DELIVERED,), "take back")
        _move(sandbox, order, lines, words.RETURNED)
        turnover = WEB_SHOPS[order["webshop"]].turnover_shop
        if turnover and turnover != order["shop"]:
            _transfer(sandbox, order, lines, turnover, order["shop"])


def _transfer(
    sandbox: Sandbox, order: sqlite3.Row, lines: list[sqlite3.Row], sender: int, recipient: int
) -> None:
    pieces = Counter(line["variant_id"] for line in lines)
    body = {
        "ShopIdSender": sender,
        "ShopIdRecipient": recipient,
        "Items": [{"VariantId": variant, "Quantity": count} for variant, count in pieces.items()],
    }
    transfers.record_by_till(sandbox, order["grp"], body, order["order_no"])


def _order(sandbox: Sandbox, order_no: str, group: int | None) -> sqlite3.Row:
    rows = sandbox.state.rows(
        "SELECT * FROM orders WHERE order_no = ?1 AND (?2 IS NULL OR grp = ?2)", order_no, group
    )
    if not rows:
        raise Refused([f"order_no: there is no web order {order_no}"], status=404, message="Not found.")
    if len(rows) > 1:
        raise Refused([f"group: more than one group has a web order {order_no}; name the group"])
    return rows[0]


def _lines(sandbox: Sandbox, order: sqlite3.Row, statuses: tuple[str, ...], verb: str) -> list[sqlite3.Row]:
    lines = orders.lines_of(sandbox.state, [order["id"]])[order["id"]]
    found = [line for line in lines if line["status"] in statuses]
    if not found:
        sentence = f"order_no: {order['order_no']} has no line left to {verb}"
        raise Refused([sentence], status=409, message="Not now.")
    return found


def _move(sandbox: Sandbox, order: sqlite3.Row, lines: list[sqlite3.Row], status: str) -> None:
    moment = wire.now()
    for line in lines:
        sandbox.state.change(
            "UPDATE lines SET status = ?, modified_on = ? WHERE id = ?", status, moment, line["id"]
        )
    sandbox.state.change(
        "UPDATE orders SET modified_on = ?1, picked_up_on = CASE WHEN ?2 THEN ?1 ELSE picked_up_on END "
        "WHERE id = ?3",
        moment,
        status == words.DELIVERED,
        order["id"],
    )
