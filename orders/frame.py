"""What stands around every screen of head office."""

from typing import Any

from accounts.models import User
from ddd.models import Posting

COUNTED_TO = 100


def frame(user: User) -> dict[str, Any]:
    """How many postings wait for a person, counted to 100 at most; 1 query."""
    waiting = Posting.objects.filter(group_id=user.group_id, for_a_person=True)
    return {"waiting_for_a_person": len(waiting.values_list("pk")[:COUNTED_TO])}
