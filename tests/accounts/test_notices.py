"""A person is told by mail what was changed about how they log in: with the change, and once for each."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.management import call_command
from django.test import Client

from accounts import inviting, links, mailing, second_factor
from accounts.account_mails import letter
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import AccountMail, User
from core.errors import Conflict
from tests.accounts.codes import code_now, has_set_up
from tests.core.pages import ENGLISH
from tests.factories import NOW, Cast
from tests.orders.together import at_once

pytestmark = pytest.mark.any_database

SENTENCE = "fjorten blå cykler i regn"
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/125.0 Safari/537.36"
SET_UP, SWITCH_OFF = "/second-factor/set-up/", "/second-factor/switch-off/"
Kind = AccountMail.Kind


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def logged_in(person: User, password: str = DEMO_PASSWORD) -> Client:
    """They have just typed their password, on a telephone."""
    client = Client(headers={**ENGLISH, "user-agent": CHROME})
    client.post("/login/", {"username": person.email, "password": password})
    return client


def notices() -> list[tuple[str, str]]:
    told = AccountMail.objects.exclude(kind__in=[Kind.INVITATION, Kind.PASSWORD]).order_by("pk")
    return [(mail.kind, mail.person.email) for mail in told]


def sets_up(client: Client) -> None:
    secret = client.get(SET_UP).context["form"].secret
    assert client.post(SET_UP, {"code": code_now(secret)}).status_code == 302


def the_mail(cast: Cast, mailoutbox: list[EmailMessage], group: int = 0) -> EmailMessage:
    mailing.send_due(group or cast.nordlys.pk)
    assert mailing.send_due(group or cast.nordlys.pk) == 0
    return mailoutbox[-1]


def test_notice_of_a_changed_password_says_when_where_and_what_to_do(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    person = cast.person("aarhus")
    person.set_language("en")
    client = Client(headers={"user-agent": CHROME})
    link, chosen = links.path_for(person, NOW), {"new_password1": SENTENCE, "new_password2": SENTENCE}
    assert client.post(link, chosen | {"new_password2": "another"}).status_code == 422
    assert notices() == []
    for status in (302, 410):
        assert client.post(link, chosen).status_code == status
    mail = the_mail(cast, mailoutbox)
    assert (len(mailoutbox), mail.to, mail.subject) == (1, [person.email], "Your password was changed")
    assert str(mail.body).split("\n\n")[1:] == [
        "your password for the portal for web orders was changed.",
        "When: Tuesday 3 March 2026 10:00\nOn: Chrome, Android",
        "If it was you or you asked for it, there is nothing to do. If not, choose a new password at once, "
        "and tell your head office:",
        "http://localhost:8000/password/\n",
    ]
    assert isinstance(mail, EmailMultiAlternatives)
    page = str(mail.alternatives[0][0])
    assert ("Tuesday 3 March 2026 10:00<br>On: Chrome, Android" in page, "{" in page) == (True, False)


def test_a_notice_has_the_persons_language_and_the_groups_time_zone(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    type(cast.nordlys).objects.filter(pk=cast.nordlys.pk).update(time_zone="Asia/Tokyo")
    person = cast.person("aarhus")
    inviting.choose_password(person, SENTENCE, NOW)
    body = str(the_mail(cast, mailoutbox).body)
    assert mailoutbox[0].subject == "Din adgangskode er ændret"
    assert "tirsdag 3. marts 2026 18:00" in body
    assert "Chrome" not in body


def test_the_first_password_of_somebody_invited_is_no_change(cast: Cast) -> None:
    person = inviting.invite("n@nordlys.example", "N", cast.person("office"), NOW, is_head_office=True)
    inviting.choose_password(person, SENTENCE, NOW)
    assert notices() == []


def test_a_refused_change_sends_no_notice(cast: Cast) -> None:
    person = cast.person("aarhus")
    inviting.choose_password(cast.person("aarhus"), SENTENCE, NOW)
    with pytest.raises(Conflict):
        inviting.choose_password(person, SENTENCE, NOW)
    assert notices() == [("password changed", person.email)]


def test_setting_up_and_switching_off_a_second_factor_each_send_a_notice(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    office = logged_in(cast.person("office"))
    assert office.post(SET_UP, {"code": "000000"}).status_code == 200
    assert notices() == []
    sets_up(office)
    for status in (302, 404):
        assert office.post(SWITCH_OFF).status_code == status
    sets_up(office)
    assert [kind for kind, _who in notices()] == ["factor set up", "factor off", "factor set up"]
    mailing.send_due(cast.nordlys.pk)
    assert ["På: Chrome, Android" in str(mail.body) for mail in mailoutbox] == [True] * 3


def test_new_recovery_codes_are_no_change_of_the_second_factor(cast: Cast) -> None:
    office = logged_in(cast.person("office"))
    sets_up(office)
    office.post("/second-factor/codes/new/")
    assert len(notices()) == 1


def test_a_reset_by_head_office_sends_one_notice_with_the_name(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    person, by = cast.person("aarhus"), cast.person("office")
    has_set_up(person)
    person.set_language("en")
    for _tap in range(2):
        second_factor.reset(person, by, NOW)
    assert notices() == [("factor reset", person.email)]
    body = str(the_mail(cast, mailoutbox).body)
    assert f"When: Tuesday 3 March 2026 10:00\nBy: {by.name}\n" in body
    assert "On:" not in body


def test_an_exception_in_the_view_rolls_back_the_change_and_the_notice(cast: Cast) -> None:
    person = cast.person("office")

    def breaks() -> None:
        with second_factor.security_notices(person, "", NOW):
            has_set_up(person)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert (Authenticator.objects.count(), notices()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_away_at_once_are_one_change(cast: Cast) -> None:
    person, by = cast.person("aarhus"), cast.person("office")
    has_set_up(person)

    def she_herself() -> None:
        with second_factor.security_notices(person, "", NOW):
            Authenticator.objects.filter(user=person).delete()

    at_once(she_herself, lambda: second_factor.reset(person, by, NOW), she_herself)
    assert len(notices()) == 1


def test_who_has_no_address_is_sent_nothing(cast: Cast) -> None:
    person = cast.person("aarhus")
    User.objects.filter(pk=person.pk).update(email="")
    inviting.choose_password(User.objects.get(pk=person.pk), SENTENCE, NOW)
    assert notices() == []


def test_an_operator_is_notified_whichever_way_it_was_changed(
    cast: Cast, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = cast.person("operator")
    assert notices() == []
    client = logged_in(operator, "Sesame, open!")
    client.post("/login/code/", {"code": code_now()})
    typed = {"old_password": "Sesame, open!", "new_password1": SENTENCE, "new_password2": SENTENCE}
    assert client.post("/operator/password_change/", typed | {"old_password": "x"}).status_code == 200
    assert client.post("/operator/password_change/", typed).status_code == 302
    monkeypatch.setattr("sys.stdin", StringIO("Another password!\n"))
    call_command("make_operator", operator.email, stdout=StringIO())
    assert [kind for kind, _who in notices()] == ["password changed", "password changed", "factor reset"]
    body = str(the_mail(cast, mailoutbox, operator.group_id).body)
    assert (len(mailoutbox), "tell whoever runs the portal with you" in body) == (3, True)


def test_a_notice_is_not_what_head_office_sent_and_holds_no_secret(cast: Cast) -> None:
    person = cast.person("aarhus")
    inviting.send_password_mail(person, cast.person("office"), NOW)
    inviting.choose_password(person, SENTENCE, NOW + timedelta(minutes=1))
    shown = mailing.latest_to(person)
    assert shown is not None
    assert shown.kind == Kind.PASSWORD
    told = AccountMail.objects.select_related("person__group").get(kind=Kind.PASSWORD_CHANGED)
    assert re.findall(r"http\S+", str(letter(told, "/password/").body)) == ["http://localhost:8000/password/"]
