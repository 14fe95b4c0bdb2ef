"""The proof that the right person collects an order is checked before anything else."""

import pytest

from accounts.models import User
from core.errors import Invalid
from orders import delivery
from orders.delivery import HandOver
from orders.models import Policy, WebOrder
from orders.proof import PresentedProof
from tests.factories import HAND_OVER, NOW, Cast, again, new_order, picked, received
from tests.orders.together import everything

INK = "M10 20" + "l3 -4" * 8
Proof, Way = WebOrder.Proof, WebOrder.Way


def asks_for(cast: Cast, proof: WebOrder.Proof) -> None:
    Policy.objects.filter(group=cast.nordlys).update(proof=proof)


def hand_over(order: WebOrder, actor: User, **shown: str | bool) -> WebOrder:
    delivery.deliver(order, HandOver(Way.HAND_OVER, proof=PresentedProof(**shown)), actor, NOW)  # type: ignore[arg-type]
    return again(order)


def refused(order: WebOrder, actor: User, **shown: str | bool) -> tuple[str, str]:
    """Where the fault is and what is said; and nothing has changed."""
    before = everything(order)
    with pytest.raises(Invalid) as error:
        hand_over(order, actor, **shown)
    assert everything(order) == before
    [fault] = error.value.faults
    assert (fault.code, fault.detail) == ("not-proven", error.value.sentence)
    return fault.pointer, fault.detail


def test_without_a_policy_nothing_is_asked_for_and_somebody_else_is_named(cast: Cast) -> None:
    Policy.objects.all().delete()
    order = hand_over(picked(cast), cast.person("aarhus"), collected_by="  Bo   Ø. Sørensen ")
    assert (order.proof, order.collected_by, order.signature) == ("none", "Bo Ø. Sørensen", "")


@pytest.mark.parametrize("kind", [Proof.NONE, Proof.CODE, Proof.NAME, Proof.SIGNATURE])
def test_what_is_sent_is_never_asked_for_a_proof(cast: Cast, kind: WebOrder.Proof) -> None:
    asks_for(cast, kind)
    order, shown = picked(cast), PresentedProof("1", True, "Bo", INK)
    delivery.deliver(order, HandOver(Way.SEND, "", "D-1", shown), cast.person("aarhus"), NOW)
    order = again(order)
    assert (order.status, order.proof, order.collected_by, order.signature) == ("Delivered", "", "", "")


# The pick-up code


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n"])
def test_the_pick_up_code_opens_the_hand_over(cast: Cast, typed: str) -> None:
    asks_for(cast, Proof.CODE)
    order = picked(cast)
    order = hand_over(order, cast.person("aarhus"), code=typed.format(order.pickup_code))
    assert (order.status, order.proof) == ("Delivered", "code")
    assert order.events.get(kind="delivered").data["proof"] == "code"


def test_spaces_in_a_code_that_was_read_out_do_no_harm(cast: Cast) -> None:
    asks_for(cast, Proof.CODE)
    order = picked(cast)
    code = order.pickup_code
    assert hand_over(order, cast.person("aarhus"), code=f"{code[:3]} {code[3:]}").proof == "code"


def test_a_wrong_code_or_none_opens_nothing(cast: Cast) -> None:
    asks_for(cast, Proof.CODE)
    order, freja = picked(cast), cast.person("aarhus")
    ask = "Ask for the pick-up code: type it, or scan its QR."
    wrong = "This is not the pick-up code of this order. Ask for it once more."
    assert refused(order, freja) == refused(order, freja, code="  ") == ("/code", ask)
    other = received(cast).pickup_code
    for code in (other, order.pickup_code[:-1], order.pickup_code + "0", "٠٠٠٠٠٠", "Ø" * 999):
        if code != order.pickup_code:
            assert refused(order, freja, code=code) == ("/code", wrong)


def test_without_a_code_the_shop_manager_may_check_the_name_and_staff_may_not(cast: Cast) -> None:
    asks_for(cast, Proof.CODE)
    order = picked(cast)
    pointer, _sentence = refused(order, cast.person("aarhus"), id_seen=True, collected_by="Bo")
    assert pointer == "/code"
    order = hand_over(order, cast.person("manager"), id_seen=True, collected_by="Bo")
    assert (order.proof, order.collected_by) == ("name", "Bo")


# The name


def test_a_name_is_checked_with_an_id_that_somebody_saw(cast: Cast) -> None:
    asks_for(cast, Proof.NAME)
    order, freja = picked(cast), cast.person("aarhus")
    seen = "Ask for an ID, and say that you have seen it."
    assert refused(order, freja) == refused(order, freja, collected_by="Bo") == ("/id_seen", seen)
    typed = ("/collected_by", "Type the name that stands on the ID.")
    assert refused(order, freja, id_seen=True) == typed
    assert refused(order, freja, id_seen=True, collected_by=" \t ") == typed
    order = hand_over(order, freja, id_seen=True, collected_by="Åse Ø. Sørensen")
    assert (order.proof, order.collected_by) == ("name", "Åse Ø. Sørensen")


def test_a_name_is_kept_whole_or_not_at_all(cast: Cast) -> None:
    order, freja = picked(cast), cast.person("aarhus")
    assert refused(order, freja, collected_by="x" * 101) == (
        "/collected_by",
        "A name has at most 100 characters.",
    )
    assert hand_over(order, freja, collected_by="x" * 100).collected_by == "x" * 100


# The signature


def test_a_signature_is_kept_as_it_was_drawn(cast: Cast) -> None:
    asks_for(cast, Proof.SIGNATURE)
    ink = INK + "M300 100" + "l-2 11" * 3 + "M5 5"
    order = hand_over(picked(cast), cast.person("aarhus"), signature=ink)
    assert (order.proof, order.signature) == ("signature", ink)


@pytest.mark.parametrize(
    "drawn",
    [
        "M1 1",
        "M1 1" + "l1 1" * 7,
        "l1 1" * 9,
        INK + "z",
        INK + '"/><script>alert(1)</script>',
        INK + " ",
        INK + "\n",
        INK.replace("3", "٣"),
        "M1 1" + "l1 1" * 5000,
        "M1234 1" + "l1 1" * 9,
        "M1 1" + "l1.5 1" * 9,
    ],
)
def test_what_is_no_signature_is_not_kept(cast: Cast, drawn: str) -> None:
    asks_for(cast, Proof.SIGNATURE)
    sentence = "This is no signature: clear the field and ask for it once more."
    assert refused(picked(cast), cast.person("aarhus"), signature=drawn) == ("/signature", sentence)


def test_the_name_is_checked_instead_of_a_signature(cast: Cast) -> None:
    asks_for(cast, Proof.SIGNATURE)
    order, freja = picked(cast), cast.person("aarhus")
    ask = "Ask for a signature in the field, or check the name instead."
    assert refused(order, freja) == refused(order, freja, collected_by="Bo") == ("/signature", ask)
    order = hand_over(order, freja, id_seen=True, collected_by="Bo", signature=INK)
    assert (order.proof, order.collected_by, order.signature) == ("name", "Bo", "")


def test_what_was_not_asked_for_is_not_kept(cast: Cast) -> None:
    order = hand_over(picked(cast), cast.person("aarhus"), code="1", id_seen=True, signature=INK)
    assert (order.proof, order.collected_by, order.signature) == ("none", "", "")


# Before anything else


def test_an_unpaid_order_is_asked_for_its_money_first_and_nothing_is_half_done(cast: Cast) -> None:
    asks_for(cast, Proof.CODE)
    order = picked(cast, new=new_order(is_paid=False))
    before = everything(order)
    shown = PresentedProof(order.pickup_code)
    with pytest.raises(Invalid, match="This order is not paid"):
        delivery.deliver(order, HandOver(Way.HAND_OVER, "", "", shown), cast.person("aarhus"), NOW)
    assert everything(order) == before
    delivery.deliver(order, HandOver(Way.HAND_OVER, "cash", "", shown), cast.person("aarhus"), NOW)
    assert (again(order).paid_by, again(order).proof) == ("cash", "code")


def test_a_second_tap_is_not_asked_for_a_proof_again(cast: Cast) -> None:
    asks_for(cast, Proof.CODE)
    order, freja = picked(cast), cast.person("aarhus")
    hand_over(order, freja, code=order.pickup_code)
    before = everything(order)
    delivery.deliver(order, HAND_OVER, freja, NOW)
    assert everything(order) == before
