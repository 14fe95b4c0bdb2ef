"""Helping with one order: what DdD was told, what can be done once more, and all of it as one text."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.causes import as_it_is
from ddd.models import Attempt, Connection, Posting
from ddd.sending import decisions, dispatch
from office.order.next_steps import MAILS, POSTINGS, next_step
from office.order.support import support_text
from orders.causes import NOT_NEEDED_ANY_MORE
from orders.mail_decisions import NEEDS_ATTENTION
from orders.models import Mail, WebOrder
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, Cast, delivered, new_order, picked, received, taken_back
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

MINUTE = timedelta(minutes=1)


def sent(cast: Cast) -> WebOrder:
    """An order of one jumper that DdD has."""
    order = received(cast, new_order("W-1", variants=(JUMPER,)))
    dispatch.drain(cast.nordlys.pk)
    return order


def the_mail(cast: Cast, **kwargs: object) -> Mail:
    """One of an order that waits for its customer."""
    order = picked(cast, new=new_order(customer_number=100042))
    Mail.objects.filter(order=order).update(**kwargs)
    return Mail.objects.get(order=order)


# Every call


def test_each_call_is_kept_with_its_request_its_answer_and_how_long_it_took(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sent(booked_cast)
    [attempt] = Attempt.objects.all()
    [call] = attempt.calls
    assert 0 <= call.pop("ms") <= attempt.duration_ms
    assert call == {
        "method": "POST",
        "path": "api/weborder/clickandcollect",
        "request": {
            "OrderNo": "W-1",
            "ShopId": 996001,
            "IsPaid": True,
            "CustomerNumber": 0,
            "ReceiveAddress": "…",
            "WebOrderLines": [
                {
                    "VariantId": JUMPER,
                    "SalesPrice": 219.95,
                    "EffectiveSalesPrice": 199.95,
                    "DiscountAmount": 20.0,
                }
            ],
        },
        "status": 200,
        "answer": "true",
    }


def test_a_call_without_an_answer_and_the_look_after_it_are_kept_too(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.fault("lose the answer after committing", times=1, on="order")
    order = sent(booked_cast)
    dispatch.drain(booked_cast.nordlys.pk, lambda: timezone.now() + MINUTE)
    lost, look = Attempt.objects.order_by("pk")
    assert (lost.calls[0]["status"], lost.calls[0]["method"]) == (None, "POST")
    assert lost.calls[0]["answer"].startswith("RemoteProtocolError: ")
    assert look.calls[0]["path"] == "api/weborder/fetch/W-1"
    assert '"OrderNo":"W-1"' in look.calls[0]["answer"].replace(" ", "")
    assert "Bakkevej" not in json.dumps([lost.calls, look.calls])
    text = Page(browser(booked_cast, "office").get(f"/orders/{order.pk}/")).text
    assert "GET api/weborder/fetch/W-1" in text
    assert '"VariantId": 100001' in text


def test_an_unreachable_ddd_is_kept_as_a_call_without_status(cast: Cast) -> None:
    sent(cast)
    [attempt] = Attempt.objects.all()
    assert [(call["status"], call["answer"][:12]) for call in attempt.calls] == [(None, "ConnectError")]


# Once more


@pytest.mark.parametrize("state", Posting.State)
def test_each_posting_has_a_button_or_says_why_it_has_none(cast: Cast, state: Posting.State) -> None:
    order = received(cast)
    needs_attention = state == Posting.State.REJECTED
    Posting.objects.update(state=state, needs_attention=needs_attention)
    page = Page(browser(cast, "office").get(f"/orders/{order.pk}/"))
    assert ("Send again" in page.buttons) == needs_attention
    assert ("Try now" in page.buttons) is False
    if not needs_attention:
        assert str(POSTINGS[state]) in page.text


def test_what_waits_for_another_order_leads_to_it(cast: Cast) -> None:
    """Equal item transfers go one after the other; `delivered` orders are alike."""
    first, second = delivered(cast), delivered(cast)
    Posting.objects.exclude(kind="transfer").update(state="sent")
    office, stuck = browser(cast, "office"), Posting.objects.filter(order_no=first.order_no, kind="transfer")
    assert "It waits" not in Page(office.get(f"/orders/{second.pk}/")).text
    stuck.update(state="in flight")
    page = Page(office.get(f"/orders/{second.pk}/"))
    assert f"It waits until the equal item transfer of {first.order_no} is sent." in page.text
    stuck.update(state="uncertain", needs_attention=True)
    page = Page(office.get(f"/orders/{second.pk}/"))
    assert f"It waits for {first.order_no} , which somebody has to decide about first." in page.text
    assert page.links[first.order_no] == f"/orders/{first.pk}/"
    stuck.update(state="sent", needs_attention=False)
    assert "It waits" not in Page(office.get(f"/orders/{second.pk}/")).text


@pytest.mark.parametrize(
    ("state", "stuck", "sentence"),
    [
        ("waiting", False, "It waits until another posting of this order is sent."),
        ("uncertain", True, "It waits for another posting of this order, which somebody has to decide about"),
        ("rejected", True, "It waits for another posting of this order, which somebody has to decide about"),
        ("given up", False, ""),
    ],
)
def test_a_change_waits_for_an_older_one(cast: Cast, state: str, stuck: bool, sentence: str) -> None:
    order = received(cast)
    Posting.objects.update(state="sent")
    for number in (1, 2):
        Posting.objects.create(
            group=cast.nordlys,
            kind="change",
            action_key=f"change:{number}",
            order_no=order.order_no,
            payload={"OrderNo": "W-1", "Since": NOW.isoformat(), "WebOrderLines": []},
            made_at=NOW,
            not_before=NOW,
        )
    Posting.objects.filter(action_key="change:1").update(state=state, needs_attention=stuck)
    page = Page(browser(cast, "office").get(f"/orders/{order.pk}/"))
    assert page.text.count("It waits ") == (1 if sentence else 0)
    assert sentence in page.text
    claimed = {dispatch.claim(cast.nordlys.pk, NOW) for _try in range(3)}
    assert ("change:2" in {one.action_key for one in claimed if one}) == (not sentence)


def test_what_waits_for_ddd_is_tried_now(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    sandbox.fault("503", times=1, on="order")
    Connection.objects.update(base_url="http://127.0.0.1:9")
    order = sent(booked_cast)
    Connection.objects.update(base_url=sandbox.url)
    posting, office = Posting.objects.get(), browser(booked_cast, "office")
    assert (posting.state, posting.tries) == ("waiting", 1)
    assert "Try now" in Page(office.get(f"/orders/{order.pk}/")).buttons
    Posting.objects.update(not_before=timezone.now() + 10 * MINUTE)
    for _tap in range(2):
        answer = office.post(f"/orders/attention/{posting.pk}/", {"decision": "try now", "to_the_order": "1"})
        assert answer["Location"] == f"/orders/{order.pk}/"
    posting.refresh_from_db()
    assert posting.not_before <= timezone.now()


def test_what_can_still_be_undone_is_not_hurried(cast: Cast) -> None:
    order = delivered(cast)
    sale = Posting.objects.get(order_no=order.order_no, kind="sale")
    Posting.objects.filter(pk=sale.pk).update(not_before=NOW + MINUTE)
    decisions.try_now(sale, NOW)
    sale.refresh_from_db()
    assert sale.not_before == NOW + MINUTE


@pytest.mark.parametrize("state", Mail.State)
def test_each_mail_has_a_button_or_says_why_it_has_none(cast: Cast, state: Mail.State) -> None:
    mail = the_mail(cast, state=state)
    page = Page(browser(cast, "office").get(f"/orders/{mail.order_id}/"))
    assert ("Send again" in page.buttons) == (state in NEEDS_ATTENTION)
    assert next_step(mail) == str(MAILS.get(state, ""))
    assert next_step(mail) in page.text


def test_of_a_mail_that_is_not_needed_any_more_it_is_said_once(cast: Cast) -> None:
    mail = the_mail(cast, state=Mail.State.NOT_NEEDED, reason=NOT_NEEDED_ANY_MORE())
    text = Page(browser(cast, "office").get(f"/orders/{mail.order_id}/")).text
    assert text.count("the order has moved on") == 1
    assert "nobody needs to be told" not in text


def test_a_mail_is_sent_again_from_the_page_of_its_order(cast: Cast) -> None:
    mail, office = the_mail(cast, state=Mail.State.NOT_POSSIBLE), browser(cast, "office")
    form = next(
        form for form in Page(office.get(f"/orders/{mail.order_id}/")).forms if "chosen" in form.fields
    )
    answer = office.post(form.action, {**form.fields, "decision": "send again"})
    assert answer["Location"] == f"/orders/{mail.order_id}/"
    mail.refresh_from_db()
    assert mail.state == Mail.State.WAITING


# For support


def downloaded(client: Client, order: WebOrder) -> dict[str, object]:
    answer = client.get(f"/orders/{order.pk}/support/")
    assert answer["Content-Disposition"] == f'attachment; filename="{order.order_no}.json"'
    told: dict[str, object] = json.loads(answer.content)
    return told


def test_the_text_for_support_tells_everything(cast: Cast) -> None:
    order = delivered(cast, new=new_order("W-1", customer_number=100042))
    taken_back(cast, order, lines=(1,), paid_by="cash")
    told = downloaded(browser(cast, "office"), order)
    assert list(told) == [
        *("OrderNo", "group", "made at", "order", "lines", "events", "returns", "told to DdD", "mails")
    ]
    assert told["order"]["status"] == "Delivered"  # type: ignore[index]
    assert told["order"]["created_at"] == "2026-03-03T10:00:00.000+01:00"  # type: ignore[index]
    assert [line["variant"] for line in told["lines"]] == [  # type: ignore[attr-defined]
        "100001 Wool jumper Skagerrak Blue S",
        "100039 Scarf Løvfald Rust One size",
    ]
    assert [event["kind"] for event in told["events"]][:2] == ["created", "accepted"]  # type: ignore[attr-defined]
    assert told["events"][1]["actor"] == "Freja Sørensen"  # type: ignore[index]
    assert [posting["kind"] for posting in told["told to DdD"]] == [  # type: ignore[attr-defined]
        *("order", "sale", "transfer", "return", "transfer")
    ]
    assert told["returns"][0]["pieces"][0]["reason"] == "Passer ikke"  # type: ignore[index]


def test_addresses_are_hidden_alike_in_the_order_in_postings_and_in_calls(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = sent(booked_cast)
    WebOrder.objects.filter(pk=order.pk).update(collected_by="Bo Lund", return_address="Nordlys#Kaj 1")
    order.refresh_from_db()
    text = support_text(order, NOW)
    for personal in ("Sørensen", "Bakkevej", "Bo Lund", "Kaj 1"):
        assert personal not in text
    told = json.loads(text)
    [posting] = told["told to DdD"]
    [attempt] = posting["attempts"]
    assert told["order"]["receive_address"] == told["order"]["collected_by"] == "…"
    assert posting["payload"]["ReceiveAddress"] == "…"
    assert attempt["calls"][0]["request"]["ReceiveAddress"] == "…"
    assert attempt["calls"][0]["request"]["OrderNo"] == "W-1"


def test_the_text_for_support_has_no_secrets(cast: Cast) -> None:
    web_shop = cast.web_shop("nordlys")
    order = delivered(cast)
    WebOrder.objects.filter(pk=order.pk).update(pickup_code="135790", signature="M 1 2 3")
    posting = Posting.objects.get(order_no=order.order_no, kind="sale")
    echo = f"{cast.connection.token} and {web_shop.ddd_token}"
    posting.attempts.create(
        purpose="send",
        started_at=NOW,
        duration_ms=5,
        outcome="uncertain",
        detail=as_it_is(echo),
        calls=[{"answer": echo}],
    )
    order.mails.create(
        group=cast.nordlys,
        kind="ready",
        action_key="x",
        to="a@b.example",
        language="da",
        not_before=NOW,
        made_at=NOW,
    )
    order.refresh_from_db()
    text = support_text(order, NOW)
    for secret in (cast.connection.token, web_shop.ddd_token, "135790", "M 1 2 3", "a@b.example"):
        assert secret not in text
    assert "… and …" in text


@pytest.mark.parametrize("pieces", [1, 20])
def test_the_text_for_support_takes_the_same_questions_however_much_happened(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries, pieces: int
) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER,) * pieces))
    taken_back(cast, order, lines=(1,), paid_by="cash")
    with django_assert_num_queries(8):
        support_text(order, NOW)
