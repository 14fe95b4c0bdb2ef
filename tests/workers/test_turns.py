"""One worker at a time for each task of a Group, and one of several beats."""

import pytest
from django.db.models import F

from core import leases
from tests.factories import Cast
from tests.passing_time import let_leases_age
from workers import beat, turns
from workers.models import Heartbeat, Turn

done: list[int] = []


@pytest.fixture(autouse=True)
def nothing_is_done() -> None:
    done.clear()


@turns.one_at_a_time
def work(group_id: int) -> int:
    done.append(group_id)
    return group_id


@turns.one_at_a_time
def fail(group_id: int) -> None:
    raise ArithmeticError


@turns.one_at_a_time
def is_called_meanwhile(group_id: int) -> None:
    done.append(group_id)
    if len(done) == 1:
        is_called_meanwhile(group_id)


@turns.one_at_a_time
def takes_two_minutes(group_id: int) -> bool:
    for _half in range(4):
        let_leases_age(turns.LENGTH / 2)
        turns.renew_all()
    return leases.is_held(Turn.objects.get())


def test_a_task_of_a_group_is_left_to_the_worker_that_does_it(cast: Cast) -> None:
    nordlys, fjord = cast.nordlys.pk, cast.fjord.pk
    assert work(nordlys) == nordlys
    turn = Turn.objects.get()
    assert leases.take(turn, turns.LENGTH)
    assert (work(nordlys), work(fjord)) == (None, fjord)
    assert done == [nordlys, fjord]
    let_leases_age(turns.LENGTH)
    assert work(nordlys) == nordlys


def test_a_call_that_came_meanwhile_is_another_round(cast: Cast) -> None:
    is_called_meanwhile(cast.nordlys.pk)
    assert done == [cast.nordlys.pk] * 2
    assert set(Turn.objects.values_list("lease", "is_wanted_again")) == {("", False)}


def test_a_turn_is_given_back_when_the_task_fails(cast: Cast) -> None:
    with pytest.raises(ArithmeticError):
        fail(cast.nordlys.pk)
    assert not leases.is_held(Turn.objects.get())
    assert turns._held == {}


def test_a_turn_is_kept_for_as_long_as_the_task_takes(cast: Cast) -> None:
    assert takes_two_minutes(cast.nordlys.pk) is True


def test_of_two_beats_one_calls_and_the_other_takes_over(db: None) -> None:
    first, second = beat.row_of_beat(), beat.row_of_beat()
    assert [beat.is_first(one) for one in (first, second, first, second)] == [True, False, True, False]
    let_leases_age(beat.LENGTH)
    assert [beat.is_first(one) for one in (second, first)] == [True, False]
    assert Heartbeat.objects.get().heard_at is not None
    Heartbeat.objects.update(leased_until=F("leased_until") - beat.LENGTH)
    assert [beat.is_first(one) for one in (first, second)] == [True, False]
