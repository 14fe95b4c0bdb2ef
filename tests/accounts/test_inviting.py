"""Invited by mail, with a link that holds for a while and for one use; a new password goes the same way."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts import inviting, mailing
from accounts.changes import in_words
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import AccountMail, LogIn, SettingChange, User
from accounts.tasks import forget_log_ins
from core.errors import Conflict, Invalid
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import NOW, Cast
from tests.orders.together import at_once

SENTENCE = "fjorten blå cykler i regn"
NEW = {"email": "Ny.Person@Nordlys.example ", "name": "Ny Person", "shop": "996002", "role": "manager"}
CHOSEN = {"new_password1": SENTENCE, "new_password2": SENTENCE}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office")


@pytest.fixture
def stranger(db: None) -> Client:
    """Nobody yet, with an English browser."""
    return Client(headers=ENGLISH)


def newcomer() -> User:
    return User.objects.select_related("group").get(email="ny.person@nordlys.example")


def sent_link(cast: Cast, mailoutbox: list[EmailMessage]) -> str:
    """The worker sends; the address in the newest mail, without the portal's own."""
    mailing.send_due(cast.nordlys.pk)
    found = re.search(r"http://localhost:8000(/password/\S+/)", str(mailoutbox[-1].body))
    assert found
    return found[1]


def states() -> list[tuple[str, str]]:
    return list(AccountMail.objects.order_by("pk").values_list("kind", "state"))


def labels_of(change: SettingChange) -> list[str]:
    return sorted(field.label for field in in_words(change.fields))


# Inviting


def test_an_invited_person_chooses_a_password_and_is_in(
    cast: Cast, office: Client, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    answer = office.post("/people/invite/", NEW)
    person = newcomer()
    assert answer["Location"] == f"/people/{person.pk}/"
    assert mailoutbox == []
    link = sent_link(cast, mailoutbox)
    assert [labels_of(change) for change in SettingChange.objects.all()] == [["Name", "Odense"]]
    assert (mailoutbox[0].to, states()) == (["ny.person@nordlys.example"], [("invitation", "sent")])
    assert mailing.send_due(cast.nordlys.pk) == 0
    assert "Welcome, Ny Person" in Page(stranger.get(link)).text
    assert stranger.post(link, CHOSEN)["Location"] == "/"
    assert stranger.get("/pos/").status_code == 200
    person = newcomer()
    assert (person.is_active, person.invited_at, person.check_password(SENTENCE)) == (True, None, True)
    assert list(person.memberships.values_list("shop__shop_id", "role")) == [(996002, "manager")]


def test_an_invited_person_is_inactive_until_they_choose_a_password(
    cast: Cast, office: Client, stranger: Client
) -> None:
    office.post("/people/invite/", NEW)
    person = newcomer()
    assert not person.is_active
    assert not person.has_usable_password()
    assert office.post(f"/people/{person.pk}/do/", {"do": "activate"}).status_code == 409
    assert not newcomer().is_active
    inviting.forgot(person.email, NOW)
    assert states() == [("invitation", "waiting")]


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"email": "aarhus@NORDLYS.example"}, "email", "Somebody with this address is here already."),
        ({"email": "staff@fjord.example"}, "email", "This address cannot be invited."),
        ({"email": "no address"}, "email", "Enter a valid email address."),
        ({"name": " "}, "name", "This field is required."),
        ({"shop": ""}, "shop", "Choose a shop, or head office."),
        ({"shop": "997001"}, "shop", "That choice is not one of the available choices."),
        ({"role": "owner"}, "role", "owner is not one of the available choices."),
    ],
)
def test_a_refused_invitation_shows_the_error_at_its_field(
    cast: Cast, office: Client, wrong: dict[str, str], field: str, said: str
) -> None:
    before = User.objects.count()
    answer = office.post("/people/invite/", NEW | wrong)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert (User.objects.count(), AccountMail.objects.count(), SettingChange.objects.count()) == (
        before,
        0,
        0,
    )


def test_inviting_twice_makes_one_person_with_one_mail(cast: Cast, office: Client) -> None:
    assert [office.post("/people/invite/", NEW).status_code for _tap in range(2)] == [302, 422]
    assert states() == [("invitation", "waiting")]


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_invitations_one_is_refused(cast: Cast) -> None:
    def invite(who: str) -> str:
        try:
            inviting.invite("x@y.example", "X", cast.person(who), NOW, is_head_office=True)
        except Invalid as refused:
            return str(refused)
        return "invited"

    said = at_once(*[lambda: invite("office"), lambda: invite("fjord office")])
    assert sorted(map(str, said)) == ["This address cannot be invited.", "invited"]
    assert AccountMail.objects.count() == 1


# The link


def test_a_link_holds_for_seven_days_and_not_longer(
    cast: Cast,
    office: Client,
    stranger: Client,
    mailoutbox: list[EmailMessage],
    clock: time_machine.Traveller,
) -> None:
    office.post("/people/invite/", NEW)
    link = sent_link(cast, mailoutbox)
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert stranger.get(link).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert stranger.post(link, CHOSEN).status_code == 410
    assert not newcomer().is_active


def test_a_link_is_used_once(
    cast: Cast, office: Client, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    office.post("/people/invite/", NEW)
    link = sent_link(cast, mailoutbox)
    as_it_was = newcomer()
    stranger.post(link, CHOSEN)
    other = {"new_password1": "an other long sentence", "new_password2": "an other long sentence"}
    assert Client().post(link, other).status_code == 410
    with pytest.raises(Conflict) as refused:  # had both looked at the link before either chose
        inviting.choose_password(as_it_was, "an other long sentence", NOW)
    assert refused.value.code == "link-used"
    assert newcomer().check_password(SENTENCE)


def test_after_another_mail_only_its_link_holds(
    cast: Cast, office: Client, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    office.post("/people/invite/", NEW)
    first, person = sent_link(cast, mailoutbox), newcomer()
    for _tap in range(2):
        assert office.post(f"/people/{person.pk}/do/", {"do": "invite again"}).status_code == 302
    assert states() == [("invitation", "sent"), ("invitation", "waiting")]
    second = sent_link(cast, mailoutbox)
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (410, 200)


def test_a_withdrawn_invitation_leaves_nothing_but_its_record(
    cast: Cast, office: Client, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    office.post("/people/invite/", NEW)
    link, person = sent_link(cast, mailoutbox), newcomer()
    path = f"/people/{person.pk}/do/"
    assert office.post(path, {"do": "withdraw the invitation"})["Location"] == "/people/"
    assert office.post(path, {"do": "withdraw the invitation"}).status_code == 404
    assert not User.objects.filter(pk=person.pk).exists()
    assert stranger.get(link).status_code == 410
    assert [change.subject for change in SettingChange.objects.all()] == ["Ny Person", "Ny Person"]
    assert office.post("/people/invite/", NEW).status_code == 302


def test_who_has_come_in_is_not_withdrawn(
    cast: Cast, office: Client, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    office.post("/people/invite/", NEW)
    stranger.post(sent_link(cast, mailoutbox), CHOSEN)
    for action in ("withdraw the invitation", "invite again"):
        assert office.post(f"/people/{newcomer().pk}/do/", {"do": action}).status_code == 409
    assert newcomer().is_active


@pytest.mark.parametrize("link", ["x", "W10:abc:def", "W1sxXQ:1vXyz:" + "a" * 43, "%00"])
def test_what_is_no_link_opens_nothing(stranger: Client, link: str) -> None:
    assert stranger.post(f"/password/{link}/", CHOSEN).status_code == 410


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("short", "short", "too short"),
        ("passwordpassword", "passwordpassword1", "match"),
        ("ny.person@nordlys", "ny.person@nordlys", "too similar"),
        ("", "", "This field is required."),
    ],
)
def test_a_poor_password_is_refused(
    cast: Cast,
    office: Client,
    stranger: Client,
    mailoutbox: list[EmailMessage],
    first: str,
    second: str,
    said: str,
) -> None:
    office.post("/people/invite/", NEW)
    link = sent_link(cast, mailoutbox)
    answer = stranger.post(link, {"new_password1": first, "new_password2": second})
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert not newcomer().is_active


# A new password


def test_a_forgotten_password_sends_a_mail_and_ends_all_other_log_ins(
    cast: Cast, stranger: Client, mailoutbox: list[EmailMessage]
) -> None:
    tablet = browser(cast, "aarhus")
    assert (
        "a mail is on its way" in Page(stranger.post("/password/", {"email": "AARHUS@nordlys.example"})).text
    )
    link = sent_link(cast, mailoutbox)
    assert tablet.get("/pos/").status_code == 200
    assert stranger.post(link, CHOSEN)["Location"] == "/"
    assert tablet.get("/pos/").status_code == 302
    assert LogIn.objects.filter(user=cast.person("aarhus")).count() == 1
    old = {"username": "aarhus@nordlys.example", "password": DEMO_PASSWORD}
    assert Client().post("/login/", old).status_code == 200
    assert stranger.get(link).status_code == 410


def test_nobody_learns_whether_an_address_is_known_nor_fills_a_mailbox(
    cast: Cast, stranger: Client, clock: time_machine.Traveller, mailoutbox: list[EmailMessage]
) -> None:
    known = Page(stranger.post("/password/", {"email": "aarhus@nordlys.example"})).text
    assert Page(stranger.post("/password/", {"email": "nobody@nordlys.example"})).text == known
    mailing.send_due(cast.nordlys.pk)
    for minutes, mails in ((4, 1), (2, 2)):
        clock.shift(timedelta(minutes=minutes))
        stranger.post("/password/", {"email": "aarhus@nordlys.example"})
        assert AccountMail.objects.count() == mails


def test_a_link_for_a_password_holds_for_a_day_and_not_for_who_is_deactivated(
    cast: Cast, office: Client, mailoutbox: list[EmailMessage], clock: time_machine.Traveller
) -> None:
    person = cast.person("aarhus")
    path = f"/people/{person.pk}/do/"
    for _tap in range(2):
        assert office.post(path, {"do": "password mail"}).status_code == 302
    assert states() == [("password", "waiting")]
    link = sent_link(cast, mailoutbox)
    assert Client().get(link).status_code == 200
    office.post(path, {"do": "deactivate"})
    assert Client().get(link).status_code == 410
    assert office.post(path, {"do": "password mail"}).status_code == 409
    office.post(path, {"do": "activate"})
    assert Client().get(link).status_code == 410, "what was sent before holds no more"
    office.post(path, {"do": "password mail"})
    link = sent_link(cast, mailoutbox)
    clock.shift(timedelta(days=1))
    assert Client().get(link).status_code == 410


def test_a_mail_that_waits_for_somebody_who_left_is_not_sent(
    cast: Cast, office: Client, mailoutbox: list[EmailMessage]
) -> None:
    person = cast.person("aarhus")
    office.post(f"/people/{person.pk}/do/", {"do": "password mail"})
    office.post(f"/people/{person.pk}/do/", {"do": "deactivate"})
    mailing.send_due(cast.nordlys.pk)
    assert (mailoutbox, states()) == ([], [("password", "not needed")])


def test_log_ins_that_ran_out_are_forgotten(cast: Cast) -> None:
    browser(cast, "aarhus")
    browser(cast, "odense")
    LogIn.objects.filter(user=cast.person("aarhus")).update(expire_date=timezone.now() - timedelta(1))
    forget_log_ins()
    assert [log_in.user for log_in in LogIn.objects.all()] == [cast.person("odense")]


# Who changed what


def test_what_head_office_does_is_recorded(cast: Cast, office: Client) -> None:
    person = cast.person("aarhus")
    office.post(f"/people/{person.pk}/role/", {"shop": "996002", "role": "staff"})
    office.post(f"/people/{person.pk}/role/", {"shop": "996002", "role": "staff"})
    for action in ("reset pin", "deactivate", "activate", "password mail"):
        office.post(f"/people/{person.pk}/do/", {"do": action})
    office.post(f"/people/{person.pk}/", {"name": "Åse", "language": "da"})
    rows = [row.partition(":")[0] for row in Page(office.get(f"/people/{person.pk}/")).rows]
    changes = SettingChange.objects.order_by("pk")
    assert {change.by for change in changes} == {cast.person("office")}
    assert [labels_of(change) for change in changes] == [
        ["Odense"],
        ["PIN"],
        ["May log in"],
        ["May log in"],
        ["Mail for a new password"],
        ["Language", "Name"],
    ]
    assert any("Karen" in row for row in rows)
