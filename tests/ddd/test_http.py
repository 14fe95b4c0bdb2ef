"""A call to DdD fails in three ways, and which one decides whether it may be sent again."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from ddd.api import client
from ddd.api.http import DddError, Rejected, Unavailable, Uncertain, wire_to
from ddd.models import Connection
from ddd.sandbox.faults import WORDS
from tests.ddd.other_servers import answering, dripping, nobody, saying, silent
from tests.sandbox import caller
from tests.sandbox_process import RunningSandbox

SALE, SALES = "api/sale", "api/transactions/sales/payment/996900/2026-01-01"


def called(method: str, url: str, path: str = SALE, token: str = caller.NORDLYS, timeout: float = 10) -> Any:
    """What came of one call: its answer, or its trouble."""
    try:
        with wire_to(Connection(base_url=url, token=token), timeout=timeout) as wire:
            return wire.get(path) if method == "get" else wire.post(path, caller.sale())
    except DddError as trouble:
        return trouble


# The word: what a booking comes to, and what a read comes to.
AFTER_A_FAULT: dict[str, tuple[Any, Any]] = {
    "refuse": (Rejected, Rejected),
    "lose the answer after committing": (Uncertain, Unavailable),
    "lose the connection before committing": (Uncertain, Unavailable),
    "500": (Uncertain, Unavailable),
    "500 after committing": (Uncertain, Unavailable),
    "503": (Uncertain, Unavailable),
    "slow": (Uncertain, Unavailable),
    "half an answer": (Uncertain, Unavailable),
    "camelCase": (bool, list),
    "nonsense": (Uncertain, Unavailable),
}


@pytest.mark.slow
@pytest.mark.parametrize("word", AFTER_A_FAULT)
def test_each_fault_raises_the_right_error_for_a_booking_and_for_a_read(
    word: str, sandbox: RunningSandbox
) -> None:
    sandbox.fault(word, seconds=1.5)
    patience = 1 if word == "slow" else 10

    assert type(called("post", sandbox.url, timeout=patience)) is AFTER_A_FAULT[word][0]
    assert type(called("get", sandbox.url, SALES, timeout=patience)) is AFTER_A_FAULT[word][1]


def test_every_fault_word_is_tried_here() -> None:
    assert set(AFTER_A_FAULT) == set(WORDS)


@pytest.mark.parametrize("method", ["get", "post"])
def test_where_nobody_listens_nothing_was_booked(method: str) -> None:
    trouble = called(method, nobody())

    assert type(trouble) is Unavailable
    assert "ConnectError" in trouble.sentence


def test_a_server_that_never_answers_may_have_booked() -> None:
    with silent() as url:
        assert type(called("post", url, timeout=0.3)) is Uncertain
        assert type(called("get", url, timeout=0.3)) is Unavailable


@pytest.mark.parametrize("status", [401, 403, 408, 429])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refused_caller_is_unavailable_not_rejected(method: str, status: int) -> None:
    with answering(status, b"not you") as url:
        trouble = called(method, url)

    assert type(trouble) is Unavailable
    assert trouble.sentence == f"DdD turned us away with {status}: not you"


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_what_was_read_and_refused_is_rejected_with_its_status(status: int) -> None:
    with answering(status, "ugyldig størrelse".encode()) as url:
        trouble = called("post", url)

    assert type(trouble) is Rejected
    assert trouble.status == status
    assert trouble.sentence == f"DdD refused it with {status}: ugyldig størrelse"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(301, Unavailable), (302, Uncertain), (303, Uncertain), (307, Unavailable), (308, Unavailable)],
)
def test_an_address_that_leads_elsewhere_is_not_followed(status: int, kind: type[DddError]) -> None:
    """What answers 302 or 303 may have booked."""
    with answering(status, Location="https://elsewhere.example/") as url:
        trouble = called("post", url)

    assert type(trouble) is kind
    assert "https://elsewhere.example/" in trouble.sentence


@pytest.mark.parametrize("status", [200, 204])
def test_a_booking_without_a_word_of_answer_is_uncertain(status: int) -> None:
    with answering(status) as url:
        assert type(called("post", url)) is Uncertain


def test_an_empty_page_is_no_answer_to_a_read_but_no_content_is() -> None:
    with answering(200) as url:
        assert type(called("get", url)) is Unavailable
    with answering(204) as url:
        assert called("get", url) is None


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b"null")])
def test_no_answer_at_all_is_no_list_that_something_is_missing_from(status: int, body: bytes) -> None:
    today = date(2026, 3, 3)
    with (
        answering(status, body) as url,
        wire_to(Connection(base_url=url, token="t")) as wire,
    ):
        for ask in (client.sale_payments, client.transfers):
            with pytest.raises(Unavailable):
                list(ask(wire, 996001, today))


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff\xfe[", b"{", b"9" * 5000, b"<p>\x00</p>"])
def test_an_answer_that_is_no_json_raises_the_right_error_without_nul(body: bytes) -> None:
    with answering(200, body) as url:
        read, booked = called("get", url), called("post", url)

    assert (type(read), type(booked)) == (Unavailable, Uncertain)
    assert "\x00" not in read.sentence + booked.sentence


@pytest.mark.parametrize("token", ["æøå", "two\r\nlines"])
def test_a_token_that_cannot_be_sent_books_nothing(token: str, sandbox: RunningSandbox) -> None:
    trouble = called("post", sandbox.url, token=token)

    assert type(trouble) is Unavailable
    assert token not in trouble.sentence
    assert sandbox.ledger()["sales"] == []


@pytest.mark.parametrize("url", ["", "publicapi.example", "ftp://publicapi.example", "http://["])
def test_an_address_that_is_none_books_nothing(url: str) -> None:
    assert type(called("post", url)) is Unavailable


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("600", 600),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("999999999999999999999", 3600),
        ("9" * 5000, 3600),
        ("Tue, 03 Mar 99999999999999999999 09:00:00 GMT", None),
        ("Tue, 03 Mar 2026 09:02:00 GMT", 120),
        ("Tue, 03 Mar 2026 08:00:00 GMT", None),
        ("Tue, 03 Mar 2026 09:02:00", None),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_from_ddds_answer(
    method: str, status: int, said: str, seconds: int | None
) -> None:
    with (
        time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=UTC), tick=False),
        saying(lambda _method, _path: (status, b""), **{"Retry-After": said}) as url,
    ):
        trouble = called(method, url)

    assert trouble.retry_after == (timedelta(seconds=seconds) if seconds else None)


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/", "/API/"])
def test_the_address_may_end_on_the_path_that_each_route_begins_with(
    path: str, sandbox: RunningSandbox
) -> None:
    assert called("get", sandbox.url + path, SALES) == []


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + b" " * 4000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4000,
    ],
    ids=["body", "headers"],
)
@pytest.mark.parametrize(("method", "longest"), [("post", 1), ("get", 3)])
def test_an_answer_that_drips_ends_with_the_time_of_the_call(method: str, longest: int, said: bytes) -> None:
    with dripping(said) as url:
        began = time.monotonic()
        trouble = called(method, url, SALE if method == "post" else SALES, timeout=1)
        took = time.monotonic() - began
    assert type(trouble) is (Uncertain if method == "post" else Unavailable)
    assert longest <= took < longest + 5  # without an end it would drip for 400 seconds


def test_a_proxy_that_the_environment_names_is_used_and_not_for_what_it_excepts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with saying(lambda _method, path: (200, json.dumps([path]).encode())) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("no_proxy", "localhost")
        assert called("get", "http://ddd.example", SALES) == [f"http://ddd.example/{SALES}"]
        assert type(called("get", nobody().replace("127.0.0.1", "localhost"), SALES)) is Unavailable
