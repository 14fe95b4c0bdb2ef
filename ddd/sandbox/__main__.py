"""`python -m ddd.sandbox`: starts the DdD sandbox."""

import argparse
import sqlite3
import sys
from pathlib import Path

from ddd.sandbox.app import application
from ddd.sandbox.dialect import BadDialect, add_options, dialect_of
from ddd.sandbox.endpoints import Sandbox
from ddd.sandbox.server import listen, serve
from ddd.sandbox.state import State

_FILE_NAME = "ddd-sandbox.sqlite3"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ddd.sandbox", description="A strict stand-in for DdD's Public API."
    )
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--data", type=Path, default=Path("var"), help="file or folder (default: %(default)s)"
    )
    parser.add_argument("--reset", action="store_true", help="forget what was posted before")
    parser.add_argument("--token", nargs="+", action="extend", default=[], help="more tokens, of every group")
    parser.add_argument("--hide-drafts", action="store_true", help="transfers by the API stay unread drafts")
    add_options(parser)
    return parser.parse_args()


def _file(data: Path) -> Path:
    return data / _FILE_NAME if data.is_dir() or not data.suffix else data


def main() -> int:
    asked = _arguments()
    file = _file(asked.data)
    try:
        dialect = dialect_of(asked)
    except BadDialect as error:
        return _refuse(f"does not speak so: {error}.")
    try:
        bound = listen(asked.host, asked.port)
    except (OSError, OverflowError) as error:
        return _refuse(f"cannot listen on {asked.host}:{asked.port}: {error}. Choose another with --port.")
    try:
        state = State(file)
        if asked.reset:
            state.empty()
    except (OSError, sqlite3.Error) as error:
        bound.close()
        return _refuse(f"cannot keep its data in {file}: {error}. Choose another place with --data.")
    sandbox = Sandbox(state, drafts_hidden=asked.hide_drafts, more_tokens=tuple(asked.token), dialect=dialect)
    try:
        serve(application(sandbox), bound, asked.host)
    finally:
        state.close()
    return 0


def _refuse(why: str) -> int:
    sys.stderr.write(f"The DdD sandbox {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
