"""A Group works in the portal and posts nothing to DdD, as long as it goes on selling as before.

What is posted meanwhile is marked as rehearsed and never sent, also afterwards. Who switches over waits for
the deliveries that are being written, so each of them is either rehearsed or booked.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts import changes
from accounts.models import Group, User
from accounts.pins import check_password_of
from core.errors import Conflict
from ddd.booking.bookkeeping import connection_of
from ddd.models import Posting
from ddd.sending.order_of_sending import UNSETTLED
from orders.models import OrderQuerySet, WebOrder
from orders.sale_decisions import undecided_sales
from orders.selling import SaleBy
from orders.states import Status


@dataclass(frozen=True)
class Prospect:
    """What switching over will do: `rehearsed` postings are never sent, `open` orders are booked from then
    on, `left` orders have left the shop in the rehearsal and stay with whoever sold them. `unsettled` are
    postings for real that are not settled, and `undecided` sales of which nobody has said who books them."""

    rehearsed: int
    open: int
    left: int
    unsettled: int
    undecided: int


def prospect(group: Group) -> Prospect:
    """5 queries."""
    postings = Posting.objects.filter(group=group)
    return Prospect(
        postings.filter(state=Posting.State.REHEARSED).count(),
        WebOrder.objects.filter(group=group, status__in=[Status.RESERVED, Status.PICKED]).count(),
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
        _set(group, False, actor, now)


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
