"""How soon DdD lists what it has taken is measured on the first posting of each kind, and shown."""

from datetime import datetime, timedelta

import pytest

from ddd.models import Connection, FirstPosting, Posting
from ddd.sending import dispatch, listing
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock, sale_row
from tests.factories import Cast, delivered
from tests.sandbox_process import RunningSandbox

SETTINGS = "/orders/policies/ddd/"


@pytest.fixture
def careful(booked_cast: Cast) -> Cast:
    """A Group that asks about the first of each kind, with a sale and an item transfer that DdD has taken."""
    Connection.objects.filter(group=booked_cast.nordlys).update(asks_about_first=True, sales_are_listed=False)
    delivered(booked_cast)
    return booked_cast


def sent(cast: Cast) -> datetime:
    """Everything is sent; when DdD took the sale."""
    clock = Clock()
    clock.forward(60)
    dispatch.drain(cast.nordlys.pk, clock)
    settled = Posting.objects.get(kind=Posting.Kind.SALE, state=Posting.State.SENT).settled_at
    assert settled is not None
    return settled


def first(kind: str) -> FirstPosting:
    return FirstPosting.objects.select_related("posting").get(kind=kind)


def test_what_ddd_lists_at_once_is_seen_at_once_and_said_where_it_is_asked(
    careful: Cast, sandbox: RunningSandbox
) -> None:
    group_id, taken = careful.nordlys.pk, sent(careful)
    office = browser(careful, "office")
    assert "Nothing was booked in DdD yet." in Page(office.get(SETTINGS)).text
    assert listing.groups_to_look_for(taken) == [group_id]
    assert listing.look_for_firsts(group_id, taken + timedelta(seconds=4)) == 2
    assert (first("sale").seconds_until_listed, first("transfer").seconds_until_listed) == (4, 4)
    # Found once, nobody looks again.
    assert listing.groups_to_look_for(taken + timedelta(seconds=5)) == []
    assert listing.look_for_firsts(group_id, taken + timedelta(seconds=5)) == 0
    said = "DdD listed it within 4 seconds of taking it."
    assert Page(office.get(SETTINGS)).text.count(said) == 2
    assert said in Page(office.get("/orders/attention/?kind=first")).text
    # It is a person who says it.
    assert not careful.connection.sales_are_listed


def test_what_is_listed_late_is_looked_for_less_and_less_often_until_it_is_there(
    careful: Cast, sandbox: RunningSandbox
) -> None:
    group_id, taken = careful.nordlys.pk, sent(careful)
    sandbox.speak(late=3600)
    looked = []
    for seconds in range(0, 640, 10):
        now = taken + timedelta(seconds=seconds)
        listing.look_for_firsts(group_id, now)
        looked.append(first("sale").looked_at == now)
    assert sum(looked) == 7  # after 0, 10, 20, 40 ... 320 s
    page = Page(browser(careful, "office").get(SETTINGS))
    assert "DdD did not list it yet when it was looked for" in page.text
    sandbox.speak(late=0)
    listing.look_for_firsts(group_id, taken + timedelta(hours=1))
    assert first("sale").seconds_until_listed == 3600
    assert listing.groups_to_look_for(taken + timedelta(hours=1)) == []


def test_nobody_looks_for_ever_nor_while_ddd_wants_to_be_left_alone(
    careful: Cast, sandbox: RunningSandbox
) -> None:
    group_id, taken = careful.nordlys.pk, sent(careful)
    assert listing.groups_to_look_for(taken + timedelta(hours=7)) == []
    Connection.objects.filter(group=group_id).update(quiet_until=taken + timedelta(minutes=1))
    assert listing.look_for_firsts(group_id, taken) == 0
    assert first("sale").looked_at is None
    # Without an answer nothing is said of its lists.
    Connection.objects.filter(group=group_id).update(quiet_until=None, base_url="http://127.0.0.1:9")
    assert listing.look_for_firsts(group_id, taken) == 0
    assert first("sale").looked_at is None


def test_settings_that_come_back_are_measured_anew(careful: Cast, sandbox: RunningSandbox) -> None:
    group_id, taken, clerk = careful.nordlys.pk, sent(careful), careful.connection.clerk_id
    listing.look_for_firsts(group_id, taken)
    row, clock = first("sale"), Clock()
    for number, clerk_id in enumerate((clerk + 1, clerk), start=2):
        Connection.objects.filter(group=group_id).update(clerk_id=clerk_id)
        sale_row(careful, clock(), f"W-{number}")
        clock.forward(60)
        dispatch.drain(group_id, clock)
    again = FirstPosting.objects.select_related("posting").get(pk=row.pk)
    assert again.posting is not None
    assert (again.posting.order_no, again.looked_at, again.listed_at) == ("W-3", None, None)
