"""Runs actions at the same time, and reads all that is stored of an order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

from ddd.models import ItemTransfer, Posting, ReceiptSeries, Sale
from orders.models import OrderEvent, WebOrder

Done = TypeVar("Done")


def at_once(*actions: Callable[[], Done]) -> list[Done | Exception]:
    """Runs each action in a thread of its own, all started together; what each returned or raised."""
    ready = Barrier(len(actions))

    def run(action: Callable[[], Done]) -> Done | Exception:
        try:
            ready.wait(timeout=60)
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def everything(order: WebOrder) -> dict[str, Any]:
    """To show that a refusal changed nothing."""
    return {
        "order": WebOrder.objects.values().get(pk=order.pk),
        "lines": list(order.lines.values()),
        "events": list(OrderEvent.objects.filter(order=order).values()),
        "postings": list(Posting.objects.order_by("pk").values()),
        "sales": list(Sale.objects.order_by("pk").values()),
        "transfers": list(ItemTransfer.objects.order_by("pk").values()),
        "receipts": list(ReceiptSeries.objects.order_by("pk").values()),
    }


def kinds(order: WebOrder) -> list[str]:
    """The order's timeline, as the kinds of its events."""
    return list(order.events.values_list("kind", flat=True))
