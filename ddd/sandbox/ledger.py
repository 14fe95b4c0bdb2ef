"""What was posted, in order of arrival: each body as it came, with the sandbox's own facts in lower case."""

import json
import sqlite3
from typing import Any

from ddd.sandbox import orders, wire
from ddd.sandbox.state import State

TABLES = ("orders", "sales", "transfers")
Posted = dict[str, list[dict[str, Any]]]


def ledger(state: State, newest: int | None = None) -> Posted:
    """Everything, or the newest so and so many of each."""
    rows = {table: _rows(state, table, newest) for table in TABLES}
    return {
        "orders": _orders(state, rows["orders"]),
        "sales": [_posted(row) for row in rows["sales"]],
        # `made_by` is `api`, or `till` for those that DdD made itself.
        "transfers": [
            {**_posted(row), "made_by": row["made_by"], "invoice": row["invoice"]}
            for row in rows["transfers"]
        ],
    }


def counts(state: State) -> dict[str, int]:
    found = {}
    for table in TABLES:
        row = state.row(f"SELECT count(*) AS held FROM {table}")  # noqa: S608
        found[table] = int(row["held"]) if row else 0
    return found


def _rows(state: State, table: str, newest: int | None) -> list[sqlite3.Row]:
    limit = -1 if newest is None else newest
    return state.rows(f"SELECT * FROM {table} ORDER BY id DESC LIMIT ?", limit)[::-1]  # noqa: S608


def _orders(state: State, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """`now` is the order as DdD shows it, `changes` are the bodies of later PUTs."""
    changes: dict[int, list[Any]] = {row["id"]: [] for row in rows}
    for change in state.rows(
        "SELECT * FROM order_changes WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(list(changes)),
    ):
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
        for row, now in zip(rows, orders.read(state, rows), strict=True)
    ]


def _posted(row: sqlite3.Row, at: str = "at") -> dict[str, Any]:
    return {
        **wire.read_json(row["posted"].encode()),
        "at": wire.utc_text(row[at]),
        "group": row["grp"],
        "token_webshop": row["token_webshop"],
    }
