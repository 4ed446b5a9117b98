"""An office's client: logs in with its key, lists, fetches, seals anew. HTTP and `core.wire`.

Rules: origin and office come from the caller's own settings; a redirect is not followed, or
another server could be answered for; what arrives is parsed strictly and bounded.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from typing import TypeVar
from urllib.parse import urlsplit

from intake.core import limits, wire
from intake.core.entry import ID
from intake.crypto import login, opening
from intake.crypto.keyring import fingerprint
from intake.crypto.seal import SealedHeader
from intake.crypto.unseal import HybridIdentity, Identity
from intake.errors import (
    ConfigError,
    ConflictError,
    IntakeError,
    KeyExpiredError,
    KeyringError,
    LoginError,
    RefusedError,
    ServerError,
    UnreachableError,
    WireError,
)

T = TypeVar("T")

_SECONDS = 30
_ANSWER = 64 * 1024 * limits.KIB
"""The largest answer that is read: a day of a hundred thousand entries."""
_ANSWER_SECONDS = 300
"""The longest one answer is waited for: 64 MB on a slow line; a dripping server ends here."""
_PIECE = 64 * limits.KIB
_GOOD = (200, 204)
_SEVERAL = "/entries/fetch"
_STRANGE = re.compile(r"[^!-~]")
"""What no address holds: spaces, control characters, letters that only look alike."""
_REFUSALS = {
    "conflict": ConflictError,
    "key_expired": KeyExpiredError,
    "key_unknown": KeyringError,
    "login": LoginError,
    "not_found": RefusedError,
    "not_sealed": RefusedError,
    "refused": RefusedError,
    "wire": RefusedError,
}


@dataclass(frozen=True)
class Server:
    """A server by its origin, as people type it. `connect` is replaced in tests.

    One connection is kept between questions: ten thousand entries are not worth as many
    handshakes, over Tor least of all.
    """

    origin: str
    connect: Callable[[], HTTPConnection]
    _kept: list[HTTPConnection] = field(default_factory=list, init=False, repr=False, compare=False)

    def close(self) -> None:
        """Close the connection that is kept, if any."""
        while self._kept:
            self._kept.pop().close()

    @classmethod
    def at(cls, origin: str) -> "Server":
        """Return the server at an http or https origin; raises ConfigError."""
        wrong = "the server's address is written https://host, without a path"
        try:
            parts = urlsplit(origin)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ConfigError(wrong) from error
        if parts.scheme not in ("http", "https") or not host or parts.path.strip("/"):
            raise ConfigError(wrong)
        if parts.query or parts.fragment or "@" in parts.netloc or _STRANGE.search(origin):
            raise ConfigError(wrong)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return cls(origin.rstrip("/"), lambda: kind(host, port, timeout=_SECONDS))

    def log_in(self, office: str, identity: HybridIdentity) -> "Office":
        """Prove that the identity is this office's; raises LoginError, KeyringError."""
        key = fingerprint(identity.recipient())
        asked = self.call("POST", "/challenge", wire.encode(wire.Ask(office, key)), "")
        challenge = wire.parse(asked, wire.Challenge)
        bound = login.info(self.origin, office, key, challenge.expiry)
        if challenge.expiry > time.time() + 2 * limits.LOGIN_SECONDS + _SECONDS:
            raise LoginError("the server's challenge lasts too long, compare the clocks")
        proof = opening.answer(identity, bound, challenge.message)
        answered = self.call("POST", "/session", wire.encode(wire.Answer(challenge.id, proof)), "")
        return Office(self, office, wire.parse(answered, wire.Session).token)

    def programme(self) -> str:
        """Return the text of the programme that the server has today; raises ServerError."""
        data = self.call("GET", "/programme", None, "")
        if len(data) > limits.PROGRAMME:
            raise ServerError("the server's programme is too large, ask its operator")
        return _text(data)

    def call(self, method: str, path: str, body: bytes | None, token: str) -> bytes:
        """Return the body of a good answer; raises ServerError or what the refusal names."""
        headers = {"Content-Type": "application/json"} if body else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        asked = (method, f"/api/v1{path}", body, headers)
        # What changes nothing may be asked twice: the server may have closed the line meanwhile.
        if self._kept and (method == "GET" or path == _SEVERAL):
            with suppress(OSError, HTTPException):
                return self._exchange(self._kept.pop(), *asked)
        try:
            return self._exchange(self.connect(), *asked)
        except (OSError, HTTPException) as error:
            raise UnreachableError(
                "the server cannot be reached, check address and line"
            ) from error

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> bytes:
        """Ask once; keep the connection for the next question where the server does."""
        is_kept = False
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = _read(answer)
            answer.close()  # else http.client takes no further question
            is_kept = not answer.will_close and not self._kept
        finally:
            if not is_kept:
                connection.close()
            else:
                self._kept.append(connection)
        return data

    def stream(self, path: str, token: str) -> Iterator[bytes]:
        """Yield the body of a good answer, however large; raises ServerError."""
        connection = self.connect()
        try:
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", f"/api/v1{path}", None, headers)
            answer = connection.getresponse()
            if answer.status not in _GOOD:
                _read(answer)
            while piece := answer.read(_PIECE):
                yield piece
            if answer.length:  # read in pieces, a body that broke off looks like one that ended
                raise IncompleteRead(b"", answer.length)
        except (OSError, HTTPException) as error:
            raise ServerError("the file did not arrive whole, fetch it again") from error
        finally:
            connection.close()


@dataclass(frozen=True, repr=False)
class Office:
    """A logged-in office."""

    server: Server
    name: str
    token: str

    def items(self) -> Iterator[str]:
        """Yield the id of every entry the office may fetch, day by day; raises ServerError."""
        for day in self.days():
            for item in self.day(day.day):
                yield item.entry

    def days(self) -> tuple[wire.Day, ...]:
        """Return every day with a hash over what the office may fetch of it; raises ServerError."""
        return self._get("/days", tuple[wire.Day, ...])

    def day(self, day: date) -> tuple[wire.Item, ...]:
        """Return what the office may fetch of a day; raises ServerError, WireError."""
        return self._get(f"/days/{day}", tuple[wire.Item, ...])

    def of_case(self, case: str) -> Iterator[str]:
        """Yield the id of every entry of a case that the office may fetch; raises ServerError."""
        if not ID.fullmatch(case):
            raise WireError("this is no case's id, copy it from what intake open shows")
        for item in self._get(f"/cases/{case}", tuple[wire.Item, ...]):
            yield item.entry

    def write(self, reply: wire.Reply) -> None:
        """Send a reply or a note; sent again it is kept once.

        Raises ConflictError where another entry has its name, ServerError.
        """
        self.server.call("POST", "/entries", wire.encode(reply), self.token)

    def entries(self) -> Iterator[wire.Sealed]:
        """Yield every entry the office may fetch; raises ServerError, WireError."""
        return map(self.entry, self.items())

    def entry(self, name: str) -> wire.Sealed:
        """Return one sealed entry; raises ServerError, WireError."""
        _check_id(name)
        sealed = self._get(f"/entries/{name}", wire.Sealed)
        if sealed.entry != name:
            raise WireError("the server sent another entry than was asked for, do not trust it")
        return sealed

    def several(self, names: Sequence[str]) -> dict[str, wire.Sealed | None]:
        """Return the first of these entries, as many as the server gives at once, in their order.

        None stands for one that it does not give: asked for alone, it says why. Raises
        ServerError, WireError.
        """
        for name in names:
            _check_id(name)
        asked = wire.encode(wire.Wanted(tuple(names[: limits.FETCH_ENTRIES])))
        given = wire.parse(self.server.call("POST", _SEVERAL, asked, self.token), wire.Given)
        found: dict[str, wire.Sealed | None] = dict.fromkeys(given.missing)
        found.update((one.entry, one) for one in given.entries)
        count = len(given.entries) + len(given.missing)
        first = names[:count]
        if not first or len(found) != count or found.keys() != set(first):
            raise WireError("the server sent other entries than were asked for, do not trust it")
        return {name: found[name] for name in first}

    def header(self, name: str) -> bytes:
        """Return the header of an entry, which is no fetching; raises ServerError, WireError."""
        _check_id(name)
        found = self._get(f"/entries/{name}/header", wire.Wrapping)
        if found.entry != name:
            raise WireError("the server sent another entry than was asked for, do not trust it")
        return found.header

    def rewrap(self, name: str, before: bytes, header: SealedHeader) -> None:
        """Put another header in place of `before`; raises ServerError, WireError."""
        _check_id(name)
        asked = wire.encode(wire.Rewrap(hashlib.sha256(before).hexdigest(), header.value))
        answered = self.server.call("PUT", f"/entries/{name}/header", asked, self.token)
        kept = wire.Item(name, hashlib.sha256(header.value).hexdigest())
        if wire.parse(answered, wire.Item) != kept:
            raise WireError("the server kept another header than was sent, tell its operator")

    def evidence(self, name: str) -> Iterator[bytes]:
        """Yield a sealed file; raises ServerError where it cannot be had whole."""
        return self.server.stream(f"/evidence/{name}", self.token)

    def hold(self, case: str, *, release: bool = False) -> None:
        """Keep a case from being deleted by age, or no more; raises ServerError."""
        if not ID.fullmatch(case):
            raise WireError("this is no case's id, copy it from what intake open shows")
        self.server.call("DELETE" if release else "PUT", f"/holds/{case}", None, self.token)

    def tell_canary(self, code: str) -> None:
        """Tell that a canary was opened; raises ServerError."""
        self.server.call("POST", "/canary", wire.encode(wire.Canary(code)), self.token)

    def release(self, case: str, token: bytes) -> bytes:
        """Let the words of a case open nothing any more; return the server's half, 32 bytes.

        Raises ServerError where this office is not their keeper.
        """
        asked = wire.encode(wire.Keep(case, token))
        answered = self.server.call("POST", "/words/release", asked, self.token)
        return wire.parse(answered, wire.Half).half

    def reissue(self, words: wire.Words) -> None:
        """Let new words open a case; raises ServerError."""
        self.server.call("PUT", "/words", wire.encode(words), self.token)

    def programme(self, digest: str) -> str:
        """Return the text of a version of the programme; raises ServerError."""
        return _text(self.server.call("GET", f"/programme/{digest}", None, self.token))

    def _get(self, path: str, kind: type[T]) -> T:
        return wire.parse(self.server.call("GET", path, None, self.token), kind)


def log_in(server: Server, office: str, identities: Sequence[Identity]) -> Office:
    """Log in with the first identity that is a key of the office.

    Raises KeyringError, LoginError, ServerError.
    """
    refused: IntakeError = LoginError("no post-quantum identity was given, name one")
    for identity in identities:
        if isinstance(identity, HybridIdentity):
            try:
                return server.log_in(office, identity)
            except KeyringError as error:
                refused = error
    raise refused


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise WireError("the server's programme is not text, ask its operator") from error


def _check_id(name: str) -> None:
    if not ID.fullmatch(name):
        raise WireError("the server names an entry by no id, do not trust it")


def _read(answer: HTTPResponse) -> bytes:
    data, end = bytearray(), time.monotonic() + _ANSWER_SECONDS
    while piece := answer.read1(_PIECE):
        data += piece
        if len(data) > _ANSWER or time.monotonic() > end:
            raise ServerError("the server's answer is too large or too slow, ask its operator")
    if answer.status in _GOOD:
        return bytes(data)
    try:
        refusal = wire.parse(bytes(data), wire.Refusal)
    except WireError as error:
        raise ServerError(f"the server answered {answer.status}, check its address") from error
    raise _REFUSALS.get(refusal.code, ServerError)(refusal.message)
