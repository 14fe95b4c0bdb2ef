"""What a person decides about rows of the work list: one, or several at once, each by its own verb."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from core.errors import DomainError, NotFound
from office.attention.kind import Decision, Details, Kind, NotApplicable
from office.attention.work_list import ROWS_ON_A_PAGE


@dataclass(frozen=True)
class ChosenRow:
    """A row by its key, and how many tries it had when it was shown."""

    pk: int
    tries: int = 0


@dataclass
class Outcome:
    """The names of the rows that were done, and of those that were refused, with the refusal."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, DomainError]] = field(default_factory=list)


def decide_each(kind: Kind, decision: Decision, chosen: Sequence[ChosenRow], details: Details) -> Outcome:
    """Each row in its own transaction, so that one refusal does not undo the others. Raises NotFound, before
    anything is done, for a row outside the actor's Group."""
    decisions, keys = kind.decisions, [one.pk for one in chosen]
    if isinstance(decisions, NotApplicable):
        raise TypeError(f"nothing can be decided about {kind.key}: {decisions.why}")
    rows = {row.pk: row for row in decisions.rows(details.actor.group_id).filter(pk__in=keys)}
    if any(key not in rows for key in keys):
        raise NotFound(_("One of these rows does not exist (any more)."))
    outcome = Outcome()
    for one in chosen:
        row = rows[one.pk]
        name = decisions.name(row)
        try:
            decision.carry_out(row, replace(details, tries=one.tries))
            outcome.done.append(name)
        except DomainError as refusal:
            outcome.refused.append((name, refusal))
    return outcome


def read_chosen(tokens: Sequence[str]) -> list[ChosenRow] | None:
    """The rows that a form names, each once; None when a value is malformed or there are too many."""
    found = list(_read(dict.fromkeys(tokens)))
    return None if None in found or len(found) > ROWS_ON_A_PAGE else [one for one in found if one]


def _read(tokens: Mapping[str, None]) -> Iterator[ChosenRow | None]:
    for token in tokens:
        pk, _dot, tries = token.partition(".")
        is_number = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (pk, tries or "0"))
        yield ChosenRow(int(pk), int(tries or 0)) if is_number else None
