"""How far DdD knows of a return, in the shop's words: head office reads more."""

from collections.abc import Iterable
from enum import StrEnum

from ddd.models import Posting

State = Posting.State
STUCK = (State.REJECTED, State.UNCERTAIN, State.GIVEN_UP)


class DddProgress(StrEnum):
    """One word for all postings of an action."""

    YES = "yes"
    SOON = "soon"
    TROUBLE = "trouble"
    NEVER = "never"


def progress_of(postings: Iterable[Posting]) -> DddProgress:
    """The worst of them; 1 query."""
    rows = [posting for posting in postings if posting.state != State.WITHDRAWN]
    if not rows:
        return DddProgress.NEVER
    if any(posting.needs_attention or posting.state in STUCK for posting in rows):
        return DddProgress.TROUBLE
    return DddProgress.YES if all(posting.state == State.SENT for posting in rows) else DddProgress.SOON
