"""A web shop's programmer at the Public API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from django.test import Client

from accounts.demo_secrets import NORDLYS_KEY
from tests.factories import JUMPER, JUMPER_EAN, SCARF, SCARF_EAN

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer: TypeAlias = _MonkeyPatchedWSGIResponse

CREATE = "/api/weborder/clickandcollect"
BY_EAN = "/api/weborder/clickandcollect/alternative"
STATUS = "/api/weborder/status"
FETCH = "/api/weborder/fetch"
PROBLEM = "application/problem+json"


class Caller:
    """Speaks with one key; an exception in the portal is raised in the test."""

    def __init__(self, key: str = NORDLYS_KEY, scheme: str = "ddd_token") -> None:
        self.client = Client(headers={"Authorization": f"{scheme} {key}"})

    def post(self, path: str, body: Any, content_type: str = "application/json") -> Answer:
        """`body` as JSON; bytes go out as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic("POST", path, raw, content_type)

    def put(self, path: str, body: Any) -> Answer:
        return self.client.generic("PUT", path, json.dumps(body).encode(), "application/json")

    def get(self, path: str, **query: str) -> Answer:
        return self.client.get(path, query)


def line(**changes: Any) -> dict[str, Any]:
    """A line by VariantId, as the contract has it."""
    usual = {"VariantId": JUMPER, "SalesPrice": 219.95, "EffectiveSalesPrice": 199.95, "DiscountAmount": 20}
    return usual | changes


def line_by_ean(ean: str = JUMPER_EAN, **changes: Any) -> dict[str, Any]:
    """A line by Ean, for the alternative route."""
    found = line(Ean=ean, **changes)
    del found["VariantId"]
    return found


def body(order_no: str = "W-1", **changes: Any) -> dict[str, Any]:
    """A web order for Aarhus with a jumper and a scarf."""
    usual: dict[str, Any] = {
        "OrderNo": order_no,
        "ShopId": 996001,
        "IsPaid": True,
        "CustomerNumber": 0,
        "ReceiveAddress": "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C",
        "WebOrderLines": [line(), line(VariantId=SCARF)],
    }
    return usual | changes


def body_by_ean(order_no: str = "W-1", **changes: Any) -> dict[str, Any]:
    """The same order for the alternative route."""
    return body(order_no, WebOrderLines=[line_by_ean(), line_by_ean(SCARF_EAN)]) | changes


def faults(answer: Answer) -> dict[str, str]:
    """The problem's faults: pointer -> code."""
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
