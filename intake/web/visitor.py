"""Asking a site as somebody who only looks: what it answers to these headers, here and now.

Rules: no redirect is followed; what comes is bounded in size, also unpacked, and in time; nothing
that the site sent is in an error's text.
"""

import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import (
    HTTPS_PORT,
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    IncompleteRead,
)
from socket import SHUT_RDWR, create_connection, socket
from ssl import create_default_context
from urllib.parse import urlsplit

import brotli

from intake.core import limits
from intake.errors import ConfigError, IntakeError, ServerError
from intake.socks import Proxy

_LARGEST = 4096 * limits.KIB
"""The largest body that is read or unpacked: the largest script is a tenth of it."""
_SECONDS = 30
"""The longest silence, and the longest that one answer is waited for."""
_PROXY_SECONDS = 120
"""The same through a proxy: Tor tries several ways to an onion before it gives up."""
_PIECE = 64 * limits.KIB


class AnswerError(IntakeError):
    """What a site answered cannot be read."""


@dataclass(frozen=True)
class Answer:
    """What one address answered; `body` is unpacked."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Visited:
    """A site by its address, as people type it. `connect` is replaced in tests.

    `seconds` are the longest that one answer is waited for, from the first step to its line.
    """

    origin: str
    connect: Callable[[], HTTPConnection]
    seconds: float = _SECONDS

    @classmethod
    def at(cls, url: str, proxy: Proxy | None = None) -> "Visited":
        """Return the site at an http or https address, seen through a proxy if there is one.

        Raises ConfigError.
        """
        wrong = ConfigError("the site's address is written https://host, without a path")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise wrong from None
        more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in ("http", "https") or not host or more:
            raise wrong
        kind = _Secure if parts.scheme == "https" else _Line
        seconds = _PROXY_SECONDS if proxy else _SECONDS
        origin = f"{parts.scheme}://{parts.netloc}"
        return cls(origin, lambda: kind(host, port, seconds, proxy), seconds)

    @property
    def https(self) -> bool:
        """Whether it is reached by HTTPS, and must say so in a header."""
        return self.origin.startswith("https:")

    def ask(self, path: str, asked: Mapping[str, str]) -> Answer:
        """Return what a path answers to these headers; `Accept-Encoding` is among them.

        Raises ServerError where nobody answers, AnswerError where the answer cannot be read.
        """
        connection = self.connect()
        # A site that sends a byte now and then never falls silent: its line is cut.
        end = time.monotonic() + self.seconds
        lines: list[socket] = []
        cutter = threading.Timer(self.seconds, _cut, (connection, lines))
        cutter.start()
        try:
            _reach(connection)
            lines.append(connection.sock)  # once the headers came, the connection may forget it
            answer = _answer(connection, path, asked)
        except (OSError, HTTPException, ValueError) as error:
            late = time.monotonic() >= end
            raise AnswerError("takes too long" if late else "breaks off") from error
        finally:
            cutter.cancel()
            connection.close()
        # A line that was cut looks like one that ended well.
        if time.monotonic() >= end:
            raise AnswerError("takes too long")
        return answer


class _Line(HTTPConnection):
    """A line to a site, straight or through a proxy."""

    def __init__(self, host: str, port: int | None, seconds: float, proxy: Proxy | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self._seconds, self._proxy = seconds, proxy

    def connect(self) -> None:
        """Open it."""
        self.sock = self._open()

    def _open(self) -> socket:
        if self._proxy:
            return self._proxy.connect(self.host, self.port, self._seconds)
        return create_connection((self.host, self.port), self._seconds)


class _Secure(_Line):
    """The same with TLS. Its handshake is cut too where it takes too long."""

    default_port = HTTPS_PORT

    def connect(self) -> None:
        """Open it."""
        trust = create_default_context()
        trust.set_alpn_protocols(["http/1.1"])
        secure = trust.wrap_socket(
            self._open(), server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = secure
        secure.do_handshake()


def _reach(connection: HTTPConnection) -> None:
    try:
        connection.connect()
    except (OSError, HTTPException, ValueError) as error:
        raise ServerError("the site cannot be reached, check address and line") from error


def _answer(connection: HTTPConnection, path: str, asked: Mapping[str, str]) -> Answer:
    connection.request("GET", path, headers=dict(asked))
    answer = connection.getresponse()
    data = bytearray()
    while piece := answer.read1(_PIECE):
        data += piece
        if len(data) > _LARGEST:
            raise AnswerError("is too large")
    if answer.length:
        raise IncompleteRead(b"", answer.length)
    coding = answer.headers.get("Content-Encoding", "")
    if coding and coding not in asked["Accept-Encoding"].split(", "):
        raise AnswerError("is packed in a way that was not asked for")
    return Answer(answer.status, answer.headers, _unpack(bytes(data), coding))


def _unpack(data: bytes, coding: str) -> bytes:
    """Return a body unpacked, all of it or nothing; raises AnswerError."""
    try:
        if coding == "br":
            opener = brotli.Decompressor()
            body = bytes(opener.process(data, output_buffer_limit=_LARGEST + 1))
            whole = opener.is_finished()
        elif coding == "gzip":
            inflater = zlib.decompressobj(wbits=31)  # gzip's own header and checksum
            body = inflater.decompress(data, _LARGEST + 1)
            whole = inflater.eof and not inflater.unused_data
        else:
            body, whole = data, not coding
    except (brotli.error, zlib.error) as error:
        raise AnswerError("cannot be unpacked") from error
    if len(body) > _LARGEST:
        raise AnswerError("is too large")
    if not whole:
        raise AnswerError("cannot be unpacked")
    return body


def _cut(connection: HTTPConnection, lines: list[socket]) -> None:
    """End a line under its reader, who then finds it ended."""
    line = lines[0] if lines else connection.sock
    with suppress(OSError):
        if line:
            line.shutdown(SHUT_RDWR)
