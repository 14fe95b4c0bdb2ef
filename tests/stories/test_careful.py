"""A Group that begins: its first order goes to DdD at once, the second waits until somebody has looked."""

import pytest
from django.utils import timezone

from ddd.models import Connection
from ddd.sending import dispatch
from demo.seed import Upstream, seed
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock
from tests.factories import Cast, delivered, new_order
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database


@pytest.fixture
def new_group(cast: Cast, sandbox: RunningSandbox) -> Cast:
    """The demo's Groups as `bin/demo --careful` makes them."""
    Connection.objects.all().delete()
    seed(Upstream(sandbox.url, careful=True))
    Connection.objects.update(started_at=timezone.now())
    return cast


def test_a_new_group_looks_at_one_order_in_ddd_before_the_others_go(
    new_group: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), new_group.nordlys.pk
    connection = new_group.connection
    assert connection.asks_about_first
    assert (connection.sales_are_listed, connection.drafts_are_listed) == (False, False)
    assert connection.words_confirmed_at is None
    for order_no in ("W-1", "W-2"):
        delivered(new_group, new=new_order(order_no))
    clock.forward(3600)
    for _round in range(3):
        dispatch.drain(group_id, clock)
    ledger = sandbox.ledger()
    assert [len(ledger[name]) for name in ("orders", "sales", "transfers")] == [2, 1, 1]

    office = browser(new_group, "office")
    section = office.get("/orders/attention/?kind=first").context["work"].shown[0]
    assert len(section.rows) == 2
    for row in section.rows:
        office.post("/orders/attention/first/decide/", {"chosen": str(row.pk), "decision": "right"})
    assert "look at it in DdD" not in Page(office.get("/orders/dashboard/")).text
    for _round in range(3):
        dispatch.drain(group_id, clock)
    ledger = sandbox.ledger()
    assert [len(ledger[name]) for name in ("orders", "sales", "transfers")] == [2, 2, 2]
