"""What becomes of a difference: it closes by itself, is seen to, or what is missing is sent once more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.errors import Conflict
from ddd.models import Connection, Difference, Posting
from ddd.nightly import reconciling
from tests.orders.night import TURNOVER, Night, as_sent
from tests.orders.planted import (
    book_the_sale_twice,
    delete_the_order,
    delete_the_return,
    delete_the_sale,
    delete_the_transfer,
    move_other_pieces,
)
from tests.orders.upstream import Upstream, wire_order

State = Difference.State


def test_it_closes_by_itself_when_it_is_gone(night: Night) -> None:
    order_no, kind = move_other_pieces(night)
    assert night.compare() == [(kind, order_no)]
    moved = Posting.objects.get(kind="transfer")
    night.sandbox.back_office_changes_transfer(int(moved.answer), 1)
    assert night.compare(hours=2) == []
    difference = Difference.objects.get()
    assert (difference.state, difference.closed_by) == (State.GONE, None)
    assert difference.closed_at == night.clock() + timedelta(hours=2)
    assert night.report().data["gone"] == 1
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
    assert night.report_of(25).data["new"] == 0

    night.sandbox.back_office_changes_transfer(int(Posting.objects.get(kind="transfer").answer), 3)
    assert night.compare(hours=49) == [(kind, order_no)]
    assert Difference.objects.get().closed_by is None


def test_an_order_that_was_missing_is_not_gone_while_another_cannot_be_read(
    night: Night, listening_upstream: Upstream
) -> None:
    order_no, kind = delete_the_order(night)
    assert night.compare() == [(kind, order_no)]
    with_sandbox = Connection.objects.filter(group=night.group)
    with_sandbox.update(base_url=listening_upstream.url)
    listening_upstream.orders = ["nobody can read this"]
    assert night.compare(hours=2) == [(kind, order_no)]
    assert night.report().is_complete
    assert (night.report().data["unreadable"], night.report().data["gone"]) == (1, 0)

    sent = Posting.objects.get(order_no=order_no)
    listening_upstream.orders = [wire_order(order_no, ShopId=sent.payload["ShopId"])]
    assert night.compare(hours=3) == []
    assert Difference.objects.get().state == State.GONE


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
    reconciling.send_missing(difference, office, night.clock())  # their own second tap
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
    with pytest.raises(Conflict, match="Karen Østergaard has decided this already"):
        reconciling.send_missing(difference, night.cast.person("manager"), night.clock())
    difference.refresh_from_db()
    assert (difference.state, difference.closed_by) == (State.SEEN_TO, night.cast.person("office"))
    assert Posting.objects.get(kind="sale").state == Posting.State.SENT
