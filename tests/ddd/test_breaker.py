"""A DdD that fails again and again is left alone: one call at growing intervals tries whether it is back."""

from datetime import timedelta

import pytest
from pytest_django import Settings as PytestSettings

from ddd.models import Connection, Posting
from ddd.models.breaker import OPENS_AT, SHORTEST_REST, rest_after
from ddd.sending import dispatch
from office.overview.ddd_health import health_of
from orders.importing import poll
from tests.ddd.other_servers import nobody, silent
from tests.ddd.rows import Clock, sale_row
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

State = Posting.State


@pytest.fixture
def away(booked_cast: Cast) -> str:
    """Ten sales wait, and nobody listens at DdD's address; gives the good one."""
    url = booked_cast.connection.base_url
    for number in range(10):
        sale_row(booked_cast, Clock()(), f"W-{number}")
    Connection.objects.filter(group=booked_cast.nordlys).update(base_url=nobody())
    return url


def tries(cast: Cast) -> int:
    return sum(Posting.objects.filter(group=cast.nordlys).values_list("tries", flat=True))


def test_rests_begin_after_five_failures_and_double() -> None:
    rests = [rest_after(failures).total_seconds() for failures in range(4, 10)]
    assert rests == [0, 2, 4, 8, 10, 10]
    hanging = [rest_after(failures, was_hanging=True).total_seconds() for failures in range(4, 13)]
    assert hanging == [0, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_ddd_that_is_away_is_tried_by_one_call_at_a_time_until_it_is_back(
    booked_cast: Cast, away: str, sandbox: RunningSandbox
) -> None:
    clock, group_id = Clock(), booked_cast.nordlys.pk
    assert dispatch.drain(group_id, clock) == OPENS_AT
    assert dispatch.drain(group_id, clock) == 0
    clock.forward(SHORTEST_REST.total_seconds())
    # One call, although ten wait and two may be sent at once.
    assert booked_cast.connection.slots == 1
    assert dispatch.drain(group_id, clock) == 1
    assert tries(booked_cast) == OPENS_AT + 1
    health = health_of(booked_cast.nordlys, clock())
    assert health.tried_again_at == clock() + 2 * SHORTEST_REST

    Connection.objects.filter(pk=booked_cast.connection.pk).update(base_url=away)
    assert dispatch.drain(group_id, clock) == 0
    clock.forward(60)
    while dispatch.drain(group_id, clock):
        clock.forward(60)
    assert set(Posting.objects.filter(group=group_id).values_list("state", flat=True)) == {State.SENT}
    assert len(sandbox.ledger()["sales"]) == 10
    connection = booked_cast.connection
    assert (connection.send_failures, connection.sends_rest_until, connection.slots) == (0, None, 2)
    assert health_of(booked_cast.nordlys, clock()).tried_again_at is None


def test_a_ddd_that_hangs_is_left_alone_after_two_calls(booked_cast: Cast, settings: PytestSettings) -> None:
    settings.DDD_TIMEOUT_SECONDS = 0.3
    for number in range(10):
        sale_row(booked_cast, Clock()(), f"W-{number}")
    clock = Clock()
    with silent() as url:
        Connection.objects.filter(group=booked_cast.nordlys).update(base_url=url)
        assert dispatch.drain(booked_cast.nordlys.pk, clock) == 2
        assert dispatch.drain(booked_cast.nordlys.pk, clock) == 0


def test_another_groups_ddd_is_not_left_alone(booked_cast: Cast, away: str) -> None:
    clock = Clock()
    dispatch.drain(booked_cast.nordlys.pk, clock)
    fjord = Connection.objects.get(group=booked_cast.fjord)
    assert booked_cast.connection.rests("send", clock())
    assert not fjord.rests("send", clock())


def test_polls_rest_apart_from_bookings(booked_cast: Cast, away: str, sandbox: RunningSandbox) -> None:
    clock, group_id = Clock(), booked_cast.nordlys.pk
    dispatch.drain(group_id, clock)
    for _poll in range(OPENS_AT):
        assert not booked_cast.connection.rests("read", clock())
        assert poll(group_id, clock()) is None
    assert booked_cast.connection.read_failures == OPENS_AT
    assert poll(group_id, clock()) is None
    assert booked_cast.connection.read_failures == OPENS_AT  # nothing was asked
    Connection.objects.filter(group=group_id).update(base_url=away)
    clock.forward(5)
    assert poll(group_id, clock()) is not None
    connection = booked_cast.connection
    # That it can be read says nothing of bookings.
    assert (connection.read_failures, connection.send_failures) == (0, OPENS_AT)


def test_the_groups_own_number_of_senders_counts(booked_cast: Cast) -> None:
    clock, group_id = Clock(), booked_cast.nordlys.pk
    for number in range(4):
        sale_row(booked_cast, clock(), f"W-{number}")
    for senders, claimed in ((None, 2), (3, 1), (1, 0)):
        Connection.objects.filter(group=group_id).update(senders=senders)
        taken = 0
        while dispatch.claim(group_id, clock()) is not None:
            taken += 1
        assert taken == claimed


def test_one_that_hangs_after_many_that_failed_at_once_rests_no_minute(booked_cast: Cast) -> None:
    clock, connection = Clock(), booked_cast.connection
    for _failure in range(50):
        connection.note_failure("send", clock())
    assert booked_cast.connection.sends_rest_until == clock() + timedelta(seconds=10)
    connection.note_failure("send", clock(), was_hanging=True)
    assert booked_cast.connection.sends_rest_until == clock() + timedelta(seconds=32)
