"""Sealed files in a test: told of in a report, and held by the server of a `Desk`."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from intake.client import Office
from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Evidence
from intake.crypto.evidence import FileSealer
from intake.errors import ServerError
from intake.vault.evidence import Files, Named
from tests.core.samples import told as report
from tests.support.desk import NOW, Desk

PIECE = 50_000
"""Bytes of a piece as it comes over the line: no border of anything."""


def number(of: str) -> str:
    """Return an id made of a word: 32 digits."""
    return hashlib.sha256(of.encode()).hexdigest()[:32]


def sealed(
    data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg", seed: str = "file"
) -> tuple[Evidence, bytes]:
    """Return what a report tells of a file, and the sealed file."""
    sealer = FileSealer(hashlib.sha256(seed.encode()).digest())
    made = sealer.start + sealer.update(data) + sealer.finish()
    told = Evidence(sealer.digest, number(seed), sealer.key, len(data), name, "", kind)
    return told, made


def naming(*files: Evidence, of: str = "1") -> Entry:
    """Return a report that names files."""
    first = report()
    assert isinstance(first.body, ReportBody)
    body = msgspec.structs.replace(first.body, evidence=files)
    return msgspec.structs.replace(
        first, body=body, case=number(f"case {of}"), id=number(f"entry {of}")
    )


@dataclass
class Stock:
    """What a server holds of files, by id; `given` counts the pieces it gave."""

    files: dict[str, bytes] = field(default_factory=dict)
    given: int = 0
    before: Callable[[int], None] = lambda _: None

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield a sealed file; `before` may break the line at a piece."""
        if name not in self.files:
            raise ServerError("this names no file")
        data = self.files[name]
        for start in range(0, len(data), PIECE):
            self.before(self.given)
            self.given += 1
            yield data[start : start + PIECE]

    def office(self, desk: Desk) -> Office:
        """Return a session with a server that holds these files."""
        return _Session(desk.shelf.office(), self)


class _Session(Office):
    def __init__(self, office: Office, stock: Stock) -> None:
        super().__init__(office.server, office.name, office.token)
        object.__setattr__(self, "stock", stock)

    def evidence(self, name: str) -> Iterable[bytes]:  # type: ignore[override] # an iterator too
        stock: Stock = self.__dict__["stock"]
        return stock.stream(name)


@dataclass
class Evident:
    """A desk with files: put what a report names, sync, fetch."""

    desk: Desk
    stock: Stock = field(default_factory=Stock)
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        """Take the vault of the desk."""
        self.files = Files(self.desk.vault, lambda: NOW)

    @property
    def office(self) -> Office:
        """A session."""
        return self.stock.office(self.desk)

    def put(self, told: Evidence, made: bytes, of: str = "1") -> Named:
        """File a report that names one file, whatever the server then holds; fetch the report."""
        entry = naming(told, of=of)
        self.desk.put(entry)
        self.desk.sync()
        self.stock.files[told.id] = made
        return self.files.find(entry.case, entry.id, told.id)
