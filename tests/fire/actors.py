"""The web shops and the people in the shops, in a process of their own that may be killed at any moment.

Started again it does all once more: what is done already is a second tap. Says in two files how far it is.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import httpx2  # noqa: E402 - the models need Django set up
from django.db import Error, close_old_connections, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.demo_secrets import NORDLYS_KEY, OUTLET_KEY  # noqa: E402
from core.errors import DomainError  # noqa: E402
from ddd.models import Attempt, Posting  # noqa: E402
from orders import delivery, picking, trouble  # noqa: E402
from orders.models import WebOrder  # noqa: E402
from orders.states import Status  # noqa: E402
from returns import desk  # noqa: E402
from returns.desk import Piece, ReturnRequest  # noqa: E402
from returns.models import Condition  # noqa: E402
from returns.reasons import offered_reasons  # noqa: E402
from tests.factories import HAND_OVER, Cast  # noqa: E402
from tests.fire.plans import AARHUS, SCARF, Plan, plans_of  # noqa: E402

CREATE = "/api/weborder/clickandcollect"
THREADS = 4
LONGEST_WAIT = 240.0
P = ParamSpec("P")
R = TypeVar("R")
LOST = (Error, httpx2.HTTPError, DomainError)


class Unanswered(httpx2.HTTPError):
    """The portal could not say whether it has the order."""


def main(seed: int, orders: int, seconds: float, web: list[str], folder: Path) -> None:
    """Does all within so many seconds at least, waits until nothing is to be sent any more, and writes what
    the portal has."""
    plans = plans_of(seed, orders)
    known = set(WebOrder.objects.values_list("order_no", flat=True))
    with ThreadPoolExecutor(THREADS) as threads:
        done = []
        for plan in plans:
            done.append(threads.submit(live, plan, web))
            if plan.order_no not in known:
                time.sleep(seconds / orders)
        for one in done:
            one.result()
    (folder / "orders-done").touch()
    _again_and_again(wait_until_all_is_sent)
    unfinished = folder / "portal.unfinished"
    unfinished.write_text(json.dumps(_again_and_again(what_the_portal_has), default=str))
    unfinished.replace(folder / "portal.json")


def live(plan: Plan, web: list[str]) -> None:
    """One order from the web shop to the customer, and a piece of it back."""
    for step in (create, move, hand_over, take_back):
        _again_and_again(step, plan, web)


def create(plan: Plan, web: list[str]) -> None:
    """As often as planned; without an answer it is sent once more, as a web shop does."""
    key = OUTLET_KEY if plan.is_outlet else NORDLYS_KEY
    with ThreadPoolExecutor(2) as pair:
        for number in range(plan.creates):
            sent = [
                pair.submit(_post, web[(number + one) % len(web)], key, plan)
                for one in range(2 if plan.at_once else 1)
            ]
            for one in sent:
                one.result()


def move(plan: Plan, web: list[str]) -> None:
    """Before it is taken."""
    order = _order(plan)
    if plan.moves_to and order.status == Status.RESERVED and order.shop.shop_id == plan.shop_id:
        cast = Cast()
        trouble.move_to_shop(order, cast.shop(plan.moves_to), cast.person(_who(plan.shop_id)), timezone.now())


def hand_over(plan: Plan, web: list[str]) -> None:
    """Taken, picked piece by piece, and delivered."""
    who, order = Cast().person(_who(plan.delivered_in)), _order(plan)
    if order.status == Status.RESERVED:
        picking.accept(order, who, timezone.now())
        for line in order.lines.all():
            picking.pick(order, line.pk, who, timezone.now())
        picking.finish(order, who, timezone.now())
    if _order(plan).status == Status.PICKED:
        delivery.deliver(_order(plan), HAND_OVER, who, timezone.now())


def take_back(plan: Plan, web: list[str]) -> None:
    """The scarf, in the shop that delivered it; the register pays by card."""
    order, cast = _order(plan), Cast()
    if not plan.scarf_comes_back or order.returns.exists():
        return
    line = order.lines.filter(variant__variant_id=SCARF).order_by("pk")[0]
    piece = Piece(line.pk, offered_reasons(cast.nordlys)[0].code, Condition.SHELF)
    shop, who = cast.shop(plan.delivered_in), cast.person(_who(plan.delivered_in))
    desk.take_back(order, shop, ReturnRequest((piece,), "terminal"), who, timezone.now())


def wait_until_all_is_sent() -> None:
    """Returns also when something is left after minutes: the book-keeper tells it then."""
    until = time.monotonic() + LONGEST_WAIT
    left = Posting.objects.exclude(state__in=(Posting.State.SENT, Posting.State.WITHDRAWN))
    while left.filter(needs_attention=False).exists() and time.monotonic() < until:
        time.sleep(0.5)


def what_the_portal_has() -> dict[str, object]:
    """Where each order and posting stands, and how long bookings took."""
    postings = Posting.objects.order_by("pk")
    return {
        "orders": dict(WebOrder.objects.values_list("order_no", "status")),
        "not sent": list(
            postings.exclude(state__in=("sent", "withdrawn")).values_list(
                "order_no", "kind", "state", "reason"
            )
        ),
        "outcomes": Counter(Attempt.objects.values_list("outcome", flat=True)),
        "most tries": max(postings.values_list("tries", flat=True), default=0),
        "seconds": sorted(
            (settled - made).total_seconds()
            for made, settled in postings.filter(state="sent").values_list("made_at", "settled_at")
            if settled
        ),
    }


def _post(url: str, key: str, plan: Plan) -> None:
    answer = httpx2.post(
        f"{url}{CREATE}", json=plan.body, headers={"Authorization": f"ddd_token {key}"}, timeout=20
    )
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unanswered(f"{answer.status_code}")
    if answer.json() is not True:
        raise AssertionError(f"{plan.order_no}: {answer.status_code} {answer.text}")


def _again_and_again(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    until = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            return step(*args, **kwargs)
        except LOST:
            if time.monotonic() > until:
                raise
            connection.close() if connection.connection is not None else close_old_connections()
            time.sleep(0.3)


def _order(plan: Plan) -> WebOrder:
    orders = WebOrder.objects.select_related("group", "shop__group", "web_shop")
    return orders.get(order_no=plan.order_no)


def _who(shop_id: int) -> str:
    return "aarhus" if shop_id == AARHUS else "odense"


if __name__ == "__main__":
    seed, orders, seconds, web, folder = sys.argv[1:]
    main(int(seed), int(orders), float(seconds), web.split(","), Path(folder))
