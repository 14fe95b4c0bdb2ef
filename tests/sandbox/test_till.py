"""DdD's own till, the ledger and the page."""

import re
from datetime import UTC, datetime, timedelta

import httpx2

from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, HTTP, JUMPER, OUTLET_WEBSHOP, TURNOVER, Caller
from tests.sandbox_process import RunningSandbox

CREATE = "/api/weborder/clickandcollect"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def statuses(nordlys: Caller, order_no: str = "W-1001") -> list[str]:
    found = nordlys.get(f"/api/weborder/fetch/{order_no}").json()
    return [row["Status"] for row in found["WebOrderLines"]]


def test_the_till_picks_and_delivers_and_polling_sees_it(sandbox: RunningSandbox, nordlys: Caller) -> None:
    nordlys.post(CREATE, caller.order())
    seen = nordlys.get("/api/weborder/fetch/W-1001").json()["ModifiedOn"]

    for act, status in ((sandbox.till_picks, "Picked"), (sandbox.till_delivers, "Delivered")):
        act("W-1001")
        assert statuses(nordlys) == [status, status]
        [changed] = nordlys.get("/api/weborder/status/All/since", dateTime=seen).json()
        assert changed["ModifiedOn"] > seen
        assert nordlys.get(f"/api/weborder/status/{status}").json() == [changed]
        seen = changed["ModifiedOn"]
    assert changed["PickedUpOn"] == seen


def test_a_delivery_by_the_till_makes_ddds_own_transfer_and_no_sale(
    sandbox: RunningSandbox, nordlys: Caller
) -> None:
    lines = [caller.line(), caller.line(), caller.line(100002)]
    nordlys.post(CREATE, caller.order(WebOrderLines=lines))

    sandbox.till_delivers("W-1001")

    ledger = sandbox.ledger()
    assert ledger["sales"] == []
    [made] = ledger["transfers"]
    assert (made["ShopIdSender"], made["ShopIdRecipient"]) == (AARHUS, TURNOVER)
    assert made["Items"] == [{"VariantId": JUMPER, "Quantity": 2}, {"VariantId": 100002, "Quantity": 1}]
    assert made["made_by"] == "till"
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    [sent, _] = nordlys.get(f"/api/transactions/transfers/{AARHUS}/{yesterday}").json()
    assert (sent["WebOrderReference"], sent["Quantity"]) == ("W-1001", -2)
    assert sent["InvoiceId"] == str(made["invoice"])


def test_without_a_turnover_shop_the_till_makes_no_transfer(sandbox: RunningSandbox) -> None:
    outlet = Caller(sandbox.url, OUTLET_WEBSHOP)
    outlet.post(CREATE, caller.order())

    sandbox.till_delivers("W-1001")

    assert statuses(outlet) == ["Delivered", "Delivered"]
    assert sandbox.ledger()["transfers"] == []


def test_the_till_takes_back_what_it_delivered_and_ddd_moves_the_pieces_home(
    sandbox: RunningSandbox, nordlys: Caller
) -> None:
    nordlys.post(CREATE, caller.order())
    refused = HTTP.post(f"{sandbox.url}/till/take-back", json={"order_no": "W-1001", "group": 996})
    assert refused.status_code == 409
    sandbox.till_delivers("W-1001")

    sandbox.till_takes_back("W-1001")

    assert statuses(nordlys) == ["Returned", "Returned"]
    ledger = sandbox.ledger()
    assert ledger["sales"] == []
    there, back = ledger["transfers"]
    assert (there["ShopIdSender"], there["ShopIdRecipient"]) == (AARHUS, TURNOVER)
    assert (back["ShopIdSender"], back["ShopIdRecipient"]) == (TURNOVER, AARHUS)
    assert (back["Items"], back["made_by"]) == (there["Items"], "till")


def test_without_a_turnover_shop_the_till_moves_nothing_home(sandbox: RunningSandbox) -> None:
    outlet = Caller(sandbox.url, OUTLET_WEBSHOP)
    outlet.post(CREATE, caller.order())
    sandbox.till_delivers("W-1001")

    sandbox.till_takes_back("W-1001")

    assert statuses(outlet) == ["Returned", "Returned"]
    assert sandbox.ledger()["transfers"] == []


def test_the_till_does_nothing_twice(sandbox: RunningSandbox, nordlys: Caller) -> None:
    nordlys.post(CREATE, caller.order())
    sandbox.till_delivers("W-1001")
    before = sandbox.ledger()

    for path in ("/till/deliver", "/till/pick"):
        answer = HTTP.post(f"{sandbox.url}{path}", json={"order_no": "W-1001", "group": 996})
        assert answer.status_code == 409
        assert "has no line left" in answer.json()["Faults"][0]
    unknown = HTTP.post(f"{sandbox.url}/till/pick", json={"order_no": "W-9"})
    assert unknown.status_code == 404
    assert sandbox.ledger() == before


def test_an_order_of_another_channel_can_be_polled(sandbox: RunningSandbox, nordlys: Caller) -> None:
    assert sandbox.till_order(caller.order("D-1"), webshop=2) is True
    assert sandbox.till_order(caller.order("D-1"), webshop=2) is False

    [found] = nordlys.get("/api/weborder/status/All/since", dateTime="2026-01-01T00:00:00Z").json()
    assert (found["OrderNo"], found["WebshopId"]) == ("D-1", 2)
    [row] = sandbox.ledger()["orders"]
    assert row["made_by"] == "till"
    answer = HTTP.post(f"{sandbox.url}/till/order", json={"OrderNo": "D-2"})
    assert "ShopId: is missing" in caller.faults(answer)


def test_the_ledger_has_the_bodies_as_they_were_posted(sandbox: RunningSandbox, nordlys: Caller) -> None:
    posted = {
        "orders": [caller.order("W-1"), caller.order("W-2")],
        "sales": [caller.sale(7), caller.sale(8, "W-2")],
        "transfers": [caller.transfer(), caller.transfer(ShopIdSender=caller.ODENSE)],
    }
    for body in posted["orders"]:
        nordlys.post(CREATE, body)
    for body in posted["sales"]:
        nordlys.post("/api/sale", body)
    answers = [
        nordlys.post("/api/stockadjustment/item/transfer/initiate", body) for body in posted["transfers"]
    ]
    nordlys.send("PUT", "/api/weborder", {"OrderNo": "W-1", "ReceiveAddress": "Ny#Vej"})

    ledger = sandbox.ledger()
    assert list(ledger) == ["orders", "sales", "transfers"]
    for name, bodies in posted.items():
        shown = [{key: value for key, value in row.items() if key[0].isupper()} for row in ledger[name]]
        assert shown == bodies
    assert ledger["sales"][1]["ItemLines"][0]["WebOrderOrderNo"] == "W-2"
    assert [row["invoice"] for row in ledger["transfers"]] == [answer.json() for answer in answers]
    assert {row["made_by"] for row in ledger["transfers"]} == {"api"}
    assert ledger["orders"][0]["changes"] == [{"OrderNo": "W-1", "ReceiveAddress": "Ny#Vej"}]
    assert ledger["orders"][0]["now"]["ReceiveAddress"] == "Ny#Vej"


def test_the_page_shows_what_is_held_and_escapes_it(sandbox: RunningSandbox, nordlys: Caller) -> None:
    nordlys.post(CREATE, caller.order("<b>Æ&1</b>"))
    nordlys.post("/api/sale", caller.sale(order_no="W-77", PaymentLines=[]))
    nordlys.post("/api/stockadjustment/item/transfer/initiate", caller.transfer())
    sandbox.fault(["slow", "500"], every=2, on="sale")

    page = HTTP.get(f"{sandbox.url}/").text

    assert "&lt;b&gt;Æ&amp;1&lt;/b&gt;" in page
    assert "<b>Æ" not in page
    assert "W-77" in page
    assert "996001 Nordlys Aarhus" in page
    assert "“slow”, “500” on each call in 2" in page
    assert re.search(r'aria-label="DdD&#x27;s own till picks|aria-label="DdD\'s own till picks', page)
    assert "<script" not in page


def test_the_page_shows_the_newest_and_counts_all(sandbox: RunningSandbox, nordlys: Caller) -> None:
    for number in range(100, 161):
        nordlys.post(CREATE, caller.order(f"N-{number}"))

    page = HTTP.get(f"{sandbox.url}/").text

    assert "Web orders: 61" in page
    assert "The newest 50 of 61" in page
    assert page.index("N-160") < page.index("N-111")
    assert "N-110" not in page.partition("<h2>Latest calls</h2>")[0]
    assert len(sandbox.ledger()["orders"]) == 61


def test_the_pages_forms_work_without_javascript(sandbox: RunningSandbox, nordlys: Caller) -> None:
    nordlys.post(CREATE, caller.order())

    def press(path: str, form: str) -> httpx2.Response:
        return HTTP.post(f"{sandbox.url}{path}", content=form.encode(), headers=FORM)

    assert press("/till/pick", "order_no=W-1001&group=996").headers["Location"] == "/"
    assert statuses(nordlys) == ["Picked", "Picked"]
    assert press("/till/deliver", "order_no=W-1001&group=996").status_code == 303
    refused = press("/till/deliver", "order_no=W-1001&group=996")
    assert refused.status_code == 409
    assert "has no line left to deliver" in refused.text
    assert "<h1>DdD sandbox</h1>" in refused.text

    rule = "fault=lose+the+answer+after+committing&on=sale&every=2&times=&seconds=3"
    assert press("/faults", rule).status_code == 303
    assert len(HTTP.get(f"{sandbox.url}/faults").json()) == 1
    assert press("/faults/clear", "").status_code == 303
    assert HTTP.get(f"{sandbox.url}/faults").json() == []
    assert press("/reset", "").status_code == 303
    assert sandbox.ledger()["orders"] == []


def test_it_says_that_it_is_well(sandbox: RunningSandbox) -> None:
    assert HTTP.get(f"{sandbox.url}/healthz").json()["status"] == "ok"
