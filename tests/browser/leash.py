"""A proxy between browser and portal that can be cut: open sockets close and no new ones are accepted."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

AT_ONCE = 65536


class Leash:
    """Runs from `with` to its end; `url` is the portal through the line."""

    def __init__(self, portal: str) -> None:
        address = urlsplit(portal)
        self._portal = (address.hostname or "", address.port or 0)
        self._server: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._port = 0

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    @property
    def url(self) -> str:
        return f"http://{self._portal[0]}:{self._port}"

    def mend(self) -> None:
        """The portal can be reached again, at the same address as before."""
        server = socket.create_server((self._portal[0], self._port))
        self._port = server.getsockname()[1]
        self._server = server
        threading.Thread(target=self._let_in, args=(server,), daemon=True).start()

    def cut(self) -> None:
        """Closes all open connections and accepts no new ones."""
        with self._lock:
            server, self._server = self._server, None
            ends, self._ends = self._ends, set()
        for end in (*ends, *([server] if server else [])):
            _close(end)

    def _let_in(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _address = server.accept()
                portal = socket.create_connection(self._portal)
                with self._lock:
                    if self._server is not server:
                        _close(browser)
                        _close(portal)
                        return
                    self._ends |= {browser, portal}
                for source, target in ((browser, portal), (portal, browser)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while carried := source.recv(AT_ONCE):
                target.sendall(carried)
        _close(source)
        _close(target)
        with self._lock:
            self._ends -= {source, target}


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in it
    end.close()
