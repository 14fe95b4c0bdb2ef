"""Each shop's cash and cards of a day, to lay beside its till: on the tablet, at head office, on paper and
as a table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from ddd.models import Connection, Posting, Sale
from ddd.models.connection import CashBooking
from orders import delivery
from orders.delivery import HandOver
from orders.models import WebOrder
from returns import desk
from returns.cash_day import Sums, cash_day
from returns.models import Return
from tests.core.pages import DANISH, Page, browser
from tests.factories import JUMPER, SCARF, Cast, again, new_order, picked, taken_back
from tests.pos.paper import pages_of

# 23:40 in Aarhus on 3 March, which is a day of its own there.
EVENING = datetime(2026, 3, 3, 22, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = EVENING.date()


@pytest.fixture(autouse=True)
def next_day(settings: Settings) -> Iterator[None]:
    settings.UNDO_SECONDS = 0
    with time_machine.travel(EVENING + 12 * HOUR, tick=False):
        yield


def paid(
    cast: Cast, order_no: str, how: str, at: datetime, price: str = "199.94", shop: int = 996001
) -> WebOrder:
    new = new_order(order_no, shop, (JUMPER, SCARF), price=price, is_paid=False)
    who = "aarhus" if shop == 996001 else "odense"
    order = picked(cast, who, new)
    delivery.deliver(order, HandOver(WebOrder.Way.HAND_OVER, how), cast.person(who), at)
    return again(order)


@pytest.fixture
def evening(cast: Cast) -> Cast:
    """Cash, card, a return in cash that is reversed after midnight, and what is not of this day or shop."""
    Connection.objects.update(cash_booking=CashBooking.CHANGED_HANDS)
    cash = paid(cast, "W-1", "cash", EVENING - HOUR)
    paid(cast, "W-2", "terminal", EVENING)
    paid(cast, "W-3", "cash", EVENING + HOUR)
    paid(cast, "W-4", "cash", EVENING, shop=996002)
    wrong = taken_back(cast, cash, "manager", lines=(1,), paid_by="cash", now=EVENING)
    Posting.objects.update(state="sent", settled_at=EVENING, first_sent_at=EVENING)
    Sale.objects.filter(posting__kind="return").update(receipt_id=12)
    desk.reverse(wrong, "another customer's", cast.person("manager"), EVENING + HOUR)
    return cast


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def test_a_day_ends_at_midnight_where_the_shop_is_and_has_its_own_money_alone(evening: Cast) -> None:
    now = EVENING + 12 * HOUR
    found = cash_day(evening.aarhus, DAY, now)
    assert [(one.order.order_no, one.what, one.person, one.signed) for one in found.payments] == [
        ("W-1", "order", "Freja Sørensen", Decimal("400.00")),
        ("W-2", "order", "Freja Sørensen", Decimal("399.88")),
        ("W-1", "return", "Mads Lindholm", Decimal("-200.00")),
    ]
    assert found.sums == Sums(*money("400.00", "200.00", "399.88", "0", "199.94"))
    assert (found.sums.cash, found.sums.rounding) == money("200.00", "0.06")
    assert dict(found.people)["Mads Lindholm"] == Sums(cash_out=Decimal(200), exact_cash=Decimal("-199.94"))
    # With a turnover shop DdD shows all of it there.
    [place] = found.places
    assert (place.shop_id, place.terminal_id, place.sums.cash_in) == (996900, 99, Decimal("400.00"))
    assert (found.before.isoformat(), found.after and found.after.isoformat()) == ("2026-03-02", "2026-03-04")

    next_day = cash_day(evening.aarhus, DAY + timedelta(days=1), now)
    assert [(one.order.order_no, one.what, one.signed) for one in next_day.payments] == [
        ("W-3", "order", Decimal("400.00")),
        ("W-1", "reversed", Decimal("200.00")),
    ]
    assert next_day.after is None


def test_it_stands_on_the_tablet_and_at_head_office_in_the_words_of_the_reader(evening: Cast) -> None:
    aarhus, office = browser(evening, "manager"), browser(evening, "office")
    page = Page(aarhus.get("/pos/cash/", {"day": "2026-03-03"}))
    assert page.faults == []
    assert "Cash 400.00 200.00 200.00" in page.rows
    assert "Without rounding the cash would be 199.94 DKK: rounding made 0.06 DKK." in page.text
    assert "996900 / 99 Web turnover 400.00 200.00 399.88 0.00" in page.rows
    assert "23:40 W-1 Return 1 Mads Lindholm Cash -199.94 -0.06 -200.00 996900 / 99 / 12" in page.rows
    assert Page(aarhus.get("/pos/", {"tab": "done"})).links["Cash and cards"] == "/pos/cash/"
    assert Page(aarhus.get("/returns/")).links["Cash and cards"] == "/pos/cash/"

    answer = office.get("/figures/cash/", {"shop": "996001", "day": "2026-03-03"}, follow=True)
    rows = Page(answer).rows
    assert "Cash 400.00 200.00 200.00" in rows
    danish = Page(browser(evening, "office", DANISH).get(answer.redirect_chain[-1][0]))
    assert "Kontant 400,00 200,00 200,00" in danish.rows
    assert Page(office.get("/figures/")).links["Cash and cards by shop and day, to lay beside the till"]


def test_nobody_sees_the_cash_of_another_shop_or_group(evening: Cast) -> None:
    odense = Page(browser(evening, "odense").get("/pos/cash/", {"day": "2026-03-03"}))
    assert "W-4" in odense.text
    assert "W-1" not in odense.text
    fjord = browser(evening, "fjord office")
    assert fjord.get(f"/figures/cash/{evening.aarhus.pk}/").status_code == 404
    assert fjord.get(f"/figures/cash/{evening.aarhus.pk}/csv/").status_code == 404
    assert fjord.get("/figures/cash/", {"shop": "996001"}).status_code == 404
    office = browser(evening, "office")
    assert office.get(f"/figures/cash/{evening.aarhus.pk}/doc/").status_code == 404
    for odd in ("0001-01-01", "9999-12-31", "x", "2026-02-30"):
        assert "4 March 2026" in Page(office.get(f"/figures/cash/{evening.aarhus.pk}/", {"day": odd})).text


def test_the_paper_and_the_table_say_the_same(evening: Cast) -> None:
    office, day = browser(evening, "office"), {"day": "2026-03-03"}
    papers = [
        browser(evening, "aarhus").get("/pos/cash/cash.pdf", day).content,
        office.get(f"/figures/cash/{evening.aarhus.pk}/pdf/", day).content,
    ]
    for pdf in papers:
        [page] = pages_of(pdf, with_codes=False)
        text = " ".join(page.text.split())
        assert "Kontant 400,00 200,00 200,00" in text
        assert "996900 / 99 / 12" in text
    table = lines_of(office, evening, "csv")
    assert table[3] == (
        "2026-03-03 23:40:00,996001,W-1,Return,1,Mads Lindholm,in cash at the register,"
        "-199.94,-0.06,-200.00,996900,99,12,-200.00"
    )
    assert len(table) == 4


def lines_of(office: Client, cast: Cast, kind: str) -> list[str]:
    answer = office.get(f"/figures/cash/{cast.aarhus.pk}/{kind}/", {"day": "2026-03-03"})
    return answer.content.decode().splitlines()


def test_a_cancelled_return_and_an_undone_delivery_leave_no_money(cast: Cast, settings: Settings) -> None:
    settings.UNDO_SECONDS = 60
    undone, order = paid(cast, "W-1", "cash", EVENING), paid(cast, "W-2", "cash", EVENING)
    delivery.undo(undone, cast.person("aarhus"), EVENING)
    wrong = taken_back(cast, order, "manager", paid_by="cash", now=EVENING)
    desk.cancel(wrong, "wrong order", cast.person("manager"), EVENING)
    assert Return.objects.get().state == "cancelled"
    [left] = cash_day(cast.aarhus, DAY, EVENING).payments
    assert (left.order.order_no, left.booking and left.booking.state) == ("W-2", "waiting")


def test_what_was_paid_before_cash_was_rounded_stands_there_as_it_was_booked(cast: Cast) -> None:
    paid(cast, "W-1", "cash", EVENING)
    WebOrder.objects.update(paid_in_shop=None, cash_rounding=0)
    [payment] = cash_day(cast.aarhus, DAY, EVENING).payments
    assert (payment.amount, payment.rounding) == money("399.88", "0.00")


def test_no_query_reads_all_orders_or_returns(evening: Cast) -> None:
    shop = evening.aarhus
    with CaptureQueriesContext(connection) as captured:
        cash_day(shop, DAY, EVENING)
    # Orders, their lines, returns, reversed returns, sales, and the names of the shops where they are booked.
    queries = [query["sql"] for query in captured]
    assert len(queries) == 6
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in queries:
            cursor.execute(explain + sql.replace("%", "%%"), [])
            plan = " ".join(str(part) for row in cursor.fetchall() for part in row)
            for table in ("orders_", "returns_", "ddd_"):
                assert f"SCAN {table}" not in plan, (sql, plan)
                assert f"Seq Scan on {table}" not in plan, (sql, plan)
