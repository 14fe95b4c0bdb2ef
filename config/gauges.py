"""What `/metrics` reads when it is asked: the outbox, DdD, workers, queues and streams.

Each web process reads the same database, so whichever is asked says the same. Six bounded queries, whose
answer is kept for some seconds, so that several who ask cost no more than one. Ages are by the database's
clock.
"""

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import redis
from django.conf import settings
from django.db import Error
from django.db.models import Count, Min
from django.db.models.functions import Now
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.models import Group
from config.timetable import QUEUES
from ddd.models import Attempt, Connection, Posting
from workers.models import Heartbeat

log = logging.getLogger(__name__)
KEPT_SECONDS: Final = 5.0
LAST_CALLS: Final = timedelta(minutes=5)
MOST_CALLS: Final = 2000
QUANTILES: Final = (0.5, 0.95, 1.0)
UNDER_WAY: Final = (Posting.State.WAITING, Posting.State.IN_FLIGHT, Posting.State.UNCERTAIN)


@dataclass(frozen=True)
class Groups:
    """Their names as labels, and what time it is."""

    names: dict[int, str]
    now: datetime


class Gauges(Collector):
    """Of one web process. `streams` says how many tablets listen to it."""

    def __init__(self, streams: Callable[[], int]) -> None:
        self._streams = streams
        self._lock = threading.Lock()
        self._kept: list[GaugeMetricFamily] = []
        self._kept_at = float("-inf")

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is read while the process starts."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Without those of a database or broker that does not answer."""
        yield _one("portal_info", "The version that runs", 1, version=settings.VERSION)
        yield _one("portal_alert_streams", "Tablets that listen to this process", self._streams())
        with self._lock:
            if time.monotonic() - self._kept_at > KEPT_SECONDS:
                self._kept, self._kept_at = list(_read()), time.monotonic()
        yield from self._kept


def _read() -> Iterator[GaugeMetricFamily]:
    queues = list(_queues())
    try:
        rows = list(_rows())
    except Error as error:
        log.warning("the measures of the database cannot be read: %s", error)
        rows = []
    yield _one("portal_broker_up", "1 while the broker answers", bool(queues))
    yield _one("portal_database_up", "1 while the database answers", bool(rows))
    yield from (*queues, *rows)


def _rows() -> Iterator[GaugeMetricFamily]:
    yield _heartbeats()
    found = list(Group.objects.annotate(now=Now()).values_list("pk", "name", "now"))
    if found:
        groups = Groups({pk: f"{name} ({pk})" for pk, name, _now in found}, found[0][2])
        yield from _outbox(groups)
        yield _polls(groups)
        yield from _calls(groups)


def _one(name: str, text: str, value: float, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _heartbeats() -> GaugeMetricFamily:
    text = "Since beat or a worker of the queue was last heard"
    ages = GaugeMetricFamily("portal_heartbeat_age_seconds", text, labels=["part"])
    heard = Heartbeat.objects.exclude(heard_at=None).annotate(now=Now())
    for part, heard_at, now in heard.values_list("part", "heard_at", "now"):
        ages.add_metric([part], _age(heard_at, now))
    return ages


def _outbox(groups: Groups) -> Iterator[GaugeMetricFamily]:
    """Without those that are settled, which are millions."""
    text = "Postings that DdD does not have yet"
    counts = GaugeMetricFamily("portal_outbox_postings", text, labels=["group", "state"])
    text = "The age of the oldest of these that waits for no person"
    oldest = GaugeMetricFamily("portal_outbox_oldest_seconds", text, labels=["group"])
    under_way = Posting.objects.filter(state__in=UNDER_WAY, needs_attention=False).order_by()
    ages = dict.fromkeys(groups.names, 0.0)
    by_state = under_way.values_list("group_id", "state").annotate(Count("pk"), Min("made_at"))
    for group, state, count, made_at in by_state:
        counts.add_metric([groups.names[group], state], count)
        ages[group] = max(ages[group], _age(made_at, groups.now))
    of_people = Posting.objects.filter(needs_attention=True).order_by()
    for group, count in of_people.values_list("group_id").annotate(Count("pk")):
        counts.add_metric([groups.names[group], "needs attention"], count)
    for group, seconds in ages.items():
        oldest.add_metric([groups.names[group]], seconds)
    yield from (counts, oldest)


def _polls(groups: Groups) -> GaugeMetricFamily:
    ages = GaugeMetricFamily("portal_poll_age_seconds", "Since DdD was last read well", labels=["group"])
    read = Connection.objects.exclude(last_good_poll_at=None)
    for group, read_at in read.values_list("group_id", "last_good_poll_at"):
        ages.add_metric([groups.names[group]], _age(read_at, groups.now))
    return ages


def _calls(groups: Groups) -> Iterator[GaugeMetricFamily]:
    """Found by their keys: there is no index by time."""
    text = "How long the calls about postings to DdD took in the last five minutes (the newest 2,000)"
    seconds = GaugeMetricFamily("portal_ddd_call_seconds", text, labels=["group", "purpose", "quantile"])
    text = "These calls, by what came of them"
    counts = GaugeMetricFamily("portal_ddd_calls", text, labels=["group", "purpose", "outcome"])
    newest = Attempt.objects.exclude(purpose=Attempt.Purpose.DECISION).order_by("-pk")
    columns = ("posting__group_id", "purpose", "outcome", "duration_ms", "started_at")
    durations: dict[tuple[int, str], list[int]] = defaultdict(list)
    outcomes: Counter[tuple[int, str, str]] = Counter()
    for group, purpose, outcome, duration, started_at in newest.values_list(*columns)[:MOST_CALLS]:
        if groups.now - started_at < LAST_CALLS:
            durations[group, purpose].append(duration)
            outcomes[group, purpose, outcome] += 1
    for (group, purpose), found in durations.items():
        found.sort()
        for quantile in QUANTILES:
            value = found[round(quantile * (len(found) - 1))] / 1000
            seconds.add_metric([groups.names[group], purpose, str(quantile)], value)
    for (group, purpose, outcome), count in outcomes.items():
        counts.add_metric([groups.names[group], purpose, outcome], count)
    yield from (seconds, counts)


def _queues() -> Iterator[GaugeMetricFamily]:
    text = "Calls that wait for a worker of the queue"
    lengths = GaugeMetricFamily("portal_queue_length", text, labels=["queue"])
    if not settings.REDIS_URL:
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as broker:
            for queue in QUEUES:
                lengths.add_metric([queue], int(broker.llen(queue)))
    except (ValueError, redis.RedisError) as error:
        log.warning("the queues cannot be measured: %s", error)
        return
    yield lengths


def _age(then: datetime | None, now: datetime) -> float:
    """Seconds; 0 for what has not been."""
    return 0.0 if then is None else max((now - then).total_seconds(), 0.0)
