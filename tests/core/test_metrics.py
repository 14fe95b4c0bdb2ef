"""What a Prometheus reads, and what the dashboard and the rules in deploy/ make of it."""

import http.client
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
import yaml
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from config.gauges import Gauges
from core.measures import REGISTRY
from ddd.models import Attempt, Connection, Posting
from tests.demo.processes import happens
from tests.factories import Cast, received
from tests.pos.tablets import HOST, ROOT, ServedApart, Tablet
from tests.valkey import RunningValkey
from tests.valkey import valkey as valkey
from workers import heartbeats
from workers.models import Heartbeat

BUSY = 30.0  # seconds that a busy machine may take
TOKEN = "a-token-of-the-tests"
Samples = dict[str, list[tuple[dict[str, str], float]]]


@pytest.fixture
def gauges() -> Iterator[Gauges]:
    """As in a web process to which seven tablets listen."""
    registered = Gauges(lambda: 7)
    REGISTRY.register(registered)
    yield registered
    REGISTRY.unregister(registered)


@pytest.fixture
def monitor(settings: Settings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"authorization": f"Bearer {TOKEN}", "host": "10.1.2.3:8001"})


def samples(text: str) -> Samples:
    """By name, as a Prometheus stores them."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def one(found: Samples, name: str, **labels: str) -> float:
    [value] = [value for has, value in found[name] if labels.items() <= has.items()]
    return value


def attempt(posting: Posting, milliseconds: int) -> None:
    Attempt.objects.create(
        posting=posting,
        purpose="send",
        started_at=timezone.now(),
        duration_ms=milliseconds,
        outcome="unavailable",
    )


def read(port: int) -> str:
    """What the process says to a Prometheus."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text: str = connection.getresponse().read().decode()
    connection.close()
    return text


def test_only_who_has_the_token_reads(db: None, settings: Settings, client: Client) -> None:
    for header in ("", "Bearer ", f"Bearer {TOKEN}"):
        answer = client.get("/metrics", headers={"authorization": header})
        assert (answer.status_code, answer.content) == (404, b"")
    settings.METRICS_TOKEN = TOKEN
    for header in ("", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer æ"):
        answer = client.get("/metrics", headers={"authorization": header})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert b"portal_" not in answer.content
    answer = client.get("/metrics", headers={"authorization": f"bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")


def test_the_rows_of_the_portal_are_measured(
    cast: Cast, valkey: RunningValkey, settings: Settings, gauges: Gauges, monitor: Client
) -> None:
    for _each in range(3):
        received(cast)
    first, second, third = Posting.objects.order_by("pk")
    Posting.objects.filter(pk=third.pk).update(state=Posting.State.REJECTED, needs_attention=True)
    Posting.objects.filter(pk=second.pk).update(state=Posting.State.UNCERTAIN)
    Posting.objects.update(made_at=Now() - timedelta(minutes=7))
    Posting.objects.filter(pk=first.pk).update(made_at=Now() - timedelta(minutes=9))
    for milliseconds in range(100, 2100, 100):
        attempt(first, milliseconds)
    Attempt.objects.update(started_at=Now())
    Attempt.objects.filter(duration_ms=2000).update(started_at=Now() - timedelta(minutes=6))
    Connection.objects.filter(group=cast.nordlys).update(last_good_poll_at=Now() - timedelta(minutes=3))
    heartbeats.hear("urgent")
    Heartbeat.objects.update(heard_at=F("heard_at") - timedelta(seconds=40))
    with redis.Redis.from_url(valkey.url) as broker:
        broker.rpush("long", "a", "b")
    group = f"{cast.nordlys.name} ({cast.nordlys.pk})"
    found = samples(monitor.get("/metrics").text)
    counts = {has["state"]: value for has, value in found["portal_outbox_postings"] if has["group"] == group}
    assert counts == {"waiting": 1, "uncertain": 1, "needs attention": 1}
    assert one(found, "portal_outbox_oldest_seconds", group=group) == pytest.approx(540, abs=BUSY)
    other = f"{cast.fjord.name} ({cast.fjord.pk})"
    assert one(found, "portal_outbox_oldest_seconds", group=other) == 0
    assert one(found, "portal_poll_age_seconds", group=group) == pytest.approx(180, abs=BUSY)
    assert one(found, "portal_heartbeat_age_seconds", part="urgent") == pytest.approx(40, abs=BUSY)
    assert [one(found, "portal_queue_length", queue=queue) for queue in ("urgent", "long")] == [0, 2]
    calls = {"group": group, "purpose": "send"}
    assert one(found, "portal_ddd_calls", outcome="unavailable", **calls) == 19
    quantiles = [one(found, "portal_ddd_call_seconds", quantile=q, **calls) for q in ("0.5", "0.95", "1.0")]
    assert quantiles == [1.0, 1.8, 1.9]
    assert (one(found, "portal_database_up"), one(found, "portal_broker_up")) == (1, 1)
    assert one(found, "portal_alert_streams") == 7
    assert one(found, "portal_info", version=settings.VERSION) == 1


@pytest.mark.usefixtures("gauges", "cast")
def test_reading_costs_a_few_queries_and_for_some_seconds_none(
    monitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):
        monitor.get("/metrics")
    with django_assert_num_queries(0):
        monitor.get("/metrics")


@pytest.mark.usefixtures("lost_database", "gauges")
def test_without_its_database_and_broker_it_says_so(monitor: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    found = samples(monitor.get("/metrics").text)
    assert (one(found, "portal_database_up"), one(found, "portal_broker_up")) == (0, 0)
    assert "portal_outbox_postings" not in found


def test_requests_are_counted_by_their_route(db: None, monitor: Client) -> None:
    def counted(route: str, status: str, method: str = "GET") -> float:
        found = samples(monitor.get("/metrics").text).get("portal_requests_total", [])
        labels = {"route": route, "status": status, "method": method}
        return sum(value for has, value in found if has == labels)

    client = Client()
    before = counted("login", "200"), counted("nothing", "404"), counted("healthz", "200")
    assert counted("login", "405", "other") == 0
    client.get("/login/?q=Hanne")
    client.get("/login/")
    client.get("/no/such/page/")
    client.get("/healthz", headers={"host": "10.0.0.1"})
    client.generic("BREW", "/login/")
    after = counted("login", "200"), counted("nothing", "404"), counted("healthz", "200")
    assert [late - early for late, early in zip(after, before, strict=True)] == [2, 1, 1]
    assert counted("login", "405", "other") == 1
    assert "Hanne" not in monitor.get("/metrics").text


NAME = re.compile(r"\b(?:portal|process)_[a-z_]+\b")


def expressions() -> Iterator[str]:
    """All that the rules and the dashboard ask of Prometheus."""
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in ("page", "ticket")
            yield rule["expr"]
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "portal.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_what_dashboard_and_rules_ask_for_is_there(cast: Cast) -> None:
    with RunningValkey() as valkey:
        received(cast)
        attempt(Posting.objects.get(), 100)
        Connection.objects.update(last_good_poll_at=Now())
        heartbeats.hear("beat")
        environment = {"METRICS_TOKEN": TOKEN, "REDIS_URL": valkey.url, "DEMO": "1"}
        with ServedApart(environment) as portal:
            assert happens(portal.listens)
            with Tablet(portal.port, "/metrics") as refused:
                assert refused.status == 401
            found = samples(read(portal.port))
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(asked) > 10
    assert asked - found.keys() == set()
    labels = {label for expression in expressions() for label in re.findall(r"(\w+)=~?\"", expression)}
    assert labels <= {"job", *(name for rows in found.values() for has, _value in rows for name in has)}
