"""What every line of the log has, and what none may have.

Whoever logs names rows by their numbers: no names, addresses, codes or texts that people typed. What
libraries and exceptions put into a line of their own accord is masked here, as far as it can be recognised.
"""

import json
import os
import re
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

Line = MutableMapping[str, Any]
Render = Callable[[object, str, Line], str]

PRIORITIES: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}

# Given by `extra` of a log call. What else a library gives there stays out.
FIELDS: Final = (
    "kind",
    "method",
    "milliseconds",
    "outcome",
    "path",
    "person",
    "posting",
    "status",
    "task",
    "view",
)
# Bound by the portal itself, and long enough to be taken for secrets.
OUR_OWN: Final = frozenset({"request_id", "task_id", "order_no", "timestamp", "level", "logger"})
ONE_LINE: Final = {code: repr(chr(code))[1:-1] for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}
MASKED: Final = "..."

MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
QUERY: Final = re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]*")
SCHEME: Final = re.compile(r"\b(Bearer|ddd_token|Basic)(\s+)[^\s\"',;]+", re.IGNORECASE)
LONG: Final = re.compile(r"[\w:=+-]{20,}")
NUMBER: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")  # of a task
NAME: Final = re.compile(r"[A-Za-z]+|[a-z]+(?:_[a-z0-9]+){2,}|[\w:-]*(?:__\w+__|Error|Exception)")
# PostgreSQL shows rows with all that is in them, and statements with their values.
ROWS: Final = re.compile(
    r"^(DETAIL|CONTEXT|LINE \d+):.*?(?=\n\n|\nTraceback |\n  File |\nHINT:|\Z)", re.DOTALL | re.MULTILINE
)
# What a value is that Python could not use.
QUOTED: Final = re.compile(r"((?:ValueError|UnicodeError|DataError)\b[^'\"\n]*)['\"].*$", re.MULTILINE)


def bind(**facts: object) -> None:
    """What the lines of this request or task have from now on: numbers of rows, an OrderNo."""
    structlog.contextvars.bind_contextvars(**facts)


def begin(**facts: object) -> None:
    """A new request or task: nothing of the one before is left."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{name: fact for name, fact in facts.items() if fact})


def bound(name: str) -> str:
    """Such a fact of this request or task; empty without."""
    return str(structlog.contextvars.get_contextvars().get(name, ""))


def masked(text: str) -> str:
    """Without queries, mail addresses, tokens, secret links, and rows that the database shows."""
    text = ROWS.sub(rf"\1: {MASKED}", text)
    text = QUOTED.sub(rf"\1{MASKED}", text)
    text = QUERY.sub(r"\1", text)
    text = SCHEME.sub(rf"\1\2{MASKED}", text)
    text = MAIL.sub(MASKED, text)
    return LONG.sub(_mask_unless_a_name, text)


def _mask_unless_a_name(found: re.Match[str]) -> str:
    text = found[0]
    has_both = re.search(r"\d", text) and re.search(r"[A-Za-z]", text)
    is_name = not has_both or NUMBER.fullmatch(text) or NAME.fullmatch(text)
    return text if is_name else MASKED


def mask(_logger: object, _method: str, line: Line) -> Line:
    """A step of structlog's: masks all texts but the portal's own numbers."""
    for name, value in line.items():
        if isinstance(value, str) and name not in OUR_OWN:
            line[name] = masked(value)
    return line


def as_json(_logger: object, _method: str, line: Line) -> str:
    """One line for programs."""
    return json.dumps(line, default=str, ensure_ascii=False).translate(ONE_LINE)


def as_text(_logger: object, _method: str, line: Line) -> str:
    """One line for people, and a traceback below it. What came from outside cannot look like a line."""
    start = [str(line.pop(name, "")) for name in ("timestamp", "level", "logger", "event")]
    below = line.pop("exception", None)
    facts = [f"{name}={value}" for name, value in line.items() if value is not None]
    return " ".join((*start, *facts)).translate(ONE_LINE) + (f"\n{below}" if below else "")


def for_journal(render: Render) -> Render:
    """With the priority before the line, as systemd's journal reads it: `journalctl -p warning`."""

    def with_priority(logger: object, method: str, line: Line) -> str:
        priority = PRIORITIES.get(str(line.get("level")), 6)
        return f"<{priority}>{render(logger, method, line)}"

    return with_priority


def goes_to_journal(descriptor: int = 2) -> bool:
    """Whether what is written to this file (stderr) is read by systemd's journal."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def formatter(render: Render) -> ProcessorFormatter:
    """Of all lines, those of libraries too."""
    render = for_journal(render) if goes_to_journal() else render
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            ExtraAdder(FIELDS),
            add_log_level,
            add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            render,
        ],
    )


def json_formatter() -> ProcessorFormatter:
    """For LOG_FORMAT=json."""
    return formatter(as_json)


def text_formatter() -> ProcessorFormatter:
    """For LOG_FORMAT=console."""
    return formatter(as_text)
