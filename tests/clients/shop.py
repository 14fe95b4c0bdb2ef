"""A web shop in Python with `requests`: `shop.py PORTAL KEY place|follow|refund WHAT`, answers in JSON."""

import json
import sys
from typing import Any

import requests


class Portal:
    """Click'n'Collect, as docs/API.md describes it."""

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"ddd_token {key}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A refusal is an exception, with what is wrong; each call may be sent again."""
        answer = self.session.request(method, self.address + path, timeout=30, **more)
        if answer.status_code == 422:
            raise ValueError({fault["pointer"]: fault["code"] for fault in answer.json()["errors"]})
        answer.raise_for_status()
        return answer

    def place(self, order_no: str) -> dict[str, Any]:
        """Orders two pieces, twice as after a lost answer, reads the order and changes it."""
        order = {
            "OrderNo": order_no,
            "ShopId": 996001,
            "IsPaid": True,
            "CustomerNumber": 0,
            "ReceiveAddress": "Åse Ø. Sørensen#Bakkevej 3#8000 Aarhus C",
            "WebOrderLines": [piece(1299.95), piece(199.95)],
        }
        stored = [self.call("POST", "/api/weborder/clickandcollect", json=order).json() for _twice in "12"]
        found = self.call("GET", f"/api/weborder/fetch/orderNo/{order_no}").json()
        change = {
            "OrderNo": order_no,
            "WebOrderLines": [{"Id": found["WebOrderLines"][1]["Id"], "Notes": "Gave"}],
        }
        changed = self.call("PUT", "/api/weborder", json=change).json()
        try:
            self.call("POST", "/api/weborder/clickandcollect", json=order | {"OrderNo": "none", "ShopId": 1})
            refused = None
        except ValueError as error:
            refused = error.args[0]
        found = self.call("GET", f"/api/weborder/fetch/orderNo/{order_no}").json()
        notes = [line["Notes"] for line in found["WebOrderLines"]]
        return {"stored": stored, "changed": changed, "refused": refused, "notes": notes}

    def follow(self, cursor: str) -> dict[str, Any]:
        """What changed since the cursor, to the end."""
        orders: dict[str, list[str]] = {}
        while True:
            answer = self.call("GET", "/api/weborder/status/All/since/webshop", params={"cursor": cursor})
            cursor = answer.headers["X-Next-Cursor"]
            if not answer.json():
                return {"cursor": cursor, "orders": orders}
            for order in answer.json():
                orders[order["OrderNo"]] = [line["Status"] for line in order["WebOrderLines"]]

    def refund(self, order_no: str) -> dict[str, Any]:
        """Pays all that is due for an order."""
        due = [one for one in self.call("GET", "/api/returns/refunds").json() if one["OrderNo"] == order_no]
        for one in due:
            path = f"/api/returns/refunds/{one['Id']}/close"
            self.call("POST", path, json={"Reference": f"pay-{one['Id']}"})
        states = [self.call("GET", f"/api/returns/refunds/{one['Id']}").json()["State"] for one in due]
        return {"amounts": [one["Amount"] for one in due], "states": states}


def piece(price: float) -> dict[str, Any]:
    return {
        "VariantId": 100001,
        "SalesPrice": price,
        "EffectiveSalesPrice": price,
        "DiscountAmount": 0,
    }


if __name__ == "__main__":
    address, key, what, argument = sys.argv[1:]
    print(json.dumps(getattr(Portal(address, key), what)(argument)))  # noqa: T201
