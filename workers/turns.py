"""One worker at a time does a task for a Group: calls that pile up take no threads from other Groups.

A turn is a lease of a minute, and a thread of the worker's process renews those that its tasks have. So a
task may take hours, and what a killed worker had is free within a minute. Turns spare work and nothing
more: whoever has lost one goes on, as every task may run twice at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Final, TypeVar

from django.db import Error, connection

from core import leases
from core.leases import LeaseLost
from core.stopping import Stopped
from workers.models import Turn

log = logging.getLogger(__name__)
R = TypeVar("R")
LENGTH: Final = timedelta(minutes=1)
RENEWED_EVERY: Final = 15.0  # seconds
ROUNDS: Final = 2  # the second for those who called during the first

_held: dict[int, Turn] = {}  # of this process, by the identity of the object


def one_at_a_time(task: Callable[[int], R]) -> Callable[[int], R | None]:
    """Does the task unless a worker is doing it for the same Group, who then does it once more."""
    name = f"{task.__module__}.{task.__name__}"

    @wraps(task)
    def in_turn(group_id: int) -> R | None:
        turn, _made = Turn.objects.get_or_create(group_id=group_id, task=name)
        result: R | None = None
        for _round in range(ROUNDS):
            if not _take(turn):
                break
            with _kept(turn):
                try:
                    result = task(group_id)
                except Stopped:
                    log.info("%s of Group %s is left to the next worker", name, group_id)
                    break
            turn.refresh_from_db()
            if not turn.is_wanted_again:
                break
        return result

    return in_turn


def renew_all() -> None:
    """Renews the turns of this process's tasks."""
    for turn in list(_held.values()):
        try:
            leases.renew(turn, LENGTH)
        except LeaseLost as lost:
            log.warning("two workers may be at it: %s", lost)
            _held.pop(id(turn), None)


def start_renewing() -> None:
    """In a thread, until this process ends."""
    threading.Thread(target=_renew_for_ever, name="turns", daemon=True).start()


def _renew_for_ever() -> None:
    while True:
        time.sleep(RENEWED_EVERY)
        try:
            renew_all()
        except Error as error:
            log.warning("turns cannot be renewed: %s", error)
        finally:
            connection.close()


def _take(turn: Turn) -> bool:
    """False when another worker has it, and will see that somebody has called."""
    if leases.take(turn, LENGTH, is_wanted_again=False):
        return True
    Turn.objects.filter(pk=turn.pk).update(is_wanted_again=True)
    # It may have ended just before that was written.
    return leases.take(turn, LENGTH, is_wanted_again=False)


@contextmanager
def _kept(turn: Turn) -> Iterator[None]:
    _held[id(turn)] = turn
    try:
        yield
    finally:
        _held.pop(id(turn), None)
        try:
            leases.release(turn)
        except LeaseLost as lost:
            log.warning("another worker did the same meanwhile: %s", lost)
