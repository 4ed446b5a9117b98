"""The files that entries name: fetched into the vault, verified whole, read anywhere.

Rules: a file is kept sealed, as it came, in parts inside the encrypted database: a folder of files
would tell their number and sizes; what did not arrive whole is not kept; nothing is read of a file
before all of it was verified from what is kept; memory stays constant, however long it is.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Literal

from intake.client import Office
from intake.core import limits
from intake.core.evidence import Evidence
from intake.crypto import opening
from intake.crypto.evidence import sealed_size
from intake.crypto.header import Header, parse_header
from intake.crypto.ranges import Payload
from intake.crypto.stream import NONCE_SIZE, SEALED_CHUNK_SIZE
from intake.crypto.unseal import file_key_of, parse_identity
from intake.errors import AgeError, EvidenceError, KeyTextError, ServerError, VaultLockedError
from intake.media.sniff import UNKNOWN, sniff
from intake.media.source import Source
from intake.vault import facts, records
from intake.vault.custody import Log, What
from intake.vault.database import Database
from intake.vault.vault import Open, Vault

State = Literal["whole", "altered"]
PART = 16 * SEALED_CHUNK_SIZE
"""Sealed bytes of a part: sixteen whole chunks, a MiB, so that each chunk lies in one part."""
BATCH = 4
"""Parts written at once: one flush of the disk for each, and others use the vault in between."""
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_LOOKED = 4096
"""Bytes at the beginning that tell whether a file is text, as `media.sniff` looks."""
_LAST_CONTROL = 0x1F


@dataclass(frozen=True, repr=False)
class Named:
    """A file as an opened entry names it; `checked` is that of the entry."""

    place: int
    case: str
    entry: str
    checked: int
    told: Evidence


@dataclass(frozen=True)
class Held:
    """What came of fetching: `type` is the true one, `sha256` (hex) that of the plain file.

    Altered, nothing is kept but the `reason`.
    """

    file: int
    state: State
    reason: str
    type: str
    sha256: str


class Content:
    """A verified file, read anywhere while the vault is open; one thread at a time uses it."""

    def __init__(self, named: Named, read_at: Callable[[int, int], bytes], header: Header) -> None:
        """Open the file's key; raises AgeError."""
        told = named.told
        self.length = told.length
        size = sealed_size(told.length)
        self._payload = Payload(file_key_of(header, [parse_identity(told.key)]), size, read_at)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `end`, as a slice would; raises VaultLockedError."""
        return self._payload.read(start, min(end, self.length))

    def piece(self, start: int, size: int) -> bytes:
        """Return so many bytes at once, fewer only at the end."""
        return b"".join(self.read(start, start + size))


@dataclass
class Files:
    """The files of one vault; one of these for each vault, or they would drop what arrives."""

    vault: Vault
    now: Callable[[], datetime]
    _arriving: set[int] = field(default_factory=set)

    def find(self, entry: str, file: str) -> Named:
        """Return a file that an opened entry names; raises EvidenceError."""
        for named in self._named("id", entry):
            if named.told.id == file:
                return named
        raise EvidenceError("no entry here names such a file, go back to its case", "missing")

    def of_case(self, case: str) -> list[Named]:
        """Return the files that the opened entries of a case name, in their order."""
        return self._named("case_id", case)

    def _named(self, column: Literal["id", "case_id"], value: str) -> list[Named]:
        with self.vault.use() as opened:
            rows = opened.database.rows(
                _place,
                f"SELECT place, checked FROM entries WHERE {column} = ? AND state = 'opened' "  # noqa: S608 - one of two names
                "AND place IN (SELECT place FROM evidence) ORDER BY place",
                value,
            )
            return [
                Named(place, entry.case, entry.id, checked, told)
                for place, checked in rows
                for entry in (records.opened(opened.database, place),)
                for told in facts.files(entry)
            ]

    def held(self, named: Named) -> Held | None:
        """Return what came of fetching a file, None where it was not fetched."""
        with self.vault.use() as opened:
            found = opened.database.rows(
                Held,
                "SELECT file, state, reason, type, sha256 FROM evidence_files "
                "WHERE place = ? AND id = ? AND state <> 'arriving'",
                named.place,
                named.told.id,
            )
        return found[0] if found else None

    def fetch(
        self, office: Office, named: Named, progress: Callable[[int], None] = lambda _: None
    ) -> Held:
        """Fetch a file and verify it; what was held of it before is replaced.

        `progress` is told how many bytes have arrived. Raises ServerError where the line broke or
        too much came: then nothing has changed. What is not the file is told as `altered`.
        """
        file = self._begin(named)
        try:
            reason = self._arrive(file, named, _counted(office.evidence(named.told.id), progress))
            kind = sha256 = ""
            if not reason:
                reason, kind, sha256 = self._verify(file, named)
            return self._finish(
                named, Held(file, "altered" if reason else "whole", reason, kind, sha256)
            )
        except BaseException:
            with suppress(VaultLockedError):  # then the next fetch drops it
                self._drop(file)
            raise
        finally:
            self._arriving.discard(file)

    def open(self, named: Named) -> Content:
        """Return a file that was verified; raises EvidenceError where it was not, or is altered."""
        held = self.held(named)
        if held is None:
            raise EvidenceError("the file was not fetched yet, fetch it first", "missing")
        if held.state == "altered":
            raise EvidenceError("the file is not the one that was told of, set aside", "altered")
        return self._content(held.file, named)

    def sealed(self, named: Named) -> Iterator[bytes]:
        """Yield a verified file as it came, sealed; raises EvidenceError."""
        held = self.held(named)
        if held is None or held.state == "altered":
            raise EvidenceError("the file is not here whole, fetch it first", "missing")
        yield self._start(held.file)
        yield from self._parts(held.file)

    def sealed_size(self, named: Named) -> int:
        """Return the length of what `sealed` yields, in bytes."""
        held = self.held(named)
        start = len(self._start(held.file)) if held else 0
        return start - NONCE_SIZE + sealed_size(named.told.length)

    def forget(self, named: Named) -> None:
        """Remove what is held of a file; it can be fetched again while the server has it."""
        if self.held(named) is None:
            return
        with self.vault.use() as opened, opened.database.write():
            self._remove(opened.database, named)
            self._log(opened, named, "file removed")

    def note(self, named: Named, what: What) -> None:
        """Note in the custody log what was done with a file."""
        with self.vault.use() as opened, opened.database.write():
            self._log(opened, named, what)

    def _begin(self, named: Named) -> int:
        """Make room for what arrives, and drop what others left half: they died or were locked."""
        with self.vault.use() as opened, opened.database.write():
            base = opened.database
            for left in base.rows(int, "SELECT file FROM evidence_files WHERE state = 'arriving'"):
                if left not in self._arriving:
                    base.run("DELETE FROM evidence_files WHERE file = ?", left)
            file = base.number("SELECT max(file) FROM evidence_files") + 1
            base.run(
                "INSERT INTO evidence_files VALUES (?, ?, ?, 'arriving', '', '', '', x'')",
                file,
                named.place,
                named.told.id,
            )
            self._arriving.add(file)
        return file

    def _arrive(self, file: int, named: Named, pieces: Iterator[bytes]) -> str:
        """Keep what arrives; return why it is no sealed file, if it is none."""
        room = limits.HEADER + sealed_size(named.told.length)
        line = _Line(_bounded(pieces, room))
        try:
            start = parse_header(line).encode() + line.read(NONCE_SIZE)
        except AgeError as error:
            return str(error)
        self._run("UPDATE evidence_files SET start = ? WHERE file = ?", start, file)
        batch: list[tuple[int, int, bytes]] = []
        for number, part in enumerate(iter(partial(line.read, PART), b"")):
            batch.append((file, number, part))
            if len(batch) == BATCH:
                self._keep(batch)
        self._keep(batch)
        return ""

    def _keep(self, batch: list[tuple[int, int, bytes]]) -> None:
        with self.vault.use() as opened, opened.database.write():
            opened.database.many("INSERT INTO evidence_parts VALUES (?, ?, ?)", batch)
        batch.clear()

    def _verify(self, file: int, named: Named) -> tuple[str, str, str]:
        """Return why what is kept is not the file told of, or its true type and its SHA-256."""
        whole = _Hashed()
        sealed = _Line(chain([self._start(file)], self._parts(file)))
        try:
            opening.open_evidence(named.told, sealed, whole)
            content = self._content(file, named)
        except (AgeError, EvidenceError, KeyTextError) as error:
            return str(error), "", ""
        return "", _true_type(content), whole.hashed.hexdigest()

    def _finish(self, named: Named, held: Held) -> Held:
        with self.vault.use() as opened, opened.database.write():
            base = opened.database
            self._remove(base, named)
            base.run(
                "UPDATE evidence_files SET state = ?, reason = ?, type = ?, sha256 = ? "
                "WHERE file = ?",
                held.state,
                held.reason,
                held.type,
                held.sha256,
                held.file,
            )
            if held.state == "altered":
                base.run("DELETE FROM evidence_parts WHERE file = ?", held.file)
            self._log(opened, named, "file fetched" if held.state == "whole" else "file altered")
        return held

    def _content(self, file: int, named: Named) -> Content:
        parts = _Parts(self._start(file), partial(self._part, file))
        return Content(named, parts.read_at, parts.header)

    def _start(self, file: int) -> bytes:
        return self._blob("SELECT start FROM evidence_files WHERE file = ?", file)

    def _part(self, file: int, number: int) -> bytes:
        return self._blob(
            "SELECT sealed FROM evidence_parts WHERE file = ? AND number = ?", file, number
        )

    def _parts(self, file: int) -> Iterator[bytes]:
        number = 0
        while part := self._part(file, number):
            yield part
            number += 1

    def _blob(self, statement: str, *values: int) -> bytes:
        """Return the bytes that a statement finds, none where there are none."""
        with self.vault.use() as opened:
            found = opened.database.rows(_bytes, statement, *values)
        return found[0] if found else b""

    def _drop(self, file: int) -> None:
        self._run("DELETE FROM evidence_files WHERE file = ?", file)

    def _run(self, statement: str, *values: bytes | int) -> None:
        with self.vault.use() as opened, opened.database.write():
            opened.database.run(statement, *values)

    def _remove(self, base: Database, named: Named) -> None:
        base.run(
            "DELETE FROM evidence_files WHERE place = ? AND id = ? AND state <> 'arriving'",
            named.place,
            named.told.id,
        )

    def _log(self, opened: Open, named: Named, what: What) -> None:
        log = Log(opened.database, opened.settings["who"])
        log.begin([named.case])
        log.add(named.case, named.told.id, what, self.now())
        log.flush()


class _Parts:
    """The payload of a file as its parts hold it: one is in memory."""

    def __init__(self, start: bytes, part: Callable[[int], bytes]) -> None:
        self.header = Header.parse(start[:-NONCE_SIZE])
        self._nonce, self._part = start[-NONCE_SIZE:], part
        self._number, self._held = -1, b""

    def read_at(self, offset: int, size: int) -> bytes:
        """Return sealed bytes that lie within the nonce or within one chunk."""
        if offset < NONCE_SIZE:
            return self._nonce[offset : offset + size]
        number, within = divmod(offset - NONCE_SIZE, PART)
        if number != self._number:
            self._number, self._held = number, self._part(number)
        return self._held[within : within + size]


class _Line:
    """Pieces of any size, read as one file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = bytearray()

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        found = bytes(self._held[:size])
        del self._held[:size]
        return found

    def readline(self, size: int) -> bytes:
        """Return a line with its end, or its first `size` bytes."""
        while b"\n" not in self._held[:size] and len(self._held) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._held += piece
        end = self._held.find(b"\n", 0, size) + 1
        return self.read(end or size)


class _Hashed:
    """Takes a file and keeps its SHA-256 only."""

    def __init__(self) -> None:
        self.hashed = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.hashed.update(data)


def _true_type(content: Content) -> str:
    """Return what a file is by what it holds; also text in UTF-16, which only its mark tells."""
    kind = sniff(Source(content.piece, content.length))
    coding = _UTF16.get(content.piece(0, 2))
    if kind != UNKNOWN or coding is None:
        return kind
    # The beginning of a longer file may end within a character of four bytes.
    text = content.piece(0, _LOOKED).decode(coding, errors="ignore")
    is_text = content.length % 2 == 0 and not any(
        ord(one) <= _LAST_CONTROL and one not in "\t\n\r\f" for one in text
    )
    return "text/plain" if is_text else UNKNOWN


def _counted(pieces: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the pieces, and tell how many bytes there were."""
    count = 0
    for piece in pieces:
        count += len(piece)
        progress(count)
        yield piece


def _bounded(pieces: Iterable[bytes], room: int) -> Iterator[bytes]:
    """Yield what comes; raises ServerError where it does not end in time."""
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise ServerError("the server sends more than the file is long, do not trust it")
        yield piece


def _place(place: int, checked: int) -> tuple[int, int]:
    return place, checked


def _bytes(value: bytes) -> bytes:
    return value
