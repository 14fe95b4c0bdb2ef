"""Routes that match in any case and can still be reversed: Django reverses `[aA]`, but not `(?i)`."""

import re

LETTER = re.compile(r"[a-z]", re.IGNORECASE)


def in_any_case(words: str) -> str:
    """A regular expression that matches these words in upper and lower case."""
    return LETTER.sub(lambda found: f"[{found[0]}{found[0].swapcase()}]", words)
