"""The counter: what is chosen, what the policy decides of it, and what the customer is told."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from ddd.models import Posting
from orders.models import WebOrder
from returns.models import RefundDue, Return, ReturnPolicy
from tests.core.pages import HTMX, Answer, Page, browser
from tests.factories import CAP, JUMPER, NOW, SCARF, Cast, again, delivered, new_order, picked, taken_back
from tests.orders.together import everything

REASON = "Fortrudt"  # in the language of the Group
DAY_3, DAY_31 = NOW + timedelta(days=3), NOW + timedelta(days=31)
Clock = time_machine.Traveller
Fields = dict[str, str | list[int]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(DAY_3, tick=False) as traveller:
        yield traveller


@pytest.fixture
def too_late(clock: Clock) -> None:
    clock.move_to(DAY_31)


@pytest.fixture
def aarhus(cast: Cast) -> Client:
    return browser(cast, "aarhus")


@pytest.fixture
def manager(cast: Cast) -> Client:
    return browser(cast, "manager")


@pytest.fixture
def fjord(cast: Cast) -> Client:
    return browser(cast, "fjord staff")


def in_fjord(cast: Cast) -> WebOrder:
    return delivered(cast, "fjord staff", new_order(shop_id=997001), "fjord")


def address(order: WebOrder) -> str:
    return f"/returns/orders/{order.pk}/"


def chosen(order: WebOrder, *numbers: int, reason: str = REASON, **more: str) -> Fields:
    """The fields of a form in which these pieces are chosen."""
    keys = [line.pk for line in order.lines.order_by("number") if line.number in numbers]
    return {"piece": keys, **{f"reason-{key}": reason for key in keys if reason}, **more}


def page_of(client: Client, order: WebOrder, fields: Fields | None = None) -> Page:
    page = Page(client.get(address(order), fields or {}))
    assert page.faults == []
    return page


def take_back(client: Client, order: WebOrder, fields: Fields, **options: Any) -> Answer:
    return client.post(f"{address(order)}take-back/", fields, **options)


def fields_of(page: Page) -> dict[str, str]:
    """What the page's form sends along with what is chosen."""
    return {found["name"]: found.get("value", "") for _tag, found in page.attributes if found.get("name")}


def main_buttons(page: Page) -> list[str]:
    return [name for name in page.buttons if name.startswith("Take back")]


# Before anything is chosen


def test_the_way_in_stands_on_every_screen_of_the_shop(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    for place in ("/pos/", f"/pos/orders/{order.pk}/", "/pos/put-back/", "/returns/"):
        assert Page(aarhus.get(place)).links["Returns"] == "/returns/"


def test_the_page_says_who_has_what_since_when_and_what_the_policy_would_say_today(
    cast: Cast, aarhus: Client
) -> None:
    page = page_of(aarhus, delivered(cast))
    assert "Åse Ø. Sørensen" in page.text
    assert "3. Mar 10:30 · Aarhus" in page.text
    assert (
        "Tap what came back. Today the policy says of all 2 pieces: The register pays 399.90 DKK" in page.text
    )
    assert "Day 3 of 30. Paid online. Nordlys lets the register pay up to 1,000.00 DKK." in page.text
    assert main_buttons(page) == []


def test_the_web_shop_refunds_where_the_register_does_not_pay(cast: Cast, fjord: Client) -> None:
    page = page_of(fjord, in_fjord(cast))
    assert "No money here: the web shop refunds 399.90 NOK" in page.text
    assert "Day 3 of 30. Paid online. Fjord does not let the register pay." in page.text


def test_pieces_that_were_never_delivered_are_not_offered(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, CAP)), missing=(2,))
    page = page_of(aarhus, order)
    assert [row.split()[0] for row in page.rows if "Ean" in row] == ["Wool", "Cap"]
    assert "Scarf" not in page.text


def test_of_an_order_that_is_not_delivered_nothing_can_be_chosen(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    page = page_of(aarhus, order)
    assert "Not delivered: cancel it instead Only what was delivered can come back." in page.text
    assert page.links[f"Open {order.order_no}"] == f"/pos/orders/{order.pk}/"
    assert not [found for _tag, found in page.attributes if found.get("type") == "checkbox"]
    before = everything(order)
    assert take_back(aarhus, order, chosen(order, 1, paid_by="cash")).status_code == 409
    assert everything(order) == before


# What is chosen stands in the address


def test_a_chosen_piece_without_its_reason_is_asked_for_it(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    page = page_of(aarhus, order, chosen(order, 1, reason=""))
    assert "The register pays 199.95 DKK" in page.text
    assert "Choose why each piece comes back." in page.text
    assert main_buttons(page) == []


def test_what_is_chosen_is_decided_and_drawn_anew_from_the_address(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    key = order.lines.get(number=2).pk
    fields = chosen(order, 2, paid_by="terminal", **{f"condition-{key}": "damaged"})
    page = page_of(aarhus, order, fields)
    assert main_buttons(page) == ["Take back · 199.95 DKK the register pays"]
    ticked = {found["id"] for _tag, found in page.attributes if "checked" in found}
    other = order.lines.get(number=1).pk
    regretted = {found["id"] for _tag, found in page.attributes if found.get("value") == REASON}
    assert ticked == {
        f"piece-{key}",
        f"damaged-{key}",
        f"shelf-{other}",
        "paid-terminal",
        *(name for name in regretted if f"-{key}-" in name),
    }


@pytest.mark.parametrize(
    "query",
    [
        "piece=x&piece=-1&piece=99999999999",
        "piece=0&instead=nothing",
        "paid_by=\0&piece=1\0",
        "condition-1=x",
    ],
)
def test_an_address_that_makes_no_sense_chooses_nothing(cast: Cast, aarhus: Client, query: str) -> None:
    order = delivered(cast)
    answer = aarhus.get(f"{address(order)}?{query}")
    assert answer.status_code == 200
    assert answer.context["choice"].chosen == 0


def test_the_page_refreshes_itself_from_the_address_as_it_is_then(cast: Cast, aarhus: Client) -> None:
    page = page_of(aarhus, delivered(cast))
    [live] = [found for _tag, found in page.attributes if found.get("id") == "live"]
    assert live["hx-get"] == ""
    [live] = [
        found for _tag, found in Page(aarhus.get("/pos/?tab=done")).attributes if found.get("id") == "live"
    ]
    assert live["hx-get"] == "/pos/?tab=done"


def test_no_address_ever_keeps_the_token_of_the_form(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    page = page_of(aarhus, order, chosen(order, 1))
    holders = [tag for tag, found in page.attributes if found.get("name") == "csrfmiddlewaretoken"]
    outside = [form for form in page.forms if "csrfmiddlewaretoken" in form.fields]
    assert "button" in holders
    assert not [form for form in outside if form.action.endswith("/take-back/")]


def test_without_scripts_a_button_shows_the_decision(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    [button] = [
        found
        for tag, found in page_of(aarhus, order).attributes
        if tag == "button" and found.get("formmethod") == "get"
    ]
    assert button["formaction"] == address(order)


# Taking back


def test_the_register_pays_in_cash(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    shown = fields_of(page_of(aarhus, order, chosen(order, 1)))["shown"]
    answer = take_back(aarhus, order, chosen(order, 1, paid_by="cash", shown=shown))
    made = Return.objects.get()
    assert answer["Location"] == f"/returns/{made.pk}/"
    assert (made.outcome, made.amount, made.paid_by) == ("register", Decimal("199.95"), "cash")
    assert (made.shop, made.taken_by) == (cast.aarhus, cast.person("aarhus"))
    piece = made.pieces.get()
    assert (piece.reason, piece.condition, piece.line.number) == (REASON, "shelf", 1)
    page = Page(aarhus.get(answer["Location"]))
    assert page.faults == []
    assert "Give the customer 199.95 DKK in cash" in page.text
    assert "DdD not sent yet" in page.text
    assert "Day 3 of 30. Paid online. Nordlys lets the register pay up to 1,000.00 DKK." in page.text
    assert [form.action for form in page.forms if "slip" in form.action] == [f"/returns/{made.pk}/slip.pdf"]


def test_the_card_gets_its_money_at_the_terminal(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    answer = take_back(aarhus, order, chosen(order, 1, 2, paid_by="terminal"), follow=True)
    assert "Pay 399.90 DKK back to the customer's card at the terminal" in Page(answer).text
    assert again(order).status == "Returned"


def test_the_web_shop_refunds_and_the_customer_is_told(cast: Cast, fjord: Client) -> None:
    order = in_fjord(cast)
    answer = take_back(fjord, order, chosen(order, 1), follow=True)
    assert "The web shop refunds 199.95 NOK: tell the customer" in Page(answer).text
    refund = RefundDue.objects.get()
    assert (refund.amount, refund.state) == (Decimal("199.95"), "due")
    RefundDue.objects.update(state="refunded")
    page = Page(fjord.get(f"/returns/{refund.taken_back_id}/"))
    assert "The web shop has refunded 199.95 NOK" in page.text


def test_another_shop_of_the_group_takes_it_back(cast: Cast) -> None:
    order = delivered(cast)
    odense = browser(cast, "odense")
    assert take_back(odense, order, chosen(order, 2, paid_by="cash")).status_code == 302
    assert Return.objects.get().shop == cast.odense
    row = next(row for row in page_of(odense, order).rows if "Scarf" in row)
    assert "came back today 10:00 · Odense · Emil Kjær" in row
    # It may see what came back there, but the return is Odense's.
    there = browser(cast, "aarhus")
    assert "Odense · Emil Kjær" in page_of(there, order).text
    assert there.get(f"/returns/{Return.objects.get().pk}/").status_code == 404


def test_a_piece_that_came_back_cannot_be_chosen_again(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash")
    page = page_of(aarhus, order, chosen(order, 1, 2))
    boxes = [found["value"] for _tag, found in page.attributes if found.get("type") == "checkbox"]
    assert boxes == [str(order.lines.get(number=2).pk)]
    assert main_buttons(page) == ["Take back · 199.95 DKK the register pays"]
    taken_back(cast, order, lines=(2,), paid_by="cash")
    assert "All of it came back already." in page_of(aarhus, order).text


def test_the_same_tap_again_takes_back_once_and_shows_the_return(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    shown = fields_of(page_of(aarhus, order, chosen(order, 1)))["shown"]
    fields = chosen(order, 1, paid_by="cash", shown=shown)
    first, second = (take_back(aarhus, order, fields)["Location"] for _tap in range(2))
    assert first == second
    assert Return.objects.count() == 1


def test_what_is_decided_otherwise_by_now_is_not_done(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    shown = fields_of(page_of(aarhus, order, chosen(order, 1)))["shown"]
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    before = everything(order)
    refused = take_back(aarhus, order, chosen(order, 1, shown=shown), headers=HTMX)
    assert refused.status_code == 409
    assert "It is decided otherwise by now: look at what stands here, then tap again." in Page(refused).text
    assert (everything(order), Return.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({}, 422, "No piece is chosen."),
        ({"reason": ""}, 422, "Choose why the piece came back."),
        ({"reason": "Because"}, 422, "Choose why the piece came back."),
        ({"paid_by": ""}, 422, "The register pays the customer: say how it was paid out."),
        ({"paid_by": "web shop"}, 422, "The register pays the customer: say how it was paid out."),
    ],
)
def test_a_form_that_lacks_something_is_refused_in_words(
    cast: Cast, aarhus: Client, fields: dict[str, str], status: int, said: str
) -> None:
    order = delivered(cast)
    before = everything(order)
    sent = chosen(order, 1, **{"paid_by": "cash", **fields}) if fields else {}
    refused = take_back(aarhus, order, sent)
    assert refused.status_code == status
    assert said in Page(refused).text
    assert (everything(order), Return.objects.count()) == (before, 0)


# The manager


@pytest.mark.usefixtures("too_late")
def test_after_the_last_day_it_says_why_and_who_can(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    page = page_of(aarhus, order, chosen(order, 1))
    assert "It is not taken back Day 31: Nordlys takes pieces back for 30 days." in page.text
    assert "Mads Lindholm may decide otherwise." in page.text
    asks = page.links["Who is it?"]
    assert page_of(aarhus, order).links["Who is it?"].startswith("/pos/who/?next=")
    assert asks.startswith("/pos/who/?next=")
    assert "Overrule as manager" not in page.text
    assert main_buttons(page) == []
    before = everything(order)
    sent = chosen(order, 1, paid_by="cash", instead="register", overrule_reason="Faulty from the start")
    assert take_back(aarhus, order, sent).status_code == 409
    assert (everything(order), Return.objects.count()) == (before, 0)


@pytest.mark.usefixtures("too_late")
def test_a_manager_overrules_with_a_reason(cast: Cast, manager: Client) -> None:
    order = delivered(cast)
    page = page_of(manager, order, chosen(order, 1))
    for words in ("Overrule as manager", "As the policy says The register pays The web shop refunds"):
        assert words in page.text
    assert main_buttons(page) == []
    page = page_of(manager, order, chosen(order, 1, instead="web shop"))
    assert "No money here: the web shop refunds 199.95 DKK" in page.text
    assert "Overruled by the shop manager." in page.text
    assert main_buttons(page) == ["Take back · 199.95 DKK the web shop refunds · overruled"]
    shown = fields_of(page)["shown"]
    sent = chosen(order, 1, instead="web shop", shown=shown)
    assert take_back(manager, order, sent).status_code == 422
    told = take_back(manager, order, {**sent, "overrule_reason": "Faulty from the start"}, follow=True)
    assert "Mads Lindholm: Faulty from the start" in Page(told).text
    made = Return.objects.get()
    assert (made.outcome, made.overruled_by, made.overrule_reason) == (
        "web shop",
        cast.person("manager"),
        "Faulty from the start",
    )


@pytest.mark.usefixtures("too_late")
def test_nobody_overrules_where_the_policy_lets_nobody(cast: Cast, manager: Client) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(overruling="nobody")
    order = delivered(cast)
    page = page_of(manager, order, chosen(order, 1, instead="register"))
    assert "Overrule" not in page.text
    assert "may decide otherwise" not in page.text
    assert main_buttons(page) == []


@pytest.mark.usefixtures("too_late")
def test_a_shop_without_a_manager_of_its_own_says_it_without_a_name(cast: Cast, aarhus: Client) -> None:
    Membership.objects.filter(role=Membership.Role.MANAGER).delete()
    order = delivered(cast)
    assert "The shop manager may decide otherwise." in page_of(aarhus, order, chosen(order, 1)).text


def test_a_manager_cancels_a_wrong_return_while_nothing_was_sent(
    cast: Cast, manager: Client, aarhus: Client
) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, lines=(1,), paid_by="cash", now=DAY_3)
    place = f"/returns/{made.pk}/"
    assert "Was this return wrong?" not in Page(aarhus.get(place)).text
    before = everything(order)
    assert aarhus.post(f"{place}cancel/", {"why": "Mine"}).status_code == 409
    assert manager.post(f"{place}cancel/", {"why": " "}).status_code == 422
    assert everything(order) == before
    page = Page(manager.get(place))
    assert "Nothing was sent to DdD yet: cancelled, it is as if it never was." in page.text
    assert "Cancel the return" in page.buttons
    told = Page(manager.post(f"{place}cancel/", {"why": "Wrong customer"}, follow=True))
    assert "Cancelled: nothing of it counts." in told.text
    assert "The customer has the pieces again, and the register its 199.95 DKK." in told.text
    assert "Mads Lindholm · today 10:00 · Wrong customer" in told.text
    assert "DdD was never sent" in told.text
    assert "Was this return wrong?" not in told.text
    assert again(order).lines.filter(status="Delivered").count() == 2


def test_a_manager_reverses_what_ddd_has(cast: Cast, manager: Client) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, lines=(1,), paid_by="cash", now=DAY_3)
    Posting.objects.update(state=Posting.State.SENT, lane="")
    place = f"/returns/{made.pk}/"
    page = Page(manager.get(place))
    assert "DdD DdD has it" in page.text
    assert "Reverse the return" in page.buttons
    told = Page(manager.post(f"{place}reverse/", {"why": "Wrong customer"}, follow=True))
    assert told.faults == []
    assert "Reversed: it is booked the other way round." in told.text
    assert "DdD not sent yet" in told.text
    assert again(order).lines.filter(status="Delivered").count() == 2


def test_what_ddd_refused_is_head_offices(cast: Cast, aarhus: Client) -> None:
    made = taken_back(cast, delivered(cast), paid_by="cash", now=DAY_3)
    Posting.objects.filter(kind="return").update(state=Posting.State.REJECTED, for_a_person=True)
    assert "DdD has not taken it: head office sees to it" in Page(aarhus.get(f"/returns/{made.pk}/")).text


# Walls


def test_another_group_and_another_shops_open_order_do_not_exist(cast: Cast, aarhus: Client) -> None:
    theirs, open_there = in_fjord(cast), picked(cast, "odense", new_order(shop_id=996002))
    made = taken_back(cast, theirs, "fjord staff", now=DAY_3)
    for order in (theirs, open_there):
        before = everything(order)
        assert aarhus.get(address(order)).status_code == 404
        assert take_back(aarhus, order, chosen(order, 1, paid_by="cash")).status_code == 404
        assert everything(order) == before
    assert aarhus.get(f"/returns/{made.pk}/").status_code == 404
    for deed in ("cancel", "reverse"):
        assert aarhus.post(f"/returns/{made.pk}/{deed}/", {"why": "x"}).status_code == 404


def test_what_only_the_same_shop_takes_is_not_there_for_others_and_says_why_at_home(cast: Cast) -> None:
    order = delivered(cast)
    policy = ReturnPolicy.objects.get(group=cast.nordlys)
    policy.where = ReturnPolicy.Where.CHOSEN
    policy.save()
    policy.shops.set([cast.shop(996003)])
    odense, aarhus = browser(cast, "odense"), browser(cast, "aarhus")
    assert odense.get(address(order)).status_code == 404
    assert take_back(odense, order, chosen(order, 1, paid_by="cash")).status_code == 404
    page = page_of(aarhus, order, chosen(order, 1))
    assert "It is not taken back This shop does not take this order back." in page.text
    before = everything(order)
    assert take_back(aarhus, order, chosen(order, 1, paid_by="cash")).status_code == 409
    assert everything(order) == before


def test_a_shared_tablet_asks_who_it_is_before_anything_is_taken_back(cast: Cast, aarhus: Client) -> None:
    order = delivered(cast)
    aarhus.post("/pos/done/")
    before = everything(order)
    refused = take_back(aarhus, order, chosen(order, 1, paid_by="cash"), headers=HTMX)
    assert refused.status_code == 409
    assert refused["HX-Redirect"].startswith("/pos/who/")
    assert everything(order) == before


# Queries

FIND, CHOOSE, RETURN = 9, 14, 15


def asked(client: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(place).status_code == 200
    return len(queries)


def test_no_screen_asks_more_for_more_pieces_or_returns(cast: Cast, manager: Client) -> None:
    few = delivered(cast, new=new_order(variants=(JUMPER, SCARF)))
    many = delivered(cast, new=new_order(variants=(JUMPER, SCARF, CAP) * 4))
    first = taken_back(cast, few, lines=(1,), paid_by="cash", now=DAY_3)
    find = asked(manager, "/returns/")
    second = taken_back(cast, many, lines=(1, 2, 3, 4), paid_by="cash", now=DAY_3)
    assert asked(manager, "/returns/") == find == FIND
    query = [f"{address(order)}?{urlencode(chosen(order, 2, 5, 6), doseq=True)}" for order in (few, many)]
    assert [asked(manager, place) for place in query] == [CHOOSE, CHOOSE]
    assert [asked(manager, f"/returns/{one.pk}/") for one in (first, second)] == [RETURN, RETURN]


def test_lately_lists_the_shops_newest_returns(cast: Cast, aarhus: Client) -> None:
    assert "What does the customer bring back?" in Page(aarhus.get("/returns/")).text
    order = delivered(cast, new=new_order("W-1"))
    taken_back(cast, order, lines=(1,), paid_by="cash", now=DAY_3)
    taken_back(cast, order, "odense", cast.odense, lines=(2,), paid_by="cash", now=DAY_3)
    page = Page(aarhus.get("/returns/"))
    assert page.faults == []
    [row] = page.rows
    assert re.sub(r"\s+", " ", row) == "W-1 1 piece 199.95 DKK · The register pays today 10:00 Freja Sørensen"
