import json
import random
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from ddd.sandbox import demo_data, validate, wire
from demo import web_shop
from demo.web_shop import BY_EAN, BY_VARIANT, Numbers, Order, make_order, place

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SCHEMAS = {BY_VARIANT: "HeaderCreateModel", BY_EAN: "HeaderCreateModelAlternative"}


def orders(count: int) -> list[Order]:
    chance = random.Random(1)
    return [make_order(f"W-{number}", NOW, chance) for number in range(10001, 10001 + count)]


def test_every_made_up_order_is_one_that_ddd_takes() -> None:
    for order in orders(300):
        sent = wire.read_json(json.dumps(order.body).encode())
        assert validate.faults_of(sent, SCHEMAS[order.route]) == []


def test_prices_add_up() -> None:
    lines = [line for order in orders(200) for line in order.body["WebOrderLines"]]
    for line in lines:
        price, paid, off = (
            Decimal(str(line[name])) for name in ("SalesPrice", "EffectiveSalesPrice", "DiscountAmount")
        )
        assert price - off == paid
        assert paid > 0
    assert any(line["DiscountAmount"] for line in lines)


def test_addresses_fit_on_a_label() -> None:
    for order in orders(200):
        for address in (order.body["ReceiveAddress"], order.body["ReturnAddress"]):
            rows = address.split("#")
            assert 2 <= len(rows) <= 5
            assert all(0 < len(row) <= 25 for row in rows)


def test_orders_are_as_different_as_those_of_real_customers() -> None:
    made = orders(300)
    shops = Counter(order.body["ShopId"] for order in made)
    assert shops.most_common(1)[0][0] == 996001
    assert set(shops) == {996001, 996002, 996003}
    assert {order.route for order in made} == {BY_VARIANT, BY_EAN}
    assert {order.body["IsPaid"] for order in made} == {True, False}
    assert {len(order.body["WebOrderLines"]) for order in made} == {1, 2, 3, 4}


def test_every_ean_names_exactly_one_variant() -> None:
    eans = [line["Ean"] for order in orders(300) for line in order.body["WebOrderLines"] if "Ean" in line]
    known = Counter(
        ean for found in demo_data.VARIANTS if found.group == demo_data.NORDLYS for ean in found.eans
    )
    assert eans
    assert all(known[ean] == 1 for ean in eans)


def test_a_number_never_comes_twice_also_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "next"
    first = Numbers(file)
    assert [first.take(), first.take()] == ["W-10001", "W-10002"]
    assert Numbers(file).take() == "W-10003"


class Portal:
    """Answers in turn what it was told to; None is a lost answer."""

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses)
        self.got: list[bytes] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.got.append(request.content)
        status = self._statuses.pop(0)
        if status is None:
            raise httpx2.ReadTimeout("no answer", request=request)
        return httpx2.Response(status, json=True)


def place_at(portal: Portal) -> bool:
    transport = httpx2.MockTransport(portal)
    with httpx2.Client(base_url="http://portal", transport=transport) as client:
        return place(client, orders(1)[0])


def test_a_lost_answer_sends_the_same_order_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_shop, "WAITS", (0,))
    portal = Portal(None, 503, 429, 200)
    assert place_at(portal)
    assert len(portal.got) == 4
    assert len(set(portal.got)) == 1


def test_a_refused_order_is_let_go() -> None:
    portal = Portal(422)
    assert not place_at(portal)
    assert len(portal.got) == 1
