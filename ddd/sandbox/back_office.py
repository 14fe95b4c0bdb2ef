"""What people do in DdD's back office: sales, item transfers and orders are deleted or changed there.

Nobody tells the portal. The ledger keeps what was posted; what DdD shows of it is changed here, stock is not.
"""

from ddd.sandbox import wire
from ddd.sandbox.endpoints import Refused, Sandbox
from ddd.sandbox.transactions import SALE_ITEM, SALE_PAYMENT, TRANSFER

_OF_INVOICE = "WHERE kind = ? AND json_extract(model, '$.InvoiceId') = ?"


def delete_sale(sandbox: Sandbox, shop: int, terminal: int, receipt: int) -> None:
    """All rows with a receipt number."""
    deleted = sandbox.state.change(
        "DELETE FROM transactions WHERE shop = ? AND kind IN (?, ?) "
        "AND json_extract(model, '$.PosNumber') = ? AND json_extract(model, '$.ReceiptNumber') = ?",
        shop,
        SALE_ITEM,
        SALE_PAYMENT,
        terminal,
        receipt,
    )
    _refuse_nothing(deleted, f"receipt: shop {shop} has no receipt {terminal}/{receipt}")


def delete_transfer(sandbox: Sandbox, invoice: str) -> None:
    """In the books of both shops."""
    deleted = sandbox.state.change(f"DELETE FROM transactions {_OF_INVOICE}", TRANSFER, invoice)  # noqa: S608
    _refuse_nothing(deleted, f"invoice: there is no transfer {invoice}")


def change_transfer(sandbox: Sandbox, invoice: str, quantity: int) -> None:
    """So many of every variant move instead."""
    changed = sandbox.state.change(
        "UPDATE transactions SET model = json_set(model, '$.Quantity', "  # noqa: S608
        f"? * CASE WHEN json_extract(model, '$.Quantity') < 0 THEN -1 ELSE 1 END) {_OF_INVOICE}",
        quantity,
        TRANSFER,
        invoice,
    )
    _refuse_nothing(changed, f"invoice: there is no transfer {invoice}")


def delete_order(sandbox: Sandbox, order_no: str) -> None:
    """In every group that has one of this number."""
    of_the_order = "WHERE order_id IN (SELECT id FROM orders WHERE order_no = ?)"
    with sandbox.state.transaction():
        sandbox.state.change(f"DELETE FROM order_changes {of_the_order}", order_no)  # noqa: S608
        sandbox.state.change(f"DELETE FROM lines {of_the_order}", order_no)  # noqa: S608
        deleted = sandbox.state.change("DELETE FROM orders WHERE order_no = ?", order_no)
    _refuse_nothing(deleted, f"order_no: there is no web order {order_no}")


def set_status(sandbox: Sandbox, order_no: str, status: str) -> None:
    """Of all lines of the order, whatever they were before."""
    moment = wire.now()
    with sandbox.state.transaction():
        changed = sandbox.state.change(
            "UPDATE orders SET modified_on = ? WHERE order_no = ?", moment, order_no
        )
        sandbox.state.change(
            "UPDATE lines SET status = ?, modified_on = ? "
            "WHERE order_id IN (SELECT id FROM orders WHERE order_no = ?)",
            status,
            moment,
            order_no,
        )
    _refuse_nothing(changed, f"order_no: there is no web order {order_no}")


def _refuse_nothing(count: int, sentence: str) -> None:
    if not count:
        raise Refused([sentence], status=404, message="Not found.")
