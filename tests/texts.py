"""Finds the texts that a person can see, where they are written, and reads a catalogue of translations."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

# How many of the first arguments are text, and what each of them is.
FUNCTIONS = {
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
TRANSLATION = "django.utils.translation"
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
# Comments, literals and regular expressions, in the order in which a scanner has to look for them.
IN_SCRIPT = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<literal>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)
    |(?<=[(,=:!&|?{};\n])\s*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*""",
    re.VERBOSE | re.DOTALL,
)
# What is put there is shown or read out.
SINK = re.compile(
    r"""(?:\.(?:textContent|innerText|innerHTML|outerHTML|title|placeholder|alt|ariaLabel|label)\s*\+?=
    |\b(?:alert|confirm|prompt|append|prepend|replaceChildren|createTextNode|Notification|showNotification)\(
    |\bsetAttribute\(\s*["'](?:title|placeholder|alt|label|aria-(?:label|description|roledescription))["']\s*,
    |\bn?p?gettext\()\s*(?:[\w.?]+\s*(?:\?\?|\|\||\?)\s*)?$""",
    re.VERBOSE,
)
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[^\w#.\[<]*[A-ZÆØÅ][^\W\d_]*[,.!?…:]?\s+[^\W\d_]+")


@dataclass(frozen=True, order=True)
class Text:
    """What is looked up in the catalogue."""

    text: str
    context: str = ""
    plural: str = ""


@dataclass
class Entry:
    """What a catalogue says about one of them."""

    translations: list[str] = field(default_factory=list)
    fuzzy: bool = False


def texts_of_code(source: str) -> Iterator[Text]:
    """Of each call that asks for a translation, whatever the function is called there. ValueError where the
    text is put together, so that no catalogue can have it."""
    for node, kind in calls_of(ast.parse(source)):
        arguments = node.args[: len(FUNCTIONS[kind])]
        literals = [one.value for one in arguments if isinstance(one, ast.Constant)]
        if len(literals) == len(FUNCTIONS[kind]):
            yield _text(kind, literals)
        elif literals or any(isinstance(one, (ast.JoinedStr, ast.BinOp)) for one in arguments):
            raise ValueError(f"line {node.lineno}: a text for the catalogue must be written in one piece")


def calls_of(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Each call that asks for a translation, and which of the functions it calls."""
    names = dict(_functions_of(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            kind = names.get(node.func.id)
        else:
            kind = _kind_of(node.func.attr) if isinstance(node.func, ast.Attribute) else None
        if kind is not None:
            yield node, kind


def texts_of_template(source: str) -> Iterator[Text]:
    """Of `translate`, `blocktranslate` and `_("...")` in a tag."""
    for found in IN_TEMPLATE.finditer(templatize(source)):
        kind = "gettext" if found[1] == "_" else found[1]
        yield _text(kind, [ast.literal_eval(one) for one in re.findall(LITERAL, found[2])])


def texts_of_script(source: str) -> Iterator[str]:
    """What a script shows that is written in it: it looks like a sentence, or is put where it is shown."""
    for found in IN_SCRIPT.finditer(source):
        literal = found["literal"]
        if not literal:
            continue
        text = re.sub(r"\$\{[^}]*\}", "", literal[1:-1])
        is_shown = SINK.search(source[max(0, found.start() - 200) : found.start()])
        if SENTENCE.match(text) or (is_shown and WORD.search(text)):
            yield literal[1:-1]


def entries_of(catalogue: str) -> dict[Text, Entry]:
    """The entries of a .po file. ValueError for one that stands there twice."""
    entries: dict[Text, Entry] = {}
    for block in re.split(r"\n\s*\n", catalogue):
        lines = [line for line in block.splitlines() if not line.startswith("#~")]
        fields = _fields_of(lines)
        if not fields.get("msgid"):
            continue
        text = Text(fields["msgid"], fields.get("msgctxt", ""), fields.get("msgid_plural", ""))
        if text in entries:
            raise ValueError(f"{text} stands there twice")
        translations = [value for name, value in fields.items() if name.startswith("msgstr")]
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        entries[text] = Entry(translations, fuzzy)
    return entries


def compiled_of(entries: dict[Text, Entry]) -> dict[object, str]:
    """The same as `gettext.GNUTranslations` reads it from a .mo file."""
    compiled: dict[object, str] = {}
    for text, entry in entries.items():
        key = f"{text.context}\x04{text.text}" if text.context else text.text
        if not all(entry.translations) or entry.fuzzy:
            continue
        if text.plural:
            compiled |= {(key, number): words for number, words in enumerate(entry.translations)}
        else:
            compiled[key] = entry.translations[0]
    return compiled


def missing_in(entries: dict[Text, Entry], texts: Iterable[Text]) -> list[Text]:
    """What has no translation. A text that is asked for alone may stand there with its plural."""
    known = {text for text, entry in entries.items() if all(entry.translations) and not entry.fuzzy}
    alone = {Text(text.text, text.context) for text in known}
    return sorted(text for text in set(texts) if text not in (known if text.plural else alone))


def files_of(folder: Path, *endings: str) -> list[Path]:
    """All of them that are read as text, without the sandbox, a program of its own that speaks English."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in endings)
    return [path for path in found if "sandbox" not in path.parts]


def _functions_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name under which the module knows a function of gettext, and which of them it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in (TRANSLATION, "gettext"):
            for alias in node.names:
                kind = _kind_of(alias.name)
                if kind:
                    yield alias.asname or alias.name, kind


def _kind_of(name: str) -> str | None:
    kind = name.removesuffix("_lazy").removesuffix("_noop")
    return kind if kind in FUNCTIONS else None


def _text(kind: str, literals: Iterable[object]) -> Text:
    return Text(**dict(zip(FUNCTIONS[kind], map(str, literals), strict=True)))


def _fields_of(lines: Iterable[str]) -> dict[str, str]:
    """`msgid` and its kin, with what stands on the lines below."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        found = re.match(r'(?:(msg\w+(?:\[\d\])?)\s+)?(".*")\s*$', line)
        if found:
            name = found[1] or name
            fields[name] = fields.get(name, "") + str(ast.literal_eval(found[2]))
    return fields
