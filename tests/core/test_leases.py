"""One worker at a time: by a token, and by the database's clock."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from core import leases
from core.leases import LeaseLost
from office.models import DryRun
from tests.factories import NOW, Cast
from tests.orders.together import at_once
from tests.passing_time import let_leases_age

MINUTE, SECOND, MILLISECOND = timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1)
WORKERS, ROWS = 8, 12


@pytest.fixture
def row(cast: Cast) -> DryRun:
    return a_row(cast)


def a_row(cast: Cast) -> DryRun:
    data: dict[str, Any] = {"made_at": NOW, "wanted": {}, "fields": [], "typed": {}}
    return DryRun.objects.create(group=cast.nordlys, policy="alert", by=cast.person("office"), **data)


def same(row: DryRun) -> DryRun:
    """The row as another worker reads it."""
    return DryRun.objects.get(pk=row.pk)


def stored(row: DryRun) -> dict[str, Any]:
    return dict(DryRun.objects.values().get(pk=row.pk))


def test_who_takes_a_row_has_it_until_the_lease_has_run_out(row: DryRun) -> None:
    assert not leases.is_held(row)
    assert leases.take(row, MINUTE, percent=1)
    assert (row.percent, leases.is_held(row)) == (1, True)
    before = stored(row)
    let_leases_age(50 * SECOND)
    assert not leases.take(same(row), MINUTE, percent=2)
    assert (stored(row)["percent"], stored(row)["lease"]) == (before["percent"], before["lease"])
    let_leases_age(10 * SECOND)
    assert not leases.is_held(row)
    assert leases.take(same(row), MINUTE, percent=2)
    assert stored(row)["percent"] == 2


def test_a_row_that_was_read_before_its_worker_was_done_says_so_still(row: DryRun) -> None:
    leases.take(row, MINUTE)
    read = same(row)
    leases.release(row, percent=100)
    assert (read.percent, leases.is_held(read)) == (0, True)
    assert not leases.is_held(same(row))


def test_what_has_changed_since_it_was_read_is_not_taken(row: DryRun) -> None:
    DryRun.objects.update(done_at=NOW)
    before = stored(row)
    assert not leases.take(row, MINUTE, Q(done_at=None))
    assert (stored(row), row.lease) == (before, "")


def test_who_renews_has_the_whole_time_again(row: DryRun) -> None:
    leases.take(row, MINUTE)
    let_leases_age(50 * SECOND)
    leases.renew(row, MINUTE, percent=40)
    let_leases_age(50 * SECOND)
    assert not leases.take(same(row), MINUTE)
    assert stored(row)["percent"] == 40


def test_who_was_slow_goes_on_as_long_as_nobody_else_has_come(row: DryRun) -> None:
    leases.take(row, MINUTE)
    let_leases_age(10 * MINUTE)
    leases.renew(row, MINUTE)
    assert not leases.take(same(row), MINUTE)


def test_a_row_that_is_released_is_anybodys(row: DryRun) -> None:
    leases.take(row, MINUTE)
    leases.release(row, percent=100)
    assert (stored(row)["percent"], leases.is_held(same(row))) == (100, False)
    assert leases.take(same(row), MINUTE)


def test_a_resting_row_is_not_held_and_cannot_be_taken(row: DryRun) -> None:
    leases.take(row, MINUTE)
    leases.release(row, rest=MINUTE)
    let_leases_age(50 * SECOND)
    assert not leases.is_held(same(row))
    assert not leases.take(same(row), MINUTE)
    let_leases_age(10 * SECOND)
    assert leases.take(same(row), MINUTE)


def renew(row: DryRun) -> None:
    leases.renew(row, MINUTE, percent=99)


def release(row: DryRun) -> None:
    leases.release(row, percent=99)


def another_took_it_over(row: DryRun) -> None:
    let_leases_age(MINUTE)
    assert leases.take(same(row), MINUTE, percent=50)


def a_person_revoked_it(row: DryRun) -> None:
    assert leases.revoke(DryRun.objects.filter(pk=row.pk), percent=50) == 1


def it_was_left_by_a_dead_worker(row: DryRun) -> None:
    assert leases.expire(DryRun.objects.all(), percent=50) == 0
    let_leases_age(MINUTE)
    assert leases.expire(DryRun.objects.all(), percent=50) == 1


def it_is_gone(row: DryRun) -> None:
    DryRun.objects.filter(pk=row.pk).delete()


def the_worker_gave_it_back(row: DryRun) -> None:
    leases.release(row)


@pytest.mark.parametrize(
    "lost",
    [
        another_took_it_over,
        a_person_revoked_it,
        it_was_left_by_a_dead_worker,
        it_is_gone,
        the_worker_gave_it_back,
    ],
)
@pytest.mark.parametrize("write", [renew, release])
def test_who_has_lost_a_lease_writes_nothing_and_says_so(
    write: Callable[[DryRun], None], lost: Callable[[DryRun], None], row: DryRun
) -> None:
    leases.take(row, MINUTE)
    lost(row)
    before = list(DryRun.objects.values())
    with pytest.raises(LeaseLost, match=rf"office\.DryRun {row.pk}: "):
        write(row)
    assert list(DryRun.objects.values()) == before


def test_a_row_that_was_never_taken_is_not_written_either(row: DryRun) -> None:
    before = stored(row)
    with pytest.raises(LeaseLost):
        leases.release(row, percent=99)
    assert stored(row) == before


@pytest.mark.parametrize("end", [-MINUTE, -SECOND, -MILLISECOND, MILLISECOND, SECOND, MINUTE])
def test_ends_are_told_from_the_moment_to_a_millisecond(end: timedelta, row: DryRun) -> None:
    """Both in one statement, so at one moment of the database's clock."""
    leases.take(row, MINUTE)
    until = ExpressionWrapper(Now() + end, output_field=DateTimeField())
    is_over = DryRun.objects.annotate(until=until).filter(until__lte=Now()).exists()
    assert is_over == (end < timedelta())


@pytest.mark.django_db(transaction=True)
def test_sqlite_tells_ends_apart_however_a_moment_is_written(row: DryRun) -> None:
    """It compares texts, and a whole second is written without its fraction."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL compares moments.")
    started = datetime(2026, 3, 3, 9, tzinfo=UTC)
    moments = [started + timedelta(microseconds=us) for us in (0, 1000, 500_000, 999_000, 1_000_000)]
    ends = [moment + timedelta(microseconds=us) for moment in moments for us in (-1000, -999, -1, 0, 1, 1000)]
    connection.close()  # a statement that ran before would keep SQLite's own clock
    try:
        for now in moments:
            the_clock_of_sqlite_stands_at(now)
            for until in ends:
                DryRun.objects.update(lease="another's", leased_until=until)
                is_free, is_held = DryRun.objects.filter(leases.free()).exists(), leases.is_held(same(row))
                assert is_free != is_held, (now, until)
                # Its clock shows milliseconds.
                if abs(until - now) >= MILLISECOND:
                    assert is_free == (until < now), (now, until)
    finally:
        connection.close()


def the_clock_of_sqlite_stands_at(now: datetime) -> None:
    connection.ensure_connection()
    shown = f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03}"
    connection.connection.create_function("strftime", 2, lambda _how, _when: shown)


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_at_once_have_each_row_once(cast: Cast) -> None:
    rows = [a_row(cast) for _number in range(ROWS)]

    def work() -> list[int]:
        done = []
        for one in DryRun.objects.filter(leases.free(), done_at=None).order_by("pk"):
            if leases.take(one, MINUTE, Q(done_at=None), percent=F("percent") + 1):
                leases.renew(one, MINUTE)
                leases.release(one, done_at=NOW)
                done.append(one.pk)
        return done

    done = at_once(*[work] * WORKERS)

    assert all(isinstance(of_one, list) for of_one in done), done
    every = Counter(pk for of_one in done for pk in of_one)  # type: ignore[union-attr]
    assert every == Counter(row.pk for row in rows)
    assert set(DryRun.objects.values_list("percent", "lease", "leased_until")) == {(1, "", None)}


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_take_over_from_a_dead_one_one_does(cast: Cast) -> None:
    dead = a_row(cast)
    leases.take(dead, MINUTE)
    let_leases_age(MINUTE)
    tokens = [same(dead) for _worker in range(WORKERS)]

    taken = at_once(*[lambda mine=mine: leases.take(mine, MINUTE) for mine in tokens])

    assert Counter(taken) == {True: 1, False: WORKERS - 1}
    [winner] = [mine for mine, is_mine in zip(tokens, taken, strict=True) if is_mine]
    leases.renew(winner, MINUTE)
    with pytest.raises(LeaseLost):
        leases.renew(dead, MINUTE)


@pytest.mark.django_db(transaction=True)
def test_who_takes_over_waits_for_what_the_other_writes_with_its_lease(cast: Cast) -> None:
    """The slow worker's transaction ends first, or it finds its lease gone and writes nothing."""
    slow = a_row(cast)
    leases.take(slow, MINUTE)
    let_leases_age(MINUTE)

    def write_in_steps() -> str:
        with transaction.atomic():
            leases.renew(slow, MINUTE)
            seen = same(slow).lease
            DryRun.objects.filter(pk=slow.pk).update(result={"of": slow.lease})
        return seen

    def take_over() -> bool:
        return leases.take(same(slow), MINUTE, result={"of": "the other"})

    wrote, took = at_once(write_in_steps, take_over)
    if took:
        assert isinstance(wrote, LeaseLost)
        assert same(slow).result == {"of": "the other"}
    else:
        assert (wrote, same(slow).result) == (slow.lease, {"of": slow.lease})
