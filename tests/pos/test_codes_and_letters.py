"""Codes read back from the page as it is printed, and letters as large as their place allows."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from accounts.models import Group
from core.paper.codes import bar_dots, code128, fits_code128
from core.paper.fitting import POINT, FittedText, fit, in_rows
from tests.factories import Cast, new_order, received
from tests.pos.paper import FIFTY, label_of, list_of

QR_ONLY = "This OrderNo has letters that a barcode cannot carry: scan the QR code."


# The order no


@pytest.mark.any_database
@pytest.mark.parametrize("length", [1, 2, 7, 12, 20, *range(28, 51, 3), 50])
def test_an_order_no_of_any_length_reads_back_from_label_and_pick_list(cast: Cast, length: int) -> None:
    number = FIFTY[-length:]
    order = received(cast, new_order(number))
    assert label_of(order).codes == {"QR Code": number, "Code 128": number}
    assert list_of(order, with_codes=True)[0].codes == {"Code 128": number}


@pytest.mark.any_database
@pytest.mark.parametrize("number", ["9912345", "99", "0099", "100", "12A", "A1234567B", "a b", "~!-"])
def test_digits_and_signs_read_back(cast: Cast, number: str) -> None:
    order = received(cast, new_order(number))
    assert label_of(order).codes == {"QR Code": number, "Code 128": number}


def test_up_to_thirty_letters_get_bars_that_every_scanner_reads() -> None:
    assert [bar_dots("x" * count, 98, 5) for count in (3, 8, 12, 18, 30, 31, 50)] == [5, 5, 4, 3, 2, 1, 1]


@pytest.mark.parametrize("number", ["ØRDRE-7", "ó1", "注文7", "نظام-7", "x😀"])
def test_an_order_no_that_code_128_cannot_carry_gets_its_qr_code_and_a_sentence(
    cast: Cast, number: str
) -> None:
    Group.objects.update(language="en")
    order = received(cast, new_order(number))
    label = label_of(order)
    assert label.codes == {"QR Code": number}
    assert QR_ONLY in label.text
    assert list_of(order, with_codes=True)[0].codes == {"QR Code": number}


# How large


def test_a_short_text_is_large_and_a_long_one_shrinks_to_fit() -> None:
    assert fit(["Åse"], 92, 40, 28, 6) == FittedText(("Åse",), 28)
    assert fit(["a" * 60] * 4, 92, 40, 28, 6).size < 20


def test_too_many_lines_run_on_and_too_much_text_ends_in_three_dots() -> None:
    assert fit("abcdefghijklmnopqrst", 92, 20, 28, 6).lines == (", ".join("abcdefghijklmnopqrst"),)
    cut = fit(["word " * 900], 40, 10, 10, 5)
    assert cut.cut
    assert cut.lines[0].endswith("…")


@settings(max_examples=60, deadline=None)
@given(text=some.text(some.characters(min_codepoint=33, max_codepoint=0x1FAFF), min_size=1, max_size=50))
def test_an_order_no_in_rows_is_whole_and_at_least_as_large_as_fifty_letters(text: str) -> None:
    rows, size = in_rows(text, 92, 17, 9.5, 3)
    assert "".join(rows) == text
    assert len(rows) <= 4
    assert size >= 92 / (34 * 0.603) * 0.99
    assert size <= 17 * 1.001


@settings(max_examples=100, deadline=None)
@given(text=some.text(some.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=50))
def test_code_128_never_outgrows_its_place(text: str) -> None:
    assert fits_code128(text)
    drawing = code128(text, 98, 17)
    width = Decimal(drawing.partition('width="')[2].partition("mm")[0])
    assert width <= 98
    assert drawing.count("<path") == 1


def test_a_point_is_a_72nd_of_an_inch() -> None:
    assert pytest.approx(25.4 / 72, rel=1e-5) == POINT
