"""Orders by the hundred thousand: 200 of them, looked at as closely as real ones."""

import random
import re
from collections import Counter
from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from accounts.models import ApiKey
from core import leases
from core.errors import Conflict
from ddd.models import Attempt, ItemTransfer, Posting, ReceiptSeries, Sale
from demo.generator.generate import make_orders, order_no
from demo.generator.life import Rules, live
from demo.management.commands.make_orders import Command
from office.figures import counting
from office.models import Counting, WeeklyFigure
from office.models.daily_figure import EVERY
from orders import collecting, delivery, mailing, picking
from orders.models import Line, Mail, OrderEvent, ReceiverWord, RefundDue, RefundedLine, WebOrder
from orders.states import ORDER_MOVES, Phase, Status
from returns.models import Return, ReturnedPiece
from tests.factories import HAND_OVER, NOW, Cast, new_order, received

COUNT, DAYS, SEED = 200, 40, 7
TABLES: tuple[type[Model], ...] = (WebOrder, Line, OrderEvent, ReceiverWord, Mail, Posting, Attempt)
BOOKS: tuple[type[Model], ...] = (
    *(Sale, ItemTransfer, ReceiptSeries, Return, ReturnedPiece),
    *(RefundDue, RefundedLine),
)
# Which words lines may carry in an order of each word.
FITTING = {
    Status.RESERVED: {"Reserved", "Picked", "Missing"},
    Status.PICKED: {"Picked", "Missing"},
    Status.DELIVERED: {"Delivered", "Returned", "Missing"},
    Status.RETURNED: {"Returned", "Missing"},
    Status.CANCELLED: {"Cancelled", "Missing"},
}


@pytest.fixture
def made(cast: Cast) -> Cast:
    """200 orders of Nordlys, of the last weeks."""
    make_orders(cast.nordlys, COUNT, DAYS, SEED, NOW)
    return cast


def rows_of(*tables: type[Model]) -> dict[str, int]:
    return {table.__name__: table._default_manager.count() for table in tables}


def test_those_of_the_last_days_stand_at_every_step(cast: Cast) -> None:
    make_orders(cast.nordlys, 200, 2, 1, NOW)
    assert {order.phase for order in WebOrder.objects.all()} == set(Phase)
    new = WebOrder.objects.in_phase(Phase.NEW).select_related("shop", "group")[0]
    picking.accept(new, cast.person("manager"), NOW)


def test_each_is_consistent(made: Cast) -> None:
    found = WebOrder.objects.prefetch_related("lines__variant", "events").select_related("web_shop")
    orders = list(found.order_by("pk"))
    assert [order.order_no for order in orders] == [order_no(SEED, number) for number in range(COUNT)]
    assert {order.web_shop.name for order in orders if order.web_shop} == {"nordlys", "outlet"}
    assert len({order.shop_id for order in orders}) == 3
    assert [order.created_at for order in orders] == sorted(order.created_at for order in orders)
    assert orders[-1].created_at <= NOW < orders[0].created_at + timedelta(days=DAYS)
    for order in orders:
        statuses = [line.status for line in order.lines.all()]
        assert set(statuses) <= FITTING[Status(order.status)], order
        assert statuses.count("Missing") < len(statuses) or order.status == "Cancelled", order
        moments = [order.created_at, order.taken_at, order.picked_at, order.delivered_at]
        happened = [moment for moment in moments if moment]
        assert happened == sorted(happened), order
        assert order.modified_at <= NOW, order
        assert (order.collect_by is not None) == (order.picked_at is not None), order


def test_their_timeline_tells_what_stands_on_them(made: Cast) -> None:
    for order in WebOrder.objects.prefetch_related("lines", "events"):
        told = Counter(event.kind for event in order.events.all())
        lines = Counter(line.status for line in order.lines.all())
        assert told["created"] == 1
        assert told["accepted"] == bool(order.taken_at)
        assert told["picked"] == bool(order.picked_at)
        assert told["delivered"] == bool(order.delivered_at)
        assert told["cancelled"] + told["not collected"] == (order.status == "Cancelled")
        assert told["piece missing"] == lines["Missing"]
        assert told["taken back"] == (lines["Returned"] > 0)
        assert [event.at for event in order.events.all()] == sorted(event.at for event in order.events.all())
        assert max(event.at for event in order.events.all()) <= NOW


def test_their_books_are_right_to_the_oere(made: Cast) -> None:
    sold = {sale.order_no: sale.amount for sale in Sale.objects.filter(amount__gt=0)}
    returned = {sale.order_no: -sale.amount for sale in Sale.objects.filter(amount__lt=0)}
    moved = Counter(transfer.order_no for transfer in ItemTransfer.objects.all())
    for order in WebOrder.objects.prefetch_related("lines").select_related("web_shop"):
        gone = [line for line in order.lines.all() if line.status in ("Delivered", "Returned")]
        back = [line for line in gone if line.status == "Returned"]
        assert sold.get(order.order_no, 0) == sum(line.effective_sales_price for line in gone)
        assert returned.get(order.order_no, 0) == sum(line.effective_sales_price for line in back)
        by_turnover_shop = order.web_shop is not None and order.web_shop.turnover_shop_id is not None
        assert moved[order.order_no] == by_turnover_shop * (bool(gone) + bool(back))
    for series in ReceiptSeries.objects.all():
        numbers = Sale.objects.filter(shop=series.shop).values_list("receipt_id", flat=True)
        assert sorted(number or 0 for number in numbers) == list(range(1, series.last + 1))
    for one in Return.objects.prefetch_related("pieces"):
        assert one.amount == sum(piece.amount for piece in one.pieces.all())
        assert RefundDue.objects.filter(taken_back=one).exists() == (one.outcome == "web shop")
    lost = Line.objects.filter(order__is_paid=True, status__in=["Missing", "Cancelled"])
    lost = lost.exclude(order__status="Reserved")
    assert dict(RefundedLine.objects.values_list("line", "amount")) == dict(
        lost.values_list("pk", "effective_sales_price")
    )
    for refund in RefundDue.objects.filter(taken_back=None).prefetch_related("lines"):
        assert refund.amount == sum(row.amount for row in refund.lines.all())
    assert set(Posting.objects.values_list("state", "attempts__outcome")) == {("sent", "sent")}
    assert Posting.objects.filter(kind="order").count() == COUNT


def test_only_this_group_gets_any_and_nobody_else_is_touched(made: Cast) -> None:
    other = received(made, new_order("F-1", shop_id=997001), web_shop="fjord")
    orders, events = WebOrder.objects.exclude(pk=other.pk), OrderEvent.objects.exclude(order=other)
    nordlys = made.nordlys.pk
    assert set(orders.values_list("group", "shop__group", "web_shop__group")) == {(nordlys,) * 3}
    assert set(events.values_list("group", "shop__group")) == {(nordlys,) * 2}
    assert set(events.exclude(actor=None).values_list("actor__group", flat=True)) == {nordlys}
    assert set(Line.objects.filter(order__in=orders).values_list("variant__group", flat=True)) == {nordlys}
    assert not orders.visible_to(made.viewer("fjord office")).exists()


def test_workers_find_nothing_left_to_do_and_people_go_on_with_them(made: Cast) -> None:
    assert collecting.remind_and_cancel_uncollected(NOW) == 0
    assert mailing.groups_with_work(NOW + timedelta(days=1)) == []
    ready = WebOrder.objects.filter(status="Picked", is_paid=True).select_related("shop", "group")[0]
    delivery.deliver(ready, HAND_OVER, made.person("manager"), NOW)
    assert Posting.objects.filter(state="waiting", kind="sale", order_no=ready.order_no).exists()
    received(made, new_order("AFTER"))
    assert WebOrder.objects.latest("pk").order_no == "AFTER"


def test_the_same_seed_makes_the_same_lives() -> None:
    rules = Rules(ZoneInfo("Europe/Copenhagen"), 7, 2, (5, 10, 20))
    first, second = (
        [live(NOW - timedelta(days=5), NOW, rules, chance) for _each in range(50)]
        for chance in (random.Random(3), random.Random(3))
    )
    assert first == second
    assert {life.status for life in first} <= set(ORDER_MOVES)


def test_the_same_seed_twice_is_refused_and_another_one_adds(made: Cast) -> None:
    before = rows_of(*TABLES, *BOOKS)
    with pytest.raises(Conflict, match="has the orders of seed 7 already"):
        make_orders(made.nordlys, COUNT, DAYS, SEED, NOW)
    assert rows_of(*TABLES, *BOOKS) == before
    make_orders(made.nordlys, 5, DAYS, SEED + 1, NOW)
    assert WebOrder.objects.count() == COUNT + 5


def test_a_real_group_is_refused(cast: Cast) -> None:
    ApiKey.objects.filter(web_shop__group=cast.nordlys).delete()
    with pytest.raises(CommandError, match="Nordlys is a real Group"):
        call_command(Command(), "5", stdout=StringIO())
    assert WebOrder.objects.count() == 0


@time_machine.travel(NOW + timedelta(hours=8))  # in the evening: the days behind are whole ones
def test_the_command_makes_them_and_says_how_far_it_is(cast: Cast) -> None:
    said = StringIO()
    call_command(Command(), "3", "--group", "997", "--days", "2", stdout=said)
    assert re.fullmatch(r"3 of 3 orders, \d+ s\nFigures of 2 days, \d+ s\n", said.getvalue())
    assert set(WebOrder.objects.values_list("group__ddd_group_id", flat=True)) == {997}
    with pytest.raises(CommandError, match="There is no Group 12"):
        call_command(Command(), "3", "--group", "12")
    with pytest.raises(CommandError, match="at least 1"):
        call_command(Command(), "0")


def test_what_was_made_is_in_the_figures_of_its_weeks(cast: Cast) -> None:
    counting.count_all(cast.nordlys, timezone.now())
    call_command(Command(), "60", "--days", "50", stdout=StringIO())
    weeks = WeeklyFigure.objects.filter(group=cast.nordlys, shop=EVERY, web_shop=EVERY)
    assert len(weeks) in (8, 9)
    assert sum(week.counts["came in"] for week in weeks) == 60


def test_while_a_worker_counts_the_command_says_what_is_left_to_do(cast: Cast) -> None:
    assert leases.take(Counting.objects.create(group=cast.nordlys), timedelta(hours=2))
    said = StringIO()
    call_command(Command(), "3", "--days", "2", stdout=said)
    assert "run manage.py count_figures afterwards" in said.getvalue()
    assert not WeeklyFigure.objects.exists()
