"""Gives the sentences that earlier versions stored in English their codes. For migrations only."""

import re
from collections.abc import Iterable

from core.causes import AS_IT_IS, Stored

# A code, and the sentence as a pattern whose named groups are the data.
OldSentence = tuple[str, str]
NUMBERS = frozenset({"status", "count"})


def coded(text: str, sentences: Iterable[OldSentence], nested: Iterable[str] = ()) -> Stored:
    """The stored form of an old text; as it is when it is none of `sentences`. The first that fits wins.

    Data that `nested` names is a sentence itself.
    """
    if not text:
        return {}
    for code, pattern in sentences:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            data = {
                name: coded(value, sentences, nested)
                if name in nested
                else int(value)
                if name in NUMBERS
                else value
                for name, value in found.groupdict().items()
            }
            return {"code": code, "data": data}
    return {"code": AS_IT_IS.code, "data": {"text": text}}
