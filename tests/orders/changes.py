"""Changes that a web shop sends through the Public API, and the row by which DdD is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddd.models import Posting
from orders.models import WebOrder
from tests.orders.web_shop import FETCH, Caller

if TYPE_CHECKING:
    from tests.orders.web_shop import Answer

CHANGE = "/api/weborder"
ADDRESS = "Ny Nabo#Havnegade 1#8000 Aarhus C"


def put(sent: Any, caller: Caller | None = None, path: str = CHANGE) -> Answer:
    return (caller or Caller()).put(path, sent)


def lines_of(order: WebOrder) -> list[int]:
    """The Ids by which the web shop names the lines."""
    return [line["Id"] for line in Caller().get(f"{FETCH}/orderNo/{order.order_no}").json()["WebOrderLines"]]


def change_posted() -> Posting:
    return Posting.objects.get(kind=Posting.Kind.CHANGE)
