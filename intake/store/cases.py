"""How a case grows and ends: additions, withdrawal, deletion. By its mailbox, never by name.

Rules: whoever gives a mailbox's hash had the witness's words; an addition is one transaction,
and sent twice it is kept once; what is deleted leaves a tombstone, by which a restored copy of the
database can be cleared of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from intake.errors import ConflictError, NotFoundError
from intake.store.database import Database
from intake.store.records import (
    INSERT_ENTRIES,
    INSERT_GRANTS,
    Item,
    entry_row,
    grant_row,
    refuse_plain,
)
from intake.store.tables import (
    additions,
    cases,
    entries,
    evidence,
    exhibits,
    grants,
    tombstones,
)
from intake.store.uploads import claim

# Made once: building a statement costs more than running it.
_FIND = select(cases.c.id, cases.c.day, cases.c.deletion).where(
    cases.c.mailbox_hash == bindparam("mailbox")
)
_HELD = (
    select(entries.c.id, grants.c.reader, grants.c.fetched)
    .outerjoin(grants)
    .where(entries.c.case == bindparam("case"))
)
_ADDED = select(additions.c.id).where(additions.c.case == bindparam("case"))
_KNOWN = select(
    cases.c.id,
    select(additions.c.digest).where(additions.c.id == bindparam("addition")).scalar_subquery(),
    select(func.count())
    .where(grants.c.entry.in_(bindparam("needs", expanding=True)))
    .scalar_subquery(),
).where(cases.c.mailbox_hash == bindparam("mailbox"))
_INSERT_ADDITION = insert(additions)


@dataclass(frozen=True)
class Held:
    """An entry of a case that an office may fetch, and the day when it first did."""

    reader: str
    fetched: date | None


@dataclass(frozen=True)
class Case:
    """What the store knows of a case. Names are those that only the words give.

    `deletion` is the day on which it is deleted; `withdrawn` names entries taken back.
    """

    id: str
    day: date
    deletion: date | None
    held: Mapping[str, Held]
    additions: frozenset[str]
    withdrawn: frozenset[str]


@dataclass(frozen=True)
class Addition:
    """What a witness adds: `digest` covers all that was sent, `items` is one for each office.

    `needs` names entries that must still be held: an office withdrawn meanwhile gets nothing.
    `marks` are names that are remembered beside it.
    """

    id: str
    mailbox_hash: bytes
    digest: bytes
    day: date
    items: tuple[Item, ...]
    needs: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class Cases:
    """What a witness does with her case, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def behind(self, mailbox_hash: bytes) -> Case:
        """Return the case behind a mailbox; raises NotFoundError."""
        with self._database.read() as connection:
            case = _case(connection, mailbox_hash)
            named = {"case": case.id}
            rows = connection.execute(_HELD, named).all()
            held = {entry: Held(reader, fetched) for entry, reader, fetched in rows if reader}
            gone = frozenset(entry for entry, reader, _ in rows if not reader)
            return Case(case.id, case.day, case.deletion, held, _added(connection, case.id), gone)

    def add(self, addition: Addition) -> None:
        """Keep an addition, or find it kept; raises ConflictError, NotFoundError, StoreError."""
        refuse_plain(addition.items)
        with self._database.write() as connection:
            _add(connection, addition)

    def ask_deletion(self, addition: Addition, due: date | None) -> None:
        """Keep a notice, and the day on which the case is deleted, or that it is not after all.

        A notice sent again changes nothing: raises ConflictError where the opposite was asked for
        since.
        """
        refuse_plain(addition.items)
        with self._database.write() as connection:
            case = _case(connection, addition.mailbox_hash)
            if _add(connection, addition):
                mine = cases.c.id == case.id
                connection.execute(update(cases).where(mine).values(deletion=due))
            elif bool(case.deletion) != bool(due):
                raise ConflictError("the opposite was asked for since, look at the case again")

    def close_mailbox(self, addition: Addition, nobody: bytes) -> None:
        """Keep a notice, and let no words open the case any more: `nobody` is 32 random bytes.

        A deletion that was asked for is cancelled, since nobody could cancel it later.
        """
        refuse_plain(addition.items)
        values = {"mailbox_hash": nobody, "deletion": None}
        with self._database.write() as connection:
            case = _case(connection, addition.mailbox_hash).id
            _add(connection, addition)
            connection.execute(update(cases).where(cases.c.id == case).values(**values))

    def withdraw(
        self,
        notice: Addition,
        others: tuple[Item, ...],
        names: Iterable[str],
        known: frozenset[str],
    ) -> bool:
        """Take entries back from the office that holds them; return whether it had fetched any.

        Unread, they are gone and the office never knew. Read, it keeps what it has, and gets the
        notice. `others` is told to other offices in any case. `known` are the additions among which
        `names` was looked for: raises ConflictError where another was made since, and
        NotFoundError.
        """
        refuse_plain((*notice.items, *others))
        taken = tuple(names)
        with self._database.write() as connection:
            case = _case(connection, notice.mailbox_hash).id
            if _added(connection, case) != known:
                raise ConflictError("something was added meanwhile, take it back again")
            mine = grants.c.entry.in_(taken)
            seen = select(func.count()).where(mine & grants.c.fetched.is_not(None))
            was_read = bool(connection.execute(seen).scalar_one())
            _add(connection, notice, keep_items=was_read)
            _insert(connection, case, notice.day, others)
            _bury(connection, taken, notice.day)
            return was_read

    def purge(self, today: date) -> int:
        """Delete the cases whose day has come, leave tombstones, and return how many."""
        due = select(cases.c.id).where(cases.c.deletion <= today)
        with self._database.write() as connection:
            found = list(connection.execute(due).scalars())
            for case in found:
                _delete(connection, case, today)
        self._database.tidy()
        return len(found)


def _added(connection: Connection, case: str) -> frozenset[str]:
    return frozenset(connection.execute(_ADDED, {"case": case}).scalars())


def _case(connection: Connection, mailbox_hash: bytes) -> "_Row":
    row = connection.execute(_FIND, {"mailbox": mailbox_hash}).one_or_none()
    if row is None:
        raise NotFoundError("nothing is kept under these words, compare them")
    return _Row(*row)


@dataclass(frozen=True)
class _Row:
    id: str
    day: date
    deletion: date | None


def _add(connection: Connection, addition: Addition, *, keep_items: bool = True) -> bool:
    """Insert an addition unless it is there, and return whether it was new."""
    asked = {
        "mailbox": addition.mailbox_hash,
        "addition": addition.id,
        "needs": addition.needs,
    }
    row = connection.execute(_KNOWN, asked).one_or_none()
    if row is None:
        raise NotFoundError("nothing is kept under these words, compare them")
    case, digest, held = row
    if digest is not None and digest != addition.digest:
        raise ConflictError("something else was added meanwhile, look at the case and add again")
    if digest is not None:
        return False
    if held < len(addition.needs):
        raise ConflictError("an office was withdrawn meanwhile, look at the case and add again")
    names = (addition.id, *addition.marks)
    rows = [{"id": name, "case": case, "digest": addition.digest} for name in names]
    connection.execute(_INSERT_ADDITION, rows)
    if keep_items:
        _insert(connection, case, addition.day, addition.items)
    return True


def _insert(connection: Connection, case: str, day: date, items: tuple[Item, ...]) -> None:
    if items:
        connection.execute(INSERT_ENTRIES, [entry_row(case, day, item) for item in items])
        connection.execute(INSERT_GRANTS, [grant_row(day, item) for item in items])
        claim(connection, case, [named for item in items for named in item.named])


def _bury(connection: Connection, names: tuple[str, ...], day: date) -> None:
    """Delete the grants of these entries, empty those that nobody holds, leave tombstones.

    An entry's row stays: it says to whoever has the words that it was taken back. A file that no
    entry names any more goes with the next sweep.
    """
    mine = grants.c.entry.in_(names)
    held = list(connection.execute(select(grants.c.entry, grants.c.reader).where(mine)))
    connection.execute(delete(grants).where(mine))
    connection.execute(delete(exhibits).where(exhibits.c.entry.in_(names)))
    empty = {"payload": b"", "digest": b""}
    connection.execute(update(entries).where(entries.c.id.in_(names)).values(**empty))
    for entry, reader in held:
        connection.execute(insert(tombstones).values(name=entry, reader=reader, day=day))


def _delete(connection: Connection, case: str, day: date) -> None:
    mine = select(entries.c.id).where(entries.c.case == case)
    names = tuple(connection.execute(mine).scalars())
    _bury(connection, names, day)
    connection.execute(delete(additions).where(additions.c.case == case))
    connection.execute(delete(evidence).where(evidence.c.case == case))
    connection.execute(delete(entries).where(entries.c.case == case))
    connection.execute(delete(cases).where(cases.c.id == case))
    connection.execute(insert(tombstones).values(name=case, reader="", day=day))
