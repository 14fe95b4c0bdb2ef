"""Every page about people, in every state that looks different."""

from collections.abc import Iterator
from datetime import timedelta

import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.demo_secrets import DEMO_PASSWORD
from accounts.models import LogIn, User
from accounts.operators import make_operator
from tests.accounts.codes import code_now
from tests.core.pages import Answer, browser
from tests.factories import Cast


def people_pages(cast: Cast, client: Client, language: dict[str, str]) -> Iterator[tuple[str, Answer]]:
    """The list and persons of every kind."""
    person = cast.person("odense")
    yield "the people", client.get("/people/")
    yield "nobody fits", client.get("/people/", {"q": "zzz"})
    yield "a wrong filter of people", client.get("/people/", {"shop": "1"})
    yield "a person who is nowhere", client.get(f"/people/{person.pk}/")
    browser(cast, "odense")
    locked = {"pin_locked_until": timezone.now() + timedelta(minutes=5), "is_active": False}
    User.objects.filter(pk=person.pk).update(**locked)
    yield "a person who is locked and out", client.get(f"/people/{person.pk}/")
    yield "the people, one is out", client.get("/people/")
    yield "inviting", client.get("/people/invite/")
    yield "nobody to invite", client.post("/people/invite/", {"email": "x"})
    new = {"email": "n@nordlys.example", "name": "N", "is_head_office": "on"}
    yield "somebody invited", client.get(client.post("/people/invite/", new)["Location"])
    yield "the people, one is invited", client.get("/people/")
    yield from pages_of_a_password(User.objects.get(email="n@nordlys.example"), client)
    yield from pages_after_a_log_in_ended(cast, language)
    yield from pages_of_a_second_factor(cast, language)
    yield "oneself", client.get(f"/people/{cast.person('office').pk}/")
    yield "a person without a name", client.post(f"/people/{person.pk}/", {"name": ""})
    yield (
        "nobody takes out himself",
        client.post(f"/people/{cast.person('office').pk}/deed/", {"deed": "deactivate"}),
    )


def pages_of_a_password(person: User, client: Client) -> Iterator[tuple[str, Answer]]:
    """With a link, without one, and asking for one."""
    link = links.path_for(person, timezone.now())
    yield "an invitation", client.get(link)
    yield "a poor password", client.post(link, {"new_password1": "x", "new_password2": "y"})
    yield "a link that holds no more", client.get("/password/x/")
    yield "a forgotten password", client.get("/password/")
    yield "a forgotten password of nobody", client.post("/password/", {"email": "x"})
    yield "a mail on its way", client.post("/password/", {"email": "x@y.example"})


def pages_after_a_log_in_ended(cast: Cast, language: dict[str, str]) -> Iterator[tuple[str, Answer]]:
    """By head office, by a deactivation, by age."""
    client, person = Client(headers=language), cast.person("aarhus")
    client.post("/login/", {"username": person.email, "password": DEMO_PASSWORD})
    LogIn.objects.filter(user=person).delete()
    yield "a log-in that was ended", client.get("/pos/", follow=True)
    User.objects.filter(pk=person.pk).update(is_active=False)
    yield "no access any more", client.get("/pos/", follow=True)
    User.objects.filter(pk=person.pk).update(is_active=True)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        ran_out = client.get("/pos/", follow=True)
    yield "a log-in that ran out", ran_out


def pages_of_a_second_factor(cast: Cast, language: dict[str, str]) -> Iterator[tuple[str, Answer]]:
    """Setting it up, logging in with it, its codes, and switching it off."""
    me, client = cast.person("office"), Client(headers=language)
    data = {"username": me.email, "password": DEMO_PASSWORD}
    client.post("/login/", data)
    yield "no second factor", client.get("/second-factor/")
    page = client.get("/second-factor/set-up/")
    yield "setting up a second factor", page
    yield "a wrong code", client.post("/second-factor/set-up/", {"code": "x"})
    client.post("/second-factor/set-up/", {"code": code_now(page.context["form"].secret)})
    for when in ("new", "seen"):
        yield f"recovery codes, {when}", client.get("/second-factor/codes/")
    yield "new recovery codes", client.get("/second-factor/codes/new/")
    yield "a second factor", client.get("/second-factor/")
    yield "switching it off", client.get("/second-factor/switch-off/")
    client.post("/people/second-factor/", {"needed": "yes"})
    yield "the people, all need a second factor", client.get("/people/")
    client.post("/people/second-factor/", {"needed": "no"})
    yield "oneself with a second factor", client.get(f"/people/{me.pk}/")
    client.post("/logout/")
    client.post("/login/", data)
    yield "logging in with a code", client.get("/login/code/")
    yield "a wrong code at the log-in", client.post("/login/code/", {"code": "x"})
    Authenticator.objects.all().delete()
    operator = Client(headers=language)
    make_operator("operator@portal.example", DEMO_PASSWORD)
    operator.post("/login/", {"username": "operator@portal.example", "password": DEMO_PASSWORD})
    yield "setting up the operator's second factor", operator.get("/second-factor/set-up/")
    yield (
        "the password once more",
        browser(cast, "office", language).get("/second-factor/set-up/", follow=True),
    )
    for _number in range(11):
        refused = Client(headers=language).post("/login/", {"username": "x", "password": "y"})
    yield "too many tries", refused
