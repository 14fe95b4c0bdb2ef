"""What is stored for people to read later: a code with data, never a sentence.

Each sentence is written once, where its `Cause` is; `words_of` gives it in the reader's language. The code is
what the database has: it never changes, however the sentence is reworded.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from inspect import signature
from typing import Any, Final

from django.utils import formats, timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

# {"code": "...", "data": {...}}; {} is nothing. A value of the data may be stored in the same way.
StoredCause = dict[str, Any]
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[sd]")

_CAUSES: Final[dict[str, "Cause"]] = {}


class Cause:
    """One sentence under its code. Calling it with the data of its placeholders gives the form to store."""

    def __init__(self, code: str, sentence: Promise | str) -> None:
        if code in _CAUSES:
            raise ValueError(f"Two causes have the code {code!r}.")
        _CAUSES[code] = self
        self.code, self.sentence = code, sentence

    def __call__(self, **data: str | int | StoredCause) -> StoredCause:
        self.refuse_other_data(data)
        return {"code": self.code, "data": data}

    def data_of(self, stored: StoredCause) -> dict[str, Any]:
        """The data when it is this cause, for callers that need more than the sentence; else {}."""
        return stored["data"] if stored.get("code") == self.code else {}

    def words(self, data: Mapping[str, Any]) -> str:
        """The sentence in the active language; "…" for data that an older version did not store."""
        values = {name: words_of(value) if isinstance(value, dict) else value for name, value in data.items()}
        return str(self.sentence) % defaultdict(lambda: "…", values)

    def refuse_other_data(self, data: Mapping[str, Any]) -> None:
        """Raises TypeError unless the data is exactly what the sentence names."""
        expected = self.names()
        if expected != data.keys():
            raise TypeError(f"{self.code!r} takes {sorted(expected)}, not {sorted(data)}.")

    def names(self) -> set[str]:
        """The names of the data that it takes."""
        return set(PLACEHOLDER.findall(str(self.sentence)))


class LocalValue(Cause):
    """A value that each language formats in its own way, such as a time: `render` takes the data by name."""

    def __init__(self, code: str, render: Callable[..., str]) -> None:
        super().__init__(code, "")
        self.render = render

    def words(self, data: Mapping[str, Any]) -> str:
        """The data as `render` formats it in the active language."""
        return self.render(**data)

    def names(self) -> set[str]:
        """The names of the data that it takes."""
        return set(signature(self.render).parameters)


# The text of somebody else, or one that was stored before there were codes: shown unchanged.
AS_IT_IS: Final = Cause("as-it-is", "%(text)s")
# For everything that workers send: mails and postings.
WORKER_STOPPED: Final = Cause("worker-stopped", gettext_lazy("The worker stopped while it was sending."))


# A day and a time, in the time zone of the reader.
MOMENT: Final = LocalValue(
    "moment",
    lambda at: formats.date_format(timezone.localtime(datetime.fromisoformat(at)), "j. F Y H:i"),
)


def as_it_is(text: str) -> StoredCause:
    """The stored form of a text that is not translated, from a server or a person; {} for an empty one."""
    return AS_IT_IS(text=text) if text else {}


def words_of(stored: StoredCause) -> str:
    """The sentence in the active language; "" for {}. A code of a newer version is shown itself."""
    if not stored:
        return ""
    cause = _CAUSES.get(stored["code"])
    if cause is None:
        return str(stored["code"])
    return cause.words(stored["data"])


def in_english(stored: StoredCause) -> str:
    """The sentence in English, for logs and for programs."""
    with translation.override("en"):
        return words_of(stored)


class CauseError(Exception):
    """An error whose `cause` can be stored and shown to people."""

    def __init__(self, cause: StoredCause) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The cause in English, for logs."""
        return in_english(self.cause)


def refuse_unknown(stored: object) -> None:
    """Raises TypeError unless it is the stored form of a Cause, with the data that its sentence names."""
    if stored == {}:
        return
    if not isinstance(stored, dict) or stored.keys() != {"code", "data"}:
        raise TypeError(f"What people read is stored as a Cause gives it, not as {stored!r:.80}.")
    cause = _CAUSES.get(stored["code"])
    if cause is None:
        raise TypeError(f"No cause has the code {stored['code']!r}.")
    cause.refuse_other_data(stored["data"])
    for value in stored["data"].values():
        if isinstance(value, dict):
            refuse_unknown(value)


def all_causes() -> Mapping[str, Cause]:
    """Every cause of all loaded modules, by its code."""
    return _CAUSES
