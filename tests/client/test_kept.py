"""A client keeps one connection, and asks again only where that changes nothing."""

import io
from http.client import HTTPConnection

import pytest

from intake.client import Server
from intake.errors import ServerError, UnreachableError


class Line(HTTPConnection):
    """A real connection over no socket; once `is_dead`, the server has closed it."""

    def __init__(self, *, will_close: bool, status: int) -> None:
        """Answer everything alike."""
        super().__init__("site.test")
        self.asked: list[str] = []
        self.is_dead = self.is_closed = False
        end = "Connection: close\r\n" if will_close else ""
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: 2\r\n{end}\r\n"
        self._answer = head.encode() + b"{}"

    def connect(self) -> None:
        """Be connected: to this object itself."""
        self.sock = self

    def sendall(self, data: bytes) -> None:
        """Take a question."""
        self.asked.append(data.split(b" HTTP")[0].decode())

    def makefile(self, mode: str) -> io.BytesIO:
        """Answer, or find the line closed."""
        assert mode == "rb"
        return io.BytesIO(b"" if self.is_dead else self._answer)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True
        self.sock = None
        super().close()


class Lines:
    """Every connection that a client opened."""

    def __init__(self, *, will_close: bool = False, status: int = 200) -> None:
        """Open none yet."""
        self.opened: list[Line] = []
        self._will_close, self._status = will_close, status

    def server(self) -> Server:
        """Return a client."""
        return Server("https://site.test", self._open)

    def _open(self) -> Line:
        self.opened.append(Line(will_close=self._will_close, status=self._status))
        return self.opened[-1]


def test_questions_share_a_connection() -> None:
    """As long as the server keeps it; closed at the end."""
    lines = Lines()
    server = lines.server()
    for _ in range(5):
        server.call("GET", "/days", None, "token")
    assert [len(line.asked) for line in lines.opened] == [5]
    server.close()
    assert lines.opened[0].is_closed


def test_server_that_closes_is_asked_on_new_ones() -> None:
    """None is left open."""
    lines = Lines(will_close=True)
    server = lines.server()
    server.call("GET", "/days", None, "token")
    server.call("GET", "/days", None, "token")
    assert [line.is_closed for line in lines.opened] == [True, True]


def test_closed_meanwhile_is_asked_again_once() -> None:
    """On a fresh connection; where that fails too, nobody answers."""
    lines = Lines()
    server = lines.server()
    server.call("GET", "/days", None, "token")
    lines.opened[0].is_dead = True
    server.call("GET", "/days", None, "token")
    assert len(lines.opened) == 2
    assert lines.opened[0].is_closed


def test_what_changes_something_is_never_sent_twice() -> None:
    """A PUT goes over a connection of its own."""
    lines = Lines()
    server = lines.server()
    server.call("GET", "/days", None, "token")
    lines.opened[0].is_dead = True
    server.call("PUT", "/holds/x", None, "token")
    assert lines.opened[1].asked == ["PUT /api/v1/holds/x"]


def test_several_entries_are_asked_for_over_the_kept_line() -> None:
    """A POST, but it changes nothing: asked again once where the server had closed the line."""
    lines = Lines()
    server = lines.server()
    server.call("GET", "/days", None, "token")
    server.call("POST", "/entries/fetch", None, "token")
    assert [len(line.asked) for line in lines.opened] == [2]
    lines.opened[0].is_dead = True
    server.call("POST", "/entries/fetch", None, "token")
    assert [line.asked[-1] for line in lines.opened] == ["POST /api/v1/entries/fetch"] * 2


def test_nobody_there_and_a_refusal_are_two_things() -> None:
    """The first stops a run, the second is about one question."""

    def refuse() -> HTTPConnection:
        raise ConnectionRefusedError

    with pytest.raises(UnreachableError):
        Server("https://site.test", refuse).call("GET", "/days", None, "")
    lines = Lines(status=500)
    with pytest.raises(ServerError) as caught:
        lines.server().call("GET", "/days", None, "")
    assert type(caught.value) is ServerError
    assert lines.opened[0].is_closed
