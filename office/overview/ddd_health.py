"""The health of the connection to DdD, for head office: whether it is read, and written to in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext as _

from accounts.models import Group
from core.words import moment
from ddd.models import Connection, Reconciliation
from office.attention.nightly import latest_report
from office.order_queries import not_all_in_ddd, unsent_postings
from workers import heartbeats

NOT_READ_AFTER = timedelta(minutes=10)
# What is sent late by so much is late by more than the time to undo and a few tries.
UNREAD_TOO_LONG = timedelta(minutes=15)
UNSENT_TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    """`unsent` counts the orders that have something to be sent to DdD.

    `oldest_unsent` is of what goes there by itself. `report` is the last comparison that came to an end.
    """

    connection: Connection | None
    unsent: int
    oldest_unsent: datetime | None
    report: Reconciliation | None
    now: datetime
    # The portal's own workers, and then it says nothing of DdD.
    stood_still_since: datetime | None = None

    @property
    def words_of_standstill(self) -> str:
        """What does not happen, and since when; empty while the workers work."""
        if self.stood_still_since is None:
            return ""
        sentence = _(
            "The portal's own workers have stood still since %(moment)s: nothing is sent, no shop is reminded"
        )
        return sentence % {"moment": moment(self.stood_still_since)}

    @property
    def tried_again_at(self) -> datetime | None:
        """When DdD, which has failed again and again, is next asked; None when it is not left alone."""
        if self.connection is None:
            return None
        rests = [self.connection.sends_rest_until, self.connection.reads_rest_until]
        return min((until for until in rests if until is not None and until > self.now), default=None)

    @property
    def is_read(self) -> bool:
        """Whether what DdD's tills do is seen here."""
        last = self.connection.last_good_poll_at if self.connection else None
        began = self.connection.started_at if self.connection else self.now
        return self.now - (last or began) < NOT_READ_AFTER

    @property
    def is_unread_long(self) -> bool:
        """Whether each poll has failed for so long that head office has to know the cause."""
        since = self.connection.unread_since if self.connection else None
        return since is not None and self.now - since >= UNREAD_TOO_LONG

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
    connection = Connection.objects.filter(group=group).first()
    report = latest_report(group)
    still = heartbeats.stood_still_since()
    return Health(connection, unsent, on_its_way["oldest"], report, now, still)
