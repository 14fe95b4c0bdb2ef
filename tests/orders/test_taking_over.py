"""A difference is mended by the portal where it can be: sent, booked, or taken over from DdD."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Shop
from core.errors import Conflict
from ddd.models import Connection, Difference, ItemTransfer, Posting, Sale
from ddd.nightly import reconciling
from ddd.words.differences import CAN_BE_SENT, EvidenceKey, Kind, Mend
from orders import repair
from orders.models import WebOrder
from orders.states import Status
from tests.ddd.rows import a_difference
from tests.factories import Cast, delivered
from tests.orders.night import TURNOVER, Night
from tests.orders.planted import (
    cancel_the_order_that_was_delivered,
    delete_the_order,
    let_the_till_deliver_unseen,
    order_elsewhere,
)

State = Difference.State
BY_A_PERSON = {
    Kind.SALE_TWICE,
    Kind.SALE_ELSEWHERE,
    Kind.SALE_AMOUNT,
    Kind.SALE_UNKNOWN,
    Kind.SALE_OF_NOBODY,
    Kind.RETURN_TWICE,
    Kind.TRANSFER_TWICE,
    Kind.TRANSFER_PIECES,
}


def mend(night: Night) -> Difference:
    """Head office taps twice, and a worker runs."""
    difference = Difference.objects.get()
    for _tap in range(2):
        repair.mend(difference, night.cast.person("office"), night.clock())
    repair.take_over_wanted(night.group.pk, night.clock())
    difference.refresh_from_db()
    return difference


def test_an_order_that_only_ddd_has_is_taken_over_and_the_next_comparison_confirms_it(night: Night) -> None:
    order_no, kind = order_elsewhere(night)
    assert night.compare() == [(kind, order_no)]
    difference = mend(night)
    assert (difference.state, difference.taken_over_at) == (State.SENT_AGAIN, night.clock())
    assert WebOrder.objects.filter(order_no=order_no, group=night.group).count() == 1
    with pytest.raises(Conflict, match="Karen Østergaard has decided this already"):
        repair.mend(difference, night.cast.person("manager"), night.clock())
    assert night.compare(hours=2) == []
    difference.refresh_from_db()
    assert difference.state == State.GONE


def test_what_ddds_till_did_unseen_is_done_here_and_booked_once(night: Night) -> None:
    order_no, kind = let_the_till_deliver_unseen(night)
    assert night.compare() == [(kind, order_no)]
    assert mend(night).state == State.SENT_AGAIN
    assert WebOrder.objects.get(order_no=order_no).status == Status.DELIVERED
    assert Posting.objects.filter(order_no=order_no, kind="sale").count() == 1
    assert repair.take_over_wanted(night.group.pk, night.clock()) == 0


def test_a_repair_without_effect_is_open_again(night: Night) -> None:
    """The order is for a shop that the portal does not know."""
    order_no, _kind = order_elsewhere(night)
    night.compare()
    Shop.objects.filter(shop_id=996001).update(shop_id=996999)
    difference = mend(night)
    assert (difference.state, difference.closed_by, difference.closed_at) == (State.OPEN, None, None)
    assert list(night.group.notices.values_list("kind", "subject")) == [("unknown shop", order_no)]


def test_while_ddd_is_away_it_waits_and_is_open_again_after_an_hour(night: Night) -> None:
    order_elsewhere(night)
    night.compare()
    night.sandbox.fault("503")
    assert mend(night).state == State.SENT_AGAIN
    assert Connection.objects.get(group=night.group).trouble != {}
    repair.take_over_wanted(night.group.pk, night.clock() + timedelta(minutes=61))
    assert Difference.objects.get().state == State.OPEN


def test_it_is_taken_over_once_however_often_a_worker_looks(night: Night) -> None:
    order_no, _kind = order_elsewhere(night)
    night.compare()
    reconciling.request_takeover(Difference.objects.get(), night.cast.person("office"), night.clock())
    repair.take_over_wanted(night.group.pk, night.clock())
    repair.take_over_wanted(night.group.pk, night.clock())
    assert WebOrder.objects.get(order_no=order_no).events.filter(kind="imported").count() == 1
    assert Difference.objects.get().state == State.SENT_AGAIN


def test_an_order_that_was_lost_at_ddd_is_sent_once_more(night: Night) -> None:
    order_no, kind = delete_the_order(night)
    assert night.compare() == [(kind, order_no)]
    mend(night)
    night.send()
    assert Posting.objects.get(kind="order").state == Posting.State.SENT
    assert night.compare(hours=2) == []


def test_a_sale_that_nobody_booked_is_booked_once_and_sent(night: Night) -> None:
    order = night.sold()
    WebOrder.objects.update(delivered_at=night.clock())
    forget(night, order, "sale", "transfer")
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    assert night.compare() == [("sale missing", order.order_no)]
    difference = Difference.objects.get()
    assert "neither the portal's books nor DdD's" in difference.meaning
    assert mend(night).state == State.SENT_AGAIN
    assert order.events.filter(kind="booked late").get().actor == night.cast.person("office")
    assert night.posted("sale", order).state == night.posted("transfer", order).state == "waiting"
    assert (
        night.posted("sale", order).sale.amount,
        night.posted("transfer", order).item_transfer.pieces,
    ) == (
        Decimal("399.90"),
        2,
    )


def test_a_delivery_of_which_something_is_booked_is_not_booked_again(night: Night) -> None:
    order = night.sold()
    WebOrder.objects.update(delivered_at=night.clock())
    forget(night, order, "sale")
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    night.compare()
    with pytest.raises(Conflict, match="The portal has booked this delivery already"):
        repair.mend(Difference.objects.get(), night.cast.person("office"), night.clock())
    assert Difference.objects.get().state == State.OPEN
    assert not Posting.objects.filter(kind="sale").exists()


def forget(night: Night, order: WebOrder, *kinds: str) -> None:
    """Deletes rows directly, because no function does."""
    for kind in kinds:
        posting = night.posted(kind, order)
        (Sale if kind == "sale" else ItemTransfer).objects.filter(posting=posting).delete()
        posting.delete()


def test_an_order_that_ended_otherwise_is_needs_attention(night: Night) -> None:
    cancel_the_order_that_was_delivered(night)
    night.compare()
    difference = Difference.objects.get()
    assert difference.mend_by is None
    assert "ended otherwise" in difference.meaning
    with pytest.raises(Conflict, match="There is nothing to send here"):
        repair.mend(difference, night.cast.person("office"), night.clock())
    assert Difference.objects.get().state == State.OPEN


def test_every_kind_says_who_can_mend_it(cast: Cast) -> None:
    delivered(cast)
    posting = Posting.objects.get(kind="sale")
    for kind in Kind:
        row = a_difference(
            cast.nordlys,
            kind,
            posting=posting.pk,
            evidence={EvidenceKey.STATUS_HERE: "Reserved"},
            subject=kind.value,
        )
        by = Mend.SEND if kind in CAN_BE_SENT else None if kind in BY_A_PERSON else Mend.TAKE_OVER
        assert row.mend_by == by, kind
