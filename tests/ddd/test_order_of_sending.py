"""Postings of one order reach DdD in the order in which they were made, whatever becomes of the first one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from pytest_django import Settings

from ddd.models import Posting
from ddd.sending import decisions, dispatch
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock, State, drain_to_the_end, order_row, return_row, sale_row, transfer_row
from tests.ddd.test_changing import change_row
from tests.factories import Cast, make_cast
from tests.sandbox_process import RunningSandbox

# How an earlier posting stands that is not settled: its state, and whether a person has to decide.
UNSETTLED = [
    (State.WAITING, False),
    (State.IN_FLIGHT, False),
    (State.UNCERTAIN, False),
    (State.UNCERTAIN, True),
    (State.REJECTED, True),
]
SETTLED = [State.SENT, State.GIVEN_UP, State.WITHDRAWN, State.REHEARSED]
PAIRS: list[tuple[Callable[..., Posting], Callable[..., Posting]]] = [
    (sale_row, return_row),
    (order_row, sale_row),
    (order_row, change_row),
    (change_row, sale_row),
    (sale_row, transfer_row),
    (transfer_row, return_row),
]


@pytest.mark.django_db
def test_every_state_is_either_settled_or_holds_up_what_was_made_later() -> None:
    assert {state for state, _needs in UNSETTLED} | set(SETTLED) == set(State)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].__name__}-{pair[1].__name__}")
def test_a_later_posting_is_not_claimed_before_the_earlier_one_is_settled(
    cast: Cast, pair: tuple[Callable[..., Posting], Callable[..., Posting]]
) -> None:
    clock, group_id = Clock(), cast.nordlys.pk
    earlier, later = pair[0](cast, clock()), pair[1](cast, clock())
    another = sale_row(cast, clock(), "W-2")
    for state, needs_attention in UNSETTLED:
        # Due much later, or held by a worker: nothing can be done about the earlier one now.
        Posting.objects.filter(pk=earlier.pk).update(
            state=state, needs_attention=needs_attention, not_before=clock() + timedelta(days=1)
        )
        assert dispatch.claim(group_id, clock()) == another, state
        assert dispatch.claim(group_id, clock()) is None, state
        Posting.objects.filter(pk=another.pk).update(state=State.WAITING, leased_until=None)
    Posting.objects.filter(pk=another.pk).update(state=State.SENT)
    for settled in SETTLED:
        Posting.objects.filter(pk=earlier.pk).update(state=settled, needs_attention=False)
        assert dispatch.claim(group_id, clock()) == later, settled
        Posting.objects.filter(pk=later.pk).update(state=State.WAITING, leased_until=None)


def test_a_return_waits_for_its_refused_sale_until_somebody_gives_that_up(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    clock, group_id, office = Clock(), booked_cast.nordlys.pk, booked_cast.person("office")
    sandbox.fault("refuse", on="sale", times=1)
    sale, back = sale_row(booked_cast, clock()), return_row(booked_cast, clock())
    drain_to_the_end(group_id, clock)
    back.refresh_from_db()
    assert (back.state, back.tries, sandbox.ledger()["sales"]) == (State.WAITING, 0, [])
    page = Page(browser(booked_cast, "office").get("/orders/attention/"))
    assert "Return waits for it, and goes out once it is sent or given up." in page.text

    decisions.give_up(sale, "Booked by hand.", office, clock())
    drain_to_the_end(group_id, clock)

    back.refresh_from_db()
    assert back.state == State.SENT
    [sent] = sandbox.ledger()["sales"]
    assert sent["ItemLines"][0]["Type"] == "Return"


@pytest.mark.django_db(transaction=True)
def test_workers_that_drain_at_once_send_sale_and_return_in_their_order(
    transactional_db: None, sandbox: RunningSandbox, settings: Settings
) -> None:
    cast, clock = make_cast(sandbox.url), Clock()
    sandbox.fault("slow", on="sale", every=3, seconds=0.2)
    for number in range(4):
        sale_row(cast, clock(), f"W-{number}")
        return_row(cast, clock(), f"W-{number}")
    gate = Barrier(2)

    def work(_number: int) -> None:
        gate.wait()
        try:
            while dispatch.drain(cast.nordlys.pk, clock):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))
    drain_to_the_end(cast.nordlys.pk, clock)

    told = [
        (sale["ItemLines"][0]["WebOrderOrderNo"], sale["ItemLines"][0]["Type"])
        for sale in sandbox.ledger()["sales"]
    ]
    assert sorted(told) == sorted((f"W-{n}", word) for n in range(4) for word in ("Sale", "Return"))
    for number in range(4):
        assert told.index((f"W-{number}", "Sale")) < told.index((f"W-{number}", "Return"))
