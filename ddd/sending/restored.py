"""After a restore nobody knows what was sent since the backup was made.

What waits in it may be in DdD by now, and DdD has seen receipt numbers that the backup does not know of.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from core import leases
from core.causes import MOMENT
from ddd.models import Posting, ReceiptSeries
from ddd.words import causes

OPEN: Final = (Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN)
RECEIPTS_LEFT_OUT: Final = 1000  # more than a shop books between two backups


@transaction.atomic
def put_before_a_person(backed_up_at: datetime) -> int:
    """Everything that was open in the backup waits until somebody has looked in DdD; returns how many."""
    known = causes.RESTORED(at=MOMENT(at=backed_up_at.isoformat()))
    lanes: set[tuple[int, str]] = set()
    rows = Posting.objects.filter(state__in=OPEN).order_by("pk")
    # What is uncertain already stays so; of a lane it is one at most.
    for posting in sorted(rows, key=lambda one: one.state == Posting.State.WAITING):
        lane = (posting.group_id, posting.lane)
        state = Posting.State.REJECTED if posting.lane and lane in lanes else Posting.State.UNCERTAIN
        lanes.add(lane)
        leases.revoke(Posting.objects.filter(pk=posting.pk), state=state, needs_attention=True, reason=known)
    return len(rows)


def leave_receipts_out(so_many: int = RECEIPTS_LEFT_OUT) -> None:
    """Of each series, so that no number is given twice. A gap is explained more easily."""
    ReceiptSeries.objects.update(last=F("last") + so_many)
