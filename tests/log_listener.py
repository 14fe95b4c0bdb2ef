"""Listens to the log while tests run, as an installation would write it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.demo_secrets import DEMO_PASSWORD, FJORD_KEY, NORDLYS_KEY
from core.logs import json_formatter

# Of the customer of most orders, of everybody's mail, and of the demo.
NEVER_LOGGED = (
    *("Åse", "Sørensen", "Bakkevej", "@nordlys.example", "@fjord.example"),
    *(NORDLYS_KEY, FJORD_KEY, DEMO_PASSWORD),
)


class Listener(logging.Handler):
    """Keeps the lines that have such a word."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self.heard = heard
        self.setFormatter(json_formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the loggers."""
        line = self.format(record)
        if any(word in line for word in NEVER_LOGGED):
            self.heard.append(line)


@contextmanager
def listening() -> Iterator[list[str]]:
    """The lines that should not have been written meanwhile."""
    heard: list[str] = []
    listener = Listener(heard)
    logging.getLogger().addHandler(listener)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(listener)
