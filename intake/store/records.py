"""What the store keeps and gives back. Only `Sealed` goes in, by type and at run time.

Filing is one transaction: all entries of a case, or none. Sending the same again answers as
before; sending something else under the same case is a conflict.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from intake.core import limits, wire
from intake.core.entry import ID
from intake.core.programme import WITNESS
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import ConflictError, NotFoundError, NotSealedError, StoreError
from intake.store import fetching
from intake.store.database import Database
from intake.store.graves import HERS
from intake.store.tables import cases, challenges, entries, grants, sessions
from intake.store.uploads import claim

# Made once: building a statement costs more than running it.
_INSERT_CASE = insert(cases)
INSERT_ENTRIES = insert(entries)
INSERT_GRANTS = insert(grants)
_DIGEST_OF = select(cases.c.digest).where(cases.c.id == bindparam("case"))


@dataclass(frozen=True)
class Item:
    """One sealed entry of a filing or an addition and the keyed office that reads it.

    What a witness seals to herself has the reader `WITNESS`. `evidence` names the files whose keys
    stand in it.
    """

    entry: str
    reader: str
    sealed: Sealed
    kind: str = "report"
    evidence: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Return each file with the entry that names it."""
        return tuple((self.entry, name) for name in self.evidence)


@dataclass(frozen=True)
class Filing:
    """A case about to be kept: `digest` covers the whole of what was sent.

    An `urgent` one is told to its offices at once.
    """

    case: str
    day: date
    mailbox_hash: bytes
    digest: bytes
    unscripted: bool
    items: tuple[Item, ...]
    urgent: bool = False


@dataclass(frozen=True)
class Delivery:
    """Which office may fetch how much of a case, and when it did first."""

    reader: str
    fetched: date | None


@dataclass(frozen=True)
class Status:
    """What a witness may know of her case."""

    case: str
    day: date
    deliveries: tuple[Delivery, ...]


class Records:
    """The store's use cases, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def file(self, filing: Filing) -> Status:
        """Keep a case, or find it kept.

        Raises ConflictError, EvidenceError where a file has not arrived, NotSealedError,
        StoreError.
        """
        refuse_plain(filing.items)
        if not filing.items:
            raise NotSealedError("a case needs at least one sealed entry, choose an office")
        rows = _rows(filing)
        try:
            with self._database.write() as connection:
                for statement, values in rows:
                    connection.execute(statement, values)
                claim(connection, filing.case, [n for item in filing.items for n in item.named])
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            known = self.filed(filing.case, filing.digest)
            if known is None:
                raise ConflictError("an entry of this name is kept already, seal anew") from error
            return known
        return _new(filing)

    def filed(self, case: str, digest: bytes) -> Status | None:
        """Return the status of a case filed before, None where it is new; raises ConflictError."""
        with self._database.read() as connection:
            known = _digest(connection, case)
            if known is None:
                return None
            if known != digest:
                raise ConflictError("this was sent before with another content, read what arrived")
            return _status(connection, case)

    def status(self, case: str) -> Status:
        """Return the status of a case; raises NotFoundError."""
        with self._database.read() as connection:
            return _status(connection, case)

    def days(self, reader: str) -> tuple[wire.Day, ...]:
        """Return for each day a hash over the office's sorted (entry, header digest)."""
        query = (
            select(grants.c.day, grants.c.entry, grants.c.header_digest)
            .where(grants.c.reader == reader)
            .order_by(grants.c.day, grants.c.entry)
        )
        hashes: dict[date, hashlib._Hash] = {}
        with self._database.read() as connection:
            for day, entry, digest in connection.execute(query):
                hashes.setdefault(day, hashlib.sha256()).update(f"{entry} {digest}\n".encode())
        return tuple(wire.Day(day, hashed.hexdigest()) for day, hashed in hashes.items())

    def items(self, reader: str, day: date) -> tuple[wire.Item, ...]:
        """Return what an office may fetch of one day, sorted by id."""
        query = (
            select(grants.c.entry, grants.c.header_digest)
            .where(grants.c.reader == reader, grants.c.day == day)
            .order_by(grants.c.entry)
        )
        with self._database.read() as connection:
            return tuple(wire.Item(*row) for row in connection.execute(query))

    def fetch(self, reader: str, entry: str, today: date) -> wire.Sealed:
        """Return an entry to an office that has a grant, and note the day; raises NotFoundError."""
        found = fetching.fetch(self._database, reader, (entry,), today)
        if not found:
            raise NotFoundError("no such entry for this office, list the day again")
        return found[entry]

    def fetch_several(self, reader: str, names: Sequence[str], today: date) -> wire.Given:
        """Return the first of these entries, as many as fit one answer; name those not granted."""
        first = fetching.fitting(self._database, reader, names)
        found = fetching.fetch(self._database, reader, first, today)
        return wire.Given(
            tuple(found[name] for name in first if name in found),
            tuple(name for name in first if name not in found),
        )

    def of_case(self, reader: str, case: str) -> tuple[wire.Item, ...]:
        """Return what an office may fetch of one case, sorted by id; raises NotFoundError."""
        query = (
            select(grants.c.entry, grants.c.header_digest)
            .join(entries)
            .where(grants.c.reader == reader, entries.c.case == case)
            .order_by(grants.c.entry)
        )
        if ID.fullmatch(case):  # half a surrogate pair would not even reach SQLite
            with self._database.read() as connection:
                found = tuple(wire.Item(*row) for row in connection.execute(query))
            if found:
                return found
        raise NotFoundError("no such case for this office, look at its name again")

    def header(self, reader: str, entry: str) -> wire.Wrapping:
        """Return the header of an entry alone; raises NotFoundError.

        The day of fetching is not noted: without the payload nobody reads a word.
        """
        mine = _mine(reader, entry)
        with self._database.read() as connection:
            header = connection.execute(select(grants.c.header).where(mine)).scalar_one_or_none()
        if header is None:
            raise NotFoundError("no such entry for this office, list the day again")
        return wire.Wrapping(entry, header)

    def rewrap(self, reader: str, entry: str, before: str, header: SealedHeader) -> str:
        """Put another header in place of the one whose digest is `before`; return its digest.

        Sent twice, it is kept once. Raises NotFoundError, ConflictError, NotSealedError.
        """
        if type(header) is not SealedHeader:
            raise NotSealedError("only sealed headers are stored, seal first")
        mine, digest = _mine(reader, entry), header_digest(header)
        values = {"header": header.value, "header_digest": digest}
        with self._database.write() as connection:
            query = select(grants.c.header_digest).where(mine)
            known = connection.execute(query).scalar_one_or_none()
            if known is None:
                raise NotFoundError("no such entry for this office, list the day again")
            if known not in (before, digest):
                raise ConflictError("the header is another one by now, get it and seal it again")
            if known != digest:
                connection.execute(update(grants).where(mine).values(**values))
        return digest

    def keep_challenge(
        self, challenge: str, office: str, bound: bytes, token: bytes, expiry: int
    ) -> None:
        """Keep a login challenge until it is answered, and drop those that were not in time."""
        stale = challenges.c.expiry < expiry - limits.LOGIN_SECONDS
        values = {"id": challenge, "office": office, "bound": bound, "token": token}
        with self._database.write() as connection:
            connection.execute(delete(challenges).where(stale))
            connection.execute(insert(challenges).values(**values, expiry=expiry))

    def take_challenge(self, challenge: str, now: int) -> tuple[str, bytes, bytes]:
        """Return (office, bound, token) once; raises NotFoundError when used or late."""
        query = (
            delete(challenges)
            .where(challenges.c.id == challenge)
            .returning(
                challenges.c.office, challenges.c.bound, challenges.c.token, challenges.c.expiry
            )
        )
        with self._database.write() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.expiry < now:
            raise NotFoundError("the login challenge was used or is too old, ask for a new one")
        return row.office, row.bound, row.token

    def keep_session(self, token_hash: bytes, office: str, now: int, expiry: int) -> None:
        """Keep an office's session, and drop those that ended."""
        values = {"token_hash": token_hash, "office": office, "expiry": expiry}
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expiry < now))
            connection.execute(insert(sessions).values(**values))

    def session(self, token_hash: bytes, now: int) -> str:
        """Return the office of a live session; raises NotFoundError."""
        query = select(sessions.c.office).where(
            sessions.c.token_hash == token_hash, sessions.c.expiry >= now
        )
        with self._database.read() as connection:
            office = connection.execute(query).scalar_one_or_none()
        if office is None:
            raise NotFoundError("the session has ended, log in again")
        return str(office)

    def answer(self) -> None:
        """Raise StoreError unless the database answers."""
        with self._database.read() as connection:
            connection.execute(select(1))


def refuse_plain(items: tuple[Item, ...]) -> None:
    """Raise NotSealedError unless every item is sealed."""
    for item in items:
        if type(item.sealed) is not Sealed:
            raise NotSealedError("only sealed entries are stored, seal first")


def header_digest(header: SealedHeader) -> str:
    """Return the SHA-256 of a header, in hex."""
    return hashlib.sha256(header.value).hexdigest()


def _mine(reader: str, entry: str) -> ColumnElement[bool]:
    """Return what finds a reader's grant on an entry; raises NotFoundError."""
    if not ID.fullmatch(entry):  # half a surrogate pair would not even reach SQLite
        raise NotFoundError("this names no entry, list the day again")
    return (grants.c.entry == entry) & (grants.c.reader == reader)


def _digest(connection: Connection, case: str) -> bytes | None:
    return connection.execute(_DIGEST_OF, {"case": case}).scalar_one_or_none()


def _rows(filing: Filing) -> tuple[tuple[Insert, list[dict[str, object]]], ...]:
    """Return everything that one transaction inserts."""
    case: dict[str, object] = {
        "id": filing.case,
        "day": filing.day,
        "mailbox_hash": filing.mailbox_hash,
        "digest": filing.digest,
        "unscripted": filing.unscripted,
        "urgent": filing.urgent,
    }
    return (
        (_INSERT_CASE, [case]),
        (INSERT_ENTRIES, [entry_row(filing.case, filing.day, item) for item in filing.items]),
        (INSERT_GRANTS, [grant_row(filing.day, item) for item in filing.items]),
    )


def _new(filing: Filing) -> Status:
    """Return the status of a case that nobody can have fetched yet."""
    readers = sorted({item.reader for item in filing.items} - {WITNESS})
    return Status(filing.case, filing.day, tuple(Delivery(reader, None) for reader in readers))


def entry_row(case: str, day: date, item: Item) -> dict[str, object]:
    """Return the row of an item's entry."""
    payload = item.sealed.payload
    return {
        "id": item.entry,
        "case": case,
        "kind": item.kind,
        "day": day,
        "payload": payload,
        "digest": hashlib.sha256(payload).digest(),
    }


def grant_row(day: date, item: Item) -> dict[str, object]:
    """Return the row of its reader's grant."""
    return {
        "entry": item.entry,
        "reader": item.reader,
        "header": item.sealed.header.value,
        "header_digest": header_digest(item.sealed.header),
        "day": day,
    }


def _status(connection: Connection, case: str) -> Status:
    day = connection.execute(select(cases.c.day).where(cases.c.id == case)).scalar_one_or_none()
    if day is None:
        raise NotFoundError("nothing is kept under this name, send it again")
    query = (
        select(grants.c.reader, grants.c.fetched)
        .join(entries)
        .where(entries.c.case == case, entries.c.kind.in_(HERS))
        .order_by(grants.c.reader)
    )
    fetched: dict[str, date | None] = {}
    for reader, when in connection.execute(query):
        fetched[reader] = min(filter(None, (fetched.get(reader), when)), default=None)
    return Status(case, day, tuple(Delivery(*item) for item in fetched.items()))
