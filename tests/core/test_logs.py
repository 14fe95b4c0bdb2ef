"""What is logged: enough to follow an order from a request into a worker, and nothing that people typed."""

import http.client
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TextIO
from urllib.parse import urlencode

import brotli
import pytest
from django.test import Client

from accounts import links
from accounts.demo_secrets import NORDLYS_KEY
from core.logs import json_formatter, masked, text_formatter
from ddd.models import Attempt, Connection
from tests.ddd.other_servers import answering
from tests.demo.processes import happens
from tests.factories import NOW, Cast
from tests.log_listener import Listener
from tests.orders.web_shop import CREATE, body
from tests.pos.tablets import HOST, ROOT, ServedApart, _database_url, cookie_of
from tests.valkey import RunningValkey

WRONG_KEY = "w6cZ0n7sYHqVJ2bXbT0lPp5EvkD1oA8RrUuW3mNq4Gc"
FORGED = "k3j4h5g6f7d8s9a0q1w2e3r4t5y6u7i8"
PASSWORD = "Correct horse battery"
ANSWER = b"No such customer: Hanne Hansen, Skolegade 5"
PLANTED = (
    *("Hanne", "Hansen", "Skolegade", "Sorensen", "Åse", "Bakkevej", "example", "4711223344", "Gave"),
    *(WRONG_KEY, NORDLYS_KEY, FORGED, PASSWORD, "sesame-guess", "scarf for"),
)


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("Not Found: /orders/?q=Hanne+Hansen&x=1", "Not Found: /orders/"),
        ('"GET /x?token=1 HTTP/1.1"', '"GET /x HTTP/1.1"'),
        ("550 <hanne.hansen+a@nordlys.example>: no", "550 <...>: no"),
        (f"Authorization: ddd_token {NORDLYS_KEY}", "Authorization: ddd_token ..."),
        ("/password/WzEyLCIxMjM0IiwxXQ:1vQJ4R:Ab-c_dEf/", "/password/.../"),
        (f"session {FORGED} is over", "session ... is over"),
        ("Task x[0b0f2d3c-7e2e-4b0e-9d51-0a1b2c3d4e5f] done", None),
        ("UNIQUE constraint failed: one_order_by_order_no_2", None),
        ("django.core.exceptions.ImproperlyConfigured", None),
        ("error\nDETAIL:  Key (email)=(Hanne) exists.\nCONTEXT: more Hanne", "error\nDETAIL: ..."),
        ("error\nLINE 1: SELECT Hanne\n               ^\n\nTraceback", "error\nLINE 1: ...\n\nTraceback"),
        ("ValueError: invalid literal for int(): 'Hanne'", "ValueError: invalid literal for int(): ..."),
        ("Task x raised unexpected: ValueError(\"no 'Hanne'\")", "Task x raised unexpected: ValueError(..."),
    ],
)
def test_what_libraries_put_into_a_line_is_masked(text: str, logged: str | None) -> None:
    assert masked(text) == (text if logged is None else logged)


def lines_of(said: str) -> list[dict[str, Any]]:
    """All lines of the log; Celery says some words beside it."""
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    for line in lines:
        assert {"event", "level", "logger", "timestamp"} <= line.keys(), line
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
    return lines


def one(lines: list[dict[str, Any]], event: str) -> dict[str, Any]:
    """The only line with this in its event."""
    [found] = [line for line in lines if event in line["event"]]
    return found


def ask(port: int, method: str, path: str, content: bytes = b"", **headers: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, content, sent)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def form(port: int, path: str, **fields: str) -> int:
    """As a browser posts it that has no session."""
    token = "c" * 32
    content = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    kind = "application/x-www-form-urlencoded"
    return ask(port, "POST", path, content, Content_Type=kind, Cookie=f"csrftoken={token}")


@contextmanager
def celery(
    environment: Mapping[str, str], *command: str, stdout: int | TextIO = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "--app", "config", *command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _database_url(), **environment},
        stdout=stdout,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_an_order_is_followed_from_its_request_into_the_worker(cast: Cast) -> None:
    options = ("--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle")
    with RunningValkey() as valkey, answering(422, ANSWER) as ddd:
        Connection.objects.update(base_url=ddd)
        environment = {"REDIS_URL": valkey.url, "LOG_FORMAT": "json", "DEMO": "1"}
        with (
            ServedApart(environment) as portal,
            celery(environment, "worker", "--queues", "urgent", *options) as worker,
        ):
            assert happens(portal.listens)
            order = json.dumps(body("W-77", ReceiveAddress="Åse Sorensen#Bakkevej 3")).encode()
            kind, key = "application/json", f"ddd_token {NORDLYS_KEY}"
            assert (
                ask(
                    *(portal.port, "POST", CREATE, order),
                    Content_Type=kind,
                    Authorization=key,
                    X_Request_ID="support-77",
                )
                == 200
            )
            assert happens(lambda: Attempt.objects.exists())
            portal.terminate()
            _code, said = portal.ended(30)
            worker.terminate()
            worked, _nothing = worker.communicate(timeout=60)
    web, tasks = lines_of(said), lines_of(worked)
    access = one(web, CREATE)
    group, shop = cast.nordlys.pk, cast.web_shop("nordlys").pk
    assert {"group": group, "web_shop": shop, "order_no": "W-77", "request_id": "support-77"}.items() <= (
        access.items()
    )
    assert (access["method"], access["path"], access["status"]) == ("POST", CREATE, 200)
    called = one(tasks, "a call to DdD to send: rejected")
    assert {"group": group, "order_no": "W-77", "request_id": "support-77"}.items() <= called.items()
    assert (called["task"], called["level"], called["kind"]) == ("ddd.tasks.drain", "warning", "order")
    assert re.fullmatch(r"[0-9a-f-]{36}", called["task_id"])
    assert one(tasks, "ready.")["level"] == "info"  # LOG_LEVEL holds in the worker too
    for word in PLANTED:
        assert word not in said + worked


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_who_tries_to_come_in_is_logged_and_not_what_they_typed(cast: Cast) -> None:
    office, clerk = cast.person("office"), cast.person("aarhus")
    link = links.path_for(office, NOW)
    client = Client()
    client.force_login(clerk)
    with ServedApart({"LOG_FORMAT": "json", "DEMO": "1"}) as portal:
        assert happens(portal.listens)
        port = portal.port
        for email in (office.email, "hanne.hansen@elsewhere.example"):
            assert form(port, "/login/", username=email, password="sesame-guess") == 200
        for _try in range(11):
            status = form(port, "/login/", username=clerk.email, password=PASSWORD)
        assert status == 429
        assert ask(port, "GET", CREATE, Authorization=f"Bearer {WRONG_KEY}") == 401
        cookie, customer = cookie_of(client), "203.0.113.9"
        assert ask(port, "GET", "/orders/?q=Hanne", Cookie=cookie, X_Forwarded_For=customer) == 404
        assert ask(port, "GET", "/orders/?q=Hanne", Cookie=f"sessionid={FORGED}") == 302
        assert ask(port, "GET", link) == 410
        assert ask(port, "GET", "/nothing/Hanne%0AHansen/?q=Hanne") == 404
        portal.terminate()
        _code, said = portal.ended(30)
    lines = lines_of(said)
    assert len(lines) == len(said.splitlines())
    failed = [line["person"] for line in lines if line["event"] == "a log-in failed"]
    assert failed == [office.pk, None, *[clerk.pk] * 10]
    locked = one(lines, "locked out: too many tries of this person")
    assert (locked["person"], locked["client"], locked["level"]) == (clerk.pk, "127.0.0.1", "warning")
    assert one(lines, "refused an API key")["client"] == "127.0.0.1"
    refused = one(lines, "refused access to a view")
    assert (refused["person"], refused["group"], refused["client"], refused["view"]) == (
        *(clerk.pk, cast.nordlys.pk, customer, "orders"),
    )
    said = said.replace("/nothing/Hanne%0AHansen/", "")  # what somebody asks for as a page is its address
    for word in (*PLANTED, link, cookie.partition("=")[2]):
        assert word not in said.replace("Hanne\\\\nHansen", "")


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_level_and_form_hold_in_beat(db: None, tmp_path: Path) -> None:
    environment = {"REDIS_URL": "redis://127.0.0.1:9/0", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    said = tmp_path / "said"
    with (
        said.open("w") as output,
        celery(environment, "beat", "--schedule", str(tmp_path / "s"), "--pidfile", "", stdout=output),
    ):
        assert happens(lambda: "beat: Starting" in said.read_text())
    assert one(lines_of(said.read_text()), "beat: Starting")["level"] == "info"


BREAK = """
import sys
import django
django.setup()
from django.test import Client, override_settings
with override_settings(ROOT_URLCONF="tests.core.broken_urls", ALLOWED_HOSTS=["*"]):
    headers = {"Authorization": "Bearer KEY", "X-Request-ID": "s-1"}
    client = Client(raise_request_exception=False, headers=headers)
    client.cookies["sessionid"] = "FORGED"
    assert client.post("/api/breaks?q=Hanne", {"name": "Hansen", "street": "Skolegade"}).status_code == 500
print("sentry_sdk" in sys.modules)
""".replace("KEY", WRONG_KEY).replace("FORGED", FORGED)


def broken_by_a_request(dsn: str) -> str:
    """Whether Sentry was loaded by it."""
    given = {"SENTRY_DSN": dsn, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": _database_url()}
    environment = {**os.environ, **given}
    done = subprocess.run(
        [sys.executable, "-c", BREAK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_sentry_gets_what_broke_and_nothing_of_what_was_sent() -> None:
    received: list[bytes] = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_data: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Sentry) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        loaded = broken_by_a_request(f"http://public@{HOST}:{server.server_port}/1")
        server.shutdown()
        thread.join()
    assert loaded == "True"
    [envelope] = [brotli.decompress(content).decode() for content in received]
    _head, _kind, event, *_rest = envelope.splitlines()
    [error] = json.loads(event)["exception"]["values"]
    assert error["type"] == "ZeroDivisionError"
    assert error["stacktrace"]["frames"][-1]["function"] == "breaks"
    assert json.loads(event)["tags"] == {"request_id": "s-1"}
    for word in (*PLANTED, "testserver", "client", "locals", '"vars"', '"request"', '"cookies"'):
        assert word not in envelope, word


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_without_a_dsn_nothing_of_sentry_is_loaded() -> None:
    assert broken_by_a_request("") == "False"


def test_a_planted_line_would_be_heard_in_every_test() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "the order of %s", ("Åse Ø. Sørensen",), None)
    heard: list[str] = []
    Listener(heard).handle(record)
    assert ["the order of Åse Ø. Sørensen" in line for line in heard] == [True]


def test_the_journal_of_systemd_is_told_what_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "said", (), None)
    stderr = os.fstat(2)
    for stream, start in ((f"{stderr.st_dev}:{stderr.st_ino}", "<4>"), ("1:2", "20"), ("", "20")):
        monkeypatch.setenv("JOURNAL_STREAM", stream)
        assert text_formatter().format(record).startswith(start)


def test_what_came_from_outside_cannot_look_like_a_line() -> None:
    path = "/nothing\n2026-01-01 error accounts.login a log-in failed\u2028"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    for render in (text_formatter, json_formatter):
        said = render().format(record)
        assert len(said.splitlines()) == 1
        assert "log-in failed" in said
