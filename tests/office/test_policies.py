"""What head office decides about the work in its shops."""

from orders.models import Policy
from tests.core.pages import ENGLISH, Page, browser
from tests.factories import Cast

USUAL = {
    "remind_minutes": "5",
    "manager_minutes": "10",
    "head_office_minutes": "20",
    "scanning": "offered",
    "proof": "none",
    "collect_days": "7",
    "collect_reminder_days": "2",
    "missing_reasons": "",
}


def test_what_is_kept_counts_in_this_group_alone(cast: Cast) -> None:
    office = browser(cast, "office", ENGLISH)
    changed = USUAL | {
        "scanning": "forced",
        "proof": "code",
        "missing_reasons": "In the window\n\n Lent out ",
    }
    answer = office.post("/orders/policies/", changed)
    assert (answer.status_code, answer["Location"]) == (302, "/orders/policies/")
    policy = Policy.of(cast.nordlys)
    assert (policy.scanning, policy.proof) == ("forced", "code")
    assert policy.missing_reasons == ["In the window", "Lent out"]
    assert Policy.of(cast.fjord).missing_reasons == []
    page = Page(office.get("/orders/policies/"))
    assert "Kept. It counts from now on in every shop." in page.text
    assert page.faults == []


def test_what_makes_no_sense_is_not_kept_and_says_where(cast: Cast) -> None:
    office = browser(cast, "office", ENGLISH)
    before = Policy.objects.filter(group=cast.nordlys).values()
    kept = list(before)
    for wrong, said in (
        ({"head_office_minutes": "9"}, "First the shop, then its manager, then head office"),
        ({"remind_minutes": "-1"}, "greater than or equal to 0"),
        ({"collect_reminder_days": "8"}, "Remind within the days to collect."),
        ({"missing_reasons": "x" * 61}, "At most 20 reasons of at most 60 characters."),
        ({"proof": "passport"}, "passport is not one of the available choices"),
    ):
        answer = office.post("/orders/policies/", USUAL | wrong)
        assert answer.status_code == 422
        assert said in Page(answer).text
        assert list(before.all()) == kept
