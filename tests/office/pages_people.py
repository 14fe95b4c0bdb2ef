"""Every page about people, in every state that looks different."""

from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.core.pages import Answer, browser
from tests.factories import Cast


def people_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
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
    yield "oneself", client.get(f"/people/{cast.person('office').pk}/")
    yield "a person without a name", client.post(f"/people/{person.pk}/", {"name": ""})
    yield (
        "nobody takes out himself",
        client.post(f"/people/{cast.person('office').pk}/deed/", {"deed": "deactivate"}),
    )
