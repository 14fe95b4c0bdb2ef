"""What other channels order at DdD and what its own tills do reaches the portal, from the real sandbox."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from ddd.models import Connection, ItemTransfer, Notice, Posting, Sale, Variant
from ddd.sending import dispatch
from orders import picking
from orders.importing import OVERLAP, Poll, poll
from orders.models import WebOrder
from tests.factories import JUMPER, SCARF, Cast, again, new_order, picked, received
from tests.orders.together import at_once, everything, kinds
from tests.orders.web_shop import body, line
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.django_db


def now() -> datetime:
    """The sandbox uses the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def calm(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    yield sandbox
    sandbox.clear_faults()


def polled(cast: Cast) -> Poll:
    done = poll(cast.nordlys.pk, now())
    assert done is not None, cast.connection.trouble
    return done


def forwarded(cast: Cast, order_no: str = "W-1") -> WebOrder:
    """An order of the portal that DdD has too."""
    order = received(cast, new_order(order_no), now=now())
    dispatch.drain(cast.nordlys.pk)
    return order


def test_an_order_that_another_channel_made_is_taken_over_whole(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sent = body("D-1", CustomerNumber=4711, OrderReference="R-1", ReturnAddress="Nordlys#Lager", IsPaid=False)
    sent["WebOrderLines"][0] |= {"Notes": "Gave", "DeliveryNo": "P-9"}
    assert sandbox.till_order(sent, webshop=1)
    moment = now()

    assert poll(booked_cast.nordlys.pk, moment) == Poll(read=1, imported=1)

    order = WebOrder.objects.get()
    assert (order.group, order.shop, order.web_shop) == (
        booked_cast.nordlys,
        booked_cast.aarhus,
        booked_cast.web_shop("nordlys"),
    )
    assert (order.order_no, order.order_reference, order.customer_number) == ("D-1", "R-1", 4711)
    assert (order.source, order.status, order.is_paid) == ("ddd", "Reserved", False)
    assert order.ddd_id is not None
    assert order.receive_address == "Åse Ø. Sørensen#Bakkevej 3, 2. tv.#8000 Aarhus C"
    assert (order.return_address, order.promised_at) == ("Nordlys#Lager", moment + timedelta(minutes=60))
    first, second = order.lines.all()
    assert (first.variant.variant_id, first.notes, first.delivery_no) == (JUMPER, "Gave", "P-9")
    assert (first.sales_price, first.effective_sales_price, first.discount_amount) == (
        Decimal("219.95"),
        Decimal("199.95"),
        Decimal("20.00"),
    )
    assert (second.variant.variant_id, second.number) == (SCARF, 2)
    assert kinds(order) == ["imported"]
    assert not Posting.objects.exists()
    assert not Notice.objects.exists()


def test_an_order_is_taken_over_once_however_often_ddd_lists_it(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.till_order(body("D-1"))
    polled(booked_cast)
    before = everything(WebOrder.objects.get())
    for _time in range(3):
        assert polled(booked_cast) == Poll(read=1)
    assert everything(WebOrder.objects.get()) == before


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_take_each_order_over_once(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    for number in range(6):
        sandbox.till_order(body(f"D-{number}"), webshop=1 + number % 2)
    group = booked_cast.nordlys.pk
    done = at_once(*[lambda: poll(group, now())] * 4)

    assert all(isinstance(answer, Poll) and answer.read == 6 for answer in done), done
    assert sorted(WebOrder.objects.values_list("order_no", flat=True)) == [
        f"D-{number}" for number in range(6)
    ]
    assert all(kinds(order) == ["imported"] for order in WebOrder.objects.all())


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_book_a_delivery_of_the_till_once(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    for number in range(4):
        forwarded(booked_cast, f"W-{number}")
        sandbox.till_delivers(f"W-{number}")
    group = booked_cast.nordlys.pk
    done = at_once(*[lambda: poll(group, now())] * 4)

    assert all(isinstance(answer, Poll) for answer in done), done
    assert sorted(Sale.objects.values_list("order_no", flat=True)) == [f"W-{number}" for number in range(4)]
    assert all(kinds(order) == ["created", "delivered"] for order in WebOrder.objects.all())


# --- Our own orders ----------------------------------------------------------------------------------


def test_an_order_that_was_forwarded_is_known_again_by_its_order_no(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = forwarded(booked_cast)
    assert polled(booked_cast) == Poll(read=1)
    assert again(order).ddd_id is not None
    assert WebOrder.objects.count() == 1
    assert (again(order).source, kinds(order)) == ("api", ["created"])


def test_what_ddds_till_picks_is_picked_here(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    order = forwarded(booked_cast)
    sandbox.till_picks("W-1")
    assert polled(booked_cast) == Poll(read=1, followed=1)
    order = again(order)
    assert order.status == "Picked"
    assert order.taken_by is None
    assert order.taken_at is not None
    assert {line.status for line in order.lines.all()} == {"Picked"}
    assert kinds(order) == ["created", "picked"]
    assert order.events.get(kind="picked").by_ddd
    assert polled(booked_cast) == Poll(read=1)


def test_what_ddds_till_delivers_is_sold_by_the_portal_and_moved_by_ddd(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = forwarded(booked_cast)
    sandbox.till_picks("W-1")
    polled(booked_cast)
    sandbox.till_delivers("W-1")
    assert polled(booked_cast) == Poll(read=1, followed=1)

    order = again(order)
    assert (order.status, order.delivered_by_ddd, order.delivered_by) == ("Delivered", True, None)
    assert {line.status for line in order.lines.all()} == {"Delivered"}
    assert not ItemTransfer.objects.exists()
    for _time in range(2):
        dispatch.drain(booked_cast.nordlys.pk)
        polled(booked_cast)
    ledger = sandbox.ledger()
    assert [(sale["ShopId"], sale["PaymentLines"][0]["LineAmount"]) for sale in ledger["sales"]] == [
        (996900, 399.9)
    ]
    assert [transfer["made_by"] for transfer in ledger["transfers"]] == ["till"]


def test_an_order_that_the_till_made_and_delivered_between_two_polls_is_sold(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    sandbox.till_order(body("D-1"), webshop=2)
    sandbox.till_delivers("D-1")
    assert polled(booked_cast) == Poll(read=1, imported=1, followed=1)
    assert kinds(WebOrder.objects.get()) == ["imported", "delivered"]
    assert Sale.objects.get().shop == booked_cast.aarhus


def test_what_the_shop_did_is_not_undone_because_ddd_does_not_know_it(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = picked(booked_cast, new=new_order("W-1"))
    dispatch.drain(booked_cast.nordlys.pk)
    before = everything(order)["lines"]
    assert polled(booked_cast) == Poll(read=1)
    sandbox.till_picks("W-1")
    assert polled(booked_cast) == Poll(read=1)
    assert (again(order).status, everything(order)["lines"]) == ("Picked", before)


def test_a_missing_piece_that_the_till_found_and_delivered_is_sold(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = picked(booked_cast, new=new_order("W-1", variants=(JUMPER, JUMPER)), missing=(2,))
    dispatch.drain(booked_cast.nordlys.pk)
    sandbox.till_delivers("W-1")
    polled(booked_cast)
    assert [line.status for line in order.lines.all()] == ["Delivered", "Delivered"]
    assert Sale.objects.get().amount == Decimal("399.90")


# --- The cursor --------------------------------------------------------------------------------------


def test_the_cursor_is_the_newest_change_that_ddd_told_of_by_its_own_clock(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    assert polled(booked_cast) == Poll()
    assert booked_cast.connection.polled_until is None
    before = now()
    sandbox.till_order(body("D-1"))
    after = now()
    polled(booked_cast)
    until = booked_cast.connection.polled_until
    assert until is not None
    assert before <= until <= after
    assert booked_cast.connection.last_good_poll_at is not None


def test_polls_overlap_so_that_what_was_committed_late_is_not_missed(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    polled(booked_cast)
    sandbox.till_order(body("D-1"))
    changed = now()
    connection = Connection.objects.filter(group=booked_cast.nordlys)
    connection.update(polled_until=changed + OVERLAP + timedelta(minutes=1))
    assert polled(booked_cast) == Poll()
    connection.update(polled_until=changed + OVERLAP - timedelta(minutes=1))
    assert polled(booked_cast) == Poll(read=1, imported=1)


def test_the_cursor_never_goes_back(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    sandbox.till_order(body("D-1"))
    further = now() + timedelta(minutes=5)
    Connection.objects.filter(group=booked_cast.nordlys).update(polled_until=further)
    polled(booked_cast)
    assert booked_cast.connection.polled_until == further


def test_the_cursor_stays_when_the_batch_could_not_be_stored_and_the_next_poll_stores_it(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = forwarded(booked_cast)
    sandbox.till_delivers("W-1")
    in_the_way = Posting.objects.get()
    Posting.objects.filter(pk=in_the_way.pk).update(action_key=f"sale:delivery:{order.pk}:1")
    with pytest.raises(Exception, match=r"action_key"):
        poll(booked_cast.nordlys.pk, now())
    assert booked_cast.connection.polled_until is None
    assert (again(order).status, Sale.objects.count()) == ("Reserved", 0)

    in_the_way.save()
    assert polled(booked_cast).followed == 1
    assert (again(order).status, Sale.objects.count()) == ("Delivered", 1)
    assert booked_cast.connection.polled_until is not None


# --- DdD is not as it should be ----------------------------------------------------------------------


def test_camel_case_answers_are_read(booked_cast: Cast, calm: RunningSandbox) -> None:
    calm.till_order(body("D-1"))
    calm.fault("camelCase")
    assert polled(booked_cast) == Poll(read=1, imported=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    ["500", "503", "refuse", "nonsense", "half an answer", "lose the connection before committing", "slow"],
)
def test_a_failing_ddd_is_shown_and_read_again(
    booked_cast: Cast, calm: RunningSandbox, settings: Settings, fault: str
) -> None:
    calm.till_order(body("D-1"))
    calm.fault(fault, times=2)
    if fault == "slow":
        settings.DDD_TIMEOUT_SECONDS = 1
    first, second = now(), now()

    assert poll(booked_cast.nordlys.pk, first) is None
    assert poll(booked_cast.nordlys.pk, second) is None

    connection = booked_cast.connection
    assert connection.trouble
    assert (connection.trouble_since, connection.polled_until, connection.last_good_poll_at) == (
        first,
        None,
        None,
    )
    assert not WebOrder.objects.exists()
    settings.DDD_TIMEOUT_SECONDS = 5
    # One that hangs is left alone for a while.
    later = second + timedelta(minutes=1)
    assert poll(booked_cast.nordlys.pk, later) == Poll(read=1, imported=1)
    assert (booked_cast.connection.trouble, booked_cast.connection.trouble_since) == ({}, None)


def test_a_ddd_that_cannot_be_reached_is_seen_and_troubles_no_other_group(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    Connection.objects.filter(group=booked_cast.fjord).update(base_url="http://127.0.0.1:9")
    sandbox.till_order(body("D-1"))
    assert poll(booked_cast.fjord.pk, now()) is None
    assert Connection.objects.get(group=booked_cast.fjord).trouble
    assert polled(booked_cast).imported == 1
    assert booked_cast.connection.trouble == {}


def test_each_group_takes_over_its_own_orders_only(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    sandbox.till_order(body("D-1"))
    sandbox.till_order(body("D-1", ShopId=997001, WebOrderLines=[line()]))
    assert poll(booked_cast.fjord.pk, now()) == Poll(read=1, imported=1)
    assert polled(booked_cast) == Poll(read=1, imported=1)
    assert {(order.group.name, order.shop.shop_id) for order in WebOrder.objects.all()} == {
        ("Nordlys", 996001),
        ("Fjord", 997001),
    }


def test_a_group_without_a_connection_is_not_read(booked_cast: Cast) -> None:
    Connection.objects.filter(group=booked_cast.nordlys).delete()
    assert poll(booked_cast.nordlys.pk, now()) is None


def test_an_article_that_the_catalogue_has_not_yet_is_asked_for(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    Variant.objects.filter(group=booked_cast.nordlys, variant_id=JUMPER).delete()
    sandbox.till_order(body("D-1"))
    polled(booked_cast)
    assert str(WebOrder.objects.get().lines.all()[0].variant).startswith("Wool jumper Skagerrak")
    assert not Notice.objects.exists()


def test_a_piece_picked_here_stays_picked_when_the_till_picks_the_rest(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    order = forwarded(booked_cast)
    first, second = order.lines.all()
    picking.pick(order, first.pk, booked_cast.person("aarhus"), now())
    picking.report_missing(order, second.pk, "damaged", booked_cast.person("aarhus"), now())
    sandbox.till_picks("W-1")
    polled(booked_cast)
    assert [(line.status, line.picked_by, line.missing_reason) for line in order.lines.all()] == [
        ("Picked", booked_cast.person("aarhus"), ""),
        ("Picked", None, ""),
    ]
    assert again(order).taken_by == booked_cast.person("aarhus")
    assert kinds(order)[-1] == "picked"
