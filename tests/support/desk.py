"""A desk in a test: a vault of its own, and a server in memory that may be honest or not."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest

from intake.client import Office, Server
from intake.core import wire
from intake.core.entry import Entry, encode
from intake.core.programme import Programme
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import ConflictError, IntakeError, RefusedError, ServerError
from intake.vault.sync import Result, Sync
from intake.vault.vault import Vault
from tests.support.programmes import SMALL, small

OFFICE = "inv"
SEVERAL = "/entries/fetch"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()
SETTINGS = {"server": "https://site.test", "office": OFFICE, "programme": SMALL, "who": "Ana"}


def header_digest(header: bytes) -> str:
    """Return the digest that a server lists."""
    return hashlib.sha256(header).hexdigest()


PIECE = 50_000
"""Bytes of a piece of a file as it comes over the line: no border of anything."""


@dataclass
class Stock:
    """What a server holds of files, by id; `given` counts the pieces it gave.

    `before` is called before each, and may break the line.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    given: int = 0
    before: Callable[[int], None] = lambda _: None

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield a sealed file."""
        if name not in self.files:
            raise ServerError("this names no file")
        data = self.files[name]
        for start in range(0, len(data), PIECE):
            self.before(self.given)
            self.given += 1
            yield data[start : start + PIECE]


@dataclass
class Shelf:
    """What a server holds for an office. `hook` may answer otherwise, by path, or raise."""

    reader: str = OFFICE
    sealed: dict[str, wire.Sealed] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hook: Callable[[str, bytes], bytes] | None = None
    day: date = TODAY
    published: bytes | None = SMALL.encode()
    """The programme of today; None where nobody answers."""
    programmes: dict[str, str] = field(default_factory=dict)
    witness: dict[str, bytes] = field(default_factory=dict)
    """The headers for the witness of what the office wrote, by entry."""
    stock: Stock = field(default_factory=Stock)

    def put(self, entry: Entry, day: date, *keys: HybridIdentity) -> wire.Sealed:
        """File an entry, sealed to these keys."""
        made = seal(Plaintext(encode(entry)), [key.recipient() for key in keys])
        return self.take(
            wire.Sealed(
                entry.case, entry.id, entry.kind, day, self.reader, made.header.value, made.payload
            )
        )

    def take(self, sealed: wire.Sealed) -> wire.Sealed:
        """Hold an entry that is sealed already."""
        self.sealed[sealed.entry] = sealed
        return sealed

    def office(self) -> Office:
        """Return a session with this server, which needs no login."""
        return _Session(Server("https://site.test", _no_line), self.reader, "token", self)

    def answer(self, path: str, sent: bytes = b"") -> bytes:
        """Return the body that answers a path."""
        self.asked.append(path)
        return self._hooked(path, self._several(sent) if path == SEVERAL else self._honest(path))

    def _hooked(self, path: str, body: bytes) -> bytes:
        return self.hook(path, body) if self.hook else body

    def write(self, body: bytes) -> bytes:
        """Keep what an office writes, as a server does."""
        self.asked.append("POST /entries")
        if self.hook:
            self.hook("POST /entries", body)
        sent = wire.parse(body, wire.Reply)
        if not any(one.case == sent.case for one in self.sealed.values()):
            raise RefusedError("this office holds nothing of the case")
        made = wire.Sealed(
            sent.case, sent.entry, sent.kind, self.day, self.reader, sent.header, sent.payload
        )
        if self.sealed.setdefault(sent.entry, made).payload != made.payload:
            raise ConflictError("another entry has this name")
        self.witness[sent.entry] = sent.witness
        return b""

    def _several(self, sent: bytes) -> bytes:
        """Answer with several entries at once; what the hook makes of each stands among them."""
        wanted = wire.parse(sent, wire.Wanted).entries
        found = [name for name in wanted if name in self.sealed]
        missing = wire.encode([name for name in wanted if name not in self.sealed])
        bodies = [
            self._hooked(f"/entries/{name}", self._honest(f"/entries/{name}")) for name in found
        ]
        return b'{"entries":[' + b",".join(bodies) + b'],"missing":' + missing + b"}"

    def rewrap(self, name: str, body: bytes) -> bytes:
        """Put another header in place of the one that is named, as a server does."""
        self.asked.append(f"PUT /entries/{name}/header")
        if self.hook:
            self.hook(f"PUT /entries/{name}/header", body)
        sent, held = wire.parse(body, wire.Rewrap), self._find(name)
        if sent.before != header_digest(held.header):
            raise ConflictError("the header is another one by now")
        self.sealed[name] = msgspec.structs.replace(held, header=sent.header)
        return wire.encode(wire.Item(name, header_digest(sent.header)))

    def _honest(self, path: str) -> bytes:
        _, what, *rest = path.split("/")
        match what, rest:
            case "days", []:
                return wire.encode([wire.Day(day, self._hash(day)) for day in self._days()])
            case "days", [day]:
                return wire.encode(self._items(date.fromisoformat(day)))
            case "programme", [digest] if digest in self.programmes:
                return self.programmes[digest].encode()
            case "entries", [name]:
                return wire.encode(self._find(name))
            case "entries", [name, "header"]:
                return wire.encode(wire.Wrapping(name, self._find(name).header))
        raise ServerError("there is no such address")

    def _find(self, name: str) -> wire.Sealed:
        if name not in self.sealed:
            raise ServerError("this names no entry, list the day again")
        return self.sealed[name]

    def _days(self) -> list[date]:
        return sorted({one.day for one in self.sealed.values()})

    def _items(self, day: date) -> list[wire.Item]:
        return [
            wire.Item(name, header_digest(one.header))
            for name, one in sorted(self.sealed.items())
            if one.day == day
        ]

    def _hash(self, day: date) -> str:
        lines = (f"{item.entry} {item.header_digest}\n" for item in self._items(day))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _no_line() -> HTTPConnection:
    raise AssertionError("a unit test opens no socket")


@dataclass(frozen=True, repr=False)
class _Line:
    shelf: Shelf
    origin: str = "https://site.test"

    def close(self) -> None:
        """Nothing is open."""

    def call(self, method: str, path: str, body: bytes | None, token: str) -> bytes:  # noqa: ARG002 - the client's signature
        if (method, path) == ("POST", "/entries"):
            return self.shelf.write(body or b"")
        if method == "PUT":
            return self.shelf.rewrap(path.split("/")[2], body or b"")
        return self.shelf.answer(path, body or b"")

    def stream(self, path: str, token: str) -> Iterator[bytes]:  # noqa: ARG002 - the same
        return self.shelf.stock.stream(path.removeprefix("/evidence/"))


class _Session(Office):
    def __init__(self, server: Server, name: str, token: str, shelf: Shelf) -> None:
        super().__init__(server, name, token)
        object.__setattr__(self, "server", _Line(shelf))


@dataclass
class Clock:
    """Seconds, moved by hand."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.at


@dataclass
class Desk:
    """A vault with its key, and the server that it fetches from."""

    folder: Path
    key: HybridIdentity = field(default_factory=generate_hybrid)
    shelf: Shelf = field(default_factory=Shelf)
    clock: Clock = field(default_factory=Clock)
    programme: Programme = field(default_factory=small)
    who: str = "Ana"
    vault: Vault = field(init=False)

    def __post_init__(self) -> None:
        """Make the vault and unlock it."""
        Vault.make(self.folder, [self.key.recipient()], {**SETTINGS, "who": self.who})
        self.vault = self.reopened()

    def reopened(self) -> Vault:
        """Return the vault as the next program finds it."""
        return Vault(self.folder, self.clock).unlock([self.key])

    def put(self, entry: Entry, day: date = TODAY) -> wire.Sealed:
        """File an entry for this desk."""
        return self.shelf.put(entry, day, self.key)

    def colleague(self, folder: Path, who: str) -> "Desk":
        """Return a colleague's desk: another key of the same office, and the same server."""
        return Desk(folder, shelf=self.shelf, who=who)

    def meet(self, *others: "Desk") -> None:
        """Give all these desks the keys of all of them: the office's file."""
        team = (self, *others)
        text = "".join(f"{desk.key.recipient()}\n" for desk in team)
        for desk in team:
            desk.vault.set("keys", text)

    def sync(self, now: datetime = NOW) -> Result:
        """Fetch and open."""
        return Sync(self.vault, lambda _: self.shelf.office(), self.programme, lambda: now).run()


def refused(work: Callable[[], object], kind: type[IntakeError]) -> str:
    """Return the message with which work is refused; it must be of exactly this kind."""
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    return str(caught.value)
