"""The payment lines of a sale and of a return: how the money went, by which transaction types, and how DdD is
told of cash that was rounded."""

from decimal import Decimal

from accounts.models import WebShop
from ddd.api.bodies import PaymentLine, SaleBody
from ddd.models import Connection, Sale
from ddd.models.connection import CashBooking


def payment_lines(
    amount: Decimal,
    cash_rounding: Decimal,
    paid_at: str,
    web_shop: WebShop | None,
    connection: Connection,
    *,
    is_return: bool,
) -> list[PaymentLine]:
    """The customer's payment, or what they got back. `cash_rounding` is what was added to the amount when it
    was rounded; the Group says whether DdD is told of that, and how."""
    transaction_type = (money_out_type if is_return else money_in_type)(paid_at, web_shop, connection)
    there, back = directions(connection, is_return=is_return)
    line: PaymentLine = {
        "Direction": there,
        "TransactionType": transaction_type,
        "LineAmount": f"{amount:.2f}",
    }
    if not cash_rounding or connection.cash_booking == CashBooking.EXACT:
        return [line]
    line["LineAmount"] = f"{amount + cash_rounding:.2f}"
    if connection.cash_booking == CashBooking.CHANGED_HANDS or connection.cash_rounding_type is None:
        return [line]
    # What was paid too much goes the other way again, so that all lines come to what the pieces cost.
    difference: PaymentLine = {
        "Direction": back if cash_rounding > 0 else there,
        "TransactionType": connection.cash_rounding_type,
        "LineAmount": f"{abs(cash_rounding):.2f}",
    }
    return [line, difference]


def todays_payments(
    sale: Sale, body: SaleBody, connection: Connection, *, is_return: bool
) -> list[PaymentLine]:
    """Those of a booking with the words and numbers of today. Where it is not known who took the money, only
    the words are new."""
    if sale.paid_at is None:
        return redirected(body["PaymentLines"], *directions(connection, is_return=is_return))
    return payment_lines(
        abs(sale.amount), sale.cash_rounding, sale.paid_at, sale.web_shop, connection, is_return=is_return
    )


def redirected(lines: list[PaymentLine], there: str, back: str) -> list[PaymentLine]:
    """The same lines, where the first goes `there`; one that went against it goes `back`."""
    first = lines[0]["Direction"] if lines else there
    return [{**line, "Direction": there if line["Direction"] == first else back} for line in lines]


def directions(connection: Connection, *, is_return: bool) -> tuple[str, str]:
    """DdD's words for where the money goes, and for the other way."""
    ways = (connection.payment_in_word, connection.payment_out_word)
    return (ways[1], ways[0]) if is_return else ways


def payments_total(body: SaleBody) -> Decimal:
    """What the payment lines come to; those that go against the first one count against it."""
    lines = body["PaymentLines"]
    return sum(
        (
            Decimal(line["LineAmount"]) * (1 if line["Direction"] == lines[0]["Direction"] else -1)
            for line in lines
        ),
        Decimal(0),
    )


def money_in_type(paid_at: str, web_shop: WebShop | None, connection: Connection) -> int:
    """The transaction type of money that a customer paid: at the register (cash, terminal), or else to the
    web shop."""
    at_register = {
        "cash": connection.cash_transaction_type,
        "terminal": connection.terminal_transaction_type,
    }
    return at_register.get(paid_at, _web_shop_type(web_shop, connection))


def money_out_type(paid_by: str, web_shop: WebShop | None, connection: Connection) -> int:
    """The same of money that a customer gets back; the web shop's own type balances the books."""
    at_register = {
        "cash": connection.cash_out_transaction_type,
        "terminal": connection.terminal_out_transaction_type,
    }
    return at_register.get(paid_by, _web_shop_type(web_shop, connection))


def _web_shop_type(web_shop: WebShop | None, connection: Connection) -> int:
    """For money that the web shop takes, or gives back."""
    return web_shop.transaction_type if web_shop else connection.unknown_web_shop_transaction_type
