"""A web shop that speaks XML, with nothing but Python: `shop_xml.py PORTAL KEY place|follow|refund ARGUMENT`.

Its bodies come in chunks, as .NET sends them. Answers in JSON.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

MODELS = "http://schemas.datacontract.org/2004/07/PublicAPI.Models"
SPACES = f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{MODELS}"'
IN = f"{{{MODELS}}}"


def chunks(body: str) -> Iterator[bytes]:
    raw = body.encode()
    yield raw[:50]
    yield raw[50:]


def document(name: str, inside: str) -> str:
    return f"<{name} {SPACES}>{inside}</{name}>"


def text(element: Element, name: str) -> str | None:
    found = element.find(f"{IN}{name}")
    return None if found is None else found.text


class Portal:
    def __init__(self, address: str, key: str) -> None:
        self.address, self.key, self.cursor = address, key, ""
        self.opener = build_opener(ProxyHandler({}))

    def call(self, method: str, path: str, body: str | None = None) -> Element:
        headers = {
            "Authorization": f"ddd_token {self.key}",
            "Content-Type": "text/xml; charset=utf-8",
            "Accept": "application/xml",
        }
        data: Any = None if body is None else chunks(body)
        request = Request(self.address + path, data, headers, method=method)  # noqa: S310 - the portal's own
        with self.opener.open(request, timeout=30) as answer:
            self.cursor = answer.headers.get("X-Next-Cursor", self.cursor)
            return ElementTree.fromstring(answer.read())  # noqa: S314 - the portal is trusted

    def create(self, order_no: str, shop_id: int) -> bool:
        piece = "".join(
            f"""<WebOrderLineCreateDTO><DiscountAmount>0</DiscountAmount>
              <EffectiveSalesPrice>{price}</EffectiveSalesPrice><Notes i:nil="true"/>
              <SalesPrice>{price}</SalesPrice><VariantId>100001</VariantId></WebOrderLineCreateDTO>"""
            for price in ("1299.95", "199.95")
        )
        order = f"""<ReceiveAddress>Åse Ø. Sørensen#Bakkevej 3#8000 Aarhus C</ReceiveAddress>
          <ReturnAddress i:nil="true"/><WebOrderLines>{piece}</WebOrderLines>
          <CustomerNumber>0</CustomerNumber><IsPaid>true</IsPaid><OrderNo>{escape(order_no)}</OrderNo><ShopId>{shop_id}</ShopId>"""
        sent = document("WebOrderHeaderCreateDTO", order)
        return self.call("POST", "/api/weborder/clickandcollect", sent).text == "true"

    def lines(self, order: Element, name: str) -> list[str | None]:
        return [text(line, name) for line in order.iter(f"{IN}WebOrderLine")]

    def place(self, order_no: str) -> dict[str, Any]:
        stored = [self.create(order_no, 996001) for _twice in "12"]
        path = f"/api/weborder/fetch/orderNo/{quote(order_no)}"
        number = self.lines(self.call("GET", path), "Id")[1]
        line = f"<WebOrderLineUpdateDTO><Notes>Gave</Notes><Id>{number}</Id></WebOrderLineUpdateDTO>"
        inside = f"<WebOrderLines>{line}</WebOrderLines><OrderNo>{escape(order_no)}</OrderNo>"
        change = document("WebOrderHeaderUpdateDTOOfWebOrderLineUpdateDTOiTlCtTkQ", inside)
        changed = self.call("PUT", "/api/weborder", change).text == "true"
        refused = None
        try:
            self.create("none", 1)
        except HTTPError as error:  # a problem is JSON
            refused = {fault["pointer"]: fault["code"] for fault in json.load(error)["errors"]}
        notes = self.lines(self.call("GET", path), "Notes")
        return {"stored": stored, "changed": changed, "refused": refused, "notes": notes}

    def follow(self, cursor: str) -> dict[str, Any]:
        self.cursor = cursor
        orders: dict[str | None, list[str | None]] = {}
        while True:
            path = f"/api/weborder/status/All/since/webshop?cursor={quote(self.cursor)}"
            found = self.call("GET", path)
            if not len(found):
                return {"cursor": self.cursor, "orders": orders}
            for order in found:
                orders[text(order, "OrderNo")] = self.lines(order, "Status")

    def refund(self, order_no: str) -> dict[str, Any]:
        found = self.call("GET", "/api/returns/refunds")
        due = [one for one in found if text(one, "OrderNo") == order_no]
        states = []
        for one in due:
            path = f"/api/returns/refunds/{text(one, 'Id')}"
            paid = document("Close", f"<Reference>pay-{text(one, 'Id')}</Reference>")
            self.call("POST", f"{path}/close", paid)
            states.append(text(self.call("GET", path), "State"))
        return {"amounts": [float(text(one, "Amount") or 0) for one in due], "states": states}


if __name__ == "__main__":
    address, key, what, argument = sys.argv[1:]
    print(json.dumps(getattr(Portal(address, key), what)(argument)))  # noqa: T201
