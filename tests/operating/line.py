"""`python -m tests.operating.line STEP`: one step of the line, against the database of DATABASE_URL.

`begin URL` is Nordlys with DdD at that address: DONE is booked in DdD, WAITING is delivered and not booked
yet, READY stands on its shelf. `send` is the workers. `go-on` delivers READY, takes NEW from its web shop to
its customer, and the workers are heard, until `stop`. Each prints the postings: kind, OrderNo, state, and
whether a person is asked.
"""

import json
import os
import sys
from collections.abc import Callable

import django

import tests.environment  # noqa: F401 - what the settings need

os.environ["DJANGO_SETTINGS_MODULE"], os.environ["ALLOWED_HOSTS"] = "config.settings", "testserver"
django.setup()

from django.utils import timezone  # noqa: E402

from ddd.models import Connection, Posting  # noqa: E402
from ddd.sending import dispatch  # noqa: E402
from orders import delivery, picking  # noqa: E402
from orders.models import WebOrder  # noqa: E402
from tests.factories import CAP, HAND_OVER, JUMPER, JUMPER_L, SCARF, Cast, make_cast  # noqa: E402
from tests.orders.web_shop import CREATE, Caller, body, line  # noqa: E402
from workers import heartbeats  # noqa: E402
from workers.models import Heartbeat  # noqa: E402

PIECES = {"DONE": JUMPER, "WAITING": SCARF, "READY": CAP, "NEW": JUMPER_L}


def order(order_no: str) -> None:
    """From its web shop. Each has a piece of its own: equal item transfers would wait for each other."""
    lines = [line(VariantId=PIECES[order_no])]
    answer = Caller().post(CREATE, body(order_no, WebOrderLines=lines))
    assert answer.content == b"true", answer.content


def pick(order_no: str) -> None:
    """To its shelf."""
    found, actor = WebOrder.objects.get(order_no=order_no), Cast().person("aarhus")
    picking.accept(found, actor, timezone.now())
    for piece in found.lines.all():
        picking.pick(found, piece.pk, actor, timezone.now())
    picking.finish(found, actor, timezone.now())


def deliver(order_no: str) -> None:
    """To its customer."""
    found = WebOrder.objects.get(order_no=order_no)
    delivery.deliver(found, HAND_OVER, Cast().person("aarhus"), timezone.now())


def send() -> None:
    """All that is due."""
    while dispatch.drain(Cast().nordlys.pk):
        pass


def begin(url: str) -> None:
    make_cast(url)
    Connection.objects.update(asks_about_first=False)
    for order_no in ("DONE", "WAITING", "READY"):
        order(order_no)
        pick(order_no)
    deliver("DONE")
    send()
    deliver("WAITING")


def go_on() -> None:
    deliver("READY")
    order("NEW")
    pick("NEW")
    deliver("NEW")
    send()
    heartbeats.hear("urgent")


def stop() -> None:
    Heartbeat.objects.all().delete()


if __name__ == "__main__":
    step, *given = sys.argv[1:]
    steps: dict[str, Callable[..., None]] = {"begin": begin, "send": send, "go-on": go_on, "stop": stop}
    steps[step](*given)
    columns = Posting.objects.order_by("pk").values_list("kind", "order_no", "state", "needs_attention")
    sys.stdout.write(json.dumps(list(columns)))
