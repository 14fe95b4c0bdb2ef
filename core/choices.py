"""Fixed lists from which people choose, and the labels of what was stored.

A subject's reasons are one table with a row for each; from the row follow the choices on the screen, the
stored value, its label everywhere, and what else the subject needs to know about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.functional import Promise

Label = Promise | str
Choices = Iterable[tuple[str, Label]]


@dataclass(frozen=True)
class Reason:
    """`code` is what is stored and what programs read: it never changes, however the label is reworded.

    `ddd_code` is DdD's number for it; None where DdD has none.
    """

    code: str
    label: Label
    ddd_code: int | None = None


AnyReason = TypeVar("AnyReason", bound=Reason)


class Reasons(tuple[AnyReason, ...], Generic[AnyReason]):
    """The reasons of one subject, in the order of the screen. ValueError when two have the
    same code."""

    __slots__ = ()

    def __new__(cls, rows: Iterable[AnyReason]) -> Reasons[AnyReason]:
        reasons = super().__new__(cls, rows)
        if len(set(reasons.codes)) != len(reasons):
            raise ValueError(f"A code stands twice among {reasons.codes}.")
        return reasons

    @property
    def codes(self) -> list[str]:
        """The values that can be stored."""
        return [row.code for row in self]

    @property
    def choices(self) -> list[tuple[str, Label]]:
        """In the form of Django's choices."""
        return [(row.code, row.label) for row in self]

    def of(self, code: object) -> AnyReason | None:
        """The row of a stored code; None for an old one, or one of a newer version."""
        return next((row for row in self if row.code == code), None)

    def label_of(self, code: object) -> str:
        """The label of a stored code, in the active language."""
        return label_of(self.choices, code)


def lazy_label_of(choices: Choices, stored: object) -> object:
    """The label of a stored value, in whatever language it is read later. A value without a choice (an old
    one, one of a newer version, somebody's own words) is its own label."""
    return next((label for value, label in choices if value == stored), stored)


def label_of(choices: Choices, stored: object) -> str:
    """The same in the active language; empty when nothing is stored."""
    return "" if stored is None else str(lazy_label_of(choices, stored))
