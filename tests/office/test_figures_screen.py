"""The screen of figures: what stands where, for few and for many, in both languages, and as a file."""

import re
from datetime import date, timedelta
from html import escape, unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from core.words import moment
from office.figures import counting
from office.figures.drawing import bars, line, scale, spread_labels, top_for, top_for_counts
from office.figures.forms import MOST_WEEKS, FiguresForm
from office.figures.selection import Selection
from office.figures.words import change_of_length, change_of_number, change_of_share, length, percent
from office.models import Counting, WeeklyFigure
from office.models.daily_figure import EVERY
from orders import collecting
from orders.models import WebOrder
from tests.core.pages import DANISH, ENGLISH, Page, browser
from tests.factories import NOW, Cast, delivered, new_order, picked, received, taken_back

pytestmark = pytest.mark.any_database

MONDAY, WEEK = date(2026, 3, 2), timedelta(days=7)
SPAN = {"came_from": "2026-03-04", "came_until": "2026-03-04"}


@pytest.fixture
def counted(cast: Cast) -> Cast:
    """Two orders in Aarhus, one of them with a piece missing, and one in Odense of the week before."""
    taken_back(cast, delivered(cast), paid_by="cash")
    picked(cast, missing=(1,))
    received(cast, new_order(shop_id=996002), "outlet", NOW - WEEK)
    counting.count_all(cast.nordlys, NOW + timedelta(days=1))
    return cast


def shown(cast: Cast, language: dict[str, str] = ENGLISH, **query: str) -> Page:
    return Page(browser(cast, "office", language).get("/figures/", query or SPAN))


def test_the_figures_of_a_week_stand_beside_those_of_the_week_before(counted: Cast) -> None:
    assert shown(counted).rows[1:13] == [
        "Orders came in 2 1 +100 %",
        "Half were taken within 1 min – –",
        "9 of 10 were taken within 1 min – –",
        "Half were ready within 5 min – –",
        "9 of 10 were ready within 5 min – –",
        "Half were collected within 24 min – –",
        "9 of 10 were collected within 24 min – –",
        "Picked at first try 50.0 % – –",
        "Ready after the promise 0 % – –",
        "Not collected 0 % – –",
        "Pieces that were missing 1 0 –",
        "Pieces that came back 2 0 –",
    ]


def test_shops_web_shops_and_weeks_have_rows_with_the_lists_behind_them(counted: Cast) -> None:
    page = shown(counted, came_from="2026-02-23", came_until="2026-03-08")
    figures = "2 1 min / 1 min 5 min / 5 min 24 min / 24 min 50.0 % 0 % 0 % 1 2"
    nothing = "1 – – – – – – 0 0"
    assert page.rows[-9:] == [
        page.rows[-9],
        f"Aarhus {figures}",
        f"Odense {nothing}",
        page.rows[-6],
        f"nordlys {figures}",
        f"outlet {nothing}",
        page.rows[-3],
        f"23 Feb {nothing}",
        f"2 Mar {figures}",
    ]
    assert page.links["Aarhus"] == "/figures/?shop=996001&came_from=2026-02-23&came_until=2026-03-08"


def test_numbers_lead_to_just_their_orders(counted: Cast) -> None:
    client = browser(counted, "office")
    page = client.get("/figures/", {"came_from": "2026-02-23", "came_until": "2026-03-08"})
    lists = re.findall(r'href="(/orders/\?[^"]*)">(\d+)</a>', page.content.decode())
    expected = {
        "came_from=2026-02-23&came_until=2026-03-08": ("3", 3),
        "came_from=2026-02-23&came_until=2026-03-08&only=missing": ("1", 1),
        "shop=996001&came_from=2026-02-23&came_until=2026-03-08": ("2", 2),
        "web_shop=2&came_from=2026-02-23&came_until=2026-03-08": ("1", 1),
        "came_from=2026-02-23&came_until=2026-03-01": ("1", 1),
        "happened=returned&since=2026-02-22T23%3A00%3A00Z&until=2026-03-08T23%3A00%3A00Z": ("2", 1),
    }
    found = {unescape(address).partition("?")[2]: number for address, number in lists}
    shown = {
        query: (found.get(query), len(Page(client.get(f"/orders/?{query}")).rows) - 1) for query in expected
    }
    assert shown == expected


def test_shares_of_what_went_wrong_lead_to_just_their_orders(counted: Cast) -> None:
    late = picked(counted)
    WebOrder.objects.filter(pk=late.pk).update(promised_at=NOW)
    waiting = picked(counted)
    assert waiting.collect_by is not None
    collecting.give_up(waiting, waiting.collect_by + timedelta(minutes=1))
    counting.count_all(counted.nordlys, waiting.collect_by + timedelta(days=1))
    client = browser(counted, "office")
    page = client.get("/figures/", SPAN).content.decode()
    for only, order in (("late", late), ("not+collected", waiting)):
        query = f"came_from=2026-03-02&came_until=2026-03-08&only={only}"
        # One of four: two more were ready in this week.
        assert f'href="/orders/?{escape(query)}">25.0 %</a>' in page
        [_head, row] = Page(client.get(f"/orders/?{query}")).rows
        assert row.startswith(order.order_no)


def test_it_is_said_until_when_the_figures_are_counted(cast: Cast) -> None:
    assert "Nothing is counted yet." in shown(cast).text
    now = timezone.now()
    today, all_of_it = now - timedelta(minutes=3), now - timedelta(days=3)
    Counting.objects.create(group=cast.nordlys, today_until=today, counted_until=all_of_it)
    with override("en"), timezone.override("Europe/Copenhagen"):
        said = f"last {moment(today)}; older ones each night, last {moment(all_of_it)}."
    assert f"Today's orders are counted every few minutes, {said}" in shown(cast).text


def test_a_shop_and_a_web_shop_narrow_every_figure(counted: Cast) -> None:
    page = shown(counted, shop="996002", web_shop="2", came_from="2026-02-23", came_until="2026-02-23")
    assert page.rows[1] == "Orders came in 1 0 –"
    assert [row for row in page.rows if row.startswith(("Aarhus", "nordlys"))] == []


def test_danish_is_written_in_danish(counted: Cast) -> None:
    assert "Plukket i første forsøg 50,0 % – –" in shown(counted, DANISH).rows


def test_charts_have_the_same_numbers_as_their_tables(counted: Cast) -> None:
    page = shown(counted, came_from="2026-02-23", came_until="2026-03-08")
    assert page.rows.count("2 Mar 2") == 2  # orders, and pieces that came back
    assert "2 Mar 24 min 24 min" in page.rows


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (
            {"came_from": "2026-03-09", "came_until": "2026-03-02"},
            "came_until: The last day is before",
        ),
        ({"came_from": "2024-01-01", "came_until": "2026-03-02"}, "came_from: Choose at most 53 weeks."),
        ({"came_from": "1999-01-01"}, "came_from: Ensure this value is greater than"),
        ({"web_shop": "3"}, "web_shop: Select a valid choice."),
    ],
)
def test_a_wrong_choice_shows_the_usual_weeks(query: dict[str, str], fault: str) -> None:
    form = FiguresForm(query, shops=[], web_shops=[], today=date(2026, 5, 5))
    with override("en"):
        [(field, [error])] = form.errors.items()
        assert f"{field}: {error}".startswith(fault)
    assert form.selection() == FiguresForm({}, shops=[], web_shops=[], today=date(2026, 5, 5)).selection()


def test_a_wrong_choice_is_told_on_the_screen(cast: Cast) -> None:
    page = shown(cast, shop="997001")
    assert "Shop: Select a valid choice. 997001 is not one of the available choices." in page.text
    assert "The last 13 weeks of all shops are shown." in page.text


def test_days_are_widened_to_whole_weeks(cast: Cast) -> None:
    asked = {"came_from": "2026-03-04", "came_until": "2026-03-09"}
    form = FiguresForm(asked, shops=[], web_shops=[], today=date(2026, 5, 5))
    assert form.selection() == Selection(MONDAY, MONDAY + WEEK)
    assert form.selection().before == Selection(MONDAY - 2 * WEEK, MONDAY - WEEK)
    usual = FiguresForm({}, shops=[], web_shops=[], today=date(2026, 3, 8)).selection()
    assert (len(usual.weeks), usual.last) == (13, MONDAY)
    longest = {"came_from": "2025-03-03", "came_until": "2026-03-08"}
    assert len(FiguresForm(longest, shops=[], web_shops=[], today=MONDAY).selection().weeks) == MOST_WEEKS


def test_no_group_sees_anothers_figures(counted: Cast) -> None:
    client = browser(counted, "fjord office")
    page = Page(client.get("/figures/", SPAN))
    assert "No order came in." in page.text or "Nothing is counted yet." in page.text


def many_weeks(cast: Cast, shops: int) -> None:
    """Figures of so many shops in each of 26 weeks."""
    made = Shop.objects.bulk_create(
        Shop(group=cast.nordlys, shop_id=500_000 + number, name=f"S{number}") for number in range(shops)
    )
    WeeklyFigure.objects.bulk_create(
        WeeklyFigure(
            group=cast.nordlys,
            shop=shop,
            web_shop=EVERY,
            day=MONDAY - week * WEEK,
            counts={"came in": 3, "take:9": 3},
        )
        for shop in [EVERY, *(one.pk for one in made)]
        for week in range(2, 27)
    )


@pytest.mark.parametrize("shops", [0, 60])
def test_the_screen_asks_twelve_queries_however_much_there_is(
    counted: Cast, shops: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many_weeks(counted, shops)
    client = browser(counted, "office")
    with django_assert_num_queries(12):
        page = Page(client.get("/figures/", {"came_until": "2026-03-02"}))
    assert len([row for row in page.rows if row.startswith("S")]) == shops + 1  # and the head


def test_a_file_has_what_is_shown(counted: Cast) -> None:
    client = browser(counted, "office")
    answer = client.get("/figures/file/csv/", SPAN)
    assert answer["Content-Disposition"] == 'attachment; filename="figures-2026-03-02-2026-03-08.csv"'
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    figures = "2,1.0,1.0,4.8,4.8,24.4,24.4,50.0,0.0,0.0,1,2,1,199.95"
    assert [line.split(",")[:2] for line in lines[3:]] == [
        ["Week", "2026-03-02"],
        ["Shop", "Aarhus"],
        ["Web shop", "nordlys"],
        ["Why pieces were missing", "Not found on the shelf"],
        ["Why pieces came back", lines[7].split(",")[1]],
        ["Why paid pieces were not given out", "Missing"],
    ]
    assert lines[1] == f"All,2 Mar – 8 Mar 2026,{figures}"
    assert lines[4] == f"Shop,Aarhus,{figures}"
    assert lines[6].endswith(",1,,,")
    assert lines[7].endswith(",,2,,")
    assert lines[8].endswith(",,,1,")


def test_a_file_may_be_xlsx_and_is_nothing_else(counted: Cast) -> None:
    client = browser(counted, "office")
    with ZipFile(BytesIO(client.get("/figures/file/xlsx/", SPAN).content)) as file:
        assert b"Aarhus" in file.read("xl/worksheets/sheet1.xml")
    assert client.get("/figures/file/pdf/").status_code == 404


# --- charts and words, which need no database -------------------------------------------------------------


def test_a_scale_ends_at_the_first_step_above_all_values() -> None:
    assert [top_for_counts(values) for values in ([], [5], [6], [51], [1_000_001])] == [
        5,
        5,
        10,
        100,
        2_000_000,
    ]
    assert [top_for(values, (5, 60)) for values in ([], [5.0], [5.1], [61])] == [5, 5, 60, 120]
    assert [tick.at for tick in scale(10, str)] == ["164.0", "93.0", "22.0"]


def test_a_week_without_a_value_is_a_gap_in_the_line() -> None:
    drawn = line("half", "circle", [1.0, 4.0, None, 2.0], 4.0, str)
    assert [mark.is_labelled for mark in drawn.marks] == [False, True, False]
    assert [path.count(",") for path in drawn.paths] == [2]
    assert drawn.last == "2.0"
    assert line("half", "circle", [None, None], 4.0, str).marks == []


def test_names_at_the_ends_of_lines_stand_apart() -> None:
    one, other = (line(name, "circle", [value], 10.0, str) for name, value in (("a", 1.0), ("b", 1.1)))
    lowest, upper = spread_labels([one, other])
    assert lowest.end - upper.end == 30


def test_the_highest_is_not_told_again_when_the_end_of_the_line_says_the_same() -> None:
    for values in ([None, None, 0.5], [0.4, 0.3], [3.0, 1.0, 3.0]):
        drawn = line("half", "circle", values, 5.0, length)
        assert [mark for mark in drawn.marks if mark.is_labelled] == []


def test_no_words_in_a_chart_cover_others() -> None:
    half = line("half", "circle", [1.0, 3.0, 2.0, 1.0], 60.0, str)
    most = line("9 of 10", "square", [1.0, 3.1, 2.0, 1.0], 60.0, str)
    told = [
        (one.name, mark.words)
        for one in spread_labels([half, most])
        for mark in one.marks
        if mark.is_labelled
    ]
    assert told == [("9 of 10", "3.1")]
    higher = line("9 of 10", "square", [1.0, 20.0, 2.0, 1.0], 60.0, str)
    assert [
        mark.words for one in spread_labels([half, higher]) for mark in one.marks if mark.is_labelled
    ] == [
        "3.0",
        "20.0",
    ]
    thirteen = line("half", "circle", [*[1.0] * 11, 9.0, 2.0], 60.0, str)
    [mark] = [mark for mark in thirteen.marks if mark.is_labelled]
    assert mark.reach == "left"  # away from what stands at the end of the line
    assert (thirteen.marks[0].reach, thirteen.marks[5].reach) == ("right", "")


def test_many_bars_say_only_the_highest_and_the_last() -> None:
    assert [bar.words for bar in bars([1, 0, 3], 5, str) if bar.is_labelled] == ["1", "3"]
    assert [bar.words for bar in bars([1] * 20 + [9, 2], 10, str) if bar.is_labelled] == ["9", "2"]


def test_figures_in_words() -> None:
    assert [length(minutes) for minutes in (None, 0.5, 12.4, 100, 1213, 4176)] == [
        *("–", "under 1 min", "12 min", "1 h 40 min", "20 h", "2.9 days"),
    ]
    assert [percent(part) for part in (None, 0, 0.0157, 1)] == ["–", "0 %", "1.6 %", "100 %"]
    changes = [change_of_number(*pair) for pair in ((9, 12), (3, 0), (4, 4), (99, 1))]
    assert changes == ["−25 %", "–", "the same", "+9,800 %"]
    assert [change_of_length(15, 12), change_of_length(None, 12)] == ["+3 min", "–"]
    assert change_of_share(0.5, 0.512) == "−1.2 points"
