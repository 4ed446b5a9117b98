"""A client keeps one connection, and asks again only where that changes nothing."""

import io
from http.client import HTTPConnection, RemoteDisconnected
from typing import cast

import pytest

from intake.client import Server
from intake.errors import ServerError, UnreachableError


class Answer(io.BytesIO):
    """What `http.client` would return."""

    length = 0

    def __init__(self, status: int, *, will_close: bool) -> None:
        """Answer with a status."""
        super().__init__(b"{}")
        self.status = status
        self.will_close = will_close


class Line:
    """A connection; once `is_dead`, the server has closed it."""

    def __init__(self, will_close: bool, status: int) -> None:  # noqa: FBT001 - a fake's own
        """Answer everything alike."""
        self.asked: list[str] = []
        self.is_dead = self.is_closed = False
        self._answer = (status, will_close)

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        """Take a question."""
        assert body is None or headers
        self.asked.append(f"{method} {path}")

    def getresponse(self) -> Answer:
        """Answer, or find the line closed."""
        if self.is_dead:
            raise RemoteDisconnected("gone")
        return Answer(self._answer[0], will_close=self._answer[1])

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


class Lines:
    """Every connection that a client opened."""

    def __init__(self, *, will_close: bool = False, status: int = 200) -> None:
        """Open none yet."""
        self.opened: list[Line] = []
        self._kind = (will_close, status)

    def server(self) -> Server:
        """Return a client."""
        return Server("https://site.test", lambda: cast("HTTPConnection", self._open()))

    def _open(self) -> Line:
        self.opened.append(Line(*self._kind))
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
