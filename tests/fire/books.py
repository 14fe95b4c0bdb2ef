"""The book-keeper: reads DdD's ledger and says what is not as planned. Shares nothing with the portal."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.fire.plans import Moved, Plan, Sold, expected_sales, expected_transfers

Ledger = dict[str, list[dict[str, Any]]]


def faults(plans: list[Plan], ledger: Ledger, portal: dict[str, Any]) -> list[str]:
    """One sentence for each thing that is wrong."""
    return [*_of_orders(plans, ledger, portal), *_of_books(plans, ledger), *_of_receipts(ledger)]


def _of_orders(plans: list[Plan], ledger: Ledger, portal: dict[str, Any]) -> Iterator[str]:
    at_ddd = Counter(order["OrderNo"] for order in ledger["orders"])
    for plan in plans:
        if at_ddd[plan.order_no] != 1:
            yield f"{plan.order_no}: DdD has it {at_ddd[plan.order_no]} times"
        status = portal["orders"].get(plan.order_no)
        wanted = ("Delivered", "Returned") if plan.scarf_comes_back else ("Delivered",)
        if status not in wanted:
            yield f"{plan.order_no}: the portal calls it {status}"
    for order_no, kind, state, reason in portal["not sent"]:
        yield f"{order_no}: its {kind} is {state}: {reason}"


def _of_books(plans: list[Plan], ledger: Ledger) -> Iterator[str]:
    sales = Counter(_sold(sale) for sale in ledger["sales"])
    yield from _compared("sale", expected_sales(plans), sales)
    transfers = Counter(_moved(row) for row in ledger["transfers"])
    yield from _compared("item transfer", expected_transfers(plans), transfers)


def _compared(what: str, expected: Counter[Any], seen: Counter[Any]) -> Iterator[str]:
    for booking in expected.keys() | seen.keys():
        if expected[booking] != seen[booking]:
            yield f"{what} {tuple(booking)}: {seen[booking]} times, not {expected[booking]}"


def _of_receipts(ledger: Ledger) -> Iterator[str]:
    series = defaultdict(list)
    for sale in ledger["sales"]:
        series[sale["ShopId"], sale["TerminalId"]].append(sale["ReceiptId"])
    for name, numbers in series.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"the receipts of {name} are not 1 to {len(numbers)}: {sorted(numbers)}"


def _sold(sale: dict[str, Any]) -> Sold:
    variants = tuple(
        sorted(line["VariantId"] for line in sale["ItemLines"] for _piece in range(line["Quantity"]))
    )
    (order_no,) = {line["WebOrderOrderNo"] for line in sale["ItemLines"]}
    (word,) = {line["Type"] for line in sale["ItemLines"]}
    amount = sum((Decimal(str(line["LineAmount"])) for line in sale["PaymentLines"]), Decimal(0))
    return Sold(sale["ShopId"], order_no, word, variants, amount)


def _moved(row: dict[str, Any]) -> Moved:
    variants = tuple(sorted(item["VariantId"] for item in row["Items"] for _piece in range(item["Quantity"])))
    return Moved(row["ShopIdSender"], row["ShopIdRecipient"], variants)
