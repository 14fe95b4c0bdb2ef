"""Who a customer was is forgotten when their order is old enough; numbers, money and books stay."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.apps import apps
from django.db.models import Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import SettingChange
from core.causes import as_it_is
from core.errors import Conflict
from ddd.models import Attempt, Difference, ItemTransfer, Notice, Posting, Sale
from office import forgetting
from office.models import MissingReport, SavedView
from office.personal_columns import COLUMNS, WITH_ORDER
from orders.delivery import HandOver
from orders.events import record
from orders.intake import receive_order
from orders.models import Line, Mail, OrderEvent, Policy, ReceiverWord, RefundDue, WebOrder
from orders.proof import PresentedProof
from returns.models import Return, ReturnedPiece
from returns.policy import Outcome
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import NOW, Cast, delivered, new_order, picked, received, taken_back
from tests.office.settings import as_shown

PAGE = "/orders/policies/personal-data/"
TWO_YEARS = timedelta(days=730)
LATER = NOW + TWO_YEARS + timedelta(days=2)
NAMES = ("Åse", "Sørensen", "Bakkevej", "Gift for Inger", "Ib Ibsen", "100042", "Inger asked")


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office", ENGLISH)


def an_old_order(cast: Cast, order_no: str = "F-1") -> WebOrder:
    """Delivered against a name, returned against the policy, and all of it told to DdD."""
    new = new_order(order_no, notes="Gift for Inger", customer_number=100042)
    Policy.objects.filter(group=cast.nordlys).update(proof="name")
    hand_over = HandOver(WebOrder.Way.HAND_OVER, proof=PresentedProof(id_seen=True, collected_by="Ib Ibsen"))
    order = delivered(cast, new=new, hand_over=hand_over)
    taken_back(
        cast, order, "manager", lines=(1,), instead=Outcome.WEB_SHOP, overrule_reason="Inger asked for it"
    )
    RefundDue.objects.update(state=RefundDue.State.REFUNDED)
    Posting.objects.update(state=Posting.State.SENT, lane="")
    for posting in Posting.objects.all():
        posting.attempts.create(
            purpose="send",
            started_at=NOW,
            duration_ms=12,
            outcome="rejected",
            detail=as_it_is("400: Åse Sørensen"),
            calls=[{"request": {"CustomerNumber": 100042}, "answer": "400: Åse Sørensen"}],
        )
    order.refresh_from_db()
    return order


def everything() -> list[tuple[object, ...]]:
    """All rows that an order leaves behind."""
    tables: list[type[Model]] = [WebOrder, Line, OrderEvent, ReceiverWord, Posting, Sale, ItemTransfer]
    tables += [Return, ReturnedPiece, RefundDue]
    return [tuple(row.items()) for table in tables for row in table._default_manager.order_by("pk").values()]


def test_nothing_identifies_the_customer_any_more(cast: Cast) -> None:
    order = an_old_order(cast)
    before = repr([everything(), list(Posting.objects.values("attempts__detail", "attempts__calls"))])
    assert [name for name in NAMES if name not in before] == []
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 1
    after = repr([everything(), list(Posting.objects.values("attempts__detail", "attempts__calls"))])
    assert [name for name in NAMES if name in after] == []
    order.refresh_from_db()
    assert order.forgotten_at == LATER
    assert not ReceiverWord.objects.exists()


def test_numbers_money_and_books_stay(cast: Cast) -> None:
    an_old_order(cast)

    def figures() -> list[object]:
        return [
            list(WebOrder.objects.values("order_no", "status", "modified_at", "delivered_at", "shop")),
            list(Line.objects.values("variant", "effective_sales_price", "status", "modified_at")),
            list(Sale.objects.values()),
            list(Return.objects.values("amount", "outcome", "overruled_by", "state")),
            list(ReturnedPiece.objects.values()),
            list(RefundDue.objects.values()),
            list(Attempt.objects.values("started_at", "duration_ms", "outcome")),
            [sorted(payload) for payload in Posting.objects.order_by("pk").values_list("payload", flat=True)],
            list(OrderEvent.objects.values("kind", "at", "actor")),
        ]

    before = figures()
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 1
    assert figures() == before
    sold = Posting.objects.get(kind="sale").payload
    assert sold["OrderNo"] == "F-1" if "OrderNo" in sold else "F-1" in repr(sold)


def with_marks(cast: Cast) -> WebOrder:
    """An old order with a mark of its own in each text about its customer that nothing above has filled."""
    order = an_old_order(cast)
    WebOrder.objects.update(order_reference="Mark01", signature="Mark02")
    Line.objects.update(delivery_no="Mark03")
    Mail.objects.update(to="mark04@example.org", reason=as_it_is("550 Mark05"))
    Return.objects.update(ended_why="Mark06")
    Posting.objects.update(reason=as_it_is("Mark07"), evidence={"Id": "Mark08"})
    Posting.objects.exclude(kind="transfer").update(answer="Mark09", baseline={"seen": "Mark10"})
    for posting in Posting.objects.filter(kind="order"):
        posting.payload |= {"OrderReference": "Mark11", "WebOrderLines": [{"DeliveryNo": "Mark12"}]}
        posting.save()
    for kind in ("mail seen to", "mail again", "sold elsewhere"):
        record(order, OrderEvent.Kind(kind), NOW, cast.person("office"), reason="telephoned Mark13")
    record(order, OrderEvent.Kind.DELIVERED, NOW, cast.person("office"), delivery_no="Mark14")
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "about_at": NOW, "note": "Mark15"}
    Difference.objects.create(
        group=cast.nordlys, kind="sale amount", subject="sale:1", order_no=order.order_no, **seen
    )
    notice = Notice.put(cast.nordlys, Notice.Kind.SET_BACK, order.order_no, {}, NOW)
    Notice.objects.filter(pk=notice.pk).update(note="Mark16")
    WebOrder.objects.update(return_address="Mark17")
    MissingReport.objects.create(
        group=cast.nordlys,
        shop=order.shop,
        order=order,
        event=OrderEvent.objects.earliest("pk"),
        variant=Line.objects.earliest("pk").variant,
        reported_at=NOW,
        closed_why="Mark18",
    )
    return order


def whole_database() -> str:
    """All that every table of the program holds."""
    return repr([list(model._default_manager.values()) for model in apps.get_models()])


def test_no_text_about_the_customer_is_left_in_any_table(cast: Cast) -> None:
    order = with_marks(cast)
    marks = {f"mark{number:02}" for number in range(1, 19)} | {order.content}
    before = whole_database().casefold()
    assert {mark for mark in marks if mark not in before} == set()
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 1
    after = whole_database().casefold()
    assert {mark for mark in marks if mark in after} == set()
    of_the_customer = {"åse sørensen", *(name.casefold() for name in NAMES[2:])}  # staff are called Åse, too
    assert {name for name in of_the_customer if name in after} == set()


def kept_in(column: str) -> list[object]:
    """What stands in it, in all rows."""
    table, name = column.rsplit(".", 1)
    values = apps.get_model(table)._default_manager.order_by("pk").values_list(name, flat=True)
    return [value for value in values if value not in ("", [], {})]


def test_each_column_that_is_said_to_go_with_its_order_does(cast: Cast) -> None:
    with_marks(cast)
    going = [f"{table}.{name}" for table, names in COLUMNS.items() for name in names]
    going = [name for name in going if COLUMNS[name.rsplit(".", 1)[0]][name.rsplit(".", 1)[1]] == WITH_ORDER]
    before = {name: kept_in(name) for name in going}
    assert [name for name, values in before.items() if not values] == [], "give it a mark in with_marks()"
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    assert [name for name in going if kept_in(name) == before[name]] == []


def a_view(cast: Cast, q: str, who: str = "office") -> str:
    """A list that somebody keeps, with filters beside its search."""
    person = cast.person(who)
    query = urlencode({"status": "ready", "q": q})
    SavedView.objects.create(group=person.group, maker=person, name=f"See {q}", query=query)
    return f"See {q}"


def views() -> set[str]:
    return set(SavedView.objects.values_list("name", flat=True))


def test_a_kept_search_for_them_goes_when_it_finds_nobody_any_more(cast: Cast) -> None:
    an_old_order(cast)
    WebOrder.objects.update(order_reference="REF-7")
    for q in ("åse sør", "100042", "ref-7"):
        a_view(cast, q)
    staying = {
        a_view(cast, "F-1"),
        a_view(cast, "Inger"),
        a_view(cast, ""),
        a_view(cast, "Åse", "fjord office"),
    }
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    assert views() == staying


def test_a_kept_search_that_also_finds_somebody_else_stays(cast: Cast) -> None:
    an_old_order(cast)
    a_view(cast, "Åse")
    received(cast, new_order("F-2"))
    WebOrder.objects.filter(order_no="F-2").update(modified_at=LATER)
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 1
    assert views() == {"See Åse"}


def test_a_reason_that_is_a_code_stays(cast: Cast) -> None:
    order = an_old_order(cast)
    record(order, OrderEvent.Kind.CANCELLED, NOW, cast.person("office"), reason="customer")
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    assert OrderEvent.objects.get(kind="cancelled").data == {"reason": "customer"}


def test_what_tells_an_item_transfer_from_others_stays(cast: Cast) -> None:
    an_old_order(cast)
    transfers = Posting.objects.filter(kind="transfer")
    transfers.update(answer="771", baseline={"since": "2026-03-03", "transaction_number": 12})
    before = list(transfers.values("answer", "baseline"))
    assert before
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    assert list(transfers.values("answer", "baseline")) == before


# The same order again, afterwards


def test_a_repeated_order_is_answered_as_before(cast: Cast) -> None:
    order = an_old_order(cast)
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    before = everything()
    again = new_order("F-1", notes="Gift for Inger", customer_number=100042)
    assert receive_order(cast.key(), again, [], LATER) == order
    other = new_order("F-1", notes="Gift for Ida", customer_number=100042)
    with pytest.raises(Conflict):
        receive_order(cast.key(), other, [], LATER)
    assert everything() == before


def test_also_when_the_key_has_changed_meanwhile(cast: Cast, settings: Settings) -> None:
    order = an_old_order(cast)
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    again = new_order("F-1", notes="Gift for Inger", customer_number=100042)
    old_key = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old_key]
    assert receive_order(cast.key(), again, [], LATER) == order
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Conflict):  # never a second order
        receive_order(cast.key(), again, [], LATER)
    assert WebOrder.objects.count() == 1


def test_twice_changes_nothing_more(cast: Cast) -> None:
    an_old_order(cast)
    forgetting.forget(cast.nordlys.pk, lambda: LATER)
    before = everything()
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER + timedelta(days=1)) == 0
    assert everything() == before


@pytest.mark.parametrize(
    "left_alone", ["too young", "not finished", "DdD waits", "owed", "for ever", "another Group"]
)
def test_what_somebody_may_still_want_stays(cast: Cast, left_alone: str) -> None:
    now, group = LATER, cast.nordlys
    if left_alone == "not finished":
        picked(cast)
        received(cast)
    else:
        an_old_order(cast)
    if left_alone == "too young":
        now = NOW + TWO_YEARS
    if left_alone == "DdD waits":
        Posting.objects.filter(kind="return").update(state=Posting.State.REJECTED)
    if left_alone == "owed":
        RefundDue.objects.update(state=RefundDue.State.DUE)
    if left_alone == "for ever":
        Policy.objects.update(personal_data_days=None)
    if left_alone == "another Group":
        group = cast.fjord
    before = everything()
    assert forgetting.forget(group.pk, lambda: now) == 0
    assert everything() == before


def test_many_are_forgotten_batch_by_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for number in range(5):
        an_old_order(cast, f"F-{number}")
    Posting.objects.filter(order_no="F-1").update(state=Posting.State.UNCERTAIN)
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 4
    waiting = WebOrder.objects.filter(forgotten_at=None)
    assert list(waiting.values_list("order_no", flat=True)) == ["F-1"]


def test_a_run_that_takes_too_long_leaves_the_rest_to_the_next_night(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 1)
    for number in range(3):
        an_old_order(cast, f"F-{number}")
    hours = iter(range(100))

    def slow_clock() -> datetime:
        return LATER + next(hours) * timedelta(minutes=8)

    assert forgetting.forget(cast.nordlys.pk, slow_clock) == 1
    assert forgetting.forget(cast.nordlys.pk, lambda: LATER) == 2


def test_a_batch_asks_the_same_however_many_orders_there_are(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for many in (1, 4):
        for number in range(many):
            an_old_order(cast, f"F-{many}-{number}")
        with django_assert_num_queries(QUERIES):
            forgetting.forget(cast.nordlys.pk, lambda: LATER)


# Group, policy; looked for, held, forgotten; lines, words, mails, returns; calls, payloads, reasons and facts
QUERIES = 25


# Its screen


def test_head_office_says_how_long_it_is_kept(cast: Cast, office: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        karen = browser(cast, "office", ENGLISH)
        text = Page(karen.get(PAGE)).text
        assert "Who bought what nothing has happened to since 3. March 2024." in text
        assert karen.post(PAGE, as_shown(karen, PAGE) | {"personal_data_days": "365"}).status_code == 302
        page = Page(karen.get(PAGE))
    assert "Who bought what nothing has happened to since 3. March 2025." in page.text
    assert "Personal data is forgotten after (days): 730 → 365" in page.rows
    assert Policy.of(cast.nordlys).personal_data_days == 365
    assert Policy.of(cast.fjord).personal_data_days == 730


def test_empty_is_never(cast: Cast, office: Client) -> None:
    assert office.post(PAGE, as_shown(office, PAGE) | {"personal_data_days": ""}).status_code == 302
    assert Policy.of(cast.nordlys).personal_data_days is None
    assert "who a customer was is kept for ever" in Page(office.get(PAGE)).text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("59", "At least 60 days."),
        ("3651", "At most 3650 days."),
        ("89", "Customers may return for 90 days: keep it at least as long."),
        ("soon", "Enter a whole number."),
    ],
)
def test_what_cannot_be_is_not_kept_and_says_why(
    cast: Cast, office: Client, days: str, sentence: str
) -> None:
    cast.nordlys.return_policy.days = 90
    cast.nordlys.return_policy.save()
    answer = office.post(PAGE, as_shown(office, PAGE) | {"personal_data_days": days})
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    assert Policy.of(cast.nordlys).personal_data_days == 730
    assert not SettingChange.objects.exists()


def test_the_page_asks_its_few_questions(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):  # session, person, Group; policy twice; changes; two that wait
        office.get(PAGE)
