"""Restoring a backup, and the drill that proves that it can be restored.

Rules: into a folder without a database only, so nothing newer is lost; all of a snapshot or, where
that was asked for, what is left of it; what is gone is deleted before anybody reads; the database
gets its name last, so a restore that was ended in the middle begins anew.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from intake.core import limits
from intake.crypto.unseal import Identity, decrypt
from intake.errors import AgeError, BackupError, EvidenceError
from intake.ops import backup
from intake.ops.backup import Manifest
from intake.store import copies, migrate
from intake.store.blobs import Blobs, sync
from intake.store.cases import Cases
from intake.store.database import FILE, Database
from intake.store.graves import Tombstone

RESTORING = "restoring"
"""The folder in which a restore works; while it is there, no command opens the data."""
READY = "restored.sqlite3"
"""The database when all else stands where it belongs, for a moment: the folder above goes first."""
EVIDENCE = "evidence"
_TOMBSTONES_BYTES = 256 * 1024 * limits.KIB


@dataclass(frozen=True)
class Restored:
    """What stands now: the snapshot and its day, what it holds, what was gone, what is missing."""

    name: str
    made: date
    content: copies.Content
    buried: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A folder of backups, one of its snapshots, and what opens it."""

    folder: Path
    name: str
    manifest: Manifest
    identities: Sequence[Identity]


def choose(folder: Path, name: str, identities: Sequence[Identity]) -> Source:
    """Return the snapshot of a name, or the newest; raises BackupError."""
    found = dict(backup.manifests(folder))
    if not found:
        raise BackupError(f"{folder}: holds no whole snapshot, check the folder or copy it again")
    name = name or list(found)[-1]
    if name not in found:
        raise BackupError(f"{name}: there is no such snapshot, these are: {', '.join(found)}")
    return Source(folder, name, found[name], identities)


def restore(
    source: Source, data: Path, today: date, random: Callable[[int], bytes], *, partial: bool
) -> Restored:
    """Restore a snapshot into `data`, which holds no database; raises BackupError, StoreError.

    `partial` goes on where files of the snapshot are missing: their cases open without them.
    """
    _refuse_newer(data)
    problems = backup.check(source.folder, source.name, source.manifest)
    lost = tuple(problem for problem in problems if problem.startswith("file "))
    if len(lost) < len(problems) or (lost and not partial):
        raise BackupError(_half(source, problems))
    staging = data / RESTORING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)
    with _named_errors():
        restored = _fill(source, staging, today, random, lost)
        _move(staging, data)
    return restored


def drill(source: Source, scratch: Path, today: date, random: Callable[[int], bytes]) -> Restored:
    """Restore into an empty scratch folder, look at everything, and remove it again."""
    if scratch.exists() and any(scratch.iterdir()):
        raise BackupError(f"{scratch}: is not empty, name a folder that may be removed")
    try:
        return restore(source, scratch, today, random, partial=False)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def refuse_unfinished(data: Path) -> None:
    """Raise BackupError while a restore was not finished."""
    if _is_unfinished(data):
        raise BackupError("a restore was not finished, run it again: intake restore")


def _refuse_newer(data: Path) -> None:
    if (data / FILE).exists():
        raise BackupError(
            f"{data}: holds a database, which a restore would lose; if it is to go, move it away: "
            f"mv {data} {data}.old"
        )
    if (data / EVIDENCE).exists() and not _is_unfinished(data):
        raise BackupError(f"{data}: holds files without a database, move them away: {EVIDENCE}")


def _is_unfinished(data: Path) -> bool:
    return (data / RESTORING).exists() or (data / READY).exists()


def _half(source: Source, problems: Sequence[str]) -> str:
    more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""  # noqa: PLR2004 - enough to see what is wrong
    others = [name for name, _ in backup.manifests(source.folder) if name != source.name]
    way = f", or take an older one: --snapshot {others[-1]}" if others else ""
    return (
        f"snapshot {source.name} is not whole: {'; '.join(problems[:3])}{more}; copy it again{way}"
        ", or --partial restores all but its missing files"
    )


def _fill(
    source: Source,
    staging: Path,
    today: date,
    random: Callable[[int], bytes],
    lost: tuple[str, ...],
) -> Restored:
    with (
        (source.folder / f"{source.name}.age").open("rb") as sealed,
        (staging / FILE).open("wb") as file,
        _opened(f"{source.name}.age"),
    ):
        decrypt(sealed, file, source.identities)
    database = Database(staging)
    try:
        copies.check(database)
        migrate.migrate(database)
        stones = _tombstones(source)
        Cases(database).bury(stones, random)
        blobs = Blobs(staging / EVIDENCE, 0)
        content = copies.content(database)
        missing = [_restore_file(source, blobs, name, size, today) for name, size in content.files]
        database.tidy()
        return Restored(
            source.name,
            source.manifest.made,
            copies.content(database),
            len(stones),
            tuple(filter(None, missing)) or lost,
        )
    finally:
        database.close()


def _tombstones(source: Source) -> tuple[Tombstone, ...]:
    path = source.folder / backup.TOMBSTONES
    if not path.is_file():
        raise BackupError(
            f"{backup.TOMBSTONES} is missing: without it, what people took back would come back; "
            "copy it again"
        )
    if path.stat().st_size > _TOMBSTONES_BYTES:
        raise BackupError(f"{path.name}: is too large, take an older copy of it")
    lines = BytesIO()
    with path.open("rb") as sealed, _opened(path.name):
        decrypt(sealed, lines, source.identities)
    return backup.parse_tombstones(lines.getvalue())


def _restore_file(source: Source, blobs: Blobs, name: str, size: int, today: date) -> str:
    """Open the copy of a file; return what is wrong with it, empty if nothing."""
    path = backup.file_path(source.folder, source.manifest.folder, name)
    if not path.is_file():
        return f"file {name} is missing"
    blobs.make(name, today)
    part = blobs.part(name, today)
    try:
        with path.open("rb") as sealed:
            decrypt(sealed, part, source.identities)
    except AgeError as error:
        part.abandon()
        raise BackupError(f"file {name} does not open: {error}") from error
    part.close()
    if part.end != size:
        raise BackupError(f"file {name} has another length, copy it again")
    return ""


def _move(staging: Path, data: Path) -> None:
    """Give everything its name, the database last: one step, after which nothing is to be done."""
    evidence = data / EVIDENCE
    shutil.rmtree(evidence, ignore_errors=True)
    if (staging / EVIDENCE).exists():
        (staging / EVIDENCE).rename(evidence)
    (staging / FILE).rename(data / READY)
    sync(data)
    shutil.rmtree(staging)
    (data / READY).rename(data / FILE)
    sync(data)


@contextmanager
def _opened(name: str) -> Iterator[None]:
    try:
        yield
    except AgeError as error:
        raise BackupError(f"{name}: {error}") from error


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except EvidenceError as error:
        raise BackupError("the disk is full, make room and restore again") from error
    except OSError as error:
        raise BackupError(f"restore: {error.strerror}, mend it and restore again") from error
