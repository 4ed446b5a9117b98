"""What offices write in a case, and what the witness fetches of it and deletes.

Rules: who writes holds something that the witness wrote in the case; one entry is kept once; a
witness gets what stands behind her mailbox, and nothing else; she deletes what she has read, and
the office keeps its own copy.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import RowMapping

from intake.core import limits, wire
from intake.core.entry import ID
from intake.core.programme import WITNESS
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import ConflictError, NotFoundError, NotSealedError
from intake.store.database import Database
from intake.store.graves import HERS, Tombstone, bury
from intake.store.records import (
    INSERT_ENTRIES,
    INSERT_GRANTS,
    Item,
    entry_row,
    grant_row,
    header_digest,
)
from intake.store.tables import additions, cases, entries, grants

_FOUND = select(entries, grants.c.header, grants.c.fetched).join(grants)
_NO_WORDS = "nothing is kept under these words, compare them"
_NO_ENTRY = "no such letter behind these words, look at the case again"


@dataclass(frozen=True)
class Written:
    """What an office adds to a case. `witness` is the second header, none in a note."""

    case: str
    entry: str
    kind: Literal["reply", "note"]
    sealed: Sealed
    witness: SealedHeader | None


class Mail:
    """The conversation of a case, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def write(self, office: str, written: Written, today: date) -> None:
        """Keep what an office writes, or find it kept.

        Its own copy counts as fetched: it knows what it wrote. Raises ConflictError,
        NotFoundError where the office holds nothing of the case, NotSealedError.
        """
        _refuse_plain(written)
        with self._database.write() as connection:
            _check_holds(connection, office, written.case)
            if _is_kept(connection, office, written):
                return
            mine = (grants.c.reader == office) & (entries.c.case == written.case)
            own = select(func.count()).select_from(entries).join(grants)
            own = own.where(mine, entries.c.kind == written.kind)
            most = limits.REPLIES if written.kind == "reply" else limits.NOTES
            if connection.execute(own).scalar_one() >= most:
                raise ConflictError("this office wrote in the case as often as it can")
            item = Item(written.entry, office, written.sealed, written.kind)
            connection.execute(INSERT_ENTRIES, [entry_row(written.case, today, item)])
            row = {**grant_row(today, item), "fetched": today}
            connection.execute(INSERT_GRANTS, [row])
            if written.witness:
                sealed = Sealed(written.witness, written.sealed.payload)
                hers = Item(written.entry, WITNESS, sealed, written.kind)
                connection.execute(INSERT_GRANTS, [grant_row(today, hers)])

    def fetch(self, mailbox_hash: bytes, entry: str, today: date) -> wire.Sealed:
        """Return one letter to the witness, and note the day; raises NotFoundError."""
        _check_name(entry)
        found = self._take(mailbox_hash, today, entry)
        if not found:
            raise NotFoundError(_NO_ENTRY)
        return found[0]

    def fetch_all(self, mailbox_hash: bytes, today: date) -> tuple[wire.Sealed, ...]:
        """Return all her letters, by day and id, and note the day; raises NotFoundError."""
        return self._take(mailbox_hash, today)

    def fetched(self, mailbox_hash: bytes) -> tuple[wire.Sealed, ...]:
        """Return the letters that she fetched before, by day and id; raises NotFoundError."""
        with self._database.read() as connection:
            rows = _rows(connection, _case(connection, mailbox_hash), "")
        return tuple(_sealed(row) for row in rows if row["fetched"])

    def discard(self, mailbox_hash: bytes, entry: str, mark: str, today: date) -> None:
        """Delete a reply that the witness has fetched, and keep her mark; sent twice, once.

        Raises ConflictError where it was not fetched, NotFoundError.
        """
        _check_name(entry)
        digest = hashlib.sha256(f"discard {entry}".encode()).digest()
        with self._database.write() as connection:
            case = _case(connection, mailbox_hash)
            known = select(additions.c.case, additions.c.digest).where(additions.c.id == mark)
            row = connection.execute(known).one_or_none()
            if row is not None and tuple(row) != (case, digest):
                raise ConflictError("this mark stands for something else, load the page again")
            if row is not None:
                return
            found = _rows(connection, case, entry)
            if not found or found[0]["kind"] != "reply":
                raise NotFoundError(_NO_ENTRY)
            if not found[0]["fetched"]:
                raise ConflictError("this letter was not read yet, read it before you delete it")
            values = {"id": mark, "case": case, "digest": digest}
            connection.execute(insert(additions).values(**values))
            bury(connection, [Tombstone(entry, WITNESS, today)])

    def _take(self, mailbox_hash: bytes, today: date, entry: str = "") -> tuple[wire.Sealed, ...]:
        with self._database.read() as connection:
            case = _case(connection, mailbox_hash)
            rows = _rows(connection, case, entry)
        first = [row["id"] for row in rows if not row["fetched"]]
        if first:
            # Noted before it is given, and asked again behind the lock, as `Records.fetch` does.
            mine = grants.c.entry.in_(first) & (grants.c.reader == WITNESS)
            noted = update(grants).where(mine, grants.c.fetched.is_(None))
            with self._database.write() as connection:
                case = _case(connection, mailbox_hash)
                connection.execute(noted.values(fetched=today))
                rows = _rows(connection, case, entry)
        return tuple(map(_sealed, rows))


def _check_name(entry: str) -> None:
    if not ID.fullmatch(entry):  # half a surrogate pair would not even reach SQLite
        raise NotFoundError(_NO_ENTRY)


def _refuse_plain(written: Written) -> None:
    headers = (written.witness,) if written.kind == "reply" else ()
    is_sealed = type(written.sealed) is Sealed and all(type(h) is SealedHeader for h in headers)
    if not is_sealed or (written.kind == "note" and written.witness):
        raise NotSealedError("only sealed entries are stored, seal first")


def _check_holds(connection: Connection, office: str, case: str) -> None:
    """Raise NotFoundError unless the office holds something that the witness wrote."""
    held = select(grants.c.entry).join(entries)
    held = held.where(
        entries.c.case == case, grants.c.reader == office, entries.c.kind.in_(HERS)
    ).limit(1)
    if connection.execute(held).first() is None:
        raise NotFoundError("no such case for this office, look at its name again")


def _is_kept(connection: Connection, office: str, written: Written) -> bool:
    """Whether the same was kept before; raises ConflictError where it is something else.

    The office's own header may be another by now, and the witness's gone: the payload decides,
    with her header where it is still there.
    """
    mine = entries.c.id == written.entry
    row = connection.execute(
        select(entries.c.case, entries.c.kind, entries.c.digest).where(mine)
    ).one_or_none()
    if row is None:
        return False
    held = select(grants.c.reader, grants.c.header_digest).where(grants.c.entry == written.entry)
    headers = {found.reader: found.header_digest for found in connection.execute(held)}
    theirs = header_digest(written.witness) if written.witness else ""
    digest = hashlib.sha256(written.sealed.payload).digest()
    is_same = tuple(row) == (written.case, written.kind, digest)
    if not is_same or office not in headers or headers.get(WITNESS, theirs) != theirs:
        raise ConflictError("an entry of this name is kept already, seal anew")
    return True


def _case(connection: Connection, mailbox_hash: bytes) -> str:
    query = select(cases.c.id).where(cases.c.mailbox_hash == mailbox_hash)
    case = connection.execute(query).scalar_one_or_none()
    if case is None:
        raise NotFoundError(_NO_WORDS)
    return str(case)


def _rows(connection: Connection, case: str, entry: str) -> list[RowMapping]:
    """Return one letter to the witness of a case, or all of them, by day and id."""
    query = _FOUND.where(entries.c.case == case, grants.c.reader == WITNESS)
    if entry:
        query = query.where(entries.c.id == entry)
    query = query.order_by(entries.c.day, entries.c.id)
    return list(connection.execute(query).mappings().all())


def _sealed(row: RowMapping) -> wire.Sealed:
    names = ("case", "kind", "day", "header", "payload")
    return wire.Sealed(entry=row["id"], reader=WITNESS, **{name: row[name] for name in names})
