"""A refund is closed once, by one person, and recorded on the order's timeline."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import Conflict, Invalid
from ddd.models import Posting
from orders.models import OrderEvent, RefundDue
from returns import desk
from returns.models import Return
from returns.policy import Outcome
from returns.refunds import close_refund
from tests.factories import NOW, Cast, delivered, new_order, taken_back
from tests.orders.together import at_once, everything

DAY = timedelta(days=1)
LATER = NOW + 2 * DAY
SEEN_AT_THE_BANK = "PAY-77"


def due(cast: Cast, order_no: str = "", lines: tuple[int, ...] = ()) -> RefundDue:
    """A manager of Aarhus has sent the customer to the web shop for their money."""
    order = delivered(cast, new=new_order(order_no))
    back = taken_back(
        cast, order, "manager", lines=lines, instead=Outcome.WEB_SHOP, overrule_reason="No cash today"
    )
    return RefundDue.objects.select_related("taken_back__order").get(taken_back=back)


def reversed_return(cast: Cast, refund: RefundDue) -> None:
    """A wrong return that DdD has, reversed."""
    Posting.objects.update(state=Posting.State.SENT)
    back = Return.objects.get(pk=refund.taken_back.pk)
    desk.reverse(back, "Wrong customer", cast.person("manager"), LATER + DAY)


def kept(refund: RefundDue) -> dict[str, Any]:
    """To show what changed of it, and what did not. By which time it is followed comes after the action."""
    row = RefundDue.objects.values().get(pk=refund.pk)
    return {name: value for name, value in row.items() if not name.startswith("stored_at")}


def last_event(refund: RefundDue) -> OrderEvent:
    event = refund.taken_back.order.events.last()
    assert event
    return event


def test_the_web_shop_closes_what_it_has_paid(cast: Cast) -> None:
    refund = due(cast)
    before = kept(refund)
    close_refund(refund, f" {SEEN_AT_THE_BANK} ", None, LATER)
    assert kept(refund) == before | {
        "state": "refunded",
        "reference": SEEN_AT_THE_BANK,
        "closed_at": LATER,
        "modified_at": LATER,
        "closed_by_id": None,
    }
    event = last_event(refund)
    assert (event.kind, event.actor, event.at) == ("refunded", None, LATER)
    assert event.data == {
        "amount": "399.90",
        "reference": SEEN_AT_THE_BANK,
        "return": 1,
        "web_shop": "nordlys",
    }


def test_head_office_closes_a_refund_by_hand_under_their_name(cast: Cast) -> None:
    refund, karen = due(cast, lines=(2,)), cast.person("office")
    close_refund(refund, SEEN_AT_THE_BANK, karen, LATER)
    assert (kept(refund)["closed_by_id"], kept(refund)["amount"]) == (karen.pk, refund.amount)
    event = last_event(refund)
    assert event.actor == karen
    assert event.data == {"amount": "199.95", "reference": SEEN_AT_THE_BANK, "return": 1}


@pytest.mark.parametrize("who", ["", "office"])
def test_the_same_once_more_changes_nothing(cast: Cast, who: str) -> None:
    refund, by = due(cast), cast.person(who) if who else None
    close_refund(refund, SEEN_AT_THE_BANK, by, LATER)
    before = kept(refund), everything(refund.taken_back.order)
    close_refund(refund, SEEN_AT_THE_BANK, by, LATER + DAY)
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_the_web_shop_may_tell_the_payment_that_head_office_has_told(cast: Cast) -> None:
    refund = due(cast)
    close_refund(refund, SEEN_AT_THE_BANK, cast.person("office"), LATER)
    before = kept(refund), everything(refund.taken_back.order)
    close_refund(refund, SEEN_AT_THE_BANK, None, LATER + DAY)
    assert (kept(refund), everything(refund.taken_back.order)) == before


@pytest.mark.parametrize(
    ("first", "second", "reference", "sentence"),
    [
        ("", "", "PAY-78", "nordlys has closed it already, under the reference PAY-77."),
        ("", "office", SEEN_AT_THE_BANK, "nordlys has closed it already, under the reference PAY-77."),
        ("office", "", "PAY-78", "Karen Østergaard has closed it already, under the reference PAY-77."),
        ("office", "office", "PAY-78", "Karen Østergaard has closed it already, under the reference PAY-77."),
    ],
)
def test_who_was_slower_is_told_who_was_faster(
    cast: Cast, first: str, second: str, reference: str, sentence: str
) -> None:
    refund = due(cast)
    close_refund(refund, SEEN_AT_THE_BANK, cast.person(first) if first else None, LATER)
    before = kept(refund), everything(refund.taken_back.order)
    with pytest.raises(Conflict) as refused:
        close_refund(refund, reference, cast.person(second) if second else None, LATER + DAY)
    assert (refused.value.code, refused.value.sentence) == ("closed-already", sentence)
    assert (kept(refund), everything(refund.taken_back.order)) == before


@pytest.mark.parametrize("reference", ["", "   ", "x" * 101, "two\nlines", "nul\x00", "half \ud83d"])
def test_a_payment_has_a_reference_of_one_short_line(cast: Cast, reference: str) -> None:
    refund = due(cast)
    before = kept(refund), everything(refund.taken_back.order)
    with pytest.raises(Invalid) as refused:
        close_refund(refund, reference, None, LATER)
    assert [fault.pointer for fault in refused.value.faults] == ["/Reference"]
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_the_longest_reference_is_kept_whole(cast: Cast) -> None:
    refund = due(cast)
    close_refund(refund, "å" * 100, None, LATER)
    assert kept(refund)["reference"] == "å" * 100


def test_what_is_no_longer_due_is_not_paid(cast: Cast) -> None:
    refund = due(cast)
    back = Return.objects.get(pk=refund.taken_back.pk)
    desk.cancel(back, "Wrong customer", cast.person("manager"), NOW + DAY)
    before = kept(refund), everything(refund.taken_back.order)
    assert before[0]["state"] == "withdrawn"
    with pytest.raises(
        Conflict, match="It is no longer due: the return was cancelled or reversed"
    ) as refused:
        close_refund(refund, SEEN_AT_THE_BANK, None, LATER)
    assert refused.value.code == "no-longer-due"
    assert (kept(refund), everything(refund.taken_back.order)) == before


def test_what_was_paid_for_a_reversed_return_is_claimed_back(cast: Cast) -> None:
    refund, paid_back_at = due(cast), LATER + 2 * DAY
    close_refund(refund, SEEN_AT_THE_BANK, None, LATER)
    reversed_return(cast, refund)
    assert kept(refund)["state"] == "reclaim"
    close_refund(refund, "CLAIM-1", cast.person("office"), paid_back_at)
    found = kept(refund)
    assert (found["state"], found["reference"], found["closed_at"]) == ("reclaimed", "CLAIM-1", paid_back_at)
    event = last_event(refund)
    assert (event.kind, event.data["reference"]) == ("reclaimed", "CLAIM-1")


def test_a_refund_told_late_once_more_does_not_pass_for_one_that_was_claimed_back(cast: Cast) -> None:
    refund = due(cast)
    close_refund(refund, SEEN_AT_THE_BANK, None, LATER)
    reversed_return(cast, refund)
    before = kept(refund), everything(refund.taken_back.order)
    with pytest.raises(Conflict) as refused:
        close_refund(refund, SEEN_AT_THE_BANK, None, LATER + 2 * DAY)
    assert refused.value.code == "to-be-claimed-back"
    assert (kept(refund), everything(refund.taken_back.order)) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_closes_it_and_the_other_is_told(cast: Cast) -> None:
    refund, karen = due(cast), cast.person("office")
    ended = at_once(
        lambda: close_refund(refund, "BY-HAND", karen, LATER),
        lambda: close_refund(refund, "BY-API", None, LATER),
    )
    assert [type(one) for one in ended if one is not None] == [Conflict]
    references = ["BY-HAND", "BY-API"]
    assert kept(refund)["reference"] == references[ended.index(None)]
    assert refund.taken_back.order.events.filter(kind="refunded").count() == 1
