"""Picks that waited for the network: applied once, under the name of who tapped, at a tablet that knows
them."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import Shop, User
from orders.models import AppliedTap, WebOrder
from tests.core.pages import HTMX, Answer, Page, browser
from tests.factories import JUMPER, JUMPER_EAN, Cast, new_order, taken

NOT_KNOWN_HERE = "Who tapped this is not known at this tablet: enter her PIN, or pick the piece anew."


@pytest.fixture
def tablet(cast: Cast) -> Client:
    return browser(cast, "aarhus")


def unlock(tablet: Client, cast: Cast) -> None:
    tablet.post(f"/pos/who/{cast.person('manager').pk}/", {"pin": "1357"})


def pick(tablet: Client, order: WebOrder, tapper: User | None = None, tap: str = "", line: int = 0) -> Answer:
    """As static/pos/offline.js sends it."""
    data = {"tap": tap or str(uuid4()), "as": str(tapper.pk) if tapper else ""}
    return tablet.post(
        f"/pos/orders/{order.pk}/pieces/{order.lines.all()[line].pk}/pick/", data, headers=HTMX
    )


def pickers(order: WebOrder) -> list[str]:
    names = order.lines.order_by("number").values_list("picked_by__name", flat=True)
    return [name or "" for name in names]


def test_a_pick_that_is_sent_again_answers_as_the_first(cast: Cast, tablet: Client) -> None:
    order, tap = taken(cast), str(uuid4())
    answers = [pick(tablet, order, tap=tap) for _time in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, f"/pos/orders/{order.pk}/")
    }
    assert order.events.filter(kind="piece picked").count() == 1


def test_a_scan_that_is_sent_again_picks_one_piece(cast: Cast, tablet: Client) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, JUMPER)))
    data = {"code": JUMPER_EAN, "tap": str(uuid4())}
    for _time in range(3):
        assert tablet.post(f"/pos/orders/{order.pk}/scan/", data).status_code == 302
    assert pickers(order) == ["Freja Sørensen", ""]


def test_a_scan_of_a_walk_that_is_sent_again_picks_one_piece(cast: Cast, tablet: Client) -> None:
    orders = [taken(cast), taken(cast)]
    where = f"/pos/batch/scan/?order={orders[1].pk}&order={orders[0].pk}"
    data = {"code": JUMPER_EAN, "tap": str(uuid4())}
    answers = [tablet.post(where, data).status_code for _time in range(3)]
    assert answers == [302] * 3
    assert [pickers(order)[0] for order in orders] == ["", "Freja Sørensen"]


@pytest.mark.parametrize("tap", ["x", "12", "\0"])
def test_a_number_that_is_none_is_refused(cast: Cast, tablet: Client, tap: str) -> None:
    order = taken(cast)
    assert pick(tablet, order, tap=tap).status_code == 422
    assert pickers(order) == ["", ""]


def test_a_waiting_pick_has_the_name_of_the_person_who_tapped_it(cast: Cast, tablet: Client) -> None:
    order = taken(cast)
    unlock(tablet, cast)
    mads, freja = cast.person("manager"), cast.person("aarhus")
    tablet.post("/pos/done/")
    tablet.post(f"/pos/who/{freja.pk}/", {"pin": "2468"})
    assert pick(tablet, order, mads, line=0).status_code == 302
    assert pick(tablet, order, freja, line=1).status_code == 302
    assert pickers(order) == ["Mads Lindholm", "Freja Sørensen"]


def test_a_pick_that_waited_longer_than_the_session_keeps_its_name(cast: Cast, tablet: Client) -> None:
    order = taken(cast)
    with time_machine.travel("2026-03-03 09:00", tick=False) as clock:
        unlock(tablet, cast)
        clock.shift(timedelta(hours=2))
        assert pick(tablet, order).status_code == 409
        assert pick(tablet, order, cast.person("manager")).status_code == 302
        clock.shift(timedelta(hours=22))
        assert pick(tablet, order, cast.person("manager"), line=1).status_code == 409
    assert pickers(order) == ["Mads Lindholm", ""]


def test_a_person_who_never_entered_a_pin_here_cannot_be_named(cast: Cast, tablet: Client) -> None:
    order = taken(cast)
    for who in ("manager", "odense", "office", "fjord staff"):
        answer = pick(tablet, order, cast.person(who))
        assert (answer.status_code, answer["X-Refusal"]) == (409, "not-known-here")
        assert Page(answer).text == NOT_KNOWN_HERE
    assert pickers(order) == ["", ""]
    assert AppliedTap.objects.count() == 0


@pytest.mark.parametrize("tapper", ["x", "-1", "9" * 30, "٣", "0"])
def test_a_person_who_is_none_cannot_be_named(cast: Cast, tablet: Client, tapper: str) -> None:
    order = taken(cast)
    line = order.lines.all()[0].pk
    answer = tablet.post(f"/pos/orders/{order.pk}/pieces/{line}/pick/", {"as": tapper})
    assert answer.status_code == 409
    assert pickers(order) == ["", ""]


def test_a_shop_that_asks_who_it_is_takes_no_pick_of_the_devices_user_without_a_pin(
    cast: Cast, tablet: Client
) -> None:
    Shop.objects.filter(pk=cast.aarhus.pk).update(asks_who=True)
    order, freja = taken(cast), cast.person("aarhus")
    assert pick(tablet, order, freja).status_code == 409
    tablet.post(f"/pos/who/{freja.pk}/", {"pin": "2468"})
    assert pick(tablet, order, freja).status_code == 302


def test_nobody_is_named_for_anything_but_a_pick(cast: Cast, tablet: Client) -> None:
    order = taken(cast)
    unlock(tablet, cast)
    tablet.post("/pos/done/")
    data = {"as": str(cast.person("manager").pk), "reason": "damaged"}
    page = f"/pos/orders/{order.pk}/"
    line = order.lines.all()[0].pk
    actions = ("finish/", "deliver/", f"pieces/{line}/missing/")
    assert [tablet.post(f"{page}{action}", data).status_code for action in actions] == [409] * 3


def test_the_page_for_no_network_says_nothing_of_any_order(cast: Cast, tablet: Client) -> None:
    order = taken(cast)
    page = Page(tablet.get("/pos/offline/"))
    assert page.faults == []
    assert "No network" in page.text
    assert order.order_no not in page.text
    assert "Freja" not in page.text


def test_the_worker_in_the_browser_is_a_script_of_its_own_address(client: Client) -> None:
    answer = client.get("/pos/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert b'"/pos/offline/"' in answer.content
