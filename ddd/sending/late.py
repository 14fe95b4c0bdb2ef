"""What DdD has taken from a worker that was taken for dead meanwhile."""

from datetime import datetime

from core import leases
from ddd.models import Notice, Posting
from ddd.sending.settlement import Settlement
from ddd.words import causes

State = Posting.State


def sent_late(posting: Posting, settlement: Settlement, began: datetime, now: datetime) -> None:
    """The posting is sent, unless somebody has sent it again or decided about it: then a person is told."""
    as_it_was_sent = Posting.objects.filter(pk=posting.pk, tries=posting.tries)
    still_open = as_it_was_sent.filter(state__in=[State.WAITING, State.UNCERTAIN])
    if leases.revoke(still_open, **settlement.columns(posting, now)):
        return
    # Reading back has found this very call.
    if as_it_was_sent.filter(state=State.SENT).exists():
        return
    detail = causes.SENT_LATE(posting=posting.pk, began=began.isoformat(timespec="seconds"))
    Notice.put(posting.group, Notice.Kind.SENT_LATE, posting.order_no, detail, now)
