"""What a check finds, and what to do about it. Knows no database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """How bad it is: something FAILED does not work, a WARNING will not for long or is open to others."""

    OK = "OK"
    WARNING = "WARNING"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Finding:
    """One line for the operator."""

    state: State
    what: str
    to_do: str = ""

    @classmethod
    def ok(cls, what: str) -> Self:
        """Nothing is to be done."""
        return cls(State.OK, what)

    @classmethod
    def warning(cls, what: str, to_do: str) -> Self:
        """It works."""
        return cls(State.WARNING, what, to_do)

    @classmethod
    def failed(cls, what: str, to_do: str) -> Self:
        """It does not work."""
        return cls(State.FAILED, what, to_do)


Check = Callable[[], Iterator[Finding]]
