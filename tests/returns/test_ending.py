"""A wrong return is cancelled while nothing of it was sent, and reversed when DdD has all of it."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from accounts.models import Membership
from core.errors import Conflict, Invalid
from ddd.models import ItemTransfer, Posting, ReceiptSeries, Sale
from ddd.sending import dispatch
from orders import putting_back
from orders.models import RefundDue
from orders.putting_back import pieces_to_put_back
from returns import refunds
from returns.desk import cancel, may_cancel, may_reverse, reverse
from returns.models import ReturnPolicy
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import Cast, again, delivered, taken_back
from tests.orders.together import at_once, kinds
from tests.returns.known import BACK, SECOND, all_of, die_at_every_write, postings, settle, statuses
from tests.sandbox_process import RunningSandbox

State = Posting.State
HER_WHY = "Forkert ordre"
pytestmark = pytest.mark.usefixtures("a_minute")


# --- cancelling -------------------------------------------------------------------------------------------


def test_a_cancelled_return_leaves_everything_as_before(cast: Cast) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    order, mads = delivered(cast), cast.person("manager")
    before = all_of(order)
    made = taken_back(cast, order)
    assert (may_cancel(made, mads), may_reverse(made, mads)) == (True, False)
    cancel(made, f" {HER_WHY} ", mads, BACK + SECOND)

    made.refresh_from_db()
    assert (made.state, made.ended_at, made.ended_by, made.ended_why) == (
        "cancelled",
        BACK + SECOND,
        mads,
        HER_WHY,
    )
    assert statuses(order) == ("Delivered", ["Delivered", "Delivered"])
    assert not made.pieces.filter(counts=True).exists()
    assert not pieces_to_put_back(cast.aarhus).exists()
    assert postings(made) == [("return", "withdrawn"), ("transfer", "withdrawn")]
    after = all_of(order)
    for name in ("sales", "transfers", "receipts"):
        assert after[name] == before[name]
    due = RefundDue.objects.get()
    assert (due.state, due.modified_at, due.closed_at, due.closed_by) == (
        "withdrawn",
        BACK + SECOND,
        BACK + SECOND,
        mads,
    )
    event = order.events.last()
    assert event is not None
    assert (event.kind, event.actor, event.data) == (
        "return cancelled",
        mads,
        {
            "return": 1,
            "shop": "Aarhus",
            "amount": "399.90",
            "lines": ["1", "2"],
            "pieces": [str(line.variant) for line in order.lines.all()],
            "why": HER_WHY,
        },
    )
    assert (may_cancel(made, mads), may_reverse(made, mads)) == (False, False)


def test_what_was_cancelled_can_come_back_again(cast: Cast) -> None:
    order, mads = delivered(cast), cast.person("manager")
    for number in (1, 2, 3):
        made = taken_back(cast, order, paid_by="cash", lines=(1,), now=BACK + number * SECOND)
        assert made.number == number
        if number < 3:
            cancel(made, HER_WHY, mads, BACK + number * SECOND)

    assert statuses(order) == ("Delivered", ["Returned", "Delivered"])
    assert Sale.objects.filter(posting__kind="return").count() == 1
    assert [line.number for line in pieces_to_put_back(cast.aarhus)] == [1]


def test_receipt_numbers_have_no_gap_after_a_cancelled_return(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    cast, clock = booked_cast, Clock()
    order = delivered(cast)
    cancel(taken_back(cast, order, paid_by="cash"), HER_WHY, cast.person("manager"), BACK)
    taken_back(cast, order, paid_by="cash", lines=(2,))
    drain_to_the_end(cast.nordlys.pk, clock)

    assert [sale["ReceiptId"] for sale in sandbox.ledger()["sales"]] == [1, 2]
    assert ReceiptSeries.objects.get().last == 2
    assert set(Sale.objects.values_list("receipt_id", "amount")) == {
        (1, Decimal("399.90")),
        (2, Decimal("-199.95")),
    }


@pytest.mark.parametrize("kind", ["return", "transfer"])
@pytest.mark.parametrize("state", [State.IN_FLIGHT, State.SENT, State.UNCERTAIN, State.REJECTED])
def test_as_soon_as_anything_of_it_is_being_sent_it_is_not_cancelled(
    cast: Cast, kind: str, state: Posting.State
) -> None:
    order, mads = delivered(cast), cast.person("manager")
    made = taken_back(cast, order, paid_by="cash")
    Posting.objects.filter(kind=kind, action_key__endswith=made.action_key).update(state=state)
    before = all_of(order)
    assert (may_cancel(made, mads), may_reverse(made, mads)) == (False, False)
    with pytest.raises(Conflict, match="too late to cancel"):
        cancel(made, HER_WHY, mads, BACK + SECOND)
    assert all_of(order) == before


def test_a_piece_that_hangs_on_its_shelf_again_stays_told_so(cast: Cast) -> None:
    order, mads = delivered(cast), cast.person("manager")
    made = taken_back(cast, order, paid_by="cash")
    first = order.lines.get(number=1)
    putting_back.put_back(cast.aarhus, first.pk, mads, BACK)
    cancel(made, HER_WHY, mads, BACK + SECOND)

    assert list(order.lines.values_list("to_put_back", "put_back_by", "put_back_shop")) == [
        (False, mads.pk, cast.aarhus.pk),
        (False, None, None),
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["return", "transfer"])
def test_of_a_worker_and_a_cancelling_at_once_exactly_one_wins(cast: Cast, kind: str) -> None:
    mads = cast.person("manager")
    for _round in range(8):
        order = delivered(cast)
        made = taken_back(cast, order, paid_by="cash")
        Posting.objects.exclude(kind=kind, action_key__endswith=made.action_key).filter(
            state=State.WAITING
        ).update(not_before=BACK + timedelta(days=999))
        claimed, cancelled = at_once(
            partial(dispatch.claim, cast.nordlys.pk, BACK + 61 * SECOND),
            partial(cancel, made, HER_WHY, mads, BACK + 59 * SECOND),
        )
        rows = dict(postings(made))
        if isinstance(cancelled, Conflict):
            assert isinstance(claimed, Posting)
            assert rows == {"return": "waiting", "transfer": "waiting", kind: "in flight"}
            assert again(order).status == "Returned"
        else:
            assert (claimed, cancelled) == (None, None)
            assert set(rows.values()) == {"withdrawn"}
            assert again(order).status == "Delivered"
        Posting.objects.filter(order_no=order.order_no).update(state=State.SENT)


@pytest.mark.parametrize("verb", [cancel, reverse])
def test_a_return_is_unchanged_wherever_the_process_dies(verb: Any, cast: Cast) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    order = delivered(cast)
    made = taken_back(cast, order)
    if verb is reverse:
        settle(made, BACK)
    deaths = die_at_every_write(order, lambda: verb(made, HER_WHY, cast.person("manager"), BACK))
    assert deaths >= 8
    assert statuses(order) == ("Delivered", ["Delivered", "Delivered"])


# --- reversing --------------------------------------------------------------------------------------------


def test_a_reversed_return_is_booked_back_and_the_customer_has_the_pieces(cast: Cast) -> None:
    order, mads, later = delivered(cast), cast.person("manager"), BACK + timedelta(days=2)
    made = taken_back(cast, order, paid_by="terminal", lines=(1,))
    settle(made, BACK)
    assert (may_cancel(made, mads), may_reverse(made, mads)) == (False, True)
    reverse(made, HER_WHY, mads, later)

    made.refresh_from_db()
    assert (made.state, made.ended_at, made.ended_by, made.ended_why) == ("reversed", later, mads, HER_WHY)
    assert statuses(order) == ("Delivered", ["Delivered", "Delivered"])
    assert postings(made) == [
        ("return", "sent"),
        ("transfer", "sent"),
        ("sale", "waiting"),
        ("transfer", "waiting"),
    ]
    sale = Sale.objects.get(posting__action_key=f"sale:{made.reversal_key}")
    assert (sale.amount, sale.shop, sale.receipt_id, sale.posting.not_before) == (
        Decimal("199.95"),
        cast.turnover_shop,
        None,
        later,
    )
    transfer = ItemTransfer.objects.get(posting__action_key=f"transfer:{made.reversal_key}")
    assert (transfer.sender, transfer.recipient, transfer.pieces) == (cast.aarhus, cast.turnover_shop, 1)
    assert not pieces_to_put_back(cast.aarhus).exists()
    assert kinds(order)[-1] == "return reversed"
    assert may_reverse(made, mads) is False
    assert taken_back(cast, order, paid_by="cash", now=later).number == 2


def test_twice_reversed_is_reversed_once(cast: Cast) -> None:
    order, mads = delivered(cast), cast.person("manager")
    made = taken_back(cast, order, paid_by="cash")
    settle(made, BACK)
    reverse(made, HER_WHY, mads, BACK)
    before = all_of(order)
    reverse(made, "En anden grund", mads, BACK + SECOND)
    assert all_of(order) == before
    with pytest.raises(Conflict, match="Mads Lindholm has reversed this return already"):
        cancel(made, HER_WHY, mads, BACK + SECOND)
    Membership.objects.filter(user=cast.person("aarhus")).update(role=Membership.Role.MANAGER)
    with pytest.raises(Conflict, match="Mads Lindholm has reversed this return already"):
        reverse(made, HER_WHY, cast.person("aarhus"), BACK + SECOND)
    assert all_of(order) == before


@pytest.mark.django_db(transaction=True)
def test_two_managers_at_once_reverse_it_once(cast: Cast) -> None:
    Membership.objects.filter(user=cast.person("aarhus")).update(role=Membership.Role.MANAGER)
    made = taken_back(cast, delivered(cast), paid_by="cash")
    settle(made, BACK)
    done = at_once(
        *(partial(reverse, made, HER_WHY, cast.person(who), BACK) for who in ("manager", "aarhus") * 2)
    )
    assert sorted(type(answer).__name__ for answer in done) == ["Conflict"] * 2 + ["NoneType"] * 2
    assert Sale.objects.filter(posting__action_key__contains="reversed").count() == 1


def test_what_was_not_sent_is_cancelled_and_what_is_on_its_way_waits(cast: Cast) -> None:
    order, mads = delivered(cast), cast.person("manager")
    made = taken_back(cast, order, paid_by="cash")
    for change, words in (
        ({}, "cancel it instead"),
        ({"state": State.IN_FLIGHT}, "still on its way to DdD"),
        ({"state": State.UNCERTAIN, "first_sent_at": BACK}, "still on its way to DdD"),
        ({"state": State.REJECTED, "needs_attention": True}, "still on its way to DdD"),
        ({"state": State.WAITING, "first_sent_at": BACK}, "still on its way to DdD"),
    ):
        Posting.objects.filter(kind="return").update(**change)
        before = all_of(order)
        with pytest.raises(Conflict, match=words):
            reverse(made, HER_WHY, mads, BACK)
        assert all_of(order) == before


@pytest.mark.parametrize("verb", [cancel, reverse])
def test_only_the_manager_of_the_shop_that_took_it_ends_it_and_says_why(verb: Any, cast: Cast) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, paid_by="cash")
    in_odense = taken_back(cast, delivered(cast), "odense", cast.odense, paid_by="cash")
    if verb is reverse:
        settle(made, BACK)
        settle(in_odense, BACK)
    before = all_of(order)
    for taken, who in ((made, "aarhus"), (made, "office"), (in_odense, "manager")):
        assert (may_cancel(taken, cast.person(who)), may_reverse(taken, cast.person(who))) == (False, False)
        with pytest.raises(Conflict, match=f"Only the shop manager of {taken.shop.name}"):
            verb(taken, HER_WHY, cast.person(who), BACK)
    for why in ("", "  ", "x" * 201):
        with pytest.raises(Invalid, match="at most 200 characters") as refusal:
            verb(made, why, cast.person("manager"), BACK)
        assert [fault.pointer for fault in refusal.value.faults] == ["/why"]
    assert all_of(order) == before


@pytest.mark.parametrize("verb", [cancel, reverse])
def test_what_the_web_shop_has_refunded_already_is_to_be_taken_back(verb: Any, cast: Cast) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    made = taken_back(cast, delivered(cast))
    refunds.close_refund(RefundDue.objects.get(), "R-1", None, BACK)
    if verb is reverse:
        settle(made, BACK)
    verb(made, HER_WHY, cast.person("manager"), BACK + SECOND)

    due = RefundDue.objects.get()
    assert (due.state, due.modified_at, due.closed_at, due.reference) == (
        "reclaim",
        BACK + SECOND,
        None,
        "R-1",
    )


def test_a_reversal_goes_through_to_ddds_books(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    cast, clock = booked_cast, Clock()
    order = delivered(cast)
    made = taken_back(cast, order, paid_by="cash")
    drain_to_the_end(cast.nordlys.pk, clock)
    reverse(made, HER_WHY, cast.person("manager"), clock())
    drain_to_the_end(cast.nordlys.pk, clock)

    sales = [
        (sale["ReceiptId"], sale["ItemLines"][0]["Type"], sale["PaymentLines"][0]["Direction"])
        for sale in sandbox.ledger()["sales"]
    ]
    assert sales == [(1, "Sale", "In"), (2, "Return", "Out"), (3, "Sale", "In")]
    moved = [(row["ShopIdSender"], row["ShopIdRecipient"]) for row in sandbox.ledger()["transfers"]]
    assert moved == [(996001, 996900), (996900, 996001), (996001, 996900)]
    assert sum(Sale.objects.values_list("amount", flat=True)) == Decimal("399.90")
