"""A Group's own tables of DdD's words. Knows no database."""

from collections.abc import Mapping


def meaning_of(words: Mapping[str, str], word: str) -> str | None:
    """What the word means by this table (word -> meaning), in whatever case it is written.

    None when the table does not have it.
    """
    folded = folded_word(word)
    return next((meaning for known, meaning in words.items() if folded_word(known) == folded), None)


def folded_word(word: str) -> str:
    """The form in which two words of DdD are compared."""
    return word.strip().casefold()


def is_same_word(one: str, other: str) -> bool:
    """Whether two texts of DdD's are the same in whatever case, and with spaces around them."""
    return folded_word(one) == folded_word(other)
