"""What each kind of posting has to define."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise

from core.causes import StoredCause
from ddd.api.http import Wire
from ddd.models import Connection, FirstPosting, Posting
from ddd.sending.readback import Evidence, Finding, Unclear

# After this many attempts without success a person has to decide.
SENT_IN_VAIN: Final = 8


@dataclass(frozen=True)
class Accepted:
    """DdD has accepted it, with this answer."""

    answer: str


@dataclass(frozen=True)
class Denied:
    """DdD answered false: it refuses it, or has it already. Only reading back can tell which."""


@dataclass(frozen=True)
class TooEarly:
    """Nothing was sent, because something else must be there first."""

    reason: StoredCause


Answer = Accepted | Denied | TooEarly


@dataclass(frozen=True, kw_only=True)
class PostingKind:
    """All that differs between kinds of postings. No field has a default, so that a missing one is reported
    by mypy and at import."""

    kind: Posting.Kind
    # In a shop's words: what it means as long as DdD does not have it.
    meaning: Promise
    # How many pieces of each VariantId it is about.
    pieces: Callable[[Posting], Counter[int]]
    # What must be known of DdD before the first send, so that what is new can be told afterwards. Unclear
    # when a person has to decide whether it is sent at all. Raises Rejected when DdD refuses to show it,
    # Unavailable when it cannot be read now.
    note_before_sending: Callable[[Posting, Wire, datetime], Evidence | Unclear]
    # Gives the body what it gets with its first send only, in the transaction that stores that it goes out.
    complete: Callable[[Posting], None]
    # One call. Raises a `DddError` when it fails.
    send: Callable[[Posting, Wire], Answer]
    # Whether DdD has what was sent at least once. Raises Unavailable when it cannot be read now.
    look: Callable[[Posting, Wire, datetime], Finding]
    # Under which first postings it falls; None when nobody has to look at the first of its kind.
    first_of: Callable[[Posting], FirstPosting.Kind | None]
    # What goes out when a person has it sent again, by today's settings. Raises Conflict when nothing is
    # left to send.
    body_of_today: Callable[[Posting, Connection], object]


def answered(is_done: bool) -> Answer:
    """For routes that answer yes or no."""
    return Accepted("true") if is_done else Denied()


def nothing_to_note(posting: Posting, wire: Wire, now: datetime) -> Evidence:
    """For kinds that DdD can find by a name of their own."""
    return {}


def nobody_looks(posting: Posting) -> None:
    """For web orders: what is wrong with one costs nobody money, and shows at once."""


def complete_already(posting: Posting) -> None:
    """For bodies that are complete when they are stored."""


def as_it_was(posting: Posting, connection: Connection) -> object:
    """For bodies that do not depend on today's settings."""
    body: object = posting.payload
    return body
