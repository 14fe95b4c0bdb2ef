"""Whether two article codes are the same one: what a scanner sends, somebody types or a web shop orders, and
what the catalogue has. Knows no database. `static/pos/codes.js` has the same rule, for a tablet without
network.

A GTIN has 8, 12, 13 or 14 digits, and a shorter one is the longer one with leading zeros. Scanners may put
the code's symbology before it, send a GS1 element string (whose application identifier 01 is the GTIN) or a
GS1 link, and keyboards send digits and letters in other Unicode forms.
"""

import re
import unicodedata
from typing import Final

GTIN: Final = re.compile(r"\d{8,14}", re.ASCII)
SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
GS1: Final = ("]C1", "]e0", "]d2", "]Q3")
SEPARATOR: Final = "\x1d"  # what a scanner sends for FNC1
LINK: Final = re.compile(r"https?://\S+?/01/(\d{8,14})(?:[/?#]|$)", re.ASCII | re.IGNORECASE)
IN_BRACKETS: Final = re.compile(r"\(01\)(\d{14})", re.ASCII)
# Application identifiers with as many digits after them; all others end at a separator.
FIXED: Final = {"00": 18, "01": 14, "02": 14, "20": 2} | dict.fromkeys(
    ("11", "12", "13", "15", "16", "17"), 6
)
LENGTHS: Final = (8, 12, 13, 14)
SHORTEST_WITHOUT_ZEROS: Final = 9


def canonical(code: str) -> str:
    """The same for every form of one code: 14 digits for a GTIN, else the code without what nobody sees."""
    text, is_gs1 = _cleaned(code)
    gtin = _element(text, is_gs1)
    text = gtin or text.replace(SEPARATOR, "")
    return text.zfill(14) if GTIN.fullmatch(text) else text


def plain(code: str) -> str:
    """The code in plain digits and letters, without what nobody sees."""
    return _cleaned(code)[0]


def spellings(code: str) -> set[str]:
    """All texts under which a catalogue may have this code."""
    found = canonical(code)
    if not GTIN.fullmatch(found):
        return {found, code.strip()}
    bare = found.lstrip("0")
    forms = {found[-length:] for length in LENGTHS if len(bare) <= length}
    # DdD has Eans as numbers too.
    return forms | {code.strip()} | ({bare} if len(bare) >= SHORTEST_WITHOUT_ZEROS else set())


def _cleaned(code: str) -> tuple[str, bool]:
    """Without symbology, spaces and what nobody sees; True when it is said to be a GS1 element string."""
    text = "".join(_plain(one) for one in unicodedata.normalize("NFKC", code))
    symbology = SYMBOLOGY.match(text)
    if symbology:
        text = text[symbology.end() :]
    is_gs1 = text.startswith(SEPARATOR) or (symbology is not None and symbology[0] in GS1)
    return text.lstrip(SEPARATOR), is_gs1


def _plain(one: str) -> str:
    category = unicodedata.category(one)
    if category == "Nd":
        return str(unicodedata.decimal(one))
    return "" if category[0] in "CZ" and one != SEPARATOR else one


def _element(text: str, is_gs1: bool) -> str:
    """The GTIN in an element string or link; empty when there is none."""
    named = LINK.match(text) or IN_BRACKETS.search(text)
    if named:
        return named[1]
    if not is_gs1 and not (re.match(r"01\d{14}", text, re.ASCII) and _is_checked(text[2:16])):
        return ""
    for part in text.split(SEPARATOR):
        rest = part
        while (length := FIXED.get(rest[:2])) is not None:
            value = rest[2 : 2 + length]
            if rest[:2] == "01" and re.fullmatch(r"\d{14}", value, re.ASCII):
                return value
            rest = rest[2 + length :]
    return ""


def _is_checked(gtin: str) -> bool:
    """Whether its last digit fits."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(gtin[:-1]))
    return (10 - total % 10) % 10 == int(gtin[-1])
