"""What was said of DdD in English is read in Danish."""

import pytest
from django.utils import translation

from ddd.words.sentences import SENTENCES, in_words

SAID = {"status": "400", "said": "ShopId: no 100 %", "count": "8", "seen": "10.00", "paid": "20.00"}
SAID |= {"last": "DdD answered 503: away", "wrong": "no lines", "order_no": "W-1"}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_is_known_again_and_said_in_danish(sentence: str) -> None:
    stored = sentence % SAID if "%(" in sentence else sentence
    with translation.override("en"):
        assert in_words(stored) == stored
    with translation.override("da"):
        assert in_words(stored) != stored


def test_what_ddd_itself_said_stays_as_it_is() -> None:
    with translation.override("da"):
        assert in_words('DdD refused it with 400: {"Message": "Nej"}\nlinje 2') == (
            'DdD afviste det med 400: {"Message": "Nej"}\nlinje 2'
        )
        assert in_words("Something else") == "Something else"
        assert in_words("") == ""


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    with translation.override("da"):
        stored = "Sent 8 times, and DdD does not have it. The last time: DdD answered 500: x"
        assert in_words(stored) == "Sendt 8 gange, og DdD har det ikke. Sidste gang: DdD svarede 500: x"
