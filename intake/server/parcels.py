"""Takes in what the offline form saved: each parcel read as the work of an enemy.

Rules:
1. all of a parcel is looked at before anything of it is kept: every file, its place, size, digest
   and seal, and that the case belongs to the mailbox;
2. the same parcel twice is one case; another content under the same case is a conflict;
3. of what is refused nothing stays: a file of evidence that was kept already is removed again;
4. one that is refused blocks no other.
"""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from os import fstat
from pathlib import Path
from typing import BinaryIO

from intake.core import limits, parcel, ustar, wire
from intake.core.evidence import Digest
from intake.core.parcel import Contents
from intake.core.programme import NAME, Programme
from intake.crypto.age import parse_header
from intake.crypto.derive import case_of
from intake.crypto.evidence import is_payload
from intake.crypto.seal import header_of
from intake.errors import (
    AgeError,
    ConflictError,
    EvidenceError,
    NotFoundError,
    NotSealedError,
    ParcelError,
    WireError,
)
from intake.server import sealed
from intake.server.door import Door
from intake.store.records import Filing, Records
from intake.store.uploads import Uploads

_LETTER = limits.BUCKET_CEILING + limits.HEADER + 64 * limits.KIB
"""The largest letter: its header, and the seals of its chunks."""

_PIECE = 256 * limits.KIB
_HALF = "is cut off, ask for the whole file"
_STRANGE = "holds what the form never writes, ask for the file as it was saved"
_ALTERED = "a sealed file in it was altered on the way, ask for the file once more"


@dataclass(frozen=True)
class Place:
    """Where a sealed file of evidence lies in a parcel, in bytes."""

    name: str
    offset: int
    size: int
    digest: str


@dataclass(frozen=True)
class Parcel:
    """A parcel that was looked at: what it files, and where its evidence lies."""

    filing: Filing
    evidence: tuple[Place, ...]


@dataclass(frozen=True)
class Taken:
    """What became of a parcel; `is_new` unless it was kept before."""

    case: str
    is_new: bool


@dataclass(frozen=True)
class Receiver:
    """Where parcels are taken in: programme and store of one server."""

    programme: Programme
    records: Records
    uploads: Uploads
    door: Door
    file_bytes: int

    def take(self, path: Path, today: date) -> Taken:
        """Keep what is in a parcel, or find it kept.

        Raises ParcelError, ClosedError, ConflictError, EvidenceError, NotSealedError, StoreError,
        OSError.
        """
        with path.open("rb") as file:
            if not stat.S_ISREG(fstat(file.fileno()).st_mode):
                raise ParcelError("is no file, name the files that were saved")
            found = look(file, self.programme, self.file_bytes, today)
            case, digest = found.filing.case, found.filing.digest
            if self._is_kept(case, digest):
                return Taken(case, is_new=False)
            self.door.refuse_report()
            begun: list[str] = []
            try:
                for place in found.evidence:
                    self._keep(file, place, today, begun)
                self.door.keep(self.records, found.filing)
            except BaseException:
                self._let_go(begun)
                raise
            return Taken(case, is_new=True)

    def _is_kept(self, case: str, digest: bytes) -> bool:
        try:
            return self.records.filed(case, digest) is not None
        except ConflictError as error:
            raise ConflictError(
                f"case {case} is kept already with another content, compare the two files"
            ) from error

    def _keep(self, file: BinaryIO, place: Place, today: date, begun: list[str]) -> None:
        """Keep one file of evidence; what a broken import left of it goes first."""
        self._let_go([place.name])
        try:
            self.uploads.find(place.name)
        except NotFoundError:
            pass
        else:
            raise ConflictError("a sealed file in it is kept for another case, do not trust it")
        begun.append(place.name)
        self.uploads.begin(place.name, place.size, today)
        digest = Digest()
        self.uploads.append(place.name, 0, _read(file, place, digest), today)
        if digest.hexdigest() != place.digest:
            raise ParcelError("changed while it was read, import it again")

    def _let_go(self, names: list[str]) -> None:
        for name in names:
            try:
                self.uploads.end(name)
            except NotFoundError:
                continue


def look(file: BinaryIO, programme: Programme, file_bytes: int, today: date) -> Parcel:
    """Return what is in a parcel, and look at every byte of it; keep nothing.

    Raises ParcelError, EvidenceError where a file is too large.
    """
    try:
        return _look(file, programme, file_bytes, today)
    except NotSealedError as error:
        raise ParcelError("holds something that is not sealed, do not trust it") from error


def _look(file: BinaryIO, programme: Programme, file_bytes: int, today: date) -> Parcel:
    # 1. What it says that it holds.
    first = _content(file, parcel.FIRST, limits.PARCEL_HEAD)
    contents = parcel.parse(first)
    _refuse_strange(contents, programme)
    # 2. The letters, each sealed.
    named = dict(contents.names())
    letters = []
    for letter, name in zip(contents.letters, named, strict=False):
        data = _content(file, name, _LETTER)
        _refuse_altered(data, letter.digest)
        header, payload = _halves(data)
        letters.append(
            wire.Letter(
                letter.entry,
                letter.evidence,
                header,
                letter.kind,
                payload,
                letter.reader,
            )
        )
    # 3. The evidence, each sealed and of a size that a sealed file can have.
    places = tuple(_look_at(file, one.id, one.digest, file_bytes) for one in contents.evidence)
    # 4. Its end, and nothing behind it.
    if file.read(len(ustar.END) + 1) != ustar.END:
        raise ParcelError("does not end as the form ends it, ask for the file as it was saved")
    sent = wire.Filing(contents.case, tuple(letters), contents.mailbox, contents.urgent)
    try:
        filing = sealed.filing_of(sent, programme, today)
    except WireError as error:
        raise ParcelError(
            "names an office or a kind of letter that this server does not know, check the "
            "programme"
        ) from error
    # Over the list: it holds the digest of every byte that follows.
    return Parcel(replace(filing, digest=hashlib.sha256(first).digest()), places)


def _refuse_strange(contents: Contents, programme: Programme) -> None:
    if contents.programme != programme.id:
        raise ParcelError(
            f"was made for another programme, give it to who runs it: {contents.programme}"
            if NAME.fullmatch(contents.programme)
            else _STRANGE
        )
    if contents.case != case_of(contents.mailbox):
        raise ParcelError(
            "its case does not belong to its mailbox: somebody changed it on the way, ask for the "
            "file once more, by another way"
        )


def _header(file: BinaryIO, name: str) -> int:
    """Return the size of the file that comes next, of this name; raises ParcelError."""
    block = file.read(ustar.BLOCK)
    if len(block) < ustar.BLOCK:
        raise ParcelError(_HALF)
    size = ustar.size(block, name)
    if size is None:
        raise ParcelError(_STRANGE)
    return size


def _content(file: BinaryIO, name: str, most: int) -> bytes:
    """Return the content of the file that comes next; raises ParcelError."""
    size = _header(file, name)
    if size > most:
        raise ParcelError(_STRANGE)
    data = file.read(size)
    if len(data) < size:
        raise ParcelError(_HALF)
    _pass_padding(file, size)
    return data


def _pass_padding(file: BinaryIO, size: int) -> None:
    zeros = bytes(ustar.padding(size))
    found = file.read(len(zeros))
    if found != zeros:
        raise ParcelError(_HALF if len(found) < len(zeros) else _STRANGE)


def _refuse_altered(data: bytes, digest: str) -> None:
    taken = Digest()
    taken.update(data)
    if taken.hexdigest() != digest:
        raise ParcelError(_ALTERED)


def _halves(data: bytes) -> tuple[bytes, bytes]:
    """Return header and payload of a letter; raises NotSealedError."""
    stream = BytesIO(data)
    try:
        parse_header(stream)
    except AgeError as error:
        raise NotSealedError("a letter has no header, seal it first") from error
    return data[: stream.tell()], data[stream.tell() :]


def _look_at(file: BinaryIO, name: str, digest: str, file_bytes: int) -> Place:
    """Return where a file of evidence lies, when all of it was read."""
    size = _header(file, f"{name}.age")
    if size > file_bytes:
        raise EvidenceError(
            "holds a file that is larger than this server takes, raise file_megabytes", "too_large"
        )
    place, taken = Place(name, file.tell(), size, digest), Digest()
    header = header_of(_read(file, place, taken))
    for _ in _read(file, place, taken := Digest()):
        pass
    if not is_payload(size - len(header.value)):
        raise NotSealedError("a file has no payload, seal it first")
    if taken.hexdigest() != digest:
        raise ParcelError(_ALTERED)
    _pass_padding(file, size)
    return place


def _read(file: BinaryIO, place: Place, digest: Digest) -> Iterator[bytes]:
    """Yield a file of evidence, and take its digest; raises ParcelError where it is cut off."""
    file.seek(place.offset)
    left = place.size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise ParcelError(_HALF)
        digest.update(piece)
        left -= len(piece)
        yield piece
