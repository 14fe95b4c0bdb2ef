"""Plain new orders of a poll are stored at once, and are what they would be one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ddd.models import Connection, Notice
from orders import events, importing, importing_at_once
from orders.importing import Poll, poll
from orders.models import Line, OrderEvent, ReceiverWord, WebOrder
from tests.factories import JUMPER, NOW, SCARF, Cast
from tests.orders.upstream import Upstream, wire_line, wire_order

DRAWN = ("id", "pickup_code", "order_id", "stored_at")  # differ each time


def rows() -> dict[str, list[dict[str, Any]]]:
    """All that was stored of the orders, without what is drawn or numbered."""
    found = {
        model.__name__: list(model.objects.order_by(*by).values())
        for model, by in (
            (WebOrder, ["order_no"]),
            (Line, ["order__order_no", "number"]),
            (OrderEvent, ["order__order_no"]),
            (ReceiverWord, ["order__order_no", "word"]),
        )
    }
    return {
        name: [{column: value for column, value in row.items() if column not in DRAWN} for row in of_model]
        for name, of_model in found.items()
    }


def some_orders(count: int = 6) -> list[dict[str, Any]]:
    return [
        wire_order(f"D-{number}", OrderLines=[wire_line(VariantId=JUMPER), wire_line(VariantId=SCARF)])
        for number in range(count)
    ]


@pytest.mark.parametrize("are_older", [False, True])
def test_stored_at_once_they_are_what_they_are_one_by_one(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, are_older: bool
) -> None:
    """Those too that DdD has made before the portal came: a chain's first poll brings nothing else."""
    if are_older:
        Connection.objects.filter(group=cast.nordlys).update(started_at=NOW + timedelta(days=1))
    upstream.orders = some_orders()
    with CaptureQueriesContext(
        connection,
    ) as at_once:
        assert poll(cast.nordlys.pk, NOW) == Poll(read=6, imported=6)
    stored = rows()
    assert {row["older_than_portal"] for row in stored["WebOrder"]} == {are_older}
    WebOrder.objects.all().delete()
    monkeypatch.setattr(importing, "store_plain_orders", lambda *_args: set())
    with CaptureQueriesContext(connection) as one_by_one:
        assert poll(cast.nordlys.pk, NOW) == Poll(read=6, imported=6)
    assert rows() == stored
    assert len(at_once) < len(one_by_one) / 3


def test_however_many_they_are_they_take_few_statements(cast: Cast, upstream: Upstream) -> None:
    numbers = []
    for count in (1, 2, 40):
        WebOrder.objects.all().delete()
        upstream.orders = some_orders(count)
        with CaptureQueriesContext(connection) as captured:
            assert poll(cast.nordlys.pk, NOW) == Poll(read=count, imported=count)
        numbers.append(len(captured))
    # The first one also begins the cursor, and SQLite takes so many values in a statement.
    assert numbers[2] <= numbers[1] + 4


def test_what_is_not_plain_goes_one_by_one_beside_them(cast: Cast, upstream: Upstream) -> None:
    upstream.orders = [
        *some_orders(2),
        wire_order("D-x"),
        wire_order("d-X"),  # read alike
        wire_order("D-7", WebshopId=4711),
        wire_order("D-8", ShopId=4711),
    ]
    done = poll(cast.nordlys.pk, NOW)
    assert done is not None
    assert (done.imported, done.refused) == (5, 1)
    assert set(Notice.objects.values_list("kind", flat=True)) == {
        Notice.Kind.ORDER_NO_ALIKE,
        Notice.Kind.UNKNOWN_WEB_SHOP,
        Notice.Kind.UNKNOWN_SHOP,
    }


def test_one_that_the_database_refuses_costs_no_other(
    cast: Cast, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another poller stores one of them between the look and the write."""
    upstream.orders = some_orders()
    record_imports = events.record_imports

    def another_is_faster(orders: list[WebOrder], now: Any) -> None:
        record_imports(orders, now)
        WebOrder.objects.filter(pk=orders[0].pk).update(order_no=orders[1].order_no)

    monkeypatch.setattr(importing_at_once, "record_imports", another_is_faster)
    assert poll(cast.nordlys.pk, NOW) == Poll(read=6, imported=6)
    assert WebOrder.objects.count() == 6
