"""What has to be said of each kind of posting before anything of it may be sent."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise

from core.causes import StoredCause
from ddd.api.http import Wire
from ddd.models import Posting
from ddd.sending.readback import Evidence, Finding

# So often a posting is tried before a person must know that it does not get through.
SENT_IN_VAIN: Final = 8


@dataclass(frozen=True)
class Taken:
    """DdD has taken it, and says so with this."""

    answer: str


@dataclass(frozen=True)
class Denied:
    """DdD answered false: it refuses it, or has it already. Only reading back tells."""


@dataclass(frozen=True)
class TooEarly:
    """Nothing was sent, because something else must be there first."""

    reason: StoredCause


Answer = Taken | Denied | TooEarly


@dataclass(frozen=True, kw_only=True)
class PostingKind:
    """All that differs between one kind of posting and another. No part has a default: what nobody has said
    is missed where the kind is made, by mypy and at import."""

    kind: Posting.Kind
    # In shop words: what it means as long as DdD does not have it.
    meaning: Promise
    # How many pieces of each VariantId it is about.
    pieces: Callable[[Posting], Counter[int]]
    # Of several of one order, whether each waits for those before it: the last one must have the last word.
    one_after_another: bool
    # What must be known of DdD before the first send, so that what is new can be told afterwards. Raises
    # Rejected when DdD refuses to show it, Unavailable when it cannot be read now.
    note_before_sending: Callable[[Posting, Wire, datetime], Evidence]
    # Gives the body what it gets with its first send only, in the transaction that stores that it goes out.
    complete: Callable[[Posting], None]
    # One call. Raises `Trouble` when it does not end well.
    send: Callable[[Posting, Wire], Answer]
    # Whether DdD has what was sent at least once. Raises Unavailable when it cannot be read now.
    look: Callable[[Posting, Wire, datetime], Finding]
    # What goes out when a person has it sent again. Raises Conflict when there is nothing left to send.
    body_of_today: Callable[[Posting], object]


def answered(is_done: bool) -> Answer:
    """For routes that answer yes or no."""
    return Taken("true") if is_done else Denied()


def nothing_to_note(posting: Posting, wire: Wire, now: datetime) -> Evidence:
    """For what can be found at DdD under a name of its own."""
    return {}


def complete_already(posting: Posting) -> None:
    """For bodies that are whole when they are written."""


def as_it_was(posting: Posting) -> object:
    """For what DdD would be told in the same way today."""
    body: object = posting.payload
    return body
