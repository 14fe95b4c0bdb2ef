"""Who works at the tablet: switching by PIN, the name of an action, what the person sees, and when it
ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import Membership, Shop, User
from orders.models import OrderEvent, WebOrder
from tests.core.pages import DANISH, HTMX, Answer, Page, browser
from tests.factories import NOW, Cast, again, new_order, received, taken

pytestmark = pytest.mark.any_database

TAP = {"sec-fetch-mode": "navigate"}
FREJA, MADS = "Freja Sørensen", "Mads Lindholm"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def tablet(cast: Cast) -> Client:
    """Logged in as Freja, for everybody in Aarhus."""
    return browser(cast, "aarhus", headers=TAP)


def unlock(tablet: Client, cast: Cast, who: str = "manager", pin: str = "1357", next_: str = "") -> Answer:
    return tablet.post(f"/pos/who/{cast.person(who).pk}/", {"pin": pin, "next": next_})


def takes(tablet: Client, order: WebOrder, **headers: str) -> Answer:
    return tablet.post(f"/pos/orders/{order.pk}/accept/", headers=headers)


def asks_who(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(asks_who=True)


def name_shown(tablet: Client) -> str:
    text = Page(tablet.get("/pos/")).text
    return next(name for name in (MADS, FREJA, "Who is it?") if name in text)


# The switch


def test_the_page_lists_the_people_of_the_shop_only(cast: Cast, tablet: Client) -> None:
    User.objects.create_user("gone@nordlys.example", name="Gone", group=cast.nordlys, is_active=False)
    Membership.objects.create(user=User.objects.get(email="gone@nordlys.example"), shop=cast.aarhus)
    page = Page(tablet.get("/pos/who/"))
    shown = [name for name in page.links if name in {FREJA, MADS, "Emil Kjær", "Gone", "Karen Østergaard"}]
    assert shown == [FREJA, MADS]
    assert page.faults == []


def test_an_action_has_the_name_of_the_person_who_entered_a_pin(cast: Cast, tablet: Client) -> None:
    order = received(cast)
    assert unlock(tablet, cast, next_=f"/pos/orders/{order.pk}/")["Location"] == f"/pos/orders/{order.pk}/"
    takes(tablet, order)
    assert again(order).taken_by == cast.person("manager")
    assert OrderEvent.objects.get(order=order, kind="accepted").actor == cast.person("manager")
    assert name_shown(tablet) == MADS
    assert tablet.session["_auth_user_id"] == str(cast.person("aarhus").pk)


def test_head_office_sees_the_name_in_the_timeline(cast: Cast, tablet: Client) -> None:
    order = received(cast)
    unlock(tablet, cast)
    takes(tablet, order)
    text = Page(browser(cast, "office").get(f"/orders/{order.pk}/")).text
    assert MADS in text
    assert FREJA not in text


def test_a_wrong_pin_changes_nobody_and_the_fifth_says_until_when_it_is_locked(
    cast: Cast, tablet: Client
) -> None:
    answers = [unlock(tablet, cast, pin="9999") for _try in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [409]
    assert "locked until 10:15" in Page(answers[-1]).text
    assert unlock(tablet, cast).status_code == 409
    assert name_shown(tablet) == FREJA
    page = Page(tablet.get(f"/pos/who/{cast.person('manager').pk}/"))
    assert "locked until 10:15" in page.text
    assert "It is me" not in page.buttons
    client = Client()
    data = {"username": "manager@nordlys.example", "password": DEMO_PASSWORD}
    assert client.post("/login/", data)["Location"] == "/"


@pytest.mark.parametrize("who", ["odense", "office", "fjord staff"])
def test_who_is_not_of_the_shop_does_not_exist_here(cast: Cast, tablet: Client, who: str) -> None:
    assert unlock(tablet, cast, who, "9753").status_code == 404
    assert tablet.get(f"/pos/who/{cast.person(who).pk}/").status_code == 404
    assert tablet.get("/pos/pin/", {"who": cast.person(who).pk}).status_code == 404
    assert name_shown(tablet) == FREJA


def test_htmx_reloads_the_whole_page_for_another_person(cast: Cast, tablet: Client) -> None:
    answer = tablet.post(
        f"/pos/who/{cast.person('manager').pk}/", {"pin": "1357", "next": "/pos/?tab=ready"}, headers=HTMX
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/pos/?tab=ready")


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_pin_leads_nobody_out_of_the_house(cast: Cast, tablet: Client, next_: str) -> None:
    assert unlock(tablet, cast, next_=next_)["Location"] == "/pos/"


def test_the_language_is_that_of_the_person_at_the_tablet(cast: Cast, tablet: Client) -> None:
    cast.person("manager").set_language("da")
    unlock(tablet, cast)
    assert tablet.get("/pos/")["Content-Language"] == "da"
    tablet.post("/language/", {"language": "en", "next": "/pos/"})
    assert (cast.person("manager").language, cast.person("aarhus").language) == ("en", "")
    tablet.post("/pos/done/")
    del tablet.cookies["django_language"]
    assert tablet.get("/pos/", headers=DANISH)["Content-Language"] == "da"


# The end


def test_done_asks_who_it_is_before_the_next_action(cast: Cast, tablet: Client) -> None:
    order = received(cast)
    unlock(tablet, cast)
    assert tablet.post("/pos/done/")["Location"] == "/pos/who/"
    assert name_shown(tablet) == "Who is it?"
    assert takes(tablet, order).status_code == 409
    assert again(order).taken_by is None
    unlock(tablet, cast, "aarhus", "2468")
    takes(tablet, order)
    assert again(order).taken_by == cast.person("aarhus")


def test_ten_minutes_without_a_tap_end_it_and_a_tap_restarts_them(
    cast: Cast, tablet: Client, clock: time_machine.Traveller
) -> None:
    unlock(tablet, cast)
    clock.shift(timedelta(minutes=9))
    tablet.get("/pos/")
    clock.shift(timedelta(minutes=9, seconds=59))
    assert name_shown(tablet) == MADS
    clock.shift(timedelta(minutes=10))
    assert name_shown(tablet) == "Who is it?"
    assert takes(tablet, received(cast)).status_code == 409


def test_a_page_that_refreshes_itself_is_no_tap(
    cast: Cast, tablet: Client, clock: time_machine.Traveller
) -> None:
    unlock(tablet, cast)
    for _minute in range(10):
        clock.shift(timedelta(minutes=1))
        tablet.get("/pos/", headers={**HTMX, "sec-fetch-mode": "cors"})
        tablet.post("/pos/tablet/", {"shop": "996001"}, headers={"sec-fetch-mode": "cors"})
    assert name_shown(tablet) == "Who is it?"


def test_the_refusal_leads_to_who_it_is_and_back(cast: Cast, tablet: Client) -> None:
    order = received(cast)
    tablet.post("/pos/done/")
    page = f"http://testserver/pos/orders/{order.pk}/"
    answer = takes(tablet, order, **HTMX, referer=page)
    assert answer.status_code == 409
    assert answer["X-Refusal"] == "who-is-it"
    where = answer["HX-Redirect"]
    assert where.startswith("/pos/who/?next=http")
    link = Page(tablet.get(where)).links[MADS]
    form = next(form for form in Page(tablet.get(link)).forms if "who" in form.action)
    assert tablet.post(form.action, {**form.fields, "pin": "1357"})["Location"] == page
    plain = takes(browser(cast, "aarhus"), order)
    assert plain.status_code == 302  # another tablet is not asked


def test_without_scripts_the_refusal_leads_there_too(cast: Cast, tablet: Client) -> None:
    tablet.post("/pos/done/")
    answer = takes(tablet, received(cast))
    assert (answer.status_code, answer["Refresh"]) == (409, "0; url=/pos/who/?next=%2F")


def test_who_is_no_longer_of_the_shop_or_not_active_does_nothing_more(cast: Cast, tablet: Client) -> None:
    order, mads = received(cast), cast.person("manager")
    unlock(tablet, cast)
    User.objects.filter(pk=mads.pk).update(is_active=False)
    assert takes(tablet, order).status_code == 409
    User.objects.filter(pk=mads.pk).update(is_active=True)
    Membership.objects.filter(user=mads).delete()
    assert takes(tablet, order).status_code == 409
    assert again(order).taken_by is None


def test_logging_out_forgets_who_stood_there(cast: Cast, tablet: Client) -> None:
    unlock(tablet, cast)
    tablet.post("/logout/")
    tablet.force_login(cast.person("aarhus"))
    assert name_shown(tablet) == FREJA


# Personal and shared tablets


def test_a_personal_tablet_needs_no_pin(cast: Cast) -> None:
    order = received(cast)
    User.objects.update(pin="")
    takes(browser(cast, "aarhus"), order)
    assert again(order).taken_by == cast.person("aarhus")


def test_after_done_the_devices_user_without_a_pin_continues_by_name(cast: Cast, tablet: Client) -> None:
    User.objects.filter(email="aarhus@nordlys.example").update(pin="")
    unlock(tablet, cast)
    tablet.post("/pos/done/")
    assert FREJA in Page(tablet.get("/pos/who/")).buttons
    assert unlock(tablet, cast, "aarhus", "")["Location"] == "/pos/"
    assert name_shown(tablet) == FREJA
    assert takes(tablet, received(cast)).status_code == 302


def test_a_shop_that_asks_who_it_is_takes_no_action_without_a_pin(cast: Cast, tablet: Client) -> None:
    asks_who(cast.aarhus)
    order = taken(cast)
    line = order.lines.all()[0].pk
    page = f"/pos/orders/{order.pk}/"
    actions = ["accept/", "scan/", "finish/", "deliver/", f"pieces/{line}/pick/", f"pieces/{line}/missing/"]
    assert {tablet.post(f"{page}{action}").status_code for action in actions} == {409}
    assert tablet.get(page).status_code == 200
    assert tablet.post("/pos/shop/", {"shop": 996001}).status_code == 302
    assert again(order).status == "Reserved"
    unlock(tablet, cast)
    assert tablet.post(f"{page}pieces/{line}/pick/").status_code == 302


def test_a_shop_that_asks_wants_a_pin_of_the_devices_own_user_too(cast: Cast, tablet: Client) -> None:
    asks_who(cast.aarhus)
    User.objects.filter(email="aarhus@nordlys.example").update(pin="")
    assert unlock(tablet, cast, "aarhus", "").status_code == 409
    freja = cast.person("aarhus").pk
    assert tablet.get(f"/pos/who/{freja}/")["Location"].startswith(f"/pos/pin/?who={freja}")
    data = {"who": freja, "password": DEMO_PASSWORD, "pin": "2580", "again": "2580"}
    assert tablet.post("/pos/pin/", data)["Location"] == "/pos/"
    assert takes(tablet, received(cast)).status_code == 302


def test_another_shop_of_the_group_is_not_asked(cast: Cast) -> None:
    asks_who(cast.odense)
    assert takes(browser(cast, "aarhus"), received(cast)).status_code == 302


def test_a_colleague_sets_a_pin_at_the_tablet_with_their_password(cast: Cast, tablet: Client) -> None:
    mads = cast.person("manager")
    User.objects.filter(pk=mads.pk).update(pin="")
    data = {"who": mads.pk, "password": "wrong", "pin": "2580", "again": "2580"}
    assert tablet.post("/pos/pin/", data).status_code == 422
    assert cast.person("manager").pin == ""
    tablet.post("/pos/pin/", {**data, "password": DEMO_PASSWORD})
    assert name_shown(tablet) == MADS
    tablet.post("/pos/done/")
    assert unlock(tablet, cast, pin="2580").status_code == 302


# What they see


def test_a_person_sees_only_those_of_their_shops_that_the_device_sees(cast: Cast, tablet: Client) -> None:
    Membership.objects.create(user=cast.person("manager"), shop=cast.odense)
    theirs = f"/pos/orders/{received(cast).pk}/"
    odense = f"/pos/orders/{received(cast, new_order(shop_id=996002)).pk}/"
    own = browser(cast, "manager")
    assert (own.get(theirs).status_code, own.get(odense).status_code) == (200, 200)
    unlock(tablet, cast)
    assert (tablet.get(theirs).status_code, tablet.get(odense).status_code) == (200, 404)
    assert tablet.post("/pos/shop/", {"shop": 996002}).status_code == 404


def test_head_office_at_a_shops_tablet_is_a_colleague_of_the_shop(cast: Cast, tablet: Client) -> None:
    office = cast.person("office")
    Membership.objects.create(user=office, shop=cast.aarhus)
    data = {"who": office.pk, "password": DEMO_PASSWORD, "pin": "2580", "again": "2580"}
    assert tablet.post("/pos/pin/", data).status_code == 302
    assert tablet.get("/pos/").status_code == 200
    assert tablet.get("/")["Location"] == "/pos/"
    assert [tablet.get(page).status_code for page in ("/orders/", "/orders/attention/")] == [404, 404]


def test_staff_at_head_offices_device_has_no_head_office(cast: Cast) -> None:
    Membership.objects.create(user=cast.person("office"), shop=cast.aarhus)
    device = browser(cast, "office", headers=TAP)
    assert device.get("/orders/").status_code == 200
    unlock(device, cast, "aarhus", "2468")
    assert device.get("/orders/").status_code == 404
    assert device.get("/pos/").status_code == 200


# The log-in of the device


def test_a_device_in_use_stays_logged_in_and_is_written_once_a_day(
    cast: Cast, tablet: Client, clock: time_machine.Traveller
) -> None:
    def cookie(answer: Answer) -> bool:
        return "sessionid" in answer.cookies

    clock.shift(timedelta(hours=23, minutes=59))
    assert not cookie(tablet.get("/pos/"))
    for _day in range(20):
        clock.shift(timedelta(days=1))
        assert cookie(tablet.get("/pos/", headers={**HTMX, "sec-fetch-mode": "cors"}))
    clock.shift(timedelta(days=13, hours=23))
    assert tablet.get("/pos/").status_code == 200
    clock.shift(timedelta(days=15))
    assert tablet.get("/pos/").status_code == 302


def test_a_log_in_is_a_beginning_and_not_written_twice(cast: Cast) -> None:
    client = Client(headers=TAP)
    client.post("/login/", {"username": "aarhus@nordlys.example", "password": DEMO_PASSWORD})
    assert client.session["prolonged"] == NOW.timestamp()
    assert "sessionid" not in client.get("/pos/").cookies


def test_a_tap_is_stamped_at_most_twice_a_minute(
    cast: Cast, tablet: Client, clock: time_machine.Traveller
) -> None:
    tablet.get("/pos/")
    unlock(tablet, cast)

    def stamp() -> float:
        return float(tablet.session["who"]["at"])

    clock.shift(timedelta(seconds=29))
    tablet.get("/pos/")
    assert stamp() == NOW.timestamp()
    clock.shift(timedelta(seconds=1))
    tablet.get("/pos/")
    assert stamp() == datetime.timestamp(NOW + timedelta(seconds=30))
