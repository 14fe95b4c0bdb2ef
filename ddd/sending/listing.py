"""How soon DdD lists what it has taken: the first posting of each kind is looked for until it is listed.

Whoever says whether DdD lists at once sees what was measured; the portal does not decide it by one posting.
"""

import logging
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from core import stopping
from ddd.api.http import DddError, wire_to
from ddd.models import Connection, FirstPosting, Posting
from ddd.sending.kinds import kind_of
from ddd.sending.readback import Finding, Present, Unclear
from ddd.sending.settlement import LISTED_WITHIN
from ddd.words import causes

log = logging.getLogger(__name__)
# A change of a web order is not listed: the order itself has it.
LISTED_KINDS: Final = (
    FirstPosting.Kind.SALE,
    FirstPosting.Kind.RETURN,
    FirstPosting.Kind.PAY_OUT,
    FirstPosting.Kind.TRANSFER,
)


def groups_to_look_for(now: datetime) -> list[int]:
    """The Groups with a first posting that DdD took within the last hours and has not shown yet."""
    return list(_unseen(now).order_by().values_list("group_id", flat=True).distinct())


def look_for_firsts(group_id: int, now: datetime) -> int:
    """Looks once for each that is due: at once, and then each time that its age has doubled. Returns how many
    were found."""
    connection = Connection.objects.select_related("group").filter(group_id=group_id).first()
    found = 0
    for first in _unseen(now).filter(group_id=group_id).select_related("posting__group"):
        if connection is None or connection.is_quiet(now) or stopping.is_asked():
            break
        if first.posting is None or not _is_due(first, first.posting, now):
            continue
        try:
            with wire_to(connection, first.posting.token) as wire:
                finding = kind_of(first.posting).look(first.posting, wire, now)
        except DddError as trouble:
            log.info("the first %s of Group %s was not looked for: %s", first.kind, group_id, trouble)
            break
        seen = {"listed_at": now} if _is_listed(finding) else {}
        FirstPosting.objects.filter(pk=first.pk, listed_at=None).update(looked_at=now, **seen)
        found += bool(seen)
    return found


def measured(group_id: int) -> QuerySet[FirstPosting]:
    """The newest first postings that were looked for; what DdD had not listed in the end too."""
    rows = FirstPosting.objects.filter(group_id=group_id, looked_at__isnull=False, posting__isnull=False)
    return rows.select_related("posting").order_by("-made_at", "-pk")[:10]


def _unseen(now: datetime) -> QuerySet[FirstPosting]:
    sent = Q(posting__state=Posting.State.SENT, posting__settled_at__gt=now - LISTED_WITHIN)
    return FirstPosting.objects.filter(sent, kind__in=LISTED_KINDS, listed_at=None)


def _is_due(first: FirstPosting, posting: Posting, now: datetime) -> bool:
    if first.looked_at is None or posting.settled_at is None:
        return True
    return now - posting.settled_at >= 2 * (first.looked_at - posting.settled_at)


def _is_listed(finding: Finding) -> bool:
    """Also when its payments are other ones: that is for whoever looks at the first of its kind."""
    if isinstance(finding, Unclear):
        return finding.reason["code"] in _LISTED_OTHERWISE
    return isinstance(finding, Present)


_LISTED_OTHERWISE: Final = frozenset(
    cause.code
    for cause in (
        causes.OTHER_PAYMENTS,
        causes.SEVERAL_TRANSFERS,
        causes.PERHAPS_ANOTHER_TRANSFER,
        causes.TRANSFER_OTHERWISE,
    )
)
