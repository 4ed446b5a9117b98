"""A store with its folder, backup keys, and a folder of backups."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from intake.crypto.evidence import FileSealer
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.ops import backup, restore
from intake.ops.backup import Made, Target
from intake.ops.restore import Restored
from intake.store import migrate
from intake.store.blobs import Blobs
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.records import Filing, Records
from intake.store.uploads import Uploads
from tests.store.samples import DAY, filing


def sealed_file(length: int = 5000) -> bytes:
    """Return a file of so many bytes, sealed."""
    sealer = FileSealer(bytes(range(32)))
    return b"".join((sealer.start, sealer.update(bytes(length)), sealer.finish()))


@dataclass
class Store:
    """A store in a folder, and where its backups go."""

    folder: Path
    database: Database
    target: Target
    identity: HybridIdentity

    @property
    def blobs(self) -> Blobs:
        """Its files."""
        return Blobs(self.folder / "evidence", 0)

    @property
    def uploads(self) -> Uploads:
        """What arrives."""
        return Uploads(self.database, self.blobs)

    @property
    def cases(self) -> Cases:
        """What witnesses do."""
        return Cases(self.database)

    def send(self, name: str, data: bytes) -> None:
        """Keep a sealed file."""
        self.uploads.begin(name, len(data), DAY)
        self.uploads.append(name, 0, [data], DAY)

    def file(self, number: int, *readers: str, evidence: tuple[str, ...] = ()) -> Filing:
        """Keep a numbered case."""
        made = filing(number, *readers)
        first, *others = made.items
        made = replace(made, items=(replace(first, evidence=evidence), *others))
        Records(self.database).file(made)
        return made

    def back_up(self, days: int = 0) -> Made:
        """Make a backup so many days later."""
        return backup.backup(self.database, self.blobs, self.target, DAY + timedelta(days=days))

    def restore(self, folder: Path, name: str = "", *, partial: bool = False) -> Restored:
        """Restore a snapshot, the newest if none is named, into a folder."""
        source = restore.choose(self.target.folder, name, [self.identity])
        return restore.restore(source, folder, DAY, os.urandom, partial=partial)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Make a store with its schema."""
    database = Database(tmp_path / "data")
    migrate.migrate(database)
    key = generate_hybrid()
    target = Target(tmp_path / "backups", (key.recipient(),), 30)
    yield Store(tmp_path / "data", database, target, key)
    database.close()
