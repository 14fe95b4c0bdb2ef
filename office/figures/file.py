"""The figures that are shown, as one table for a spreadsheet."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from office.figures.report import Report
from office.figures.rows import Row, share_names
from office.spreadsheet import Cell, Table


def table_of(report: Report) -> Table:
    """All, then each week, shop and web shop, and then the reasons; times in minutes, shares in percent."""
    return Table(_("Figures"), _header(), _rows(report))


def _header() -> Sequence[str]:
    return [
        _("Part"),
        _("Name"),
        _("Orders"),
        *(_("Half were taken within, min"), _("9 of 10 were taken within, min")),
        *(_("Half were ready within, min"), _("9 of 10 were ready within, min")),
        *(_("Half were collected within, min"), _("9 of 10 were collected within, min")),
        *(f"{name}, %" for name in share_names()),
        _("Pieces that were missing"),
        _("Pieces that came back"),
        _("Paid pieces that nobody got"),
        _("Owed for them"),
    ]


def _rows(report: Report) -> Iterator[Sequence[Cell]]:
    yield _of(_("All"), report.span_words, report.total)
    yield _of(_("The span before"), report.before_words, report.before)
    yield from (
        _of(_("Week"), day, row) for day, row in zip(report.selection.weeks, report.weeks, strict=True)
    )
    yield from (_of(_("Shop"), row.name, row) for row in report.shops)
    yield from (_of(_("Web shop"), row.name, row) for row in report.web_shops)
    nothing: list[Cell] = [None] * 10
    for reason in report.missing:
        yield [_("Why pieces were missing"), reason.name, *nothing, reason.pieces, None, None, None]
    for outcome, reasons in report.returned:
        for reason in reasons:
            yield [
                _("Why pieces came back"),
                f"{reason.name} · {outcome}",
                *nothing,
                None,
                reason.pieces,
                None,
                None,
            ]
    for reason in report.refunded:
        yield [
            _("Why paid pieces were not given out"),
            reason.name,
            *nothing,
            None,
            None,
            reason.pieces,
            None,
        ]


def _of(part: str, name: Cell, row: Row) -> Sequence[Cell]:
    times = [_rounded(minutes) for pair in row.times for minutes in pair]
    shares = [_rounded(found if found is None else found * 100) for found in row.shares]
    return [part, name, row.came_in, *times, *shares, row.missing, row.returned, row.refunded, row.owed]


def _rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.1"))
