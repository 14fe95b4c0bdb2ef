"""Each option of a dialect does what its line says, to requests and to answers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ddd.sandbox import own
from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, NORDLYS, NORDLYS_WEBSHOP, OUTLET_WEBSHOP, TURNOVER, Caller
from tests.sandbox_process import RunningSandbox

CREATE, ALL = "/api/weborder/clickandcollect", "/api/weborder/status/All"
SINCE = "/api/weborder/status/All/since"
TRANSFER = "/api/stockadjustment/item/transfer/initiate"
TODAY = datetime.now(UTC).date().isoformat()
UNSET = "0001-01-01T00:00:00"


@pytest.fixture
def ordered(nordlys: Caller, sandbox: RunningSandbox) -> Caller:
    """Nordlys, with an order of two lines of which nothing is done."""
    assert nordlys.post(CREATE, caller.order()).json() is True
    return nordlys


def statuses(nordlys: Caller, path: str = ALL) -> list[Any]:
    return [line["Status"] for order in nordlys.get(path).json() for line in order["WebOrderLines"]]


def sale_with(item: str, money: str, alteration: str = "", **more: Any) -> dict[str, Any]:
    body = caller.sale(**more)
    body["ItemLines"][0]["Type"], body["PaymentLines"][0]["Direction"] = item, money
    if alteration:
        body["ItemLines"][0] |= {"PriceAlteration": alteration, "PriceAlterationAmount": 1}
    return body


# Words and their case


@pytest.mark.parametrize(
    ("options", "reserved", "delivered", "collect"),
    [
        ({"words": "danish"}, "Reserveret", "Udleveret", "KlikOgHent"),
        ({"words": "short", "case": "upper"}, "OPEN", "HANDEDOUT", "CNC"),
        ({"case": "camel"}, "reserved", "delivered", "clickAndCollect"),
        ({"case": "numbers"}, 1, 3, 0),
        ({"words": {"Delivered": "Færdig"}}, "Reserved", "Færdig", "ClickAndCollect"),
    ],
)
def test_orders_are_told_in_other_words(
    options: dict[str, Any],
    reserved: object,
    delivered: object,
    collect: object,
    ordered: Caller,
    sandbox: RunningSandbox,
) -> None:
    sandbox.speak(**options)
    assert statuses(ordered) == [reserved, reserved]
    sandbox.till_delivers("W-1001")
    assert statuses(ordered, f"/api/weborder/status/{delivered}") == [delivered, delivered]
    assert ordered.get("/api/weborder/fetch/W-1001").json()["OrderType"] == collect
    # What the sandbox holds stays in its own words.
    assert sandbox.ledger()["orders"][0]["now"]["WebOrderLines"][0]["Status"] == "Delivered"


@pytest.mark.parametrize("path", ["All", "0"])
def test_all_is_all_in_every_dialect(path: str, ordered: Caller, sandbox: RunningSandbox) -> None:
    sandbox.speak(words="danish", case="numbers")
    assert len(statuses(ordered, f"/api/weborder/status/{path}")) == 2


def test_a_word_that_the_dialect_does_not_say_is_refused(nordlys: Caller, sandbox: RunningSandbox) -> None:
    sandbox.speak(words="danish")
    refusal = nordlys.get("/api/weborder/status/Delivered")
    assert caller.faults(refusal) == ["status: “Delivered” is not a status here"]
    assert caller.faults(nordlys.post("/api/sale", sale_with("Sale", "In", "Discount"))) == [
        "ItemLines[0].Type: “Sale” is no ItemLineType",
        "ItemLines[0].PriceAlteration: “Discount” is no PriceAlterationType",
        "PaymentLines[0].Direction: “In” is no PaymentFlow",
    ]
    assert sandbox.ledger()["sales"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"words": "danish"}, ("Retur", "Ud", "Rabat")),
        ({"words": "danish", "case": "camel"}, ("retur", "ud", "rabat")),
        ({"case": "numbers"}, ("1", "1", "0")),
    ],
)
def test_a_sale_is_understood_in_other_words_and_kept_in_the_usual(
    options: dict[str, Any], words: tuple[str, str, str], nordlys: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.speak(**options)
    assert nordlys.post("/api/sale", sale_with(*words)).json() is True
    (kept,) = sandbox.ledger()["sales"]
    line, payment = kept["ItemLines"][0], kept["PaymentLines"][0]
    assert (line["Type"], payment["Direction"], line["PriceAlteration"]) == ("Return", "Out", "Discount")
    (shown,) = nordlys.get(f"/api/transactions/sales/payment/{TURNOVER}/{TODAY}").json()
    assert shown["Amount"] == -399.95


# Listings


def test_late_listings_show_nothing_new_but_an_order_can_be_fetched(
    ordered: Caller, sandbox: RunningSandbox
) -> None:
    ordered.post("/api/sale", caller.sale())
    ordered.post(TRANSFER, caller.transfer())
    sandbox.speak(late=600)
    read = {
        "orders": ALL,
        "sales": f"/api/transactions/sales/payment/{TURNOVER}/{TODAY}",
        "transfers": f"/api/transactions/transfers/{AARHUS}/{TODAY}",
    }
    assert {name: ordered.get(path).json() for name, path in read.items()} == {
        "orders": [],
        "sales": [],
        "transfers": [],
    }
    container = ordered.get(f"/api/transactions/{TURNOVER}/{TODAY}").json()
    assert (container["sales"], container["transfers"]) == ({"saleItems": [], "salePayment": []}, [])
    assert ordered.get("/api/weborder/fetch/W-1001").status_code == 200

    sandbox.speak(late=0)
    assert [len(ordered.get(path).json()) for path in read.values()] == [1, 1, 1]
    assert len(ordered.get(f"/api/transactions/{TURNOVER}/{TODAY}").json()["sales"]["saleItems"]) == 1


@pytest.mark.parametrize(("since", "count"), [("modified", 1), ("created", 0), ("ignored", 1)])
def test_since_means_what_the_dialect_says(
    since: str, count: int, ordered: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.speak(since=since)
    after_creation = sandbox.ledger()["orders"][0]["at"]
    sandbox.till_delivers("W-1001")
    assert len(ordered.get(SINCE, dateTime=after_creation).json()) == count
    assert len(ordered.get(SINCE, dateTime="2999-01-01T00:00:00Z").json()) == (since == "ignored")


def test_lists_may_be_wrapped(ordered: Caller, sandbox: RunningSandbox) -> None:
    sandbox.speak(wrapped=True)
    listed = ordered.get(ALL).json()
    assert (listed["Count"], [order["OrderNo"] for order in listed["Items"]]) == (1, ["W-1001"])


def test_past_the_last_page_may_be_404(nordlys: Caller, sandbox: RunningSandbox) -> None:
    path = "/api/article/page/99/pagesize/100"
    assert nordlys.get(path).json() == []
    sandbox.speak(past_the_end="404")
    assert nordlys.get(path).status_code == 404
    assert nordlys.get("/api/article/page/1/pagesize/100").json()


# Dates and amounts


def test_dates_that_nobody_has_set_are_those_of_year_one(ordered: Caller, sandbox: RunningSandbox) -> None:
    sandbox.speak(unset_dates=True)
    (order,) = ordered.get(ALL).json()
    assert (order["PickedUpOn"], order["ModifiedOn"]) == (UNSET, UNSET)
    assert {line["ModifiedOn"] for line in order["WebOrderLines"]} == {UNSET}
    assert order["CreatedOn"] > "2026"

    sandbox.till_delivers("W-1001")
    order = ordered.get("/api/weborder/fetch/W-1001").json()
    assert UNSET not in (order["PickedUpOn"], order["ModifiedOn"])


@pytest.mark.parametrize(("money", "price"), [("text", "399.95"), ("comma", "399,95"), ("number", 399.95)])
def test_amounts_are_written_so(money: str, price: object, ordered: Caller, sandbox: RunningSandbox) -> None:
    ordered.post("/api/sale", caller.sale())
    sandbox.speak(money=money)
    assert ordered.get(ALL).json()[0]["WebOrderLines"][0]["EffectiveSalesPrice"] == price
    (paid,) = ordered.get(f"/api/transactions/sales/payment/{TURNOVER}/{TODAY}").json()
    assert (paid["Amount"], paid["ReceiptNumber"]) == (price, 1)
    container = ordered.get(f"/api/transactions/{TURNOVER}/{TODAY}").json()
    assert container["sales"]["saleItems"][0]["amount"] == price


# Answers to what is posted


@pytest.mark.parametrize(
    ("odd_yes", "said", "content_type"),
    [
        ("false", "false", "application/json; charset=utf-8"),
        ("empty", "", None),
        ("text", "accepted", "text/plain; charset=utf-8"),
        ("html", "<!doctype html><title>OK</title><p>Saved.", "text/html; charset=utf-8"),
    ],
)
def test_yes_may_be_said_oddly_and_is_meant(
    odd_yes: str, said: str, content_type: str | None, nordlys: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.speak(odd_yes=odd_yes)
    answers = [
        nordlys.post(CREATE, caller.order()),
        nordlys.send("PUT", "/api/weborder", {"OrderNo": "W-1001", "ReceiveAddress": "Ny"}),
        nordlys.post("/api/sale", caller.sale()),
    ]
    for answer in answers:
        assert (answer.status_code, answer.text, answer.headers.get("Content-Type")) == (
            200,
            said,
            content_type,
        )
    ledger = sandbox.ledger()
    assert (len(ledger["sales"]), ledger["orders"][0]["now"]["ReceiveAddress"]) == (1, "Ny")
    assert nordlys.post(CREATE, caller.order()).json() is False  # its OrderNo is there already


def test_one_of_so_many_calls_is_told_to_wait(nordlys: Caller, sandbox: RunningSandbox) -> None:
    sandbox.speak(busy=3)
    answers = [nordlys.post("/api/sale", caller.sale(number)) for number in range(1, 7)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"
    assert [sale["ReceiptId"] for sale in sandbox.ledger()["sales"]] == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("option", "number", "fault"),
    [
        ("refuse_transaction_types", 100, "PaymentLines[0].TransactionType: 100 is not one of the group"),
        ("refuse_clerks", 1, "ClerkId: 1 is not one of the group"),
        ("refuse_terminals", 99, "TerminalId: 99 is not one of the group"),
        ("refuse_item_groups", 9900, "ItemLines[0].ItemGroupId: 9900 is not one of the group"),
    ],
)
def test_a_sale_is_refused_for_its_numbers(
    option: str, number: int, fault: str, nordlys: Caller, sandbox: RunningSandbox
) -> None:
    refused: dict[str, Any] = {option: [number, 7]}
    sandbox.speak(**refused)
    assert caller.faults(nordlys.post("/api/sale", caller.sale())) == [fault]
    assert sandbox.ledger()["sales"] == []
    refused[option] = [7]
    sandbox.speak(**refused)
    assert nordlys.post("/api/sale", caller.sale()).json() is True


@pytest.mark.parametrize(("ids", "read"), [("number", int), ("text", str), ("zero", lambda _number: 0)])
def test_an_item_transfer_is_answered_so(
    ids: str, read: Any, nordlys: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.speak(transfer_ids=ids)
    answer = nordlys.post(TRANSFER, caller.transfer()).json()
    (made,) = sandbox.ledger()["transfers"]
    assert answer == read(made["invoice"])


# Who may see what, and where


def test_a_bound_token_sees_the_orders_of_its_web_shop_only(sandbox: RunningSandbox) -> None:
    outlet, usual, group = (
        Caller(sandbox.url, token) for token in (OUTLET_WEBSHOP, NORDLYS_WEBSHOP, NORDLYS)
    )
    outlet.post(CREATE, caller.order("W-1"))
    usual.post(CREATE, caller.order("W-2"))
    seen = [[order["OrderNo"] for order in one.get(ALL).json()] for one in (outlet, usual, group)]
    assert seen == [["W-1", "W-2"]] * 3

    sandbox.speak(bound_tokens=True)
    seen = [[order["OrderNo"] for order in one.get(ALL).json()] for one in (outlet, usual, group)]
    assert seen == [["W-1"], ["W-2"], ["W-2"]]
    order_id = outlet.get("/api/weborder/fetch/W-1").json()["Id"]
    for path in ("fetch/W-1", "fetch/orderNo/W-1", f"fetch/{order_id}"):
        assert group.get(f"/api/weborder/{path}").status_code == 404
    assert group.send("PUT", "/api/weborder", {"OrderNo": "W-1", "ReceiveAddress": "x"}).json() is False


@pytest.mark.parametrize(
    ("base", "there", "elsewhere"),
    [
        ("/api", "/api/weborder/status/All", "/weborder/status/All"),
        ("/", "/weborder/status/All", "/api/weborder/status/All"),
        ("/retail/v2/", "/retail/v2/weborder/status/All", "/api/weborder/status/All"),
    ],
)
def test_the_routes_are_under_the_base(
    base: str, there: str, elsewhere: str, ordered: Caller, sandbox: RunningSandbox
) -> None:
    sandbox.speak(base=base)
    assert len(ordered.get(there).json()) == 1
    refusal = ordered.get(elsewhere)
    assert (refusal.status_code, elsewhere in refusal.json()["Message"]) == (404, True)
    assert len(sandbox.ledger()["orders"]) == 1


def test_the_sandboxs_own_paths_are_named_for_every_base() -> None:
    paths = {route.path.split("/")[1] for route in own.routes(None)}  # type: ignore[arg-type]
    assert paths == own.FOLDERS
