"""The pages of head office's figures, in every state that looks different."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from office.figures import counting
from office.models import MissingReport
from returns.policy import Outcome
from tests.core.pages import Answer
from tests.factories import NOW, Cast, delivered, picked, taken_back
from tests.office.sold import a_sold_report

SPAN = "came_from=2026-03-02&came_until=2026-03-15"


def figure_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Nothing counted, nothing in the span, and every figure that there is."""
    yield "no figures yet", client.get("/figures/")
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash")
    taken_back(cast, order, "manager", lines=(2,), instead=Outcome.WEB_SHOP, overrule_reason="No cash")
    picked(cast, missing=(1,))
    counting.count_all(cast.nordlys, NOW)
    yield "figures", client.get(f"/figures/?{SPAN}")
    yield "figures of a shop and a web shop", client.get(f"/figures/?{SPAN}&shop=996001&web_shop=1")
    yield "figures of a span in which nothing happened", client.get("/figures/?came_until=2025-01-01")
    day = f"{NOW + timedelta(days=1):%Y-%m-%d}"
    yield "the cash of a shop", client.get(f"/figures/cash/{order.shop_id}/?day={day}")
    yield "no money in a shop", client.get(f"/figures/cash/{order.shop_id}/")
    yield "nothing was missing", client.get("/figures/missing/")
    a_sold_report(cast)
    MissingReport.objects.update(reported_at=timezone.now())
    yield "missing, then sold", client.get("/figures/missing/")
    receipt = {"sold_with": None, "terminal_id": 3, "receipt_id": 41, "sold_at": timezone.now()}
    MissingReport.objects.update(**receipt, reported_at=timezone.now() - timedelta(days=3))
    yield "missing, then sold on a receipt", client.get("/figures/missing/?shop=996001")
    yield "missing pieces in the figures", client.get(f"/figures/?{SPAN}&shop=996001")
    yield "figures that cannot be chosen", client.get("/figures/?came_from=x&came_until=1999-01-01&shop=7")
