"""Orders that several screens of head office count or list: those in trouble, in the back, unknown to DdD."""

from typing import Any

from django.db import models

from ddd.models import Posting
from office.attention.kind import NotApplicable
from office.attention.kinds import KINDS
from orders.models import Line
from orders.states import Status


def pieces_to_put_back(group_id: int) -> models.QuerySet[Line]:
    """The Group's pieces that are to be put back."""
    return Line.objects.filter(to_put_back=True, order__group_id=group_id).order_by()


def unsent_postings(group_id: int) -> models.QuerySet[Posting]:
    """What is still to be sent to DdD, and needs nobody's decision."""
    states = [Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN]
    return Posting.objects.filter(group_id=group_id, state__in=states, needs_attention=False)


def not_all_in_ddd(group_id: int) -> models.QuerySet[Posting, Any]:
    """OrderNos with something to be sent to DdD, by itself or after somebody's decision."""
    stuck = Posting.objects.filter(group_id=group_id, needs_attention=True).order_by()
    # Two queries in one, as each is carried by an index of its own.
    return unsent_postings(group_id).order_by().values("order_no").union(stuck.values("order_no"))


def in_trouble(group_id: int) -> models.QuerySet[Line, Any]:
    """Keys of the orders under "Needs attention", and of those not ready because a piece is missing."""
    missing = Line.objects.filter(
        status=Status.MISSING, order__status=Status.RESERVED, order__group_id=group_id
    )
    found = [kind.orders_in_trouble for kind in KINDS.values()]
    waiting = [rows(group_id) for rows in found if not isinstance(rows, NotApplicable)]
    return missing.order_by().values("order").union(*waiting)
