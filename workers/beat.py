"""Beat that may run several times: one calls the workers, and the next one takes over when it dies."""

import logging
from datetime import timedelta
from typing import Any, Final

from celery.beat import PersistentScheduler
from django.db import Error, connection
from django.db.models.functions import Now

from core import leases
from core.leases import LeaseLost
from workers.models import Heartbeat

log = logging.getLogger(__name__)
LENGTH: Final = timedelta(seconds=30)
LOOKS_EVERY: Final = 5.0  # seconds


def is_first(row: Heartbeat) -> bool:
    """Whether this beat is the one that calls, for `LENGTH` from now. It is heard by this."""
    try:
        leases.renew(row, LENGTH, heard_at=Now())
    except LeaseLost:
        return leases.take(row, LENGTH, heard_at=Now())
    return True


def row_of_beat() -> Heartbeat:
    """The row that the beats share, without the lease that another one may have."""
    row, _made = Heartbeat.objects.get_or_create(part=Heartbeat.BEAT)
    return Heartbeat(pk=row.pk, part=row.part)


class OneOfSeveral(PersistentScheduler):
    """Celery's own scheduler, which is silent while another one calls."""

    row: Heartbeat | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Calls what is due; returns after how many seconds to look again."""
        try:
            self.row = self.row or row_of_beat()
            may_call = is_first(self.row)
        except Error as error:
            log.warning("beat waits for the database: %s", error)
            may_call = False
        finally:
            connection.close()
        return min(super().tick(*args, **kwargs), LOOKS_EVERY) if may_call else LOOKS_EVERY

    def close(self) -> None:
        """The next beat takes over at once."""
        try:
            if self.row:
                leases.release(self.row)
        except LeaseLost:
            log.info("another beat calls the workers")
        except Error as error:
            log.warning("the next beat waits for the lease of this one: %s", error)
        finally:
            super().close()
