"""Head office looks after people: who there is, what each may do, and where each is logged in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import changes, people, second_factor
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import Group, LogIn, Membership, SettingChange, User
from core.errors import Conflict
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import NOW, Cast

pytestmark = pytest.mark.any_database

CHROME_ON_ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-X200) Chrome/143.0.0.0 Safari/537.36"


@pytest.fixture
def office(cast: Cast) -> Client:
    """Head office of Nordlys, in English."""
    return browser(cast, "office")


def do(client: Client, person: User, action: str) -> int:
    """The status of the answer to a button on their page."""
    return int(client.post(f"/people/{person.pk}/do/", {"do": action}).status_code)


def names(client: Client, **filters: str) -> list[str]:
    return [person.email.partition("@")[0] for person in client.get("/people/", filters).context["people"]]


def roles(person: User) -> dict[int, str]:
    """By ShopId."""
    return dict(person.memberships.values_list("shop__shop_id", "role"))


# The list


def test_the_list_shows_the_people_of_the_group_and_no_others(cast: Cast, office: Client) -> None:
    assert set(names(office)) == {
        user.email.partition("@")[0] for user in User.objects.filter(group=cast.nordlys)
    }
    assert set(names(browser(cast, "fjord office"))) == {"office", "staff"}


def test_who_may_not_log_in_stands_at_the_end(cast: Cast, office: Client) -> None:
    User.objects.filter(pk=cast.person("aarhus").pk).update(is_active=False, name="Aa First")
    assert names(office)[-1] == "aarhus"
    assert "Aa First Deactivated" in Page(office.get("/people/")).text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "ODENSE@"}, ["odense"]),
        ({"shop": "996002", "q": "nordlys"}, ["odense"]),
        ({"q": "nobody at all"}, []),
        ({"q": "odense", "shop": "997001"}, None),  # a shop of another Group: everything is shown
    ],
)
def test_the_list_is_searched(
    cast: Cast, office: Client, filters: dict[str, str], found: list[str] | None
) -> None:
    everybody = User.objects.filter(group=cast.nordlys).count()
    assert names(office, **filters) == found if found is not None else len(names(office)) == everybody


@pytest.mark.parametrize("more", [0, 230])
def test_the_list_costs_the_same_for_few_and_for_many(
    cast: Cast, office: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    new = [User(email=f"p{number}@n.example", name="P", group=cast.nordlys) for number in range(more)]
    made = User.objects.bulk_create(new)
    Membership.objects.bulk_create(Membership(user=person, shop=cast.aarhus) for person in made)
    with django_assert_num_queries(9):
        page = Page(office.get("/people/"))
    assert ("Only 200 people are shown" in page.text) is bool(more)


# One person


def test_a_person_of_another_group_is_not_there(cast: Cast, office: Client) -> None:
    stranger = cast.person("fjord staff")
    before = User.objects.filter(pk=stranger.pk).values().get()
    for path in ("", "do/", "role/", "log-ins/"):
        data = {"do": "deactivate", "shop": "996001", "role": "staff", "name": "X"}
        assert office.post(f"/people/{stranger.pk}/{path}", data).status_code == 404
    assert office.get(f"/people/{stranger.pk}/").status_code == 404
    assert User.objects.filter(pk=stranger.pk).values().get() == before
    assert roles(stranger) == {997001: "staff"}


def test_name_and_language_are_kept(cast: Cast, office: Client) -> None:
    person = cast.person("aarhus")
    answer = office.post(f"/people/{person.pk}/", {"name": " Åse Ny ", "language": "da"}, follow=True)
    person.refresh_from_db()
    assert (person.name, person.language) == ("Åse Ny", "da")
    assert "Saved." in Page(answer).text


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 101}, {"name": "Å", "language": "xx"}])
def test_a_name_that_cannot_be_is_refused_at_its_field(
    cast: Cast, office: Client, wrong: dict[str, str]
) -> None:
    person = cast.person("aarhus")
    assert office.post(f"/people/{person.pk}/", wrong).status_code == 422
    assert cast.person("aarhus").name == person.name


def test_roles_are_given_changed_and_taken_shop_by_shop(cast: Cast, office: Client) -> None:
    person = cast.person("aarhus")
    for shop, role, then in (
        ("996002", "staff", {996001: "staff", 996002: "staff"}),
        ("996002", "staff", {996001: "staff", 996002: "staff"}),  # tapped twice
        ("996002", "manager", {996001: "staff", 996002: "manager"}),
        ("996001", "none", {996002: "manager"}),
        ("996001", "none", {996002: "manager"}),
    ):
        assert office.post(f"/people/{person.pk}/role/", {"shop": shop, "role": role}).status_code == 302
        assert roles(person) == then


@pytest.mark.parametrize(("shop", "role"), [("997001", "staff"), ("996002", "owner"), ("", "staff")])
def test_a_role_that_cannot_be_is_refused(cast: Cast, office: Client, shop: str, role: str) -> None:
    person = cast.person("aarhus")
    assert office.post(f"/people/{person.pk}/role/", {"shop": shop, "role": role}).status_code == 422
    assert roles(person) == {996001: "staff"}


def test_into_head_office_and_out_again(cast: Cast, office: Client) -> None:
    person = cast.person("manager")
    theirs = browser(cast, "manager")
    assert theirs.get("/people/").status_code == 404
    again = office.post(f"/people/{person.pk}/do/", {"do": "into head office"})["Location"]
    assert again == f"/password-again/?next=%2Fpeople%2F{person.pk}%2Fdo%2F"
    assert not cast.person("manager").is_head_office
    assert "That is not your password." in Page(office.post(again, {"password": "x"})).text
    office.post(again, {"password": DEMO_PASSWORD})
    assert cast.person("manager").is_head_office, "the action is carried out now"
    assert do(office, person, "into head office") == 302
    assert theirs.get("/people/").status_code == 200
    assert do(office, person, "out of head office") == 302
    assert theirs.get("/people/").status_code == 404


@pytest.mark.parametrize(
    "put_out", [{"is_head_office": False}, {"group__needs_second_factor": True}, {"is_active": False}]
)
@pytest.mark.parametrize("path", ["/people/{}/do/", "/people/second-factor/"])
def test_a_suspended_action_is_done_only_by_who_may_still_do_it(
    cast: Cast, office: Client, put_out: dict[str, bool], path: str
) -> None:
    person, me = cast.person("manager"), User.objects.filter(pk=cast.person("office").pk)
    again = office.post(path.format(person.pk), {"do": "into head office", "needed": "yes"})["Location"]
    assert again.startswith("/password-again/")
    if "group__needs_second_factor" in put_out:
        Group.objects.filter(pk=cast.nordlys.pk).update(needs_second_factor=True)
    else:
        me.update(**put_out)
    answer = office.post(again, {"password": DEMO_PASSWORD})
    assert answer.status_code == 404 or answer["Location"].startswith(("/login/", "/second-factor/"))
    assert not cast.person("manager").is_head_office
    assert not SettingChange.objects.exists()


def test_whoever_is_put_out_while_they_save_a_rule_saves_nothing(cast: Cast) -> None:
    me = cast.person("office")
    User.objects.filter(pk=me.pk).update(is_head_office=False)
    with pytest.raises(Conflict, match="You do not belong to head office any more"):
        second_factor.require(cast.nordlys, True, me, NOW)
    with (
        pytest.raises(Conflict, match="You do not belong to head office any more"),
        changes.tracked_change(me, "anything", 0, dict, NOW),
    ):
        pass
    assert not Group.objects.get(pk=cast.nordlys.pk).needs_second_factor


@pytest.mark.parametrize("action", ["deactivate", "out of head office"])
def test_nobody_removes_themselves_from_head_office(cast: Cast, office: Client, action: str) -> None:
    me = cast.person("office")
    assert do(office, me, action) == 409
    me = cast.person("office")
    assert (me.is_active, me.is_head_office) == (True, True)
    assert office.get("/people/").status_code == 200


def test_of_two_who_take_each_other_out_one_is_left(cast: Cast) -> None:
    one = cast.person("office")
    other = User.objects.create_user("o@nordlys.example", name="O", group=cast.nordlys, is_head_office=True)
    first, second = cast.person("office"), User.objects.get(pk=other.pk)
    people.deactivate(other, first, NOW)
    with pytest.raises(Conflict) as refused:
        people.deactivate(one, second, NOW)
    assert refused.value.code == "not-head-office"
    assert User.objects.get(pk=one.pk).is_active


def test_who_is_deactivated_is_out_at_once_and_stays_out_when_activated(cast: Cast, office: Client) -> None:
    person, theirs = cast.person("aarhus"), browser(cast, "aarhus")
    assert theirs.get("/pos/").status_code == 200
    assert do(office, person, "deactivate") == do(office, person, "deactivate") == 302
    assert LogIn.objects.filter(user=person).count() == 0
    assert do(office, person, "activate") == 302
    assert theirs.get("/pos/")["Location"].startswith("/login/")
    data = {"username": person.email, "password": DEMO_PASSWORD}
    assert theirs.post("/login/", data).status_code == 302
    assert roles(person) == {996001: "staff"}


def test_an_unknown_action_is_refused(cast: Cast, office: Client) -> None:
    assert do(office, cast.person("aarhus"), "promote") == 422


# The PIN


def test_a_pin_is_reset_and_unlocked(cast: Cast, office: Client) -> None:
    person, until = cast.person("aarhus"), timezone.now() + timedelta(minutes=10)
    User.objects.filter(pk=person.pk).update(pin_failures=5, pin_locked_until=until)
    page = Page(office.get(f"/people/{person.pk}/"))
    assert "Guessed wrong too often: locked until" in page.text
    do(office, person, "unlock pin")
    unlocked = cast.person("aarhus")
    assert (unlocked.pin, unlocked.pin_failures, unlocked.pin_locked_until) == (person.pin, 0, None)
    do(office, person, "reset pin")
    assert cast.person("aarhus").pin == ""
    assert "Reset the PIN" not in Page(office.get(f"/people/{person.pk}/")).buttons


# Log-ins


def test_a_log_in_says_its_device_and_when(cast: Cast, office: Client) -> None:
    person = cast.person("aarhus")
    tablet = Client(headers={**ENGLISH, "user-agent": CHROME_ON_ANDROID})
    before = timezone.now()
    tablet.post("/login/", {"username": person.email, "password": DEMO_PASSWORD})
    log_in = LogIn.objects.get(user=person)
    assert log_in.device_words == "Chrome, Android"
    assert log_in.since is not None
    assert before - timedelta(seconds=1) <= log_in.since <= log_in.last_seen_at
    page = office.get(f"/people/{person.pk}/")
    assert "Chrome, Android Since today" in Page(page).text
    assert log_in.session_key not in page.content.decode(), "with it anybody could act as this person"


def test_last_used_is_written_every_five_minutes_at_most(cast: Cast) -> None:
    tablet = browser(cast, "aarhus")
    for minutes, is_new in ((4, False), (6, True)):
        then = timezone.now() - timedelta(minutes=minutes)
        LogIn.objects.update(last_seen_at=then)
        tablet.get("/pos/")
        assert (LogIn.objects.get().last_seen_at > then) is is_new


def test_one_log_in_is_ended_and_the_others_hold(cast: Cast, office: Client) -> None:
    person = cast.person("aarhus")
    lost, kept = browser(cast, "aarhus"), browser(cast, "aarhus")
    number = LogIn.objects.get(session_key=lost.session.session_key).number
    for _tap in range(2):
        assert office.post(f"/people/{person.pk}/log-ins/", {"log_in": number}).status_code == 302
    assert lost.get("/pos/").status_code == 302
    assert kept.get("/pos/").status_code == 200


def test_a_log_in_of_somebody_else_is_not_ended_by_its_number(cast: Cast, office: Client) -> None:
    odense = browser(cast, "odense")
    number = LogIn.objects.get(user=cast.person("odense")).number
    office.post(f"/people/{cast.person('aarhus').pk}/log-ins/", {"log_in": number})
    assert odense.get("/pos/").status_code == 200


def test_all_log_ins_are_ended_but_ones_own(cast: Cast, office: Client) -> None:
    me, elsewhere = cast.person("office"), browser(cast, "office")
    office.post(f"/people/{me.pk}/log-ins/")
    assert elsewhere.get("/people/").status_code == 302
    assert office.get(f"/people/{me.pk}/").status_code == 200


def test_the_page_of_a_person_costs_the_same_however_many_roles_and_log_ins(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = cast.person("aarhus")
    for _time in range(2):
        with django_assert_num_queries(12):
            office.get(f"/people/{person.pk}/")
        for shop in cast.nordlys.shops.all():
            Membership.objects.get_or_create(user=person, shop=shop)
        for _device in range(5):
            browser(cast, "aarhus")
