"""A Group works in the portal and posts nothing to DdD, as long as it goes on selling as before.

What is posted meanwhile is marked as rehearsed and never sent, also afterwards; but of orders that are still
open DdD is told then, unless it has them. Who switches over waits for the deliveries that are being written,
so each of them is either rehearsed or booked.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import changes
from accounts.models import Group, User
from accounts.pins import check_password_of
from core.errors import Conflict
from ddd.booking.bookkeeping import connection_of
from ddd.booking.outbox import wake_sender
from ddd.models import Posting
from ddd.sending.order_of_sending import UNSETTLED
from orders.models import OrderQuerySet, WebOrder
from orders.sale_decisions import undecided_sales
from orders.selling import SaleBy
from orders.states import Status

OPEN: Final = (Status.RESERVED, Status.PICKED)


@dataclass(frozen=True)
class Prospect:
    """What switching over will do: `rehearsed` postings are never sent, `open` orders are booked from then
    on, and DdD is told of `told` of them unless it has them. `left` orders have left the shop in the
    rehearsal and stay with whoever sold them. `unsettled` are postings for real that are not settled, and
    `undecided` sales of which nobody has said who books them."""

    rehearsed: int
    open: int
    told: int
    left: int
    unsettled: int
    undecided: int


def prospect(group: Group) -> Prospect:
    """6 queries."""
    postings = Posting.objects.filter(group=group)
    to_be_told = _to_be_told(group)
    return Prospect(
        postings.filter(state=Posting.State.REHEARSED).exclude(pk__in=to_be_told.values("pk")).count(),
        WebOrder.objects.filter(group=group, status__in=OPEN).count(),
        to_be_told.filter(kind=Posting.Kind.ORDER).count(),
        _left_in_rehearsal(group).count(),
        postings.filter(state__in=UNSETTLED).count(),
        undecided_sales(group.pk).count(),
    )


def begin(group: Group, password: str, actor: User, now: datetime) -> None:
    """From now on nothing is posted. Conflict while something that was posted is not settled: nobody would
    see to it."""
    check_password_of(actor, password, now)
    connection_of(group)
    with transaction.atomic():
        if Group.objects.select_for_update(no_key=True).get(pk=group.pk).rehearses:
            return
        is_open = Posting.objects.filter(group=group, state__in=UNSETTLED).exists()
        # Of those nobody would say any more who books them: at the end they count as sold by others.
        if is_open or undecided_sales(group.pk).exists():
            sentence = _("Something is still on its way to DdD, or waits for a decision. Settle that first.")
            raise Conflict(sentence, code="not-settled")
        _set(group, True, actor, now)


def switch_over(group: Group, password: str, actor: User, now: datetime) -> None:
    """From now on the portal books. What left the shop in the rehearsal was sold by others."""
    check_password_of(actor, password, now)
    with transaction.atomic():
        if not Group.objects.select_for_update(no_key=True).get(pk=group.pk).rehearses:
            return
        _left_in_rehearsal(group).update(sale_by=SaleBy.ELSEWHERE)
        # As if sent when they were made: then DdD is read first, which the web shop may have told itself.
        _to_be_told(group).update(
            state=Posting.State.UNCERTAIN, settled_at=None, not_before=now, first_sent_at=F("made_at")
        )
        _set(group, False, actor, now)
        transaction.on_commit(partial(wake_sender, group.pk))


def _to_be_told(group: Group) -> QuerySet[Posting]:
    """Web orders, and changes of them, that came to the portal in the rehearsal and are still open."""
    still_open = WebOrder.objects.filter(group=group, order_no=OuterRef("order_no"), status__in=OPEN)
    of_the_order = Posting.objects.filter(kind__in=[Posting.Kind.ORDER, Posting.Kind.CHANGE])
    return of_the_order.filter(Exists(still_open), group=group, state=Posting.State.REHEARSED)


def _left_in_rehearsal(group: Group) -> OrderQuerySet:
    sales = Posting.objects.filter(
        group_id=OuterRef("group_id"),
        order_no=OuterRef("order_no"),
        kind=Posting.Kind.SALE,
        state=Posting.State.REHEARSED,
    )
    gone = WebOrder.objects.filter(group=group, status__in=[Status.DELIVERED, Status.RETURNED])
    return gone.filter(Q(Exists(sales), sale_by=SaleBy.PORTAL) | Q(sale_by=SaleBy.ASK))


def _set(group: Group, rehearses: bool, actor: User, now: datetime) -> None:
    field = changes.field_of(Group, "rehearses")
    Group.objects.filter(pk=group.pk).update(rehearses=rehearses)
    changes.record(actor, "ddd", {field: not rehearses}, {field: rehearses}, now)
