"""The health of the connection to DdD, for head office: whether it is read, and written to in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from accounts.models import Group
from ddd.models import Reconciliation
from office.attention.nightly import latest_report
from office.ddd_state import DddState, state_of
from office.order_queries import not_all_in_ddd, unsent_postings

# What is sent late by so much is late by more than the time to undo and a few tries.
UNSENT_TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class Health(DddState):
    """`unsent` counts the orders that have something to be sent to DdD.

    `oldest_unsent` is of what goes there by itself. `report` is the last comparison that came to an end.
    """

    unsent: int
    oldest_unsent: datetime | None
    report: Reconciliation | None

    @property
    def is_compared(self) -> bool:
        """Whether the last comparison could look at all; so it is before the first one."""
        return self.report is None or self.report.is_complete

    @property
    def is_sending_late(self) -> bool:
        """Whether something has waited to be sent for longer than it should."""
        return self.oldest_unsent is not None and self.now - self.oldest_unsent >= UNSENT_TOO_LONG


def health_of(group: Group, now: datetime) -> Health:
    """5 queries, over what is not settled only."""
    unsent = not_all_in_ddd(group.pk).count()
    on_its_way = unsent_postings(group.pk).aggregate(oldest=Min("made_at"))
    state = state_of(group, now)
    return Health(
        now=now,
        connection=state.connection,
        stood_still_since=state.stood_still_since,
        unsent=unsent,
        oldest_unsent=on_its_way["oldest"],
        report=latest_report(group),
    )
