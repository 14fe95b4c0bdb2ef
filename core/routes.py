"""Routes that are known in any case and can still be built: Django reverses `[aA]`, but no `(?i)`."""

import re

LETTER = re.compile(r"[a-z]", re.IGNORECASE)


def in_any_case(words: str) -> str:
    """A part of a regular expression that matches these words however they are written."""
    return LETTER.sub(lambda found: f"[{found[0]}{found[0].swapcase()}]", words)
