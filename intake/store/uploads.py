"""Evidence in the store: uploads that grow, are named by a case, and are fetched by its offices.

Rules: only what is sealed is kept, looked at before the first byte and again when it is whole; a
file belongs to the first case that names it; what nobody names is gone after a day; an office
fetches a file if it may fetch an entry that names it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, bindparam, delete, exists, insert, or_, select, update

from intake.core.entry import ID
from intake.crypto.evidence import is_payload
from intake.crypto.seal import header_of
from intake.errors import EvidenceError, NotFoundError, NotSealedError
from intake.store.blobs import Blobs, Part
from intake.store.database import Database
from intake.store.tables import evidence, exhibits, grants

_START = b"age-encryption.org/v1\n-> mlkem768x25519 "
"""What every sealed file begins with; the rest is looked at once it is whole."""

_UNCLAIMED = timedelta(days=1)

_CLAIM = (
    update(evidence)
    .where(
        evidence.c.id == bindparam("name"),
        evidence.c.whole,
        or_(evidence.c.case.is_(None), evidence.c.case == bindparam("owner")),
    )
    .values(case=bindparam("owner"))
)
_NAME = insert(exhibits)


@dataclass(frozen=True)
class Upload:
    """How much of an upload is kept, and how much it will be, in bytes."""

    kept: int
    size: int


class Uploads:
    """The use cases of evidence, over a database and a folder."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        """Work on these."""
        self._database = database
        self._blobs = blobs

    def begin(self, name: str, size: int, day: date) -> None:
        """Make room for a sealed file of `size` bytes under a fresh random name.

        Raises EvidenceError where the disk is full, StoreError.
        """
        self._blobs.check_room(size)
        with self._database.write() as connection:
            connection.execute(insert(evidence).values(id=name, size=size, whole=False, day=day))
        self._blobs.make(name, day)

    def find(self, name: str) -> Upload:
        """Return how an upload stands; raises NotFoundError."""
        return Upload(self._blobs.size(name), self._row(name))

    def append(self, name: str, offset: int, pieces: Iterable[bytes], day: date) -> Upload:
        """Keep what comes at `offset`; what came before an error is kept, and all of it a day more.

        Raises EvidenceError where the upload stands elsewhere, is written to now, or is longer
        than announced; NotFoundError; NotSealedError; StoreError.
        """
        size = self._row(name)
        with self._blobs.alone(name):
            self._prolong(name, day)
            if self._blobs.size(name) != offset:
                raise EvidenceError(
                    "the file stands elsewhere, ask where and go on there", "offset"
                )
            if offset < size:
                self._append(name, _bounded(_sealed(pieces, offset), size - offset), day)
            kept = self._blobs.size(name)
            if kept == size:
                self._complete(name, size)
        return Upload(kept, size)

    def open(self, name: str, day: date) -> "Stream":
        """Begin a file of unknown length, sealed here as it comes; raises StoreError."""
        self.begin(name, 0, day)
        return Stream(self._blobs.part(name, day), lambda size: self._complete(name, size))

    def read_at(self, name: str, offset: int, size: int) -> bytes:
        """Return so many bytes of a file, fewer only at its end; raises NotFoundError."""
        return self._blobs.read_at(name, offset, size)

    def end(self, name: str) -> None:
        """Remove an upload that no case has named; raises NotFoundError."""
        mine = (evidence.c.id == name) & evidence.c.case.is_(None)
        with self._blobs.alone(name), self._database.write() as connection:
            if not connection.execute(delete(evidence).where(mine)).rowcount:
                raise NotFoundError("there is no such file, or it was filed already")
        self._blobs.remove(name)

    def fetch(self, reader: str, name: str) -> tuple[int, Iterator[bytes]]:
        """Return size and bytes of a file that an office may have; raises NotFoundError."""
        if not ID.fullmatch(name):
            raise NotFoundError("this names no file, open the entry again")
        query = (
            select(evidence.c.size)
            .join(exhibits, exhibits.c.evidence == evidence.c.id)
            .join(grants, grants.c.entry == exhibits.c.entry)
            .where(evidence.c.id == name, grants.c.reader == reader)
            .limit(1)
        )
        with self._database.read() as connection:
            size = connection.execute(query).scalar_one_or_none()
        if size is None:
            raise NotFoundError("no such file for this office, open the entry again")
        return size, self._blobs.read(name)

    def has_room(self) -> bool:
        """Return whether files are taken now."""
        try:
            self._blobs.check_room(0)
        except EvidenceError:
            return False
        return True

    def sweep(self, today: date) -> int:
        """Remove what nobody named for a day, and what nobody may fetch any more; return how many.

        Also whatever lies in the folder and in no table: looked at before the table, or a file that
        begins meanwhile would be taken for one of these.
        """
        names = list(self._blobs.names())
        unclaimed = evidence.c.case.is_(None) & (evidence.c.day < today - _UNCLAIMED)
        named = exists().where(exhibits.c.evidence == evidence.c.id)
        orphaned = evidence.c.case.is_not(None) & ~named
        with self._database.write() as connection:
            connection.execute(delete(evidence).where(unclaimed | orphaned))
            known = set(connection.execute(select(evidence.c.id)).scalars())
        gone = [name for name in names if name not in known]
        for name in gone:
            self._blobs.remove(name)
        return len(gone)

    def _append(self, name: str, pieces: Iterable[bytes], day: date) -> None:
        part = self._blobs.part(name, day)
        try:
            for piece in pieces:
                part.write(piece)
        finally:
            part.close()

    def _prolong(self, name: str, day: date) -> None:
        """Let the sweep wait for what is still coming: a slow line takes days for a video."""
        older = (evidence.c.id == name) & (evidence.c.day < day) & evidence.c.case.is_(None)
        with self._database.read() as connection:
            if not connection.execute(select(evidence.c.id).where(older)).first():
                return
        with self._database.write() as connection:
            connection.execute(update(evidence).where(older).values(day=day))

    def _row(self, name: str) -> int:
        with self._database.read() as connection:
            query = select(evidence.c.size).where(evidence.c.id == name)
            size = connection.execute(query).scalar_one_or_none()
        if size is None:
            raise NotFoundError("there is no such file, send it again")
        return int(size)

    def _complete(self, name: str, size: int) -> None:
        """Let a file be named, if it is sealed; else remove it and raise NotSealedError."""
        try:
            header = header_of(self._blobs.read(name))
            _refuse_payload(size - len(header.value))
        except NotSealedError:
            self._blobs.remove(name)
            raise
        with self._database.write() as connection:
            mine = evidence.c.id == name
            whole = update(evidence).where(mine).values(whole=True, size=size)
            if not connection.execute(whole).rowcount:
                raise NotFoundError("the file was removed meanwhile, send it again")


class Stream:
    """A file that is pushed in, sealed; nobody can name it before its end."""

    def __init__(self, part: Part, complete: Callable[[int], None]) -> None:
        """Write to a part; `complete` takes the size of the whole."""
        self._part, self._complete = part, complete
        self._is_begun = False

    def write(self, data: bytes) -> None:
        """Take sealed bytes; raises EvidenceError, NotSealedError, StoreError."""
        if not self._is_begun:
            data = b"".join(_sealed([data], 0))
            self._is_begun = True
        self._part.write(data)

    def close(self) -> None:
        """Let the file be named; raises NotSealedError, StoreError."""
        self._part.close()
        self._complete(self._part.end)

    def abandon(self) -> None:
        """Forget it; its bytes go with the next sweep."""
        self._part.abandon()


def claim(connection: Connection, case: str, named: Sequence[tuple[str, str]]) -> None:
    """Give files to a case by (entry, evidence); raises EvidenceError where one is not there."""
    names = sorted({name for _, name in named})
    for name in names:
        if not connection.execute(_CLAIM, {"name": name, "owner": case}).rowcount:
            raise EvidenceError("a file has not arrived whole, send it again", "missing")
    if named:
        rows = [{"entry": entry, "evidence": name} for entry, name in named]
        connection.execute(_NAME, rows)


def _refuse_payload(size: int) -> None:
    if not is_payload(size):
        raise NotSealedError("this is no sealed file, seal before sending")


def _sealed(pieces: Iterable[bytes], offset: int) -> Iterator[bytes]:
    """Yield what comes; raises NotSealedError before its first byte where it is not sealed."""
    for piece in pieces:
        begun = _START[offset : offset + len(piece)]
        if piece[: len(begun)] != begun:
            raise NotSealedError("this is no sealed file, seal before sending")
        offset += len(piece)
        yield piece


def _bounded(pieces: Iterable[bytes], room: int) -> Iterator[bytes]:
    """Yield at most `room` bytes; raises EvidenceError where there are more."""
    for piece in pieces:
        if len(piece) > room:
            yield piece[:room]
            raise EvidenceError("more arrived than was announced, send the file again", "too_large")
        room -= len(piece)
        yield piece
