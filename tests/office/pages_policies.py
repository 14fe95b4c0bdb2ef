"""Every page of settings, in every state that looks different."""

from collections.abc import Iterator

from django.test import Client

from accounts.models import Group
from ddd.models import Connection, FirstLook, Reconciliation
from ddd.words import causes
from office.models import DryRun
from office.policies.simulate_returns import OUTCOMES
from orders.models import WebOrder
from tests.core.pages import Answer
from tests.factories import NOW, Cast
from tests.office.settings import a_dry_run, as_shown, first_look_of


def policy_pages(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Before anybody has changed anything, with what cannot be, and with who changed what."""
    order = cast.nordlys.orders.all()[0]
    yield "the policies", client.get("/orders/policies/")
    yield "nobody has changed anything", client.get("/orders/policies/changes/")
    yield from dry_runs(cast, client)
    shown = as_shown(client, "/orders/policies/")
    yield "policies that cannot be", client.post("/orders/policies/", shown | {"head_office_minutes": "1"})
    client.post("/orders/policies/", shown | {"remind_minutes": "6"})
    yield "policies that somebody has changed", client.get("/orders/policies/")
    yield "changed by two people at once", client.post("/orders/policies/", shown | {"remind_minutes": "7"})
    yield "how DdD is told", client.get("/orders/policies/ddd/")
    setup = "/orders/policies/ddd/setup/"
    yield "DdD is to be connected", client.get(setup)
    yield "what DdD has is being read", client.post(f"{setup}again/", follow=True)
    look = first_look_of(cast.nordlys)
    FirstLook.objects.update(wanted_at=None)
    yield "what DdD has", client.get(setup)
    yield "DdD cannot be reached so", client.post(setup, {"base_url": "x", "token": ""})
    yield "an answer that cannot be", client.post(f"{setup}answers/", {"clerk_id": "0"})
    Connection.objects.update(live_at=None, routes_under_api=False)
    FirstLook.objects.filter(pk=look.pk).update(trouble=causes.NO_USABLE_ANSWER())
    yield "DdD is not live", client.get(setup)
    Connection.objects.update(live_at=NOW, routes_under_api=True)
    yield "how DdD cannot be told", client.post("/orders/policies/ddd/", {"base_url": "x"})
    Connection.objects.update(words_confirmed_at=NOW, words_confirmed_by=cast.person("office"))
    client.post("/orders/policies/ddd/", as_shown(client, "/orders/policies/ddd/") | {"token": "new"})
    yield "DdD's words, confirmed, and a new token", client.get("/orders/policies/ddd/")
    yield "before a rehearsal", client.get("/orders/policies/rehearsal/")
    Group.objects.filter(pk=cast.nordlys.pk).update(rehearses=True)
    yield "a rehearsal", client.get("/orders/policies/rehearsal/")
    Group.objects.filter(pk=cast.nordlys.pk).update(rehearses=False)
    row = {"order_no": "W-1", "kind": "sale", "would": "996900 · 1.00", "ddd": ["996900 1/1 · 1.00"]}
    Reconciliation.objects.create(
        group=cast.nordlys,
        day=NOW.date(),
        ended_at=NOW,
        is_complete=True,
        data={"rehearsed": [row | {"agrees": True}, row | {"agrees": False}]},
    )
    yield "what would have been posted", client.get(f"/orders/comparison/{NOW.date()}/")
    Reconciliation.objects.filter(day=NOW.date()).delete()
    yield "what is forgotten", client.get("/orders/policies/personal-data/")
    yield (
        "what cannot be forgotten",
        client.post("/orders/policies/personal-data/", {"personal_data_days": "1"}),
    )
    client.post("/orders/policies/personal-data/", {"personal_data_days": ""})
    yield "nothing is forgotten", client.get("/orders/policies/personal-data/")
    WebOrder.objects.filter(pk=order.pk).update(forgotten_at=NOW, receive_address="")
    yield "a forgotten order", client.get(f"/orders/{order.pk}/")
    yield "who changed what", client.get("/orders/policies/changes/")
    yield "who changed this", client.get("/orders/policies/changes/work/")


def dry_runs(cast: Cast, client: Client) -> Iterator[tuple[str, Answer]]:
    """Of both policies; done, and while a worker runs it."""
    run = a_dry_run(cast)
    page = f"/orders/policies/tries/{run.pk}/"
    order = cast.nordlys.orders.all()[0]
    one = {"order_no": order.order_no, "pk": order.pk}
    example = one | {"shop": "Aarhus", "at": NOW.isoformat(), "minutes": 7, "old": 0, "new": 3}
    DryRun.objects.update(result=run.result | {"examples": [example]})
    yield "another alert is tried", client.get(page)
    DryRun.objects.update(done_at=None, percent=40)
    yield "another alert is being tried", client.get(page)
    outcomes = [{"outcome": name, "old": [1, "10.00"], "new": [0, "0"]} for name in OUTCOMES]
    example = one | {"day": 3, "amount": "10.00", "old": OUTCOMES[0], "new": OUTCOMES[2]}
    part = {"outcomes": outcomes, "changed": 1, "examples": [example]}
    result = {"made": part, "could come": part, "currency": "DKK"}
    DryRun.objects.update(policy="returns", done_at=NOW, result=result)
    yield "another return policy is tried", client.get(page)
