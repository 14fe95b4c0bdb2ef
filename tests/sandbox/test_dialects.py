"""Each option of a dialect does what its line says, to requests and to answers."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from ddd.sandbox import dialect, own
from ddd.sandbox.dialect import NAMED, OPTIONS, USUAL, Dialect, read_dialect
from tests.sandbox import caller
from tests.sandbox.caller import AARHUS, HTTP, NORDLYS, NORDLYS_WEBSHOP, OUTLET_WEBSHOP, TURNOVER, Caller
from tests.sandbox_process import ROOT, RunningSandbox

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


# Choosing one


def test_a_running_sandbox_is_told_another_dialect_until_it_is_reset(
    nordlys: Caller, sandbox: RunningSandbox
) -> None:
    told = HTTP.post(f"{sandbox.url}/dialect", json={"dialect": "danish", "late": 2}).json()
    assert (told["late"], told["money"], told["words"]["Sale"]) == (2.0, "comma", "Salg")
    assert HTTP.get(f"{sandbox.url}/dialect").json() == told
    page = HTTP.get(sandbox.url).text
    assert "late: 2.0; unset_dates: True; money: comma" in page
    assert HTTP.delete(f"{sandbox.url}/dialect").json() == USUAL.as_json()
    sandbox.speak("late")
    sandbox.reset()
    assert HTTP.get(f"{sandbox.url}/dialect").json() == USUAL.as_json()
    assert "It speaks a dialect" not in HTTP.get(sandbox.url).text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"dialect": "klingon"}, "dialect: must be one of usual, danish,"),
        ({"tongue": "danish"}, "tongue: is no option. There are: words, case,"),
        ({"case": "Upper"}, "case: must be one of pascal, camel, upper, numbers, was 'Upper'"),
        ({"late": -1}, "late: must be a number of seconds from 0 to 86400, was -1"),
        ({"wrapped": "yes"}, "wrapped: must be true or false, was 'yes'"),
        ({"busy": "often"}, "busy: must be a whole number, was 'often'"),
        ({"refuse_clerks": ["Ole"]}, "refuse_clerks: must be a whole number, was ['Ole']"),
        ({"base": "api"}, "base: must be a path such as /api, or / for none, was 'api'"),
        ({"words": {"Sold": "Salg"}}, "words: Sold is not a word of the sandbox:"),
        ({"words": {"Sale": " "}}, "words: the word for Sale must have from 1 to 40 characters"),
        ({"words": {"Sale": "RETUR", "Return": "Retur"}}, "words: two of Sale, Return would be the same"),
        ({"words": {"Delivered": "All"}}, "words: two of All, Reserved,"),
    ],
)
def test_what_is_no_dialect_is_refused_with_the_reason(
    asked: dict[str, Any], sentence: str, sandbox: RunningSandbox
) -> None:
    (fault,) = caller.faults(HTTP.post(f"{sandbox.url}/dialect", json=asked))
    assert fault.startswith(sentence)
    assert HTTP.get(f"{sandbox.url}/dialect").json() == USUAL.as_json()


def test_the_command_takes_each_option_and_starts_with_it_again_after_a_reset() -> None:
    options = (
        *("--dialect", "one-web-shop", "--words", "Delivered=Given,Sale=Sold", "--case", "upper"),
        *("--late", "0.5", "--since", "created", "--unset-dates", "--money", "text", "--wrapped"),
        *(
            "--past-the-end",
            "404",
            "--odd-yes",
            "text",
            "--busy",
            "9",
            "--refuse-transaction-types",
            "1",
            "2",
        ),
        *("--refuse-clerks", "3", "--refuse-terminals", "4", "--refuse-item-groups", "5"),
        *("--transfer-ids", "text", "--bound-tokens", "--base", "/x"),
    )
    expected = Dialect(
        words={"Delivered": "Given", "Sale": "Sold"},
        case="upper",
        late=0.5,
        since="created",
        unset_dates=True,
        money="text",
        wrapped=True,
        past_the_end="404",
        odd_yes="text",
        busy=9,
        refuse_transaction_types=(1, 2),
        refuse_clerks=(3,),
        refuse_terminals=(4,),
        refuse_item_groups=(5,),
        transfer_ids="text",
        bound_tokens=True,
        base="/x",
    )
    assert all(getattr(expected, name) != getattr(USUAL, name) for name in OPTIONS)
    with RunningSandbox(*options) as started:
        assert HTTP.get(f"{started.url}/dialect").json() == expected.as_json()
        started.speak("danish")
        started.reset()
        assert HTTP.get(f"{started.url}/dialect").json() == expected.as_json()


def told(heading: str) -> list[str]:
    """The first column of the table under a heading of the document."""
    text = (ROOT / "docs/SANDBOX.md").read_text(encoding="utf-8")
    (section,) = (part for part in text.split("\n## ") if part.startswith(heading))
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_document_tells_of_each_option_and_each_named_dialect() -> None:
    assert told("What it does otherwise") == [f"--{name.replace('_', '-')}" for name in OPTIONS]
    assert told("Named dialects") == list(NAMED)


def test_each_named_dialect_can_be_spoken_and_differs_from_the_others(sandbox: RunningSandbox) -> None:
    spoken = [str(NAMED[name].as_json()) for name in NAMED]
    assert len(set(spoken)) == len(spoken) >= 5
    for name, one in NAMED.items():
        sandbox.speak(name)
        assert HTTP.get(f"{sandbox.url}/dialect").json() == one.as_json()
        assert read_dialect({"dialect": name}) == one
    assert set(dialect.TABLES) >= {"own", "danish"}
