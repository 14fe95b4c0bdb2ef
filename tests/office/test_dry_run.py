"""Head office tries a policy before it keeps it: against a small set of orders, worked out by hand."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import OpeningHours, SettingChange
from core import leases
from office.models import DryRun
from office.policies import dry_run
from orders import escalation, picking, trouble
from orders.models import Mail, Policy, WebOrder
from returns.models import ReturnPolicy
from tests.core.pages import ENGLISH, Answer, Page, browser
from tests.factories import NOW, Cast, delivered, new_order, received, taken_back
from tests.office.settings import as_shown
from tests.passing_time import after_each_write, let_another_take_over, let_leases_age
from tests.returns.head_office import as_it_stands

pytestmark = pytest.mark.any_database

TODAY = NOW + timedelta(days=40)
MINUTE = timedelta(minutes=1)
QUICKER = {"remind_minutes": "3", "manager_minutes": "6", "head_office_minutes": "12"}


@pytest.fixture(autouse=True)
def forty_days_later() -> object:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office", ENGLISH)


def came(cast: Cast, order_no: str, minutes: int, shop: int = 996001, now: datetime = NOW) -> WebOrder:
    """An order that somebody of the shop took after so many minutes."""
    order = received(cast, new_order(order_no, shop), now=now)
    who = "aarhus" if shop == 996001 else "odense"
    picking.accept(order, cast.person(who), now + minutes * MINUTE)
    return order


def dry_run_of(office: Client, url: str, fields: Mapping[str, object]) -> Answer:
    """The page of the dry run."""
    answer = office.post(url, fields)
    assert answer.status_code == 302, Page(answer).text
    return office.get(answer["Location"])


def try_alert(office: Client, changes: dict[str, str] = QUICKER) -> Answer:
    return dry_run_of(office, "/orders/policies/try/", as_shown(office, "/orders/policies/") | changes)


# The alert


def test_who_would_have_been_told_is_counted_by_shop(cast: Cast, office: Client) -> None:
    """Today 5, 10 and 20 minutes; tried 3, 6 and 12. Odense has no manager: head office is told instead."""
    came(cast, "A-2", 2)  # nobody | nobody
    came(cast, "A-4", 4)  # nobody | shop
    came(cast, "A-7", 7)  # shop | shop, manager
    came(cast, "A-25", 25)  # all three | all three
    came(cast, "O-11", 11, 996002)  # shop, head office | the same
    came(cast, "O-6", 6, 996002)  # shop | shop, head office
    came(cast, "A-old", 99, now=TODAY - timedelta(days=90, minutes=1))  # before the 90 days
    run = DryRun.objects.get(pk=try_alert(office).context["run"].pk)
    assert run.result["orders"] == 6
    assert run.result["shops"] == [
        {"shop": "Aarhus", "orders": 4, "old": [2, 1, 1], "new": [3, 2, 1]},
        {"shop": "Odense", "orders": 2, "old": [2, 0, 1], "new": [2, 0, 2]},
    ]
    assert (run.result["old"], run.result["new"]) == ([4, 1, 2], [5, 2, 3])
    assert run.result["changed"] == 3
    examples = [(one["order_no"], one["minutes"], one["old"], one["new"]) for one in run.result["examples"]]
    assert examples == [("O-6", 6, 1, 3), ("A-7", 7, 1, 2), ("A-4", 4, 0, 1)]


def test_the_page_shows_both_side_by_side_and_links_the_orders(cast: Cast, office: Client) -> None:
    order = came(cast, "A-7", 7)
    page = Page(try_alert(office))
    assert page.faults == []
    assert "1 order would have gone otherwise" in page.text
    assert "Aarhus 1 1 1 0 1 0 0" in page.rows
    assert "A-7 Aarhus 3 Mar 10:00 7 the shop is reminded the shop manager is told" in page.rows
    assert page.links["A-7"] == f"/orders/{order.pk}/"
    assert "Tell the shop manager after (minutes): 10 → 6" in page.rows


def test_only_open_minutes_count(cast: Cast, office: Client) -> None:
    for weekday in range(7):
        OpeningHours.objects.create(shop=cast.aarhus, weekday=weekday, opens="10:00", closes="18:00")
    closing = NOW + timedelta(hours=8)
    came(cast, "A-night", 16 * 60 + 1, now=closing - 3 * MINUTE)  # 3 minutes, a night, and 58 minutes less 60
    (shop,) = DryRun.objects.get(pk=try_alert(office).context["run"].pk).result["shops"]
    assert (shop["old"], shop["new"]) == ([0, 0, 0], [1, 0, 0])


def test_what_moved_is_counted_from_there_and_what_nobody_ever_took_until_now(
    cast: Cast, office: Client
) -> None:
    moved = received(cast, new_order("M-1"))
    trouble.move_to_shop(moved, cast.odense, cast.person("aarhus"), NOW + 30 * MINUTE)
    moved.refresh_from_db()
    picking.accept(moved, cast.person("odense"), NOW + 34 * MINUTE)
    received(cast, new_order("N-1"))
    cancelled = received(cast, new_order("C-1"))
    trouble.cancel(cancelled, "customer", cast.person("aarhus"), NOW + 4 * MINUTE)
    run = DryRun.objects.get(pk=try_alert(office).context["run"].pk)
    assert run.result["shops"] == [
        {"shop": "Aarhus", "orders": 2, "old": [1, 1, 1], "new": [2, 1, 1]},
        {"shop": "Odense", "orders": 1, "old": [0, 0, 0], "new": [1, 0, 0]},
    ]


def test_what_today_s_policy_gives_is_what_was_really_told(cast: Cast, office: Client) -> None:
    for order_no, minutes in (("A-2", 2), ("A-7", 7), ("A-25", 25)):
        order = received(cast, new_order(order_no))
        # A tablet that hears, so that nobody is told at once.
        cast.aarhus.tablets.update_or_create(
            number="11111111-1111-4111-8111-111111111111",
            defaults={
                "first_seen_at": NOW,
                "last_seen_at": NOW + 30 * MINUTE,
                "sound_on": True,
                "session_until": TODAY,
            },
        )
        for minute in range(minutes + 1):
            escalation.escalate_due(NOW + minute * MINUTE)
        picking.accept(order, cast.person("aarhus"), NOW + minutes * MINUTE)
    notified = [WebOrder.objects.filter(escalated__gte=level).count() for level in (1, 2, 3)]
    run = DryRun.objects.get(pk=try_alert(office).context["run"].pk)
    assert run.result["old"] == notified == [2, 1, 1]


# Nothing is kept


def test_a_dry_run_keeps_and_tells_nothing(cast: Cast, office: Client) -> None:
    came(cast, "A-7", 7)
    kept = Policy.objects.values().get(group=cast.nordlys), WebOrder.objects.values().get()
    mails = Mail.objects.count()
    try_alert(office)
    assert (Policy.objects.values().get(group=cast.nordlys), WebOrder.objects.values().get()) == kept
    assert Mail.objects.count() == mails
    assert not SettingChange.objects.exists()


def test_what_was_tried_is_kept_from_its_page(cast: Cast, office: Client) -> None:
    form = Page(try_alert(office)).forms[-1]
    assert office.post(form.action, form.fields).status_code == 302
    policy = Policy.of(cast.nordlys)
    assert (policy.remind_minutes, policy.manager_minutes, policy.head_office_minutes) == (3, 6, 12)
    assert SettingChange.objects.get().by == cast.person("office")


def test_the_page_names_all_that_saving_it_keeps(cast: Cast, office: Client) -> None:
    answer = try_alert(office, QUICKER | {"promise_minutes": "90", "collect_days": "9"})
    page = Page(answer)
    assert "Typed on the same page, and saved with it" in page.text
    assert [row for row in page.rows if "→" in row] == [
        "Remind the shop after (minutes): 5 → 3",
        "Tell the shop manager after (minutes): 10 → 6",
        "Tell head office after (minutes): 20 → 12",
        "To be collected within (days): 7 → 9",
        "Promised within (minutes): 60 → 90",
    ]
    assert not SettingChange.objects.exists()
    office.post(page.forms[-1].action, page.forms[-1].fields)
    assert len(SettingChange.objects.get().fields) == 5


def test_after_saving_the_page_says_that_it_holds(cast: Cast, office: Client) -> None:
    answer = try_alert(office)
    url, form = answer.request["PATH_INFO"], Page(answer).forms[-1]
    assert "Nothing is saved yet." in Page(answer).text
    office.post(form.action, form.fields)
    page = Page(office.get(url))
    assert "It is saved, and holds now." in page.text
    assert "Nothing is saved yet." not in page.text
    assert "Save" not in page.buttons
    assert page.links["To the policy"] == "/orders/policies/"


def test_what_else_was_saved_since_is_named(cast: Cast, office: Client) -> None:
    answer = try_alert(office)
    office.post("/orders/policies/", as_shown(office, "/orders/policies/") | {"manager_minutes": "15"})
    page = Page(office.get(answer.request["PATH_INFO"]))
    assert "Tell the shop manager after (minutes): 10 → 6 now 15 holds" in page.rows
    assert "Nothing is saved yet." not in page.text
    assert "Save" in page.buttons


def test_what_was_tried_comes_back_to_be_changed_once_more(cast: Cast, office: Client) -> None:
    form = Page(try_alert(office)).forms[-1]
    answer = office.post(form.action, {**form.fields, "again": "1"})
    assert answer.status_code == 200
    assert answer.context["form"]["manager_minutes"].value() == "6"
    assert Policy.of(cast.nordlys).manager_minutes == 10


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Change one of these minutes first, then try it."),
        ({"collect_days": "9"}, "Change one of these minutes first, then try it."),
        ({"head_office_minutes": "1"}, "First the shop, then its manager, then head office"),
    ],
)
def test_what_cannot_be_is_not_tried(
    cast: Cast, office: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = office.post("/orders/policies/try/", as_shown(office, "/orders/policies/") | changes)
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    assert not DryRun.objects.exists()


# Returns


def test_what_another_return_policy_would_have_said(cast: Cast, office: Client) -> None:
    """Today the register pays up to 1,000 within 30 days; tried up to 300 within 14. Forty days are over."""
    small = delivered(cast, new=new_order("R-1", variants=(100001,), price="199.95"))
    large = delivered(cast, new=new_order("R-2", variants=(100001, 100001), price="199.95"))
    taken_back(cast, small, paid_by="cash", now=NOW + timedelta(days=14))  # register | register
    taken_back(cast, large, lines=(1,), paid_by="cash", now=NOW + timedelta(days=15))  # register | refused
    taken_back(cast, large, lines=(2,), paid_by="cash", now=NOW + timedelta(days=10))  # register | register
    dear = delivered(cast, new=new_order("R-3", variants=(100001,), price="500.00"))
    taken_back(cast, dear, paid_by="cash", now=NOW + timedelta(days=1))  # register | web shop
    recent = delivered(cast, new=new_order("R-4", variants=(100001, 100039), price="200.00"))
    WebOrder.objects.filter(pk=recent.pk).update(
        delivered_at=TODAY - timedelta(days=2)
    )  # register | web shop
    delivered(cast, new=new_order("R-5", variants=(100001,), price="10.00"))  # refused twice
    fields = as_it_stands(office) | {"money_limit": "300", "days": "14"}
    answer = dry_run_of(office, "/orders/policies/try-returns/", fields)
    parts = answer.context["parts"]
    assert [(one["old"], one["new"]) for one in parts[0]["outcomes"]] == [
        ((4, Decimal("1099.85")), (2, Decimal("399.90"))),
        ((0, Decimal("0")), (1, Decimal("500.00"))),
        ((0, Decimal("0")), (1, Decimal("199.95"))),
    ]
    assert [one["order_no"] for one in parts[0]["examples"]] == ["R-2", "R-3"]
    assert [(one["old"], one["new"]) for one in parts[1]["outcomes"]] == [
        ((1, Decimal("400.00")), (0, Decimal("0"))),
        ((0, Decimal("0")), (1, Decimal("400.00"))),
        ((1, Decimal("10.00")), (1, Decimal("10.00"))),
    ]
    page = Page(answer)
    assert page.faults == []
    assert "R-4 2 400.00 DKK The register pays The web shop refunds" in page.rows
    assert "The register pays 4 1,099.85 DKK 2 399.90 DKK" in page.rows


def test_other_shops_are_tried_too_and_kept_with_the_rest(cast: Cast, office: Client) -> None:
    came_back = delivered(cast, new=new_order("R-1"))
    taken_back(cast, came_back, paid_by="cash", now=NOW + timedelta(days=1))
    fields = as_it_stands(office) | {"where": "chosen", "shops": ["996002"], "reasons-5-words": "Too small"}
    answer = dry_run_of(office, "/orders/policies/try-returns/", fields | {"reasons-5-return_code": "9"})
    refused = answer.context["parts"][0]["outcomes"][2]
    assert (refused["old"][0], refused["new"][0]) == (0, 1)
    assert ReturnPolicy.of(cast.nordlys).where == "every shop"
    assert DryRun.objects.get().typed["shops"] == ["996002"]
    assert "Too small (9)" in Page(answer).text
    assert not cast.nordlys.return_reasons.filter(words="Too small").exists()
    assert office.post("/returns/policy/", DryRun.objects.get().typed).status_code == 302
    assert list(ReturnPolicy.of(cast.nordlys).shops.values_list("shop_id", flat=True)) == [996002]
    assert cast.nordlys.return_reasons.filter(words="Too small").exists()
    page = Page(office.get(answer.request["PATH_INFO"]))
    assert "It is saved, and holds now." in page.text
    assert page.links["To the policy"] == "/returns/policy/"


# By a worker


def test_many_orders_are_looked_at_by_a_worker_who_says_how_far_it_is(
    cast: Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "FEW", 1)
    for minutes in (4, 7):
        came(cast, f"A-{minutes}", minutes)
    answer = try_alert(office)
    run = DryRun.objects.get()
    assert "0 % done" in Page(answer).text
    assert run.result == {}
    assert dry_run.waiting(TODAY) == [run.pk]
    DryRun.objects.update(percent=40)
    assert "40 % done" in Page(office.get(f"/orders/policies/tries/{run.pk}/")).text
    assert dry_run.carry_out(run.pk, TODAY)
    assert "2 orders would have gone otherwise" in Page(office.get(f"/orders/policies/tries/{run.pk}/")).text
    assert dry_run.waiting(TODAY) == []


def a_run(cast: Cast) -> DryRun:
    return DryRun.objects.create(
        group=cast.nordlys,
        policy="alert",
        by=cast.person("office"),
        made_at=TODAY,
        wanted={"remind_minutes": 1, "manager_minutes": 2, "head_office_minutes": 3},
        fields=[],
        typed={},
    )


def test_who_looks_too_slowly_writes_nothing_over_the_one_who_took_over(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    came(cast, "A-1", 7)
    run = a_run(cast)
    seen: list[DryRun] = []

    def fall_asleep() -> None:
        if not seen:
            let_another_take_over(run)
            seen.append(DryRun.objects.get())

    with after_each_write("office_dryrun", fall_asleep):
        assert not dry_run.carry_out(run.pk, TODAY)
    left = DryRun.objects.get()
    assert (left.percent, left.done_at, left.result) == (0, None, {})
    assert left.lease == seen[0].lease
    assert "what a policy would have done is looked at by somebody else" in caplog.text


def test_one_worker_looks_and_another_takes_over_when_it_died(cast: Cast) -> None:
    run = a_run(cast)
    assert leases.take(run, dry_run.LONGEST_STEP)
    let_leases_age(14 * MINUTE)
    assert not dry_run.carry_out(run.pk, TODAY + 14 * MINUTE)
    assert dry_run.waiting(TODAY + 14 * MINUTE) == []
    let_leases_age(MINUTE)
    assert dry_run.waiting(TODAY + 16 * MINUTE) == [run.pk]
    assert dry_run.carry_out(run.pk, TODAY + 16 * MINUTE)
    assert not dry_run.carry_out(run.pk, TODAY + 32 * MINUTE)


def test_what_was_tried_days_ago_is_forgotten(cast: Cast, office: Client) -> None:
    try_alert(office)
    DryRun.objects.update(made_at=TODAY - timedelta(days=2, minutes=1))
    try_alert(office)
    assert DryRun.objects.get().made_at == TODAY


def test_the_page_asks_its_few_questions(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(25):
        came(cast, f"A-{number}", 7)
    url = f"/orders/policies/tries/{try_alert(office).context['run'].pk}/"
    with django_assert_num_queries(10):  # session, person, Group; the dry run; what holds (4); two that wait
        page = Page(office.get(url))
    assert sum(row.startswith("A-") for row in page.rows) == 20
