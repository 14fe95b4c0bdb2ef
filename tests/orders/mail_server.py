"""A scripted mail server on a real socket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import cast

DROP = ""


@dataclass
class MailServer:
    """`says` replaces the answer at a step; DROP closes the connection there."""

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _step: None

    @property
    def messages(self) -> list[EmailMessage]:
        return [message for _to, message in self.taken]


class _Conversation(StreamRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):
            self._talk(cast("_Server", self.server).facts)

    def _talk(self, data: MailServer) -> None:
        self._to = ""
        if not self._say(data, "CONNECT", "220 here"):
            return
        for line in self.rfile:
            step = line.split(b" ")[0].strip().upper().decode()
            if step == "RCPT":
                self._to = line.partition(b"<")[2].partition(b">")[0].decode()
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(step, "250 good")
            if not self._say(data, step, usual) or step == "QUIT":
                return
            if step == "DATA" and "DATA" not in data.says and not self._take(data):
                return

    def _take(self, data: MailServer) -> bool:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        data.taken.append((self._to, message))
        return self._say(data, "END", "250 taken")

    def _say(self, data: MailServer, step: str, usual: str) -> bool:
        data.before(step)
        said = data.says.get(step, usual)
        if said == DROP:
            return False
        self.wfile.write(f"{said}\r\n".encode())
        return True


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, data: MailServer) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.facts = data


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Accepts every mail until `says` is changed."""
    data = MailServer()
    with _Server(data) as server:
        data.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield data
        finally:
            server.shutdown()
            thread.join()


def nobody() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
