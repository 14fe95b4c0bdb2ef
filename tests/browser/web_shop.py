"""A web shop that orders through the Public API of the running demo."""

import time
from collections.abc import Mapping
from itertools import count

import httpx2

from accounts.demo_secrets import NORDLYS_KEY
from demo.people import AARHUS
from tests.browser.running_demo import ANSWERS_WITHIN

JUMPER, JUMPER_EAN = 100001, "5712345000014"
SCARF, SCARF_EAN = 100039, "5712345000397"
CAP = 100041
PRICE = 599.95
RECEIVER = "Åse Øst#Søndergade 7#8000 Aarhus C"
_numbers = count(1)


class WebShop:
    """Every order gets an OrderNo of its own; `answered_at` is when the last one was taken (Unix seconds)."""

    def __init__(self, portal: str) -> None:
        self.answered_at = 0.0
        self._client = httpx2.Client(base_url=portal, timeout=ANSWERS_WITHIN, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def orders(
        self,
        *variants: int,
        shop: int = AARHUS.shop_id,
        paid: bool = True,
        key: str = NORDLYS_KEY,
        order_no: str = "",
        receiver: str = RECEIVER,
        notes: str = "",
        member: int = 0,
        prices: Mapping[int, float] | None = None,
    ) -> str:
        """Orders these pieces, a jumper when none is named; the notes are those of the first."""
        order_no = order_no or f"B-{next(_numbers):04}"
        body = {
            "OrderNo": order_no,
            "ShopId": shop,
            "IsPaid": paid,
            "CustomerNumber": member,
            "ReceiveAddress": receiver,
            "ReturnAddress": AARHUS.address,
            "WebOrderLines": [
                _line(variant, (prices or {}).get(variant, PRICE), "" if place else notes)
                for place, variant in enumerate(variants or (JUMPER,))
            ],
        }
        headers = {"Authorization": f"ddd_token {key}"}
        answer = self._client.post("/api/weborder/clickandcollect", json=body, headers=headers)
        self.answered_at = time.time()
        assert (answer.status_code, answer.json()) == (200, True), answer.text
        return order_no


def _line(variant: int, price: float, notes: str) -> dict[str, object]:
    return {
        "VariantId": variant,
        "SalesPrice": price,
        "EffectiveSalesPrice": price,
        "DiscountAmount": 0,
        "Notes": notes,
    }
