"""Several rows of head office's work list are decided at once, each by its own verb."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from core.sending import REFUSED
from ddd.models import Difference, Notice, Posting
from ddd.sending import decisions
from ddd.words import causes
from ddd.words.differences import EvidenceKey
from ddd.words.differences import Kind as Differs
from orders import mail_decisions, picking
from orders.escalation import escalate_due
from orders.models import Mail, OrderEvent, WebOrder
from tests.core.pages import Answer, Page, browser
from tests.ddd.rows import a_difference
from tests.factories import NOW, Cast, again, delivered, new_order, picked, received
from tests.office.test_attention import put_before_a_person, rows_of

pytestmark = pytest.mark.any_database

WORK_LIST = "/orders/attention/"
State = Posting.State


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


@pytest.fixture
def refused(cast: Cast) -> list[Posting]:
    """Three sales that DdD refused."""
    return [put_before_a_person(delivered(cast), "sale", State.REJECTED) for _number in range(3)]


def decide(client: Client, kind: str, decision: str, rows: list[Any], **more: str) -> Answer:
    return client.post(
        f"{WORK_LIST}{kind}/decide/", {"decision": decision, "chosen": rows, "reason": "", **more}
    )


def messages_of(client: Client) -> list[str]:
    return [str(message) for message in client.get(WORK_LIST).context["messages"]]


def states(*postings: Posting) -> list[str]:
    return [Posting.objects.get(pk=posting.pk).state for posting in postings]


# Postings


def test_the_chosen_are_given_up_with_one_reason_and_the_others_stay(
    cast: Cast, office: Client, refused: list[Posting]
) -> None:
    chosen: list[Any] = [refused[0].pk, refused[2].pk]
    answer = decide(office, "rejected", "give up", chosen, reason="Booked by hand", here="kind=rejected")
    assert (answer.status_code, answer["Location"]) == (302, f"{WORK_LIST}?kind=rejected")
    assert states(*refused) == [State.GIVEN_UP, State.REJECTED, State.GIVEN_UP]
    assert {Posting.objects.get(pk=pk).reason_words for pk in chosen} == {"Booked by hand"}
    assert messages_of(office) == [f"Given up: {refused[0].order_no}, {refused[2].order_no}"]
    decide(office, "rejected", "give up", chosen, reason="Booked by hand")
    assert [row.attempts.count() for row in refused] == [1, 0, 1]


def test_all_that_are_shown_are_sent_again_and_of_each_it_is_said_who_was_faster(
    cast: Cast, office: Client, refused: list[Posting]
) -> None:
    form = next(form for form in Page(office.get(WORK_LIST)).forms if form.action.endswith("/decide/"))
    assert form.action == f"{WORK_LIST}rejected/decide/"
    decisions.it_arrived(refused[1], cast.person("manager"), NOW)
    shown = [row.pk for row in rows_of(office, "rejected")] + [refused[1].pk]
    office.post(form.action, {"decision": "send again", "which": "shown", "shown": shown})
    assert states(*refused) == [State.WAITING, State.SENT, State.WAITING]
    manager = cast.person("manager").name
    assert messages_of(office) == [
        f"Sent again: {refused[0].order_no}, {refused[2].order_no}",
        f"{refused[1].order_no}: {manager} has decided this already.",
    ]


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"decision": "send again"}, 422, "Choose at least one row, and 50 at most."),
        ({"decision": "send again", "chosen": ["x"]}, 422, "Choose at least one row, and 50 at most."),
        ({"decision": "send again", "chosen": list(range(1, 52))}, 422, "Choose at least one row"),
        ({"decision": "give up"}, 422, "Write a reason."),
        ({"decision": "burn"}, 422, "burn is not one of the available choices."),
    ],
)
def test_what_is_no_decision_is_refused_and_changes_nothing(
    office: Client, refused: list[Posting], sent: dict[str, Any], status: int, why: str
) -> None:
    rows = sent.get("chosen", [row.pk for row in refused] if sent["decision"] != "send again" else [])
    answer = office.post(f"{WORK_LIST}rejected/decide/", {**sent, "chosen": rows})
    assert answer.status_code == status
    assert why in Page(answer).text
    assert states(*refused) == [State.REJECTED] * 3


def test_a_row_of_another_group_is_not_there_and_nothing_is_done(
    cast: Cast, office: Client, refused: list[Posting]
) -> None:
    fjord = browser(cast, "fjord office")
    assert decide(fjord, "rejected", "it arrived", [refused[0].pk]).status_code == 404
    mixed: list[Any] = [refused[0].pk, 10**9]
    assert decide(office, "rejected", "it arrived", mixed).status_code == 404
    assert decide(office, "deaf", "it arrived", mixed).status_code == 422
    assert office.post(f"{WORK_LIST}nothing/decide/").status_code == 404
    assert states(*refused) == [State.REJECTED] * 3


def test_enter_in_a_reason_presses_what_the_reason_is_about_and_sends_nothing(
    cast: Cast, office: Client, refused: list[Posting]
) -> None:
    for kind in (Differs.ORDER_MISSING, Differs.SALE_TWICE):
        order = delivered(cast)
        put_before_a_person(order, "sale", State.UNCERTAIN)
        a_difference(cast.nordlys, kind)
        made = picked(cast, new=new_order(customer_number=100042))
        made.mails.update(state=Mail.State.NOT_POSSIBLE, reason=REFUSED(said="550"), tries=1)
    Difference.objects.update(state="open", closed_at=None)  # the second night no longer found the first one
    pressed = Counter(
        (re.sub("[0-9]+", "one", form.action.removeprefix(WORK_LIST)), form.submits[0]["value"])
        for address in (WORK_LIST, f"/orders/{order.pk}/", f"/orders/{made.pk}/")
        for form in Page(office.get(address)).forms
        if "reason" in form.typed
    )
    assert pressed == {
        ("one/", "give up"): 6,
        ("rejected/decide/", "give up"): 1,
        ("uncertain/decide/", "give up"): 1,
        ("differences/one/", "seen to"): 2,
        ("differences/decide/", "seen to"): 1,
        ("mails/decide/", "seen to"): 4,
    }


# Notices, differences


def test_notices_and_differences_are_seen_to_at_once_with_a_note(cast: Cast, office: Client) -> None:
    notices = [
        Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, f"W-{number}", {}, NOW) for number in range(2)
    ]
    difference = a_difference(cast.nordlys, Differs.SALE_TWICE)
    decide(office, "notices", "seen to", [row.pk for row in notices], reason="DdD told")
    decide(office, "differences", "seen to", [difference.pk], reason="Taken out")
    assert set(Notice.objects.values_list("note", flat=True)) == {"DdD told"}
    assert Difference.objects.values_list("state", "note").get() == ("seen to", "Taken out")
    assert rows_of(office, "notices") + rows_of(office, "differences") == []
    assert Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-1", {}, NOW).pk == notices[1].pk
    assert Notice.objects.get(pk=notices[1].pk).note == ""


# Mails


@pytest.fixture
def lost(cast: Cast) -> Mail:
    """A mail to a customer that the mail server refused."""
    order = picked(cast, new=new_order(customer_number=100042))
    order.mails.update(state=Mail.State.NOT_POSSIBLE, reason=REFUSED(said="550"), tries=1)
    return order.mails.get()


def events(mail: Mail) -> list[str]:
    kinds = [OrderEvent.Kind.MAIL_AGAIN, OrderEvent.Kind.MAIL_SEEN_TO]
    return list(mail.order.events.filter(kind__in=kinds).values_list("kind", flat=True))


def test_a_mail_goes_out_once_more_and_a_late_second_tap_sends_nothing(
    cast: Cast, office: Client, lost: Mail
) -> None:
    token = f"{lost.pk}.1"
    assert token in {form.fields.get("chosen") for form in Page(office.get(WORK_LIST)).forms}
    decide(office, "mails", "send again", [token])
    lost.refresh_from_db()
    assert (lost.state, events(lost)) == ("waiting", ["mail again"])
    # A worker has tried it, and it was refused again.
    Mail.objects.filter(pk=lost.pk).update(state=Mail.State.NOT_POSSIBLE, tries=2)
    assert decide(office, "mails", "send again", [token]).status_code == 302
    lost.refresh_from_db()
    assert (lost.state, events(lost)) == ("not possible", ["mail again"])


def test_a_mail_is_seen_to_with_how_and_the_slower_is_told(cast: Cast, office: Client, lost: Mail) -> None:
    assert decide(office, "mails", "seen to", [f"{lost.pk}.1"]).status_code == 422
    assert events(lost) == []
    decide(office, "mails", "seen to", [f"{lost.pk}.1"], reason="I telephoned")
    lost.refresh_from_db()
    assert (lost.state, events(lost)) == ("seen to", ["mail seen to"])
    assert rows_of(office, "mails") == []
    assert "I telephoned" in Page(office.get(f"/orders/{lost.order_id}/")).text
    User.objects.create_user("bo@nordlys.example", "x", name="Bo", group=cast.nordlys, is_head_office=True)
    answer = decide(browser(cast, "bo"), "mails", "send again", [f"{lost.pk}.1"])
    assert answer.status_code == 409
    assert "Karen Østergaard has decided this already." in Page(answer).text
    assert Mail.objects.get(pk=lost.pk).state == "seen to"


def test_a_mail_that_is_on_its_way_is_not_to_be_decided(cast: Cast, office: Client, lost: Mail) -> None:
    Mail.objects.filter(pk=lost.pk).update(state=Mail.State.WAITING)
    assert decide(office, "mails", "send again", [f"{lost.pk}.1"]).status_code == 409
    assert events(lost) == []
    assert mail_decisions.NEEDS_ATTENTION == ("uncertain", "not possible")


# Orders that nobody takes


@pytest.fixture
def waiting(cast: Cast) -> WebOrder:
    """An order that nobody in Aarhus takes, though everybody was told."""
    order = received(cast, now=timezone.now() - timedelta(minutes=25))
    escalate_due(timezone.now())
    return again(order)


def test_a_reminder_sounds_in_the_shop_and_goes_to_its_managers_once(
    cast: Cast, office: Client, waiting: WebOrder
) -> None:
    before = waiting.events.filter(kind="reminded").count(), waiting.mails.count()
    for _tap in range(2):
        assert decide(office, "not-taken", "remind", [waiting.pk]).status_code == 302
    assert waiting.events.filter(kind="reminded").count() == before[0] + 1
    event = waiting.events.filter(kind="reminded").latest("pk")
    assert (event.actor, event.data["people"]) == (cast.person("office"), ["Mads Lindholm"])
    assert waiting.mails.count() == before[1] + 1
    picking.accept(waiting, cast.person("aarhus"), timezone.now())
    answer = decide(office, "not-taken", "remind", [waiting.pk])
    assert answer.status_code == 409
    assert "Nobody needs to be reminded: Freja Sørensen has this order." in Page(answer).text


def test_it_is_moved_to_another_shop_from_the_work_list(
    cast: Cast, office: Client, waiting: WebOrder
) -> None:
    assert decide(office, "not-taken", "move", [waiting.pk]).status_code == 422
    assert decide(office, "not-taken", "move", [waiting.pk], shop="997001").status_code == 422
    assert again(waiting).shop == cast.aarhus
    decide(office, "not-taken", "move", [waiting.pk], shop="996002")
    assert again(waiting).shop == cast.odense
    said = "DdD is not told: the till in the old shop still shows it, and must not deliver it."
    assert messages_of(office) == [f"Moved to another shop: {waiting.order_no}. {said}"]
    assert rows_of(office, "not-taken") == []


# Filters and pages


def test_rows_are_of_one_kind_and_of_one_shop_by_their_order_or_their_books(
    cast: Cast, office: Client
) -> None:
    in_odense = delivered(cast, "odense", new=new_order(shop_id=996002))
    sales = [put_before_a_person(order, "sale", State.REJECTED) for order in (delivered(cast), in_odense)]
    put_before_a_person(in_odense, "order", State.UNCERTAIN)
    Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-9", {}, NOW)
    found = office.get(WORK_LIST, {"kind": "rejected", "shop": "996002"}).context["work"]
    assert [(one.kind.key, one.count, len(one.rows)) for one in found.sections] == [
        ("deaf", 1, 0),
        ("rejected", 1, 1),
        ("uncertain", 1, 0),
    ]
    assert rows_of(office, "rejected", shop="996002") == [sales[1]]
    # The turnover shop has the books of both.
    assert set(rows_of(office, "rejected", shop="996900")) == set(sales)
    text = Page(office.get(WORK_LIST, {"kind": "burnt"})).text
    assert "A filter has a value that does not exist" in text


def test_many_rows_are_read_fifty_at_a_time_by_as_many_questions(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = put_before_a_person(delivered(cast), "order", State.REJECTED)
    copies = [Posting(**{**state_of(row), "action_key": f"order:copy {number}"}) for number in range(119)]
    Posting.objects.bulk_create(copies)
    glance = Page(office.get(WORK_LIST))
    assert "Refused by DdD 120" in glance.text
    assert len(rows_of(office, "rejected")) == 20
    seen: list[int] = []
    address: str = f"{WORK_LIST}?kind=rejected"
    while address:
        with django_assert_num_queries(19):
            answer = office.get(address)
        seen += [row.pk for section in answer.context["work"].shown for row in section.rows]
        more = Page(answer).links.get("More")
        address = f"{WORK_LIST}{more}" if more else ""
    assert len(seen) == len(set(seen)) == 120
    assert office.get(f"{WORK_LIST}?kind=rejected&after=x").status_code == 422


def state_of(posting: Posting) -> dict[str, Any]:
    """Its columns without its key."""
    return {
        field.attname: getattr(posting, field.attname)
        for field in Posting._meta.concrete_fields
        if not field.primary_key
    }


def test_a_row_names_its_pieces_and_what_it_means_for_the_shop(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    put_before_a_person(order, "sale", State.REJECTED)
    Posting.objects.filter(kind="order").update(
        state=State.UNCERTAIN, needs_attention=True, evidence={"VariantIds": [100041, 7]}
    )
    a_difference(
        cast.nordlys, Differs.TRANSFER_PIECES, evidence={EvidenceKey.PIECES_AT_DDD: "2 × 100041, 1 × 7"}
    )
    Notice.put(cast.nordlys, Notice.Kind.UNKNOWN_VARIANT, "W-1", causes.VARIANT_ID(variant_id=100041), NOW)
    page = Page(office.get(WORK_LIST))
    cap = "100041 Cap Blåvand Navy One size (Ean 5712345000410)"
    jumper = "1 × 100001 Wool jumper Skagerrak Blue S (Ean 5712345000014)"
    sale, undecided, difference, notice = (
        next(row for row in page.rows if row.startswith(start))
        for start in ("Sale", "Web order", "An item transfer", "DdD has an order for a variant")
    )
    assert "The customer has her pieces. Until DdD has the sale, turnover and stock are wrong there." in sale
    assert f"pieces {jumper} 1 × 100039 Scarf Løvfald Rust One size" in sale
    assert page.links[order.order_no] == f"/orders/{order.pk}/"
    assert f"VariantIds 1 × 7 1 × {cap}" in undecided
    assert f"pieces at DdD 2 × {cap} 1 × 7" in difference
    assert f"VariantId 100041 · {cap.removeprefix('100041 ')}" in notice
