"""`python -m demo.web_shop`: a web shop with made-up customers, which orders through the Public API."""

import argparse
import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from accounts.demo_secrets import NORDLYS_KEY
from ddd.sandbox.demo_data import AMBIGUOUS_VARIANTS, VARIANTS, Variant
from demo.people import AARHUS, KOEBENHAVN, NORDLYS, ODENSE, DemoShop

log = logging.getLogger("web_shop")

BY_VARIANT = "/api/weborder/clickandcollect"
BY_EAN = "/api/weborder/clickandcollect/alternative"
FIRST_AFTER_SECONDS = 5
EVERY_SECONDS = 30
FIRST_NUMBER = 10001
WAITS = (1, 2, 4, 8, 15)  # seconds before the same order is sent again
OF_A_HUNDRED = {"paid": 85, "by_ean": 25, "discounted": 30, "member": 30}

SHOPS: tuple[tuple[DemoShop, int], ...] = ((AARHUS, 6), (ODENSE, 2), (KOEBENHAVN, 2))
ASSORTMENT = tuple(
    found
    for found in VARIANTS
    if found.group == NORDLYS.ddd_group_id and found.on_pages and found.variant_id not in AMBIGUOUS_VARIANTS
)
# Member number (0: none), and the address as it stands on a label.
CUSTOMERS = (
    (100042, "Åse Øst#Søndergade 7#8000 Aarhus C"),
    (100043, "Søren Ågård#Æblevej 12#8200 Aarhus N"),
    (100044, "Noor Hansen#Nørrebrogade 101#2200 København N"),
    (0, "Bjørn Kærgaard#Strandvejen 88, 2. tv#8000 Aarhus C"),
    (0, "Sofie Bæk Nielsen#Skovløkken 5#5230 Odense M"),
    (0, "Łukasz Wójcik#Frederiks Allé 31#8000 Aarhus C"),
    (0, "Maja Thygesen#c/o Jørgensen#Trøjborgvej 14, st.#8200 Aarhus N"),
    (0, "Villads Rønne#Østerågade 3#9000 Aalborg"),
)
NOTES = ("", "", "", "Gave: pak den pænt ind", "Ring ved spørgsmål", "Størrelsen må gerne prøves i butikken")


@dataclass(frozen=True)
class Order:
    """One order as it is posted: to which route, and the body."""

    route: str
    body: dict[str, Any]


class Numbers:
    """OrderNos that never come twice: the next one is written down before this one is used."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self) -> str:
        """The next OrderNo."""
        try:
            number = int(self._file.read_text())
        except (FileNotFoundError, ValueError):
            number = FIRST_NUMBER
        fresh = self._file.with_name(f"{self._file.name}.new")
        fresh.write_text(str(number + 1))
        fresh.replace(self._file)
        return f"W-{number}"


def make_order(order_no: str, now: datetime, chance: random.Random) -> Order:
    """A customer with one to four pieces. The same chance gives the same order."""
    (shop,) = chance.choices([shop for shop, _often in SHOPS], [often for _shop, often in SHOPS])
    by_ean = _happens(chance, "by_ean")
    member, address = chance.choice(CUSTOMERS)
    pieces = chance.choices(ASSORTMENT, k=chance.choices((1, 2, 3, 4), (4, 3, 2, 1))[0])
    body = {
        "OrderNo": order_no,
        "ShopId": shop.shop_id,
        "OrderReference": f"nordlys.example {order_no}",
        "OrderedOn": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "IsPaid": _happens(chance, "paid"),
        "CustomerNumber": member if _happens(chance, "member") else 0,
        "ReceiveAddress": address,
        "ReturnAddress": shop.address,
        "WebOrderLines": [_line(piece, by_ean, chance) for piece in pieces],
    }
    return Order(BY_EAN if by_ean else BY_VARIANT, body)


def place(client: httpx2.Client, order: Order) -> bool:
    """Posts it until there is an answer: what got none may be stored, and the same order again is safe."""
    number = order.body["OrderNo"]
    tries = 0
    while True:
        try:
            answer = client.post(order.route, json=order.body)
        except httpx2.HTTPError as error:
            log.warning("%s: no answer (%s), sent again", number, error or type(error).__name__)
        else:
            if answer.status_code < 400:
                log.info("%s for shop %s was taken", number, order.body["ShopId"])
                return True
            if answer.status_code < 500 and answer.status_code != 429:
                log.warning("%s was refused with %s: %s", number, answer.status_code, answer.text[:500])
                return False
            log.warning("%s: answered %s, sent again", number, answer.status_code)
        time.sleep(WAITS[min(tries, len(WAITS) - 1)])
        tries += 1


def run(portal: str, numbers: Numbers) -> None:
    """Sends orders until the process is stopped."""
    chance = random.Random()  # noqa: S311 - made-up customers are no secret
    headers = {"Authorization": f"ddd_token {NORDLYS_KEY}"}
    time.sleep(FIRST_AFTER_SECONDS)
    with httpx2.Client(base_url=portal, headers=headers, timeout=15, trust_env=False) as client:
        while True:
            place(client, make_order(numbers.take(), datetime.now(UTC), chance))
            time.sleep(EVERY_SECONDS)


def _line(piece: Variant, by_ean: bool, chance: random.Random) -> dict[str, Any]:
    price = _price(piece)
    discount = (price * chance.choice((10, 20, 30)) / 100).quantize(Decimal("0.01"))
    if not _happens(chance, "discounted"):
        discount = Decimal(0)
    name: dict[str, Any] = {"Ean": piece.ean} if by_ean else {"VariantId": piece.variant_id}
    return {
        **name,
        "SalesPrice": float(price),
        "EffectiveSalesPrice": float(price - discount),
        "DiscountAmount": float(discount),
        "Notes": chance.choice(NOTES),
    }


def _price(piece: Variant) -> Decimal:
    """What a shop would ask: two and a half times the cost, just under a round number."""
    return (Decimal(str(piece.cost_price)) * Decimal("2.5") / 10).quantize(Decimal(1)) * 10 - Decimal("0.05")


def _happens(chance: random.Random, what: str) -> bool:
    return chance.randrange(100) < OF_A_HUNDRED[what]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--portal", required=True)
    parser.add_argument("--numbers", type=Path, required=True)
    given = parser.parse_args()
    run(given.portal, Numbers(given.numbers))
