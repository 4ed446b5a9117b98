"""Evidence on an investigator's disk: opened beside its entry, under its name once it is whole.

Rules: a file is written under a name that says it is not whole, and renamed only when its last
chunk and its digest agree; nothing is ever replaced; names from a report are made harmless.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from intake.core.entry import AdditionBody, Entry, ReportBody
from intake.core.evidence import Evidence
from intake.core.plain import inline
from intake.crypto import opening
from intake.errors import ConfigError, IntakeError

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""What some file system refuses in a name."""
_LONGEST = 150
"""Bytes of a name: file systems take 255, and more stands before and behind it."""


@dataclass(frozen=True)
class Written:
    """A file of an entry: where it lies, or why it could not be opened."""

    told: Evidence
    path: Path
    problem: str = ""


class Pieces:
    """What arrives in pieces, as a reader that `age` files are read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Take the pieces in order."""
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, or its first `size` bytes."""
        while b"\n" not in self._rest[:size] and len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        return self.read(min(size, self._rest.find(b"\n", 0, size) + 1 or size))


def evidence_of(entry: Entry) -> tuple[Evidence, ...]:
    """Return the files that an entry names."""
    return entry.body.evidence if isinstance(entry.body, ReportBody | AdditionBody) else ()


def write(
    entry: Entry, folder: Path, sealed: Callable[[Evidence], Iterable[bytes]]
) -> Iterator[Written]:
    """Open every file of an entry into a folder of its case; one that fails stops no other."""
    for number, told in enumerate(evidence_of(entry), 1):
        path = folder / entry.case / entry.id / f"{number:02}-{harmless(told.name)}"
        try:
            _write(told, path, sealed(told))
        except (IntakeError, OSError) as error:
            problem = str(error) if isinstance(error, IntakeError) else f"{error.strerror}"
            yield Written(told, path, problem)
        else:
            yield Written(told, path)


def harmless(name: str) -> str:
    """Return a name that every file system takes and no shell or desktop hides."""
    kept = "".join("_" if c in _FORBIDDEN else c for c in inline(name))
    # In bytes: of an Arabic or Chinese name 150 letters are more than file systems take.
    ending = kept.strip(" .").encode()[-_LONGEST:].decode(errors="ignore")
    return ending.strip(" .") or "file"


def _write(told: Evidence, path: Path, pieces: Iterable[bytes]) -> None:
    if path.exists():
        raise ConfigError("there is a file of this name already, name another folder")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.not-whole")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            opening.open_evidence(told, Pieces(pieces), out)
        partial.rename(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def from_folder(folder: Path) -> Callable[[Evidence], Iterator[bytes]]:
    """Return what reads sealed files that lie in a folder as `<id>.age`."""
    return lambda told: _read(folder / f"{told.id}.age")


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 16):
                yield piece
    except OSError as error:
        raise ConfigError(f"{path.name}: {error.strerror}, put the sealed file there") from error


def lines(entry: Entry, written: Mapping[str, Written]) -> Iterator[str]:
    """Yield the files of an entry as a person reads them."""
    for told in evidence_of(entry):
        kind = "a copy without what tells of its maker" if told.of else "as it was made"
        yield ""
        yield f"File: {inline(told.name)} ({told.type}, {told.length:,} bytes, {kind})"
        found = written.get(told.id)
        if found and not found.problem:
            yield f"  opened: {inline(str(found.path))}"
        elif not found:
            yield "  not opened: name a folder with --out"
