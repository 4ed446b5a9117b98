"""A SOCKS5 proxy on a port of loopback, as Tor is one; or whatever else answers there."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR, create_connection, create_server, socket


@dataclass
class Tor:
    """Leads names to ports of loopback; remembers what was asked of it.

    `asked` holds name and port of each line, `circuits` the name by which it was asked.
    """

    sites: Mapping[str, int]
    asked: list[tuple[str, int]] = field(default_factory=list)
    circuits: list[str] = field(default_factory=list)

    def __call__(self, line: socket) -> None:
        """Serve one line."""
        count = _exactly(line, 2)[1]
        ways = _exactly(line, count)
        line.sendall(b"\x05\x02" if 2 in ways else b"\x05\x00")
        if 2 in ways:
            name = _exactly(line, _exactly(line, 2)[1])
            _exactly(line, _exactly(line, 1)[0])
            self.circuits.append(name.decode())
            line.sendall(b"\x01\x00")
        head = _exactly(line, 4)
        assert head == b"\x05\x01\x00\x03"
        host = _exactly(line, _exactly(line, 1)[0]).decode()
        port = int.from_bytes(_exactly(line, 2), "big")
        self.asked.append((host, port))
        if host not in self.sites:
            line.sendall(b"\x05\x04\x00\x01" + bytes(6))
            return
        with create_connection(("127.0.0.1", self.sites[host])) as site:
            line.sendall(b"\x05\x00\x00\x01" + bytes(6))
            back = threading.Thread(target=_pass, args=(site, line))
            back.start()
            _pass(line, site)
            back.join()


def _exactly(line: socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = line.recv(size - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def _pass(source: socket, target: socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(SHUT_RDWR)


@contextmanager
def listening(talk: Callable[[socket], None]) -> Iterator[int]:
    """Let `talk` answer each line, one after the other, and yield the port."""
    listener = create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])
    ended = threading.Event()

    def serve() -> None:
        while True:
            line, _ = listener.accept()
            with line:
                if ended.is_set():
                    return
                line.settimeout(5)
                with suppress(OSError):
                    talk(line)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield port
    finally:
        ended.set()
        create_connection(("127.0.0.1", port)).close()
        thread.join()
        listener.close()
