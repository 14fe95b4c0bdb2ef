"""Counts of a shop's work."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Shop
from orders.models import OrderQuerySet, WebOrder
from orders.putting_back import pieces_to_put_back
from orders.states import Status


@dataclass(frozen=True)
class Counts:
    """Orders in each part of the queue; `done` are today's, `loud` those whose reminder had no effect."""

    new: int
    picking: int
    ready: int
    done: int
    late: int
    loud: int
    put_back: int


def counts_of(shop: Shop, now: datetime) -> Counts:
    """2 queries, over open orders and today's deliveries; never over all orders."""
    reserved, unseen = Q(status=Status.RESERVED), Q(taken_at=None)
    open_orders: OrderQuerySet = WebOrder.objects.filter(shop=shop).open()
    found = open_orders.aggregate(
        new=Count("pk", filter=reserved & unseen),
        picking=Count("pk", filter=reserved & ~unseen),
        ready=Count("pk", filter=Q(status=Status.PICKED)),
        late=Count("pk", filter=reserved & Q(promised_at__lt=now)),
        loud=Count("pk", filter=reserved & unseen & Q(escalated__gt=0)),
    )
    done = WebOrder.objects.filter(shop=shop, delivered_at__gte=midnight(now)).count()
    return Counts(done=done, put_back=pieces_to_put_back(shop).count(), **found)


def midnight(now: datetime) -> datetime:
    """The last midnight in the active time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
