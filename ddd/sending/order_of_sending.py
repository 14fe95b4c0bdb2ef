"""Which postings wait for others. Those of one order reach DdD in the order in which they were made.

They are written under the order's lock, so their keys say which was first. One that DdD refused holds up
those after it as well, until it is sent or somebody gives it up: a return whose sale DdD does not have would
pay out money that never came in.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from ddd.models import Posting

State = Posting.State
UNDECIDED: Final = (State.IN_FLIGHT, State.UNCERTAIN)
UNSETTLED: Final = (State.WAITING, *UNDECIDED, State.REJECTED)


def may_go(group_id: int) -> Q:
    """Waiting postings of this Group that wait for no other one."""
    # A subquery of its own, not correlated: SQLite would scan the whole outbox for each row.
    taken = Posting.objects.filter(group_id=group_id, state__in=UNDECIDED).exclude(lane="").values("lane")
    before = Posting.objects.filter(
        group_id=OuterRef("group_id"),
        order_no=OuterRef("order_no"),
        pk__lt=OuterRef("pk"),
        state__in=UNSETTLED,
    )
    return Q(state=State.WAITING) & ~Q(lane__in=taken) & ~Q(Exists(before))


def in_front_of(postings: Iterable[Posting], rows: QuerySet[Posting]) -> dict[int, Posting]:
    """For each posting that waits for another: the one of `rows` that has to be settled first; 1 query, or
    none."""
    waiting = [one for one in postings if one.state == State.WAITING]
    if not waiting:
        return {}
    in_a_lane = Q(lane__in={one.lane for one in waiting if one.lane}, state__in=UNDECIDED)
    of_the_orders = Q(order_no__in={one.order_no for one in waiting}, state__in=UNSETTLED)
    found = list(rows.filter(in_a_lane | of_the_orders).order_by("pk"))
    first = {one.pk: next((other for other in found if _goes_first(other, one)), None) for one in waiting}
    return {pk: other for pk, other in first.items() if other}


def behind(group_id: int, postings: Iterable[Posting]) -> dict[int, list[str]]:
    """For each posting that a person has to decide about: the kinds of those of its order that wait for it;
    1 query, or none."""
    stuck = [one for one in postings if one.needs_attention or one.is_held_up]
    if not stuck:
        return {}
    later = Posting.objects.filter(
        group_id=group_id, order_no__in={one.order_no for one in stuck}, state__in=UNSETTLED
    )
    found = list(later.order_by("pk").only("kind", "order_no"))
    return {one.pk: _kinds(other for other in found if _is_behind(other, one)) for one in stuck}


def _kinds(postings: Iterable[Posting]) -> list[str]:
    return list(dict.fromkeys(str(one.get_kind_display()) for one in postings))


def _is_behind(other: Posting, posting: Posting) -> bool:
    return other.order_no == posting.order_no and other.pk > posting.pk


def _goes_first(other: Posting, posting: Posting) -> bool:
    if posting.lane and other.lane == posting.lane and other.state in UNDECIDED:
        return other.pk != posting.pk
    return other.order_no == posting.order_no and other.pk < posting.pk and other.state in UNSETTLED
