"""The first posting of a kind goes out alone: a wrong setting costs one posting, and not a day's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, models, transaction
from django.test import Client

from accounts.models import WebShop
from core.errors import Conflict
from ddd.booking.bookkeeping import book_delivery, number_sale
from ddd.booking.returning import ReturnBooking, ReturnedPiece, book_return
from ddd.models import Connection, FirstPosting, Posting
from ddd.sending import decisions, dispatch, first_of_kind
from ddd.sending.first_of_kind import fingerprint, first_kind_of, settings_of
from tests.core.pages import Page, browser
from tests.ddd.rows import Clock, State, delivery, drain_to_the_end, return_row, sale_row, transfer_row
from tests.ddd.test_changing import at_ddd, change_row
from tests.factories import Cast, make_cast
from tests.sandbox_process import RunningSandbox


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def careful(booked_cast: Cast) -> Cast:
    Connection.objects.update(asks_about_first=True)
    return booked_cast


def sales_at(sandbox: RunningSandbox) -> list[str]:
    return [sale["ItemLines"][0]["WebOrderOrderNo"] for sale in sandbox.ledger()["sales"]]


def drained(cast: Cast, clock: Clock) -> None:
    for _round in range(4):
        dispatch.drain(cast.nordlys.pk, clock)


def test_the_first_sale_goes_alone_until_somebody_calls_it_right(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    rows = [sale_row(careful, clock(), f"W-{number}") for number in range(12)]
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-0"]

    first_of_kind.call_right(rows[0], careful.person("office"), clock())
    drain_to_the_end(careful.nordlys.pk, clock)
    assert sorted(sales_at(sandbox)) == sorted(f"W-{number}" for number in range(12))
    assert [sale["ReceiptId"] for sale in sandbox.ledger()["sales"]] == list(range(1, 13))


def test_each_kind_has_a_first_one_and_orders_have_none(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    for number in (1, 2):
        at_ddd(careful, clock, f"W-{number}")
        for make in (sale_row, transfer_row, change_row, return_row):
            make(careful, clock(), f"W-{number}")
    drained(careful, clock)

    asked = FirstPosting.objects.values_list("kind", "posting__order_no", "state")
    assert sorted(asked) == [(kind, "W-1", "asked") for kind in ("change", "return", "sale", "transfer")]
    assert set(Posting.objects.filter(state=State.SENT).values_list("kind", "order_no")) == {
        ("order", "W-1"),
        ("order", "W-2"),
        *((kind, "W-1") for kind in ("sale", "transfer", "change", "return")),
    }


def test_what_is_wrong_waits_for_other_settings_and_then_the_next_one_is_the_first(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    office = careful.person("office")
    rows = [sale_row(careful, clock(), f"W-{number}") for number in range(3)]
    drained(careful, clock)
    first_of_kind.call_wrong(rows[0], office, clock())
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-0"]

    Connection.objects.update(clerk_id=42)
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-0", "W-1"]
    assert [sale["ClerkId"] for sale in sandbox.ledger()["sales"]] == [1, 42]
    assert dict(FirstPosting.objects.values_list("posting__order_no", "state")) == {
        "W-0": "over",
        "W-1": "asked",
    }
    first_of_kind.call_right(rows[1], office, clock())
    drain_to_the_end(careful.nordlys.pk, clock)
    assert sales_at(sandbox) == ["W-0", "W-1", "W-2"]


@pytest.mark.parametrize("ending", ["refused", "given up"])
def test_a_first_one_that_never_reached_ddd_holds_up_nothing_but_its_own_settings(
    careful: Cast, sandbox: RunningSandbox, clock: Clock, ending: str
) -> None:
    office = careful.person("office")
    sandbox.fault("refuse", on="sale", times=1)
    first, second = (sale_row(careful, clock(), f"W-{number}") for number in (1, 2))
    drained(careful, clock)
    assert sales_at(sandbox) == []
    page = Page(browser(careful, "office").get("/orders/attention/"))
    assert "It is the first of its kind: 1 other waits for it" in page.text

    if ending == "given up":
        decisions.give_up(first, "By hand.", office, clock())
        drained(careful, clock)
        assert sales_at(sandbox) == ["W-2"]
    else:
        Connection.objects.update(clerk_id=42)
        decisions.send_again(first, office, clock())
        drained(careful, clock)
        assert len(sales_at(sandbox)) == 1
        [row] = FirstPosting.objects.filter(state="asked")
        assert row.settings["ClerkId"] == 42
    assert Posting.objects.get(pk=second.pk).state in (State.SENT, State.WAITING)


def test_a_sale_paid_in_cash_is_a_first_one_too_and_so_is_one_at_another_address(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    first = sale_row(careful, clock(), "W-1")
    drained(careful, clock)
    first_of_kind.call_right(first, careful.person("office"), clock())
    with transaction.atomic():
        for number in (2, 3):
            book_delivery(delivery(careful, f"W-{number}", paid_at_register="cash"), clock())
    sale_row(careful, clock(), "W-4")
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-1", "W-2", "W-4"]

    Connection.objects.update(base_url=sandbox.url.replace("127.0.0.1", "localhost"))
    for number in (5, 6):
        sale_row(careful, clock(), f"W-{number}")
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-1", "W-2", "W-4", "W-3"]


def test_the_switch_lets_all_go(careful: Cast, sandbox: RunningSandbox, clock: Clock) -> None:
    for number in range(3):
        sale_row(careful, clock(), f"W-{number}")
    drained(careful, clock)
    assert len(sales_at(sandbox)) == 1
    Connection.objects.update(asks_about_first=False)
    drained(careful, clock)
    assert len(sales_at(sandbox)) == 3


def test_the_slower_of_two_people_is_told_and_a_wrong_one_may_be_right_after_all(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    first, (office, manager) = (
        sale_row(careful, clock()),
        (careful.person(who) for who in ("office", "manager")),
    )
    drained(careful, clock)
    first_of_kind.call_wrong(first, office, clock())
    first_of_kind.call_wrong(first, office, clock())
    with pytest.raises(Conflict, match=f"{office.name} has decided this already"):
        first_of_kind.call_wrong(first, manager, clock())
    first_of_kind.call_right(first, manager, clock())
    with pytest.raises(Conflict):
        first_of_kind.call_wrong(first, office, clock())
    assert list(first.attempts.values_list("outcome", flat=True)) == ["sent", "wrong", "right"]


def test_head_office_looks_at_it_with_what_was_sent_and_presses_one_button(
    careful: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    first, _second = (sale_row(careful, clock(), f"W-{number}") for number in (1, 2))
    drained(careful, clock)
    office: Client = browser(careful, "office")
    page = Page(office.get("/orders/attention/"))
    for words in (
        "The first sale",
        "Web turnover · receipt 99/1",
        "1 other waits for it",
        "TransactionType 150",
    ):
        assert words in page.text
    assert "the others wait" in Page(office.get("/orders/dashboard/")).text
    answer = office.post(
        "/orders/attention/first/decide/", {"chosen": str(first.pk), "decision": "wrong"}, follow=True
    )
    assert "has called it wrong. Change the setting" in Page(answer).text
    office.post("/orders/attention/first/decide/", {"chosen": str(first.pk), "decision": "right"})
    drained(careful, clock)
    assert sales_at(sandbox) == ["W-1", "W-2"]
    assert "The first sale" not in Page(office.get("/orders/attention/")).text
    fjord = browser(careful, "fjord office")
    decided = {"chosen": str(first.pk), "decision": "wrong"}
    assert fjord.post("/orders/attention/first/decide/", decided).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_two_first_ones(transactional_db: None, sandbox: RunningSandbox) -> None:
    cast, clock = make_cast(sandbox.url), Clock()
    Connection.objects.update(asks_about_first=True)
    for number in range(6):
        sale_row(cast, clock(), f"W-{number}")
    claimed = [dispatch.claim(cast.nordlys.pk, clock()) for _worker in range(2)]
    assert None not in claimed  # both may still become the first
    gate = Barrier(2)

    def send(posting: Posting | None) -> None:
        gate.wait()
        try:
            assert posting is not None
            dispatch.handle(posting, cast.connection, clock)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(send, claimed))
    drained(cast, clock)

    assert len(sales_at(sandbox)) == 1
    assert FirstPosting.objects.count() == 1
    assert Posting.objects.filter(state=State.WAITING).count() == 5


# Which settings a posting depends on


def bookings(cast: Cast, clock: Clock) -> Iterator[Posting]:
    """One of each kind and way to pay, complete as it would go out now."""
    pieces = [ReturnedPiece(piece, 1) for piece in delivery(cast).pieces]
    for paid in ("", "cash", "terminal"):
        rounded: dict[str, Any] = {"cash_rounding": Decimal("0.10" if paid == "cash" else "0.00")}
        book_delivery(delivery(cast, f"S-{paid}", paid_at_register=paid, **rounded), clock())
        back = ReturnBooking(
            action_key=f"return:{paid}",
            order_no=f"R-{paid}",
            group=cast.nordlys,
            web_shop=cast.web_shop("nordlys"),
            shop=cast.aarhus,
            pieces=pieces,
            customer_number=0,
            paid_by=paid,
            time_to_cancel=timedelta(),
            **rounded,
        )
        book_return(back, clock())
    change_row(cast, clock(), "C-1")
    for posting in Posting.objects.select_related("sale__web_shop__turnover_shop").order_by("pk"):
        if posting.kind in ("sale", "return"):
            number_sale(posting)
        yield posting


def seen(cast: Cast, clock: Clock) -> dict[str, tuple[object, str]]:
    """The body and the fingerprint of each, by its action."""
    found: dict[str, tuple[object, str]] = {}
    with transaction.atomic():
        for posting in bookings(cast, clock):
            kind = first_kind_of(posting)
            assert kind is not None
            print_ = fingerprint(settings_of(posting, kind, cast.connection))
            body = {name: value for name, value in posting.payload.items() if name != "Since"}
            found[posting.action_key] = (body, print_)
        transaction.set_rollback(True)
    return found


def other_value(field: "models.Field[Any, Any]", value: Any, cast: Cast) -> Any:
    if isinstance(field, models.ForeignKey):
        return cast.odense.pk
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if field.choices:
        return next(choice for choice, _label in field.choices if choice != value)
    return f"{value}x" if isinstance(value, str) else None


SETTINGS = [
    (model, field)
    for model in (Connection, WebShop)
    for field in model._meta.concrete_fields
    if field.name not in ("id", "group", "name", "webshop_id")
    and not isinstance(field, (models.DateTimeField, models.JSONField))
]


@pytest.mark.parametrize(("model", "field"), SETTINGS, ids=lambda part: getattr(part, "name", ""))
def test_whatever_setting_changes_what_is_sent_changes_the_fingerprint(
    cast: Cast, clock: Clock, model: type[models.Model], field: "models.Field[Any, Any]"
) -> None:
    before, one = seen(cast, clock), model._default_manager.first()
    assert one is not None
    value = other_value(field, getattr(one, field.attname), cast)
    if value is None:
        return
    rows = model._default_manager.all() if model is Connection else WebShop.objects.filter(name="nordlys")
    rows.update(**{field.attname: value})
    after = seen(cast, clock)
    for key in before.keys() & after.keys():
        if before[key][0] != after[key][0] or field.name in ("base_url", "routes_under_api"):
            assert before[key][1] != after[key][1], f"{key} goes out otherwise, and nobody looks at it"
        elif field.name not in ("discount_word", "turnover_shop"):
            assert before[key][1] == after[key][1], f"{key} stays the same, and somebody has to look"


def test_after_the_upgrade_a_group_goes_on_with_what_it_has_sent(
    booked_cast: Cast, sandbox: RunningSandbox, clock: Clock
) -> None:
    sale_row(booked_cast, clock(), "W-0")
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    Connection.objects.update(asks_about_first=True)
    upgrade: Callable[..., None] = import_module(
        "ddd.migrations.0023_first_of_its_kind"
    ).confirm_what_was_sent
    upgrade(apps, None)

    for number in (1, 2):
        with transaction.atomic():
            paid = ("", "cash")[number - 1]
            book_delivery(delivery(booked_cast, f"W-{number}", paid_at_register=paid), clock())
            book_delivery(delivery(booked_cast, f"X-{number}", paid_at_register="terminal"), clock())
    drained(booked_cast, clock)
    assert len(sales_at(sandbox)) == 5
    assert len(sandbox.ledger()["transfers"]) == 1  # it had sent none before
