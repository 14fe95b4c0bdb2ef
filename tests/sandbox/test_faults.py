"""Each fault does what its word says, to the caller and in the ledger."""

from time import monotonic

import httpx2
import pytest

from ddd.sandbox.faults import WORDS
from tests.sandbox import caller
from tests.sandbox.caller import HTTP, Caller
from tests.sandbox_process import RunningSandbox

# The word: what the caller gets of a sale (None: a broken connection), and whether it is booked.
OUTCOMES: dict[str, tuple[int | None, bool]] = {
    "refuse": (400, False),
    "lose the answer after committing": (None, True),
    "lose the connection before committing": (None, False),
    "500": (500, False),
    "500 after committing": (500, True),
    "503": (503, False),
    "slow": (200, True),
    "half an answer": (None, True),
    "camelCase": (200, True),
    "nonsense": (200, True),
}


def outcome(nordlys: Caller, receipt: int = 1) -> int | None:
    try:
        return nordlys.post("/api/sale", caller.sale(receipt)).status_code
    except httpx2.TransportError:
        return None


@pytest.mark.parametrize("word", OUTCOMES)
def test_a_fault_does_what_its_word_says(word: str, sandbox: RunningSandbox, nordlys: Caller) -> None:
    status, booked = OUTCOMES[word]
    sandbox.fault(word, times=1, seconds=0.1)

    assert outcome(nordlys) == status
    assert len(sandbox.ledger()["sales"]) == booked
    assert outcome(nordlys, 2) == 200


def test_each_fault_word_is_tried_here() -> None:
    assert set(OUTCOMES) == set(WORDS)


def test_slow_books_also_when_the_caller_has_given_up(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault("slow", times=1, seconds=2)
    with pytest.raises(httpx2.ReadTimeout):
        HTTP.post(
            f"{sandbox.url}/api/sale",
            json=caller.sale(),
            headers={"Authorization": f"ddd_token {caller.NORDLYS}"},
            timeout=0.1,
        )

    assert sandbox.ledger()["sales"] == []
    began = monotonic()
    while not sandbox.ledger()["sales"]:
        assert monotonic() - began < 30
    assert len(sandbox.ledger()["sales"]) == 1


def test_others_are_answered_while_one_call_is_slow(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault("slow", on="poll", seconds=30)
    with pytest.raises(httpx2.ReadTimeout):
        HTTP.get(
            f"{sandbox.url}/api/weborder/status/All",
            headers={"Authorization": f"ddd_token {caller.NORDLYS}"},
            timeout=0.1,
        )

    began = monotonic()
    assert outcome(nordlys) == 200
    assert monotonic() - began < 20


def test_half_an_answer_is_half_of_the_whole(sandbox: RunningSandbox, nordlys: Caller) -> None:
    whole = nordlys.get("/api/article/page/1/pagesize/5").content
    sandbox.fault("half an answer")
    with (
        HTTP.stream(
            "GET",
            f"{sandbox.url}/api/article/page/1/pagesize/5",
            headers={"Authorization": f"ddd_token {caller.NORDLYS}"},
        ) as answer,
    ):
        assert int(answer.headers["Content-Length"]) == len(whole)
        with pytest.raises(httpx2.RemoteProtocolError):
            answer.read()


def test_camel_case_reads_are_camel_case_and_writes_stay_true(
    sandbox: RunningSandbox, nordlys: Caller
) -> None:
    sandbox.fault("camelCase")

    assert nordlys.post("/api/weborder/clickandcollect", caller.order()).json() is True
    found = nordlys.get("/api/weborder/fetch/W-1001").json()
    assert found["orderNo"] == "W-1001"
    assert found["webOrderLines"][0]["variantId"] == 100001
    assert nordlys.get("/api/article/ean/5712345000014").json()["ean"] == "5712345000014"


def test_nonsense_is_no_json(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault("nonsense")

    answer = nordlys.get("/api/weborder/status/All")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_every_second_call_fails_with_each_word_in_turn(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault(["500", "lose the answer after committing", "503"], every=2)

    found = [outcome(nordlys, receipt) for receipt in range(1, 9)]

    assert found == [200, 500, 200, None, 200, 503, 200, 500]
    assert [row["ReceiptId"] for row in sandbox.ledger()["sales"]] == [1, 3, 4, 5, 7]


def test_a_rule_strikes_only_where_and_as_often_as_it_says(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault("503", times=2, on="sale")

    order = nordlys.post("/api/weborder/clickandcollect", caller.order())
    assert order.json() is True
    assert [outcome(nordlys, receipt) for receipt in (1, 2, 3)] == [503, 503, 200]


@pytest.mark.parametrize(
    ("on", "struck"),
    [
        ("all", ["order", "sale", "transfer", "poll"]),
        ("posts", ["order", "sale", "transfer"]),
        ("reads", ["poll"]),
        ("order", ["order"]),
        ("sale", ["sale"]),
        ("transfer", ["transfer"]),
        ("poll", ["poll"]),
    ],
)
def test_a_rule_can_be_on_some_calls_only(
    on: str, struck: list[str], sandbox: RunningSandbox, nordlys: Caller
) -> None:
    sandbox.fault("503", on=on)
    calls = {
        "order": nordlys.post("/api/weborder/clickandcollect", caller.order()),
        "sale": nordlys.post("/api/sale", caller.sale()),
        "transfer": nordlys.post("/api/stockadjustment/item/transfer/initiate", caller.transfer()),
        "poll": nordlys.get("/api/weborder/status/All"),
    }

    assert [name for name, answer in calls.items() if answer.status_code == 503] == struck


def test_cleared_faults_strike_no_more(sandbox: RunningSandbox, nordlys: Caller) -> None:
    sandbox.fault("500")
    assert outcome(nordlys) == 500
    [rule] = HTTP.get(f"{sandbox.url}/faults").json()
    assert (rule["seen"], rule["struck"]) == (1, 1)

    sandbox.clear_faults()

    assert HTTP.get(f"{sandbox.url}/faults").json() == []
    assert outcome(nordlys) == 200


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "explode"},
        {"fault": []},
        {},
        {"fault": "500", "every": 0},
        {"fault": "500", "times": "often"},
        {"fault": "500", "on": "monday"},
        {"fault": "slow", "seconds": -1},
        {"fault": "500", "sometimes": True},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, object], sandbox: RunningSandbox) -> None:
    assert caller.faults(HTTP.post(f"{sandbox.url}/faults", json=rule))
    assert HTTP.get(f"{sandbox.url}/faults").json() == []
