"""Opening hours: which moments are open, how many minutes of a span were, and when a promise is due."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from accounts.hours import is_open, open_minutes, plus_open_minutes

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
ALWAYS: dict[int, tuple[time, time]] = {}
# Monday to Friday ten to six, Saturday ten to two; closed on Sundays.
WEEK = {day: (time(10), time(18)) for day in range(5)} | {5: (time(10), time(14))}
ALL_NIGHT = {day: (time(0, 30), time(23, 30)) for day in range(7)}
CHRISTMAS = frozenset({date(2026, 12, 24), date(2026, 12, 25)})
NO_DAY = frozenset[date]()


def local(text: str) -> datetime:
    """`2026-03-03 10:00` as clocks in Copenhagen show it; `+` says the second of two such hours."""
    moment = datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=COPENHAGEN, fold=int(text[-1] == "+"))
    return moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "hours", "closed", "expected"),
    [
        ("2026-03-03 09:59:59", WEEK, NO_DAY, False),
        ("2026-03-03 10:00", WEEK, NO_DAY, True),
        ("2026-03-03 17:59:59", WEEK, NO_DAY, True),
        ("2026-03-03 18:00", WEEK, NO_DAY, False),
        ("2026-03-07 13:59", WEEK, NO_DAY, True),
        ("2026-03-07 14:00", WEEK, NO_DAY, False),
        ("2026-03-08 12:00", WEEK, NO_DAY, False),
        ("2026-12-24 12:00", WEEK, CHRISTMAS, False),
        ("2026-12-23 12:00", WEEK, CHRISTMAS, True),
        ("2026-03-08 03:00", ALWAYS, NO_DAY, True),
        ("2026-12-24 23:59", ALWAYS, CHRISTMAS, False),
        ("2026-12-26 00:00", ALWAYS, CHRISTMAS, True),
        # In summer Copenhagen's ten o'clock is eight in UTC, in winter nine.
        ("2026-07-07 10:00", WEEK, NO_DAY, True),
        ("2026-07-07 09:59", WEEK, NO_DAY, False),
    ],
)
def test_a_shop_is_open_from_its_first_minute_until_the_moment_it_closes(
    moment: str, hours: dict[int, tuple[time, time]], closed: frozenset[date], expected: bool
) -> None:
    assert is_open(hours, closed, COPENHAGEN, local(moment)) is expected


@pytest.mark.parametrize(
    ("start", "end", "hours", "closed", "minutes"),
    [
        ("2026-03-03 10:00", "2026-03-03 10:20", WEEK, NO_DAY, 20),
        ("2026-03-03 08:00", "2026-03-03 10:20", WEEK, NO_DAY, 20),
        ("2026-03-03 17:50", "2026-03-03 23:00", WEEK, NO_DAY, 10),
        ("2026-03-03 17:50", "2026-03-04 10:05", WEEK, NO_DAY, 15),
        ("2026-03-07 13:30", "2026-03-09 10:30", WEEK, NO_DAY, 60),
        ("2026-03-03 19:00", "2026-03-04 09:00", WEEK, NO_DAY, 0),
        ("2026-03-03 10:20", "2026-03-03 10:00", WEEK, NO_DAY, 0),
        ("2026-03-03 10:00", "2026-03-03 10:00:45", WEEK, NO_DAY, 0.75),
        ("2026-12-23 17:00", "2026-12-28 11:00", WEEK, CHRISTMAS, 60 + 4 * 60 + 60),
        ("2026-03-03 23:00", "2026-03-04 01:00", ALWAYS, NO_DAY, 120),
        ("2026-12-23 23:00", "2026-12-26 01:00", ALWAYS, CHRISTMAS, 120),
        ("2026-03-02 00:00", "2026-03-09 00:00", WEEK, NO_DAY, (5 * 8 + 4) * 60),
        # The night of 29 March 2026 has no hour from two to three, that of 25 October has it twice.
        ("2026-03-29 00:00", "2026-03-30 00:00", ALWAYS, NO_DAY, 23 * 60),
        ("2026-10-25 00:00", "2026-10-26 00:00", ALWAYS, NO_DAY, 25 * 60),
        ("2026-03-29 01:00", "2026-03-29 04:00", ALL_NIGHT, NO_DAY, 2 * 60),
        ("2026-10-25 01:00", "2026-10-25 04:00", ALL_NIGHT, NO_DAY, 4 * 60),
        ("2026-10-25 02:30", "2026-10-25 02:30+", ALL_NIGHT, NO_DAY, 60),
        ("2026-03-28 17:00", "2026-03-30 11:00", WEEK, NO_DAY, 60),
        ("2026-10-24 13:00", "2026-10-26 11:00", WEEK, NO_DAY, 120),
    ],
)
def test_minutes_count_only_while_the_shop_is_open(
    start: str, end: str, hours: dict[int, tuple[time, time]], closed: frozenset[date], minutes: float
) -> None:
    assert open_minutes(hours, closed, COPENHAGEN, local(start), local(end)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "hours", "closed", "due"),
    [
        ("2026-03-03 10:00", 60, WEEK, NO_DAY, "2026-03-03 11:00"),
        ("2026-03-03 17:00", 60, WEEK, NO_DAY, "2026-03-03 18:00"),
        ("2026-03-03 17:30", 60, WEEK, NO_DAY, "2026-03-04 10:30"),
        ("2026-03-03 18:00", 60, WEEK, NO_DAY, "2026-03-04 11:00"),
        ("2026-03-03 03:00", 60, WEEK, NO_DAY, "2026-03-03 11:00"),
        ("2026-03-07 13:30", 60, WEEK, NO_DAY, "2026-03-09 10:30"),
        ("2026-03-03 20:00", 0, WEEK, NO_DAY, "2026-03-04 10:00"),
        ("2026-12-23 17:30", 60, WEEK, CHRISTMAS, "2026-12-26 10:30"),
        ("2026-12-23 23:30", 60, ALWAYS, CHRISTMAS, "2026-12-26 00:30"),
        ("2026-03-03 10:00", 24 * 60, ALWAYS, NO_DAY, "2026-03-04 10:00"),
        ("2026-03-29 01:30", 60, ALWAYS, NO_DAY, "2026-03-29 03:30"),
        ("2026-10-25 02:30", 60, ALWAYS, NO_DAY, "2026-10-25 02:30+"),
        ("2026-10-25 01:30", 120, ALL_NIGHT, NO_DAY, "2026-10-25 02:30+"),
        ("2026-10-24 13:30", 60, WEEK, NO_DAY, "2026-10-26 10:30"),
    ],
)
def test_a_promise_is_due_when_the_shop_has_been_open_for_so_long(
    start: str, minutes: int, hours: dict[int, tuple[time, time]], closed: frozenset[date], due: str
) -> None:
    assert plus_open_minutes(hours, closed, COPENHAGEN, local(start), minutes) == local(due)


def test_hours_that_a_change_of_clocks_swallows_are_no_minutes() -> None:
    at_night = {6: (time(2, 30), time(3, 15))}
    start = local("2026-03-29 00:00")
    assert open_minutes(at_night, NO_DAY, COPENHAGEN, start, start + timedelta(hours=12)) == 0
    assert not is_open(at_night, NO_DAY, COPENHAGEN, local("2026-03-29 03:10"))


def test_spans_add_up_however_they_are_cut() -> None:
    start = local("2026-10-20 07:13")
    cuts = [start + timedelta(minutes=171 * number) for number in range(120)]
    parts = [open_minutes(WEEK, CHRISTMAS, COPENHAGEN, *pair) for pair in pairwise(cuts)]
    assert sum(parts) == pytest.approx(open_minutes(WEEK, CHRISTMAS, COPENHAGEN, cuts[0], cuts[-1]))


def test_the_zone_in_which_a_moment_is_said_does_not_matter() -> None:
    start = datetime(2026, 10, 25, 1, 30, tzinfo=COPENHAGEN)
    due = plus_open_minutes(ALWAYS, NO_DAY, COPENHAGEN, start, 120)
    assert due == local("2026-10-25 02:30+")
    assert open_minutes(ALWAYS, NO_DAY, COPENHAGEN, start, due.astimezone(COPENHAGEN)) == 120
