"""The shop's part, in a demo's own environment: `python -m tests.clients.shop_floor ORDERNO...`.

Each order is delivered whole, and its first piece, which costs more than a register may pay back, comes back.
"""

import sys

import django
from django.utils import timezone


def main(order_nos: list[str]) -> None:
    django.setup()
    # Models can only be imported now.
    from orders import delivery, picking  # noqa: PLC0415
    from orders.models import WebOrder  # noqa: PLC0415
    from tests.factories import HAND_OVER, Cast, again, taken_back  # noqa: PLC0415

    cast = Cast()
    clerk, now = cast.person("aarhus"), timezone.now()
    for order in WebOrder.objects.filter(order_no__in=order_nos).select_related("group", "shop"):
        picking.accept(order, clerk, now)
        for line in order.lines.all():
            picking.pick(order, line.pk, clerk, now)
        picking.finish(order, clerk, now)
        delivery.deliver(again(order), HAND_OVER, clerk, now)
        taken_back(cast, again(order), lines=(1,), now=now)


if __name__ == "__main__":
    main(sys.argv[1:])
