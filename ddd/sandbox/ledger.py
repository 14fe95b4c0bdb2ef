"""What was posted, in order of arrival: each body as it came, with the sandbox's own facts in lower case."""

import sqlite3
from typing import Any

from ddd.sandbox import orders, wire
from ddd.sandbox.state import State


def ledger(state: State) -> dict[str, list[dict[str, Any]]]:
    return {
        "orders": orders_posted(state),
        "sales": sales_posted(state),
        "transfers": transfers_posted(state),
    }


def orders_posted(state: State) -> list[dict[str, Any]]:
    """`now` is the order as DdD shows it, `changes` are the bodies of later PUTs."""
    rows = state.rows("SELECT * FROM orders ORDER BY id")
    shown = orders.read(state, rows)
    changes: dict[int, list[Any]] = {row["id"]: [] for row in rows}
    for change in state.rows("SELECT * FROM order_changes ORDER BY id"):
        changes[change["order_id"]].append(wire.read_json(change["posted"].encode()))
    return [
        {
            **_posted(row, at="created_on"),
            "made_by": row["made_by"],
            "webshop": row["webshop"],
            "order_type": row["order_type"],
            "changes": changes[row["id"]],
            "now": now,
        }
        for row, now in zip(rows, shown, strict=True)
    ]


def sales_posted(state: State) -> list[dict[str, Any]]:
    return [_posted(row) for row in state.rows("SELECT * FROM sales ORDER BY id")]


def transfers_posted(state: State) -> list[dict[str, Any]]:
    """`made_by` is `api`, or `till` for those that DdD made itself."""
    return [
        {**_posted(row), "made_by": row["made_by"], "invoice": row["invoice"]}
        for row in state.rows("SELECT * FROM transfers ORDER BY id")
    ]


def _posted(row: sqlite3.Row, at: str = "at") -> dict[str, Any]:
    return {
        **wire.read_json(row["posted"].encode()),
        "at": wire.utc_text(row[at]),
        "group": row["grp"],
        "token_webshop": row["token_webshop"],
    }
