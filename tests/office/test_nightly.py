"""Head office's screens of the nightly comparison: the report of a day, and a difference on the work list."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from ddd.models import Connection, Difference, Notice, Posting, Reconciliation
from ddd.nightly import reconciling
from ddd.words import causes
from ddd.words.differences import CAN_BE_SENT, MEANINGS, EvidenceKey, Kind
from office.attention import nightly_views
from orders.reconciling import reconcile
from tests.core.pages import DANISH, Answer, Page, browser
from tests.ddd.rows import Clock, a_difference, drain_to_the_end
from tests.factories import Cast, delivered
from tests.sandbox_process import RunningSandbox

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).resolve().parent.parent.parent
OVERVIEW, WORK_LIST, REPORT = "/orders/dashboard/", "/orders/attention/", "/orders/comparison/"
State = Difference.State


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office")


def decide(client: Client, difference: Difference, decision: str, **more: str) -> Answer:
    return client.post(f"/orders/attention/differences/{difference.pk}/", {"decision": decision, **more})


def state_of(difference: Difference) -> tuple[object, ...]:
    difference.refresh_from_db()
    return difference.state, difference.closed_by_id, difference.closed_at


def incomplete(cast: Cast) -> Reconciliation:
    report = reconciling.claim(cast.nordlys, timezone.now())
    assert report is not None
    outcome = reconciling.Outcome(timezone.now(), trouble=causes.NO_ANSWER(said="timeout"))
    assert reconciling.keep(report, outcome, timezone.now())
    return report


# The work list


def test_a_difference_is_listed_with_what_it_means_and_its_evidence(cast: Cast, office: Client) -> None:
    order = delivered(cast)
    evidence = {
        EvidenceKey.FOUND_IN_SHOP: 996002,
        EvidenceKey.RECEIPT: "99/7",
        EvidenceKey.AMOUNT_AT_DDD: "1799.50",
    }
    a_difference(cast.nordlys, order_no=order.order_no, shop_id=996900, evidence=evidence)
    page = Page(office.get(WORK_LIST))
    row = next(row for row in page.rows if row.startswith("DdD has a sale twice"))
    assert row.startswith(
        f"DdD has a sale twice {order.order_no} Web turnover Open Turnover and stock count these pieces "
        "twice. Take one of the two out in DdD's back office. "
        "receipt 99/7 amount at DdD 1,799.50 found in shop 996002 Odense first seen today"
    )
    assert page.links[order.order_no] == f"/orders/{order.pk}/"
    assert page.buttons.count("Seen to") == 1
    assert "Send what is missing" not in page.buttons
    assert "Needs attention 1" in page.links
    danish = Page(browser(cast, "office", DANISH).get(WORK_LIST)).text
    assert "DdD har et salg to gange" in danish
    assert "beløb hos DdD 1.799,50" in danish
    assert "DdD has a sale twice" not in Page(browser(cast, "fjord office").get(WORK_LIST)).text


def test_it_is_seen_to_once_and_leaves_the_list(cast: Cast, office: Client) -> None:
    difference = a_difference(cast.nordlys)
    answer = decide(office, difference, "seen to")
    assert (answer.status_code, answer["Location"]) == (302, WORK_LIST)
    before = state_of(difference)
    assert before[:2] == (State.SEEN_TO, cast.person("office").pk)
    assert decide(office, difference, "seen to").status_code == 302
    assert state_of(difference) == before
    page = Page(office.get(WORK_LIST))
    assert "DdD has a sale twice" not in page.text
    assert "Every difference is seen to." in page.text
    assert "Needs attention" in page.links


def test_what_is_missing_is_sent_from_the_work_list(booked_cast: Cast, sandbox: RunningSandbox) -> None:
    office, clock = browser(booked_cast, "office"), Clock()
    delivered(booked_cast)
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    sandbox.back_office_deletes_sale(996900, 1)
    assert reconcile(booked_cast.nordlys.pk, clock() + timedelta(hours=1))
    page = Page(office.get(WORK_LIST))
    assert "A sale is missing at DdD" in page.text
    assert [name for name in page.buttons if name in ("Send what is missing", "Seen to")] == [
        "Send what is missing",
        "Seen to",
    ]
    form = next(form for form in page.forms if "/differences/" in form.action)
    office.post(form.action, {**form.fields, "decision": "mend"})
    assert "A worker looks in DdD once more" in Page(office.get(WORK_LIST)).text
    drain_to_the_end(booked_cast.nordlys.pk, Clock())
    assert len(sandbox.ledger()["sales"]) == 2
    assert Posting.objects.get(kind="sale").state == Posting.State.SENT


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"decision": "mend"}, 409, "There is nothing to send here: put it right in DdD."),
        ({"decision": "burn"}, 422, "burn is not one of the available choices."),
        ({}, 422, "This field is required."),
        ({"decision": "seen to", "of_day": "yesterday"}, 422, "Enter a valid date."),
    ],
)
def test_a_decision_that_is_none_is_refused_and_changes_nothing(
    cast: Cast, office: Client, sent: dict[str, str], status: int, said: str
) -> None:
    difference = a_difference(cast.nordlys)
    before = state_of(difference)
    answer = office.post(f"/orders/attention/differences/{difference.pk}/", sent)
    assert answer.status_code == status
    assert said in Page(answer).text
    assert state_of(difference) == before


def test_another_group_and_a_get_decide_nothing(cast: Cast, office: Client) -> None:
    difference = a_difference(cast.nordlys)
    before = state_of(difference)
    assert decide(browser(cast, "fjord office"), difference, "seen to").status_code == 404
    assert office.get(f"/orders/attention/differences/{difference.pk}/").status_code == 405
    assert state_of(difference) == before


# The report


def test_a_day_is_said_in_the_readers_words_and_leads_to_those_beside_it(cast: Cast, office: Client) -> None:
    for day in (2, 3, 9):
        Reconciliation.objects.create(group=cast.nordlys, day=date(2026, 3, day), is_complete=True)
    page = Page(office.get(f"{REPORT}2026-03-03/"))
    assert "Tuesday 3 March 2026" in page.text
    assert page.links["Mon 2 Mar"] == f"{REPORT}2026-03-02/"
    assert page.links["Mon 9 Mar"] == f"{REPORT}2026-03-09/"
    danish = Page(browser(cast, "office", DANISH).get(f"{REPORT}2026-03-03/")).text
    assert "Tirsdag 3. marts 2026" in danish


def test_older_nights_are_a_page_further(cast: Cast, office: Client) -> None:
    days = [date(2026, 3, 1) + timedelta(days=number) for number in range(33)]
    Reconciliation.objects.bulk_create(Reconciliation(group=cast.nordlys, day=day) for day in days)
    first = Page(office.get(REPORT))
    assert first.links["Older"] == "?until=2026-03-02"
    shown = office.get(f"{REPORT}?until=2026-03-02").context["reports"]
    assert [report.day for report in shown] == [date(2026, 3, 2), date(2026, 3, 1)]
    assert office.get(f"{REPORT}?until=soon").status_code == 404


def test_before_the_first_night_it_says_so(office: Client) -> None:
    page = Page(office.get(REPORT))
    assert "Nothing was compared yet." in page.text
    assert "The first one comes tonight." in page.text


def test_a_clean_night_says_what_was_compared(booked_cast: Cast) -> None:
    delivered(booked_cast)
    clock = Clock()
    drain_to_the_end(booked_cast.nordlys.pk, clock)
    Connection.objects.update(drafts_are_listed=True)
    assert reconcile(booked_cast.nordlys.pk, clock() + timedelta(hours=1))
    text = Page(browser(booked_cast, "office").get(REPORT)).text
    assert "The portal's books and DdD's agree." in text
    assert "Shops 4 Web orders 1 Sales and returns 1 Item transfers 1 New differences 0 Gone since 0" in text
    assert "all agrees" in text


def test_each_day_keeps_its_report_and_what_became_of_its_differences(cast: Cast, office: Client) -> None:
    difference = a_difference(cast.nordlys)
    today = Reconciliation.objects.get()
    earlier = Reconciliation.objects.create(
        group=cast.nordlys,
        day=today.day - timedelta(days=1),
        ended_at=timezone.now() - timedelta(days=1),
        is_complete=True,
        data={"shops": 4, "orders": 2, "sales": 2, "transfers": 2, "differences": 0, "new": 0, "gone": 0},
    )
    page = Page(office.get(REPORT))
    assert "1 difference" in page.text
    form = next(form for form in page.forms if "/differences/" in form.action)
    answer = office.post(form.action, {**form.fields, "decision": "seen to"})
    assert answer["Location"] == f"{REPORT}{today.day}/"
    page = Page(office.get(answer["Location"]))
    assert next(row for row in page.rows if "DdD has a sale twice" in row).count("Karen") == 1
    assert difference.get_kind_display() not in Page(office.get(f"{REPORT}{earlier.day}/")).text
    assert "Nothing was compared yet." in Page(office.get(f"{REPORT}2026-01-01/")).text
    assert office.get(f"{REPORT}tomorrow/").status_code == 404


def test_an_incomplete_report_says_so_and_nothing_of_differences(cast: Cast, office: Client) -> None:
    incomplete(cast)
    for address in (REPORT, WORK_LIST):
        text = Page(office.get(address)).text
        assert "The comparison is not complete" in text
        assert "Sent, but no answer came: timeout" in text
        assert "agree." not in text


def refusing(cast: Cast) -> None:
    """A comparison in which DdD did not know one shop."""
    shop = Shop.objects.create(group=cast.nordlys, shop_id=996_004, name="Vejle")
    report = reconciling.claim(cast.nordlys, timezone.now())
    assert report is not None
    said = causes.REFUSED(
        status=400, said=f'{{"Message": "shopId: {shop.shop_id} is not a shop of group 996"}}'
    )
    outcome = reconciling.Outcome(timezone.now(), refused={shop.shop_id: said})
    assert reconciling.keep(report, outcome, timezone.now())


def test_a_shop_that_was_not_compared_is_named_wherever_one_looks(cast: Cast, office: Client) -> None:
    a_difference(cast.nordlys, Kind.ORDER_MISSING)
    Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-9", {}, timezone.now())
    assert "not complete" not in Page(office.get(WORK_LIST)).text
    refusing(cast)
    for address in (OVERVIEW, WORK_LIST):
        page = Page(office.get(address))
        assert "Vejle was not compared: DdD refuses the shop number 996004." in page.text
        assert page.links["The last comparison with DdD is not complete"] == REPORT
        assert page.links["Vejle"] == "/shops/?q=996004"
        assert "Nothing is wrong" not in page.text
    text = Page(office.get(REPORT)).text
    assert "Vejle was not compared" in text
    assert "All other shops were compared: The portal's books and DdD's agree." in text
    assert "Shops 0" not in text
    assert "Message" not in Page(office.get(OVERVIEW)).text


def test_nobody_says_that_books_do_not_differ_when_they_were_not_compared(cast: Cast, office: Client) -> None:
    Notice.put(cast.nordlys, Notice.Kind.UNREADABLE, "W-9", {}, timezone.now())
    waits = re.compile("Nothing waits here: .*Books that differ")
    assert not waits.search(Page(office.get(WORK_LIST)).text)  # never yet
    incomplete(cast)
    for address in (OVERVIEW, WORK_LIST):
        page = Page(office.get(address))
        assert "DdD could not be read whole, so nothing is said of differences." in page.text
        assert page.links["The last comparison with DdD is not complete"] == REPORT
        assert not waits.search(page.text)
    Reconciliation.objects.update(is_complete=True, trouble={})
    assert waits.search(Page(office.get(WORK_LIST)).text)
    assert "not complete" not in Page(office.get(OVERVIEW)).text


def test_looking_again_is_asked_for_and_seen_until_it_is_done(booked_cast: Cast) -> None:
    office, group = browser(booked_cast, "office"), booked_cast.nordlys
    assert office.post(f"{REPORT}again/")["Location"] == REPORT
    assert "Being compared just now" in Page(office.get(REPORT)).text
    assert reconciling.groups_due(timezone.now()).count(group.pk) == 1
    assert reconcile(group.pk, timezone.now())
    page = Page(office.get(REPORT))
    assert "Being compared just now" not in page.text
    assert "The portal's books and DdD's agree." in page.text
    assert Reconciliation.objects.get().wanted_at is None


def test_a_report_that_is_too_long_says_where_the_others_stand(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_difference(cast.nordlys)
    assert "The first ones are shown." not in Page(office.get(REPORT)).text
    monkeypatch.setattr(nightly_views, "ROWS_SHOWN", 1)
    assert "The first ones are shown." in Page(office.get(REPORT)).text


@pytest.mark.parametrize("count", [1, 20])
def test_the_report_asks_nine_things_however_long_it_is(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    a_difference(cast.nordlys)
    report = Reconciliation.objects.get()
    for number in range(count - 1):
        difference = Difference.objects.get(subject="delivery:1")
        difference.pk, difference.subject = None, f"copy {number}"
        difference.save()
        report.differences.add(difference)
    # session, person, Group; reports, the days beside, connection, differences; postings and differences,
    # orders and refunds that wait
    with django_assert_num_queries(9):
        assert office.get(REPORT).content.count(b"DdD has a sale twice") == count


def test_every_kind_says_what_it_means() -> None:
    assert set(MEANINGS) == set(Kind)
    assert set(Kind) > CAN_BE_SENT


def test_every_name_of_the_evidence_is_shown() -> None:
    """Nothing has a name that no comparison finds."""
    modules = ("ddd/nightly/comparing.py", "orders/differences.py")
    sources = "".join((ROOT / name).read_text() for name in modules)
    used = set(re.findall(r"EvidenceKey\.([A-Z_]+): ", sources))
    assert used == {name.name for name in EvidenceKey}
