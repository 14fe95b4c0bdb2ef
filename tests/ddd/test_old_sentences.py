"""What was stored in English before there were codes is known again once, in a migration."""

import importlib

import pytest
from django.utils import translation

from core.causes import all_causes, in_english, words_of

old_sentences = importlib.import_module("ddd.migrations._old_sentences")

STORED = [
    ('DdD refused it with 400: {"Message": "Nej"}\nlinje 2', "ddd-refused"),
    ("DdD refused it with 404.", "ddd-refused-in-confidence"),
    ("DdD refused it with 404: not here.", "ddd-refused"),
    ("DdD turned us away with 401: not you", "ddd-turned-away"),
    ("DdD answered 503: 100 % away", "ddd-answered"),
    ("DdD answered false and does not have it.", "ddd-answered-false"),
    ("DdD's answer is not JSON: <html>", "ddd-not-json"),
    ("DdD's answer cannot be read: ", "ddd-unreadable"),
    ("Sent, but no answer came: ReadTimeout: timed out", "ddd-no-answer"),
    (
        "Sent 8 times, and DdD does not have it. The last time: DdD answered 500: x",
        "posting-sent-in-vain",
    ),
    (
        "DdD has 2 payments of together 10.00 under this receipt number; ours is 20.00.",
        "posting-other-payments",
    ),
    ("ShopId of an order is 'x'", "ddd-wrong-field"),
    ("the sales of a shop is not an object: None", "ddd-no-object"),
    ("api/transactions/1/2026-11-01 is not a list: 5", "ddd-no-list"),
]


@pytest.mark.parametrize(("text", "code"), STORED)
def test_an_old_sentence_has_its_code_and_is_still_said_in_the_same_words(text: str, code: str) -> None:
    stored = old_sentences.coded_sentence(text)
    assert stored["code"] == code
    assert in_english(stored) == text
    with translation.override("da"):
        assert words_of(stored) != text


@pytest.mark.parametrize("text", ["ConnectError: refused", "Nej tak", "DdD refused it with thanks"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert old_sentences.coded_sentence(text) == {"code": "as-it-is", "data": {"text": text}}
    assert old_sentences.coded_sentence("") == {}


def test_a_sentence_within_a_sentence_has_its_own_code() -> None:
    stored = old_sentences.coded_sentence(STORED[9][0])
    assert stored["data"] == {
        "count": 8,
        "last": {"code": "ddd-answered", "data": {"status": 500, "said": "x"}},
    }


def test_every_old_sentence_has_a_code_that_is_still_known() -> None:
    assert {code for code, _pattern in old_sentences.SENTENCES} <= all_causes().keys()
