"""Postings that DdD does not take for a long time: turned away, or no usable answer again and again.

They are tried again all the time; a person is told, because a refused token never mends itself.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import leases
from ddd.models import Connection, Posting
from ddd.models.posting import HELD_UP_LONG

# The first posting that fails is noted a moment before the connection is.
A_MOMENT: Final = timedelta(minutes=1)


def held_up(group_id: int, now: datetime) -> QuerySet[Posting]:
    """Those that a person has to know about. None that are held up only since the whole DdD does not answer:
    that is one cause, and the overview names it."""
    with_all_others = Connection.objects.filter(
        group_id=OuterRef("group_id"), trouble_since__lte=OuterRef("held_up_since") + A_MOMENT
    )
    return Posting.objects.filter(
        ~Exists(with_all_others),
        group=group_id,
        held_up_since__lte=now - HELD_UP_LONG,
        needs_attention=False,
        state__in=[Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN],
    )


def can_be_decided() -> Q:
    """Rows about which a person may decide though the portal still tries: no worker has them now."""
    waits = Q(state__in=[Posting.State.WAITING, Posting.State.UNCERTAIN])
    return Q(held_up_since__isnull=False) & waits & leases.free()
