"""A tap with a number is applied once: sent again, sent at the same time, and sent after a refusal."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from core.errors import Conflict
from orders import picking, taps
from orders.models import AppliedTap, WebOrder
from orders.states import Status
from tests.factories import JUMPER, JUMPER_EAN, NOW, SCARF, Cast, again, make_cast, new_order, taken
from tests.orders.together import at_once, everything, kinds

NUMBER = UUID("6f0c2b1e-7b5d-4a57-9d5e-2b1d0a4f7c11")


def scanned(cast: Cast, order: WebOrder, number: UUID | None, who: str = "aarhus") -> bool:
    return taps.apply_once(
        order, number, NOW, partial(picking.pick_by_code, order, JUMPER_EAN, cast.person(who), NOW)
    )


def statuses(order: WebOrder) -> list[str]:
    return list(order.lines.order_by("number").values_list("status", flat=True))


def test_a_scan_that_is_sent_again_picks_no_second_piece(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, JUMPER, SCARF)))
    assert scanned(cast, order, NUMBER) is True
    after = everything(order)
    assert scanned(cast, order, NUMBER) is False
    assert everything(order) == after
    assert statuses(order) == [Status.PICKED, Status.RESERVED, Status.RESERVED]
    assert scanned(cast, order, uuid4()) is True
    assert statuses(order) == [Status.PICKED, Status.PICKED, Status.RESERVED]


def test_without_a_number_it_is_simply_done(cast: Cast) -> None:
    order = taken(cast, new=new_order(variants=(JUMPER, JUMPER)))
    assert scanned(cast, order, None) is True
    assert scanned(cast, order, None) is True
    assert statuses(order) == [Status.PICKED, Status.PICKED]
    assert AppliedTap.objects.count() == 0


def test_a_refused_tap_leaves_no_number_behind_and_may_be_sent_again(cast: Cast) -> None:
    order = taken(cast)
    jumper = order.lines.get(number=1)
    picking.pick(order, jumper.pk, cast.person("manager"), NOW)
    before = everything(order)
    tap = partial(picking.pick, order, jumper.pk, cast.person("aarhus"), NOW)
    with pytest.raises(Conflict):
        taps.apply_once(order, NUMBER, NOW, tap)
    assert everything(order) == before
    assert AppliedTap.objects.count() == 0
    scarf = order.lines.get(number=2)
    assert taps.apply_once(
        order, NUMBER, NOW, partial(picking.pick, order, scarf.pk, cast.person("aarhus"), NOW)
    )


def test_a_repeat_is_quiet_even_when_the_order_has_moved_on(cast: Cast) -> None:
    order, freja = taken(cast), cast.person("aarhus")
    first, second = order.lines.order_by("number")
    taps.apply_once(order, NUMBER, NOW, partial(picking.pick, order, first.pk, freja, NOW))
    picking.pick(order, second.pk, freja, NOW)
    picking.finish(order, freja, NOW)
    after = everything(order)
    assert taps.apply_once(order, NUMBER, NOW, partial(picking.pick, order, first.pk, freja, NOW)) is False
    assert everything(order) == after


def test_a_number_belongs_to_one_order(cast: Cast) -> None:
    order, other = taken(cast), taken(cast)
    scanned(cast, order, NUMBER)
    before = everything(other)
    with pytest.raises(Conflict) as refused:
        scanned(cast, other, NUMBER)
    assert refused.value.code == "tap-of-another-order"
    assert everything(other) == before


@pytest.mark.django_db(transaction=True)
def test_the_same_tap_from_many_pages_at_once_is_done_once() -> None:
    cast = make_cast()
    order = taken(cast, new=new_order(variants=(JUMPER,) * 6))
    answers = at_once(*[lambda: scanned(cast, again(order), NUMBER)] * 6)
    assert sorted(map(str, answers)) == ["False"] * 5 + ["True"]
    assert statuses(order).count(Status.PICKED) == 1
    assert kinds(order).count("piece picked") == 1


@pytest.mark.django_db(transaction=True)
def test_one_number_for_two_orders_at_once_is_done_for_one() -> None:
    cast = make_cast()
    orders = [taken(cast), taken(cast)]
    answers = at_once(*[partial(scanned, cast, again(order), NUMBER) for order in orders])
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "bool"]
    assert sum(statuses(order).count(Status.PICKED) for order in orders) == 1
    assert AppliedTap.objects.get().number == NUMBER


def test_a_tap_is_forgotten_after_a_week_and_not_before(cast: Cast) -> None:
    order = taken(cast)
    for days in (6, 8):
        AppliedTap.objects.create(number=uuid4(), order=order, at=NOW - timedelta(days=days))
    taps.forget_old(NOW)
    assert list(AppliedTap.objects.values_list("at", flat=True)) == [NOW - timedelta(days=6)]
