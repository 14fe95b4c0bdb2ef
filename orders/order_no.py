"""What an OrderNo may be, and which of them people take for one. Knows no database."""

import hashlib
import unicodedata
from typing import Final

LONGEST_FOLDED: Final = 255
# Format characters (zero width, bidirectional), separators of lines and paragraphs, controls, surrogates,
# and code points without a character.
UNSEEN_CATEGORIES: Final = frozenset({"Cf", "Zl", "Zp", "Cc", "Cs", "Cn", "Co"})
# Letters and marks that are drawn as nothing: fillers, joiners, variation selectors, the empty Braille cell.
UNSEEN: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)


def unseen_in(text: str) -> list[str]:
    """The characters that nobody sees or that a space only looks like, as U+200B; each once."""
    return list(dict.fromkeys(f"U+{ord(one):04X}" for one in text if _is_unseen(one)))


def folded(order_no: str) -> str:
    """The same for every OrderNo that differs only in case or in the Unicode form of its characters."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", order_no).casefold())
    return text if len(text) <= LONGEST_FOLDED else hashlib.sha256(text.encode()).hexdigest()


def _is_unseen(one: str) -> bool:
    category = unicodedata.category(one)
    return category in UNSEEN_CATEGORIES or ord(one) in UNSEEN or (category == "Zs" and one != " ")
