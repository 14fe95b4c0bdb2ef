"""A Group's DdD that fails again and again is left alone for a while, so that it holds up no other Group.

Each attempt to which DdD says nothing usable counts, one that took all its time counts three times. From five
on there is a rest, each time twice as long; then one attempt tries whether DdD is back, and the first good
answer ends it. Bookings and listings are counted apart: DdD may answer the one and not the other.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import models
from django.db.models import F
from django.db.models.functions import Least

OPENS_AT: Final = 5
HANGING: Final = 3
SHORTEST_REST = timedelta(seconds=2)
# An attempt that fails at once holds up nobody; one that hangs holds a worker for as long as a call may take.
LONGEST_REST, LONGEST_REST_OF_HANGING = timedelta(seconds=10), timedelta(minutes=1)
MOST_AT_ONCE: Final = OPENS_AT + 3  # so that one that hangs after many that failed at once rests no minute
Calls = Literal["send", "read"]


def rest_after(failures: int, *, was_hanging: bool = False) -> timedelta:
    """How long nothing is called after so many failures in a row, the last of which was hanging or not."""
    if failures < OPENS_AT:
        return timedelta()
    longest = LONGEST_REST_OF_HANGING if was_hanging else LONGEST_REST
    return min(SHORTEST_REST * (1 << min(failures - OPENS_AT, 10)), longest)


class Breaker(models.Model):
    """The failures in a row of a Group's DdD, and until when it is left alone."""

    send_failures = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    sends_rest_until = models.DateTimeField(null=True, blank=True, editable=False)
    read_failures = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    reads_rest_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def note_failure(self, of: Calls, now: datetime, *, was_hanging: bool = False) -> None:
        """An attempt brought nothing usable."""
        failures, until = f"{of}_failures", f"{of}s_rest_until"
        row = type(self)._base_manager.filter(pk=self.pk)
        weight = HANGING if was_hanging and not self.is_tried(of) else 1
        most = F(failures) + weight if was_hanging else Least(F(failures) + weight, MOST_AT_ONCE)
        row.update(**{failures: most})
        self.refresh_from_db(fields=[failures])
        if rest := rest_after(getattr(self, failures), was_hanging=was_hanging):
            setattr(self, until, now + rest)
            row.update(**{until: now + rest})

    def note_success(self, of: Calls) -> None:
        """DdD answered as it should. No statement unless it had failed."""
        if getattr(self, f"{of}_failures"):
            setattr(self, f"{of}_failures", 0)
            setattr(self, f"{of}s_rest_until", None)
            self.save(update_fields=[f"{of}_failures", f"{of}s_rest_until"])

    def rests(self, of: Calls, now: datetime) -> bool:
        """Whether DdD is left alone now."""
        until: datetime | None = getattr(self, f"{of}s_rest_until")
        return until is not None and now < until

    def is_tried(self, of: Calls) -> bool:
        """Whether the next call is to show whether DdD is back: one at a time does."""
        failures: int = getattr(self, f"{of}_failures")
        return failures >= OPENS_AT
