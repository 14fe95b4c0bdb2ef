"""Parses a page: its text, its forms, its buttons by their accessible names, and its faults."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.device import extend_session
from tests.factories import Cast

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
QUIET = {"script", "style", "template"}
NOT_TYPED = {"hidden", "checkbox", "radio", "file", "submit", "button"}
ENGLISH, DANISH = {"accept-language": "en"}, {"accept-language": "da"}
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pos/"}

Answer = Any  # what Django's test client gives is no class that can be named


def browser(cast: Cast, who: str, headers: dict[str, str] | None = None, **options: Any) -> Client:
    """A client of a person who is logged in and whose browser asks for English."""
    client = Client(headers={**ENGLISH, **(headers or {})}, **options)
    client.force_login(cast.person(who))
    session = client.session
    extend_session(session, timezone.now())  # as the log-in does
    session.save()
    return client


@dataclass
class Form:
    """Where it goes, what it sends when nobody touches it, what is typed, and its buttons: Enter in what is
    typed presses the first of them."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    submits: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Table:
    """How many cells each of its rows has, with those that reach down into it."""

    rows: list[int] = field(default_factory=list)
    _reach_down: list[tuple[int, int]] = field(default_factory=list)  # into how many rows more, how wide

    def begin_row(self) -> None:
        self.rows.append(sum(width for _more, width in self._reach_down))
        self._reach_down = [(more - 1, width) for more, width in self._reach_down if more > 1]

    def add_cell(self, width: int, height: int) -> None:
        self.rows[-1] += width
        if height > 1:
            self._reach_down.append((height - 1, width))

    @property
    def faults(self) -> list[str]:
        """Rows that are longer or shorter than the first."""
        return [f"{cells} cells stand under {self.rows[0]}" for cells in self.rows if cells != self.rows[0]]


class Page(HTMLParser):
    """Reads an answer; `faults` are tags that do not close, ids used twice, fields without a name, and rows
    with more or fewer cells than the first of their table."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self.buttons: list[str] = []
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.rows: list[str] = []
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._words: list[str] = []
        self._fields: list[dict[str, str]] = []
        self._labels: set[str] = set()
        self._tables: list[Table] = []
        self.feed(answer if isinstance(answer, str) else answer.content.decode())
        self.close()
        self._look_over()

    @property
    def text(self) -> str:
        """All words that are shown, in one line."""
        return _in_one_line(self._words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.attributes.append((tag, found))
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get")))
        if tag == "label" and "for" in found:
            self._labels.add(found["for"])
        if tag in ("input", "select", "textarea"):
            inside = any(name == "label" for name, _attributes, _text in self._open)
            self._fields.append({**found, "inside": "yes" if inside else ""})
        if tag == "input" and self.forms and found.get("type") == "hidden":
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        if tag == "table":
            self._tables.append(Table())
        if tag == "tr":
            self._tables[-1].begin_row()
        if tag in ("td", "th"):
            self._tables[-1].add_cell(int(found.get("colspan", 1)), int(found.get("rowspan", 1)))
        if any(name == "form" for name, _attributes, _text in self._open) and "form" not in found:
            self._read_in_form(tag, found)
        self._write(" ")
        if tag not in VOID:
            self._open.append((tag, found, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1][0] if self._open else 'nothing'}")
            return
        _tag, attributes, words = self._open.pop()
        self._write(" ")
        name = attributes.get("aria-label") or _in_one_line(words)
        if any(around in QUIET for around, _attributes, _text in self._open):
            return  # a script may show it one day
        if tag == "button":
            self.buttons.append(name)
        elif tag == "a":
            self.links[name] = attributes.get("href", "")
        elif tag in ("tr", "li"):
            self.rows.append(_in_one_line(words))

    def handle_data(self, data: str) -> None:
        if any(tag in QUIET for tag, _attributes, _text in self._open):
            return
        self._write(data)

    def _read_in_form(self, tag: str, found: dict[str, str]) -> None:
        form = self.forms[-1]
        if tag == "button" and found.get("type", "submit") == "submit":
            form.submits.append(found)
        if tag == "input" and found.get("type", "text") not in NOT_TYPED:
            form.typed.append(found.get("name", ""))
            if form.submits and "formaction" not in form.submits[0]:  # those with one only show something
                self.faults.append(f"Enter in {form.typed[-1]} presses a button that stands before it")

    def _write(self, text: str) -> None:
        self._words.append(text)
        for _tag, _attributes, words in self._open:
            words.append(text)

    def _look_over(self) -> None:
        self.faults += [f"<{tag}> is not closed" for tag, _attributes, _text in self._open]
        ids = Counter(found["id"] for _tag, found in self.attributes if "id" in found)
        self.faults += [f"id {name} stands {times} times" for name, times in ids.items() if times > 1]
        for found in self._fields:
            named = found["inside"] or found.get("aria-label") or found.get("id") in self._labels
            if found.get("type") != "hidden" and not named:
                self.faults.append(f"the field {found.get('name')} has no label")
        for tag, found in self.attributes:
            if "style" in found or any(name.startswith("on") for name in found):
                self.faults.append(f"<{tag}> has a style or script of its own, which the policy stops")
        self.faults += ["a button has no name" for name in self.buttons if not name]
        self.faults += [fault for table in self._tables for fault in table.faults]


def _in_one_line(words: list[str]) -> str:
    return " ".join("".join(words).split())
