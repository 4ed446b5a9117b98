"""Sealed files in a test: told of in a report, and held by the server of a `Desk`."""

import hashlib
from dataclasses import dataclass, field

import msgspec

from intake.client import Office
from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Evidence
from intake.crypto.evidence import FileSealer
from intake.vault.evidence import Files, Named
from tests.core.samples import told as report
from tests.support.desk import NOW, Desk, Stock


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
class Evident:
    """A desk with files: put what a report names, sync, fetch."""

    desk: Desk
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        """Take the vault of the desk."""
        self.files = Files(self.desk.vault, lambda: NOW)

    @property
    def stock(self) -> Stock:
        """What the server holds of files."""
        return self.desk.shelf.stock

    @property
    def office(self) -> Office:
        """A session."""
        return self.desk.shelf.office()

    def put(self, told: Evidence, made: bytes, of: str = "1") -> Named:
        """File a report that names one file, whatever the server then holds; fetch the report."""
        entry = naming(told, of=of)
        self.desk.put(entry)
        self.desk.sync()
        self.stock.files[told.id] = made
        return self.files.find(entry.id, told.id)
