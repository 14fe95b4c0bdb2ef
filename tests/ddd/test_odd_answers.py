"""A DdD that lists late, and one that answers a booking with neither true nor false: nothing is sent twice,
and a person decides what only a person can know."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import SettingChange
from core.errors import Conflict
from ddd.models import Connection, Posting
from ddd.sending import decisions, dispatch
from orders import importing
from tests.core.pages import Page, browser
from tests.ddd.other_servers import Said, answering, saying
from tests.ddd.rows import Clock, order_row, return_row, sale_row, transfer_row
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
State = Posting.State
MAKERS: dict[str, Callable[[Cast, datetime], Posting]] = {
    "sale": sale_row,
    "return": return_row,
    "order": order_row,
    "transfer": transfer_row,
}


class ScriptedDdd:
    """Takes every booking with `answer`; sales are listed as soon as `lists` says so."""

    def __init__(self) -> None:
        self.answer = b"true"
        self.lists = False
        self.booked: list[str] = []
        self.payments: list[dict[str, Any]] = []

    def say(self, method: str, path: str) -> Said:
        if method != "GET":
            self.booked.append(path)
            return 200, self.answer
        if "/weborder/fetch/" in path:
            return 404, b"{}"
        listed = self.payments if self.lists else []
        if "/transactions/" in path and "/payment/" not in path and "/transfers/" not in path:
            return 200, json.dumps({"sales": {"salePayment": listed}}).encode()
        return 200, json.dumps(listed).encode()

    def has(self, posting: Posting) -> None:
        """The sale is in its books, to be listed."""
        posting.refresh_from_db()
        body = posting.payload
        row = {"ShopId": body["ShopId"], "PosNumber": body["TerminalId"], "ReceiptNumber": body["ReceiptId"]}
        self.payments = [{**row, "Amount": float(line["LineAmount"])} for line in body["PaymentLines"]]


@pytest.fixture
def scripted(cast: Cast) -> Iterator[ScriptedDdd]:
    ddd = ScriptedDdd()
    with saying(ddd.say) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url, drafts_are_listed=True)
        yield ddd


def worked(cast: Cast, clock: Clock, hours: float) -> None:
    """The workers' rounds within these hours, one every five minutes."""
    until = clock() + timedelta(hours=hours)
    while clock() < until:
        dispatch.drain(cast.nordlys.pk, clock)
        clock.forward(300)


def again(posting: Posting) -> Posting:
    return Posting.objects.get(pk=posting.pk)


# DdD lists late


@pytest.mark.parametrize("kind", ["sale", "return"])
def test_what_is_listed_late_is_looked_for_and_never_sent_twice(
    cast: Cast, scripted: ScriptedDdd, kind: str
) -> None:
    Connection.objects.update(sales_are_listed=False)
    clock = Clock()
    posting = MAKERS[kind](cast, clock())
    with saying(lambda method, path: (500, b"") if method == "POST" else scripted.say(method, path)) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        dispatch.drain(cast.nordlys.pk, clock)
        clock.forward(300)
        worked(cast, clock, hours=2)
        assert (again(posting).state, again(posting).needs_attention) == (State.UNCERTAIN, False)
        assert again(posting).reason_words.startswith("DdD does not list it yet.")
        scripted.has(posting)
        scripted.lists = True
        worked(cast, clock, hours=0.5)
    assert again(posting).state == State.SENT
    assert again(posting).tries == 1


@pytest.mark.parametrize("kind", ["sale", "return"])
def test_what_is_never_listed_is_put_before_a_person(cast: Cast, kind: str) -> None:
    Connection.objects.update(sales_are_listed=False)
    clock = Clock()
    posting = MAKERS[kind](cast, clock())
    with saying(lambda method, _path: (500, b"") if method == "POST" else (200, b"[]")) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        worked(cast, clock, hours=8)
    assert (again(posting).state, again(posting).needs_attention) == (State.UNCERTAIN, True)
    assert again(posting).reason_words == "After 6 hours DdD still does not list it."
    assert again(posting).tries == 1


def test_where_ddd_lists_at_once_what_is_not_listed_is_sent_again(cast: Cast) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    with saying(lambda method, _path: (500, b"") if method == "POST" else (200, b"[]")) as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        worked(cast, clock, hours=1)
    assert again(posting).tries > 1


# DdD answers neither true nor false

ODD = [b'"accepted"', b"", b"null", b"OK", b'{"Id": 7}', b"<html>Thanks</html>", b"1"]


@pytest.mark.parametrize("kind", ["sale", "return", "order", "transfer"])
@pytest.mark.parametrize("answer", [one for one in ODD if one != b"1"])
def test_an_odd_answer_to_what_is_not_there_is_put_before_a_person(
    cast: Cast, scripted: ScriptedDdd, kind: str, answer: bytes
) -> None:
    clock = Clock()
    posting = MAKERS[kind](cast, clock())
    scripted.answer = answer
    worked(cast, clock, hours=1)
    assert len(scripted.booked) == 1
    assert (again(posting).state, again(posting).needs_attention) == (State.UNCERTAIN, True)


@pytest.mark.parametrize("answer", ODD)
def test_a_yes_is_asked_for_once_and_remembered(cast: Cast, scripted: ScriptedDdd, answer: bytes) -> None:
    clock, karen = Clock(), cast.person("office")
    first = sale_row(cast, clock())
    scripted.answer = answer
    worked(cast, clock, hours=0.5)
    for _tap in range(2):
        decisions.explain_answer(again(first), True, karen, clock())
    assert again(first).state == State.SENT
    assert cast.connection.known_answers == {answer.decode(): True}
    assert SettingChange.objects.count() == 1

    second = sale_row(cast, clock(), "W-2")
    worked(cast, clock, hours=0.5)
    assert again(second).state == State.SENT
    assert len(scripted.booked) == 2


def test_a_no_is_sent_again_and_the_next_one_is_refused_at_once(cast: Cast, scripted: ScriptedDdd) -> None:
    clock, karen = Clock(), cast.person("office")
    posting = sale_row(cast, clock())
    scripted.answer = b'"busy"'
    worked(cast, clock, hours=0.5)
    decisions.explain_answer(again(posting), False, karen, clock())
    assert again(posting).state == State.WAITING
    worked(cast, clock, hours=0.5)
    assert (again(posting).state, again(posting).needs_attention) == (State.REJECTED, True)
    assert len(scripted.booked) == 2


def test_what_was_answered_well_or_has_an_id_cannot_be_explained(cast: Cast, scripted: ScriptedDdd) -> None:
    clock, karen = Clock(), cast.person("office")
    good, moved = sale_row(cast, clock()), transfer_row(cast, clock(), "W-2")
    worked(cast, clock, hours=0.1)
    for posting in (good, moved):
        with pytest.raises(Conflict):
            decisions.explain_answer(again(posting), True, karen, clock())
    assert cast.connection.known_answers == {}


def test_the_work_list_asks_what_the_answer_means(cast: Cast, scripted: ScriptedDdd) -> None:
    clock = Clock()
    posting = sale_row(cast, clock())
    scripted.answer = b'"accepted"'
    worked(cast, clock, hours=0.5)
    office: Client = browser(cast, "office")
    page = Page(office.get("/orders/attention/"))
    assert '"accepted"' in page.text
    assert {"This answer means yes", "This answer means no"} <= set(page.buttons)
    answer = office.post(f"/orders/attention/{posting.pk}/", {"decision": "answer is yes"})
    assert answer.status_code == 302
    assert again(posting).state == State.SENT


# The id of an item transfer


@pytest.mark.parametrize("answer", [b"0", b"-1", b'"0"', b'"a draft"', b"[7]", b"null"])
def test_what_cannot_be_an_invoice_id_does_not_count_as_sent(cast: Cast, answer: bytes) -> None:
    clock = Clock()
    posting = transfer_row(cast, clock())
    with answering(200, answer, reads=b"[]") as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        dispatch.drain(cast.nordlys.pk, clock)

    assert again(posting).state == State.UNCERTAIN


def test_an_invoice_id_may_come_as_text(cast: Cast) -> None:
    clock = Clock()
    posting = transfer_row(cast, clock())
    with answering(200, b'"500123"', reads=b"[]") as url:
        Connection.objects.filter(group=cast.nordlys).update(base_url=url)
        dispatch.drain(cast.nordlys.pk, clock)

    assert (again(posting).state, again(posting).answer) == (State.SENT, "500123")


# DdD asks to be left alone


def test_while_ddd_wants_to_be_left_alone_nothing_is_sent_and_nothing_polled(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group = Clock(), booked_cast.nordlys.pk
    connections = Connection.objects.filter(group=group)
    sale_row(booked_cast, clock())
    transfer_row(booked_cast, clock())
    with saying(lambda _method, _path: (429, b"slowly"), **{"Retry-After": "600"}) as url:
        connections.update(base_url=url)
        assert dispatch.drain(group, clock) == 1
    connections.update(base_url=sandbox.url)
    clock.forward(599)
    assert dispatch.drain(group, clock) == 0
    assert importing.poll(group, clock()) is None
    assert booked_cast.connection.trouble_words == "DdD turned us away with 429: slowly"

    clock.forward(2)
    assert importing.poll(group, clock()) is not None
    assert dispatch.drain(group, clock) == 2
    assert set(Posting.objects.values_list("state", flat=True)) == {State.SENT}
