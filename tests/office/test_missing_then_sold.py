"""A piece is reported missing, and such a piece is sold in the same shop soon after."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from core.errors import Conflict, Invalid
from ddd.models import Connection
from ddd.nightly.reconciling import day_of
from office.figures import counting, missing_then_sold
from office.figures.valid_reports import Tap, valid_reports
from office.models import Counting, MissingReport
from orders import picking, trouble
from orders.models import OrderEvent, Policy
from tests.core.pages import Page, browser
from tests.factories import JUMPER, NOW, Cast
from tests.office.sold import SOON, a_sold_report, reported, sold_with_another_order
from tests.sandbox.caller import NORDLYS, Caller, sale
from tests.sandbox_process import RunningSandbox

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
AARHUS, ODENSE = 996001, 996002
MISSING, PICKED, UNDONE, MOVED = (
    OrderEvent.Kind.PIECE_MISSING,
    OrderEvent.Kind.PIECE_PICKED,
    OrderEvent.Kind.PICK_UNDONE,
    OrderEvent.Kind.MOVED,
)


def matched(cast: Cast) -> list[MissingReport]:
    return list(MissingReport.objects.filter(group=cast.nordlys, sold_at__isnull=False))


def sell_at_a_till(sandbox: RunningSandbox, receipt: int, **more: object) -> None:
    answer = Caller(sandbox.url, NORDLYS).post(
        "/api/sale", sale(receipt, "", **{"ShopId": AARHUS, "TerminalId": 3, **more})
    )
    assert answer.json() is True


def test_a_sale_at_a_till_after_the_report_matches_once(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    now = timezone.now()
    order = reported(booked_cast, now - SOON)
    sell_at_a_till(sandbox, 41)
    sell_at_a_till(sandbox, 42)
    for hours in (1, 25):
        assert missing_then_sold.match_sales(booked_cast.nordlys.pk, now + timedelta(hours=hours))
    [report] = matched(booked_cast)
    assert (report.order, report.terminal_id, report.receipt_id) == (order, 3, 41)
    assert report.sold_at is not None
    assert abs(report.sold_at - now) < timedelta(minutes=1)
    assert (str(report.variant), report.reported_by) == (
        "Wool jumper Skagerrak Blue S",
        booked_cast.person("aarhus"),
    )


def test_a_shop_that_ddd_does_not_know_does_not_hide_what_others_sold(
    booked_cast: Cast, sandbox: RunningSandbox
) -> None:
    now, group = timezone.now(), booked_cast.nordlys
    wrong = reported(booked_cast, now - 2 * SOON, "odense", ODENSE)
    order = reported(booked_cast, now - SOON)
    Shop.objects.filter(shop_id=ODENSE).update(shop_id=995_001)
    sell_at_a_till(sandbox, 41)
    assert missing_then_sold.match_sales(group.pk, now + timedelta(hours=1))
    assert [report.order for report in matched(booked_cast)] == [order]
    assert MissingReport.objects.filter(order=wrong, sold_at=None).count() == 1


def test_nothing_else_at_a_till_matches(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    """Another shop, another variant, a piece that came back, a web order, and a sale before the report."""
    now = timezone.now()
    reported(booked_cast, now - SOON)
    line = sale(1, "")["ItemLines"][0]
    sell_at_a_till(sandbox, 1, ShopId=ODENSE)
    sell_at_a_till(sandbox, 2, ItemLines=[line | {"VariantId": JUMPER + 1}])
    sell_at_a_till(sandbox, 3, ItemLines=[line | {"Type": "Return"}])
    sell_at_a_till(sandbox, 4, ItemLines=[line | {"WebOrderOrderNo": "W-1"}])
    late = reported(booked_cast, now + SOON)
    sell_at_a_till(sandbox, 5)
    missing_then_sold.match_sales(booked_cast.nordlys.pk, now + DAY)
    assert [(report.order_id == late.pk, report.receipt_id) for report in matched(booked_cast)] == [
        (False, 5)
    ]


def test_a_sale_with_another_web_order_of_the_shop_matches(cast: Cast) -> None:
    order, other = reported(cast), sold_with_another_order(cast)
    sold_with_another_order(cast, NOW + DAY)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + 2 * DAY)
    [report] = matched(cast)
    assert (report.order, report.sold_with, report.sold_at) == (order, other, NOW + SOON)
    assert (report.days_until_sold, report.receipt_id) == (0, None)


@pytest.mark.parametrize(
    ("later", "shop_id", "is_matched"),
    [
        (14 * DAY, AARHUS, True),
        (14 * DAY + SOON, AARHUS, False),
        (-SOON, AARHUS, False),
        (SOON, ODENSE, False),
    ],
)
def test_a_sale_matches_within_14_days_in_the_same_shop(
    cast: Cast, later: timedelta, shop_id: int, is_matched: bool
) -> None:
    reported(cast)
    sold_with_another_order(cast, NOW + later, shop_id)
    for days in (1, 13, 14):  # in the night of the last day, too
        missing_then_sold.match_sales(cast.nordlys.pk, NOW + days * DAY)
    assert bool(matched(cast)) == is_matched
    assert MissingReport.objects.count() == 1


def test_a_piece_that_turned_up_is_not_told(cast: Cast) -> None:
    order = reported(cast)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW)
    assert MissingReport.objects.count() == 1
    picking.pick(order, order.lines.get(number=1).pk, cast.person("aarhus"), NOW + SOON)
    sold_with_another_order(cast, NOW + SOON)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + DAY)
    assert MissingReport.objects.count() == 0


def test_a_report_stays_valid_when_the_order_is_moved_away(cast: Cast) -> None:
    order = reported(cast)
    trouble.move_to_shop(order, cast.odense, cast.person("aarhus"), NOW)
    sold_with_another_order(cast)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + DAY)
    assert [(report.order, report.shop) for report in matched(cast)] == [(order, cast.aarhus)]


@pytest.mark.parametrize("why", ["damaged", "sold", "other", "In the window"])
def test_only_a_report_that_claims_it_is_not_there_is_matched(cast: Cast, why: str) -> None:
    Policy.objects.filter(group=cast.nordlys).update(missing_reasons=["In the window"])
    reported(cast, why=why)
    sold_with_another_order(cast)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + DAY)
    assert MissingReport.objects.count() == 0


def test_what_a_report_said_last_counts(cast: Cast) -> None:
    first, second = reported(cast), reported(cast, why="damaged")
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + SOON)
    for order, why in ((first, "damaged"), (second, "not found")):
        line = order.lines.get(number=1)
        picking.report_missing(order, line.pk, why, cast.person("aarhus"), NOW + 2 * SOON)
    sold_with_another_order(cast, NOW + 3 * SOON)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + DAY)
    [report] = MissingReport.objects.all()
    assert (report.order, report.reported_at) == (second, NOW + 2 * SOON)
    assert report.sold_at == NOW + 3 * SOON


def test_one_sold_piece_speaks_of_the_earliest_report_alone(cast: Cast) -> None:
    second, first, third = (reported(cast, NOW + minutes * MINUTE) for minutes in (2, 1, 3))
    sold_with_another_order(cast)
    for days in (1, 2):
        missing_then_sold.match_sales(cast.nordlys.pk, NOW + days * DAY)
    assert [report.order for report in matched(cast)] == [first]
    another = sold_with_another_order(cast, NOW + 2 * DAY)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + 3 * DAY)
    assert {report.order: report.sold_with for report in matched(cast) if report.order != first} == {
        second: another
    }
    assert MissingReport.objects.get(order=third).sold_at is None


def test_one_receipt_speaks_of_one_report_alone(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    now = timezone.now()
    first, second, _third = (reported(booked_cast, now - minutes * MINUTE) for minutes in (9, 8, 7))
    sell_at_a_till(sandbox, 51)
    for hours in (1, 25):
        missing_then_sold.match_sales(booked_cast.nordlys.pk, now + timedelta(hours=hours))
    assert [(report.order, report.receipt_id) for report in matched(booked_cast)] == [(first, 51)]
    sell_at_a_till(sandbox, 52)
    missing_then_sold.match_sales(booked_cast.nordlys.pk, now + 2 * DAY)
    assert {(report.order, report.receipt_id) for report in matched(booked_cast)} == {
        (first, 51),
        (second, 52),
    }


def test_what_was_told_before_too_often_is_taken_back(cast: Cast) -> None:
    first, second, third, fourth = (reported(cast, NOW + minutes * MINUTE) for minutes in range(1, 5))
    sold_with = sold_with_another_order(cast)
    missing_then_sold.match_sales(cast.nordlys.pk, NOW + DAY)
    MissingReport.objects.update(sold_at=NOW + SOON, sold_with=sold_with)
    MissingReport.objects.filter(order=third).update(reason="damaged")
    MissingReport.objects.filter(order=fourth).update(closed_at=NOW, closed_why="In the window")
    import_module("office.migrations.0008_one_sold_piece_one_report").tell_less(apps, None)
    left = {report.order: report.sold_with for report in MissingReport.objects.all()}
    assert left == {first: sold_with, second: None, fourth: sold_with}


@pytest.mark.parametrize(
    ("taps", "ordered", "stands"),
    [
        ([(MISSING,)], 1, [0]),
        ([(MISSING, "", "damaged"), (MISSING, "", "not found")], 1, [1]),
        ([(MISSING, "", "sold"), (MISSING, "", "damaged"), (MISSING, "", "sold")], 2, [0, 2]),
        ([(MISSING,), (MISSING,)], 2, [0, 1]),
        ([(MISSING,), (PICKED,)], 1, []),
        ([(MISSING,), (PICKED,)], 2, [0]),  # the other one
        ([(PICKED,), (MISSING,), (PICKED,)], 2, []),
        ([(MISSING,), (UNDONE, "Missing")], 1, []),
        ([(PICKED,), (UNDONE, "Picked"), (MISSING,)], 1, [2]),
        ([(MISSING,), (MOVED,), (PICKED,)], 1, [0]),
        ([(MISSING,), (MOVED,), (MOVED,), (MISSING,)], 1, [0, 3]),
    ],
)
def test_which_reports_stand(taps: list[tuple[str, ...]], ordered: int, stands: list[int]) -> None:
    told = [Tap(at, kind, "Cap", *was) for at, (kind, *was) in enumerate(taps)]
    assert list(valid_reports(told, {"Cap": ordered})) == stands


def test_sales_are_matched_once_a_night_and_again_when_ddd_was_away(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    night = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)  # half past two in Copenhagen
    reported(cast)
    due = missing_then_sold.groups_due
    assert cast.nordlys.pk not in due(night - timedelta(hours=1))
    assert cast.nordlys.pk in due(night)
    assert not missing_then_sold.match_sales(cast.nordlys.pk, night)
    assert cast.nordlys.pk in due(night)
    Connection.objects.update(base_url=sandbox.url)
    assert missing_then_sold.match_sales(cast.nordlys.pk, night)
    assert cast.nordlys.pk not in due(night)
    assert cast.nordlys.pk in due(night + DAY)


def test_it_is_closed_once_with_what_came_out(cast: Cast) -> None:
    report, office = a_sold_report(cast), cast.person("office")
    for why in ("", " ", "x" * 201):
        with pytest.raises(Invalid):
            missing_then_sold.close(report, why, office, NOW)
    report.refresh_from_db()
    assert report.closed_at is None
    for _tap in range(2):
        missing_then_sold.close(report, " It lay in the window. ", office, NOW)
    with pytest.raises(Conflict):
        missing_then_sold.close(report, "I know better", cast.person("manager"), NOW)
    closed = MissingReport.objects.get()
    assert (closed.closed_why, closed.closed_by, closed.closed_at) == ("It lay in the window.", office, NOW)


def test_the_screen_tells_of_it_until_it_is_closed(cast: Cast) -> None:
    report, client = a_sold_report(cast), browser(cast, "office")
    MissingReport.objects.update(reported_at=timezone.now() - DAY)
    page = Page(client.get("/figures/missing/"))
    assert f"Wool jumper Skagerrak Blue S {report.order} Aarhus" in page.rows[1]
    assert "Not found on the shelf" in page.rows[1]
    assert f"with {report.sold_with}" in page.rows[1]
    assert page.rows[-1] == "Aarhus 1 1 100 %"
    counting.count_all(cast.nordlys, NOW)
    figures = Page(client.get("/figures/?came_from=2026-03-02&came_until=2026-03-02"))
    assert figures.links["1 missing piece was sold in its shop soon after"] == "/figures/missing/"
    client.post(f"/figures/missing/{report.pk}/", {"why": "In the window"})
    page = Page(client.get("/figures/missing/?shop=996001"))
    assert "Nothing to ask about." in page.text
    assert page.rows[-1] == "Aarhus 1 1 100 %"


def test_the_screen_says_when_it_was_looked_and_never_that_nothing_was_missing(cast: Cast) -> None:
    reported(cast, timezone.now())
    page = Page(browser(cast, "office").get("/figures/missing/"))
    assert "Not looked yet: what is reported comes with the next night." in page.text
    assert "No report of these weeks has been looked at." in page.text
    Counting.objects.create(group=cast.nordlys, looked_for_sold_on=day_of(cast.nordlys, timezone.now()))
    page = Page(browser(cast, "office").get("/figures/missing/"))
    assert "last: today. What was reported since comes with the next night." in page.text
    assert "No report of these weeks has been looked at." in page.text


@pytest.mark.parametrize("more", [0, 30])
def test_the_screen_asks_eight_queries_however_many_there_are(
    cast: Cast, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    report, client = a_sold_report(cast), browser(cast, "office")
    events = OrderEvent.objects.bulk_create(
        OrderEvent(group=cast.nordlys, shop=report.shop, order=report.order, kind="printed", at=NOW)
        for _one in range(more)
    )
    fields = [field.attname for field in MissingReport._meta.concrete_fields if field.attname not in ("id",)]
    data = {name: getattr(report, name) for name in fields}
    MissingReport.objects.bulk_create(MissingReport(**data | {"event_id": event.pk}) for event in events)
    with django_assert_num_queries(8):
        page = Page(client.get("/figures/missing/"))
    assert len([row for row in page.rows if "Wool jumper" in row]) == more + 1
