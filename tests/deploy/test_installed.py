"""docs/OPERATING.md, word by word, on a made-up host; then what an installation must bear."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from tests.demo.processes import happens
from tests.deploy.host import NGINX, Host
from tests.deploy.traffic import RECONNECTS_AFTER, Client, Tablet, Traffic
from tests.deploy.units import ROOT, bare_environment
from tests.orders.mail_server import MailServer, mail_server
from tests.sandbox_process import RunningSandbox

DOCUMENT = (ROOT / "docs/OPERATING.md").read_text()
TRIES_IN_3_SECONDS = 3 / RECONNECTS_AFTER  # a busy machine takes longer for each, but asks no more often
WEB, WORKERS = ("portal-web@{0}", "portal-web@{1}"), ("portal-worker-urgent@", "portal-worker-long@")


def blocks(heading: str) -> list[str]:
    """The blocks of a chapter that are to be tried."""
    chapter = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh try\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)


class Installation:
    """A host on which the document was followed, with Nordlys in it."""

    def __init__(self, host: Host, sandbox: RunningSandbox, mails: MailServer) -> None:
        self.host, self.sandbox, self.mails = host, sandbox, mails
        self.people: dict[str, Any] = {}

    def install(self) -> str:
        """Returns what the last command said."""
        self.host.release("v0.2.0")
        self.host.typed = "correct horse battery staple\n"
        said = [self.host.type(block) for block in blocks("Install on Debian 12")]
        assert len(said) == 5
        return said[-1]

    def seed(self) -> None:
        settings = {
            "SECRET_KEY": self.host.file("/etc/portal/secret_key").read_text().strip(),
            "DATABASE_URL": "postgresql:///portal",
            "ENV_FILE": "",
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.deploy.people", self.sandbox.url],
            cwd=ROOT,
            env={**bare_environment(), **self.host.environment(), **settings},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        self.people = json.loads(done.stdout)

    def client(self, port: int = 0, **headers: str) -> Client:
        """A web shop's and a tablet's at once; through nginx, or to a web process, as nginx speaks."""
        given = {
            "Authorization": f"ddd_token {self.people['key']}",
            "Cookie": self.people["cookie"],
            **headers,
        }
        if port:
            return Client(port, **given, **{"X-Forwarded-Proto": "https"})
        return Client(self.host.https, str(self.host.certificate), **given)

    def anybody(self) -> Client:
        """Somebody without key and session, through nginx."""
        return Client(self.host.https, str(self.host.certificate))

    def tablet(self, port: int = 0) -> Tablet:
        return Tablet(self.client(port), self.people["shop"])

    def booked(self) -> "Counter[str]":
        """How often DdD has each order."""
        return Counter(order["OrderNo"] for order in self.sandbox.ledger()["orders"])

    def degraded(self) -> dict[str, str]:
        status, said = self.client(self.host.web[0]).ask("GET", "/readyz")
        assert status == 200, said
        return dict(json.loads(said)["degraded"])


@pytest.fixture
def installation(sandbox: RunningSandbox) -> Iterator[Installation]:
    with mail_server() as mails, Host(mails.port) as host:
        yield Installation(host, sandbox, mails)


@pytest.mark.slow
@pytest.mark.before_others  # it waits for minutes, while others work
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx")
def test_it_installs_as_the_document_says_and_bears_restarts_and_kills(installation: Installation) -> None:
    host, told = installation.host, installation.install()
    found = [line for line in told.splitlines() if re.match(r"(WARNING|FAILED)", line)]
    assert found == ["WARNING  DdD: no Group is connected to DdD"], told
    [mail] = installation.mails.messages
    assert mail["To"] == "operator@localhost"
    installation.seed()
    first, second = host.web
    second_beat = host.file("/var/lib/second")
    second_beat.mkdir()
    for name in ("portal-worker-urgent@2", "portal-worker-long@2"):
        host.start(name)
    host.start("portal-beat#2", state=str(second_beat))

    _an_order_to_one_blinks_at_the_other(installation)
    forged = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere"}
    assert installation.anybody().ask("GET", "/login/", **forged)[0] == 200
    assert installation.anybody().ask("GET", "/metrics")[0] == 404
    lost = _restarted_without_loss(installation)
    killed = _every_process_is_killed_once(installation)
    assert happens(lambda: not installation.degraded(), 300), installation.degraded()
    expected = Counter([*lost, *killed])
    assert happens(lambda: not expected - installation.booked(), 300)
    assert not {one for one, times in installation.booked().items() if times > 1}
    host.type(blocks("Backup and restore")[0])
    assert len(list(host.file("/var/backups/portal").glob("portal-*.tar.gz"))) == 2
    if os.environ.get("SHOW_FIGURES"):
        sys.stderr.write(str({name: round(host.memory(name)) for name in host.programs}))
    host.systemctl("stop", "portal.target")
    assert (first, second) == tuple(host.web)


def _an_order_to_one_blinks_at_the_other(installation: Installation) -> None:
    for number, (to, at) in enumerate((installation.host.web, reversed(installation.host.web))):
        with installation.tablet(at) as tablet:
            assert happens(partial(_is_live, tablet))
            assert installation.client(to).order(f"ACROSS-{number}") == (200, b"true")
            assert happens(partial(_has_blinked, tablet), 60)


def _is_live(tablet: Tablet) -> bool:
    return tablet.is_live


def _has_blinked(tablet: Tablet) -> bool:
    return tablet.heard["changed"] > 0


def _restarted_without_loss(installation: Installation) -> list[str]:
    """By the document's upgrade. The OrderNos that were sent meanwhile."""
    host, client = installation.host, installation.client()
    host.release("v0.3.0")
    with ExitStack() as left:
        tablets = [left.enter_context(installation.tablet()) for _ in range(4)]
        assert happens(lambda: all(tablet.is_live for tablet in tablets))
        orders = left.enter_context(Traffic(lambda number: client.order(f"LOAD-{number}"), 0.2))
        pages = left.enter_context(Traffic(lambda _number: installation.anybody().ask("GET", "/login/"), 0.2))
        host.type(blocks("Upgrade and roll back")[0])
        assert happens(lambda: all(tablet.is_live for tablet in tablets))
    gaps = [gap for tablet in tablets for gap in tablet.gaps]
    figures = f"{orders.sent} orders, {pages.sent} pages, longest {orders.longest:.2f} s, gaps {gaps}"
    assert (orders.failed, pages.failed) == ([], []), figures
    assert gaps, figures
    assert max(tried for tablet in tablets for tried in tablet.tries) <= TRIES_IN_3_SECONDS, figures
    if os.environ.get("SHOW_FIGURES"):
        sys.stderr.write(figures)
    _status, said = installation.client(host.web[0]).ask("GET", "/version")
    assert json.loads(said)["commit"] == "v0.3.0"
    return [f"LOAD-{number + 1}" for number in range(orders.sent)]


def _every_process_is_killed_once(installation: Installation) -> list[str]:
    """SIGKILL, and started again. The OrderNos that were taken meanwhile; with one web process gone nginx
    asks the other."""
    host, client = installation.host, installation.client()
    with Traffic(lambda number: client.order(f"KILL-{number}"), 0.2) as orders:
        for name in sorted(set(host.programs) - {"nginx"}):
            host.kill(name, state=str(host.file("/var/lib/second")) if name.endswith("#2") else "")
    assert orders.failed == []
    return [f"KILL-{number + 1}" for number in range(orders.sent)]
