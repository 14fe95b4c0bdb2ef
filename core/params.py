"""What a form or an address brings, made safe to look up."""

LONGEST_CODE = 100


def number(text: str | None) -> int:
    """A number as a form sends it; 0 for everything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def code_in(text: str | None) -> str:
    """What was scanned or typed. PostgreSQL has no text with NUL."""
    return (text or "")[:LONGEST_CODE].replace("\0", "")
