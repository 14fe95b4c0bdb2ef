"""The sandbox's state: one SQLite file, written by one thread, which survives a kill."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, webshop INTEGER NOT NULL,
    token_webshop INTEGER, made_by TEXT NOT NULL, order_no TEXT NOT NULL, shop INTEGER NOT NULL,
    order_type TEXT NOT NULL, order_reference TEXT, ordered_on TEXT, picked_up_on TEXT,
    created_on TEXT NOT NULL, modified_on TEXT NOT NULL, is_paid INTEGER NOT NULL,
    customer_number INTEGER NOT NULL, receive_address TEXT, return_address TEXT, posted TEXT NOT NULL,
    UNIQUE (grp, order_no)
);
CREATE INDEX IF NOT EXISTS orders_modified ON orders (grp, modified_on);
CREATE TABLE IF NOT EXISTS lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL REFERENCES orders (id),
    variant_id INTEGER NOT NULL, status TEXT NOT NULL, modified_on TEXT NOT NULL, sales_price TEXT NOT NULL,
    effective_sales_price TEXT NOT NULL, discount_amount TEXT NOT NULL, delivery_no TEXT NOT NULL, notes TEXT
);
CREATE INDEX IF NOT EXISTS lines_order ON lines (order_id);
CREATE TABLE IF NOT EXISTS order_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL REFERENCES orders (id),
    at TEXT NOT NULL, posted TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS order_changes_order ON order_changes (order_id);
CREATE TABLE IF NOT EXISTS sales (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, token_webshop INTEGER,
    at TEXT NOT NULL, posted TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, token_webshop INTEGER, made_by TEXT NOT NULL,
    invoice INTEGER NOT NULL, at TEXT NOT NULL, posted TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS transactions (
    shop INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (shop, number)
);
CREATE INDEX IF NOT EXISTS transactions_day ON transactions (shop, kind, day);
CREATE TABLE IF NOT EXISTS members (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, customer_number INTEGER NOT NULL,
    user TEXT NOT NULL, model TEXT NOT NULL, UNIQUE (grp, customer_number)
);
CREATE TABLE IF NOT EXISTS last_numbers (shop INTEGER PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS stock_moves (
    shop INTEGER NOT NULL, variant_id INTEGER NOT NULL, pieces INTEGER NOT NULL DEFAULT 0,
    in_drafts INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (shop, variant_id)
);
"""
_EMPTIED = (
    "lines",
    "order_changes",
    "orders",
    "sales",
    "transfers",
    "transactions",
    "stock_moves",
    "members",
)


class State:
    """The file. Calls run on the server's one thread, so none enters the transaction of another."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # NORMAL survives a killed process; only a power cut could lose the last moment.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return found

    def insert(self, table: str, **values: Any) -> int:
        """Adds a row and answers its id. Table and column names are never a caller's."""
        marks = ", ".join("?" * len(values))
        done = self._db.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})",  # noqa: S608
            tuple(values.values()),
        )
        return int(done.lastrowid or 0)

    def change(self, sql: str, *values: Any) -> int:
        """Runs one statement and answers how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def next_number(self, shop: int) -> int:
        """The shop's next TransactionNumber."""
        row = self.row(
            "INSERT INTO last_numbers VALUES (?, 1) ON CONFLICT (shop) DO UPDATE SET number = number + 1 "
            "RETURNING number",
            shop,
        )
        return int(row["number"]) if row else 0

    def empty(self) -> None:
        """Forgets everything that was posted; numbers go on where they were, as a real upstream's would."""
        with self.transaction():
            for table in _EMPTIED:
                self.change(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        self._db.close()
