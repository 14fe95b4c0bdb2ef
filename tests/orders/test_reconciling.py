"""The nightly comparison with DdD, over HTTP: a clean day has no difference, what was planted is found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from accounts.models import Group
from core.errors import Conflict
from ddd import desk as postings_desk
from ddd import reconciling
from ddd.models import Connection, Difference, ItemTransfer, Posting, Reconciliation, Sale
from orders.delivery import HandOver
from orders.importing import poll
from orders.models import WebOrder
from orders.reconciling import compare, reconcile
from orders.states import Status
from returns import desk
from tests.ddd.rows import Clock, drain_to_the_end
from tests.factories import (
    CAP,
    HAND_OVER,
    JUMPER,
    NOW,
    Cast,
    again,
    delivered,
    new_order,
    picked,
    received,
    taken_back,
)
from tests.sandbox_process import RunningSandbox

AARHUS, ODENSE, TURNOVER = 996001, 996002, 996900
State = Difference.State
LATER = NOW + timedelta(days=2)


class Night:
    """Nordlys after a day on which everything reached DdD, and its comparison an hour later."""

    def __init__(self, cast: Cast, sandbox: RunningSandbox) -> None:
        self.cast, self.sandbox, self.clock = cast, sandbox, Clock()
        self.token = Connection.objects.get(group=cast.nordlys).token
        Connection.objects.update(drafts_are_listed=True)

    @property
    def group(self) -> Group:
        return self.cast.nordlys

    def send(self) -> None:
        drain_to_the_end(self.group.pk, self.clock)

    def compare(self, hours: float = 1) -> list[tuple[str, str]]:
        """The differences that stand open, each with its order."""
        assert reconcile(self.group.pk, self.clock() + timedelta(hours=hours))
        return self.open()

    def open(self) -> list[tuple[str, str]]:
        rows = Difference.objects.filter(group=self.group, state=State.OPEN).order_by("kind", "subject")
        return list(rows.values_list("kind", "order_no"))

    def report(self) -> Reconciliation:
        return Reconciliation.objects.get(group=self.group)

    def report_of(self, hours: float) -> Reconciliation:
        day = reconciling.day_of(self.group, self.clock() + timedelta(hours=hours))
        return Reconciliation.objects.get(group=self.group, day=day)

    def post(self, path: str, body: Any) -> None:
        """As another program would that has the Group's token."""
        headers = {"Authorization": f"ddd_token {self.token}"}
        answer = httpx2.post(f"{self.sandbox.url}/{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def posted(self, kind: str, order: WebOrder) -> Posting:
        return Posting.objects.get(kind=kind, order_no=order.order_no)

    def sold(self, **facts: Any) -> WebOrder:
        order = delivered(self.cast, **facts)
        self.send()
        return order


@pytest.fixture
def night(booked_cast: Cast, sandbox: RunningSandbox) -> Night:
    return Night(booked_cast, sandbox)


def test_a_clean_day_shows_no_difference_at_all(night: Night) -> None:
    cast, sandbox = night.cast, night.sandbox
    night.sold()
    night.sold(new=new_order(is_paid=False), hand_over=HandOver(HAND_OVER.way, "cash"))
    night.sold(web_shop="outlet")
    back = night.sold(new=new_order(variants=(JUMPER, JUMPER, CAP)))
    taken_back(cast, back, lines=(1,), paid_by="cash")
    night.send()
    wrong = taken_back(cast, again(back), "manager", lines=(2,), paid_by="terminal")
    night.send()
    desk.reverse(wrong, "Wrong bag", cast.person("manager"), LATER)
    night.send()
    taken_back(cast, again(back), lines=(2,), paid_by="cash", now=LATER + timedelta(hours=1))
    received(cast)
    by_till = picked(cast)
    night.send()
    sandbox.till_delivers(by_till.order_no)
    sandbox.till_order(wire_order_of_another_channel("D-77"), webshop=1)
    poll(night.group.pk, night.clock())
    assert again(by_till).status == Status.DELIVERED
    night.send()

    assert night.compare() == []
    report = night.report()
    assert (report.is_complete, report.trouble, report.claimed_at) == (True, "", None)
    assert report.facts == {
        "shops": 4,
        "orders": 7,
        "sales": 9,
        "transfers": 8,
        "unreadable": 0,
        "differences": 0,
        "new": 0,
        "gone": 0,
    }
    assert Difference.objects.count() == 0


def wire_order_of_another_channel(order_no: str) -> dict[str, Any]:
    line = {"SalesPrice": 100.0, "EffectiveSalesPrice": 100.0, "DiscountAmount": 0.0, "VariantId": JUMPER}
    return {
        "OrderNo": order_no,
        "ShopId": AARHUS,
        "IsPaid": True,
        "CustomerNumber": 0,
        "WebOrderLines": [line],
    }


# Every kind of difference


def delete_the_sale(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    return order.order_no, "sale missing"


def book_the_sale_twice(night: Night) -> tuple[str, str]:
    """A call that DdD committed after the quiet time."""
    order = night.sold()
    night.post("api/sale", as_sent(night.posted("sale", order)))
    return order.order_no, "sale twice"


def book_the_sale_twice_under_another_receipt(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.post("api/sale", as_sent(night.posted("sale", order)) | {"ReceiptId": 500})
    return order.order_no, "sale twice"


def book_the_sale_in_the_wrong_shop(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    night.post("api/sale", as_sent(night.posted("sale", order)) | {"ShopId": AARHUS})
    return order.order_no, "sale elsewhere"


def book_another_amount(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    body = as_sent(night.posted("sale", order))
    body["PaymentLines"][0]["LineAmount"] = 399.89
    night.post("api/sale", body)
    return order.order_no, "sale amount"


def sell_what_was_not_delivered(night: Night) -> tuple[str, str]:
    sold, order = night.sold(), picked(night.cast)
    night.send()
    body = as_sent(night.posted("sale", sold)) | {"ReceiptId": 77}
    for line in body["ItemLines"]:
        line["WebOrderOrderNo"] = order.order_no
    night.post("api/sale", body)
    return order.order_no, "sale unknown"


def delete_the_return(night: Night) -> tuple[str, str]:
    order = returned(night)
    night.sandbox.back_office_deletes_sale(TURNOVER, 2)
    return order.order_no, "return missing"


def book_the_return_twice(night: Night) -> tuple[str, str]:
    order = returned(night)
    night.post("api/sale", as_sent(night.posted("return", order)))
    return order.order_no, "return twice"


def delete_the_opposite_of_a_return(night: Night) -> tuple[str, str]:
    order = night.sold()
    wrong = taken_back(night.cast, order, "manager", paid_by="cash")
    night.send()
    desk.reverse(wrong, "Wrong bag", night.cast.person("manager"), LATER)
    night.send()
    night.sandbox.back_office_deletes_sale(TURNOVER, 3)
    return order.order_no, "sale missing"


def delete_the_transfer(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_deletes_transfer(int(night.posted("transfer", order).answer))
    return order.order_no, "transfer missing"


def move_the_pieces_twice(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.post("api/stockadjustment/item/transfer/initiate", night.posted("transfer", order).payload)
    return order.order_no, "transfer twice"


def move_other_pieces(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_changes_transfer(int(night.posted("transfer", order).answer), 2)
    return order.order_no, "transfer pieces"


def let_the_till_hand_over_what_was_delivered(night: Night) -> tuple[str, str]:
    """DdD's till does not know of the delivery here, and moves the pieces once more."""
    order = night.sold()
    night.sandbox.till_delivers(order.order_no)
    return order.order_no, "transfer twice"


def lose_the_transfer_of_the_till(night: Night) -> tuple[str, str]:
    order = picked(night.cast)
    night.send()
    night.sandbox.till_delivers(order.order_no)
    poll(night.group.pk, night.clock())
    night.send()
    [made] = night.sandbox.ledger()["transfers"]
    night.sandbox.back_office_deletes_transfer(made["invoice"])
    return order.order_no, "transfer missing"


def delete_the_order(night: Night) -> tuple[str, str]:
    order = received(night.cast)
    night.send()
    night.sandbox.back_office_deletes_order(order.order_no)
    return order.order_no, "order missing"


def cancel_the_order_that_was_delivered(night: Night) -> tuple[str, str]:
    order = night.sold()
    night.sandbox.back_office_sets_status(order.order_no, "Cancelled")
    return order.order_no, "status ahead"


def let_the_till_deliver_unseen(night: Night) -> tuple[str, str]:
    order = picked(night.cast)
    night.send()
    night.sandbox.back_office_sets_status(order.order_no, "Delivered")
    return order.order_no, "status ahead"


def order_elsewhere(night: Night) -> tuple[str, str]:
    """Made at DdD, and the portal has not been able to poll since."""
    night.sandbox.till_order(wire_order_of_another_channel("D-77"), webshop=1)
    return "D-77", "order unknown"


def returned(night: Night) -> WebOrder:
    order = night.sold()
    taken_back(night.cast, order, paid_by="cash")
    night.send()
    return order


def as_sent(posting: Posting) -> dict[str, Any]:
    """The body as it went out: money is numbers there."""
    body = dict(posting.payload)
    body["ItemLines"] = [
        {name: float(value) if name.endswith("Amount") else value for name, value in line.items()}
        for line in body["ItemLines"]
    ]
    body["PaymentLines"] = [
        {**line, "LineAmount": float(line["LineAmount"])} for line in body["PaymentLines"]
    ]
    return body


PLANTED: list[Callable[[Night], tuple[str, str]]] = [
    delete_the_sale,
    book_the_sale_twice,
    book_the_sale_twice_under_another_receipt,
    book_the_sale_in_the_wrong_shop,
    book_another_amount,
    sell_what_was_not_delivered,
    delete_the_return,
    book_the_return_twice,
    delete_the_opposite_of_a_return,
    delete_the_transfer,
    move_the_pieces_twice,
    move_other_pieces,
    let_the_till_hand_over_what_was_delivered,
    lose_the_transfer_of_the_till,
    delete_the_order,
    cancel_the_order_that_was_delivered,
    let_the_till_deliver_unseen,
    order_elsewhere,
]


@pytest.mark.parametrize("plant", PLANTED)
def test_what_was_planted_is_found_alone_and_is_the_same_row_the_next_night(
    night: Night, plant: Callable[[Night], tuple[str, str]]
) -> None:
    order_no, kind = plant(night)
    night.sold()
    found = [(kind, order_no)]
    assert night.compare() == found
    before = Difference.objects.get()
    assert (before.first_seen_at, before.reports.count()) == (before.last_seen_at, 1)

    assert night.compare(hours=25) == found
    after = Difference.objects.get()
    assert (after.pk, after.first_seen_at) == (before.pk, before.first_seen_at)
    assert after.last_seen_at == before.last_seen_at + timedelta(days=1)
    assert after.reports.count() == 2
    facts = Reconciliation.objects.order_by("day").values_list("facts__new", "facts__gone")
    assert list(facts) == [(1, 0), (0, 0)]


# What becomes of them


def test_it_closes_by_itself_when_it_is_gone(night: Night) -> None:
    order_no, kind = move_other_pieces(night)
    assert night.compare() == [(kind, order_no)]
    moved = Posting.objects.get(kind="transfer")
    night.sandbox.back_office_changes_transfer(int(moved.answer), 1)
    assert night.compare(hours=2) == []
    difference = Difference.objects.get()
    assert (difference.state, difference.closed_by) == (State.GONE, None)
    assert difference.closed_at == night.clock() + timedelta(hours=2)
    assert night.report().facts["gone"] == 1
    assert night.report().differences.count() == 0

    night.sandbox.back_office_changes_transfer(int(moved.answer), 2)
    assert night.compare(hours=3) == [(kind, order_no)]
    assert Difference.objects.get().closed_at is None


def test_what_somebody_has_seen_to_stays_so_until_something_else_is_found_there(night: Night) -> None:
    order_no, kind = move_other_pieces(night)
    night.compare()
    office = night.cast.person("office")
    reconciling.see_to(Difference.objects.get(), office, night.clock())
    assert night.compare(hours=25) == []
    difference = Difference.objects.get()
    assert (difference.state, difference.closed_by) == (State.SEEN_TO, office)
    assert night.report_of(25).facts["new"] == 0

    night.sandbox.back_office_changes_transfer(int(Posting.objects.get(kind="transfer").answer), 3)
    assert night.compare(hours=49) == [(kind, order_no)]
    assert Difference.objects.get().closed_by is None


@pytest.mark.parametrize(
    ("plant", "booked"),
    [(delete_the_sale, "sales"), (delete_the_return, "sales"), (delete_the_transfer, "transfers")],
)
def test_what_is_missing_is_sent_once_more_and_then_is_no_difference(
    night: Night, plant: Callable[[Night], tuple[str, str]], booked: str
) -> None:
    plant(night)
    night.compare()
    before, office = len(night.sandbox.ledger()[booked]), night.cast.person("office")
    difference = Difference.objects.get()
    reconciling.send_missing(difference, office, night.clock())
    reconciling.send_missing(difference, office, night.clock())  # her own second tap
    night.send()
    sent = night.sandbox.ledger()[booked]
    assert len(sent) == before + 1
    assert sent[-1]["at"] > sent[-2]["at"]
    posting = Posting.objects.get(attempts__purpose="decision")
    assert posting.state == Posting.State.SENT
    assert posting.attempts.filter(purpose="decision").get().actor == office
    assert night.compare(hours=2) == []
    assert Difference.objects.get().state == State.GONE


def test_what_ddd_shows_after_all_is_not_sent_once_more(night: Night) -> None:
    order = night.sold()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    night.compare()
    night.post("api/sale", as_sent(night.posted("sale", order)))
    booked = len(night.sandbox.ledger()["sales"])
    reconciling.send_missing(Difference.objects.get(), night.cast.person("office"), night.clock())
    night.send()
    assert len(night.sandbox.ledger()["sales"]) == booked
    assert night.posted("sale", order).state == Posting.State.SENT
    assert night.compare(hours=2) == []


def test_what_cannot_be_sent_is_refused_and_changes_nothing(night: Night) -> None:
    book_the_sale_twice(night)
    night.compare()
    with pytest.raises(Conflict, match="There is nothing to send here"):
        reconciling.send_missing(Difference.objects.get(), night.cast.person("office"), night.clock())
    assert Difference.objects.get().state == State.OPEN
    assert set(Posting.objects.values_list("state", flat=True)) == {Posting.State.SENT}


def test_the_slower_of_two_people_is_told_and_changes_nothing(night: Night) -> None:
    delete_the_sale(night)
    night.compare()
    difference = Difference.objects.get()
    reconciling.see_to(difference, night.cast.person("office"), night.clock())
    with pytest.raises(Conflict, match="Somebody has decided this already"):
        reconciling.send_missing(difference, night.cast.person("manager"), night.clock())
    difference.refresh_from_db()
    assert (difference.state, difference.closed_by) == (State.SEEN_TO, night.cast.person("office"))
    assert Posting.objects.get(kind="sale").state == Posting.State.SENT


# What is no difference


def test_what_is_on_its_way_or_was_given_up_is_missed_by_nobody(night: Night) -> None:
    order = delivered(night.cast)
    night.sandbox.fault("refuse", on="sale")
    night.send()
    assert night.posted("sale", order).state == Posting.State.REJECTED
    assert night.compare() == []
    sale = night.posted("sale", order)
    postings_desk.give_up(sale, "Booked by hand", night.cast.person("office"), night.clock())
    assert night.compare(hours=2) == []


def test_what_a_person_says_did_arrive_must_be_there(night: Night) -> None:
    order = delivered(night.cast)
    night.sandbox.fault("refuse", on="sale")
    night.send()
    sale = night.posted("sale", order)
    postings_desk.it_arrived(sale, night.cast.person("office"), night.clock())
    assert night.compare() == [("sale missing", order.order_no)]


def test_a_draft_that_may_not_be_listed_is_not_missed(night: Night) -> None:
    Connection.objects.update(drafts_are_listed=False)
    delete_the_transfer(night)
    assert night.compare() == []


def test_what_is_younger_than_half_an_hour_may_still_be_on_its_way(night: Night) -> None:
    delete_the_sale(night)
    assert night.compare(hours=0.25) == []
    assert night.compare(hours=0.75) != []


def test_sales_of_others_at_the_portals_terminal_are_nobodys_business(night: Night) -> None:
    order = night.sold()
    body = as_sent(night.posted("sale", order)) | {"ReceiptId": 900}
    for line in body["ItemLines"]:
        line["WebOrderOrderNo"] = "X-1"
    night.post("api/sale", body)
    at_a_till = as_sent(night.posted("sale", order)) | {"ReceiptId": 1, "TerminalId": 5}
    night.post("api/sale", at_a_till)
    assert night.compare() == []


def test_orders_in_store_are_not_missed_here(night: Night) -> None:
    body = {name: value for name, value in wire_order_of_another_channel("O-1").items() if name != "IsPaid"}
    night.post("api/weborder/orderinstore", body)
    assert night.compare() == []


def test_another_group_hears_nothing_of_it(night: Night) -> None:
    delete_the_sale(night)
    assert reconcile(night.cast.fjord.pk, night.clock() + timedelta(hours=1))
    assert Difference.objects.count() == 0
    assert Reconciliation.objects.get().group == night.cast.fjord


# What cannot be compared


@pytest.mark.parametrize(
    ("fault", "on", "every"),
    [
        ("503", "poll", 1),
        ("nonsense", "poll", 1),
        ("lose the answer after committing", "poll", 1),
        ("503", "reads", 2),  # the transactions of the first shop, after the orders
        ("half an answer", "reads", 3),
        ("nonsense", "reads", 5),
    ],
)
def test_a_ddd_that_is_down_or_odd_makes_an_incomplete_report_and_no_difference(
    night: Night, fault: str, on: str, every: int
) -> None:
    order_no, kind = delete_the_sale(night)
    night.sandbox.fault(fault, on=on, every=every)
    assert night.compare() == []
    report = night.report()
    assert not report.is_complete
    assert report.trouble
    assert Difference.objects.count() == 0
    night.sandbox.clear_faults()
    assert night.compare(hours=2) == [(kind, order_no)]

    night.sandbox.fault(fault, on=on, every=every)
    assert night.compare(hours=3) == [(kind, order_no)]
    assert night.report().is_complete is False


def test_answers_in_camel_case_are_read_as_well(night: Night) -> None:
    order_no, kind = delete_the_sale(night)
    night.sold()
    night.sandbox.fault("camelCase", on="reads")
    assert night.compare() == [(kind, order_no)]


def test_books_that_are_empty_all_of_a_sudden_are_no_answer(night: Night) -> None:
    for _order in range(3):
        night.sold()
    night.sandbox.reset()
    assert night.compare() == []
    assert night.report().trouble == "DdD's books are empty, though much was sent."


# By night, and twice at once


def test_each_group_is_due_once_in_its_own_night(night: Night) -> None:
    midnight = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # 1:00 in Copenhagen
    nordlys, fjord = night.group, night.cast.fjord
    Group.objects.filter(pk=fjord.pk).update(time_zone="America/Nuuk")
    assert reconciling.groups_due(midnight + timedelta(minutes=59)) == []
    at_two = midnight + timedelta(hours=1)
    assert reconciling.groups_due(at_two) == [nordlys.pk]
    assert reconcile(nordlys.pk, at_two)
    assert reconciling.groups_due(at_two + timedelta(hours=1)) == []
    assert reconciling.groups_due(at_two + timedelta(hours=4)) == [fjord.pk]
    assert reconciling.groups_due(at_two + timedelta(hours=24)) == [nordlys.pk]


def test_an_incomplete_report_is_tried_again_in_a_quarter_of_an_hour_while_it_is_night(night: Night) -> None:
    at_two = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    Connection.objects.filter(group=night.cast.fjord).delete()
    night.sandbox.fault("503")
    assert reconcile(night.group.pk, at_two)
    assert reconciling.groups_due(at_two + timedelta(minutes=14)) == []
    assert reconciling.groups_due(at_two + timedelta(minutes=15)) == [night.group.pk]
    assert reconciling.groups_due(at_two + timedelta(hours=4)) == []
    reconciling.look_again(night.group, at_two + timedelta(hours=7))
    assert reconciling.groups_due(at_two + timedelta(hours=7)) == [night.group.pk]


def test_two_workers_at_once_do_no_harm(night: Night) -> None:
    delete_the_sale(night)
    now = night.clock() + timedelta(hours=1)
    first = reconciling.claim(night.group, now)
    assert first is not None
    assert reconcile(night.group.pk, now) is False
    assert Difference.objects.count() == 0

    # The first one is dead, or very slow: what it finds after another one took over is not written.
    later = now + timedelta(hours=3)
    found = compare(Connection.objects.get(group=night.group), now)
    assert reconcile(night.group.pk, later)
    assert reconciling.keep(first, found, later) is False
    assert Difference.objects.get().last_seen_at == later


def test_a_group_without_ddd_has_nothing_to_compare_with(cast: Cast) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    assert reconcile(cast.nordlys.pk, NOW) is False
    assert Reconciliation.objects.count() == 0


def test_an_order_that_left_the_shop_without_a_sale_is_found(night: Night) -> None:
    """Somebody has deleted rows: no verb can do it."""
    order = night.sold()
    WebOrder.objects.update(delivered_at=night.clock())
    for kind in ("sale", "transfer"):
        posting = night.posted(kind, order)
        Sale.objects.filter(posting=posting).delete()
        ItemTransfer.objects.filter(posting=posting).delete()
        posting.delete()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    assert night.compare() == [("sale missing", order.order_no)]
    assert not Difference.objects.get().can_be_sent
