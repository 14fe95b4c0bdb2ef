"""Changes in DdD's back office are seen by readers; the ledger keeps what was posted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, HTTP, TURNOVER, Caller
from tests.sandbox_process import RunningSandbox

CREATE, SALE = "/api/weborder/clickandcollect", "/api/sale"
TRANSFER = "/api/stockadjustment/item/transfer/initiate"
YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"


def shown(nordlys: Caller, shop: int) -> dict[str, Any]:
    return nordlys.get(f"/api/transactions/{shop}/{YESTERDAY}").json()  # type: ignore[no-any-return]


def test_a_sale_is_gone_with_its_items_and_payments(sandbox: RunningSandbox, nordlys: Caller) -> None:
    for receipt in (1, 2):
        nordlys.post(SALE, caller.sale(receipt))
    sandbox.back_office_deletes_sale(TURNOVER, 1)
    sales = shown(nordlys, TURNOVER)["sales"]
    assert [row["receiptNumber"] for row in sales["saleItems"]] == [2]
    assert [row["receiptNumber"] for row in sales["salePayment"]] == [2]
    assert len(sandbox.ledger()["sales"]) == 2


def test_a_transfer_is_changed_and_gone_in_both_shops(sandbox: RunningSandbox, nordlys: Caller) -> None:
    invoice = nordlys.post(TRANSFER, caller.transfer()).json()
    sandbox.back_office_changes_transfer(invoice, 4)
    moved = [shown(nordlys, shop)["transfers"][0]["quantity"] for shop in (AARHUS, TURNOVER)]
    assert moved == [-4, 4]
    sandbox.back_office_deletes_transfer(invoice)
    assert [shown(nordlys, shop)["transfers"] for shop in (AARHUS, TURNOVER)] == [[], []]
    assert len(sandbox.ledger()["transfers"]) == 1


def test_an_order_gets_another_status_and_is_gone(sandbox: RunningSandbox, nordlys: Caller) -> None:
    nordlys.post(CREATE, caller.order())
    before = nordlys.get("/api/weborder/fetch/W-1001").json()["ModifiedOn"]
    sandbox.back_office_sets_status("W-1001", "Cancelled")
    order = nordlys.get("/api/weborder/fetch/W-1001").json()
    assert {line["Status"] for line in order["WebOrderLines"]} == {"Cancelled"}
    assert order["ModifiedOn"] > before
    sandbox.back_office_deletes_order("W-1001")
    assert nordlys.get("/api/weborder/fetch/W-1001").status_code == 404
    assert nordlys.post(CREATE, caller.order()).json() is True


@pytest.mark.parametrize(
    ("route", "given", "status", "fault"),
    [
        ("delete-sale", {"shop": AARHUS, "terminal": 99, "receipt": 7}, 404, "has no receipt 99/7"),
        ("delete-sale", {"shop": AARHUS, "terminal": 99}, 400, "receipt: must be a whole number"),
        ("delete-transfer", {"invoice": 7}, 404, "there is no transfer 7"),
        ("change-transfer", {"invoice": 7, "quantity": 1}, 404, "there is no transfer 7"),
        ("change-transfer", {"invoice": 7, "quantity": -1}, 400, "quantity: must be a whole number"),
        ("delete-order", {"order_no": "W-9"}, 404, "there is no web order W-9"),
        ("set-status", {"order_no": "W-9", "status": "Picked"}, 404, "there is no web order W-9"),
        ("set-status", {"order_no": "W-9", "status": "All"}, 400, "status: must be that of a line"),
    ],
)
def test_what_is_not_there_is_refused_in_words(
    sandbox: RunningSandbox, route: str, given: dict[str, Any], status: int, fault: str
) -> None:
    answer = HTTP.post(f"{sandbox.url}/back-office/{route}", json=given)
    assert answer.status_code == status
    assert fault in answer.json()["Faults"][0]
