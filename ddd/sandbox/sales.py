"""Sales: posting one, and the transactions it becomes."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ddd.sandbox import catalogue, stocks, wire, words
from ddd.sandbox.endpoints import Answer, Call, Refused, known_variant
from ddd.sandbox.transactions import SALE_ITEM, SALE_PAYMENT, add

_VAT_OF_GROSS = Decimal("0.2")


def post(call: Call) -> Answer:
    """POST api/sale. A repeated ReceiptId is a second sale: the contract knows no other answer."""
    body, faults = call.body("SalePostDto")
    group = call.group_of_shop(body.get("ShopId"), "ShopId", faults)
    lines = body.get("ItemLines")
    for place, line in enumerate(lines if isinstance(lines, list) else []):
        if isinstance(line, dict):
            _check_item(line, group, f"ItemLines[{place}]", faults)
    if faults or group is None:
        raise Refused(faults)
    moment = wire.now()
    with call.state.transaction():
        call.state.insert(
            "sales", grp=group, token_webshop=call.token.webshop, at=moment, posted=call.raw.decode()
        )
        for line in body["ItemLines"]:
            _record_item(call, group, body, line, moment)
        for line in body.get("PaymentLines", []):
            _record_payment(call, body, line, moment)
    return Answer(True)


def _check_item(line: dict[str, Any], group: int | None, place: str, faults: list[str]) -> None:
    if line.get("VariantId"):
        known_variant(group, line["VariantId"], f"{place}.VariantId", faults)
    elif not line.get("ItemGroupId"):
        faults.append(f"{place}: needs a VariantId or an ItemGroupId")
    if line.get("ReturnCode") and line.get("Type") != words.RETURN:
        faults.append(f"{place}.ReturnCode: is only for a line that comes back")


def _record_item(call: Call, group: int, sale: dict[str, Any], line: dict[str, Any], moment: str) -> None:
    variant = catalogue.variant(group, line.get("VariantId", 0))
    sign = -1 if line["Type"] == words.RETURN else 1
    if variant:
        stocks.move(call.state, sale["ShopId"], variant.variant_id, -sign * line["Quantity"])
    amount = Decimal(line["GrossLineAmount"]) * sign
    discount = -Decimal(line.get("PriceAlterationAmount", 0))
    model = {
        **_both(sale, line, amount),
        "CostPrice": variant.cost_price if variant else 0,
        "UniqueItemNumber": variant.variant_id if variant else 0,
        "SupplierId": variant.supplier if variant else 0,
        "EAN": int(variant.ean) if variant else 0,
        "WholeSaleCostPrice": variant.cost_price if variant else 0,
        "EffectiveSalesPrice": amount + discount * sign,
        "Discount": discount,
        "DiscountCode": line.get("PriceAlterationCode", 0),
        "ReturnCode": line.get("ReturnCode", 0) if sign < 0 else 0,
        "WebOrderReference": line.get("WebOrderOrderNo", ""),
        "CustomText": line.get("CustomText", ""),
        "PosTransactionType": words.POS_TRANSACTION_ITEM,
    }
    add(call.state, sale["ShopId"], SALE_ITEM, moment, model)


def _record_payment(call: Call, sale: dict[str, Any], line: dict[str, Any], moment: str) -> None:
    amount = Decimal(line["LineAmount"]) * (-1 if line["Direction"] == words.OUT else 1)
    model = {
        **_both(sale, line, amount),
        "DebtorNumber": sale.get("AccountNumber", 0),
        "PosTransactionType": words.POS_TRANSACTION_PAYMENT,
        "ConnectorId": 0,
        "ShopId": sale["ShopId"],
        "TransactionDateTime": wire.shop_text(moment),
        "TransactionType": line["TransactionType"],
    }
    add(call.state, sale["ShopId"], SALE_PAYMENT, moment, model, number_as="TransactionNumber")


def _both(sale: dict[str, Any], line: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """What item and payment transactions have in common."""
    return {
        "PosNumber": sale["TerminalId"],
        "ReceiptNumber": sale["ReceiptId"],
        "ClerkId": sale["ClerkId"],
        "VAT": (amount * _VAT_OF_GROSS).quantize(Decimal("0.01"), ROUND_HALF_UP),
        "CustomerClubNumber": str(sale.get("CustomerNumber", "")),
        "Amount": amount,
        "GiftVoucherAutoNumber": "",
        "GiftVoucherAlternativeNumber": line.get("VoucherNumber", ""),
    }
