"""`python -m config.web`: the web process, with all that differs from uvicorn's own ways in one place."""

import argparse
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

from config.slow_clients import TimedRequests

KEPT_SECONDS = (
    75  # longer than proxies keep a connection: else they send a request into one that is just closed
)
STREAMS_END_SECONDS = 2
SECRET = re.compile(r"[^/]{32,}")  # signed links are long parts of a path


class PathsOnly(logging.Filter):
    """Access lines without queries and secret links: what people search for is personal data."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the path among uvicorn's arguments, and names them; hides no line."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, version, status = record.args
            path = SECRET.sub("...", str(path).partition("?")[0])
            record.args = (client, method, path, version, status)
            record.__dict__.update(method=method, path=path, status=status)
        return True


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Where it listens; all else is in the settings."""
    parser = argparse.ArgumentParser("python -m config.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-access-log", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Serves until SIGTERM: what it has begun is answered, and streams of tablets end."""
    options = read_options(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415 - a wrong option is told before wrong settings

    given: dict[str, Any] = {
        "host": options.host,
        "port": options.port,
        "access_log": not options.no_access_log,
    }
    uvicorn.run(
        "config.asgi:application",
        **given,
        proxy_headers=False,  # config/proxies.py does it
        http=TimedRequests,
        log_config=None,  # Django's LOGGING
        server_header=False,
        limit_concurrency=settings.WEB_CONNECTIONS,
        timeout_keep_alive=KEPT_SECONDS,
        timeout_graceful_shutdown=STREAMS_END_SECONDS,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
