"""Form and URL parameters, made safe to look up."""

LONGEST_CODE = 100


def number(text: str | None) -> int:
    """The parameter as a number; 0 for everything that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def code_in(text: str | None) -> str:
    """A code that was scanned or typed. PostgreSQL stores no text with NUL."""
    return (text or "")[:LONGEST_CODE].replace("\0", "")
