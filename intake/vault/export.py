"""A case as sealed files in one tar: for a colleague, another machine, or the offline opener.

Rules: nothing is opened for it; the files have the names by which `intake open` and the opener
check them, and any age tool opens each with the office's key; a film is never in memory.
"""

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from intake.errors import VaultError
from intake.vault.custody import Log
from intake.vault.evidence import Files, Named
from intake.vault.vault import Open, Vault


@dataclass(frozen=True, repr=False)
class _Sealed:
    """An entry that is kept as it came."""

    place: int
    id: str
    kind: str


@dataclass(frozen=True)
class Export:
    """What goes into the tar of a case; `missing` counts files that were never fetched whole."""

    case: str
    office: str
    entries: tuple[_Sealed, ...]
    files: tuple[Named, ...]
    missing: int
    _vault: Vault = field(repr=False)
    _files: Files = field(repr=False)

    @property
    def name(self) -> str:
        """A name for the tar."""
        return f"{self.case}.tar"

    def pieces(self) -> Iterator[bytes]:
        """Yield the tar; raises VaultLockedError where the vault is locked meanwhile."""
        for entry in self.entries:
            sealed = self._entry(entry)
            name = f"{self.case}.{entry.kind}.{self.office}.{entry.id}.age"
            yield from _member(name, len(sealed), [sealed])
        for named in self.files:
            size = self._files.sealed_size(named)
            yield from _member(f"{named.told.id}.age", size, self._files.sealed(named))
        yield bytes(2 * tarfile.BLOCKSIZE)

    def _entry(self, entry: _Sealed) -> bytes:
        with self._vault.use() as opened:
            found = opened.database.rows(
                _joined, "SELECT header, payload FROM contents WHERE place = ?", entry.place
            )
        return found[0]


def export(vault: Vault, files: Files, case: str, now: datetime) -> Export:
    """Return what goes into the tar of a case, and note it as exported; raises VaultError."""
    with vault.use() as opened:
        found = opened.database.rows(
            _Sealed,
            "SELECT e.place, e.id, e.kind FROM entries AS e JOIN contents AS c USING (place) "
            "WHERE e.case_id = ? AND length(c.payload) > 0 ORDER BY e.place",
            case,
        )
        if not found:
            raise VaultError("there is no such case in the vault, look for it in the list")
        _note(opened, case, now)
        office = opened.settings["office"]
    # Two entries may name one file: it is the same bytes.
    named = {one.told.id: one for one in files.of_case(case)}
    whole = []
    for one in named.values():
        held = files.held(one)
        if held and held.state == "whole":
            whole.append(one)
    missing = len(named) - len(whole)
    return Export(case, office, tuple(found), tuple(whole), missing, vault, files)


def _member(name: str, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield one file of a tar, of the same rights and time as every other."""
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o600
    yield told.tobuf(tarfile.USTAR_FORMAT)
    yield from pieces
    yield bytes(-size % tarfile.BLOCKSIZE)


def _note(opened: Open, case: str, now: datetime) -> None:
    log = Log(opened.database, opened.settings["who"])
    with opened.database.write():
        log.begin([case])
        log.add(case, "", "exported", now)
        log.flush()


def _joined(header: bytes, payload: bytes) -> bytes:
    return header + payload
