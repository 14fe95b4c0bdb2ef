"""Orders that several screens of head office count or list: those in trouble, in the back, unknown to DdD."""

from typing import Any

from django.db import models

from accounts.models import Group
from ddd.models import Difference, Posting
from orders import mailing
from orders.escalation import told_to_head_office
from orders.models import Line, WebOrder
from orders.states import Status


def lying_pieces(group_id: int) -> models.QuerySet[Line]:
    """The Group's pieces that are to be put back."""
    return Line.objects.filter(to_put_back=True, order__group_id=group_id).order_by()


def unsent_postings(group_id: int) -> models.QuerySet[Posting]:
    """What DdD must still be told, and for which nobody has to decide anything."""
    states = [Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN]
    return Posting.objects.filter(group_id=group_id, state__in=states, needs_attention=False)


def not_all_in_ddd(group_id: int) -> models.QuerySet[Posting, Any]:
    """OrderNos of which DdD must still be told something, by itself or when somebody has decided."""
    stuck = Posting.objects.filter(group_id=group_id, needs_attention=True).order_by()
    # Two queries in one, as each is carried by an index of its own.
    return unsent_postings(group_id).order_by().values("order_no").union(stuck.values("order_no"))


def in_trouble(group: Group) -> models.QuerySet[WebOrder, Any]:
    """Keys of the orders under "Needs attention", and of those not ready because a piece is missing."""
    mine = WebOrder.objects.filter(group=group).order_by()
    stuck = Posting.objects.filter(group=group, needs_attention=True).order_by()
    differing = Difference.objects.filter(group=group, state=Difference.State.OPEN).order_by()
    missing = Line.objects.filter(status=Status.MISSING, order__status=Status.RESERVED, order__group=group)
    return (
        mine.filter(order_no__in=stuck.values("order_no"))
        .values("pk")
        .union(
            mine.filter(order_no__in=differing.values("order_no")).values("pk"),
            told_to_head_office(group.pk).order_by().values("pk"),
            mailing.to_be_known_of(group.pk).order_by().values("order"),
            missing.order_by().values("order"),
        )
    )
