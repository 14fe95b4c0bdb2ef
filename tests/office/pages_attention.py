"""Pages of the work list that other parts do not show."""

from collections.abc import Iterator

from django.test import Client

from ddd.api.wire import WireArticle
from ddd.lookup import catalogue
from ddd.models import Difference, FirstPosting, Posting
from orders import sync_status
from orders.models import WebOrder
from tests.core.pages import Answer
from tests.factories import NOW, Cast, delivered, new_order, received

WORK_LIST = "/orders/attention/"


def attention_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Shared Eans, what is being mended, and filters of which nothing is found."""
    catalogue.store(cast.connection, [WireArticle(number, "57", 1, {}) for number in (7, 8)], NOW)
    yield "a shared Ean", client.get(WORK_LIST)
    yield "the overview with a shared Ean", client.get("/orders/dashboard/")
    Difference.objects.update(state="sent again", closed_at=NOW)
    yield "differences that are being mended", client.get(WORK_LIST, {"kind": "mending"})
    asked = [delivered(cast), received(cast, new_order(is_paid=False))]
    WebOrder.objects.filter(pk=asked[0].pk).update(sale_by=WebOrder.SaleBy.ASK)
    sync_status.follow_delivered(asked[1], [line.pk for line in asked[1].lines.all()], NOW)
    yield "sales that nobody books before somebody says so", client.get(WORK_LIST)
    for order in asked:
        yield "an order whose sale waits for a decision", client.get(f"/orders/{order.pk}/")
    for kind, state, listed_at in (("sale", "asked", NOW), ("transfer", "wrong", None)):
        posting = Posting.objects.filter(order_no=asked[0].order_no, kind=kind).first()
        first = {"kind": kind, "posting": posting, "fingerprint": kind, "made_at": NOW}
        first |= {"looked_at": NOW, "listed_at": listed_at}
        FirstPosting.objects.create(
            group=cast.nordlys, state=state, decided_by=cast.person("office"), **first
        )
    Posting.objects.filter(order_no=asked[0].order_no).update(state="sent", settled_at=NOW)
    yield "the first of its kind, and a wrong one", client.get(WORK_LIST, {"kind": "first"})
    yield "how soon DdD has listed the first", client.get("/orders/policies/ddd/")
    yield "nothing of this kind in the shop", client.get(WORK_LIST, {"kind": "mails", "shop": "996002"})
    yield "a kind that does not exist", client.get(WORK_LIST, {"kind": "burnt"})
    yield "rows that do not exist", client.post(f"{WORK_LIST}mails/decide/", {"chosen": "1.0"})
