"""`intake verify-site`: whether a site answers what its manifest says, with the headers it must.

Rules: each address is asked as three kinds of browser ask, since each could be answered another
body; no redirect is followed; what comes is bounded in size, also unpacked, and in time; nothing
that the site sent is printed.

It proves what the site answered to this machine, now, and nothing about anybody else's visit.
"""

import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPSConnection,
    IncompleteRead,
)
from pathlib import Path
from socket import SHUT_RDWR, socket
from urllib.parse import urlsplit

import brotli
import click

from intake.cli import manifest as manifests
from intake.cli import settings
from intake.cli.manifest import Manifest
from intake.core import limits
from intake.errors import ConfigError, IntakeError, ServerError
from intake.web.headers import NEVER, headers, place

ASKED = ("identity", "gzip, deflate", "gzip, deflate, br, zstd")
"""What plain programs, browsers without TLS and browsers with it can unpack."""

_LARGEST = 4096 * limits.KIB
"""The largest body that is read or unpacked: the largest script is a tenth of it."""
_SECONDS = 30
"""The longest silence, and the longest that one answer is waited for."""
_PIECE = 64 * limits.KIB
_OK = 200
_MISSING = 404
_ELSEWHERE = range(300, 400)
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
}
_PAGE = "text/html; charset=utf-8"


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
    """A site by its address, as people type it. `connect` is replaced in tests."""

    origin: str
    connect: Callable[[], HTTPConnection]
    seconds: float = _SECONDS

    @classmethod
    def at(cls, url: str) -> "Visited":
        """Return the site at an http or https address; raises ConfigError."""
        wrong = ConfigError("the site's address is written https://host, without a path")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise wrong from None
        more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in ("http", "https") or not host or more:
            raise wrong
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return cls(f"{parts.scheme}://{parts.netloc}", lambda: kind(host, port, timeout=_SECONDS))

    @property
    def https(self) -> bool:
        """Whether it is reached by HTTPS, and must say so in a header."""
        return self.origin.startswith("https:")

    def ask(self, path: str, asked: str) -> Answer:
        """Return what a path answers to who can unpack `asked`.

        Raises ServerError where nobody answers, AnswerError where the answer cannot be read.
        """
        connection = self.connect()
        try:
            connection.connect()
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            raise ServerError("the site cannot be reached, check address and line") from error
        # A site that sends a byte now and then never falls silent: its line is cut.
        end = time.monotonic() + self.seconds
        cutter = threading.Timer(self.seconds, _cut, (connection.sock,))
        cutter.start()
        try:
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


@click.command("verify-site")
@click.argument("url")
@click.option(
    "--manifest",
    "manifest_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the site should answer, from `intake manifest` or a release; without it, what "
    "these settings would.",
)
@settings.option
def verify(url: str, manifest_file: Path | None, config_file: Path | None) -> None:
    """Compare each page, script and header of the site at URL with what it should be.

    Exit code 0 where nothing differs. A site can answer others otherwise: ask from several lines.
    """
    site = Visited.at(url)
    if manifest_file:
        expected = manifests.read(manifest_file)
    else:
        expected = manifests.of(settings.read(config_file))
    wrong = 0
    for path in expected.bodies:
        found = problems(site, path, expected)
        if found:
            wrong += 1
            click.echo(f"{path}: {'; '.join(found)}")
    count = len(expected.bodies)
    if not wrong:
        click.echo(f"nothing differs: all {count} addresses answer what the manifest says")
        return
    click.echo(
        f"{wrong} of {count} addresses differ: compare version and settings with the site's "
        "operator, and do not trust it with a report before"
    )
    sys.exit(1)


def problems(site: Visited, path: str, expected: Manifest) -> tuple[str, ...]:
    """Return what is wrong with an address, each once, in words that fit after its path."""
    found: dict[str, None] = {}
    for asked in ASKED:
        try:
            answer = site.ask(path, asked)
        except AnswerError as error:
            # Who breaks off once is not asked twice: it could make this last all day.
            found[str(error)] = None
            break
        found |= dict.fromkeys(_problems(answer, path, expected, https=site.https))
    return tuple(found)


def _problems(answer: Answer, path: str, expected: Manifest, *, https: bool) -> Iterator[str]:
    if answer.status != _OK:
        yield _refusal(answer.status)
        return
    if sha256(answer.body).hexdigest() != expected.bodies[path]:
        yield "another body"
    must = headers(place(path, expected.languages), expected.bodies, https=https)
    must["Content-Type"] = _TYPES.get(path.rpartition(".")[2], _PAGE)
    for name, value in must.items():
        sent = answer.headers.get_all(name)
        if sent != [value]:
            yield f"another {name}" if sent else f"no {name}"
    yield from (f"sends {name}" for name in NEVER if name in answer.headers)


def _refusal(status: int) -> str:
    if status == _MISSING:
        return "is missing"
    return "leads elsewhere" if status in _ELSEWHERE else f"answers {status}"


def _answer(connection: HTTPConnection, path: str, asked: str) -> Answer:
    connection.request("GET", path, headers={"Accept-Encoding": asked})
    answer = connection.getresponse()
    data = bytearray()
    while piece := answer.read1(_PIECE):
        data += piece
        if len(data) > _LARGEST:
            raise AnswerError("is too large")
    if answer.length:
        raise IncompleteRead(b"", answer.length)
    coding = answer.headers.get("Content-Encoding", "")
    if coding and coding not in asked.split(", "):
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


def _cut(line: socket) -> None:
    """End a line under its reader, who then finds it ended."""
    with suppress(OSError):
        line.shutdown(SHUT_RDWR)
