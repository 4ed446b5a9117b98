"""What stands between a browser and a server: it remembers, breaks, delays and lies when told to.

One request a connection, so that whatever happens, happens to one request.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 256 * 1024
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass
class Rule:
    """What happens to requests of one method and path, so often.

    Somebody else gives `answer`, and the server never hears of it; or it hears, and its answer
    is `lost`; or all of it waits for `held`.
    """

    request: str
    answer: bytes = b""
    lost: bool = False
    held: threading.Event | None = None
    times: int = 1_000_000


@dataclass
class Between:
    """A port of loopback that leads to another."""

    target: int
    port: int = 0
    rules: list[Rule] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)
    """Every byte that a browser sent."""
    bodies: dict[str, int] = field(default_factory=dict)
    """How many bytes came back for each request, without their heads."""
    heads: dict[str, int] = field(default_factory=dict)
    """How many bytes the head of each answer has."""
    requests: list[str] = field(default_factory=list)
    """Method and path of each request."""
    breaks: list[int] = field(default_factory=list)
    """After so many bytes from the browser, everything breaks for a while."""
    pause: float = 3
    """How long such a while is, in seconds."""
    broke: int = 0
    """How often it did."""
    open_at: float = 0.0
    """Before this moment nobody is let through."""
    _lines: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def origin(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self, seconds: float) -> None:
        """Break every line, and let nobody through for a while."""
        self.open_at = time.monotonic() + seconds
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def carry(self, page: socket.socket) -> None:
        """Let one request and its answer through, as far as the rules do."""
        with page, suppress(OSError):
            if time.monotonic() < self.open_at:
                return
            head, body = _head(page)
            if not head:
                return
            length = int((_LENGTH.findall(head) or [b"0"])[0])
            request = " ".join(head.split(b" ", 2)[i].decode() for i in (0, 1))
            self._note(head + body)
            self.requests.append(request)
            rule = self._rule(request)
            if rule and rule.held:
                rule.held.wait(60)
            if rule and rule.answer:
                _swallow(page, length - len(body))
                page.sendall(rule.answer)
                return
            with socket.create_connection(("127.0.0.1", self.target), 30) as server:
                with self._lock:
                    self._lines |= {page, server}
                self._pass(page, server, head, body, length)
                answer, start = _head(server)
                self.heads[request] = len(answer)
                self.bodies[request] = len(start)
                if not (rule and rule.lost):
                    page.sendall(answer + start)
                while piece := server.recv(_PIECE):
                    self.bodies[request] += len(piece)
                    if not (rule and rule.lost):
                        page.sendall(piece)

    def _pass(
        self, page: socket.socket, server: socket.socket, head: bytes, body: bytes, length: int
    ) -> None:
        server.sendall(re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head[:-2]))
        server.sendall(b"Connection: close\r\n\r\n" + body)
        left = length - len(body)
        while left > 0:
            piece = page.recv(_PIECE)
            if not piece:
                raise ConnectionResetError
            left -= len(piece)
            self._note(piece)
            server.sendall(piece)

    def _note(self, piece: bytes) -> None:
        with self._lock:
            self.seen += piece
            is_due = bool(self.breaks) and len(self.seen) >= self.breaks[0]
            if is_due:
                self.breaks.pop(0)
                self.broke += 1
        if is_due:
            self.cut(self.pause)
            raise ConnectionResetError

    def _rule(self, request: str) -> Rule | None:
        with self._lock:
            for rule in self.rules:
                if rule.request == request and rule.times > 0:
                    rule.times -= 1
                    return rule
        return None


def said(status: str, body: bytes, media_type: str) -> bytes:
    """Return an answer as it passes the line, with the headers that a script needs to run."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
        "Cross-Origin-Embedder-Policy: require-corp\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\nX-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def laid(target: int) -> Iterator[Between]:
    """Stand before a port of loopback."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        between = Between(target, listener.getsockname()[1])
        threading.Thread(target=_listen, args=(listener, between), daemon=True).start()
        try:
            yield between
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _listen(listener: socket.socket, between: Between) -> None:
    with suppress(OSError):
        while True:
            page, _ = listener.accept()
            threading.Thread(target=between.carry, args=(page,), daemon=True).start()


def _head(page: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = page.recv(_PIECE)
        if not piece:
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def _swallow(page: socket.socket, left: int) -> None:
    while left > 0 and (piece := page.recv(_PIECE)):
        left -= len(piece)
