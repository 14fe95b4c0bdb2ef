"""The record of changes keeps codes, and says what is not known any more as well as it can."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from accounts.causes import CHOICE, FIELD, WEEKDAY
from accounts.changes import choice_of, differing, field_of, in_words
from accounts.models import Membership, Shop
from core.causes import words_of

ROLE = field_of(Membership, "role")


def test_labels_and_choices_are_read_in_the_readers_language() -> None:
    before, after = ({ROLE: choice_of(Membership, "role", role)} for role in ("staff", "manager"))
    kept = differing(before, after)
    assert kept == [
        {
            "label": FIELD(of="accounts.membership.role"),
            "before": CHOICE(of="accounts.membership.role", value="staff"),
            "after": CHOICE(of="accounts.membership.role", value="manager"),
        }
    ]
    with translation.override("da"):
        (told,) = in_words(kept)
        assert (told.label, told.before, told.after) == ("rolle", "medarbejder", "butikschef")


def test_a_name_is_no_word_of_the_portal() -> None:
    """A shop may be called as a label is: it is not translated."""
    with translation.override("da"):
        (told,) = in_words(differing({}, {"Name": "Language"}))
    assert (told.label, told.after) == ("Name", "Language")


@pytest.mark.parametrize("facts", [{"what": gettext_lazy("yes")}, {gettext_lazy("what"): 1}])
def test_a_text_of_one_language_is_not_kept(facts: dict[object, object]) -> None:
    with pytest.raises(TypeError, match="as a cause"):
        differing({}, facts)


@pytest.mark.parametrize(
    ("of", "label"),
    [
        ("accounts.shop.takes_orders", "takes web orders"),
        ("accounts.shop.long_gone", "long gone"),
        ("accounts.nothing.name", "name"),
        ("nowhere.shop.name", "name"),
    ],
)
def test_the_label_of_a_field_that_is_gone_is_its_name(of: str, label: str) -> None:
    with translation.override("en"):
        assert words_of(FIELD(of=of)) == label
        assert words_of(CHOICE(of=of, value="x")) == "x"


def test_weekdays_are_read_in_the_readers_language() -> None:
    with translation.override("da"):
        assert words_of(WEEKDAY(number=6)) == "søndag"
    assert words_of({"code": "setting-field", "data": {"of": f"{Shop._meta.label_lower}.name"}})
