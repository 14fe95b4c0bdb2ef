"""DdD may write the OrderNo of an order that it has from the portal otherwise."""

from typing import Any

import pytest

from ddd.models import Posting
from orders.importing import Poll
from orders.models import WebOrder
from tests.factories import CAP, NOW, Cast, again, new_order, received
from tests.orders.test_importing_oddities import notices, polled
from tests.orders.upstream import Upstream, wire_line, wire_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("written", ["W-1   ", " W-1", "w-1", "\tw-1"])
def test_our_own_order_is_known_again_however_ddd_writes_its_order_no(
    cast: Cast, upstream: Upstream, written: str
) -> None:
    order = received(cast, new=new_order("W-1"))
    Posting.objects.filter(kind="order").update(state="sent", first_sent_at=NOW)
    upstream.orders = [wire_order(written, "Delivered")]
    assert polled(cast) == Poll(read=1, followed=1)
    assert (again(order).status, again(order).ddd_id, WebOrder.objects.count()) == ("Delivered", 501, 1)
    assert notices() == []


@pytest.mark.parametrize("other", [{"Id": 777}, {"WebOrderLines": [wire_line(variant=CAP)]}])
def test_an_order_that_only_looks_like_ours_is_told(
    cast: Cast, upstream: Upstream, other: dict[str, Any]
) -> None:
    order = received(cast, new=new_order("W-1"))
    Posting.objects.filter(kind="order").update(state="sent", first_sent_at=NOW)
    upstream.orders = [wire_order("W-1")]
    polled(cast)
    upstream.orders = [wire_order("w-1", **other)]
    polled(cast)
    assert (again(order).status, WebOrder.objects.count()) == ("Reserved", 2)
    assert notices() == [("order no alike", "w-1")]
