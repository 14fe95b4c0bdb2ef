"""The demo's data folder: one demo at a time in it, its own secret, and a fresh start."""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from demo import Refused

# Only what the demo itself made is ever deleted: --data may name a folder with other things in it.
MADE_BY_THE_DEMO = (
    "portal.sqlite3*",
    "ddd-sandbox.sqlite3*",
    "beat-schedule*",
    "appendonlydir",
    "web-shop-next-order",
    "secret-key",
    "log",
    "mails",
    "exports",
)


class DataFolder:
    """Belongs to one demo between `take` and `give_back`, or until that demo's process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log"
        self.mails = path / "mails"
        self._lock: IO[str] | None = None

    def take(self, *, reset: bool) -> None:
        """Makes the folder, keeps other demos out of it and empties it when `reset`. Raises Refused."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / "lock").open("a")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if reset:
                self._empty()
            self.log.mkdir(exist_ok=True)
            (self.log / "writable").touch()
            (self.log / "writable").unlink()
        except BlockingIOError as error:
            self.release()
            raise Refused(
                f"Another demo is running on {self.path}: stop it, or choose another folder with --data."
            ) from error
        except OSError as error:
            self.release()
            raise Refused(
                f"The data folder {self.path} cannot be used ({error.strerror}): choose another with --data."
            ) from error

    def release(self) -> None:
        """Lets another demo use the folder."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def secret_key(self) -> str:
        """Made once, so that people stay logged in over a restart. Nobody else may read it."""
        file = self.path / "secret-key"
        try:
            return file.read_text().strip() or self._make_secret(file)
        except FileNotFoundError:
            return self._make_secret(file)
        except OSError as error:
            raise Refused(f"{file} cannot be read ({error.strerror}).") from error

    def _make_secret(self, file: Path) -> str:
        secret = secrets.token_urlsafe(48)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            opened.write(secret)
        return secret

    def _empty(self) -> None:
        for pattern in MADE_BY_THE_DEMO:
            for found in self.path.glob(pattern):
                if found.is_dir() and not found.is_symlink():
                    shutil.rmtree(found)
                else:
                    found.unlink()
