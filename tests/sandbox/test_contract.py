"""Every operation of the contract is answered, and what is answered is what the contract says."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ddd.sandbox import contract
from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, JUMPER, JUMPER_EAN, NORDLYS_WEBSHOP, TURNOVER, Caller
from tests.sandbox_process import RunningSandbox

OPERATIONS = list(contract.operations())
YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
TOMORROW = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
SINCE = {"dateTime": "2026-01-01T00:00:00Z"}

# The operation: the values of its path, its query, its body.
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, str], Any]] = {
    "createClickAndCollect": ({}, {}, caller.order("W-2001")),
    "createClickAndCollectByEan": ({}, {}, caller.order_by_ean("W-2002")),
    "createOrderInStore": ({}, {}, caller.order_in_store("W-2003")),
    "createOrderInStoreByEan": ({}, {}, caller.order_in_store_by_ean("W-2004")),
    "createWebOrderByEanOldModel": ({}, {}, caller.order_of_old_model("W-2005")),
    "updateWebOrder": ({}, {}, {"OrderNo": "W-1001", "ReceiveAddress": "Åse Øst#Havnegade 3"}),
    "fetchWebOrder": ({"orderId": "W-1001"}, {}, None),
    "listWebOrdersByStatus": ({"status": "All"}, {}, None),
    "listWebOrdersByStatusSince": ({"status": "All"}, SINCE, None),
    "listWebshopWebOrdersByStatusSince": ({"status": "All"}, SINCE, None),
    "postSale": ({}, {}, caller.sale(2)),
    "initiateItemTransfer": ({}, {}, caller.transfer()),
    "listTransactions": ({"shopId": TURNOVER, "from": YESTERDAY}, {}, None),
    "listSalePayments": ({"shopId": TURNOVER, "from": YESTERDAY}, {}, None),
    "listTransfers": ({"shopId": AARHUS, "from": YESTERDAY}, {}, None),
    "listTransfersByRecipient": ({"shopId": TURNOVER, "from": YESTERDAY, "to": TOMORROW}, {}, None),
    "getStockByBarcode": ({"shopId": AARHUS, "barcode": JUMPER_EAN}, {}, None),
    "getCombinedStock": ({"shopId": AARHUS, "variantId": JUMPER}, {}, None),
    "getArticleByEan": ({"barcode": JUMPER_EAN}, {}, None),
    "getArticleByMultiEan": ({"barcode": "5712345000977"}, {}, None),
    "getStyle": ({"id": 5001}, {}, None),
    "listArticles": ({"page": 1, "pagesize": 5}, {}, None),
    "getMemberByUserName": ({"shopId": AARHUS, "userName": "aase"}, {}, None),
    "searchMembers": ({"shopId": AARHUS, "searchTerm": "Åse Aarhus"}, {}, None),
    "createMember": ({}, {}, caller.member("karen", Gender=None, ReceiptByEmail=2)),
    "createMemberV2": ({}, {}, caller.member("lise", CreationShop=996001, CustomerNumber=0)),
}


@pytest.fixture
def furnished(sandbox: RunningSandbox) -> Caller:
    """A caller with a web shop's token, who finds an order, a sale and a transfer."""
    found = Caller(sandbox.url, NORDLYS_WEBSHOP)
    assert found.post("/api/weborder/clickandcollect", caller.order()).json() is True
    assert found.post("/api/sale", caller.sale()).json() is True
    assert found.post("/api/stockadjustment/item/transfer/initiate", caller.transfer()).json() > 0
    return found


def closed(schema: Any, name: Callable[[str], str] = str) -> Any:
    """The schema with nothing allowed beside what it names."""
    if isinstance(schema, list):
        return [closed(inner, name) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(inner, name) for key, inner in schema.items() if key not in ("properties", "allOf")}
    if "properties" in schema:
        made["properties"] = {name(key): closed(inner, name) for key, inner in schema["properties"].items()}
        made["additionalProperties"] = False
        made["required"] = [name(key) for key in schema.get("required", [])]
    if "allOf" in schema:
        made |= {"allOf": schema["allOf"], "unevaluatedProperties": False}
    return made


def lowered(value: Any) -> Any:
    if isinstance(value, dict):
        assert all(key[0].islower() for key in value)
        return {key.lower(): lowered(inner) for key, inner in value.items()}
    return [lowered(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_operation_answers_as_the_contract_says(
    operation: contract.Operation, furnished: Caller
) -> None:
    path, query, body = EXAMPLES[operation.name]
    answer = furnished.send(operation.method, operation.path.format(**path), body, params=query)

    assert answer.status_code == 200, answer.text
    found = json.loads(answer.content, parse_float=Decimal)
    assert found not in (None, [], {}, False)
    if operation.name == "listTransactions":  # the one answer that is camelCase in the contract
        Draft202012Validator(closed(operation.answer, str.lower)).validate(lowered(found))
        assert found["sales"]["saleItems"]
        assert found["sales"]["salePayment"]
    else:
        Draft202012Validator(closed(operation.answer)).validate(found)


def test_the_examples_are_those_of_the_contract() -> None:
    assert {operation.name for operation in OPERATIONS} == set(EXAMPLES)
    assert len(OPERATIONS) == 26


def test_a_route_that_is_not_in_the_contract_is_not_there(nordlys: Caller) -> None:
    assert nordlys.get("/api/shops").status_code == 404
    assert nordlys.send("DELETE", "/api/weborder").status_code == 405


def test_an_order_is_found_by_id_and_by_order_no(furnished: Caller) -> None:
    found = furnished.get("/api/weborder/fetch/W-1001").json()

    assert furnished.get(f"/api/weborder/fetch/{found['Id']}").json() == found
    assert furnished.get("/api/weborder/fetch/orderNo/W-1001").json() == found
    assert found["ReceiveAddress"] == "Åse Øst#Søndergade 7#8000 Aarhus C"
    assert [row["Status"] for row in found["WebOrderLines"]] == ["Reserved", "Reserved"]


def test_an_order_no_of_digits_is_taken_for_an_id(nordlys: Caller) -> None:
    nordlys.post("/api/weborder/clickandcollect", caller.order("987654"))

    assert nordlys.get("/api/weborder/fetch/987654").status_code == 404
    assert nordlys.get("/api/weborder/fetch/orderNo/987654").json()["OrderNo"] == "987654"


def test_an_order_no_may_have_a_slash_and_danish_letters(nordlys: Caller) -> None:
    nordlys.post("/api/weborder/clickandcollect", caller.order("ÅR/2026 1"))

    assert nordlys.get("/api/weborder/fetch/%C3%85R%2F2026%201").json()["OrderNo"] == "ÅR/2026 1"


def test_since_is_strictly_after_the_time_of_the_change(furnished: Caller) -> None:
    modified = furnished.get("/api/weborder/fetch/W-1001").json()["ModifiedOn"]

    assert furnished.get("/api/weborder/status/All/since", dateTime=modified).json() == []
    furnished.send("PUT", "/api/weborder", {"OrderNo": "W-1001", "ReturnAddress": "Nordlys#Aarhus"})
    assert len(furnished.get("/api/weborder/status/All/since", dateTime=modified).json()) == 1


def test_a_change_reaches_addresses_prices_delivery_no_and_notes(furnished: Caller) -> None:
    line_id = furnished.get("/api/weborder/fetch/W-1001").json()["WebOrderLines"][0]["Id"]
    changed = {"Id": line_id, "SalesPrice": 10.5, "DeliveryNo": "DK123", "Notes": "Ny note"}

    body = {"OrderNo": "W-1001", "ReceiveAddress": "Ny#Vej 1", "WebOrderLines": [changed]}
    assert furnished.send("PUT", "/api/weborder", body).json() is True

    found = furnished.get("/api/weborder/fetch/W-1001").json()
    assert found["ReceiveAddress"] == "Ny#Vej 1"
    assert changed.items() <= found["WebOrderLines"][0].items()
    assert found["WebOrderLines"][0]["EffectiveSalesPrice"] == 399.95


def test_a_change_of_an_order_or_a_line_that_is_not_there_is_false(furnished: Caller) -> None:
    assert furnished.send("PUT", "/api/weborder", {"OrderNo": "W-9", "ReceiveAddress": "x"}).json() is False
    body = {"OrderNo": "W-1001", "ReceiveAddress": "x", "WebOrderLines": [{"Id": 1_999_999, "Notes": "x"}]}
    assert furnished.send("PUT", "/api/weborder", body).json() is False
    assert furnished.get("/api/weborder/fetch/W-1001").json()["ReceiveAddress"] != "x"


def test_an_order_no_that_is_there_already_is_false_and_changes_nothing(furnished: Caller) -> None:
    before = furnished.get("/api/weborder/fetch/W-1001").json()

    again = furnished.post("/api/weborder/clickandcollect", caller.order(ShopId=caller.ODENSE))

    assert again.json() is False
    assert furnished.get("/api/weborder/fetch/W-1001").json() == before


def test_a_sale_and_a_transfer_sent_twice_are_booked_twice(
    furnished: Caller, sandbox: RunningSandbox
) -> None:
    furnished.post("/api/sale", caller.sale())
    furnished.post("/api/stockadjustment/item/transfer/initiate", caller.transfer())

    ledger = sandbox.ledger()
    assert [row["ReceiptId"] for row in ledger["sales"]] == [1, 1]
    assert len({row["invoice"] for row in ledger["transfers"]}) == 2


def test_a_return_sale_brings_the_piece_back_to_stock(nordlys: Caller) -> None:
    path = f"/api/stocks/{AARHUS}/variants/{JUMPER_EAN}"
    before = nordlys.get(path).json()["Quantity"]
    item = {"Type": "Return", "VariantId": JUMPER, "Quantity": 1, "GrossLineAmount": 399.95, "ReturnCode": 1}
    out = {"Direction": "Out", "TransactionType": 100, "LineAmount": 399.95}

    assert nordlys.post("/api/sale", caller.sale(ShopId=AARHUS)).json() is True
    assert nordlys.get(path).json()["Quantity"] == before - 1
    back = caller.sale(2, ShopId=AARHUS, ItemLines=[item], PaymentLines=[out])
    assert nordlys.post("/api/sale", back).json() is True
    assert nordlys.get(path).json()["Quantity"] == before


def test_a_return_is_told_with_money_out_and_its_return_code(nordlys: Caller) -> None:
    item = {
        "Type": "Return",
        "VariantId": JUMPER,
        "Quantity": 1,
        "GrossLineAmount": 399.95,
        "PriceAlteration": "Discount",
        "PriceAlterationAmount": 100.0,
        "ReturnCode": 7,
        "WebOrderOrderNo": "W-1001",
    }
    out = {"Direction": "Out", "TransactionType": 110, "LineAmount": 299.95}
    nordlys.post("/api/sale", caller.sale(3, ShopId=AARHUS, ItemLines=[item], PaymentLines=[out]))

    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    told = nordlys.get(f"/api/transactions/{AARHUS}/{yesterday}").json()["sales"]
    [sold], [paid] = told["saleItems"], told["salePayment"]
    facts = {name: sold[name] for name in ("amount", "discount", "effectiveSalesPrice", "returnCode")}
    assert facts == {"amount": -399.95, "discount": -100.0, "effectiveSalesPrice": -299.95, "returnCode": 7}
    assert (sold["webOrderReference"], sold["receiptNumber"]) == ("W-1001", 3)
    assert (paid["amount"], paid["transactionType"], paid["receiptNumber"]) == (-299.95, 110, 3)


def test_a_sold_line_has_no_return_code(nordlys: Caller, sandbox: RunningSandbox) -> None:
    body = caller.sale()
    body["ItemLines"][0]["ReturnCode"] = 7
    answer = nordlys.post("/api/sale", body)

    assert caller.faults(answer) == ["ItemLines[0].ReturnCode: is only for a line that comes back"]
    assert sandbox.ledger()["sales"] == []


def test_pages_of_articles_tell_the_next_one_and_end_empty(nordlys: Caller) -> None:
    found: list[int] = []
    number: str | None = "1"
    while number:
        answer = nordlys.get(f"/api/article/page/{number}/pagesize/20")
        found += [row["VariantId"] for row in answer.json()]
        number = answer.headers.get("X-Next-Page")

    assert len(found) == len(set(found)) > 40
    assert nordlys.get("/api/article/page/99/pagesize/20").json() == []


def test_an_ean_of_two_variants_answers_both(nordlys: Caller) -> None:
    found = nordlys.get("/api/article/ean/multi/5712345000991").json()

    assert [row["VariantId"] for row in found] == [100013, 100014]


def test_a_members_password_is_not_kept(furnished: Caller) -> None:
    made = furnished.post("/api/loyalty2/member", caller.member()).json()

    found = furnished.get(f"/api/loyalty2/member/shop/{AARHUS}/username/karen").json()
    assert found == made
    assert "hemmelig" not in str(found)
    assert found["CustomerNumber"] == 1_000_422
