"""Item transfers: started through the API, or made by DdD's own till."""

from typing import Any

from ddd.sandbox import catalogue, stocks, wire, words
from ddd.sandbox.endpoints import Answer, Call, Refused, Sandbox, known_variant
from ddd.sandbox.transactions import TRANSFER, add


def initiate(call: Call) -> Answer:
    """POST api/stockadjustment/item/transfer/initiate: its invoice number. Sent again it is another one."""
    body, faults = call.body("ItemTransferDto")
    group = call.group_of_shop(body.get("ShopIdSender"), "ShopIdSender", faults)
    other = call.group_of_shop(body.get("ShopIdRecipient"), "ShopIdRecipient", faults)
    if group and other and group != other:
        faults.append("ShopIdRecipient: is a shop of another group than the sender")
    if group and body.get("ShopIdSender") == body.get("ShopIdRecipient"):
        faults.append("ShopIdRecipient: is the sender itself")
    items = body.get("Items")
    for place, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            known_variant(group, item.get("VariantId"), f"Items[{place}].VariantId", faults)
    if faults or group is None:
        raise Refused(faults)
    with call.state.transaction():
        invoice = record(
            call.sandbox, group, body, call.raw.decode(), token_webshop=call.token.webshop, as_draft=True
        )
    return Answer(invoice)


def record_by_till(sandbox: Sandbox, group: int, body: dict[str, Any], order_no: str) -> int:
    """DdD's own transfer at a delivery: no draft, and marked with the OrderNo."""
    posted = wire.write_json(body).decode()
    return record(sandbox, group, body, posted, token_webshop=None, as_draft=False, order_no=order_no)


def record(
    sandbox: Sandbox,
    group: int,
    body: dict[str, Any],
    posted: str,
    *,
    token_webshop: int | None,
    as_draft: bool,
    order_no: str = "",
) -> int:
    """Stores the transfer and moves its pieces, inside the caller's transaction. Answers its number."""
    state, moment = sandbox.state, wire.now()
    row = state.row("SELECT max(invoice) AS latest FROM transfers")
    latest = row["latest"] if row and row["latest"] else words.FIRST_INVOICE - 1
    # Counted on from a number that a reset leaves alone, so that an invoice number is never used twice.
    invoice = max(int(latest) + 1, words.FIRST_INVOICE - 1 + state.next_number(0))
    state.insert(
        "transfers",
        grp=group,
        token_webshop=token_webshop,
        made_by="api" if as_draft else "till",
        invoice=invoice,
        at=moment,
        posted=posted,
    )
    for item in body["Items"]:
        _record_item(sandbox, group, body, item, moment, invoice, order_no, as_draft)
    return invoice


def _record_item(
    sandbox: Sandbox,
    group: int,
    body: dict[str, Any],
    item: dict[str, Any],
    moment: str,
    invoice: int,
    order_no: str,
    as_draft: bool,
) -> None:
    sender, recipient = body["ShopIdSender"], body["ShopIdRecipient"]
    if as_draft and sandbox.drafts_hidden:
        stocks.draft(sandbox.state, recipient, item["VariantId"], item["Quantity"])
        return
    for shop, counterpart, quantity in (
        (sender, recipient, -item["Quantity"]),
        (recipient, sender, item["Quantity"]),
    ):
        stocks.move(sandbox.state, shop, item["VariantId"], quantity)
        model = _model(group, item["VariantId"], shop, counterpart, quantity)
        model |= {
            "InvoiceId": str(invoice),
            "SourceNumber": words.TILL_SOURCE if order_no else words.BACK_OFFICE_SOURCE,
            "WebOrderReference": order_no,
            "TransactionDateTime": wire.shop_text(moment),
        }
        add(sandbox.state, shop, TRANSFER, moment, model, number_as="TransactionNumber")


def _model(group: int, variant_id: int, shop: int, counterpart: int, quantity: int) -> dict[str, Any]:
    variant = catalogue.variant(group, variant_id)
    return {
        "UserId": 1,
        "CounterpartShopId": counterpart,
        "CostPrice": variant.cost_price if variant else 0,
        "UniqueItemNumber": variant_id,
        "SupplierId": variant.supplier if variant else 0,
        "EAN": int(variant.ean) if variant else 0,
        "WholeSaleCostPrice": variant.cost_price if variant else 0,
        "ShopId": shop,
        "TransactionType": words.TRANSFER_TRANSACTION_TYPE,
        "Quantity": quantity,
        "ItemGroupNumber": variant.item_group if variant else 0,
    }
