"""Head office's list, page by page, and the timeline of one order."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from core.errors import Invalid
from ddd.sending import dispatch
from office.listing import columns
from office.listing import orders as listing
from office.listing.filters import Filters
from office.listing.orders import ORDERS_ON_A_PAGE, page_of
from office.order.timeline import Author, postings_of, timeline_of
from orders import events, sync_status
from orders.delivery import HandOver
from orders.models import Document, WebOrder
from orders.states import Phase
from tests.factories import NOW, Cast, delivered, new_order, picked, received, taken
from tests.sandbox_process import RunningSandbox


def numbers(cast: Cast, who: str = "office", **filters: object) -> list[str]:
    page = page_of(cast.viewer(who), Filters(**filters), NOW)  # type: ignore[arg-type]
    return [order.order_no for order in page.orders]


def orders_in_every_phase(cast: Cast) -> None:
    received(cast, new_order("NEW"))
    taken(cast, new=new_order("PICKING"))
    picked(cast, new=new_order("READY"))
    delivered(cast, new=new_order("DELIVERED"))
    picked(cast, new=new_order("CANCELLED"), missing=(1, 2))
    returned = delivered(cast, new=new_order("RETURNED"))
    WebOrder.objects.filter(pk=returned.pk).update(status="Returned")


def test_the_list_has_the_newest_first_and_only_what_the_person_may_see(cast: Cast) -> None:
    received(cast, new_order("A-1"), now=NOW)
    received(cast, new_order("O-1", shop_id=996002), now=NOW + timedelta(minutes=1))
    received(cast, new_order("A-2"), now=NOW)
    received(cast, new_order("F-1", shop_id=997001), web_shop="fjord")
    assert numbers(cast) == ["O-1", "A-2", "A-1"]
    assert numbers(cast, "aarhus") == ["A-2", "A-1"]
    assert numbers(cast, "fjord office") == ["F-1"]


@pytest.mark.parametrize("phase", list(Phase))
def test_the_list_is_filtered_by_the_word_that_stands_on_the_screen(cast: Cast, phase: Phase) -> None:
    orders_in_every_phase(cast)
    assert numbers(cast, phase=phase.value) == [phase.name]
    assert [
        order.phase for order in page_of(cast.viewer("office"), Filters(phase=phase.value), NOW).orders
    ] == [phase]


def test_a_long_list_is_read_page_by_page_without_loss_or_repetition(cast: Cast) -> None:
    pattern = received(cast, new_order("first"))
    fields = [
        field.attname for field in WebOrder._meta.concrete_fields if field.attname not in ("id", "order_no")
    ]
    data = {name: getattr(pattern, name) for name in fields}
    WebOrder.objects.bulk_create(
        WebOrder(**data | {"created_at": NOW + timedelta(seconds=number // 30)}, order_no=f"W-{number:03d}")
        for number in range(119)
    )
    expected = ["W-118", "W-117", "W-030", "W-029", "W-000", "first"]

    office, pages = cast.viewer("office"), [page_of(cast.viewer("office"), Filters(), NOW)]
    while pages[-1].after:
        pages.append(page_of(office, Filters(), NOW, pages[-1].after))
    found = [[order.order_no for order in page.orders] for page in pages]
    assert [len(one) for one in found] == [ORDERS_ON_A_PAGE, ORDERS_ON_A_PAGE, 20]
    flat = [number for one in found for number in one]
    assert (len(set(flat)), [number for number in flat if number in expected]) == (120, expected)

    back = pages[-1:]
    while back[-1].before is not None:
        back.append(page_of(office, Filters(), NOW, before=back[-1].before))
    assert [[order.order_no for order in one.orders] for one in reversed(back)] == found
    assert back[-1].after == pages[0].after


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (columns.NEWEST, ["late", "second", "first"]),
        (columns.OLDEST, ["first", "second", "late"]),
        (columns.DUE_FIRST, ["late", "first", "second"]),
        (columns.DUE_LAST, ["second", "first", "late"]),
        (columns.CHANGED_LAST, ["first", "late", "second"]),
        (columns.CHANGED_FIRST, ["second", "late", "first"]),
    ],
)
def test_each_sort_is_paged_both_ways(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, sort: columns.Sort, expected: list[str]
) -> None:
    monkeypatch.setattr(listing, "ORDERS_ON_A_PAGE", 1)
    office = cast.viewer("office")
    for minute, order_no in enumerate(("first", "second", "late")):
        received(cast, new_order(order_no), now=NOW + timedelta(minutes=minute))
    WebOrder.objects.filter(order_no="late").update(promised_at=NOW)
    WebOrder.objects.filter(order_no="first").update(modified_at=NOW + timedelta(hours=1))
    pages = [page_of(office, Filters(), NOW, sort=sort)]
    while pages[-1].after:
        pages.append(page_of(office, Filters(), NOW, pages[-1].after, sort=sort))
    assert [page.orders[0].order_no for page in pages] == expected
    assert (pages[0].before, pages[2].before is None) == (None, False)
    middle = page_of(office, Filters(), NOW, before=pages[2].before or "", sort=sort)
    assert (middle.orders, middle.before, middle.after) == (pages[1].orders, pages[1].before, pages[1].after)
    # Before the second page stands the first one, from which nothing goes further back.
    assert page_of(office, Filters(), NOW, before=pages[1].before or "", sort=sort) == pages[0]


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "_",
        "2026-03-03T09:00:00+00:00",
        "2026-03-03T09:00:00_5",
        "2026-03-03T09:00:00+00:00_x",
        "0001-01-01T00:00:00+10:00_1",
    ],
)
def test_a_broken_page_address_is_refused(cast: Cast, after: str) -> None:
    with pytest.raises(Invalid, match="begin at the first page"):
        page_of(cast.viewer("office"), Filters(), NOW, after)


def test_a_page_takes_two_queries_for_any_number_of_orders(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    office = cast.viewer("office")
    for count in (1, 5):
        for _number in range(count):
            taken(cast)
        with django_assert_num_queries(2):
            for order in page_of(office, Filters(), NOW).orders:
                assert [order.shop.name, order.taken_by, order.total, order.piece_count]


# --- The timeline ------------------------------------------------------------------------------------


def test_the_timeline_says_who_did_what_and_every_call_to_ddd(
    booked_cast: Cast, sandbox: RunningSandbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = delivered(
        booked_cast,
        new=new_order("W-1", is_paid=False),
        hand_over=HandOver(WebOrder.Way.SEND, "cash", "D-77"),
        missing=(2,),
    )
    events.record_print(
        order, Document.ADDRESS_LABEL, booked_cast.person("manager"), NOW + timedelta(hours=1)
    )
    dispatch.drain(booked_cast.nordlys.pk)

    freja, mads = booked_cast.person("aarhus").name, booked_cast.person("manager").name
    # postings and their attempts; events; mails
    with django_assert_num_queries(4):
        entries = timeline_of(order, postings_of(order), order.mails.all())
    assert [(entry.by, entry.who, entry.title) for entry in entries if entry.attempt is None] == [
        (Author.SYSTEM, "nordlys", "Web order created"),
        (Author.PERSON, freja, "Taken"),
        (Author.PERSON, freja, "Piece picked"),
        (Author.PERSON, freja, "Piece reported missing"),
        (Author.PERSON, freja, "Order picked"),
        (Author.PERSON, freja, "Delivered"),
        (Author.PERSON, mads, "Printed"),
    ]
    told = {entry.title: entry.details for entry in entries if entry.attempt is None}
    assert told["Piece reported missing"] == ("Scarf Løvfald Rust One size", "Not found on the shelf")
    assert told["Delivered"] == (
        "Sent",
        "Paid in cash at the register",
        "DeliveryNo D-77",
        "Amount 199.95",
        "Changed hands, rounded: 200.00",
    )
    assert told["Printed"] == ("Address label",)
    calls = [entry for entry in entries if entry.attempt]
    assert {entry.by for entry in calls} == {Author.DDD}
    kinds = {entry.title.partition(":")[0] for entry in calls}
    assert kinds == {"Web order", "Change of the web order", "Sale", "Item transfer"}
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_what_ddd_did_stands_under_its_name_and_what_must_be_refunded_is_told(cast: Cast) -> None:
    order = received(cast)
    first = order.lines.all()[0]
    sync_status.follow_delivered(order, [first.pk], NOW)
    assert [(entry.by, entry.title, entry.details) for entry in timeline_of(order, [])][1:] == [
        (Author.DDD, "Delivered", ()),
        (
            Author.SYSTEM,
            "The web shop refunds pieces that the customer does not get",
            ("Scarf Løvfald Rust One size", "Amount 199.95"),
        ),
    ]


def test_the_timeline_shows_nothing_of_the_same_order_no_in_another_group(cast: Cast) -> None:
    order = received(cast, new_order("W-1"))
    other = received(cast, new_order("W-1", shop_id=997001), web_shop="fjord")
    assert [posting.group for posting in postings_of(order)] == [cast.nordlys]
    assert [posting.group for posting in postings_of(other)] == [cast.fjord]
    assert len(timeline_of(order, postings_of(order))) == 1


def test_a_document_that_is_printed_again_is_noted_again(cast: Cast) -> None:
    order = received(cast)
    for _time in range(2):
        events.record_print(order, Document.PICK_LIST, cast.person("aarhus"), NOW)
    assert [event.data for event in order.events.filter(kind="printed")] == [
        {"document": "pick list"},
        {"document": "pick list", "reprint": 1},
    ]
