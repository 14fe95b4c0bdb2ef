"""The screens of the hand-over, of its undo, and of the put-back list."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from orders import collecting
from orders.models import Policy, WebOrder
from tests.core.pages import Answer, Page, browser
from tests.factories import CAP, JUMPER, JUMPER_EAN, NOW, SCARF, Cast, again, delivered, new_order, picked
from tests.orders.together import everything

pytestmark = pytest.mark.any_database

Clock = time_machine.Traveller
DELIVERED = NOW + timedelta(minutes=30)
MUCH_LATER = NOW + timedelta(days=30)
INK = "M10 20" + "l3 -4" * 8


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(DELIVERED + timedelta(seconds=20), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def a_minute(settings: Settings) -> None:
    settings.UNDO_SECONDS = 60


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    """Freja in Aarhus, in English."""
    return browser(cast, "aarhus")


def asks_for(cast: Cast, proof: WebOrder.Proof) -> None:
    Policy.objects.filter(group=cast.nordlys).update(proof=proof)


def page_of(client: Client, order: WebOrder) -> Page:
    page = Page(client.get(f"/pos/orders/{order.pk}/"))
    assert page.faults == []
    return page


def names(page: Page) -> set[str]:
    """What the hand-over can be told, beside how it leaves and who was paid."""
    found = {attributes.get("name", "") for tag, attributes in page.attributes if tag == "input"}
    return found & {"pickup_code", "id_seen", "collected_by", "signature"}


def deliver(client: Client, order: WebOrder, **told: str) -> Answer:
    return client.post(f"/pos/orders/{order.pk}/deliver/", {"way": "hand over", **told})


def cancelled(cast: Cast, *variants: int, who: str = "aarhus", shop_id: int = 996001) -> WebOrder:
    order = picked(cast, who, new_order(shop_id=shop_id, variants=variants))
    assert collecting.give_up(order, MUCH_LATER)
    return again(order)


# The hand-over


@pytest.mark.parametrize(
    ("proof", "who", "asked"),
    [
        (WebOrder.Proof.NONE, "aarhus", {"collected_by"}),
        (WebOrder.Proof.CODE, "aarhus", {"pickup_code", "collected_by"}),
        (WebOrder.Proof.CODE, "manager", {"pickup_code", "collected_by", "id_seen"}),
        (WebOrder.Proof.NAME, "aarhus", {"collected_by", "id_seen"}),
        (WebOrder.Proof.SIGNATURE, "aarhus", {"signature", "collected_by", "id_seen"}),
    ],
)
def test_the_sheet_asks_for_what_the_group_wants_to_see(
    cast: Cast, proof: WebOrder.Proof, who: str, asked: set[str]
) -> None:
    asks_for(cast, proof)
    assert names(page_of(browser(cast, who), picked(cast))) == asked


def test_no_screen_of_the_shop_shows_the_pick_up_code(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    for address in (f"/pos/orders/{order.pk}/", "/pos/?tab=ready"):
        assert order.pickup_code not in Page(aarhus.get(address)).text


def test_a_form_without_the_code_is_refused_and_with_it_the_order_leaves(cast: Cast, aarhus: Client) -> None:
    asks_for(cast, WebOrder.Proof.CODE)
    order = picked(cast)
    before = everything(order)
    refused = deliver(aarhus, order)
    assert refused.status_code == 422
    assert "Ask for the pick-up code: type it, or scan its QR." in Page(refused).text
    assert everything(order) == before

    assert deliver(aarhus, order, pickup_code=order.pickup_code, collected_by="Bo").status_code == 302
    assert (again(order).status, again(order).collected_by) == ("Delivered", "Bo")
    assert "Collected by Bo" in page_of(aarhus, order).text


def test_head_offices_page_shows_the_signature_as_a_picture(cast: Cast, aarhus: Client) -> None:
    asks_for(cast, WebOrder.Proof.SIGNATURE)
    order = picked(cast)
    assert deliver(aarhus, order, signature='"/><script>').status_code == 422
    assert deliver(aarhus, order, signature="M1 1" + "l1 1" * 9000).status_code == 422
    assert deliver(aarhus, order, signature=INK).status_code == 302
    page = Page(browser(cast, "office").get(f"/orders/{order.pk}/"))
    assert [
        found["d"] for tag, found in page.attributes if tag == "path" and found["d"].startswith("M10 20")
    ] == [INK]
    assert "Handed over · Signature" in page.text


def test_who_cannot_run_scripts_is_offered_the_name_check(cast: Cast, aarhus: Client) -> None:
    asks_for(cast, WebOrder.Proof.SIGNATURE)
    order = picked(cast)
    assert "nobody can sign here: check the name instead" in page_of(aarhus, order).text
    assert deliver(aarhus, order, id_seen="on", collected_by="Bo").status_code == 302
    assert again(order).proof == "name"


# Undo


def test_undo_is_there_for_its_time_and_for_those_who_may(cast: Cast, aarhus: Client, clock: Clock) -> None:
    order = delivered(cast)
    page = page_of(aarhus, order)
    assert "Delivered. A wrong tap? Undo 40 s" in page.text
    [form] = [form for form in page.forms if form.action.endswith("/deliver/undo/")]
    clock.move_to(DELIVERED + timedelta(seconds=60))
    assert "A wrong tap?" not in page_of(aarhus, order).text

    clock.move_to(DELIVERED + timedelta(seconds=59))
    assert "Undo 1 s" in page_of(browser(cast, "manager"), order).text
    assert aarhus.post(form.action)["Location"] == f"/pos/orders/{order.pk}/"
    assert "Deliver" in page_of(aarhus, order).buttons


def test_of_a_colleagues_delivery_there_is_no_undo(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast, "manager")
    assert "A wrong tap?" not in page_of(aarhus, order).text
    before = everything(order)
    assert aarhus.post(f"/pos/orders/{order.pk}/deliver/undo/").status_code == 409
    assert everything(order) == before


# Collect by


def test_the_collect_by_date_is_on_the_page_and_in_the_queue(
    cast: Cast, aarhus: Client, clock: Clock
) -> None:
    order = picked(cast)
    assert "Collect by Tue 10 Mar" in page_of(aarhus, order).text
    assert "collect by Tue 10 Mar" in Page(aarhus.get("/pos/?tab=ready")).text
    clock.move_to(NOW + timedelta(days=6))
    assert "Collect by tomorrow" in page_of(aarhus, order).text
    clock.move_to(NOW + timedelta(days=7))
    assert "collect by today" in Page(aarhus.get("/pos/?tab=ready")).text
    assert b"row late" not in aarhus.get("/pos/?tab=ready").content
    clock.move_to(NOW + timedelta(days=8))
    assert "not collected in time" in page_of(aarhus, order).text
    ready = aarhus.get("/pos/?tab=ready")
    assert b"row late" in ready.content
    assert "not collected in time" in Page(ready).text


# Put back


def test_the_list_is_sorted_for_walking_and_its_tab_counts(cast: Cast, aarhus: Client) -> None:
    assert "Put back" not in Page(aarhus.get("/pos/")).text
    cancelled(cast, SCARF, JUMPER)
    cancelled(cast, CAP, JUMPER)
    cancelled(cast, CAP, who="odense", shop_id=996002)
    page = Page(aarhus.get("/pos/put-back/"))
    assert page.faults == []
    assert "Put back 4" in page.links
    pieces = [row for row in page.rows if "VariantId" in row]
    assert [row.split()[0] for row in pieces] == ["Cap", "Scarf", "Wool", "Wool"]
    assert "Put back 1" in Page(browser(cast, "odense").get("/pos/")).links


def test_a_tap_and_a_scan_put_back_and_say_what(cast: Cast, aarhus: Client) -> None:
    order = cancelled(cast, SCARF, JUMPER)
    scarf, jumper = order.lines.order_by("number")
    told = Page(aarhus.post(f"/pos/put-back/{scarf.pk}/", follow=True))
    assert f"Scarf Løvfald Rust One size is put back. {order.order_no}" in told.text
    told = Page(aarhus.post("/pos/put-back/scan/", {"code": JUMPER_EAN}, follow=True))
    assert f"Wool jumper Skagerrak Blue S is put back. {order.order_no}" in told.text
    assert "Nothing is to be put back." in told.text
    jumper.refresh_from_db()
    assert (jumper.to_put_back, jumper.put_back_by) == (False, cast.person("aarhus"))


def test_pieces_in_other_shops_are_not_listed(cast: Cast, aarhus: Client) -> None:
    theirs = cancelled(cast, CAP, who="odense", shop_id=996002)
    line = theirs.lines.get()
    before = everything(theirs)
    assert aarhus.post(f"/pos/put-back/{line.pk}/").status_code == 404
    assert aarhus.post("/pos/put-back/scan/", {"code": str(CAP)}).status_code == 422
    assert aarhus.post("/pos/put-back/999999/").status_code == 404
    assert everything(theirs) == before
    assert theirs.order_no not in Page(aarhus.get("/pos/put-back/", {"done": line.pk})).text


@pytest.mark.parametrize("done", ["", "x", "-1", "9" * 30, "1\0"])
def test_an_odd_address_shows_the_list(cast: Cast, aarhus: Client, done: str) -> None:
    cancelled(cast, CAP)
    assert "Put back 1" in Page(aarhus.get("/pos/put-back/", {"done": done})).links


def test_the_list_asks_as_much_for_one_piece_as_for_forty(
    cast: Cast, aarhus: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cancelled(cast, CAP)
    aarhus.get("/pos/put-back/")
    with django_assert_max_num_queries(12) as one:
        aarhus.get("/pos/put-back/")
    for _order in range(13):
        cancelled(cast, CAP, SCARF, JUMPER)
    with django_assert_max_num_queries(12) as many:
        aarhus.get("/pos/put-back/")
    assert len(one) == len(many)
