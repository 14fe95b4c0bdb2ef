"""What head office decides about the work in its shops."""

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.causes import FIELD
from accounts.models import Group, OpeningHours, SettingChange
from office import causes
from office.policies.forms import WorkForm
from orders.models import Policy
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import NOW, Cast
from tests.office.settings import as_shown

pytestmark = pytest.mark.any_database

PAGE = "/orders/policies/"


@pytest.fixture
def office(cast: Cast) -> Client:
    return browser(cast, "office", ENGLISH)


def test_what_is_kept_counts_in_this_group_alone(cast: Cast, office: Client) -> None:
    changed = as_shown(office, PAGE) | {
        "scanning": "forced",
        "proof": "code",
        "promise_minutes": "90",
        "missing_reasons": "In the window\n\n Lent out ",
    }
    answer = office.post(PAGE, changed)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    policy = Policy.of(cast.nordlys)
    assert (policy.scanning, policy.proof) == ("forced", "code")
    assert policy.missing_reasons == ["In the window", "Lent out"]
    assert list(Group.objects.order_by("pk").values_list("promise_minutes", flat=True)) == [90, 60]
    assert Policy.of(cast.fjord).missing_reasons == []
    page = Page(office.get(PAGE))
    assert "Saved. It counts from now on in every shop." in page.text
    assert page.faults == []


def test_what_makes_no_sense_is_not_kept_and_says_where(cast: Cast, office: Client) -> None:
    before = Policy.objects.filter(group=cast.nordlys).values()
    kept, shown = list(before), as_shown(office, PAGE)
    for wrong, said in (
        ({"head_office_minutes": "9"}, "First the shop, then its manager, then head office"),
        ({"remind_minutes": "-1"}, "At least 0 minutes."),
        ({"remind_minutes": "10", "promise_minutes": "10"}, "before its time to get the order ready is over"),
        ({"promise_minutes": "0"}, "At least 1 minute."),
        ({"head_office_minutes": "10081"}, "At most 10080 minutes."),
        ({"collect_days": "0"}, "At least 1 day."),
        ({"collect_reminder_days": "8"}, "Remind within the days to collect."),
        ({"missing_reasons": "x" * 61}, "At most 20 reasons of at most 60 characters."),
        ({"proof": "passport"}, "passport is not one of the available choices"),
    ):
        answer = office.post(PAGE, shown | wrong)
        assert answer.status_code == 422
        assert said in Page(answer).text
        assert list(before.all()) == kept
    assert not SettingChange.objects.exists()


def test_a_form_of_which_half_is_missing_changes_nothing(cast: Cast, office: Client) -> None:
    kept = Policy.objects.values().get(group=cast.nordlys)
    assert office.post(PAGE, {"remind_minutes": "6"}).status_code == 422
    assert Policy.objects.values().get(group=cast.nordlys) == kept


def test_what_the_policy_means_is_said_by_example(cast: Cast, office: Client) -> None:
    for weekday in range(6):
        OpeningHours.objects.create(shop=cast.aarhus, weekday=weekday, opens="10:00", closes="18:00")
    with time_machine.travel(NOW, tick=False):
        text = Page(browser(cast, "office", ENGLISH).get(PAGE)).text
    meaning = text.partition("What the policy means today ")[2].partition(" Save ")[0]
    assert meaning == (
        "An order comes to Aarhus today 17:55, and nobody takes it "
        "The shop is reminded tomorrow 10:00, its manager is told tomorrow 10:05, "
        "head office tomorrow 10:15. "
        "The customer is promised it for tomorrow 10:55 "
        "An order gets ready now, and nobody collects it "
        "The customer is reminded Sun 8 Mar. It is cancelled after Tue 10 Mar, "
        "and its pieces go back on the shelf."
    )


# Who changed what when


def test_a_change_is_kept_with_what_stood_there_before(cast: Cast, office: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        karen = browser(cast, "office", ENGLISH)
        karen.post(PAGE, as_shown(karen, PAGE) | {"remind_minutes": "6", "promise_minutes": "90"})
    change = SettingChange.objects.get()
    assert (change.group, change.about, change.by) == (cast.nordlys, "work", cast.person("office"))
    assert change.at == NOW
    assert change.fields == [
        {"label": FIELD(of="orders.policy.remind_minutes"), "before": 5, "after": 6},
        {"label": FIELD(of="accounts.group.promise_minutes"), "before": 60, "after": 90},
    ]


def test_a_change_is_read_in_the_readers_language(cast: Cast, office: Client) -> None:
    office.post(PAGE, as_shown(office, PAGE) | {"scanning": "forced"})
    assert "Karen Østergaard" in Page(office.get(PAGE)).text
    assert "Picking: Scan or tap → Scan only" in Page(office.get(PAGE)).text
    danish = browser(cast, "office", {"accept-language": "da"})
    assert "Plukning: Scan eller tryk → Kun scan" in Page(danish.get(PAGE)).text


def test_what_changes_nothing_leaves_no_row(cast: Cast, office: Client) -> None:
    assert office.post(PAGE, as_shown(office, PAGE)).status_code == 302
    assert not SettingChange.objects.exists()


def test_a_second_tap_changes_nothing_more(cast: Cast, office: Client) -> None:
    twice = as_shown(office, PAGE) | {"remind_minutes": "6"}
    assert [office.post(PAGE, twice).status_code for _tap in range(2)] == [302, 302]
    assert SettingChange.objects.count() == 1


def test_the_slower_of_two_people_is_told_what_the_other_has_changed(cast: Cast, office: Client) -> None:
    slower = as_shown(office, PAGE) | {"head_office_minutes": "30"}
    office.post(PAGE, as_shown(office, PAGE) | {"remind_minutes": "6"})
    answer = office.post(PAGE, slower)
    assert answer.status_code == 422
    page = Page(answer)
    assert (
        "Karen Østergaard has changed this meanwhile: remind the shop after (minutes): 5 → 6. "
        "Nothing of yours was saved."
    ) in page.text
    policy = Policy.of(cast.nordlys)
    assert (policy.remind_minutes, policy.head_office_minutes) == (6, 20)
    assert SettingChange.objects.count() == 1
    # What they typed stands there still, and they have now seen the other's change.
    seen = {"seen": page.forms[-1].fields["seen"]}
    assert answer.context["form"]["head_office_minutes"].value() == "30"
    assert office.post(PAGE, slower | seen | {"remind_minutes": "6"}).status_code == 302
    policy = Policy.of(cast.nordlys)
    assert (policy.remind_minutes, policy.head_office_minutes) == (6, 30)


def test_what_another_form_keeps_of_the_same_row_at_this_moment_stays(cast: Cast, office: Client) -> None:
    form = WorkForm(as_shown(office, PAGE) | {"remind_minutes": "6"}, cast.nordlys)
    assert form.is_valid()
    Policy.objects.filter(group=cast.nordlys).update(personal_data_days=365)
    assert form.keep(cast.person("office"), NOW)
    policy = Policy.of(cast.nordlys)
    assert (policy.remind_minutes, policy.personal_data_days) == (6, 365)


def test_another_group_never_sees_a_change(cast: Cast, office: Client) -> None:
    office.post(PAGE, as_shown(office, PAGE) | {"remind_minutes": "6"})
    fjord = browser(cast, "fjord office", ENGLISH)
    for url in (PAGE, "/orders/policies/changes/", "/orders/policies/changes/work/"):
        assert "5 → 6" in Page(office.get(url)).text
        assert "Nobody has changed anything here yet." in Page(fjord.get(url)).text


def test_all_changes_are_read_page_by_page(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    karen, url = cast.person("office"), "/orders/policies/changes/"
    one = {"group": cast.nordlys, "by": karen, "at": NOW, "subject": causes.RETURNS(), "about": "returns"}
    days = FIELD(of="returns.returnpolicy.days")
    SettingChange.objects.bulk_create(
        SettingChange(**one, fields=[{"label": days, "before": number, "after": number + 1}])
        for number in range(120)
    )
    seen: list[str] = []
    while url:
        with django_assert_num_queries(6):  # session, person, Group; changes; two that wait
            page = Page(office.get(url))
        seen += [row.rpartition("Returns ")[2] for row in page.rows if "Returns Days to return" in row]
        url = "/orders/policies/changes/" + page.links["Next"] if "Next" in page.links else ""
    assert seen == [f"Days to return: {number} → {number + 1}" for number in reversed(range(120))]


@pytest.mark.parametrize("changes", [0, 9])
def test_the_page_asks_its_few_questions(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries, changes: int
) -> None:
    for number in range(changes):
        office.post(PAGE, as_shown(office, PAGE) | {"collect_days": str(20 + number)})
    # session, person, Group; policy three times; who changed what; shops, hours, a calendar; two that wait
    with django_assert_num_queries(13):
        office.get(PAGE)
