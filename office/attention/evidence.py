"""The evidence shown with a row of the work list: its pieces by name, and what was found, in words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from accounts.models import Group
from core.choices import label_of
from ddd.models import Difference, Notice, Posting, Variant
from ddd.sending.kinds import UnknownKind, kind_of
from ddd.words.differences import Evidence, EvidenceKey, evidence_in_words
from orders.states import Status

# How evidence writes pieces: how many of which VariantId.
PIECES: Final = re.compile(r"(\d+) × (\d+)")
LARGEST_VARIANT_ID: Final = 2**31 - 1
# What the portal notes for itself in a posting.
NOT_SENT: Final = ("Since",)
Names = Mapping[int, str]


def names_for(group: Group, rows: Iterable[Any]) -> Names:
    """The names of the variants that these rows mention; 2 queries, or none."""
    wanted = {number for row in rows for number in _variants_in(row) if number <= LARGEST_VARIANT_ID}
    if not wanted:
        return {}
    known = Variant.objects.filter(group=group, variant_id__in=wanted).prefetch_related("barcodes")
    return {variant.variant_id: _name(variant) for variant in known}


def pieces_of(posting: Posting, names: Names) -> list[str]:
    """What the posting is about: how many of which VariantId, its name and its Ean."""
    return [_piece(number, count, names) for number, count in sorted(_of_posting(posting).items())]


def sent_of(posting: Posting, names: Names) -> list[tuple[str, list[str]]]:
    """What was sent, under DdD's own names: each field of the booking, and each of its lines in one text."""
    found = []
    for field, value in posting.payload.items():
        if isinstance(value, list):
            found.append((field, [_sent_line(line, names) for line in value]))
        elif field not in NOT_SENT:
            found.append((field, [str(value)]))
    return found


def _sent_line(line: Mapping[str, object], names: Names) -> str:
    parts = [f"{name} {value}" for name, value in line.items()]
    number = line.get("VariantId")
    return " · ".join([*parts, *([names[number]] if isinstance(number, int) and number in names else [])])


def meaning_of(posting: Posting) -> str:
    """What it means for shops while DdD does not have it; empty for an unknown kind."""
    try:
        return str(kind_of(posting).meaning)
    except UnknownKind:
        return ""


def evidence_of(row: Posting | Difference, names: Names) -> list[tuple[str, list[str]]]:
    """Each thing that was found, under its name; pieces one by one, with what they are called."""
    if isinstance(row, Difference):
        return [
            (name, _evidence_lines(value, names))
            for name, value in evidence_in_words(_with_status(row.evidence))
        ]
    return [(name, _evidence_lines(value, names, name == "VariantIds")) for name, value in row.evidence_words]


def note_of(notice: Notice, names: Names) -> str:
    """The variant that DdD's order names, if the catalogue knows it by now."""
    return ", ".join(names[number] for number in _of_notice(notice) if number in names)


def _with_status(evidence: Evidence) -> Evidence:
    known = evidence.get(EvidenceKey.STATUS_HERE)
    return evidence | ({} if known is None else {EvidenceKey.STATUS_HERE: label_of(Status.choices, known)})


def _evidence_lines(value: str, names: Names, only_numbers: bool = False) -> list[str]:
    if only_numbers:
        counted = Counter(int(number) for number in re.findall(r"\d+", value))
        return [_piece(number, count, names) for number, count in sorted(counted.items())]
    found = PIECES.findall(value)
    return [_piece(int(number), int(count), names) for count, number in found] or [value or "–"]


def _piece(number: int, count: int, names: Names) -> str:
    return f"{count} × {number} {names.get(number, '')}".strip()


def _name(variant: Variant) -> str:
    eans = ", ".join(sorted(barcode.ean for barcode in variant.barcodes.all())[:3])
    return f"{variant} (Ean {eans})" if eans else str(variant)


def _variants_in(row: Any) -> Iterator[int]:
    if isinstance(row, Posting):
        yield from _of_posting(row)
        yield from (int(number) for number in row.evidence.get("VariantIds", []))
    elif isinstance(row, Difference):
        for value in row.evidence.values():
            yield from (int(number) for _count, number in PIECES.findall(str(value)))
    elif isinstance(row, Notice):
        yield from _of_notice(row)


def _of_notice(notice: Notice) -> list[int]:
    return [] if notice.variant_id is None else [notice.variant_id]


def _of_posting(posting: Posting) -> Counter[int]:
    try:
        return kind_of(posting).pieces(posting)
    except UnknownKind:
        return Counter()
