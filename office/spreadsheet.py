"""A table as a file that spreadsheets open: CSV or XLSX, written row by row, however long it is.

Cells keep their kind: text, whole numbers, money (Decimal), days and moments. Moments are shown by the clock
of the Group. Knows no database.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from django.db import models
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | datetime | None

ROWS_IN_A_PIECE: Final = 500
LONGEST_SHEET: Final = 1_048_576  # rows: Excel opens no longer one
LONGEST_TEXT: Final = 32_767  # characters in a cell of XLSX
WIDTH: Final = 18
# How a cell begins that a spreadsheet would calculate instead of showing it; also what is a cell only when
# the file is read with another delimiter than it was written with.
FORMULA: Final = re.compile(r'(^|[,;|\t\r\n])("*)(?=[=+\-@\t\r\n＝＋－＠])')


class Kind(models.TextChoices):
    """The kinds of files."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"

    @property
    def content_type(self) -> str:
        """For the Content-Type header."""
        if self == Kind.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """`rows` are read once, each as long as `header`."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class Reader:
    """Whose spreadsheet opens the file: Danish ones take a comma for the decimals, and so a semicolon between
    cells."""

    zone: ZoneInfo
    language: str = "en"

    @property
    def is_danish(self) -> bool:
        return self.language.startswith("da")


def as_csv(table: Table, reader: Reader) -> Iterator[bytes]:
    """The file in pieces of some hundred rows; UTF-8 with the mark by which Excel knows it."""
    piece = io.StringIO()
    writer = csv.writer(piece, delimiter=";" if reader.is_danish else ",", lineterminator="\r\n")
    piece.write("\ufeff")
    writer.writerow(_harmless(title) for title in table.header)
    for number, row in enumerate(table.rows, start=1):
        writer.writerow([_in_csv(cell, reader) for cell in row])
        if number % ROWS_IN_A_PIECE == 0:
            yield _taken_out(piece)
    yield _taken_out(piece)


def write_xlsx(table: Table, reader: Reader, file: IO[bytes]) -> None:
    """The whole file; what Excel cannot show on one sheet goes on upon the next."""
    # Row by row to the disk: the memory stays flat.
    with Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        formats = _Formats(
            heading=book.add_format({"bold": True, "bottom": 1}),
            money=book.add_format({"num_format": "#,##0.00"}),
            day=book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        sheet, at = _new_sheet(book, table, formats), 1
        for row in table.rows:
            if at == LONGEST_SHEET:
                sheet, at = _new_sheet(book, table, formats), 1
            for column, cell in enumerate(row):
                _write_cell(sheet, at, column, cell, reader, formats)
            at += 1


@dataclass(frozen=True)
class _Formats:
    heading: Any
    money: Any
    day: Any


def _new_sheet(book: Workbook, table: Table, formats: _Formats) -> Worksheet:
    count = len(book.worksheets())
    name = "".join(letter for letter in table.title if letter not in "[]:*?/\\'")[:25]
    sheet = book.add_worksheet(f"{name} {count + 1}" if count else name)
    sheet.set_column(0, max(len(table.header) - 1, 0), WIDTH)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(table.header):
        sheet.write_string(0, column, title, formats.heading)
    return sheet


def _write_cell(
    sheet: Worksheet, row: int, column: int, cell: Cell, reader: Reader, formats: _Formats
) -> None:
    """Text is written as text: nothing in it is ever calculated, or made a link."""
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(reader.zone).replace(tzinfo=None))
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, formats.day)
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, formats.money)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell[:LONGEST_TEXT])


def _in_csv(cell: Cell, reader: Reader) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(reader.zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str):
        return _harmless(cell)
    text = str(cell)
    return text.replace(".", ",") if isinstance(cell, Decimal) and reader.is_danish else text


def _harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return FORMULA.sub(r"\1'\2", text)


def _taken_out(piece: io.StringIO) -> bytes:
    text = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    return text.encode()
