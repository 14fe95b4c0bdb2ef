"""What stands around every screen of head office."""

from typing import Any

from accounts.models import User
from ddd.models import Difference, Posting
from orders.escalation import told_to_head_office

COUNTED_TO = 100


def frame(user: User) -> dict[str, Any]:
    """How many postings, differences and orders wait for a person, counted to 100 at most; 2 queries."""
    postings = Posting.objects.filter(group_id=user.group_id, for_a_person=True).values_list("pk")
    differing = Difference.objects.filter(group_id=user.group_id, state=Difference.State.OPEN)
    postings = postings.union(differing.values_list("pk"), all=True)
    orders = told_to_head_office(user.group_id).values_list("pk")
    waiting = len(postings[:COUNTED_TO]) + len(orders[:COUNTED_TO])
    return {"waiting_for_a_person": min(waiting, COUNTED_TO)}
