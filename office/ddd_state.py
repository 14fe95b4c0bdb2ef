"""How DdD is for a Group, as each page of head office says it. The portal's own workers are told apart."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import Group
from core.words import moment
from ddd.models import Connection
from workers import heartbeats

NOT_READ_AFTER = timedelta(minutes=10)
UNREAD_TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class DddState:
    """Of `components/_ddd_state.html`."""

    now: datetime
    connection: Connection | None
    # The portal's own workers, and then it says nothing of DdD.
    stood_still_since: datetime | None

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


def state_of(group: Group, now: datetime) -> DddState:
    """2 queries."""
    return DddState(now, Connection.objects.filter(group=group).first(), heartbeats.stood_still_since())
