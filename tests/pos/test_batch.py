"""Several orders in one walk: which piece goes into which basket, for one person and for two."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import trouble
from orders.models import OrderEvent, Policy, WebOrder
from orders.states import Status
from tests.core.pages import HTMX, Page, browser
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_EAN,
    NOW,
    SCARF,
    SCARF_EAN,
    Cast,
    again,
    new_order,
    picked,
    received,
    taken,
)
from tests.orders.together import everything
from tests.pos.paper import pages_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


def query(*orders: WebOrder) -> str:
    return "&".join(f"order={order.pk}" for order in orders)


def walk(client: Client, *orders: WebOrder) -> Page:
    return Page(client.get(f"/pos/batch/?{query(*orders)}"))


def three(cast: Cast) -> list[WebOrder]:
    pieces = [(JUMPER, SCARF), (CAP, JUMPER), (SCARF,)]
    return [
        received(cast, new_order(order_no, variants=variants))
        for order_no, variants in zip("XYZ", pieces, strict=True)
    ]


def test_orders_chosen_in_the_queue_become_one_walk(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    page = Page(aarhus.get("/pos/"))
    chosen = [found["value"] for tag, found in page.attributes if found.get("form") == "together"]
    assert chosen == [str(order.pk) for order in orders]
    assert ("/pos/batch/", "get") in [(form.action, form.method) for form in page.forms]


def test_the_walk_goes_along_the_shelves_and_names_each_basket(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    page = walk(aarhus, *orders)
    stops = [row for row in page.rows if "Ean" in row]
    assert [re.sub(r" (Navy|Blue|Rust).*", "", row) for row in stops] == [
        "Basket B Cap Blåvand",
        "Basket A Scarf Løvfald",
        "Basket C Scarf Løvfald",
        "Basket A Wool jumper Skagerrak",
        "Basket B Wool jumper Skagerrak",
    ]
    assert [row for row in page.rows if row not in stops] == ["A X New", "B Y New", "C Z New"]


def test_nothing_is_picked_before_somebody_has_them_all(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    page = walk(aarhus, *orders)
    assert "I have them" in page.buttons
    assert "Pick" not in page.buttons
    assert "code" not in [found.get("name") for _tag, found in page.attributes]
    answer = aarhus.post(f"/pos/batch/accept/?{query(*orders)}")
    assert answer["Location"] == f"/pos/batch/?{query(*orders)}"
    assert {again(order).taken_by for order in orders} == {cast.person("aarhus")}
    assert walk(aarhus, *orders).buttons.count("Pick") == 5


def test_a_scan_says_into_which_basket_the_piece_goes(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    aarhus.post(f"/pos/batch/accept/?{query(*orders)}")
    told = []
    for _scan in range(2):
        answer = aarhus.post(f"/pos/batch/scan/?{query(*orders)}", {"code": JUMPER_EAN}, follow=True)
        told += re.findall(r"Basket . ?: \w – [\w ]+S\b", Page(answer).text)
    assert told == [
        "Basket A: X – Wool jumper Skagerrak Blue S",
        "Basket B: Y – Wool jumper Skagerrak Blue S",
    ]
    assert "2 of 5" in walk(aarhus, *orders).text
    before = [everything(order) for order in orders]
    answer = aarhus.post(f"/pos/batch/scan/?{query(*orders)}", {"code": JUMPER_EAN}, headers=HTMX)
    assert answer.status_code == 409
    assert "Wool jumper Skagerrak Blue S is picked already." in Page(answer).text
    assert [everything(order) for order in orders] == before


def test_a_tap_and_its_undo_lead_back_to_the_walk(cast: Cast, aarhus: Client) -> None:
    orders = [taken(cast), taken(cast)]
    here = f"/pos/batch/?{query(*orders)}"
    for verb, button in (("pick", "Pick"), ("undo", "Undo")):
        assert button in walk(aarhus, *orders).buttons
        line = orders[0].lines.all()[0]
        sent = {"walk": [str(order.pk) for order in orders]}
        answer = aarhus.post(f"/pos/orders/{orders[0].pk}/pieces/{line.pk}/{verb}/", sent)
        assert answer["Location"] == here


@pytest.mark.parametrize("walk", ["//evil.example", "x", "0", "-1"])
def test_a_tap_leads_nowhere_else(cast: Cast, aarhus: Client, walk: str) -> None:
    order = taken(cast)
    address = f"/pos/orders/{order.pk}/pieces/{order.lines.all()[0].pk}/pick/"
    assert aarhus.post(address, {"walk": walk}).status_code == 422


def test_two_people_walk_with_the_same_baskets_and_see_each_others_picks(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    mads = browser(cast, "manager")
    aarhus.post(f"/pos/batch/accept/?{query(*orders)}")
    mads.post(f"/pos/batch/scan/?{query(*orders)}", {"code": SCARF_EAN})
    page = walk(aarhus, *orders)
    assert "1 of 5" in page.text
    assert any("Basket A Scarf Løvfald" in row and "Mads Lindholm" in row for row in page.rows)


def test_when_all_is_decided_one_tap_makes_all_orders_ready(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    aarhus.post(f"/pos/batch/accept/?{query(*orders)}")
    for code in (JUMPER, JUMPER, SCARF, SCARF, CAP):
        assert "Orders picked" not in walk(aarhus, *orders).buttons
        aarhus.post(f"/pos/batch/scan/?{query(*orders)}", {"code": code})
    assert "Orders picked" in walk(aarhus, *orders).buttons
    aarhus.post(f"/pos/batch/finish/?{query(*orders)}")
    assert {again(order).status for order in orders} == {Status.PICKED}
    page = walk(aarhus, *orders)
    assert [name for name in ("I have them", "Orders picked", "Pick", "Undo") if name in page.buttons] == []


def test_letters_stay_when_an_order_leaves_the_shop(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    trouble.move_to_shop(orders[0], cast.odense, cast.person("manager"), NOW)
    page = walk(aarhus, *orders)
    assert [row for row in page.rows if "Ean" not in row] == ["B Y New", "C Z New"]


def test_orders_that_the_person_may_not_see_are_not_on_the_walk(cast: Cast, aarhus: Client) -> None:
    mine = received(cast, new_order("MINE"))
    theirs, fjords = (
        received(cast, new_order("THEIRS", 996002)),
        received(cast, new_order("FJORD", 997001), web_shop="fjord"),
    )
    page = walk(aarhus, theirs, mine, fjords)
    assert "MINE" in page.text
    assert "THEIRS" not in page.text
    assert "FJORD" not in page.text
    assert aarhus.get(f"/pos/batch/?{query(theirs, fjords)}").status_code == 404
    before = everything(theirs), everything(fjords)
    aarhus.post(f"/pos/batch/accept/?{query(mine, theirs, fjords)}")
    assert (everything(theirs), everything(fjords)) == before


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/pos/batch/", "Choose the orders first."),
        ("/pos/batch/?order=x&order=0", "Choose the orders first."),
        (
            "/pos/batch/?" + "&".join(f"order={n}" for n in range(1, 22)),
            "At most 20 orders can be picked together.",
        ),
    ],
)
def test_none_and_too_many_are_refused(cast: Cast, aarhus: Client, address: str, sentence: str) -> None:
    answer = aarhus.get(address)
    assert answer.status_code == 422
    assert sentence in Page(answer).text


def test_one_pick_list_holds_them_all_and_each_print_is_noted(cast: Cast, aarhus: Client) -> None:
    orders = three(cast)
    answer = aarhus.get(f"/pos/batch/pick-list.pdf?{query(*orders)}")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.text for page in pages_of(answer.content))
    assert [order_no for order_no in "XYZ" if f"Pick list {order_no}" in text] == ["X", "Y", "Z"]
    assert OrderEvent.objects.filter(kind="printed", data__document="pick list").count() == 3


def test_without_scanning_there_is_no_box_and_with_scanning_only_no_pick_button(
    cast: Cast, aarhus: Client
) -> None:
    orders = [taken(cast), taken(cast)]
    for scanning, box, taps in (("off", 0, 4), ("offered", 1, 4), ("forced", 1, 0)):
        Policy.objects.update_or_create(group=cast.nordlys, defaults={"scanning": scanning})
        for page in (walk(aarhus, *orders), Page(aarhus.get(f"/pos/orders/{orders[0].pk}/"))):
            fields = [found.get("name") for tag, found in page.attributes if tag == "input"]
            assert fields.count("code") == box, scanning
            assert page.buttons.count("Pick") in ({taps, taps // 2} if taps else {0}), scanning


def test_a_walk_asks_as_much_of_one_order_as_of_twenty(cast: Cast, aarhus: Client) -> None:
    orders = [taken(cast) for _order in range(20)]
    counts = []
    for some in (orders[:1], orders):
        with CaptureQueriesContext(connection) as queries:
            page = walk(aarhus, *some)
        counts.append(len(queries))
        assert len([row for row in page.rows if "Ean" in row]) == 2 * len(some)
    assert counts[0] == counts[1] < 20


def test_an_order_that_is_ready_stays_on_the_walk_as_done(cast: Cast, aarhus: Client) -> None:
    ready, open_one = picked(cast, new=new_order("R")), taken(cast, new=new_order("O"))
    page = walk(aarhus, ready, open_one)
    assert [row for row in page.rows if "Ean" not in row] == ["A R Ready", "B O 0 of 2"]
    answer = aarhus.post(f"/pos/batch/scan/?{query(ready, open_one)}", {"code": JUMPER})
    assert answer.status_code == 302
    assert open_one.lines.all()[0].status == Status.PICKED
