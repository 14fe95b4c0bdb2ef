"""A scripted DdD on a real socket, for answers that the strict sandbox never gives."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.factories import JUMPER, SCARF


class Upstream:
    """`orders` is answered to every question for a list of orders; bytes go out as they are. No shop has
    booked anything."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.orders: Any = []
        self.since_param: list[str] = []
        self.url = f"http://127.0.0.1:{server.server_port}"

    def answer(self, path: str) -> bytes | None:
        """None is a 404: this DdD knows no articles."""
        asked = urlsplit(path)
        if asked.path.startswith("/api/transactions/"):
            return b'{"sales": {"saleItems": [], "salePayment": []}, "transfers": []}'
        if asked.path != "/api/weborder/status/All/since":
            return None
        self.since_param += parse_qs(asked.query)["dateTime"]
        return self.orders if isinstance(self.orders, bytes) else json.dumps(self.orders).encode()


@contextmanager
def running_upstream() -> Iterator[Upstream]:
    """Listens on a free port until the end of `with`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = upstream.answer(self.path)
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        upstream = Upstream(server)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield upstream
        finally:
            server.shutdown()


def wire_line(status: Any = "Reserved", variant: Any = JUMPER, **changes: Any) -> dict[str, Any]:
    """A line as DdD gives it."""
    usual = {
        "Id": 1,
        "VariantId": variant,
        "Status": status,
        "ModifiedOn": "2026-03-03T09:00:00Z",
        "SalesPrice": 219.95,
        "EffectiveSalesPrice": 199.95,
        "DiscountAmount": 20.0,
        "DeliveryNo": "",
        "Notes": None,
    }
    return usual | changes


def wire_order(order_no: Any = "D-1", status: Any = "Reserved", **changes: Any) -> dict[str, Any]:
    """A WebOrderHeader with a jumper and a scarf, as DdD gives it."""
    usual: dict[str, Any] = {
        "Id": 501,
        "OrderType": "ClickAndCollect",
        "ShopId": 996001,
        "OrderNo": order_no,
        "OrderReference": None,
        "OrderedOn": "2026-03-03T08:59:00Z",
        "PickedUpOn": None,
        "CreatedOn": "2026-03-03T09:00:00Z",
        "ModifiedOn": "2026-03-03T09:00:00Z",
        "IsPaid": True,
        "CustomerNumber": 0,
        "WebshopId": 1,
        "ReceiveAddress": "Åse Ø. Sørensen#8000 Aarhus C",
        "ReturnAddress": None,
        "WebOrderLines": [wire_line(status), wire_line(status, SCARF, Id=2)],
    }
    return usual | changes
