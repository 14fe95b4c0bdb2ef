"""The context that every screen of head office shares."""

from typing import Any

from accounts.models import User
from ddd.models import Difference, Notice, Posting, SharedEan
from orders.escalation import told_to_head_office
from orders.mailing import to_be_known_of

COUNTED_TO = 100


def office_context(user: User) -> dict[str, Any]:
    """How much waits for a person, counted to 100 at most: all of the work list but shops that cannot hear,
    which come and go with their tablets; 2 queries."""
    group = user.group_id
    postings = Posting.objects.filter(group_id=group, needs_attention=True).values_list("pk")
    others = (
        Difference.objects.filter(group_id=group, state=Difference.State.OPEN),
        Notice.objects.filter(group_id=group, closed_at=None),
        SharedEan.objects.filter(group_id=group, gone_at=None, seen_at=None),
        to_be_known_of(group),
    )
    found = postings.union(*(rows.order_by().values_list("pk") for rows in others), all=True)
    not_taken = told_to_head_office(group).values_list("pk")
    waiting_in_all = len(found[:COUNTED_TO]) + len(not_taken[:COUNTED_TO])
    return {"needs_attention_count": min(waiting_in_all, COUNTED_TO)}
