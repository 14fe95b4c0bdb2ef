"""The spans of today and yesterday on a clock that people read, and the figures of a span."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.calendars import Calendar
from office.listing.happenings import Figures, Moments, Span, figures_of, today_and_yesterday

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
MINUTE = timedelta(minutes=1)
ALWAYS_OPEN = Calendar({}, frozenset(), COPENHAGEN)
FROM_NINE = Calendar(dict.fromkeys(range(7), (time(9), time(18))), frozenset(), COPENHAGEN)
NINE = datetime(2026, 3, 3, 8, tzinfo=UTC)  # in Copenhagen


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "today_since", "yesterday_since", "yesterday_until"),
    [
        # A winter's and a summer's morning.
        ("2026-03-03T08:00", "2026-03-02T23:00", "2026-03-01T23:00", "2026-03-02T08:00"),
        ("2026-07-07T07:00", "2026-07-06T22:00", "2026-07-05T22:00", "2026-07-06T07:00"),
        # Half past midnight in Copenhagen is still the day before in UTC.
        ("2026-03-02T23:30", "2026-03-02T23:00", "2026-03-01T23:00", "2026-03-01T23:30"),
        ("2026-03-02T22:59", "2026-03-01T23:00", "2026-02-28T23:00", "2026-03-01T22:59"),
        # On 29 March the clocks go forward at 2: that day has 23 hours.
        ("2026-03-29T07:00", "2026-03-28T23:00", "2026-03-27T23:00", "2026-03-28T08:00"),
        ("2026-03-30T07:00", "2026-03-29T22:00", "2026-03-28T23:00", "2026-03-29T07:00"),
        # Half past two was not there the day before: as long after midnight as the clock says.
        ("2026-03-30T00:30", "2026-03-29T22:00", "2026-03-28T23:00", "2026-03-29T01:30"),
        # On 25 October they go back at 3: that day has 25.
        ("2026-10-25T08:00", "2026-10-24T22:00", "2026-10-23T22:00", "2026-10-24T07:00"),
        ("2026-10-26T08:00", "2026-10-25T23:00", "2026-10-24T22:00", "2026-10-25T08:00"),
    ],
)
def test_yesterday_ends_at_the_same_time_on_the_clock(
    now: str, today_since: str, yesterday_since: str, yesterday_until: str
) -> None:
    assert today_and_yesterday(utc(now), COPENHAGEN) == (
        Span(utc(today_since), utc(now)),
        Span(utc(yesterday_since), utc(yesterday_until)),
    )


def test_a_span_has_its_beginning_and_its_end_and_nothing_beyond() -> None:
    span = Span(NINE, NINE + MINUTE)
    tick = timedelta(microseconds=1)
    assert [
        span.has(NINE - tick),
        span.has(NINE),
        span.has(NINE + MINUTE),
        span.has(NINE + MINUTE + tick),
    ] == [
        False,
        True,
        True,
        False,
    ]
    assert not span.has(None)


def test_what_happened_outside_the_span_counts_for_nothing() -> None:
    span = Span(NINE, NINE + 60 * MINUTE)
    early, late = NINE - MINUTE, NINE + 61 * MINUTE
    moments = [
        Moments(1, early, NINE, NINE + 5 * MINUTE, late),
        Moments(1, NINE, NINE + 10 * MINUTE, NINE + 30 * MINUTE, NINE + 60 * MINUTE),
        Moments(1, NINE + MINUTE, None, None, None),
        Moments(1, early, early, early, early),
        Moments(1, NINE + 2 * MINUTE, late, late, late),
    ]
    returned = [(1, early), (2, NINE), (2, NINE + MINUTE), (3, late)]
    figures = figures_of(moments, returned, {1: ALWAYS_OPEN}, span)
    assert figures == Figures(
        came_in=3, ready=2, delivered=1, returned=1, minutes_to_take=5.5, minutes_to_ready=18.0
    )


def test_what_nobody_did_has_no_minutes() -> None:
    assert figures_of([], [], {}, Span(NINE, NINE)) == Figures(0, 0, 0, 0, None, None)


def test_an_order_of_the_night_waits_from_when_its_shop_opens() -> None:
    night = Moments(1, NINE - 9 * 60 * MINUTE, NINE + 4 * MINUTE, NINE + 9 * MINUTE, None)
    found = figures_of([night], [], {1: FROM_NINE}, Span(NINE - 540 * MINUTE, NINE + 60 * MINUTE))
    assert (found.minutes_to_take, found.minutes_to_ready) == (4.0, 9.0)


def test_the_median_is_not_moved_by_one_order_that_was_forgotten() -> None:
    moments = [Moments(1, NINE, NINE + wait * MINUTE, None, None) for wait in (2, 3, 4, 5, 480)]
    assert figures_of(moments, [], {1: ALWAYS_OPEN}, Span(NINE, NINE + 500 * MINUTE)).minutes_to_take == 4.0
