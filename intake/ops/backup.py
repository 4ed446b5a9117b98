"""Backups: snapshots of the database and copies of the files, sealed to backup keys.

In the folder of backups:

    2026-11-24-1.age        a moment of the database
    2026-11-24-1.json       what belongs to it; written last: without it there is no snapshot
    files-<keys>/ab/….age   each sealed file once, however many snapshots have it
    tombstones.age          what is gone since, whatever snapshot is restored

Rules: a name holds the whole or nothing; a file is copied once, since it never changes; what no
snapshot has any more is removed, and the newest snapshots stay whatever the clock says.
"""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import msgspec

from intake.core import limits
from intake.core.entry import ID
from intake.crypto.age import HybridRecipient, encrypt, parse_recipients_file
from intake.crypto.stream import ByteReader
from intake.errors import BackupError, KeyTextError, NotFoundError
from intake.store import copies
from intake.store.blobs import Blobs, sync
from intake.store.cases import Cases
from intake.store.database import FILE, Database
from intake.store.graves import Tombstone

TOMBSTONES = "tombstones.age"
_COPY = "copy"
_LOCK = "backup.lock"
_TOMBSTONES_LOCK = "tombstones.lock"
"""Not the one above: the worker would wait for the end of a backup."""
_WRITING = ".writing"
_SNAPSHOT = re.compile(r"\d{4}-\d{2}-\d{2}-\d{1,4}", re.ASCII)
_KEPT = 3
"""Snapshots that no clock removes: one that jumped would remove all."""
_MANIFEST_BYTES = 256 * 1024 * limits.KIB
"""A million files."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What belongs to a snapshot: the folder of its files, and each with the size of its copy."""

    version: int
    made: date
    digest: str
    size: int
    folder: str
    files: dict[str, int]


@dataclass(frozen=True)
class Made:
    """What a backup did: the snapshot's name, what it holds, how many files were new."""

    name: str
    content: copies.Content
    new: int


@dataclass(frozen=True)
class Target:
    """Where backups go, sealed to whom, and for how many days each is kept."""

    folder: Path
    recipients: tuple[HybridRecipient, ...]
    days: int

    @property
    def files(self) -> str:
        """The folder of the files sealed to these keys: others do not open them."""
        keys = "\n".join(sorted(map(str, self.recipients)))
        return f"files-{hashlib.sha256(keys.encode()).hexdigest()[:8]}"


def recipients(text: str) -> tuple[HybridRecipient, ...]:
    """Return the backup keys in the text of a recipients file; raises BackupError."""
    try:
        found = parse_recipients_file(text)
    except KeyTextError as error:
        raise BackupError(f"backup keys: {error}") from error
    hybrid = tuple(key for key in found if isinstance(key, HybridRecipient))
    if len(hybrid) != len(found):
        raise BackupError("backup keys: one is a classic key, replace it by age1pq…")
    return hybrid


def backup(database: Database, blobs: Blobs, target: Target, today: date) -> Made:
    """Make a snapshot, copy what is new, remove what is too old; raises BackupError, StoreError."""
    with _alone(database), _named_errors():
        _clear(target.folder)
        target.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # First: what is gone must not wait for what is large.
        keep_tombstones(database, target)
        known = dict(manifests(target.folder))
        name = _name(today, known)
        content, digest, size = _snapshot(database, target, name)
        same = [one.files for one in known.values() if one.folder == target.files]
        sizes = {file: size for files in same for file, size in files.items()}
        files, new = _Copier(database, blobs, target, sizes).copy(content.files)
        manifest = Manifest(1, today, digest, size, target.files, files)
        with _whole(target.folder / f"{name}.json") as file:
            file.write(msgspec.json.encode(manifest))
        _prune(target, today)
        return Made(name, content, new)


def keep_tombstones(database: Database, target: Target) -> None:
    """Write everything that is gone, so that no snapshot brings it back; raises BackupError.

    A backup and the worker do it one after the other, reading too: no older list replaces a newer.
    """
    with _named_errors(), (database.path.parent / _TOMBSTONES_LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = "".join(
            f"{name} {reader} {day}\n" for name, reader, day in Cases(database).tombstones()
        )
        target.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _whole(target.folder / TOMBSTONES) as file:
            encrypt(BytesIO(lines.encode()), file, target.recipients)


class Keeper:
    """Keeps the list of what is gone fresh: what is taken back today must not wait for the night.

    A folder that cannot be written to is tried again with the next pass; `intake status` names it.
    """

    def __init__(self, database: Database, target: Target) -> None:
        """Know nothing yet."""
        self._database, self._target = database, target
        self._kept: frozenset[Tombstone] | None = None

    def refresh(self) -> None:
        """Write the list where it has changed; raises StoreError."""
        found = frozenset(Cases(self._database).tombstones())
        if found != self._kept:
            with suppress(BackupError):
                keep_tombstones(self._database, self._target)
                self._kept = found


def parse_tombstones(data: bytes) -> tuple[Tombstone, ...]:
    """Return what `keep_tombstones` wrote; raises BackupError."""
    wrong = BackupError("the list of what is gone is damaged, take an older copy of it")
    try:
        parts = [line.split(" ") for line in data.decode("ascii").splitlines()]
        stones = tuple(Tombstone(name, to, date.fromisoformat(day)) for name, to, day in parts)
    except ValueError as error:
        raise wrong from error
    if not all(ID.fullmatch(stone.name) for stone in stones):
        raise wrong
    return stones


def manifests(folder: Path) -> Iterator[tuple[str, Manifest]]:
    """Yield the snapshots by name, oldest first; raises BackupError where one cannot be read."""
    for path in sorted(folder.glob("*.json"), key=lambda path: _order(path.stem)):
        try:
            if path.stat().st_size > _MANIFEST_BYTES:
                raise BackupError(f"{path.name}: is too large, take it away")
            yield path.stem, msgspec.json.decode(path.read_bytes(), type=Manifest, strict=True)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BackupError(f"{path.name}: is cut off or damaged, take it away") from None


def check(folder: Path, name: str, manifest: Manifest) -> tuple[str, ...]:
    """Return what is missing or damaged of a snapshot, without a key: sizes and its digest."""
    problems = []
    path = folder / f"{name}.age"
    if not path.is_file():
        problems.append(f"{path.name} is missing")
    elif path.stat().st_size != manifest.size:
        problems.append(f"{path.name} is cut off")
    else:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest.digest:
                problems.append(f"{path.name} is damaged")
    for one, size in manifest.files.items():
        copied = file_path(folder, manifest.folder, one)
        if not copied.is_file():
            problems.append(f"file {one} is missing")
        elif copied.stat().st_size != size:
            problems.append(f"file {one} is cut off")
    return tuple(problems)


def file_path(folder: Path, files: str, name: str) -> Path:
    """Return where the copy of a file lies; raises BackupError for what is no id."""
    if not ID.fullmatch(name) or "/" in files or files.startswith("."):
        raise BackupError("the list of a snapshot names something else than files, do not use it")
    return folder / files / name[:2] / f"{name}.age"


class Pieces:
    """A reader of bytes that come in pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Read these, one after the other."""
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none only at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def readline(self, size: int, /) -> bytes:
        """Return at most `size` bytes: what is sealed here has no lines."""
        return self.read(size)


def _snapshot(database: Database, target: Target, name: str) -> tuple[copies.Content, str, int]:
    """Seal a moment of the database; return what it holds, and digest and size of the result."""
    folder = database.path.parent / _COPY
    shutil.rmtree(folder, ignore_errors=True)
    try:
        content = copies.copy(database, folder)
        path = target.folder / f"{name}.age"
        with (folder / FILE).open("rb") as plain, _whole(path) as file:
            encrypt(plain, file, target.recipients)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with path.open("rb") as file:
        return content, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


@dataclass(frozen=True)
class _Copier:
    """Copies files that no snapshot has yet; `sizes` are those of the copies that are known."""

    database: Database
    blobs: Blobs
    target: Target
    sizes: dict[str, int]

    def copy(self, files: Iterable[tuple[str, int]]) -> tuple[dict[str, int], int]:
        """Return each file with the size of its copy, and how many were copied now."""
        copied: dict[str, int] = {}
        new = 0
        for name, size in files:
            path = file_path(self.target.folder, self.target.files, name)
            is_known = name in self.sizes and path.is_file()
            if not is_known or path.stat().st_size != self.sizes[name]:
                if not self._copy(name, size, path):
                    continue
                new += 1
            copied[name] = path.stat().st_size
        return copied, new

    def _copy(self, name: str, size: int, path: Path) -> bool:
        """Copy a file; False where it was deleted since the snapshot. Raises BackupError."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        read = _Counted(Pieces(self.blobs.read(name)))
        try:
            with _whole(path) as file:
                encrypt(read, file, self.target.recipients)
                read.expect(size)
        except (NotFoundError, BackupError) as error:
            if copies.has_file(self.database, name):
                raise BackupError(f"file {name} is not whole here, restore it: {error}") from error
            return False
        return True


class _Counted:
    def __init__(self, reader: ByteReader) -> None:
        self._reader = reader
        self.size = 0

    def read(self, size: int, /) -> bytes:
        data = self._reader.read(size)
        self.size += len(data)
        return data

    def readline(self, size: int, /) -> bytes:
        return self.read(size)

    def expect(self, size: int) -> None:
        if self.size != size:
            raise BackupError("it has another length than was announced")


def _prune(target: Target, today: date) -> None:
    """Remove snapshots that are too old, and files that none has."""
    found = list(manifests(target.folder))
    limit = today - timedelta(days=target.days)
    for name, manifest in found[:-_KEPT]:
        if manifest.made < limit:
            # Without its list it is no snapshot any more, whatever happens next.
            (target.folder / f"{name}.json").unlink()
            (target.folder / f"{name}.age").unlink(missing_ok=True)
    wanted = {
        file_path(target.folder, manifest.folder, name)
        for _, manifest in manifests(target.folder)
        for name in manifest.files
    }
    for path in target.folder.glob("files-*/??/*.age"):
        if path not in wanted:
            path.unlink()
    for path in sorted(target.folder.glob("files-*/**/"), reverse=True):
        with suppress(OSError):
            path.rmdir()


def _clear(folder: Path) -> None:
    """Remove what a backup left that was ended in the middle, and nothing that is not ours."""
    for path in folder.rglob(f"*{_WRITING}"):
        path.unlink()
    for path in folder.glob("*.age"):
        if _SNAPSHOT.fullmatch(path.stem) and not path.with_suffix(".json").exists():
            path.unlink()


def _name(today: date, known: Iterable[str]) -> str:
    numbers = [_order(name)[1] for name in known if name.startswith(f"{today}-")]
    return f"{today}-{max(numbers, default=0) + 1}"


def _order(name: str) -> tuple[str, int]:
    """Return what sorts the names of snapshots; raises BackupError for another name."""
    day, _, number = name.rpartition("-")
    if not number.isdecimal() or len(number) > len("9999"):
        raise BackupError(f"{name}.json: is no snapshot's list, take it away")
    return day, int(number)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that stands under its name, on the disk, only once all of it is written."""
    writing = path.with_name(path.name + _WRITING)
    try:
        with writing.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        writing.replace(path)
    except BaseException:
        writing.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Let one backup run at a time; raises BackupError for a second."""
    with (database.path.parent / _LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("another backup runs just now, wait for its end") from error
        yield


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(f"backup: {error.strerror}, check the folder of backups") from error
