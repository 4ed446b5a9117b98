"""Sealed files on the disk: each an upload of immutable parts, named by where they begin.

Rules: a part is written under a name that no reader takes, forced to the disk, renamed, and its
folder forced too, so what was acknowledged survives a power cut; times are set to the day, so
that they keep no order within it; one writer at a time for each upload.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from intake.core import limits
from intake.core.entry import ID
from intake.errors import EvidenceError, NotFoundError, StoreError

_PIECE = 256 * limits.KIB
_OFFSET_DIGITS = 13
"""Enough for a TiB."""
_WRITING = "writing"
_NONE = "there is no such file, send it again"
_FULL = "there is no room for this file now, send it later"


def free(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class Blobs:
    """A folder of uploads; `room` is how many bytes of the disk must stay free."""

    folder: Path
    room: int
    free: Callable[[Path], int] = free

    def check_room(self, size: int) -> None:
        """Raise EvidenceError unless the disk takes so many bytes more."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.free(self.folder) - size < self.room:
            raise EvidenceError(_FULL, "full")

    def make(self, name: str, day: date) -> None:
        """Make an empty upload; raises StoreError."""
        folder = self._folder(name)
        with _named_errors():
            folder.mkdir(mode=0o700, parents=True)
            # A folder notes the moment in which something came into it, and a new one can be lost.
            for above in (folder, folder.parent, self.folder):
                _date(above, day)
            for above in (folder.parent, self.folder, self.folder.parent):
                sync(above)

    def size(self, name: str) -> int:
        """Return how many bytes of an upload are kept; raises NotFoundError.

        The last part says so by its name and length: whoever sends byte by byte makes thousands.
        """
        last = max(self._found(name), default="")
        return int(last) + (self._folder(name) / last).stat().st_size if last else 0

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Hold an upload; raises EvidenceError where somebody writes to it now."""
        folder = self._folder(name)
        with _named_errors():
            try:
                handle = os.open(folder, os.O_RDONLY)
            except FileNotFoundError as error:
                raise NotFoundError(_NONE) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise EvidenceError(
                "this file is being sent on another line, wait a moment", "busy"
            ) from error
        finally:
            os.close(handle)

    def part(self, name: str, day: date) -> "Part":
        """Begin a new part at the end of an upload, within `alone`; raises StoreError."""
        return Part(self._folder(name), self.size(name), day, self.check_room)

    def read(self, name: str, offset: int = 0, most: int = _PIECE) -> Iterator[bytes]:
        """Yield the bytes of an upload from an offset on, in pieces of at most `most`.

        Raises NotFoundError, StoreError.
        """
        for part in self._parts(name):
            size = part.stat().st_size
            if offset >= size:
                offset -= size
                continue
            with _named_errors(), part.open("rb") as file:
                file.seek(offset)
                offset = 0
                while piece := file.read(most):
                    yield piece

    def read_at(self, name: str, offset: int, size: int) -> bytes:
        """Return so many bytes of an upload, fewer only at its end."""
        found = b""
        for piece in self.read(name, offset, min(size, _PIECE)):
            found += piece[: size - len(found)]
            if len(found) == size:
                break
        return found

    def remove(self, name: str) -> None:
        """Remove an upload, if it is there."""
        folder = self._folder(name)
        with suppress(FileNotFoundError):
            before = folder.parent.stat()
            shutil.rmtree(folder)
            os.utime(folder.parent, ns=(before.st_atime_ns, before.st_mtime_ns))

    def names(self) -> Iterator[str]:
        """Yield the names of all uploads."""
        if self.folder.is_dir():
            yield from (path.name for path in self.folder.glob("??/*") if ID.fullmatch(path.name))

    def _folder(self, name: str) -> Path:
        if not ID.fullmatch(name):
            raise NotFoundError(_NONE)
        return self.folder / name[:2] / name

    def _parts(self, name: str) -> list[Path]:
        folder = self._folder(name)
        return [folder / part for part in sorted(self._found(name))]

    def _found(self, name: str) -> list[str]:
        try:
            with os.scandir(self._folder(name)) as found:
                return [part.name for part in found if part.name != _WRITING]
        except FileNotFoundError as error:
            raise NotFoundError(_NONE) from error


class Part:
    """A part being written: on the disk once it is closed, and then never changed."""

    def __init__(
        self, folder: Path, offset: int, day: date, check_room: Callable[[int], None]
    ) -> None:
        """Begin with no byte; `offset` is where the part lies in its upload."""
        self.end = offset
        self._folder, self._offset, self._day = folder, offset, day
        self._check_room = check_room
        with _named_errors():
            self._file = (folder / _WRITING).open("wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Take all of `data`; raises EvidenceError where the disk is full, StoreError."""
        view = memoryview(data)
        with _named_errors():
            # Again with each piece: many files that fit when each began do not fit together.
            self._check_room(len(view))
            while view:
                written = self._file.write(view)
                self.end += written
                view = view[written:]

    def close(self) -> None:
        """Force what was written to the disk, and let it be read; nothing leaves no part."""
        path = self._folder / _WRITING
        with _named_errors(), self._file:
            os.fsync(self._file.fileno())
            if self.end > self._offset:
                _date(path, self._day)
                part = path.rename(self._folder / f"{self._offset:0{_OFFSET_DIGITS}}")
                try:
                    sync(self._folder)
                except OSError:
                    # It could be gone after a power cut, and nothing would force it later.
                    part.unlink()
                    raise
                _date(self._folder, self._day)

    def abandon(self) -> None:
        """Let go of what was written."""
        self._file.close()


def _date(path: Path, day: date) -> None:
    noon = datetime.combine(day, time(12), UTC).timestamp()
    os.utime(path, (noon, noon))


def sync(folder: Path) -> None:
    """Force the names in a folder to the disk; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EvidenceError(_FULL, "full") from error
        raise StoreError("the file could not be kept just now, send it again soon") from error
