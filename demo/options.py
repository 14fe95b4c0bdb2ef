"""The options of `bin/demo`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from demo import Refused

ROOT = Path(__file__).resolve().parent.parent
LARGEST_PORT = 65535


@dataclass(frozen=True)
class Options:
    """With `ddd_url` that DdD is used and no sandbox runs; `careful` Groups have confirmed nothing yet."""

    port: int
    ddd_port: int
    data: Path
    reset: bool
    ddd_url: str
    ddd_token: str
    quiet_shop: bool
    careful: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message} (see bin/demo --help)")


def read_options(arguments: Sequence[str]) -> Options:
    """Raises Refused with one sentence; `--help` exits."""
    given = _parser().parse_args(arguments)
    options = Options(**{**vars(given), "data": given.data.expanduser().absolute()})
    if bool(options.ddd_url) != bool(options.ddd_token):
        raise Refused("--ddd-url and --ddd-token belong together: give both or none.")
    if options.ddd_url and not _is_address(options.ddd_url):
        raise Refused(f"--ddd-url must be an address such as https://ddd.example, not {options.ddd_url!r}.")
    if not options.ddd_url and options.port == options.ddd_port:
        raise Refused(f"The portal and the sandbox cannot both have port {options.port}.")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="bin/demo",
        description="Runs the portal, its worker and a DdD sandbox with made-up data until Ctrl-C.",
    )
    parser.add_argument("--port", type=_port, default=8000, help="of the portal (8000)")
    parser.add_argument("--ddd-port", type=_port, default=8765, help="of the DdD sandbox (8765)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var" / "demo", help="folder for data and logs (var/demo)"
    )
    parser.add_argument("--reset", action="store_true", help="begin with fresh data")
    parser.add_argument("--ddd-url", default="", metavar="URL", help="use this DdD, start no sandbox")
    parser.add_argument("--ddd-token", default="", metavar="TOKEN", help="token for --ddd-url")
    parser.add_argument("--quiet-shop", action="store_true", help="no made-up orders")
    parser.add_argument(
        "--careful",
        action="store_true",
        help="with fresh data: begin as a new Group does, with nothing confirmed about DdD",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to {LARGEST_PORT}")
    return int(text)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
