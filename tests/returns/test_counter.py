"""The counter: what is chosen, what the policy decides of it, and what the customer is told."""

import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ddd.models import Posting
from orders.models import RefundDue, WebOrder
from returns.models import Return, ReturnPolicy
from tests.core.pages import HTMX, Page, browser
from tests.factories import CAP, JUMPER, SCARF, Cast, again, delivered, new_order, picked, taken_back
from tests.orders.together import everything
from tests.returns.counter import (
    DAY_3,
    REASON,
    address,
    chosen,
    fields_of,
    main_buttons,
    page_of,
    take_back,
)

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("day_3")]


@pytest.fixture
def fjord(cast: Cast) -> Client:
    return browser(cast, "fjord staff")


def in_fjord(cast: Cast) -> WebOrder:
    return delivered(cast, "fjord staff", new_order(shop_id=997001), "fjord")


# Before anything is chosen


def test_every_screen_of_the_shop_links_to_it(cast: Cast, aarhus: Client) -> None:
    order = picked(cast)
    for place in ("/pos/", f"/pos/orders/{order.pk}/", "/pos/put-back/", "/returns/"):
        assert Page(aarhus.get(place)).links["Returns"] == "/returns/"


def test_the_page_says_who_has_what_since_when_and_what_the_policy_would_say_today(
    cast: Cast, aarhus: Client
) -> None:
    page = page_of(aarhus, delivered(cast))
    assert "Åse Ø. Sørensen" in page.text
    assert "3 Mar 10:30 · Aarhus" in page.text
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


def test_the_choice_in_the_query_string_is_decided_and_shown(cast: Cast, aarhus: Client) -> None:
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
    buttons = [
        found
        for tag, found in page_of(aarhus, order).attributes
        if tag == "button" and found.get("formmethod") == "get"
    ]
    assert [button["formaction"] for button in buttons] == [address(order)] * 2  # the other one scans


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
    assert "Give the customer 200.00 DKK (199.95, rounded) in cash" in page.text
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
    page = Page(fjord.get(f"/returns/{refund.taken_back.pk}/"))
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


def test_what_ddd_refused_is_head_offices(cast: Cast, aarhus: Client) -> None:
    made = taken_back(cast, delivered(cast), paid_by="cash", now=DAY_3)
    Posting.objects.filter(kind="return").update(state=Posting.State.REJECTED, needs_attention=True)
    assert "DdD has not taken it: head office sees to it" in Page(aarhus.get(f"/returns/{made.pk}/")).text


# Access


def test_another_group_and_another_shops_open_order_do_not_exist(cast: Cast, aarhus: Client) -> None:
    theirs, open_there = in_fjord(cast), picked(cast, "odense", new_order(shop_id=996002))
    made = taken_back(cast, theirs, "fjord staff", now=DAY_3)
    for order in (theirs, open_there):
        before = everything(order)
        assert aarhus.get(address(order)).status_code == 404
        assert take_back(aarhus, order, chosen(order, 1, paid_by="cash")).status_code == 404
        assert everything(order) == before
    assert aarhus.get(f"/returns/{made.pk}/").status_code == 404
    for action in ("cancel", "reverse"):
        assert aarhus.post(f"/returns/{made.pk}/{action}/", {"why": "x"}).status_code == 404


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
