"""Orders are read with the web shops' own tokens too, and a token that DdD refuses is told of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import WebShop
from ddd.models import Connection, Difference, Notice
from ddd.words.differences import Kind
from office.policies.ddd_form import DddForm
from orders import importing
from orders.models import WebOrder
from orders.reconciling import reconcile
from tests.factories import CAP, Cast
from tests.sandbox import caller as at_ddd
from tests.sandbox_process import RunningSandbox
from tests.stories.taught import shown


def test_a_refused_token_is_told_by_its_web_shop_and_what_was_missed_is_read_once_it_is_mended(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.speak(bound_tokens=True)
    group, now = booked_cast.nordlys, timezone.now()
    outlet = WebShop.objects.get(group=group, webshop_id=2)
    good = outlet.ddd_token
    WebShop.objects.filter(pk=outlet.pk).update(ddd_token="withdrawn")
    body = at_ddd.order("O", WebOrderLines=[at_ddd.line(CAP)], CustomerNumber=0)
    assert sandbox.till_order(body, webshop=2)

    assert importing.poll(group.pk, now)
    assert importing.poll(group.pk, now + timedelta(seconds=1))
    (told,) = Notice.objects.filter(group=group, closed_at=None)
    assert (told.kind, told.subject, told.times) == (Notice.Kind.TOKEN_REFUSED, outlet.name, 1)
    assert "401" in told.detail_words
    assert "withdrawn" not in f"{told.detail_words} {Connection.objects.get(group=group).tokens_read}"
    assert reconcile(group.pk, now)
    assert not Difference.objects.filter(kind=Kind.ORDER_MISSING).exists()

    # A newer order of the other web shop has moved the cursor on meanwhile.
    Connection.objects.filter(group=group).update(polled_until=now + timedelta(days=1))
    WebShop.objects.filter(pk=outlet.pk).update(ddd_token=good)
    assert importing.poll(group.pk, now + timedelta(seconds=2))
    assert WebOrder.objects.filter(group=group, order_no="O").count() == 1
    assert not Notice.objects.filter(group=group, closed_at=None).exists()


def test_a_ddd_that_turns_one_of_three_calls_away_is_read_bit_by_bit(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    """Each poll is three calls, so that one of them is never answered."""
    sandbox.speak(bound_tokens=True, busy=3)
    group, now = booked_cast.nordlys, timezone.now()
    for web_shop in (1, 2):
        body = at_ddd.order(f"O-{web_shop}", WebOrderLines=[at_ddd.line(CAP)], CustomerNumber=0)
        assert sandbox.till_order(body, webshop=web_shop)
    for number in range(30):
        importing.poll(group.pk, now + timedelta(seconds=3 * number))
        # What the others showed has moved the cursor far beyond.
        Connection.objects.filter(group=group).update(polled_until=now + timedelta(days=1))
    assert set(WebOrder.objects.values_list("order_no", flat=True)) == {"O-1", "O-2"}
    assert booked_cast.connection.trouble
    sandbox.speak(bound_tokens=True)
    assert importing.poll(group.pk, now + timedelta(minutes=3))
    connection = booked_cast.connection
    assert (connection.tokens_behind, connection.trouble, connection.unread_since) == ({}, {}, None)


@pytest.mark.parametrize("base", ["/api", "/", "/retail", "/retail/api"])
def test_where_the_routes_are_is_found_when_the_address_is_saved(
    base: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.speak(base=base)
    saved = _save(booked_cast, f"{sandbox.url}{base}", booked_cast.connection.token)
    assert saved == {}
    assert booked_cast.connection.routes_under_api == base.endswith("/api")
    assert importing.poll(booked_cast.nordlys.pk, timezone.now())
    assert not booked_cast.connection.trouble


@pytest.mark.parametrize(
    ("address", "token", "said"),
    [
        ("{sandbox}", "nobody-knows-it", "refuses the token (401)"),
        ("{sandbox}/elsewhere", "", "are not there (404)"),
        ("http://127.0.0.1:9", "", "Nothing answers"),
    ],
)
def test_what_does_not_work_is_not_kept(
    address: str, token: str, said: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    before = booked_cast.connection
    errors = _save(booked_cast, address.format(sandbox=sandbox.url), token or before.token)
    assert said in str(errors["base_url"])
    after = booked_cast.connection
    assert (after.base_url, after.token) == (before.base_url, before.token)


def _save(cast: Cast, address: str, token: str) -> dict[str, list[str]]:
    form = DddForm({**shown(DddForm(None, cast.nordlys)), "base_url": address, "token": token}, cast.nordlys)
    if form.is_valid():
        assert form.keep(cast.person("office"), timezone.now())
    return {name: [str(one) for one in said] for name, said in form.errors.items()}
