"""The rows of an order by plain SQL: a million of them as history, and one of them as the floor does."""

from typing import Any, Final

import psycopg

# Every table that an order has rows in, and what of each row belongs to one order alone.
ORDERS: Final = "orders_weborder"
OF_AN_ORDER: Final = ("orders_line", "orders_orderevent", "orders_receiverword")
POSTINGS: Final = "ddd_posting"
Own = dict[str, str]


def columns_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """In their order, without the key."""
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id' "
        "ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in found]


def _copy(connection: psycopg.Connection[Any], table: str, own: Own, rows_from: str) -> str:
    """An INSERT of the rows `t` of `rows_from`, in which these columns have values of their own."""
    columns = columns_of(connection, table)
    values = [own.get(name, f"t.{name}") for name in columns]
    into = [f'"{name}"' for name in columns]
    if "id" in own:
        into, values = ["id", *into], [own["id"], *values]
    return f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(values)} FROM {rows_from}"


def fill(connection: psycopg.Connection[Any], model: str, orders: int) -> None:
    """So many orders like the one with this OrderNo, one each half minute back from now; all their postings
    were sent."""
    (model_id,) = connection.execute(f"SELECT id FROM {ORDERS} WHERE order_no = %s", [model]).fetchone() or (
        0,
    )
    (first,) = connection.execute(f"SELECT max(id) FROM {ORDERS}").fetchone() or (0,)
    at = f"now() - ({orders} - g) * interval '30 seconds'"
    own = {
        "id": f"{first} + g",
        "order_no": "'H-' || g",
        "order_no_folded": "'h-' || g",
        "ddd_id": "NULL",
        "pickup_code": "lpad((g % 1000000)::text, 6, '0')",
        **dict.fromkeys(("modified_at", "stored_at", "created_at", "promised_at", "ordered_on"), at),
        "stored_at_is_due": "false",
    }
    series = f"generate_series(1, {orders}) g"
    connection.execute(_copy(connection, ORDERS, own, f"{series}, {ORDERS} t WHERE t.id = {model_id}"))
    for table in OF_AN_ORDER:
        rows = f"{series}, {table} t WHERE t.order_id = {model_id}"
        connection.execute(_copy(connection, table, {"order_id": f"{first} + g"}, rows))
    own = {"order_no": "'H-' || g", "action_key": "t.kind || ' H-' || g", "lane": "''", "state": "'sent'"}
    own |= {"made_at": at, "settled_at": at}
    rows = f"{series}, {POSTINGS} t WHERE t.order_no = '{model}'"
    connection.execute(_copy(connection, POSTINGS, own, rows))
    connection.execute(f"SELECT setval(pg_get_serial_sequence('{ORDERS}', 'id'), {first + orders})")


def statement_of_the_floor(connection: psycopg.Connection[Any], model: str) -> str:
    """One statement that stores an order like the one with this OrderNo under another, `%(order_no)s`: the
    same rows in the same tables as the portal writes."""
    order = _copy(
        *(connection, ORDERS),
        {"order_no": "%(order_no)s", "order_no_folded": "%(order_no)s", "ddd_id": "NULL"},
        f"{ORDERS} t WHERE t.order_no = '{model}' RETURNING id",
    )
    model_id = f"(SELECT id FROM {ORDERS} WHERE order_no = '{model}')"
    others = [
        _copy(
            connection, table, {"order_id": "(SELECT id FROM o)"}, f"{table} t WHERE t.order_id = {model_id}"
        )
        for table in OF_AN_ORDER
    ]
    posting = _copy(
        *(connection, POSTINGS),
        {"order_no": "%(order_no)s", "action_key": "%(order_no)s", "lane": "''"},
        f"{POSTINGS} t WHERE t.order_no = '{model}' LIMIT 1",
    )
    parts = [
        f"o AS ({order})",
        *[f"part{number} AS ({one})" for number, one in enumerate([*others, posting])],
    ]
    return f"WITH {', '.join(parts)} SELECT id FROM o"
