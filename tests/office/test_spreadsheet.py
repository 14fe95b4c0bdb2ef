"""Tables as files: what a spreadsheet shows of them, that nothing in them is calculated, and their memory."""

import csv
import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from office import spreadsheet
from office.spreadsheet import Cell, Reader, Table, as_csv, write_xlsx

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
ENGLISH, DANISH = Reader(COPENHAGEN), Reader(COPENHAGEN, "da")
MOMENT = datetime(2026, 3, 3, 9, 0, 5, tzinfo=UTC)
ROW: Sequence[Cell] = ("Åse, Ø", 3, Decimal("1234.50"), date(2026, 3, 4), MOMENT, None)
HEADER = ("Name", "Pieces", "Amount", "Day", "At", "Nothing")
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def table(*rows: Sequence[Cell], header: Sequence[str] = HEADER) -> Table:
    return Table("Orders", header, iter(rows))


def csv_text(one: Table, reader: Reader = ENGLISH) -> str:
    return b"".join(as_csv(one, reader)).decode()


def sheets(one: Table, reader: Reader = ENGLISH) -> dict[str, list[list[tuple[str, str]]]]:
    """Each sheet's rows of (kind of the cell, its value): "s" or "inlineStr" is text, "n" a number."""
    file = io.BytesIO()
    write_xlsx(one, reader, file)
    with zipfile.ZipFile(file) as book:
        listed = _parsed(book.read("xl/workbook.xml")).iter(f"{SPACE}sheet")
        names = [sheet.get("name", "") for sheet in listed]
        return {
            name: _rows(book.read(f"xl/worksheets/sheet{number}.xml"))
            for number, name in enumerate(names, start=1)
        }


def _rows(xml: bytes) -> list[list[tuple[str, str]]]:
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row]
        for row in _parsed(xml).iter(f"{SPACE}row")
    ]


def _parsed(xml: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - we have just written it


def test_a_csv_is_what_excel_reads_by_itself() -> None:
    assert csv_text(table(ROW)) == (
        '\ufeffName,Pieces,Amount,Day,At,Nothing\r\n"Åse, Ø",3,1234.50,2026-03-04,2026-03-03 10:00:05,\r\n'
    )


def test_for_a_danish_reader_cells_are_parted_by_semicolons_and_decimals_by_a_comma() -> None:
    assert csv_text(table(ROW), DANISH).splitlines()[1] == (
        "Åse, Ø;3;1234,50;2026-03-04;2026-03-03 10:00:05;"
    )


@pytest.mark.parametrize("text", ["=1+1", "+45 12", "-2", "@SUM(A1)", "＝1"])
def test_what_would_be_calculated_is_made_harmless(text: str) -> None:
    rows = csv.reader(io.StringIO(csv_text(table((text,), header=(text,)))[1:], newline=""))
    assert list(rows) == [[f"'{text}"], [f"'{text}"]]
    kind, value = sheets(table((text.strip(),), header=("A",)))["Orders"][1][0]
    assert (kind, value) == ("inlineStr", text.strip())


@pytest.mark.parametrize("reader", [ENGLISH, DANISH], ids=["en", "da"])
@pytest.mark.parametrize("read_with", [",", ";", "|", "\t"])
@pytest.mark.parametrize(
    "text",
    ["x{}=1+1{}", 'x{}"=1+1"{}', 'x"{}@SUM(A1){}', "{}=1", "\t=1", "\r=1", "x\n=1", 'x\r\n"-1', "a{}{}+1"],
)
def test_nor_does_it_when_the_file_is_read_with_another_delimiter(
    text: str, read_with: str, reader: Reader
) -> None:
    written = csv_text(table((text.format(read_with, read_with), "y"), header=("A", "B")), reader)
    rows = csv.reader(io.StringIO(written[1:], newline=""), delimiter=read_with)
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_text_that_is_no_formula_stays_as_it_is() -> None:
    kept = "Åse Øst, Søndergade 7, 2. tv. - bag; +45 12 34 56 78 | a@b.example"
    assert kept in csv_text(table((kept,), header=("A",)))


def test_a_number_below_zero_stays_a_number() -> None:
    assert csv_text(table((Decimal("-5.00"), -3), header=("A", "B"))).splitlines()[1] == "-5.00,-3"


def test_an_xlsx_has_numbers_and_real_dates_by_the_groups_clock() -> None:
    rows = sheets(table(ROW))["Orders"]
    assert rows[0] == [("inlineStr", title) for title in HEADER]
    assert rows[1][:3] == [("inlineStr", "Åse, Ø"), ("n", "3"), ("n", "1234.50")]
    day, moment = (float(value) for _kind, value in rows[1][3:])
    begin = datetime(1899, 12, 30)
    assert begin + timedelta(days=day) == datetime(2026, 3, 4)
    assert abs(begin + timedelta(days=moment) - datetime(2026, 3, 3, 10, 0, 5)) < timedelta(seconds=1)


def test_what_excel_cannot_show_on_one_sheet_goes_on_upon_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "LONGEST_SHEET", 3)
    found = sheets(table(*((f"{number}",) for number in range(5)), header=("A",)))
    assert {name: [row[0][1] for row in rows] for name, rows in found.items()} == {
        "Orders": ["A", "0", "1"],
        "Orders 2": ["A", "2", "3"],
        "Orders 3": ["A", "4"],
    }


def test_a_text_longer_than_a_cell_is_cut_and_a_title_that_excel_refuses_is_mended() -> None:
    [(name, rows)] = sheets(Table("A/B: [x]" + "y" * 40, ("A",), [("x" * 40_000,)])).items()
    assert name == ("AB x" + "y" * 40)[:25]
    assert len(rows[1][0][1]) == 32_767


def peak(kind: str, count: int) -> int:
    """The most bytes that Python holds while so many rows are written."""

    def rows() -> Iterator[Sequence[Cell]]:
        for number in range(count):
            yield f"{number:060d}", number

    one = Table("Orders", ("A", "B"), rows())
    tracemalloc.start()
    if kind == "csv":
        assert sum(len(piece) for piece in as_csv(one, ENGLISH)) > 60 * count
    else:
        with Path(os.devnull).open("wb") as nowhere:
            write_xlsx(one, ENGLISH, nowhere)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_table_takes_no_more_memory_than_a_short_one(kind: str) -> None:
    peak(kind, 1)  # what is loaded at first use is not the table's
    assert peak(kind, 4000) < peak(kind, 1000) + 100_000
