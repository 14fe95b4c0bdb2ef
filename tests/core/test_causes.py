"""What is stored for people is a code with data; its sentence is written once and said in their language."""

import pytest
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.causes import MOMENT, Cause, CauseError, all_causes, as_it_is, words_of
from core.errors import Conflict
from orders import mailing
from orders.models import Mail
from tests.factories import NOW, Cast, picked

SAID = Cause("test-said", gettext_lazy("The worker stopped while it was sending."))
NESTED = Cause("test-nested", gettext_lazy("%(count)s times: %(last)s"))
WRONG = (
    "The worker stopped while it was sending.",
    None,
    {"sentence": "x"},
    {"code": "nobody-knows", "data": {}},
    {"code": "test-nested", "data": {"count": 1}},
    {"code": "test-nested", "data": {"count": 1, "last": {"code": "nobody-knows", "data": {}}}},
)


def a_mail(cast: Cast) -> Mail:
    return mailing.write(picked(cast), Mail.Kind.READY, "ready", NOW)


def test_the_sentence_is_said_in_the_readers_language() -> None:
    stored = SAID()
    assert stored == {"code": "test-said", "data": {}}
    with translation.override("en"):
        assert words_of(stored) == "The worker stopped while it was sending."
    with translation.override("da"):
        assert words_of(stored) == "Arbejderen standsede, mens den sendte."


def test_data_may_be_a_cause_itself() -> None:
    with translation.override("en"):
        assert words_of(NESTED(count=3, last=SAID())) == "3 times: The worker stopped while it was sending."


def test_what_a_server_said_stays_as_it_is() -> None:
    assert words_of(as_it_is("550 100 % full")) == "550 100 % full"
    assert words_of(as_it_is("")) == ""


def test_data_that_the_sentence_does_not_name_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="count"):
        NESTED(last="x")


def test_two_causes_of_one_code_cannot_be() -> None:
    with pytest.raises(ValueError, match="test-said"):
        Cause("test-said", gettext_lazy("Otherwise"))
    assert all_causes()["test-said"] is SAID


def test_a_code_of_a_newer_version_shows_itself() -> None:
    assert words_of({"code": "from-tomorrow", "data": {}}) == "from-tomorrow"


def test_what_is_written_later_is_checked_on_each_way_to_the_row(cast: Cast) -> None:
    mail = a_mail(cast)
    for write in (
        lambda wrong: Mail.objects.filter(pk=mail.pk).update(reason=wrong),
        lambda wrong: Mail(pk=mail.pk, reason=wrong).save(update_fields=["reason"]),
        lambda wrong: Mail.objects.bulk_update([Mail(pk=mail.pk, reason=wrong)], ["reason"]),
    ):
        for wrong in WRONG:
            with pytest.raises(TypeError), transaction.atomic():
                write(wrong)
    assert Mail.objects.get(pk=mail.pk).reason == {}
    Mail.objects.filter(pk=mail.pk).update(reason=NESTED(count=2, last=SAID()))
    with translation.override("en"):
        assert Mail.objects.get(pk=mail.pk).why == "2 times: The worker stopped while it was sending."


def test_an_error_of_a_cause_is_logged_in_english() -> None:
    with translation.override("da"):
        error = CauseError(SAID())
        assert (str(error), error.cause) == ("The worker stopped while it was sending.", SAID())


def test_a_value_is_written_as_the_readers_language_writes_it() -> None:
    stored = NESTED(count=1, last=MOMENT(at="2026-03-03T09:30:00+00:00"))
    with translation.override("en"):
        assert words_of(stored) == "1 times: 3. March 2026 10:30"
    with translation.override("da"):
        assert words_of(stored) == "1 times: 3. marts 2026 10:30"
    with pytest.raises(TypeError, match="at"):
        MOMENT(moment="2026-03-03")


def test_what_an_older_version_did_not_store_is_left_open() -> None:
    with translation.override("en"):
        assert words_of({"code": "test-nested", "data": {"count": 3}}) == "3 times: …"


def test_a_refusal_may_be_a_cause_that_is_stored_and_read_in_another_language() -> None:
    with translation.override("en"):
        refusal = Conflict(SAID(), code="stopped")
        assert (refusal.sentence, refusal.code) == ("The worker stopped while it was sending.", "stopped")
        assert Conflict("No.").cause == as_it_is("No.")
    with translation.override("da"):
        assert words_of(refusal.cause) == "Arbejderen standsede, mens den sendte."
