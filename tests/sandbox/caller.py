"""A caller of DdD's Public API, and the bodies it sends."""

from typing import Any

import httpx2

# A connection of its own for each call, so that a fault on one does not reach the next.
HTTP = httpx2.Client(timeout=60, headers={"Connection": "close"})

NORDLYS = "demo-ddd-token-996"
NORDLYS_WEBSHOP = "demo-ddd-token-996-1"
OUTLET_WEBSHOP = "demo-ddd-token-996-2"
FJORD = "demo-ddd-token-997"
AARHUS, ODENSE, TURNOVER, ALESUND = 996001, 996002, 996900, 997001
JUMPER, JUMPER_EAN = 100001, "5712345000014"


class Caller:
    """Sends with one token."""

    def __init__(self, url: str, token: str = NORDLYS) -> None:
        self._url = url
        self._headers = {"Authorization": f"ddd_token {token}"}

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        return HTTP.request(method, f"{self._url}{path}", json=body, headers=self._headers, **more)

    def get(self, path: str, **query: str) -> httpx2.Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any) -> httpx2.Response:
        return self.send("POST", path, body)

    def raw(self, path: str, content: bytes, content_type: str = "application/json") -> httpx2.Response:
        headers = {**self._headers, "Content-Type": content_type}
        return HTTP.post(f"{self._url}{path}", content=content, headers=headers)


def faults(answer: httpx2.Response) -> list[str]:
    """The faults of a refusal."""
    assert answer.status_code == 400, answer.text
    found: list[str] = answer.json()["Faults"]
    return found


def line(variant_id: int = JUMPER, **more: Any) -> dict[str, Any]:
    money = {"SalesPrice": 499.95, "EffectiveSalesPrice": 399.95, "DiscountAmount": 100}
    return {"VariantId": variant_id, **money, **more}


def line_by_ean(**more: Any) -> dict[str, Any]:
    made = {**line(), "Ean": JUMPER_EAN, **more}
    del made["VariantId"]
    return made


def order(order_no: str = "W-1001", **more: Any) -> dict[str, Any]:
    """A Click'n'Collect order with every field."""
    return {
        "OrderNo": order_no,
        "ShopId": AARHUS,
        "OrderReference": "basket 7",
        "OrderedOn": "2026-11-24T08:30:00Z",
        "IsPaid": True,
        "CustomerNumber": 100042,
        "ReceiveAddress": "Åse Øst#Søndergade 7#8000 Aarhus C",
        "ReturnAddress": "Nordlys#Åboulevarden 1#8000 Aarhus C",
        "WebOrderLines": [line(Notes="Gavepapir, tak"), line(100002)],
        **more,
    }


def order_by_ean(order_no: str = "W-1002", **more: Any) -> dict[str, Any]:
    return order(order_no, WebOrderLines=[line_by_ean()], **more)


def order_in_store(order_no: str = "W-1003") -> dict[str, Any]:
    return {name: value for name, value in order(order_no).items() if name != "IsPaid"}


def order_in_store_by_ean(order_no: str = "W-1004") -> dict[str, Any]:
    return {**order_in_store(order_no), "WebOrderLines": [line_by_ean()]}


def order_of_old_model(order_no: str = "W-1005") -> dict[str, Any]:
    body = {**order_by_ean(order_no), "MemberId": 7, "LoyaltyMemberId": "M-7"}
    del body["CustomerNumber"]
    return {**body, "PickedUpOn": "2026-11-24T09:30:00+01:00"}


def sale(receipt: int = 1, order_no: str = "W-1001", **more: Any) -> dict[str, Any]:
    """A sale to the turnover shop, as the portal books a delivered order."""
    return {
        "ShopId": TURNOVER,
        "TerminalId": 99,
        "ClerkId": 1,
        "ReceiptId": receipt,
        "ItemLines": [
            {
                "Type": "Sale",
                "ItemGroupId": 9900,
                "VariantId": JUMPER,
                "Quantity": 1,
                "GrossLineAmount": 399.95,
                "WebOrderOrderNo": order_no,
            }
        ],
        "PaymentLines": [{"Direction": "In", "TransactionType": 100, "LineAmount": 399.95}],
        **more,
    }


def transfer(**more: Any) -> dict[str, Any]:
    return {
        "ShopIdSender": AARHUS,
        "ShopIdRecipient": TURNOVER,
        "Items": [{"VariantId": JUMPER, "Quantity": 1}],
        **more,
    }


def member(user: str = "karen", **more: Any) -> dict[str, Any]:
    return {"User": user, "Password": "hemmelig", "ClubId": 996, "EngineId": 1, "FirstName": "Karen", **more}
