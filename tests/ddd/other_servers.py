"""Servers that are not DdD: one with a fixed answer, one that accepts connections and never answers, one
that answers byte by byte."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Said = tuple[int, bytes]


@contextmanager
def answering(status: int, body: bytes = b"", *, reads: bytes | None = None, **headers: str) -> Iterator[str]:
    """The address of a server that gives every call this answer; reads another one where it is given."""

    def say(method: str, _path: str) -> Said:
        return status, body if reads is None or method != "GET" else reads

    with saying(say, **headers) as url:
        yield url


@contextmanager
def saying(say: Callable[[str, str], Said], **headers: str) -> Iterator[str]:
    """The address of a server that says what `say` makes of method and path: a status and a body."""

    class Answer(BaseHTTPRequestHandler):
        def handle_call(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = say(self.command, self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = handle_call  # noqa: N815 - so the standard library calls them

        def log_message(self, *_data: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def dripping(said: bytes, every: float = 0.1) -> Iterator[str]:
    """The address of a server that answers with these bytes, one at a time, `every` so many seconds."""

    def drip(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.recv(65536)
            for number in range(len(said)):
                caller.sendall(said[number : number + 1])
                time.sleep(every)

    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"
