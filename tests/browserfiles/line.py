"""A line between a page and a server: it remembers what passes, and breaks when it is told to."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 64 * 1024


@dataclass(frozen=True)
class Fault:
    """What happens to the next request of a method, once.

    After `cut` bytes of its body the line breaks; or it arrives and its answer is `lost`; or
    somebody else gives `answer` and the server never hears of it. With `closes`, nobody is let
    through afterwards, until the line is opened.
    """

    method: str
    cut: int | None = None
    lost: bool = False
    answer: bytes | None = None
    closes: bool = False


@dataclass
class Line:
    """A port of loopback that leads to another."""

    target: int
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    """The head of every request."""
    seen: list[bytes] = field(default_factory=list)
    """Every byte a page sent."""
    is_closed: bool = False
    """Whether nobody is let through."""

    @property
    def origin(self) -> str:
        """Where a page finds it."""
        return f"http://127.0.0.1:{self.port}"

    def parts(self) -> list[int]:
        """Return the sizes of the parts that were sent, as they were announced."""
        patches = [head for head in self.heads if head.startswith(b"PATCH ")]
        return [int(re.findall(rb"(?i)content-length: (\d+)", head)[0]) for head in patches]

    def methods(self) -> list[str]:
        """Return the methods of all requests in order."""
        return [head.split()[0].decode() for head in self.heads]

    def carry(self, page: socket.socket) -> None:
        """Let one connection through, as far as its fault does."""
        with page, suppress(OSError):
            head, body = _head(page)
            if not head or self.is_closed:
                return
            self.heads.append(head)
            self.seen.append(head + body)
            fault = self._fault(head.split()[0].decode())
            self.is_closed = bool(fault and fault.closes)
            if fault and fault.answer is not None:
                page.sendall(fault.answer)
                page.shutdown(socket.SHUT_WR)
                while page.recv(_PIECE):
                    pass
                return
            with socket.create_connection(("127.0.0.1", self.target), 30) as server:
                cut = fault.cut if fault else None
                server.sendall(head + body[:cut])
                back = threading.Thread(
                    target=_back, args=(server, page), kwargs={"lost": bool(fault and fault.lost)}
                )
                back.start()
                self._forth(page, server, None if cut is None else cut - len(body))
                back.join()

    def _forth(self, page: socket.socket, server: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while left is None or left > 0:
                piece = page.recv(_PIECE)
                if not piece:
                    break
                self.seen.append(piece)
                server.sendall(piece[:left])
                left = None if left is None else left - len(piece)
        if left is not None:
            # As a telephone in a tunnel: both sides hear no more.
            for end in (page, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _fault(self, method: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method:
                self.faults.remove(fault)
                return fault
        return None


def _head(page: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of a request, and what came of its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = page.recv(_PIECE)
        if not piece:
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def _back(server: socket.socket, page: socket.socket, *, lost: bool) -> None:
    with suppress(OSError):
        while piece := server.recv(_PIECE):
            if not lost:
                page.sendall(piece)
    for end in (page, server):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def laid(target: int) -> Iterator[Line]:
    """Lay a line to a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(target, listener.getsockname()[1])
        threading.Thread(target=_listen, args=(listener, line), daemon=True).start()
        try:
            yield line
        finally:
            # Wakes whoever accepts.
            listener.shutdown(socket.SHUT_RDWR)


def _listen(listener: socket.socket, line: Line) -> None:
    with suppress(OSError):
        while True:
            page, _ = listener.accept()
            threading.Thread(target=line.carry, args=(page,), daemon=True).start()
