"""A day on which everything reached DdD, the nightly comparison after it, and bodies as other programs send
them."""

from datetime import timedelta
from typing import Any

import httpx2

from accounts.models import Group
from ddd.models import Connection, Difference, Posting, Reconciliation
from ddd.nightly import reconciling
from orders.models import WebOrder
from orders.reconciling import reconcile
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import JUMPER, NOW, Cast, delivered
from tests.sandbox_process import RunningSandbox

AARHUS, TURNOVER = 996001, 996900
State = Difference.State
LATER = NOW + timedelta(days=2)


class Night:
    """Nordlys after a day on which everything reached DdD, and its comparison an hour later."""

    def __init__(self, cast: Cast, sandbox: RunningSandbox) -> None:
        self.cast, self.sandbox, self.clock = cast, sandbox, Clock()
        self.token = Connection.objects.get(group=cast.nordlys).token
        Connection.objects.update(drafts_are_listed=True)

    @property
    def group(self) -> Group:
        return self.cast.nordlys

    def send(self) -> None:
        drain_to_the_end(self.group.pk, self.clock)

    def compare(self, hours: float = 1) -> list[tuple[str, str]]:
        """The open differences, each with its order."""
        assert reconcile(self.group.pk, self.clock() + timedelta(hours=hours))
        return self.open()

    def open(self) -> list[tuple[str, str]]:
        rows = Difference.objects.filter(group=self.group, state=State.OPEN).order_by("kind", "subject")
        return list(rows.values_list("kind", "order_no"))

    def report(self) -> Reconciliation:
        """The last one: there are two when a test runs past midnight."""
        return Reconciliation.objects.filter(group=self.group).latest("day")

    def report_of(self, hours: float) -> Reconciliation:
        day = reconciling.day_of(self.group, self.clock() + timedelta(hours=hours))
        return Reconciliation.objects.get(group=self.group, day=day)

    def post(self, path: str, body: Any) -> None:
        """As another program with the Group's token does."""
        headers = {"Authorization": f"ddd_token {self.token}"}
        answer = httpx2.post(f"{self.sandbox.url}/{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def posted(self, kind: str, order: WebOrder) -> Posting:
        return Posting.objects.get(kind=kind, order_no=order.order_no)

    def sold(self, **kwargs: Any) -> WebOrder:
        order = delivered(self.cast, **kwargs)
        self.send()
        return order


def wire_order_of_another_channel(order_no: str) -> dict[str, Any]:
    line = {"SalesPrice": 100.0, "EffectiveSalesPrice": 100.0, "DiscountAmount": 0.0, "VariantId": JUMPER}
    return {
        "OrderNo": order_no,
        "ShopId": AARHUS,
        "IsPaid": True,
        "CustomerNumber": 0,
        "WebOrderLines": [line],
    }


def naming(body: dict[str, Any], order_no: str) -> dict[str, Any]:
    """The same sale, of this order."""
    lines = [{**line, "WebOrderOrderNo": order_no} for line in body["ItemLines"]]
    return {**body, "ItemLines": lines}


def as_sent(posting: Posting) -> dict[str, Any]:
    """The body as it went out: money is numbers there."""
    body = dict(posting.payload)
    body["ItemLines"] = [
        {name: float(value) if name.endswith("Amount") else value for name, value in line.items()}
        for line in body["ItemLines"]
    ]
    body["PaymentLines"] = [
        {**line, "LineAmount": float(line["LineAmount"])} for line in body["PaymentLines"]
    ]
    return body
