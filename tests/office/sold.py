"""A piece that Aarhus reported missing, and what was sold after that."""

from datetime import datetime, timedelta

from office.figures import missing_then_sold
from office.models import MissingReport
from orders import delivery, picking
from orders.delivery import HandOver
from orders.models import WebOrder
from tests.factories import NOW, Cast, new_order, received

HAND_OVER = HandOver(WebOrder.Way.HAND_OVER)
SOON = timedelta(hours=2)


def reported(
    cast: Cast, now: datetime = NOW, who: str = "aarhus", shop_id: int = 996001, why: str = "not found"
) -> WebOrder:
    """The jumper is not there; the scarf is still looked for."""
    order = received(cast, new_order(shop_id=shop_id), now=now)
    line = order.lines.get(number=1)
    picking.report_missing(order, line.pk, why, cast.person(who), now)
    return order


def sold_with_another_order(cast: Cast, now: datetime = NOW + SOON, shop_id: int = 996001) -> WebOrder:
    """A jumper and a scarf, taken, picked and handed over."""
    who = "aarhus" if shop_id == 996001 else "odense"
    order, actor = received(cast, new_order(shop_id=shop_id), now=now), cast.person(who)
    for line in order.lines.all():
        picking.pick(order, line.pk, actor, now)
    picking.finish(order, actor, now)
    delivery.deliver(order, HAND_OVER, actor, now)
    return order


def a_sold_report(cast: Cast) -> MissingReport:
    """Noted, and matched with a sale."""
    order, _other = reported(cast), sold_with_another_order(cast)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + timedelta(days=1))
    return MissingReport.objects.get(order=order)
