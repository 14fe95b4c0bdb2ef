"""Head office decides about returns on one page, which is kept whole or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts.models import Shop
from core.errors import Conflict
from ddd.models import Connection
from returns.models import ReturnedPiece, ReturnPolicy, ReturnReason
from returns.office_forms import PolicyPage
from returns.policy import Outcome
from returns.reasons import offered_reasons
from tests.core.pages import DANISH, ENGLISH, Page, browser
from tests.factories import NOW, Cast, delivered, taken_back

POLICY = "/returns/policy/"
TODAY = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
Fields = dict[str, Any]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def office(cast: Cast) -> Client:
    """Karen at head office, in English."""
    return browser(cast, "office", ENGLISH)


def as_it_stands(client: Client) -> Fields:
    """What the page would send when nobody touches it."""
    page = client.get(POLICY).context["page"]
    with translation.override(client.defaults["HTTP_ACCEPT_LANGUAGE"]):
        return _untouched(page)


def _untouched(page: PolicyPage) -> Fields:
    fields: Fields = {}
    for form in (page.policy, *page.reasons, page.reasons.management_form, page.words or ()):
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                fields[bound.html_name] = [getattr(one, "shop_id", one) for one in value]
            elif value is not None and value is not False:
                fields[bound.html_name] = "on" if value is True else bound.field.prepare_value(value)
    return fields


def stored(cast: Cast) -> list[Any]:
    """All that the page could change."""
    tables = (ReturnPolicy, ReturnReason, Connection, ReturnPolicy.shops.through)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def refused(client: Client, cast: Cast, changes: Fields, *leave_out: str) -> str:
    """What the page says; nothing has changed."""
    fields = as_it_stands(client) | changes
    before = stored(cast)
    answer = client.post(POLICY, {name: value for name, value in fields.items() if name not in leave_out})
    assert answer.status_code == 422
    assert stored(cast) == before
    page = Page(answer)
    assert page.faults == []
    assert "Nothing was kept: look at the fields marked below." in page.text
    return page.text


def keep(client: Client, changes: Fields, *leave_out: str) -> Page:
    """The page after it was kept."""
    fields = as_it_stands(client) | changes
    answer = client.post(POLICY, {name: value for name, value in fields.items() if name not in leave_out})
    assert (answer.status_code, answer.get("Location")) == (302, POLICY), Page(answer).text
    page = Page(client.get(POLICY))
    assert "Kept. It counts from now on in every shop." in page.text
    assert page.faults == []
    return page


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
    words = ["Does not fit", "Regretted", "Faulty", "Wrong piece"]
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
        ({"days": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"days": "3651"}, "Ensure this value is less than or equal to 3650."),
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
        ({"cash_out_transaction_type": "99"}, "greater than or equal to 100."),
        ({"terminal_out_transaction_type": "1000"}, "less than or equal to 999."),
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
        "Ensure this value is greater than or equal to 0.",
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


# Reasons


def test_a_reason_is_added_renamed_and_no_longer_offered(cast: Cast, office: Client) -> None:
    keep(
        office,
        {"reasons-0-words": "Too small", "reasons-0-return_code": "11"}
        | {"reasons-5-words": "Too late", "reasons-5-return_code": "0"},
        "reasons-1-offered",
    )
    found = list(cast.nordlys.return_reasons.values_list("words", "return_code", "offered"))
    assert found == [
        ("Too small", 11, True),
        ("Fortrudt", 2, False),
        ("Fejl på varen", 3, True),
        ("Forkert vare", 4, True),
        ("Gave, der skal byttes", 5, True),
        ("Too late", 0, True),
    ]
    offered = [reason.words for reason in offered_reasons(cast.nordlys)]
    assert offered == ["Too small", "Fejl på varen", "Forkert vare", "Gave, der skal byttes", "Too late"]


def test_reasons_may_change_their_names_among_themselves(cast: Cast, office: Client) -> None:
    first, second, *_rest = cast.nordlys.return_reasons.all()
    keep(office, {"reasons-0-words": second.words, "reasons-1-words": first.words})
    assert list(cast.nordlys.return_reasons.values_list("words", flat=True))[:2] == [
        "Fortrudt",
        "Passer ikke",
    ]
    assert ReturnReason.objects.get(pk=first.pk).return_code == 1


def test_at_least_one_reason_is_offered(cast: Cast, office: Client) -> None:
    all_of_them = [f"reasons-{number}-offered" for number in range(8)]
    fields = {name: value for name, value in as_it_stands(office).items() if name not in all_of_them}
    before = stored(cast)
    answer = office.post(POLICY, fields)
    assert answer.status_code == 422
    assert "Offer at least one reason." in Page(answer).text
    assert stored(cast) == before


def test_what_was_taken_back_before_keeps_the_reason_it_had(cast: Cast, office: Client) -> None:
    back = taken_back(cast, delivered(cast), paid_by="cash")
    keep(office, {"reasons-0-words": "Too small", "reasons-0-return_code": "11"})
    kept = ReturnedPiece.objects.filter(taken_back=back).values_list("reason", "return_code")
    assert set(kept) == {("Passer ikke", 1)}


def test_another_groups_reason_is_none_of_hers(cast: Cast, office: Client) -> None:
    theirs = cast.fjord.return_reasons.first()
    assert theirs
    text = refused(office, cast, {"reasons-0-id": str(theirs.pk), "reasons-0-words": "Ours now"})
    assert "The list of reasons is another one now. Open the page anew." in text


def test_two_who_add_the_same_reason_at_once_keep_it_once(cast: Cast, office: Client) -> None:
    """Both pages were opened before either was kept."""
    fields = as_it_stands(office) | {"reasons-5-words": "Torn", "reasons-5-return_code": "9"}
    fields = {name: value for name, value in fields.items() if value != []}
    first, second = (PolicyPage(_as_posted(fields), cast.nordlys) for _person in range(2))
    assert first.is_valid()
    assert second.is_valid()
    first.keep(cast.person("office"), NOW)
    before = stored(cast)
    with pytest.raises(Conflict, match="Somebody else has changed the return policy just now"):
        second.keep(cast.person("office"), NOW)
    assert stored(cast) == before
    assert cast.nordlys.return_reasons.filter(words="Torn").count() == 1
    assert "This reason stands there already." in Page(office.post(POLICY, fields)).text


def _as_posted(fields: Fields) -> Any:
    """As a browser's form arrives."""
    request = Client().post("/login/", fields).wsgi_request
    return request.POST


# DdD's words


def confirm(office: Client) -> Page:
    return keep(office, {"confirmed": "on"})


def test_the_words_carry_a_warning_until_somebody_confirms_them(cast: Cast, office: Client) -> None:
    page = Page(office.get(POLICY))
    assert "Nobody has confirmed these words." in page.text
    assert "Nobody has confirmed DdD's words for a return yet." in page.text
    page = keep(office, {"days": "31"})
    assert "Nobody has confirmed these words." in page.text
    page = confirm(office)
    assert "Nobody has confirmed" not in page.text
    assert "Confirmed by Karen Østergaard, today 13:00." in page.text
    connection = Connection.objects.get(group=cast.nordlys)
    assert connection.return_words_confirmed_at == TODAY
    assert connection.return_words_confirmed_by == cast.person("office")
    assert Connection.objects.get(group=cast.fjord).return_words_confirmed_at is None


def test_what_else_is_changed_leaves_the_words_confirmed(cast: Cast, office: Client) -> None:
    confirm(office)
    with time_machine.travel(NOW, tick=False):
        keep(office, {"days": "31", "return_word": " Return "})
    connection = Connection.objects.get(group=cast.nordlys)
    assert connection.return_words_confirmed_at == TODAY


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("return_word", "Retur"),
        ("payment_out_word", "Ud"),
        ("cash_out_transaction_type", "105"),
        ("terminal_out_transaction_type", "115"),
    ],
)
def test_another_word_brings_the_warning_back(cast: Cast, office: Client, word: str, value: str) -> None:
    confirm(office)
    page = keep(office, {word: value})
    assert "Nobody has confirmed these words." in page.text
    connection = Connection.objects.get(group=cast.nordlys)
    assert str(getattr(connection, word)) == value
    assert connection.return_words_confirmed_at is None
    assert connection.return_words_confirmed_by is None


def test_new_words_may_be_confirmed_as_they_are_kept(cast: Cast, office: Client) -> None:
    page = keep(office, {"return_word": "Retur", "confirmed": "on"})
    assert "Confirmed by Karen Østergaard" in page.text
    assert Connection.objects.get(group=cast.nordlys).return_word == "Retur"


def test_what_was_read_from_ddd_meanwhile_stays(cast: Cast, office: Client) -> None:
    """A worker notes how far it has read, while the page is open."""
    page = PolicyPage(_as_posted(as_it_stands(office) | {"return_word": "Retur"}), cast.nordlys)
    assert page.is_valid()
    Connection.objects.filter(group=cast.nordlys).update(polled_until=NOW, trouble="away")
    page.keep(cast.person("office"), NOW)
    connection = Connection.objects.get(group=cast.nordlys)
    assert (connection.return_word, connection.polled_until, connection.trouble) == ("Retur", NOW, "away")


def test_a_group_without_a_connection_can_decide_all_the_same(cast: Cast, office: Client) -> None:
    Connection.objects.filter(group=cast.nordlys).delete()
    page = keep(office, {"days": "21"})
    assert "This Group has no connection to DdD yet." in page.text
    assert ReturnPolicy.of(cast.nordlys).days == 21


# What it means


def test_what_the_policy_means_is_said_by_example(cast: Cast, office: Client) -> None:
    text = Page(office.get(POLICY)).text.partition("What the policy means today")[2]
    assert text.strip() == (
        "Returns are taken in Every shop "
        "Paid 399.95 DKK online, comes on day 7 The register pays "
        "Paid 1,000.05 DKK online, comes on day 7 The web shop refunds "
        "Paid 399.95 DKK at the register, comes on day 7 The register pays "
        "Paid 1,000.05 DKK at the register, comes on day 7 "
        "Not taken back, unless the shop manager overrules it "
        "Paid 399.95 DKK online, comes on day 31 Not taken back, unless the shop manager overrules it Keep"
    )


def test_a_policy_without_limits_has_fewer_examples(cast: Cast, office: Client) -> None:
    page = keep(office, {"money_limit": "", "days": "", "overruling": "nobody"}, "register_pays")
    text = page.text.partition("What the policy means today")[2]
    assert text.strip() == (
        "Returns are taken in Every shop "
        "Paid 399.95 DKK online, comes on day 7 The web shop refunds "
        "Paid 399.95 DKK at the register, comes on day 7 The register pays Keep"
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


# session, person, Group; policy twice, its shops, the shops there are; reasons; connection; three that wait
POLICY_QUERIES = 12
