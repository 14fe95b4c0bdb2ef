"""Pages of the list of orders, in every state that looks different."""

from collections.abc import Iterator

from django.test import Client

from office.listing import bulk
from office.listing.columns import COLUMNS
from office.listing.papers import PAPERS, print_part
from office.models import BulkAction
from orders.models import WebOrder
from tests.core.pages import Answer
from tests.factories import NOW, Cast, delivered, new_order, picked, received


def list_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """With every column and sort, in trouble, and with views of its own and shared."""
    received(cast)
    delivered(cast)
    picked(cast, new=new_order(customer_number=100042), missing=(1,))
    every = {"col": list(COLUMNS), "sort": "changed first"}
    yield "a list with every column", client.get("/orders/", every)
    yield "a list of trouble", client.get("/orders/", {"only": "trouble"})
    yield (
        "days that cannot be",
        client.get("/orders/", {"came_from": "2026-03-02", "came_until": "2026-03-01"}),
    )
    kept = client.post("/orders/views/", {"name": "Ready", "query": "status=ready", "is_shared": "on"})
    yield "a view", client.get(kept["Location"])
    yield "a view that was changed", client.get(f"{kept['Location']}&sort=oldest")
    for do in (BulkAction.Action.MOVE, BulkAction.Action.CANCEL, BulkAction.Action.REMIND):
        yield f"{do.value} many orders", client.post("/orders/bulk/", {"do": do, "which": "all"}, follow=True)
        action = BulkAction.objects.latest("pk")
        page = f"/orders/bulk/{action.pk}/"
        if do != BulkAction.Action.REMIND:
            yield f"{do.value} without saying how", client.post(page)
        BulkAction.objects.filter(pk=action.pk).update(started_at=NOW, shop=cast.odense)
        yield f"{do.value}: a worker is running it", client.get(page)
        bulk.carry_out_in(cast.nordlys.pk)
        yield f"{do.value}: what became of them", client.get(page)
    for paper in PAPERS:
        action = bulk.prepare(cast.person("office"), paper, WebOrder.objects.all(), NOW)
        yield f"{paper.value} in parts", client.get(f"/orders/bulk/{action.pk}/papers/")
    print_part(action, 1, cast.viewer("office"), NOW)
    yield "papers that were printed", client.get(f"/orders/bulk/{action.pk}/papers/")
    yield "no orders chosen", client.post("/orders/bulk/", {"do": "move", "which": "chosen"})
    yield "a view without a name", client.post("/orders/views/", {"query": "status=ready"})
