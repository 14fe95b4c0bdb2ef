"""The nightly comparison with DdD, over HTTP: a clean day has no difference, what was planted is found."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Group, Shop
from ddd.models import Connection, Difference, ItemTransfer, Posting, Reconciliation, Sale
from ddd.nightly import reconciling
from ddd.sending import decisions as postings_desk
from ddd.words.differences import Mend
from orders.delivery import HandOver
from orders.importing import poll
from orders.models import WebOrder
from orders.reconciling import compare, reconcile
from orders.states import Status
from returns import desk
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
from tests.orders.night import AARHUS, LATER, TURNOVER, Night, as_sent, naming, wire_order_of_another_channel
from tests.orders.planted import PLANTED, delete_the_sale, delete_the_transfer
from tests.passing_time import let_leases_age

pytestmark = pytest.mark.slow


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
    assert (report.is_complete, report.trouble, report.lease) == (True, {}, "")
    assert report.data == {
        "shops": 4,
        "orders": 7,
        "sales": 9,
        "transfers": 8,
        "unreadable": 0,
        "differences": 0,
        "new": 0,
        "gone": 0,
        "read": [996001, 996002, 996003, 996900],
    }
    assert Difference.objects.count() == 0


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
    data = Reconciliation.objects.order_by("day").values_list("data__new", "data__gone")
    assert list(data) == [(1, 0), (0, 0)]


def test_an_order_that_left_the_shop_without_a_sale_is_found(night: Night) -> None:
    """Deletes rows directly, because no function does."""
    order = night.sold()
    WebOrder.objects.update(delivered_at=night.clock())
    for kind in ("sale", "transfer"):
        posting = night.posted(kind, order)
        Sale.objects.filter(posting=posting).delete()
        ItemTransfer.objects.filter(posting=posting).delete()
        posting.delete()
    night.sandbox.back_office_deletes_sale(TURNOVER, 1)
    assert night.compare() == [("sale missing", order.order_no)]
    assert Difference.objects.get().mend_by == Mend.BOOK


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


def test_sales_that_the_portal_does_not_know_are_ignored(night: Night) -> None:
    """At another terminal, without an order, where the portal numbers nothing, or before it was there."""
    order = night.sold()
    of_nobody = naming(as_sent(night.posted("sale", order)), "X-1")
    night.post("api/sale", as_sent(night.posted("sale", order)) | {"ReceiptId": 1, "TerminalId": 5})
    night.post("api/sale", of_nobody | {"ReceiptId": 2, "TerminalId": 5})
    night.post("api/sale", of_nobody | {"ReceiptId": 900, "ShopId": AARHUS})
    night.post("api/sale", naming(of_nobody, "") | {"ReceiptId": 901})
    assert night.compare() == []
    night.post("api/sale", of_nobody | {"ReceiptId": 902})
    Connection.objects.filter(group=night.group).update(started_at=night.clock() + timedelta(hours=1))
    assert night.compare(hours=2) == []


def test_a_sale_of_an_order_that_ddd_has_itself_is_not_of_nobody(night: Night) -> None:
    body = as_sent(night.posted("sale", night.sold()))
    order = {name: value for name, value in wire_order_of_another_channel("O-1").items() if name != "IsPaid"}
    night.post("api/weborder/orderinstore", order)
    night.post("api/sale", naming(body, "O-1") | {"ReceiptId": 900})
    assert night.compare() == []


def test_orders_in_store_are_not_missed_here(night: Night) -> None:
    body = {name: value for name, value in wire_order_of_another_channel("O-1").items() if name != "IsPaid"}
    night.post("api/weborder/orderinstore", body)
    assert night.compare() == []


def test_another_group_is_not_notified(night: Night) -> None:
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
def test_an_unavailable_or_broken_ddd_makes_an_incomplete_report_and_no_difference(
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


def test_a_shop_that_ddd_does_not_know_is_named_and_all_others_are_compared(night: Night) -> None:
    order_no, kind = delete_the_sale(night)
    Shop.objects.create(group=night.group, shop_id=995_001, name="Vejle")
    assert night.compare() == [(kind, order_no)]
    report = night.report()
    assert (report.is_complete, report.trouble, report.data["shops"]) == (False, {}, 4)
    [refused] = report.refused
    assert (refused.shop_id, refused.name) == (995_001, "Vejle")
    assert "995001 is not a shop of group 996" in refused.said_words
    Connection.objects.exclude(group=night.group).delete()
    assert reconciling.groups_due(datetime.combine(report.day, time(1), UTC) + timedelta(hours=2)) == []


def test_of_a_shop_that_ddd_does_not_know_nothing_is_missed_and_nothing_is_gone(night: Night) -> None:
    """Its number was right when it was sold there, and DdD has closed the shop since."""
    order_no, kind = delete_the_sale(night)
    assert night.compare() == [(kind, order_no)]
    night.sold()
    Shop.objects.filter(shop_id=TURNOVER).update(shop_id=995_001)
    assert night.compare(hours=2) == [(kind, order_no)]
    assert Difference.objects.count() == 1
    Shop.objects.filter(shop_id=995_001).update(shop_id=TURNOVER)
    assert night.compare(hours=3) == [(kind, order_no)]


def test_when_ddd_knows_no_shop_at_all_nothing_is_said(night: Night) -> None:
    delete_the_sale(night)
    for shop in Shop.objects.filter(group=night.group):
        Shop.objects.filter(pk=shop.pk).update(shop_id=shop.shop_id - 1000)
    assert night.compare() == []
    assert "is not a shop of group 996" in night.report().trouble_words


def test_answers_in_camel_case_are_read_as_well(night: Night) -> None:
    order_no, kind = delete_the_sale(night)
    night.sold()
    night.sandbox.fault("camelCase", on="reads")
    assert night.compare() == [(kind, order_no)]


def test_suddenly_empty_books_are_not_compared(night: Night) -> None:
    for _order in range(3):
        night.sold()
    night.sandbox.reset()
    assert night.compare() == []
    assert night.report().trouble_words == "DdD's books are empty, though much was sent."


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


def test_two_workers_at_once_do_no_harm(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    delete_the_sale(night)
    now = night.clock() + timedelta(hours=1)
    first = reconciling.claim(night.group, now)
    assert first is not None
    assert reconcile(night.group.pk, now) is False
    assert Difference.objects.count() == 0

    # The first worker has died or is very slow: what it finds after another has taken over is not stored.
    let_leases_age(timedelta(hours=2))
    found = compare(Connection.objects.get(group=night.group), now)
    later = now + timedelta(seconds=1)
    assert reconcile(night.group.pk, now)
    before = list(Reconciliation.objects.values())
    assert reconciling.keep(first, found, later) is False
    assert "what a nightly comparison found is not kept" in caplog.text
    assert list(Reconciliation.objects.values()) == before
    assert Difference.objects.get().last_seen_at == now


def test_a_group_without_ddd_has_nothing_to_compare_with(cast: Cast) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    assert reconcile(cast.nordlys.pk, NOW) is False
    assert Reconciliation.objects.count() == 0
