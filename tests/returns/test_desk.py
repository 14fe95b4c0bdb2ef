"""Pieces come back: what is stored, once, and who may overrule the policy."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import Group
from core.errors import Conflict, Invalid
from ddd.models import ItemTransfer, Posting, Sale
from orders import putting_back, sync_status
from orders.delivery import HandOver
from orders.models import RefundDue, WebOrder
from orders.putting_back import pieces_to_put_back
from returns.desk import Piece, ReturnRequest, take_back
from returns.models import Condition, Return, ReturnPolicy, ReturnReason
from returns.policy import Outcome
from returns.reasons import offered_reasons
from tests.factories import JUMPER, NOW, SCARF, Cast, again, delivered, new_order, picked, taken_back
from tests.orders.together import at_once, kinds
from tests.returns.known import (
    BACK,
    SECOND,
    all_of,
    die_at_every_write,
    postings,
    refused,
    request_for,
    statuses,
)

Damaged = Condition.DAMAGED
pytestmark = pytest.mark.usefixtures("a_minute")


# --- taking back ------------------------------------------------------------------------------------------


def test_a_whole_return_for_which_the_register_pays(cast: Cast) -> None:
    order = delivered(cast)
    made = take_back(
        order, cast.aarhus, request_for(order, 1, 2, paid_by="cash"), cast.person("aarhus"), BACK
    )

    assert statuses(order) == ("Returned", ["Returned", "Returned"])
    assert (made.number, made.shop, made.made_at, made.state) == (1, cast.aarhus, BACK, "booked")
    assert (made.taken_by, made.outcome, made.paid_by) == (cast.person("aarhus"), "register", "cash")
    assert (made.amount, made.currency) == (Decimal("399.90"), "DKK")
    assert (made.overruled_by, made.overrule_reason) == (None, "")
    assert [one["because"] for one in made.why] == ["in time", "paid online", "register pays up to"]
    [first, _second] = offered_reasons(cast.nordlys)[:2]
    assert list(made.pieces.values_list("line__number", "reason", "return_code", "amount", "counts")) == [
        (1, first.code, first.ddd_code, Decimal("199.95"), True),
        (2, first.code, first.ddd_code, Decimal("199.95"), True),
    ]
    assert not RefundDue.objects.exists()
    sale = Sale.objects.get(posting__kind="return")
    assert (sale.amount, sale.shop, sale.receipt_id) == (Decimal("-399.90"), cast.turnover_shop, None)
    transfer = ItemTransfer.objects.get(posting__action_key=f"transfer:{made.action_key}")
    assert (transfer.sender, transfer.recipient) == (cast.turnover_shop, cast.aarhus)
    assert {row.not_before for row in Posting.objects.filter(action_key__endswith=made.action_key)} == {
        BACK + 60 * SECOND
    }
    assert again(order).delivered_at == NOW + timedelta(minutes=30)


def test_its_event_says_what_came_back_why_and_who_paid(cast: Cast) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(2,), paid_by="terminal", condition=Damaged)

    event = order.events.last()
    assert event is not None
    assert (event.kind, event.actor, event.at, event.shop) == (
        "taken back",
        cast.person("aarhus"),
        BACK,
        cast.aarhus,
    )
    assert event.data == {
        "return": 1,
        "shop": "Aarhus",
        "lines": ["2"],
        "pieces": [str(order.lines.get(number=2).variant)],
        "reasons": [offered_reasons(cast.nordlys)[0].code],
        "conditions": ["damaged"],
        "amount": "199.95",
        "outcome": "register",
        "paid_by": "terminal",
        "overruled_by": "",
        "overrule_reason": "",
    }


def test_where_the_web_shop_refunds_it_is_told_what_is_due(cast: Cast) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    order = delivered(cast)
    made = taken_back(cast, order, lines=(1,))

    due = RefundDue.objects.get()
    assert (due.taken_back, due.web_shop, due.state) == (made, cast.web_shop("nordlys"), "due")
    assert (due.amount, due.currency, due.made_at, due.modified_at) == (Decimal("199.95"), "DKK", BACK, BACK)
    assert (made.outcome, made.paid_by) == ("web shop", "")
    paid = Posting.objects.get(kind="return").payload["PaymentLines"]
    assert paid == [{"Direction": "Out", "TransactionType": 150, "LineAmount": "199.95"}]


def test_part_after_part_each_is_a_return_of_its_own(cast: Cast) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF, SCARF)))
    one = taken_back(cast, order, lines=(2,), paid_by="cash")
    assert statuses(order) == ("Delivered", ["Delivered", "Returned", "Delivered"])
    assert again(order).modified_at == BACK
    two = taken_back(cast, order, lines=(1, 3), paid_by="cash", now=BACK + SECOND)

    assert statuses(order) == ("Returned", ["Returned"] * 3)
    assert [(each.number, each.amount) for each in (one, two)] == [
        (1, Decimal("199.95")),
        (2, Decimal("399.90")),
    ]
    assert kinds(order)[-2:] == ["taken back", "taken back"]


def test_a_missing_piece_neither_comes_back_nor_keeps_the_order_from_being_returned(cast: Cast) -> None:
    order = delivered(cast, missing=(2,))
    refused(order, request_for(order, 1, 2, paid_by="cash"), cast.person("aarhus"), "Only what was delivered")
    taken_back(cast, order, lines=(1,), paid_by="cash")

    assert statuses(order) == ("Returned", ["Returned", "Missing"])


def test_pieces_for_the_shelf_are_put_back_in_the_shop_that_took_them(cast: Cast) -> None:
    order = delivered(cast, new=new_order(variants=(JUMPER, SCARF)))
    return_request = request_for(order, 1, 2, paid_by="cash")
    shelf, damaged = return_request.pieces
    return_request = ReturnRequest((shelf, Piece(damaged.line, damaged.reason, Damaged)), "cash")
    take_back(order, cast.odense, return_request, cast.person("odense"), BACK)

    assert [line.number for line in pieces_to_put_back(cast.odense)] == [1]
    assert not pieces_to_put_back(cast.aarhus).exists()
    put = putting_back.put_back(cast.odense, shelf.line, cast.person("odense"), BACK)
    assert (put.to_put_back, put.status) == (False, "Returned")


@pytest.mark.parametrize(
    ("web_shop", "sold_in", "moved"),
    [("nordlys", 996900, [(996900, 996002)]), ("outlet", 996002, [])],
)
def test_another_shop_takes_it_back_in_its_own_name(
    web_shop: str, sold_in: int, moved: list[tuple[int, int]], cast: Cast
) -> None:
    order = delivered(cast, web_shop=web_shop)
    made = taken_back(cast, order, "odense", cast.odense, paid_by="cash")

    assert Posting.objects.get(kind="return").payload["ShopId"] == sold_in
    transfers = ItemTransfer.objects.filter(posting__action_key=f"transfer:{made.action_key}")
    assert list(transfers.values_list("sender__shop_id", "recipient__shop_id")) == moved
    assert (made.shop, again(order).shop) == (cast.odense, cast.aarhus)
    event = order.events.last()
    assert event is not None
    assert (event.shop, event.data["shop"]) == (cast.odense, "Odense")


@pytest.mark.parametrize(("paid_by", "transaction_type"), [("cash", 100), ("terminal", 110)])
def test_what_was_paid_at_a_register_comes_from_a_register_whatever_the_policy_says(
    paid_by: str, transaction_type: int, cast: Cast
) -> None:
    ReturnPolicy.objects.filter(group=cast.nordlys).update(register_pays=False)
    order = delivered(
        cast, new=new_order(is_paid=False), hand_over=HandOver(WebOrder.Way.HAND_OVER, "terminal")
    )
    made = taken_back(cast, order, paid_by=paid_by)

    assert (made.outcome, made.paid_by) == ("register", paid_by)
    [paid] = Posting.objects.get(kind="return").payload["PaymentLines"]
    assert paid == {"Direction": "Out", "TransactionType": transaction_type, "LineAmount": "399.90"}


def test_what_ddds_till_delivered_comes_back_the_same_way(cast: Cast) -> None:
    order = picked(cast)
    sync_status.follow_delivered(order, [line.pk for line in order.lines.all()], NOW)
    assert not ItemTransfer.objects.exists()
    made = taken_back(cast, again(order), paid_by="cash", lines=(1,))

    assert statuses(order) == ("Delivered", ["Returned", "Delivered"])
    transfer = ItemTransfer.objects.get()
    assert (transfer.sender, transfer.recipient, transfer.pieces) == (cast.turnover_shop, cast.aarhus, 1)
    assert postings(made) == [("return", "waiting"), ("transfer", "waiting")]


# --- once -------------------------------------------------------------------------------------------------


def test_the_second_tap_is_the_same_return(cast: Cast) -> None:
    order = delivered(cast)
    return_request = request_for(order, 1, paid_by="cash")
    made = take_back(order, cast.aarhus, return_request, cast.person("aarhus"), BACK)
    before = all_of(order)

    assert take_back(order, cast.aarhus, return_request, cast.person("aarhus"), BACK + SECOND) == made
    assert all_of(order) == before


def test_another_person_or_another_choice_is_told_who_was_faster(cast: Cast) -> None:
    order = delivered(cast)
    taken_back(cast, order, lines=(1,), paid_by="cash")
    words = "Freja Sørensen has taken Wool jumper Skagerrak Blue S back already, in Aarhus"

    same = request_for(order, 1, paid_by="cash")
    assert refused(order, same, cast.person("manager"), words).code == "taken-back-already"
    refused(order, same, cast.person("odense"), words, shop=cast.odense)
    refused(order, same, cast.person("aarhus"), words, shop=cast.odense)
    refused(order, request_for(order, 1, 2, paid_by="cash"), cast.person("aarhus"), words)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_tablets_at_once_one_takes_it_back(cast: Cast) -> None:
    freja, mads = cast.person("aarhus"), cast.person("manager")
    for _round in range(6):
        order = delivered(cast)
        return_request = request_for(order, 1, paid_by="cash")
        done = at_once(
            *[partial(take_back, order, cast.aarhus, return_request, freja, BACK)] * 2,
            *[partial(take_back, order, cast.aarhus, return_request, mads, BACK)] * 2,
        )
        made = [answer for answer in done if isinstance(answer, Return)]
        told = [answer for answer in done if isinstance(answer, Conflict)]
        assert (len(made), len(told), len({each.pk for each in made})) == (2, 2, 1)
        assert order.returns.count() == 1
        assert Posting.objects.filter(order_no=order.order_no, kind="return").count() == 1
        assert statuses(order) == ("Delivered", ["Returned", "Delivered"])


@pytest.mark.django_db(transaction=True)
def test_two_parts_of_an_order_at_once_are_two_returns_and_the_order_is_returned(cast: Cast) -> None:
    order = delivered(cast)
    done = at_once(
        partial(
            take_back, order, cast.aarhus, request_for(order, 1, paid_by="cash"), cast.person("aarhus"), BACK
        ),
        partial(
            take_back, order, cast.odense, request_for(order, 2, paid_by="cash"), cast.person("odense"), BACK
        ),
    )
    assert sorted(each.number for each in done if isinstance(each, Return)) == [1, 2]
    assert statuses(order) == ("Returned", ["Returned", "Returned"])


def test_nothing_of_a_return_is_stored_wherever_the_process_dies(cast: Cast) -> None:
    order = delivered(cast)
    return_request = request_for(order, 1, 2, paid_by="cash")
    deaths = die_at_every_write(
        order, lambda: take_back(order, cast.aarhus, return_request, cast.person("aarhus"), BACK)
    )
    assert deaths >= 10
    assert statuses(order) == ("Returned", ["Returned", "Returned"])


# --- overruling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instead", "paid_by", "days", "outcome"),
    [
        (Outcome.WEB_SHOP, "", 1, "web shop"),
        (Outcome.REGISTER, "cash", 40, "register"),
        (Outcome.WEB_SHOP, "", 40, "web shop"),
    ],
)
def test_a_manager_overrules_with_their_name_and_reason(
    instead: Outcome, paid_by: str, days: int, outcome: str, cast: Cast
) -> None:
    order, now = delivered(cast), NOW + timedelta(days=days)
    made = taken_back(
        cast,
        order,
        "manager",
        paid_by=paid_by,
        instead=instead,
        overrule_reason="  God kunde ",
        now=now,
    )

    assert (made.outcome, made.overruled_by, made.overrule_reason) == (
        outcome,
        cast.person("manager"),
        "God kunde",
    )
    assert made.why[-1]["because"] == "overruled"
    event = order.events.last()
    assert event is not None
    assert (event.data["overruled_by"], event.data["overrule_reason"]) == ("Mads Lindholm", "God kunde")


def test_over_the_limit_of_money_a_manager_lets_the_register_pay(cast: Cast) -> None:
    order = delivered(cast, new=new_order(price="600.00"))
    due = request_for(order, 1, 2, paid_by="cash")
    refused(order, due, cast.person("aarhus"), "The web shop refunds")
    made = take_back(
        order,
        cast.aarhus,
        ReturnRequest(due.pieces, "cash", Outcome.REGISTER, "Kunden rejser"),
        cast.person("manager"),
        BACK,
    )
    assert (made.outcome, made.amount, made.overruled_by) == (
        "register",
        Decimal("1200.00"),
        cast.person("manager"),
    )


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_nobody_overrules_without_a_reason(reason: str, cast: Cast) -> None:
    order = delivered(cast)
    return_request = request_for(order, 1, instead=Outcome.WEB_SHOP, overrule_reason=reason)
    refusal = refused(order, return_request, cast.person("manager"), "at most 200 characters")
    assert isinstance(refusal, Invalid)
    assert [fault.pointer for fault in refusal.faults] == ["/overrule_reason"]


def test_staff_and_the_manager_of_another_shop_do_not_overrule(cast: Cast) -> None:
    order = delivered(cast)
    return_request = request_for(order, 1, instead=Outcome.WEB_SHOP, overrule_reason="God kunde")
    staff = refused(order, return_request, cast.person("aarhus"), "may overrule")
    assert staff.code == "may-not-overrule"
    refused(order, return_request, cast.person("manager"), "may overrule", shop=cast.odense)


def test_the_outcome_that_the_policy_has_anyway_overrules_nothing(cast: Cast) -> None:
    order = delivered(cast)
    made = taken_back(cast, order, paid_by="cash", instead=Outcome.REGISTER, overrule_reason="Hvad som helst")
    assert (made.overruled_by, made.overrule_reason) == (None, "")


# --- reasons ----------------------------------------------------------------------------------------------


def offered(group: Group) -> list[tuple[str, int]]:
    """What is stored and what DdD is told. Head office's words are read as they are stored."""
    reasons = offered_reasons(group)
    assert [str(reason.label) for reason in reasons] == reasons.codes
    return [(reason.code, reason.ddd_code) for reason in reasons]


def test_the_usual_reasons_are_offered_until_head_office_makes_its_own(cast: Cast) -> None:
    ReturnReason.objects.filter(group=cast.nordlys).delete()
    assert offered(cast.nordlys) == [
        ("Passer ikke", 1),
        ("Fortrudt", 2),
        ("Fejl på varen", 3),
        ("Forkert vare", 4),
    ]
    Group.objects.filter(pk=cast.nordlys.pk).update(language="en")
    assert offered(Group.objects.get(pk=cast.nordlys.pk))[0] == ("Does not fit", 1)
    ReturnReason.objects.create(group=cast.nordlys, words="Solgt forkert", return_code=42)
    ReturnReason.objects.create(group=cast.nordlys, words="Gammel", return_code=1, offered=False)
    assert offered(cast.nordlys) == [("Solgt forkert", 42)]
    assert offered_reasons(cast.fjord)
    order = delivered(cast)
    taken_back(cast, order, paid_by="cash", lines=(1,))
    [line] = Posting.objects.get(kind="return").payload["ItemLines"]
    assert line["ReturnCode"] == 42
