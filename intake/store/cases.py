"""How a case grows and ends: additions, withdrawal, deletion. By its mailbox, never by name.

Rules: whoever gives a mailbox's hash had the witness's words; an addition is one transaction,
and sent twice it is kept once; what is deleted leaves a tombstone, by which a restored copy of the
database is cleared of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from intake.core import wire
from intake.core.programme import WITNESS
from intake.crypto.keeper import Deposit
from intake.errors import ConflictError, NotFoundError
from intake.store import graves
from intake.store.database import Database
from intake.store.graves import HERS, Tombstone
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
    grants,
    holds,
    tombstones,
)
from intake.store.uploads import claim

# Made once: building a statement costs more than running it.
_FIND = select(cases.c.id, cases.c.day, cases.c.deletion, cases.c.reissued, cases.c.wrapped).where(
    cases.c.mailbox_hash == bindparam("mailbox")
)
_HELD = (
    select(entries.c.id, entries.c.kind, entries.c.day, grants.c.reader, grants.c.fetched)
    .outerjoin(grants)
    .where(entries.c.case == bindparam("case"))
)
_ADDED = select(additions.c.id).where(additions.c.case == bindparam("case"))
_KNOWN = select(
    cases.c.id,
    select(additions.c.digest).where(additions.c.id == bindparam("addition")).scalar_subquery(),
    select(func.count())
    .where(grants.c.entry.in_(bindparam("needs", expanding=True)), grants.c.reader != WITNESS)
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

    `deletion` is the day on which it is deleted; `withdrawn` names entries taken back; `mail` is
    what the witness herself may fetch, by day and id. What offices keep to themselves is not told.
    `reissued` is the day when new words were given; `wrapped` then opens with them alone.
    """

    id: str
    day: date
    deletion: date | None
    held: Mapping[str, Held]
    additions: frozenset[str]
    withdrawn: frozenset[str]
    mail: tuple[wire.Mail, ...]
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
            added = _added(connection, case.id)
        hers = [row for row in rows if row.kind in HERS]
        mail = [
            wire.Mail(row.day, row.id, row.fetched, row.kind)
            for row in rows
            if row.reader == WITNESS
        ]
        return Case(
            case.id,
            case.day,
            case.deletion,
            {row.id: Held(row.reader, row.fetched) for row in hers if row.reader},
            added,
            frozenset(row.id for row in hers if not row.reader),
            tuple(sorted(mail, key=lambda one: (one.day, one.entry))),
            case.reissued,
            case.wrapped or b"",
        )

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

        A deletion that was asked for is cancelled, since nobody could cancel it later; what nobody
        can fetch any more is deleted.
        """
        refuse_plain(addition.items)
        values = {"mailbox_hash": nobody, "deletion": None}
        with self._database.write() as connection:
            case = _case(connection, addition.mailbox_hash).id
            _add(connection, addition)
            connection.execute(update(cases).where(cases.c.id == case).values(**values))
            graves.remember(connection, [Tombstone(case, MAILBOX, addition.day)])
            graves.empty_mailbox(connection, case, addition.day)

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
        NotFoundError, also for a name of something else than this case's reports and messages.
        The same notice sent again changes nothing, and is answered as before.
        """
        refuse_plain((*notice.items, *others))
        taken = tuple(names)
        with self._database.write() as connection:
            case = _case(connection, notice.mailbox_hash).id
            if _is_kept(connection, notice):
                return _holds_any(connection, notice.items)
            _refuse_strange(connection, case, taken)
            if _added(connection, case) != known:
                raise ConflictError("something was added meanwhile, take it back again")
            mine = grants.c.entry.in_(taken)
            seen = select(func.count()).where(mine & grants.c.fetched.is_not(None))
            was_read = bool(connection.execute(seen).scalar_one())
            _add(connection, notice, keep_items=was_read)
            _insert(connection, case, notice.day, others)
            graves.withdraw(connection, taken, notice.day)
            return was_read

    def purge(self, today: date) -> int:
        """Delete the cases whose day has come, leave tombstones, and return how many.

        Their bytes are in the files until `Database.tidy`.
        """
        due = select(cases.c.id).where(cases.c.deletion <= today)
        with self._database.write() as connection:
            found = list(connection.execute(due).scalars())
            for case in found:
                graves.delete_case(connection, case, today)
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
                graves.expire(connection, case, reader, today)
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
        """Return how many entries each office has not fetched; none where there are none."""
        query = (
            select(grants.c.reader, func.count())
            .where(grants.c.fetched.is_(None), grants.c.reader != WITNESS)
            .group_by(grants.c.reader)
            .order_by(grants.c.reader)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def oldest_unread(self) -> dict[str, date]:
        """Return since when each office has something to fetch; none that has nothing."""
        query = (
            select(grants.c.reader, func.min(grants.c.day))
            .where(grants.c.fetched.is_(None), grants.c.reader != WITNESS)
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
                    graves.remember(connection, [stone])
                    graves.empty_mailbox(connection, stone.name, stone.day)
                elif stone.reader == WORDS:
                    bury_words(connection, stone.name, random(32))
                    graves.remember(connection, [stone])
                elif stone.reader:
                    graves.bury(connection, [stone])
                else:
                    graves.delete_entries(connection, [stone.name], stone.day)
                    graves.delete_case(connection, stone.name, stone.day)


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


def _is_kept(connection: Connection, notice: Addition) -> bool:
    """Whether a notice was kept before; raises ConflictError where it was another."""
    query = select(additions.c.digest).where(additions.c.id == notice.id)
    digest = connection.execute(query).scalar_one_or_none()
    if digest not in (None, notice.digest):
        raise ConflictError("something else was added meanwhile, look at the case and add again")
    return digest is not None


def _holds_any(connection: Connection, items: tuple[Item, ...]) -> bool:
    names = [item.entry for item in items]
    held = select(grants.c.entry).where(grants.c.entry.in_(names)).limit(1)
    return connection.execute(held).first() is not None


def _refuse_strange(connection: Connection, case: str, names: tuple[str, ...]) -> None:
    """Raise NotFoundError unless every name is that of a report or a message of this case."""
    mine = (entries.c.case == case) & entries.c.kind.in_(HERS)
    found = select(func.count()).where(entries.c.id.in_(names), mine)
    if connection.execute(found).scalar_one() != len(set(names)):
        raise NotFoundError("the case holds no such entry, look at it and take it back again")


def _insert(connection: Connection, case: str, day: date, items: tuple[Item, ...]) -> None:
    if items:
        connection.execute(INSERT_ENTRIES, [entry_row(case, day, item) for item in items])
        connection.execute(INSERT_GRANTS, [grant_row(day, item) for item in items])
        claim(connection, case, [named for item in items for named in item.named])
