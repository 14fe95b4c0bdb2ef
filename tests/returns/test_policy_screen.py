"""Head office decides about returns on one page, which is kept whole or not at all."""

from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from returns.models import ReturnPolicy, ReturnReason
from returns.policy import Outcome
from tests.core.pages import DANISH, Page, browser
from tests.factories import Cast, delivered, taken_back
from tests.returns.head_office import POLICY, Fields, as_it_stands, keep, refused, stored

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("today")]


# What comes back, and who pays


def test_keeping_the_page_untouched_changes_nothing(cast: Cast, office: Client) -> None:
    before = stored(cast)
    keep(office, {})
    assert stored(cast) == before


def test_what_is_kept_counts_in_this_group_alone(cast: Cast, office: Client) -> None:
    fjord = ReturnPolicy.objects.values().get(group=cast.fjord)
    keep(
        office,
        {"money_limit": "250.50", "days": "14", "where": "same shop", "overruling": "nobody"}
        | {"slip_paper": "receipt"},
        "register_pays",
    )
    policy = ReturnPolicy.of(cast.nordlys)
    assert (policy.register_pays, policy.money_limit, policy.days) == (False, Decimal("250.50"), 14)
    assert (policy.where, policy.overruling, policy.slip_paper) == ("same shop", "nobody", "receipt")
    assert ReturnPolicy.objects.values().get(group=cast.fjord) == fjord


def test_what_is_left_empty_has_no_limit(cast: Cast, office: Client) -> None:
    keep(office, {"money_limit": "", "days": ""})
    policy = ReturnPolicy.of(cast.nordlys)
    assert (policy.money_limit, policy.days) == (None, None)


def test_nothing_but_the_day_of_the_delivery_can_be_decided(cast: Cast, office: Client) -> None:
    keep(office, {"days": "0"})
    assert ReturnPolicy.of(cast.nordlys).days == 0


def test_the_shops_that_take_returns_are_chosen(cast: Cast, office: Client) -> None:
    page = keep(office, {"where": "chosen", "shops": ["996001", "996003"]})
    policy = ReturnPolicy.of(cast.nordlys)
    assert list(policy.shops.values_list("shop_id", flat=True)) == [996001, 996003]
    assert "Returns are taken in Aarhus, København" in page.text


def test_a_group_that_has_decided_nothing_yet_sees_the_usual_and_keeps_it(cast: Cast, office: Client) -> None:
    ReturnPolicy.objects.all().delete()
    ReturnReason.objects.all().delete()
    page = keep(office, {})
    policy = ReturnPolicy.objects.get(group=cast.nordlys)
    assert (policy.register_pays, policy.days) == (False, 30)
    words = ["Passer ikke", "Fortrudt", "Fejl på varen", "Forkert vare"]
    assert list(cast.nordlys.return_reasons.values_list("words", flat=True)) == words
    assert not ReturnPolicy.objects.filter(group=cast.fjord).exists()
    assert "Paid 399.95 DKK online, comes on day 7 The web shop refunds" in page.text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1.000,00", "1000"), ("1000,5", "1000.50"), ("1000.50", "1000.50"), ("12.345", "12345"), ("7", "7")],
)
def test_an_amount_is_read_as_danes_write_it(cast: Cast, typed: str, kept: str) -> None:
    karen = browser(cast, "office", DANISH)
    fields = as_it_stands(karen)
    assert fields["money_limit"] == "1000,00"
    assert karen.post(POLICY, fields | {"money_limit": typed}).status_code == 302
    assert ReturnPolicy.of(cast.nordlys).money_limit == Decimal(kept)


@pytest.mark.parametrize(
    ("typed", "kept"), [("1,000.00", "1000"), (" 1000.5 ", "1000.50"), ("1,234,567", "1234567")]
)
def test_an_amount_is_read_as_it_is_written_in_english(
    cast: Cast, office: Client, typed: str, kept: str
) -> None:
    keep(office, {"money_limit": typed})
    assert ReturnPolicy.of(cast.nordlys).money_limit == Decimal(kept)


# What could never be carried out


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"money_limit": "0"}, "More than 0, or empty for no limit."),
        ({"money_limit": "-5"}, "More than 0, or empty for no limit."),
        ({"money_limit": "many"}, "Enter a number."),
        ({"money_limit": "1.005"}, "no more than 2 decimal places"),
        ({"money_limit": "12345678"}, "no more than 7 digits before the decimal point"),
        ({"money_limit": "NaN"}, "Enter a number."),
        ({"days": "-1"}, "At least 0 days."),
        ({"days": "3651"}, "At most 3650 days."),
        ({"days": "soon"}, "Enter a whole number."),
        ({"where": "chosen"}, "Choose at least one shop."),
        ({"where": "chosen", "shops": ["997001"]}, "Shop 997001 takes no returns in this Group."),
        ({"where": "chosen", "shops": ["996900"]}, "Shop 996900 takes no returns in this Group."),
        ({"where": "every shop", "shops": ["996001", "x"]}, "Shop x takes no returns in this Group."),
        ({"where": "nowhere"}, "nowhere is not one of the available choices."),
        ({"overruling": "staff"}, "staff is not one of the available choices."),
        ({"slip_paper": "a3"}, "a3 is not one of the available choices."),
        ({"return_word": " "}, "This field is required."),
        ({"payment_out_word": "x" * 41}, "at most 40 characters"),
        ({"cash_out_transaction_type": "99"}, "At least 100."),
        ({"terminal_out_transaction_type": "1000"}, "At most 999."),
        ({"terminal_out_transaction_type": ""}, "This field is required."),
        ({"reasons-0-return_code": "100"}, "From 0 to 99."),
        ({"reasons-0-return_code": "-1"}, "From 0 to 99."),
        ({"reasons-0-return_code": ""}, "From 0 to 99."),
        ({"reasons-0-words": "x" * 61}, "at most 60 characters"),
        ({"reasons-0-words": " "}, "This field is required."),
        ({"reasons-0-words": "fortrudt "}, "This reason stands there already."),
        ({"reasons-5-words": "FORTRUDT", "reasons-5-return_code": "9"}, "This reason stands there already."),
        ({"reasons-5-words": "New"}, "From 0 to 99."),
        ({"reasons-5-return_code": "9"}, "This field is required."),
    ],
)
def test_what_cannot_be_is_not_kept_and_says_why(
    cast: Cast, office: Client, changes: Fields, sentence: str
) -> None:
    """Together with a good change of everything else, which is not kept either."""
    good = {"days": "5", "reasons-6-words": "Good", "reasons-6-return_code": "7", "return_word": "Retur"}
    assert sentence in refused(office, cast, good | changes)


def test_all_faults_are_told_at_once(cast: Cast, office: Client) -> None:
    text = refused(
        office,
        cast,
        {"days": "-1", "money_limit": "0", "where": "chosen", "return_word": ""}
        | {"reasons-5-words": "Fortrudt", "reasons-5-return_code": "100"},
    )
    for sentence in (
        "At least 0 days.",
        "More than 0, or empty for no limit.",
        "Choose at least one shop.",
        "This field is required.",
        "This reason stands there already.",
        "From 0 to 99.",
    ):
        assert sentence in text


def test_a_shop_that_no_longer_takes_orders_cannot_be_chosen(cast: Cast, office: Client) -> None:
    keep(office, {"where": "chosen", "shops": ["996001", "996002"]})
    Shop.objects.filter(shop_id=996002).update(takes_orders=False)
    assert "Odense" not in Page(office.get(POLICY)).text.partition("Chosen shops")[2].partition("Why")[0]
    refused(office, cast, {"where": "chosen", "shops": ["996002"]})


def test_a_form_of_which_half_is_missing_changes_nothing(cast: Cast, office: Client) -> None:
    before = stored(cast)
    for sent in ({}, {"days": "5"}, {"reasons-TOTAL_FORMS": "x"}):
        assert office.post(POLICY, sent).status_code == 422
    assert stored(cast) == before


# What it means


def test_what_the_policy_means_is_said_by_example(cast: Cast, office: Client) -> None:
    text = Page(office.get(POLICY)).text.partition("What the policy means today")[2].partition("Save")[0]
    assert text.strip() == (
        "Returns are taken in Every shop "
        "Paid 399.95 DKK online, comes on day 7 The register pays "
        "Paid 1,000.05 DKK online, comes on day 7 The web shop refunds "
        "Paid 399.95 DKK at the register, comes on day 7 The register pays "
        "Paid 1,000.05 DKK at the register, comes on day 7 "
        "Not taken back, unless the shop manager overrules it "
        "Paid 399.95 DKK online, comes on day 31 Not taken back, unless the shop manager overrules it"
    )


def test_a_policy_without_limits_has_fewer_examples(cast: Cast, office: Client) -> None:
    page = keep(office, {"money_limit": "", "days": "", "overruling": "nobody"}, "register_pays")
    text = page.text.partition("What the policy means today")[2].partition("Save")[0]
    assert text.strip() == (
        "Returns are taken in Every shop "
        "Paid 399.95 DKK online, comes on day 7 The web shop refunds "
        "Paid 399.95 DKK at the register, comes on day 7 The register pays"
    )


def test_the_examples_are_of_what_is_kept_not_of_what_was_refused(cast: Cast, office: Client) -> None:
    text = refused(office, cast, {"days": "2", "money_limit": "0"})
    assert "comes on day 31" in text
    assert "comes on day 3 " not in text


def test_what_an_example_says_is_what_the_counter_does(cast: Cast, office: Client) -> None:
    keep(office, {"money_limit": "399.90"})
    assert taken_back(cast, delivered(cast), paid_by="cash").outcome == Outcome.REGISTER
    keep(office, {"money_limit": "399.89"})
    assert taken_back(cast, delivered(cast)).outcome == Outcome.WEB_SHOP


def test_the_two_pages_of_policies_lead_to_each_other(cast: Cast, office: Client) -> None:
    assert Page(office.get("/orders/policies/")).links["Returns"] == POLICY
    assert Page(office.get(POLICY)).links["Work in the shops"] == "/orders/policies/"


def test_the_page_asks_the_same_however_many_reasons_there_are(
    cast: Cast, office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for more in (0, 30):
        rows = [
            ReturnReason(group=cast.nordlys, words=f"Why {number}", return_code=1) for number in range(more)
        ]
        ReturnReason.objects.bulk_create(rows)
        with django_assert_num_queries(POLICY_QUERIES):
            office.get(POLICY)


# session, person, Group; policy twice, its shops, the shops there are; reasons; connection; two that wait;
# who changed what
POLICY_QUERIES = 12


# Who changed what when


def test_a_change_is_told_with_reasons_words_and_shops(cast: Cast, office: Client) -> None:
    changed = {"days": "14", "money_limit": "1234.50", "where": "chosen", "shops": ["996001"]}
    more = {"reasons-5-words": "Too small", "reasons-5-return_code": "9", "confirmed": "on"}
    page = keep(office, changed | more, "register_pays")
    usual = "Passer ikke (1), Fortrudt (2), Fejl på varen (3), Forkert vare (4), Gave, der skal byttes (5)"
    offered = "Passer ikke, Fortrudt, Fejl på varen, Forkert vare, Gave, der skal byttes"
    assert [row for row in page.rows if "→" in row and "Karen" not in row] == [
        "The register pays the customer: yes → no",
        "The register pays at most, for each return: 1,000.00 → 1,234.50",
        "Days to return: 30 → 14",
        "Returns are taken in: every shop → the chosen shops",
        "Chosen shops: – → Aarhus",
        f"Why pieces come back: {usual} → {usual}, Too small (9)",
        f"Offered: {offered} → {offered}, Too small",
        "DdD's words for a return are confirmed: no → yes",
    ]


def test_the_slower_of_two_people_changes_nothing(cast: Cast, office: Client) -> None:
    slower = as_it_stands(office) | {"days": "14"}
    keep(office, {"money_limit": "500"})
    before = stored(cast)
    answer = office.post(POLICY, slower)
    assert answer.status_code == 422
    assert "for each return: 1,000.00 → 500.00. Nothing of yours was saved." in Page(answer).text
    assert stored(cast) == before
