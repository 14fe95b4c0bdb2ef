"""Faults on demand, named in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REFUSE = "refuse"
LOSE_ANSWER = "lose the answer after committing"
LOSE_CONNECTION = "lose the connection before committing"
ERROR_500 = "500"
ERROR_500_AFTER = "500 after committing"
ERROR_503 = "503"
SLOW = "slow"
HALF = "half an answer"
CAMEL_CASE = "camelCase"
NONSENSE = "nonsense"

WORDS: dict[str, str] = {
    REFUSE: "answers 400; nothing is committed",
    LOSE_ANSWER: "commits, then closes the connection without any answer",
    LOSE_CONNECTION: "closes the connection at once; nothing is committed",
    ERROR_500: "answers 500; nothing is committed",
    ERROR_500_AFTER: "commits, then answers 500",
    ERROR_503: "answers 503; nothing is committed",
    SLOW: "waits, then commits and answers, even when the caller has given up",
    HALF: "commits, sends half of the answer, then closes the connection",
    CAMEL_CASE: "answers reads with camelCase names",
    NONSENSE: "commits, then answers 200 with a page of HTML",
}
ON = ("all", "posts", "reads", "order", "sale", "transfer", "poll")


class BadRule(ValueError):
    """A rule that makes no sense; the text says why."""


@dataclass(frozen=True)
class Strike:
    """What happens to one call."""

    fault: str
    seconds: float


@dataclass
class Rule:
    """Strikes each `every`th call that it is `on`, at most `times` times, with its faults in turn."""

    faults: tuple[str, ...]
    every: int = 1
    times: int | None = None
    on: str = "all"
    seconds: float = 3.0
    seen: int = 0
    struck: int = 0

    def strike(self, kind: str, is_read: bool) -> Strike | None:
        if not self._is_on(kind, is_read):
            return None
        self.seen += 1
        if self.seen % self.every or (self.times is not None and self.struck >= self.times):
            return None
        fault = self.faults[self.struck % len(self.faults)]
        self.struck += 1
        return Strike(fault, self.seconds)

    def _is_on(self, kind: str, is_read: bool) -> bool:
        groups = {"all": True, "reads": is_read, "posts": not is_read}
        return groups.get(self.on, self.on == kind)

    def as_json(self) -> dict[str, Any]:
        return {
            "fault": list(self.faults) if len(self.faults) > 1 else self.faults[0],
            "every": self.every,
            "times": self.times,
            "on": self.on,
            "seconds": self.seconds,
            "seen": self.seen,
            "struck": self.struck,
        }


class Faults:
    """The active rules. They live as long as the process."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def strike(self, kind: str, is_read: bool) -> Strike | None:
        """What happens to this call: the oldest rule that strikes decides, and later ones do not count it."""
        for rule in self.rules:
            strike = rule.strike(kind, is_read)
            if strike:
                return strike
        return None

    def add(self, fields: Mapping[str, Any]) -> Rule:
        unknown = sorted(set(fields) - {"fault", "every", "times", "on", "seconds"})
        if unknown:
            raise BadRule(f"Unknown: {', '.join(unknown)}. A rule has fault, every, times, on and seconds.")
        on = fields.get("on") or "all"
        if on not in ON:
            raise BadRule(f"on must be one of: {', '.join(ON)}.")
        rule = Rule(
            faults=_words(fields.get("fault")),
            every=_whole(fields, "every") or 1,
            times=_whole(fields, "times"),
            on=str(on),
            seconds=_seconds(fields.get("seconds")),
        )
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules.clear()


def _words(fields: Any) -> tuple[str, ...]:
    found = tuple(fields) if isinstance(fields, list) else (fields,)
    if not found or any(not isinstance(word, str) or word not in WORDS for word in found):
        raise BadRule(f"fault must be one of, or a list of: {', '.join(WORDS)}.")
    return found


def _whole(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise BadRule(f"{name} must be a whole number from 1.")
    return int(value)


def _seconds(value: Any) -> float:
    if value in (None, ""):
        return 3.0
    try:
        seconds = float(str(value).replace(",", "."))
    except ValueError:
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds <= 600:
        raise BadRule("seconds must be a number from 0 to 600.")
    return seconds
