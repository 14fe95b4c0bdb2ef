"""What is stored for people to read later: a code with data, never a sentence.

Each sentence is written once, where its `Cause` is; `words_of` says it in the reader's language. The code is
what stands in the database: it never changes, however the sentence is reworded.
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
Stored = dict[str, Any]
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[sd]")

_CAUSES: Final[dict[str, "Cause"]] = {}


class Cause:
    """One sentence under its code. Called with what its placeholders name, it gives what is stored."""

    def __init__(self, code: str, sentence: Promise | str) -> None:
        if code in _CAUSES:
            raise ValueError(f"Two causes have the code {code!r}.")
        _CAUSES[code] = self
        self.code, self.sentence = code, sentence

    def __call__(self, **data: str | int | Stored) -> Stored:
        self.refuse_other_data(data)
        return {"code": self.code, "data": data}

    def data_of(self, stored: Stored) -> dict[str, Any]:
        """The data when it is this cause, for who needs more than its sentence; else nothing."""
        return stored["data"] if stored.get("code") == self.code else {}

    def words(self, data: Mapping[str, Any]) -> str:
        """The sentence in the active language. What an older version did not store is left open."""
        said = {name: words_of(value) if isinstance(value, dict) else value for name, value in data.items()}
        return str(self.sentence) % defaultdict(lambda: "…", said)

    def refuse_other_data(self, data: Mapping[str, Any]) -> None:
        """TypeError when these are not what the sentence names."""
        wanted = self.names()
        if wanted != data.keys():
            raise TypeError(f"{self.code!r} takes {sorted(wanted)}, not {sorted(data)}.")

    def names(self) -> set[str]:
        """Of the data that it takes."""
        return set(PLACEHOLDER.findall(str(self.sentence)))


class LocalValue(Cause):
    """A value that each language writes in its own way, such as a moment: `say` takes the data by name."""

    def __init__(self, code: str, say: Callable[..., str]) -> None:
        super().__init__(code, "")
        self.say = say

    def words(self, data: Mapping[str, Any]) -> str:
        """What `say` makes of the data in the active language."""
        return self.say(**data)

    def names(self) -> set[str]:
        """Of the data that it takes."""
        return set(signature(self.say).parameters)


# What somebody else said, or what was stored before there were codes: shown as it is.
AS_IT_IS: Final = Cause("as-it-is", "%(text)s")
# Whatever workers send, and whoever reads of it.
WORKER_STOPPED: Final = Cause("worker-stopped", gettext_lazy("The worker stopped while it was sending."))


# A day and a time, in the time zone of the reader.
MOMENT: Final = LocalValue(
    "moment",
    lambda at: formats.date_format(timezone.localtime(datetime.fromisoformat(at)), "j. F Y H:i"),
)


def as_it_is(text: str) -> Stored:
    """The text of a server or a person, which has no other language; empty is nothing."""
    return AS_IT_IS(text=text) if text else {}


def words_of(stored: Stored) -> str:
    """The sentence in the active language; empty for nothing. A code of a newer version shows itself."""
    if not stored:
        return ""
    cause = _CAUSES.get(stored["code"])
    if cause is None:
        return str(stored["code"])
    return cause.words(stored["data"])


def in_english(stored: Stored) -> str:
    """The same for logs and for programs, which read English."""
    with translation.override("en"):
        return words_of(stored)


class CauseError(Exception):
    """An error of which is stored, for people, why: `cause`."""

    def __init__(self, cause: Stored) -> None:
        super().__init__(cause)
        self.cause = cause

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The cause in English, for logs."""
        return in_english(self.cause)


def refuse_unknown(stored: object) -> None:
    """TypeError for what no Cause gave: a sentence, a code that nobody knows, data that is not its own."""
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
    """Every cause that a loaded module has made, by its code."""
    return _CAUSES
