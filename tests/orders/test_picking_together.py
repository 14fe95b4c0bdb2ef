"""Orders picked in one walk, and how the Group's policy wants pieces to be picked."""

from datetime import timedelta

import pytest

from core.errors import Conflict, Invalid
from ddd.models import Barcode
from orders import picking
from orders.missing_reasons import MISSING_REASONS
from orders.models import Line, Policy, WebOrder
from orders.states import Status
from tests.factories import (
    CAP,
    JUMPER,
    JUMPER_EAN,
    JUMPER_L,
    NOW,
    SCARF,
    SCARF_EAN,
    Cast,
    again,
    make_cast,
    new_order,
    received,
    taken,
)
from tests.orders.together import at_once, everything, kinds

SOON = NOW + timedelta(minutes=10)


def two(cast: Cast) -> list[WebOrder]:
    """A jumper and a scarf; a jumper and a cap."""
    return [taken(cast, new=new_order(variants=pieces)) for pieces in ((JUMPER, SCARF), (JUMPER, CAP))]


# One walk


def test_a_scan_goes_to_the_first_order_that_wants_the_piece_and_then_to_the_next(cast: Cast) -> None:
    orders, freja = two(cast), cast.person("aarhus")
    found = [picking.pick_together(orders, JUMPER_EAN, freja, SOON).order for _scan in range(2)]
    assert found == orders
    before = [everything(order) for order in orders]
    with pytest.raises(Conflict) as refused:
        picking.pick_together(orders, JUMPER_EAN, freja, SOON)
    assert refused.value.sentence == "Wool jumper Skagerrak Blue S is picked already."
    assert [everything(order) for order in orders] == before


def test_an_item_of_none_of_them_is_told_and_whose_it_is(cast: Cast) -> None:
    orders, freja = two(cast), cast.person("aarhus")
    with pytest.raises(Invalid) as refused:
        picking.pick_together(orders, str(JUMPER_L), freja, SOON)
    assert refused.value.sentence == "Wrong item: Wool jumper Skagerrak Blue L is in none of these orders."
    other = taken(cast, new=new_order("OTHER", variants=(JUMPER_L,)))
    with pytest.raises(Invalid) as refused:
        picking.pick_together(orders, str(JUMPER_L), freja, SOON)
    assert refused.value.sentence == "Wrong item: Wool jumper Skagerrak Blue L belongs to the order OTHER."
    assert refused.value.data == {"order": other.pk, "order_no": "OTHER"}


def test_i_have_them_takes_only_orders_that_nobody_has(cast: Cast) -> None:
    mine, theirs = received(cast), taken(cast, "manager")
    picking.accept_together([mine, theirs], cast.person("aarhus"), SOON)
    names = [order.taken_by.name for order in map(again, [mine, theirs]) if order.taken_by]
    assert names == ["Freja Sørensen", "Mads Lindholm"]
    before = everything(mine), everything(theirs)
    picking.accept_together([mine, theirs], cast.person("aarhus"), SOON)
    assert (everything(mine), everything(theirs)) == before


def test_orders_picked_finishes_those_with_every_piece_decided_and_something_found(cast: Cast) -> None:
    freja = cast.person("aarhus")
    done, half, empty = (taken(cast, new=new_order(variants=(JUMPER, SCARF))) for _order in range(3))
    for order in (done, half, empty):
        jumper, scarf = order.lines.all()
        if order != empty:
            picking.pick(order, jumper.pk, freja, SOON)
        if order == empty:
            picking.report_missing(order, jumper.pk, "sold", freja, SOON)
        if order != half:
            picking.report_missing(order, scarf.pk, "sold", freja, SOON)
    picking.finish_together([done, half, empty], freja, SOON)
    assert [again(order).status for order in (done, half, empty)] == ["Picked", "Reserved", "Reserved"]
    picking.finish_together([done, half, empty], cast.person("manager"), SOON)
    assert kinds(done).count("picked") == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_on_one_walk_never_pick_the_same_piece() -> None:
    cast = make_cast()
    orders = [taken(cast, new=new_order(variants=(JUMPER, JUMPER))) for _order in range(2)]
    people = [cast.person(who) for who in ("aarhus", "manager")] * 2
    walks = (orders, orders[::-1], orders, orders[::-1])
    picked = at_once(
        *(
            lambda walk=walk, who=who: picking.pick_together(walk, JUMPER_EAN, who, SOON)
            for walk, who in zip(walks, people, strict=True)
        )
    )
    assert len({line.pk for line in picked if isinstance(line, Line)}) == 4
    assert {again(order).lines.filter(status=Status.PICKED).count() for order in orders} == {2}


# Policy


def policy(cast: Cast, **kwargs: object) -> Policy:
    return Policy.objects.update_or_create(group=cast.nordlys, defaults=kwargs)[0]


def test_where_pieces_must_be_scanned_a_tap_is_refused_and_a_scan_is_not(cast: Cast) -> None:
    policy(cast, scanning=Policy.Scanning.FORCED)
    order, freja = taken(cast), cast.person("aarhus")
    before = everything(order)
    with pytest.raises(Conflict) as refused:
        picking.pick(order, order.lines.all()[0].pk, freja, SOON)
    assert refused.value.sentence == "Scan Wool jumper Skagerrak Blue S: here pieces are picked by scan only."
    assert everything(order) == before
    assert picking.pick_by_code(order, JUMPER_EAN, freja, SOON).status == Status.PICKED


def test_a_piece_without_an_ean_may_be_tapped_even_then(cast: Cast) -> None:
    policy(cast, scanning=Policy.Scanning.FORCED)
    order = taken(cast)
    Barcode.objects.filter(ean=SCARF_EAN, group=cast.nordlys).delete()
    scarf = order.lines.all()[1]
    assert picking.pick(order, scarf.pk, cast.person("aarhus"), SOON).status == Status.PICKED
    # The web shop ordered it by Ean: then there is something to scan.
    picking.undo_pick(order, scarf.pk, cast.person("aarhus"), SOON)
    Line.objects.filter(pk=scarf.pk).update(ean="4017")
    with pytest.raises(Conflict):
        picking.pick(order, scarf.pk, cast.person("aarhus"), SOON)


@pytest.mark.parametrize("scanning", [Policy.Scanning.OFF, Policy.Scanning.OFFERED])
def test_elsewhere_a_tap_is_enough(cast: Cast, scanning: str) -> None:
    policy(cast, scanning=scanning)
    order = taken(cast)
    assert picking.pick(order, order.lines.all()[0].pk, cast.person("aarhus"), SOON).status == Status.PICKED


def test_one_groups_policy_is_not_anothers(cast: Cast) -> None:
    Policy.objects.update_or_create(group=cast.fjord, defaults={"scanning": Policy.Scanning.FORCED})
    order = taken(cast)
    assert picking.pick(order, order.lines.all()[0].pk, cast.person("aarhus"), SOON).status == Status.PICKED


def test_head_offices_own_reasons_follow_the_usual_ones(cast: Cast) -> None:
    own = policy(
        cast, missing_reasons=["I vinduet", " Til reparation ", "I vinduet", "", "x" * 61, 7, "sold"]
    )
    assert own.reasons_for_missing.choices[len(MISSING_REASONS) :] == [
        ("I vinduet", "I vinduet"),
        ("Til reparation", "Til reparation"),
    ]
    order, freja = taken(cast), cast.person("aarhus")
    line = picking.report_missing(order, order.lines.all()[0].pk, "I vinduet", freja, SOON)
    assert (line.missing_reason, line.missing_words) == ("I vinduet", "I vinduet")
    before = everything(order)
    for reason in ("x" * 61, "Noget andet", ""):
        with pytest.raises(Invalid):
            picking.report_missing(order, line.pk, reason, freja, SOON)
    assert everything(order) == before


def test_a_wrong_item_names_the_order_to_which_it_belongs(cast: Cast) -> None:
    order = taken(cast)
    other = taken(cast, new=new_order("OTHER", variants=(CAP,)))
    with pytest.raises(Invalid) as refused:
        picking.pick_by_code(order, str(CAP), cast.person("aarhus"), SOON)
    assert refused.value.data == {"order": other.pk, "order_no": "OTHER"}
