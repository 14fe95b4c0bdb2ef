"""Sends requests from several threads for some seconds, and measures them and what they cost."""

import http.client
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from threading import Thread
from urllib.parse import urlsplit

# Of one connection, by its number and how many it has sent before: method, path, body.
Request = Callable[[int, int], tuple[str, str, bytes]]
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """Per second, milliseconds of an answer, and milliseconds of CPU for each of it."""

    rate: float
    median: float
    p99: float
    web_ms: float
    database_ms: float

    def __str__(self) -> str:
        answers = f"{self.rate:8.0f}/s  median {self.median:6.1f} ms  p99 {self.p99:6.1f} ms"
        return f"{answers}  CPU {self.web_ms:5.2f} ms web, {self.database_ms:5.2f} ms database"


def measure(
    urls: list[str],
    request: Request,
    headers: dict[str, str],
    connections: int,
    seconds: float,
    web: Iterable[int],
    database: int,
) -> Measured:
    """With so many connections. `web` are the processes that answer, `database` is PostgreSQL's first one."""
    took: list[float] = []
    until = time.monotonic() + seconds
    web_before, database_before = _cpu_of(web), _cpu_of(_children_of(database))
    threads = [
        Thread(target=_send, args=(urls[number % len(urls)], number, request, headers, until, took))
        for number in range(connections)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed, answers = time.monotonic() - began, max(len(took), 1)
    web_ms, database_ms = (
        (_cpu_of(web) - web_before) / answers,
        (_cpu_of(_children_of(database)) - database_before) / answers,
    )
    hundredths = quantiles(took, n=100) if len(took) > 1 else took * 99
    return Measured(answers / passed, hundredths[49] * 1000, hundredths[98] * 1000, web_ms, database_ms)


def _send(
    url: str, number: int, request: Request, headers: dict[str, str], until: float, took: list[float]
) -> None:
    connection, sent = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60), 0
    while time.monotonic() < until:
        method, path, body = request(number, sent)
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {said[:300]!r}")
        sent += 1


def _cpu_of(processes: Iterable[int]) -> float:
    """Milliseconds that these have used."""
    used = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used * TICK_MS


def _children_of(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]
