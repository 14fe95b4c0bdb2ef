"""The latest calls to the API, for the page."""

from collections import deque
from dataclasses import dataclass

KEPT = 200


@dataclass(frozen=True)
class LoggedCall:
    """One call as it went; without a status the caller got no answer."""

    at: str
    method: str
    path: str
    status: int | None
    fault: str
    milliseconds: float
    sentence: str


class Calls:
    def __init__(self) -> None:
        self.latest: deque[LoggedCall] = deque(maxlen=KEPT)
        self.counted = 0

    def add(self, call: LoggedCall) -> None:
        self.latest.appendleft(call)
        self.counted += 1

    def forget(self) -> None:
        self.latest.clear()
        self.counted = 0
