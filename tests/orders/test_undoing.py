"""A wrong tap is undone in time, before anything was sent; a worker and the undo never both win."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from pytest_django import Settings

from core.errors import Conflict
from ddd.models import ItemTransfer, Posting, ReceiptSeries, Sale
from ddd.sending import dispatch
from orders import delivery, sync_status
from orders.delivery import HandOver, seconds_to_undo
from orders.models import WebOrder
from returns import desk
from returns.models import Return
from tests.factories import HAND_OVER, NOW, Cast, again, delivered, new_order, picked, taken_back
from tests.orders.together import at_once, everything, kinds

DELIVERED = NOW + timedelta(minutes=30)
SECOND = timedelta(seconds=1)
IN_TIME = DELIVERED + 59 * SECOND
State = Posting.State


@pytest.fixture(autouse=True)
def a_minute(settings: Settings) -> None:
    settings.UNDO_SECONDS = 60


def postings(order: WebOrder) -> list[tuple[str, str]]:
    """The postings of the deliveries and their states."""
    rows = Posting.objects.filter(order_no=order.order_no).exclude(kind="order")
    return list(rows.order_by("pk").values_list("kind", "state"))


def test_an_undone_delivery_leaves_everything_as_before(cast: Cast) -> None:
    hand_over = HandOver(WebOrder.Way.SEND, "cash", "D-1")
    order = delivered(cast, new=new_order(is_paid=False), hand_over=hand_over, missing=(2,))
    delivery.undo(order, cast.person("aarhus"), IN_TIME)

    order = again(order)
    assert (order.status, order.delivered_at, order.delivered_by) == ("Picked", None, None)
    assert (order.way, order.paid_by, order.proof, order.collected_by, order.signature) == ("",) * 5
    assert [(line.status, line.delivery_no) for line in order.lines.all()] == [
        ("Picked", ""),
        ("Missing", ""),
    ]
    assert postings(order) == [("sale", "withdrawn"), ("transfer", "withdrawn"), ("change", "withdrawn")]
    assert not Sale.objects.exists()
    assert not ItemTransfer.objects.exists()
    assert not ReceiptSeries.objects.exists()
    assert kinds(order)[-2:] == ["delivered", "delivery undone"]
    assert order.events.get(kind="delivery undone").actor == cast.person("aarhus")


def test_nothing_is_sent_before_the_time_is_over(cast: Cast) -> None:
    order = delivered(cast)
    due = {row.not_before for row in Posting.objects.filter(order_no=order.order_no).exclude(kind="order")}
    assert due == {DELIVERED + timedelta(seconds=60)}
    Posting.objects.filter(kind="order").update(state=State.SENT)
    assert dispatch.claim(cast.nordlys.pk, IN_TIME) is None
    assert dispatch.claim(cast.nordlys.pk, DELIVERED + timedelta(seconds=60)) is not None


def test_what_ddds_till_delivered_is_sent_at_once_and_not_undone_here(cast: Cast) -> None:
    order = picked(cast)
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], DELIVERED)
    assert Sale.objects.get().posting.not_before == DELIVERED
    before = everything(order)
    with pytest.raises(Conflict, match="DdD's till has delivered this order: undo it there"):
        delivery.undo(order, cast.person("aarhus"), DELIVERED + SECOND)
    assert everything(order) == before
    assert seconds_to_undo(again(order), cast.person("aarhus"), DELIVERED) == 0


def test_the_shop_manager_may_undo_it_and_a_colleague_may_not(cast: Cast) -> None:
    by_manager = delivered(cast, "manager")
    before = everything(by_manager)
    with pytest.raises(Conflict, match="Only Mads Lindholm or the shop manager can undo this delivery"):
        delivery.undo(by_manager, cast.person("aarhus"), IN_TIME)
    assert everything(by_manager) == before
    assert seconds_to_undo(by_manager, cast.person("aarhus"), IN_TIME) == 0

    by_staff = delivered(cast)
    assert seconds_to_undo(by_staff, cast.person("manager"), IN_TIME) == 1
    delivery.undo(by_staff, cast.person("manager"), IN_TIME)
    assert again(by_staff).status == "Picked"


@pytest.mark.parametrize("late", [timedelta(seconds=60), timedelta(days=1)])
def test_after_its_time_it_stays_delivered(cast: Cast, late: timedelta) -> None:
    order = delivered(cast)
    before = everything(order)
    with pytest.raises(Conflict, match="It is too late to undo this: the sale is on its way to DdD"):
        delivery.undo(order, cast.person("aarhus"), DELIVERED + late)
    assert everything(order) == before


@pytest.mark.parametrize("kind", ["sale", "transfer"])
@pytest.mark.parametrize("state", [State.IN_FLIGHT, State.SENT, State.UNCERTAIN, State.REJECTED])
def test_as_soon_as_anything_of_it_is_being_sent_nothing_is_undone(
    cast: Cast, kind: str, state: Posting.State
) -> None:
    order = delivered(cast)
    Posting.objects.filter(kind=kind).update(state=state)
    before = everything(order)
    with pytest.raises(Conflict, match="too late"):
        delivery.undo(order, cast.person("aarhus"), IN_TIME)
    assert everything(order) == before


def test_what_was_sent_and_waits_to_be_sent_again_is_not_undone(cast: Cast) -> None:
    order = delivered(cast)
    Posting.objects.filter(kind="transfer").update(first_sent_at=DELIVERED)
    before = everything(order)
    with pytest.raises(Conflict, match="too late"):
        delivery.undo(order, cast.person("aarhus"), IN_TIME)
    assert everything(order) == before


def test_a_second_tap_is_quiet_and_another_person_is_told_how_it_is(cast: Cast) -> None:
    order = delivered(cast)
    delivery.undo(order, cast.person("aarhus"), IN_TIME)
    before = everything(order)
    delivery.undo(order, cast.person("aarhus"), IN_TIME + timedelta(hours=1))
    with pytest.raises(Conflict, match="This order is picked now"):
        delivery.undo(order, cast.person("manager"), IN_TIME)
    assert everything(order) == before


def test_an_order_that_was_never_delivered_has_nothing_to_undo(cast: Cast) -> None:
    order = picked(cast)
    before = everything(order)
    with pytest.raises(Conflict, match="This order is picked now"):
        delivery.undo(order, cast.person("aarhus"), IN_TIME)
    assert everything(order) == before


def test_a_second_delivery_has_its_own_sale(cast: Cast) -> None:
    order, freja = delivered(cast), cast.person("aarhus")
    for attempt in range(3):
        now = DELIVERED + timedelta(minutes=attempt)
        delivery.undo(order, freja, now + SECOND)
        delivery.deliver(again(order), HAND_OVER, freja, now + timedelta(minutes=1))

    rows = list(Posting.objects.filter(kind="sale").order_by("pk").values_list("action_key", "state"))
    assert rows == [
        (f"sale:delivery:{order.pk}:1", "withdrawn"),
        (f"sale:delivery:{order.pk}:2", "withdrawn"),
        (f"sale:delivery:{order.pk}:3", "withdrawn"),
        (f"sale:delivery:{order.pk}:4", "waiting"),
    ]
    assert (Sale.objects.count(), ItemTransfer.objects.count()) == (1, 1)
    assert kinds(order).count("delivered") == 4
    assert kinds(order).count("delivery undone") == 3


def test_an_undone_delivery_that_ddds_till_makes_then_is_sold_once(cast: Cast) -> None:
    order = delivered(cast)
    delivery.undo(order, cast.person("aarhus"), IN_TIME)
    sync_status.follow_delivered(again(order), [line.pk for line in order.lines.all()], IN_TIME)
    assert Sale.objects.get().posting.action_key == f"sale:delivery:{order.pk}:2"
    assert not ItemTransfer.objects.exists()


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_delivery_of_which_pieces_came_back_is_never_undone(cast: Cast, cancelled: bool) -> None:
    order, manager = delivered(cast), cast.person("manager")
    made = taken_back(cast, order, lines=(1,), paid_by="cash", now=DELIVERED + SECOND)
    if cancelled:
        desk.cancel(made, "Forkert ordre", manager, DELIVERED + SECOND)
    before = everything(order)
    for who in ("aarhus", "manager"):
        with pytest.raises(Conflict, match="Pieces of this order were taken back already"):
            delivery.undo(order, cast.person(who), IN_TIME)
        assert seconds_to_undo(again(order), cast.person(who), IN_TIME) == 0
    assert everything(order) == before


def test_a_delivery_of_which_all_came_back_is_not_undone_either(cast: Cast) -> None:
    order = delivered(cast)
    taken_back(cast, order, paid_by="cash", now=DELIVERED + SECOND)
    before = everything(order)
    with pytest.raises(Conflict, match="This order is returned now"):
        delivery.undo(order, cast.person("aarhus"), IN_TIME)
    assert everything(order) == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_an_undo_and_a_return_at_once_exactly_one_wins(cast: Cast) -> None:
    for _round in range(6):
        order = delivered(cast)
        undone, made = at_once(
            partial(delivery.undo, order, cast.person("aarhus"), IN_TIME),
            partial(taken_back, cast, order, "manager", lines=(1,), paid_by="cash", now=IN_TIME),
        )
        if isinstance(undone, Conflict):
            assert isinstance(made, Return)
            assert [line.status for line in order.lines.all()] == ["Returned", "Delivered"]
        else:
            assert (undone, type(made)) == (None, Conflict)
            assert [line.status for line in order.lines.all()] == ["Picked", "Picked"]
        kept = Sale.objects.filter(order_no=order.order_no).count()
        assert kept == (2 if isinstance(made, Return) else 0)


@pytest.mark.parametrize(
    ("passed", "left"),
    [(timedelta(), 60), (timedelta(seconds=0.4), 60), (SECOND, 59), (59 * SECOND, 1), (60 * SECOND, 0)],
)
def test_the_seconds_left_are_whole_and_end_at_nothing(cast: Cast, passed: timedelta, left: int) -> None:
    assert seconds_to_undo(delivered(cast), cast.person("aarhus"), DELIVERED + passed) == left


def test_where_the_time_is_none_nothing_can_be_undone(cast: Cast, settings: Settings) -> None:
    settings.UNDO_SECONDS = 0
    order = delivered(cast)
    assert seconds_to_undo(order, cast.person("aarhus"), DELIVERED) == 0
    with pytest.raises(Conflict, match="too late"):
        delivery.undo(order, cast.person("aarhus"), DELIVERED)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["sale", "transfer"])
def test_of_a_worker_and_an_undo_at_once_exactly_one_wins(cast: Cast, kind: str) -> None:
    """The worker's clock is ahead of the shop's, so that both believe that it is time."""
    outcomes, freja = set(), cast.person("aarhus")
    for number in range(12):
        order = delivered(cast, new=new_order(f"{kind}-{number}"))
        Posting.objects.exclude(kind=kind, order_no=order.order_no).filter(state=State.WAITING).update(
            not_before=datetime.max.replace(tzinfo=NOW.tzinfo)
        )
        claimed, undone = at_once(
            partial(dispatch.claim, cast.nordlys.pk, DELIVERED + timedelta(seconds=61)),
            partial(delivery.undo, order, freja, IN_TIME),
        )
        rows = dict(postings(order))
        if isinstance(undone, Conflict):
            assert isinstance(claimed, Posting)
            assert rows == {"sale": "waiting", "transfer": "waiting", kind: "in flight"}
            assert again(order).status == "Delivered"
            assert Sale.objects.filter(order_no=order.order_no).count() == 1
        else:
            assert (claimed, undone) == (None, None)
            assert set(rows.values()) == {"withdrawn"}
            assert again(order).status == "Picked"
            assert not Sale.objects.filter(order_no=order.order_no).exists()
        outcomes.add(type(undone).__name__)
        Posting.objects.filter(order_no=order.order_no).update(state=State.SENT)
    assert outcomes <= {"Conflict", "NoneType"}


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_a_second_delivery_at_once_stay_consistent(cast: Cast) -> None:
    order = delivered(cast)
    freja = cast.person("aarhus")
    done = at_once(
        *[lambda: delivery.undo(order, freja, IN_TIME)] * 3,
        *[lambda: delivery.deliver(order, HAND_OVER, freja, IN_TIME)] * 3,
    )
    assert {type(answer) for answer in done} <= {type(None), Conflict}
    order = again(order)
    assert Sale.objects.count() == (order.status == "Delivered")
    assert kinds(order).count("delivered") - kinds(order).count("delivery undone") == Sale.objects.count()
