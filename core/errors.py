"""The errors of the business: every refusal of the portal is one of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.causes import StoredCause, as_it_is, words_of


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where (a JSON pointer), what in words, and a fixed code."""

    pointer: str
    detail: str
    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


def step_of(name: str) -> str:
    """A field's name as a step of a JSON pointer."""
    # It may contain a lone surrogate, which cannot be encoded in the answer.
    return name.encode(errors="replace").decode().replace("~", "~0").replace("/", "~1")


class DomainError(Exception):
    """A refusal: `code` for programs, `sentence` for people, `data` for both.

    What a worker may refuse is given as a cause: that can be stored, and read in any language.
    """

    code = "refused"
    status = 400

    def __init__(self, why: str | StoredCause, *, code: str | None = None, **data: Any) -> None:
        self.cause = as_it_is(why) if isinstance(why, str) else why
        self.sentence = words_of(self.cause)
        super().__init__(self.sentence)
        self.code = code or self.code
        self.data = data


class Invalid(DomainError):
    """What was sent cannot be accepted; `faults` are all that is wrong with it."""

    code = "invalid"
    status = 422

    def __init__(self, why: str | StoredCause, faults: Sequence[Fault] = (), **data: Any) -> None:
        super().__init__(why, **data)
        self.faults = tuple(faults)


class Conflict(DomainError):
    """The state is not what the caller assumed: somebody was faster, or the same number has other content."""

    code = "conflict"
    status = 409


class NotFound(DomainError):
    """It does not exist, or the caller may not see it."""

    code = "not-found"
    status = 404


class TooMany(DomainError):
    """Too many requests; nothing was checked."""

    code = "too-many"
    status = 429
    retry_after_seconds = 300


class TryLater(DomainError):
    """DdD has to be asked first and does not answer now; nothing was stored."""

    code = "try-later"
    status = 503
    retry_after_seconds = 10
