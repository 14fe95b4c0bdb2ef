"""Web shops that speak to DdD today: what .NET's framework reads without a word, the portal reads too."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from time import process_time
from typing import Any

import pytest
from pytest_django import Settings

from accounts.demo_secrets import NORDLYS_KEY
from core.dotnet import is_unset, read_time
from orders.models import Line, WebOrder
from tests.factories import JUMPER, JUMPER_EAN, SCARF, Cast, new_order, received
from tests.orders.web_shop import (
    BY_EAN,
    CREATE,
    STATUS,
    Caller,
    body,
    body_by_ean,
    faults,
    line,
    line_by_ean,
)
from tests.pos.tablets import HOST, ServedHere

CHANGE = "/api/weborder"


def test_numbers_and_booleans_may_be_text_and_are_the_same_order(cast: Cast) -> None:
    as_text = body(ShopId="996001", CustomerNumber=" 0 ", WebOrderLines=[line(VariantId=str(JUMPER))])
    caller = Caller()
    for number, is_paid in enumerate((True, "true", "True", " TRUE ", 1, "1")):
        answer = caller.post(CREATE, as_text | {"IsPaid": is_paid})
        assert (answer.status_code, answer.content) == (200, b"true"), (number, answer.content)
    assert caller.post(CREATE, body(WebOrderLines=[line()])).content == b"true"
    assert WebOrder.objects.count() == 1


def test_what_is_no_number_and_no_boolean_stays_refused(cast: Cast) -> None:
    wrong: dict[str, tuple[Any, ...]] = {
        "ShopId": (True, "x", "996001.5", 996001.5, [996001], "٩٩٦٠٠١", "0x10", "9" * 30),
        "IsPaid": ("yes", "", 2, 1.0, "01", [True], "ja"),
        "CustomerNumber": ("1e3", "1 2", False, {}),
    }
    for field, values in wrong.items():
        for value in values:
            answer = Caller().post(CREATE, body() | {field: value})
            assert (answer.status_code, set(faults(answer))) == (422, {f"/{field}"}), (field, value)
    assert not WebOrder.objects.exists()


def test_an_ean_may_be_a_number_but_no_other_text(cast: Cast) -> None:
    piece = line_by_ean() | {"Ean": int(JUMPER_EAN)}
    assert Caller().post(BY_EAN, body_by_ean(WebOrderLines=[piece])).content == b"true"
    stored = Line.objects.select_related("variant").get()
    assert (stored.ean, stored.variant.variant_id) == (JUMPER_EAN, JUMPER)
    # A number has lost its leading zeros: it would be another order.
    for field in ("OrderNo", "OrderReference", "ReceiveAddress"):
        assert faults(Caller().post(CREATE, body() | {field: 17})) == {f"/{field}": "not-text"}
    wrong = [piece | {"Ean": value} for value in (True, 1.5, 10**60)]
    answer = Caller().post(BY_EAN, body_by_ean("W-2", WebOrderLines=wrong))
    assert faults(answer) == {f"/WebOrderLines/{number}/Ean": "not-text" for number in range(3)}


def test_dotnets_empty_time_is_none(cast: Cast) -> None:
    caller = Caller()
    assert caller.post(CREATE, body()).content == b"true"
    for text in ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+01:00"):
        assert caller.post(CREATE, body(OrderedOn=text)).content == b"true", text
    assert WebOrder.objects.count() == 1
    assert not is_unset("0001-01-02T00:00:00")


def test_a_change_may_send_fixed_fields_back_as_text(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    first = order.lines.all()[0]
    lines = [{"Id": str(first.pk), "VariantId": str(JUMPER), "Notes": "x"}]
    sent = {
        "OrderNo": "W-1",
        "ShopId": "996001",
        "IsPaid": "true",
        "CustomerNumber": str(order.customer_number),
    }
    assert Caller().put(CHANGE, sent | {"WebOrderLines": lines}).content == b"true"
    first.refresh_from_db()
    assert first.notes == "x"
    assert faults(Caller().put(CHANGE, sent | {"ShopId": "996002"})) == {"/ShopId": "cannot-change"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T08:30:00.0000000Z",
        "2026-11-24T08:30:00.0000000",
        "2026-11-24T09:30:00.0000000+01:00",
        "2026-11-24 08:30:00Z",
        "2026-11-24t08:30:00z",
        "Tue, 24 Nov 2026 08:30:00 GMT",
        "11/24/2026 08:30:00",
        "11/24/2026 8:30:00 AM",
        f"/Date({int(datetime(2026, 11, 24, 8, 30, tzinfo=UTC).timestamp())}000)/",
        f"/Date({int(datetime(2026, 11, 24, 8, 30, tzinfo=UTC).timestamp())}000+0100)/",
    ],
)
def test_a_time_is_read_in_each_of_dotnets_forms(text: str) -> None:
    assert read_time(text) == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_what_no_clock_shows_is_refused() -> None:
    wrong = ["", "24/11/2026 08:30:00", "24-11-2026", "1", "/Date()/", f"/Date({'9' * 15})/", "\x00"]
    wrong += [
        "Tue, 32 Nov 2026 08:30:00 GMT",
        "Tue, 24 Nov 2026 08:30:00 +0100",
        "Tue, 24 Foo 2026 08:30:00 GMT",
    ]
    for text in wrong:
        with pytest.raises((ValueError, OverflowError)):
            read_time(text)


def test_a_list_is_asked_for_with_dotnets_times(cast: Cast) -> None:
    received(cast, new_order("W-1"))  # at 2026-03-03 09:00
    long_ago = "0001-01-01T00:00:00.0000000+01:00"  # how a .NET web shop begins
    for text, count in (
        ("Tue, 03 Mar 2026 08:59:59 GMT", 1),
        ("03/03/2026 09:00:01", 0),
        ("0001-01-01T00:00:00", 1),
        (long_ago, 1),
    ):
        answer = Caller().get(f"{STATUS}/All/since", dateTime=text)
        assert (answer.status_code, len(answer.json())) == (200, count), text
    assert Caller().get(f"{STATUS}/All/since", dateTime="24/11/2026 08:30:00").status_code == 422


def test_a_name_that_stands_twice_is_refused_and_named(cast: Cast) -> None:
    for twice, pointer in {
        '{"OrderNo": "W-1", ': "/OrderNo",
        '{"Colour/~": 1, "Colour/~": 1, ': "/Colour~1~0",
        '{"x": [{}, {"y": {"z": 1, "z": 2}}], ': "/x/1/y/z",
    }.items():
        raw = json.dumps(body()).replace("{", twice, 1)
        answer = Caller().post(CREATE, raw.encode())
        assert (answer.status_code, faults(answer)) == (422, {pointer: "twice"}), twice
        assert pointer in answer.json()["detail"]
    in_a_line = json.dumps(body()).replace('"VariantId": ', f'"VariantId": {SCARF}, "VariantId": ', 1)
    assert faults(Caller().post(CREATE, in_a_line.encode())) == {"/WebOrderLines/0/VariantId": "twice"}
    assert not WebOrder.objects.exists()


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_may_be_in_any_form_of_unicode(cast: Cast, charset: str) -> None:
    sent = json.dumps(body(ReceiveAddress="Åse Ø."), ensure_ascii=False).encode(charset)
    assert Caller().post(CREATE, sent).status_code == 200
    assert WebOrder.objects.get().receive_address == "Åse Ø."


def test_many_names_of_which_one_stands_twice_are_read_at_once(cast: Cast) -> None:
    """In seconds it would keep everybody else waiting: it took 40 for 60,000 names."""
    many = ",".join(f'"{number}": 1' for number in range(30_000))
    began = process_time()
    answer = Caller().post(CREATE, f'{{{many}, "7": 2}}'.encode())
    assert faults(answer) == {"/7": "twice"}
    assert process_time() - began < 5


class Served(ServedHere):
    """The portal over real HTTP, as an installation serves it, with no tablets."""

    def hub_ends(self) -> None:
        """It has not begun."""


@pytest.fixture
def served(transactional_db: None, settings: Settings) -> Iterator[Served]:
    settings.ALLOWED_HOSTS = [HOST]
    with Served() as running:
        yield running


def send_in_chunks(port: int, method: str, path: str, sent: Any, **headers: str) -> tuple[int, Any]:
    """Like .NET's PostAsJsonAsync: without a Content-Length, in pieces."""
    raw = json.dumps(sent).encode()
    connection = HTTPConnection(HOST, port, timeout=30)
    pieces = iter([raw[:40], raw[40:]])
    usual = {"Authorization": f"ddd_token {NORDLYS_KEY}", "Content-Type": "application/json"}
    connection.request(method, path, pieces, usual | headers, encode_chunked=True)
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_body_that_comes_in_chunks_is_read(served: Served, cast: Cast) -> None:
    assert send_in_chunks(served.port, "POST", CREATE, body(ReceiveAddress="Å" * 200)) == (200, True)
    order = WebOrder.objects.get()
    assert (order.receive_address, order.lines.count()) == ("Å" * 200, 2)
    change = {"OrderNo": "W-1", "ReceiveAddress": "Åse"}
    assert send_in_chunks(served.port, "PUT", CHANGE, change) == (200, True)
    assert WebOrder.objects.get().receive_address == "Åse"
    status, told = send_in_chunks(served.port, "POST", CREATE, body(), **{"Content-Type": "text/plain"})
    assert (status, told["code"]) == (415, "unsupported-media-type")
    status, told = send_in_chunks(served.port, "POST", CREATE, body(Notes="x" * 1_000_000))
    assert (status, told["errors"][0]["code"]) == (422, "too-large")
