"""Whether a return has reached DdD, as the shop sees it: head office sees more detail."""

from collections.abc import Iterable
from enum import StrEnum

from ddd.models import Posting

State = Posting.State
STUCK = (State.REJECTED, State.UNCERTAIN, State.GIVEN_UP)


class DddProgress(StrEnum):
    """One value for all postings of an action."""

    YES = "yes"
    SOON = "soon"
    TROUBLE = "trouble"
    NEVER = "never"


def progress_of(postings: Iterable[Posting]) -> DddProgress:
    """The worst of the postings; 1 query."""
    rows = [posting for posting in postings if posting.state not in (State.WITHDRAWN, State.REHEARSED)]
    if not rows:
        return DddProgress.NEVER
    if any(posting.needs_attention or posting.state in STUCK for posting in rows):
        return DddProgress.TROUBLE
    return DddProgress.YES if all(posting.state == State.SENT for posting in rows) else DddProgress.SOON
