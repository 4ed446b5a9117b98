"""How a case grows and ends: additions, withdrawal, deletion. By its mailbox, never by name.

Rules: whoever gives a mailbox's hash had the witness's words; an addition is one transaction,
and sent twice it is kept once; what is deleted leaves a tombstone, by which a restored copy of the
database is cleared of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_unless

from intake.crypto.keeper import Deposit
from intake.errors import ConflictError, NotFoundError
from intake.store.database import Database
from intake.store.keepers import bury_words, deposit
from intake.store.records import (
    INSERT_ENTRIES,
    INSERT_GRANTS,
    Item,
    entry_row,
    grant_row,
    refuse_plain,
)
from intake.store.tables import (
    MAILBOX,
    WORDS,
    additions,
    cases,
    entries,
    evidence,
    exhibits,
    grants,
    holds,
    keepers,
    tombstones,
)
from intake.store.uploads import claim

# Made once: building a statement costs more than running it.
_FIND = select(cases.c.id, cases.c.day, cases.c.deletion, cases.c.reissued, cases.c.wrapped).where(
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

    `deletion` is the day on which it is deleted; `withdrawn` names entries taken back. `reissued`
    is the day when new words were given; `wrapped` then opens with them alone.
    """

    id: str
    day: date
    deletion: date | None
    held: Mapping[str, Held]
    additions: frozenset[str]
    withdrawn: frozenset[str]
    reissued: date | None = None
    wrapped: bytes = b""


@dataclass(frozen=True)
class Addition:
    """What a witness adds: `digest` covers all that was sent, `items` is one for each office.

    `needs` names entries that must still be held: an office withdrawn meanwhile gets nothing.
    `marks` are names that are remembered beside it. `keeper` replaces who may give new words.
    """

    id: str
    mailbox_hash: bytes
    digest: bytes
    day: date
    items: tuple[Item, ...]
    needs: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    keeper: Deposit | None = None


class Tombstone(NamedTuple):
    """What is gone: see `tables.tombstones`."""

    name: str
    reader: str
    day: date


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
            added = _added(connection, case.id)
            words = (case.reissued, case.wrapped or b"")
            return Case(case.id, case.day, case.deletion, held, added, gone, *words)

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
            _remember(connection, [Tombstone(case, MAILBOX, addition.day)])

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
            _withdraw(connection, taken, notice.day)
            return was_read

    def purge(self, today: date) -> int:
        """Delete the cases whose day has come, leave tombstones, and return how many.

        Their bytes are in the files until `Database.tidy`.
        """
        due = select(cases.c.id).where(cases.c.deletion <= today)
        with self._database.write() as connection:
            found = list(connection.execute(due).scalars())
            for case in found:
                delete_case(connection, case, today)
        return len(found)

    def expire(self, reader: str, before: date, today: date) -> int:
        """Delete what an office has read, of cases where nothing came since `before`; how many.

        Not what it has not fetched all of, nor what is on hold. A case that nobody holds any more
        is deleted whole.
        """
        last = func.max(func.max(grants.c.day, grants.c.fetched))
        old = (
            select(entries.c.case)
            .join(grants)
            .where(grants.c.reader == reader)
            .group_by(entries.c.case)
            .having((func.count() == func.count(grants.c.fetched)) & (last < before))
            .except_(select(holds.c.case).where(holds.c.reader == reader))
        )
        with self._database.write() as connection:
            found = list(connection.execute(old).scalars())
            for case in found:
                _expire(connection, case, reader, today)
        return len(found)

    def hold(self, reader: str, case: str, day: date | None) -> None:
        """Keep a case from being deleted by age, or no more with None.

        Raises NotFoundError where the office may fetch nothing of it.
        """
        mine = (holds.c.case == case) & (holds.c.reader == reader)
        held = select(grants.c.entry).join(entries)
        held = held.where(entries.c.case == case, grants.c.reader == reader).limit(1)
        with self._database.write() as connection:
            if connection.execute(held).first() is None:
                raise NotFoundError("no such case for this office, look at its name again")
            connection.execute(delete(holds).where(mine))
            if day:
                connection.execute(insert(holds).values(case=case, reader=reader, day=day))

    def unread(self) -> dict[str, int]:
        """Return how many entries each reader has not fetched; none where there are none."""
        query = (
            select(grants.c.reader, func.count())
            .where(grants.c.fetched.is_(None))
            .group_by(grants.c.reader)
            .order_by(grants.c.reader)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def oldest_unread(self) -> dict[str, date]:
        """Return since when each reader has something to fetch; none that has nothing."""
        query = (
            select(grants.c.reader, func.min(grants.c.day))
            .where(grants.c.fetched.is_(None))
            .group_by(grants.c.reader)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def tombstones(self) -> tuple[Tombstone, ...]:
        """Return everything that is gone."""
        query = select(tombstones).order_by(tombstones.c.name, tombstones.c.reader)
        with self._database.read() as connection:
            return tuple(Tombstone(*row) for row in connection.execute(query))

    def bury(self, stones: Iterable[Tombstone], random: Callable[[int], bytes]) -> None:
        """Delete what is gone by these tombstones, and keep them: a restored copy has it again."""
        with self._database.write() as connection:
            for stone in stones:
                if stone.reader == MAILBOX:
                    values = {"mailbox_hash": random(32), "deletion": None}
                    mine = cases.c.id == stone.name
                    connection.execute(update(cases).where(mine).values(**values))
                    _remember(connection, [stone])
                elif stone.reader == WORDS:
                    bury_words(connection, stone.name, random(32))
                    _remember(connection, [stone])
                elif stone.reader:
                    _bury(connection, [stone])
                else:
                    delete_entries(connection, [stone.name], stone.day)
                    delete_case(connection, stone.name, stone.day)


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
    reissued: date | None
    wrapped: bytes | None


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
    if addition.keeper:
        deposit(connection, case, addition.keeper)
    if keep_items:
        _insert(connection, case, addition.day, addition.items)
    return True


def _insert(connection: Connection, case: str, day: date, items: tuple[Item, ...]) -> None:
    if items:
        connection.execute(INSERT_ENTRIES, [entry_row(case, day, item) for item in items])
        connection.execute(INSERT_GRANTS, [grant_row(day, item) for item in items])
        claim(connection, case, [named for item in items for named in item.named])


def _withdraw(connection: Connection, names: tuple[str, ...], day: date) -> None:
    """Take entries back from everybody who may fetch them."""
    held = select(grants.c.entry, grants.c.reader).where(grants.c.entry.in_(names))
    _bury(connection, [Tombstone(*row, day) for row in connection.execute(held).all()])


def _bury(connection: Connection, stones: Sequence[Tombstone]) -> None:
    """Delete grants, empty the entries that nobody holds then, leave tombstones.

    An entry's row stays: it says to whoever has the words that it was taken back. A file that no
    entry names any more goes with the next sweep.
    """
    for name, reader, _ in stones:
        mine = (grants.c.entry == name) & (grants.c.reader == reader)
        connection.execute(delete(grants).where(mine))
    names = {stone.name for stone in stones}
    still = select(grants.c.entry).where(grants.c.entry.in_(names))
    empty = names - set(connection.execute(still).scalars())
    connection.execute(delete(exhibits).where(exhibits.c.entry.in_(empty)))
    nothing = {"payload": b"", "digest": b""}
    connection.execute(update(entries).where(entries.c.id.in_(empty)).values(**nothing))
    _remember(connection, stones)


def _expire(connection: Connection, case: str, reader: str, day: date) -> None:
    """Delete what an office holds of a case, and the case where nobody holds any of it."""
    mine = select(grants.c.entry).join(entries)
    mine = mine.where(entries.c.case == case, grants.c.reader == reader)
    names = set(connection.execute(mine).scalars())
    _bury(connection, [Tombstone(name, reader, day) for name in sorted(names)])
    held = select(grants.c.entry).join(entries).where(entries.c.case == case)
    still = set(connection.execute(held).scalars())
    # It was not taken back: no row says so.
    delete_entries(connection, sorted(names - still), day)
    if not still:
        delete_case(connection, case, day)


def _remember(connection: Connection, stones: Sequence[Tombstone]) -> None:
    rows = [stone._asdict() for stone in stones]
    if rows:
        connection.execute(insert_unless(tombstones).on_conflict_do_nothing(), rows)


def delete_entries(connection: Connection, names: Sequence[str], day: date) -> None:
    """Delete entries with all that hangs on them, and leave tombstones."""
    connection.execute(delete(exhibits).where(exhibits.c.entry.in_(names)))
    connection.execute(delete(grants).where(grants.c.entry.in_(names)))
    connection.execute(delete(entries).where(entries.c.id.in_(names)))
    _remember(connection, [Tombstone(name, "", day) for name in names])


def delete_case(connection: Connection, case: str, day: date) -> None:
    """Delete a case with all that hangs on it, and leave tombstones.

    Its files go with the next sweep.
    """
    mine = select(entries.c.id).where(entries.c.case == case)
    delete_entries(connection, list(connection.execute(mine).scalars()), day)
    for table in (additions, evidence, holds, keepers):
        connection.execute(delete(table).where(table.c.case == case))
    connection.execute(delete(cases).where(cases.c.id == case))
    _remember(connection, [Tombstone(case, "", day)])
