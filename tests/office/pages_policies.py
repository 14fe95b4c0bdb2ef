"""Every page of settings, in every state that looks different."""

from collections.abc import Iterator

from django.test import Client

from tests.core.pages import Answer
from tests.factories import Cast
from tests.office.settings import WORK


def policy_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Before anybody has changed anything, with what cannot be, and with who changed what."""
    yield "the policies", client.get("/orders/policies/")
    yield "nobody has changed anything", client.get("/orders/policies/changes/")
    yield "policies that cannot be", client.post("/orders/policies/", WORK | {"head_office_minutes": "1"})
    client.post("/orders/policies/", WORK | {"remind_minutes": "6"})
    yield "policies that somebody has changed", client.get("/orders/policies/")
    yield "changed by two people at once", client.post("/orders/policies/", WORK | {"remind_minutes": "7"})
    yield "who changed what", client.get("/orders/policies/changes/")
    yield "who changed this", client.get("/orders/policies/changes/work/")
