"""After days with failing calls, undone deliveries and reversed returns, DdD's books and the portal's
agree."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from pytest_django import Settings

from ddd.models import Connection, Difference, Posting, Reconciliation, Sale
from orders.reconciling import reconcile
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox
from tests.stories.counter import Counters, opened
from tests.stories.test_returns_add_up import DICE, a_day_by

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("day", [1, 2, 3])
def test_no_night_finds_a_difference_that_is_none_and_each_misses_what_is_taken_out(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings, day: int
) -> None:
    settings.UNDO_SECONDS = 60
    settings.DDD_TIMEOUT_SECONDS = 0.3
    settings.DDD_QUIET_SECONDS = 60
    counters = Counters(opened(booked_cast), sandbox)
    for action_key in a_day_by(Random(day).randbytes(DICE)):
        action_key.do(counters)
    counters.settle()
    sandbox.clear_faults()
    settings.DDD_TIMEOUT_SECONDS = 10
    Connection.objects.update(drafts_are_listed=True)

    group, tonight = booked_cast.nordlys, counters.clock() + timedelta(hours=1)
    assert reconcile(group.pk, tonight)
    report = Reconciliation.objects.get()
    assert (report.is_complete, report.trouble) == (True, {})
    assert list(Difference.objects.values_list("kind", "order_no", "evidence")) == []
    assert report.data["sales"] == len(sandbox.ledger()["sales"]) > 2
    assert report.data["transfers"] == len(sandbox.ledger()["transfers"])

    missed = take_out_every_second(sandbox)
    assert reconcile(group.pk, tonight + timedelta(hours=1))
    found = Difference.objects.filter(state=Difference.State.OPEN).values_list("kind", "order_no")
    assert Counter(found) == missed


def take_out_every_second(sandbox: RunningSandbox) -> Counter[tuple[str, str]]:
    """Somebody deletes sales, returns and item transfers in DdD's back office."""
    missed: Counter[tuple[str, str]] = Counter()
    for sale in Sale.objects.order_by("pk").select_related("posting", "shop")[::2]:
        sandbox.back_office_deletes_sale(sale.shop.shop_id, sale.receipt_id or 0)
        missed[f"{sale.posting.kind} missing", sale.order_no] += 1
    for posting in Posting.objects.filter(kind="transfer", state="sent").order_by("pk")[::2]:
        sandbox.back_office_deletes_transfer(int(posting.answer))
        missed["transfer missing", posting.order_no] += 1
    return missed
