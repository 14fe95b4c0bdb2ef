"""The tablet's report and its manifest, and what pages contain for them."""

import struct
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from accounts.device import IDLE
from accounts.models import LogIn, Membership, Tablet
from accounts.tablets import SILENT_AFTER, can_alert
from orders.escalation import escalate_due
from pos.live import Timing
from tests.core.pages import Page, browser
from tests.factories import NOW, Cast, new_order, received

pytestmark = pytest.mark.any_database

REPORT = "/pos/tablet/"
MANIFEST = "/pos/manifest.webmanifest"


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


def report_data(number: UUID, shop: str = "996001", sound: str = "on") -> dict[str, str]:
    """As static/pos/tablet.js says it."""
    return {"shop": shop, "number": number.hex, "sound": sound}


def test_the_scripts_are_told_the_times_that_the_portal_counts_with(cast: Cast, aarhus: Client) -> None:
    scripts = [found for tag, found in Page(aarhus.get("/pos/")).attributes if tag == "script"]
    told = {name: int(text) for found in scripts for name, text in found.items() if text.isdecimal()}
    assert set(told) == {"data-silence", "data-idle", "data-every", "data-sounds-for"}
    assert told["data-idle"] == IDLE.total_seconds()
    assert 2 * Timing().ping < told["data-silence"]
    assert 2 * told["data-every"] < SILENT_AFTER.total_seconds()
    assert told["data-every"] < told["data-sounds-for"] < SILENT_AFTER.total_seconds()


def test_a_report_is_kept_with_the_end_of_the_session(cast: Cast, aarhus: Client) -> None:
    number, before, end = uuid4(), timezone.now(), LogIn.objects.get().expire_date
    assert aarhus.post(REPORT, report_data(number)).status_code == 204
    tablet = Tablet.objects.get()
    assert (tablet.shop, tablet.sound_on) == (cast.aarhus, True)
    assert before <= tablet.last_seen_at <= timezone.now()
    assert tablet.session_until == end
    assert can_alert(tablet, timezone.now())


def test_a_session_that_is_about_to_end_is_not_reported_longer_than_it_is(cast: Cast, aarhus: Client) -> None:
    end = timezone.now().replace(microsecond=0) + timedelta(minutes=3)
    LogIn.objects.update(expire_date=end)
    aarhus.post(REPORT, report_data(uuid4()))
    assert Tablet.objects.get().session_until == end


def test_the_next_report_says_what_has_changed(cast: Cast, aarhus: Client) -> None:
    number = uuid4()
    for sound, is_on in (("locked", False), ("on", True), ("locked", False)):
        aarhus.post(REPORT, report_data(number, sound=sound))
        assert Tablet.objects.get().sound_on is is_on


@pytest.mark.parametrize("shop", ["996002", "996900", "997001", "", "0", "-1", "9" * 30, "abc", "1\0"])
def test_nobody_reports_for_another_shop(cast: Cast, aarhus: Client, shop: str) -> None:
    assert aarhus.post(REPORT, report_data(uuid4(), shop)).status_code == 404
    assert Tablet.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"number": ""}, {"number": "1"}, {"number": "x" * 5000}, {"sound": ""}, {"sound": "loud"}],
)
def test_a_report_in_other_words_is_refused_and_keeps_nothing(aarhus: Client, wrong: dict[str, str]) -> None:
    answer = aarhus.post(REPORT, {**report_data(uuid4()), **wrong})
    assert answer.status_code == 422
    assert next(iter(wrong)) in Page(answer).text
    assert Tablet.objects.count() == 0


def test_a_person_with_two_shops_reports_for_the_one_shown(cast: Cast, aarhus: Client) -> None:
    Membership.objects.create(user=cast.person("aarhus"), shop=cast.odense)
    number = uuid4()
    for shop in ("996001", "996002"):
        assert aarhus.post(REPORT, report_data(number, shop)).status_code == 204
    assert Tablet.objects.get().shop == cast.odense


def test_a_report_comes_from_our_own_page(cast: Cast) -> None:
    stranger = browser(cast, "aarhus", enforce_csrf_checks=True)
    assert stranger.post(REPORT, report_data(uuid4())).status_code == 403
    page = stranger.get("/pos/")
    token = page.cookies["csrftoken"].value
    assert stranger.post(REPORT, report_data(uuid4()), headers={"X-CSRFToken": token}).status_code == 204
    assert not page.cookies["csrftoken"]["httponly"], "the page's script must be able to read it"


def test_reporting_is_never_a_get(aarhus: Client) -> None:
    assert aarhus.get(REPORT).status_code == 405


# What the page tells its scripts


def bar(client: Client, path: str = "/pos/") -> dict[str, str]:
    return next(found for _tag, found in Page(client.get(path)).attributes if found.get("id") == "topbar")


def test_the_bar_names_its_shop_and_is_loud_once_the_shop_was_reminded(cast: Cast, aarhus: Client) -> None:
    order = received(cast)
    assert (bar(aarhus)["data-new"], bar(aarhus)["data-shop"]) == ("1", "996001")
    assert "data-loud" not in bar(aarhus)
    escalate_due(NOW)  # no tablet can sound: at once
    for path in ("/pos/", f"/pos/orders/{order.pk}/"):
        assert "data-loud" in bar(aarhus, path)
    aarhus.post(f"/pos/orders/{order.pk}/accept/")
    assert "data-loud" not in bar(aarhus)
    assert bar(aarhus)["data-new"] == "0"


def test_another_shops_order_makes_no_bar_loud(cast: Cast, aarhus: Client) -> None:
    received(cast, new_order(shop_id=996002))
    escalate_due(NOW)
    received(cast)
    assert "data-loud" not in bar(aarhus)
    assert "data-loud" in bar(browser(cast, "odense"))


def test_sound_is_tested_in_the_shop_and_not_at_head_office(cast: Cast, aarhus: Client) -> None:
    assert {"Sound is off: tap here", "Test the sound"} <= set(Page(aarhus.get("/pos/")).buttons)
    assert "Test the sound" not in Page(browser(cast, "office").get("/orders/")).buttons


# The app


@pytest.mark.parametrize(
    ("asked", "language", "description"),
    [
        ("", "en", "Web orders: noticed, picked, handed over."),
        ("?language=en", "en", "Web orders: noticed, picked, handed over."),
        ("?language=da", "da", None),
        ("?language=xx", "en", "Web orders: noticed, picked, handed over."),
    ],
)
def test_the_manifest_speaks_the_language_of_the_page(
    client: Client, asked: str, language: str, description: str | None
) -> None:
    answer = client.get(MANIFEST + asked)
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["lang"], manifest["display"], manifest["start_url"]) == (language, "standalone", "/pos/")
    if description:
        assert manifest["description"] == description


def test_the_icons_of_the_app_are_there_in_the_size_that_they_say(client: Client) -> None:
    icons = client.get(MANIFEST).json()["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        (f"{size}x{size}", purpose) for size in (192, 512) for purpose in ("any", "maskable")
    }
    for icon in icons:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(path, str)
        with open(path, "rb") as picture:
            head = picture.read(24)
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", head[16:])
        assert icon["sizes"] == f"{width}x{height}"


def test_every_page_of_the_shop_links_its_manifest(cast: Cast) -> None:
    client = browser(cast, "aarhus", {"accept-language": "da"})
    links = [found for tag, found in Page(client.get("/pos/")).attributes if tag == "link"]
    assert [found["href"] for found in links if found["rel"] == "manifest"] == [f"{MANIFEST}?language=da"]
