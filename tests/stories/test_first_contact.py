"""A Group is connected by the guided page alone, to a DdD of another dialect, and sells once."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ddd.lookup import first_look
from ddd.models import Connection, FirstLook, Notice
from ddd.sandbox.dialect import NAMED
from orders import importing
from orders.models import WebOrder
from orders.states import Status
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import CAP, JUMPER, Cast
from tests.office.settings import as_shown
from tests.sandbox_process import RunningSandbox
from tests.stories.counter import opened
from tests.stories.taught import TYPES
from tests.stories.whole_line import AARHUS, SALES, WholeLine

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

PAGE = "/orders/policies/ddd/setup/"
TOKEN = "demo-ddd-token-996"


@pytest.fixture(autouse=True)
def a_quiet_minute(settings: Settings) -> None:
    settings.DDD_QUIET_SECONDS = 60


@pytest.mark.parametrize("name", ["danish", "one-web-shop"])
def test_a_group_goes_live_through_the_page_alone(
    name: str, booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    line = WholeLine(opened(booked_cast), sandbox, NAMED[name])
    line.order_at_ddd("OLD")  # open at DdD, and made before the portal came
    Connection.objects.filter(group=line.group).delete()
    office = browser(booked_cast, "office", ENGLISH)

    # Nothing that does not work is kept.
    for address, token, said in (
        (f"{sandbox.url}{line.dialect.base}", "wrong", "refuses the token (401)"),
        (f"{sandbox.url}/nowhere", TOKEN, "are not there (404)"),
    ):
        answer = office.post(PAGE, {"base_url": address, "token": token, "seen": "0"})
        assert (answer.status_code, said in Page(answer).text) == (422, True), Page(answer).text
        assert not Connection.objects.filter(group=line.group).exists()
        # What they have typed stands there still.
        assert f'value="{token}"' in answer.content.decode()

    address = f"{sandbox.url}{line.dialect.base}"
    assert office.post(PAGE, {"base_url": address, "token": TOKEN, "seen": "0"}).status_code == 302
    assert "The last 30 days are read" in Page(office.get(PAGE)).text
    assert (first_look.waiting(), first_look.look(line.group.pk, timezone.now())) == ([line.group.pk], True)

    # Nothing comes in, and nobody can go live, while a word has no meaning.
    assert importing.poll(line.group.pk, timezone.now()) is None
    page = Page(office.get(PAGE))
    assert TOKEN not in page.text
    if line.dialect.has_other_words:
        assert "Seen on 2 orders" in page.text
        answer = _answer(office, {"live": "1"})
        assert answer.status_code == 422
        assert "Say what it means before you go live." in Page(answer).text
    assert not WebOrder.objects.filter(group=line.group).exists()
    assert Connection.objects.get(group=line.group).live_at is None

    assert _answer(office, {**_meanings(office, line), **_numbers(line), "live": "1"}).status_code == 302
    assert "DdD is live." in Page(office.get(PAGE)).text
    assert not Notice.objects.filter(group=line.group, closed_at=None).exists()

    line.is_taught = True
    line.clock.to(timezone.now())
    line.order("A", AARHUS, (JUMPER, CAP))
    line.settle()
    line.hand_over("A")
    line.settle()
    # The old order is followed, and never booked.
    old = line.order_here("OLD")
    assert (old.status, old.older_than_portal) == (Status.RESERVED, True)
    sandbox.till_delivers("OLD")
    line.settle()
    first = SALES["A"]
    assert [(sold.order_no, sold.word, sold.shop_id, sold.variants) for sold in line.sold()] == [
        ("A", "Sale", first.shop_id, (JUMPER, CAP))
    ]
    assert set(line.sold().values()) == {1}
    assert line.before_a_person() == []


def test_what_cannot_be_read_is_said_and_read_again(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    group = booked_cast.nordlys
    office = browser(booked_cast, "office", ENGLISH)
    Connection.objects.filter(group=group).update(token="withdrawn", live_at=None)
    office.post(f"{PAGE}again/")
    assert first_look.look(group.pk, timezone.now())
    assert "DdD could not be read" in Page(office.get(PAGE)).text
    assert office.post(f"{PAGE}answers/", {"live": "1"}).status_code == 409
    assert "DdD is not set up to its end" in Page(office.get("/orders/dashboard/")).text
    # Asked twice it is read once.
    Connection.objects.filter(group=group).update(token=TOKEN)
    office.post(f"{PAGE}again/")
    office.post(f"{PAGE}again/")
    assert first_look.look(group.pk, timezone.now())
    assert not first_look.look(group.pk, timezone.now())
    assert FirstLook.objects.get(group=group).found["orders"] == 0
    assert "DdD could not be read" not in Page(office.get(PAGE)).text


def _answer(office: Client, changes: dict[str, str]) -> Any:
    return office.post(f"{PAGE}answers/", as_shown(office, PAGE, "answers") | changes)


def _meanings(office: Client, line: WholeLine) -> dict[str, str]:
    """Each box with its word's meaning, as somebody answers who knows their DdD."""
    form = office.get(PAGE).context["answers"]
    words = {name: line.meaning_of_word(word) for name, (word, _count) in form.statuses.items()}
    types = {
        name: TYPES[next(own for own in TYPES if line.dialect.spoken("WebOrderType", own) == word)].value
        for name, (word, _count) in form.types.items()
    }
    return words | types


def _numbers(line: WholeLine) -> dict[str, str]:
    spoken = line.dialect.spoken
    return {
        "sale_word": spoken("ItemLineType", "Sale"),
        "payment_in_word": spoken("PaymentFlow", "In"),
        "discount_word": spoken("PriceAlterationType", "Discount"),
        "return_word": spoken("ItemLineType", "Return"),
        "payment_out_word": spoken("PaymentFlow", "Out"),
    }
