"""Head office decides when shops are open."""

from datetime import date, time, timedelta

import pytest
from django.utils.translation import override

from accounts.calendars import calendar_of
from accounts.models import ClosedDay, OpeningHours, SettingChange, Shop
from accounts.opening_hours import close_on, open_on, save_week
from core.words import short_day
from office.shops.opening_words import open_minutes_in_words, today_in_words
from tests.core.pages import DANISH, ENGLISH, Page, browser
from tests.factories import NOW, Cast
from tests.office.settings import as_shown
from tests.office.test_shops import queries

pytestmark = pytest.mark.any_database

WEEK_QUERIES, HOLIDAY_QUERIES = 13, 8
TEN_TO_SIX = (time(10), time(18))
WEEKDAYS = dict.fromkeys(range(5), TEN_TO_SIX)
TO_COME = date.today() + timedelta(days=30)
TYPED = {"when": "hours", **{f"opens_{day}": "10:00" for day in range(5)}} | {
    f"closes_{day}": "18:00" for day in range(5)
}
DAYS = {"days-TOTAL_FORMS": "6", "days-INITIAL_FORMS": "0", "whose": "all"}


def test_opening_hours_are_said_in_words(cast: Cast) -> None:
    shop = cast.aarhus
    assert today_in_words(calendar_of(shop), NOW) == "always open"
    save_week(shop, WEEKDAYS)
    calendar = calendar_of(shop)
    for hours, said in (
        (0, "open today until 18:00"),
        (-1, "opens today at 10:00"),
        (8, "closed, opens Wed 4 Mar at 10:00"),
    ):
        assert today_in_words(calendar, NOW + timedelta(hours=hours)) == said
    counted = "The alert counts 480 open minutes today, and 2,400 in the seven days from today."
    assert open_minutes_in_words(calendar, NOW) == counted


def test_the_week_of_a_shop_is_kept_and_told_in_words(cast: Cast) -> None:
    office, url = browser(cast, "office"), _url(cast.aarhus)
    assert office.post(url, as_shown(office, url) | TYPED).status_code == 302
    kept = OpeningHours.objects.filter(shop=cast.aarhus).values_list("weekday", "opens", "closes")
    assert list(kept) == [(day, *TEN_TO_SIX) for day in range(5)]
    page = Page(office.get(url))
    assert "Monday: – → 10:00–18:00" in page.text
    assert page.faults == []
    assert office.post(url, as_shown(office, url) | {"when": "always"}).status_code == 302
    assert OpeningHours.objects.count() == 0


def test_the_same_times_are_kept_for_other_shops_of_the_group_alone(cast: Cast) -> None:
    office, url = browser(cast, "office"), _url(cast.aarhus)
    asked = as_shown(office, url) | TYPED
    foreign = cast.fjord.shops.values_list("shop_id", flat=True)[0]
    answer = office.post(url, asked | {"others": [foreign]})
    assert answer.status_code == 422
    assert f"There is no shop {foreign} here." in Page(answer).text
    assert OpeningHours.objects.count() == 0
    assert office.post(url, asked | {"others": ["996002", "996003"]}).status_code == 302
    kept = OpeningHours.objects.values_list("shop__shop_id", flat=True)
    assert sorted(kept) == [996001] * 5 + [996002] * 5 + [996003] * 5
    assert set(SettingChange.objects.values_list("about", flat=True)) == {
        f"hours {cast.shop(shop_id).pk}" for shop_id in (996001, 996002, 996003)
    }


def test_a_week_that_cannot_be_is_refused_at_its_field(cast: Cast) -> None:
    office, url = browser(cast, "office"), _url(cast.aarhus)
    save_week(cast.aarhus, WEEKDAYS)
    shown = as_shown(office, url)
    closed = {name: "" for name in shown if name.startswith(("opens", "closes"))}
    for wrong, field, said in (
        ({"closes_0": "10:00"}, "closes_0", "It closes after it opens; until midnight is 23:59 here."),
        ({"closes_1": ""}, "closes_1", "Both times, or none on a day that is closed."),
        ({"opens_2": "25:00"}, "opens_2", "Enter a valid time."),
        (closed, "when", "A shop that never opens is never alerted: give it one day at least."),
        (
            {"when": "sometimes"},
            "when",
            "Select a valid choice. sometimes is not one of the available choices.",
        ),
    ):
        answer = office.post(url, shown | wrong)
        assert (answer.status_code, dict(answer.context["form"].errors)) == (422, {field: [said]})
    assert calendar_of(cast.aarhus).hours == WEEKDAYS


def test_the_slower_of_two_people_is_told_the_first_ones_week(cast: Cast) -> None:
    office, url = browser(cast, "office"), _url(cast.aarhus)
    shown = as_shown(office, url)
    office.post(url, shown | TYPED)
    late = office.post(url, shown | TYPED | {"opens_0": "09:00"})
    assert late.status_code == 422
    assert "Monday: – → 10:00–18:00" in Page(late).text
    assert calendar_of(cast.aarhus).hours == WEEKDAYS


def test_several_holidays_are_kept_at_once_and_only_once(cast: Cast) -> None:
    office = browser(cast, "office")
    asked = (
        DAYS
        | _row(0, TO_COME, "Christmas", until=TO_COME + timedelta(days=2))
        | _row(1, TO_COME + timedelta(days=7), "New Year")
    )
    answer = office.post("/shops/holidays/", asked, follow=True)
    assert "4 days are new." in Page(answer).text
    again = office.post("/shops/holidays/", asked, follow=True)
    assert "These days stood there already." in Page(again).text
    kept = ClosedDay.objects.filter(group=cast.nordlys, shop=None).order_by("day")
    assert list(kept.values_list("name", flat=True)) == ["Christmas"] * 3 + ["New Year"]
    assert SettingChange.objects.filter(about="holidays").count() == 1
    for language, code in ((ENGLISH, "en"), (DANISH, "da")):
        with override(code):
            last = short_day(TO_COME + timedelta(days=7))
        page = Page(browser(cast, "office", language).get("/orders/policies/changes/"))
        assert f"{last} New Year" in page.text


def test_a_holiday_of_some_shops_closes_them_alone(cast: Cast) -> None:
    office = browser(cast, "office")
    asked = DAYS | _row(0, TO_COME, "Stocktaking") | {"whose": "chosen"}
    answer = office.post("/shops/holidays/", asked)
    assert "Choose at least one shop." in Page(answer).text
    office.post("/shops/holidays/", asked | {"shops": ["996001", "996002"]})
    assert TO_COME in calendar_of(cast.aarhus).closed_days
    assert TO_COME not in calendar_of(cast.shop(996003)).closed_days
    assert "Stocktaking Aarhus, Odense" in Page(office.get("/shops/holidays/")).text


def test_a_holiday_that_cannot_be_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    office, day = browser(cast, "office"), timedelta(days=1)
    for row, said in (
        (_row(0, date.today() - 2 * day, "Past"), "This day is over."),
        (_row(0, TO_COME, "Back", until=TO_COME - day), "It ends after it begins."),
        (_row(0, TO_COME, "Long", until=TO_COME + 92 * day), "At most three months"),
        (_row(0, TO_COME + 800 * day, "Far"), "At most two years ahead."),
        (_row(0, TO_COME, ""), "This field is required."),
        ({}, "write one day at least"),
    ):
        answer = office.post("/shops/holidays/", DAYS | _row(1, TO_COME, "Good") | row if row else DAYS)
        assert answer.status_code == 422
        assert said in Page(answer).text
    assert ClosedDay.objects.count() == 0


def test_a_holiday_is_taken_away_once(cast: Cast) -> None:
    office = browser(cast, "office")
    close_on(cast.nordlys, {TO_COME: "Fair"}, [cast.aarhus, cast.odense], cast.person("office"), NOW)
    holiday = ClosedDay.objects.all()[0]
    url = f"/shops/holidays/{holiday.pk}/open/"
    assert browser(cast, "fjord office").post(url).status_code == 404
    assert office.post(url).status_code == 302
    assert ClosedDay.objects.count() == 0
    assert office.post(url).status_code == 404
    assert open_on(holiday, cast.person("office"), NOW) is False
    assert SettingChange.objects.filter(about="holidays").count() == 2


def test_holidays_and_weeks_ask_as_much_for_many(cast: Cast) -> None:
    office, url = browser(cast, "office"), _url(cast.aarhus)
    few = queries(office, "/shops/holidays/"), queries(office, url)
    days = {TO_COME + timedelta(days=number): f"Day {number}" for number in range(60)}
    close_on(cast.nordlys, days, [cast.aarhus, cast.odense], cast.person("office"), NOW)
    assert few == (HOLIDAY_QUERIES, WEEK_QUERIES)
    assert (queries(office, "/shops/holidays/"), queries(office, url)) == few


def _url(shop: Shop) -> str:
    return f"/shops/{shop.pk}/hours/"


def _row(number: int, day: date, name: str, until: date | None = None) -> dict[str, str]:
    return {
        f"days-{number}-first": day.isoformat(),
        f"days-{number}-last": until.isoformat() if until else "",
        f"days-{number}-name": name,
    }
