"""Mail to offices: what is due, decided once for each fixed hour, from grants alone.

Rules: filing writes nothing here; a fixed hour is decided once, whatever is decided, so that what
comes later waits for the next; a row says to whom by role, never by address; a row that was handed
over is deleted; an entry is noted as fetched before it is given, as by an office's own program, so
that nothing is called unread that may be on its way.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, delete, exists, func, insert, select, update

from intake.errors import NotFoundError
from intake.store.database import Database
from intake.store.tables import cases, entries, evidence, exhibits, grants, outbox, rounds

LONGEST_WAIT = 108_000
"""Seconds to the next try at most: a day and a quarter. A time further away was set by a clock that
has been put back since."""

_DAY = 86_400
"""A clock put back by less than this waits for the hours that were decided; by more, it was wrong
before, and waiting could take years."""

SITE = "-site"
"""In place of an office, in mails on the site itself; no office has such an id."""

_NONE = "there is no such mail, list them: intake outbox"


@dataclass(frozen=True)
class Round:
    """An office's last fixed hour, and what is decided at it.

    `hour` is in seconds since 1970. With `attach` each entry is a mail; `always` sends a notice
    even if nothing came. Something unfetched of the day `overdue` or before is told to
    `escalate_to`, again once it was told on the day `remind` or before.
    """

    office: str
    hour: int
    attach: bool = False
    always: bool = False
    overdue: date | None = None
    remind: date | None = None
    escalate_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """What an office gets at once of a report that was marked as urgent.

    With `attach` the entry itself. After `seconds`, if it is still unfetched, a second reader is
    told; 0 is never.
    """

    office: str
    attach: bool = False
    seconds: int = 0


@dataclass(frozen=True)
class Row:
    """A mail that waits or is dead.

    `kind` is `health`, `notice`, `entry`, `urgent` or `unfetched`; `recipient` is `office`,
    `second` or `operator`; `next_try` is in seconds since 1970; `error` is the class of the last
    failure.
    """

    id: str
    kind: str
    office: str
    recipient: str
    entry: str | None
    dead: bool
    attempts: int
    next_try: int
    error: str


@dataclass(frozen=True)
class Opened:
    """A sealed entry to be sent: `data` is a standard age file, `evidence` is (id, size) of each.

    `is_first` where nobody had fetched it before this try.
    """

    data: bytes
    evidence: tuple[tuple[str, int], ...]
    is_first: bool


class Outbox:
    """The use cases of mail, over one database. `random` gives so many random bytes."""

    def __init__(self, database: Database, random: Callable[[int], bytes] = os.urandom) -> None:
        """Work on this database."""
        self._database = database
        self._random = random

    def decide(self, plan: Round, now: int, today: date) -> None:
        """Plan what an office gets at its last fixed hour, unless that was decided before.

        The first hour ever is only noted: a worker that starts says nothing by starting.
        """
        if not _is_open(self._decided(plan.office), plan.hour, now):
            return  # each minute, without the writers' lock
        with self._database.write() as connection:
            mine = rounds.c.office == plan.office
            row = connection.execute(select(rounds).where(mine)).mappings().one_or_none()
            if row is None:
                connection.execute(insert(rounds).values(office=plan.office, decided=plan.hour))
                return
            if not _is_open(row["decided"], plan.hour, now):
                return
            connection.execute(update(rounds).where(mine).values(decided=plan.hour))
            if plan.hour < row["decided"]:
                return  # the clock was wrong; the next hour is decided as always
            self._announce(connection, plan, now)
            self._escalate(connection, plan, row["reminded"], now, today)

    def alarm(self, plan: Alarm, now: int) -> None:
        """Plan what cannot wait for an hour: once for each urgent report, and once for a second.

        Asked before `decide`, which takes what is urgent for told. An office without a first hour
        waits for it: a minute.
        """
        fresh = _urgent(plan.office).where(grants.c.announced.is_(None))
        waits = select(rounds.c.alarmed).where(rounds.c.office == plan.office)
        with self._database.read() as connection:
            found = connection.execute(fresh.limit(1)).first()
            alarmed = connection.execute(waits).scalar_one_or_none()
        if found is None and alarmed is None:
            return  # each minute, without the writers' lock
        with self._database.write() as connection:
            row = connection.execute(waits).one_or_none()
            if row is None:
                return
            names = [str(name) for name in connection.execute(fresh).scalars()]
            self._hurry(connection, plan, names, now)
            # A clock that was put back counts from now.
            since = now if row.alarmed is None else min(row.alarmed, now)
            is_open = connection.execute(_urgent(plan.office).limit(1)).first() is not None
            if is_open and plan.seconds and now - since >= plan.seconds:
                self._tell(connection, plan.office, "urgent", ("second",), now)
                is_open = False
            mine = rounds.c.office == plan.office
            alarm = since if is_open and plan.seconds else None
            connection.execute(update(rounds).where(mine).values(alarmed=alarm))

    def begin_look(self, now: int, seconds: int) -> bool:
        """Return whether it is time to look at the site again, and note that somebody does."""
        mine = rounds.c.office == SITE
        with self._database.read() as connection:
            row = connection.execute(select(rounds.c.decided).where(mine)).one_or_none()
        if row and 0 <= now - row.decided < seconds:
            return False
        with self._database.write() as connection:
            if row:
                connection.execute(update(rounds).where(mine).values(decided=now))
            else:
                connection.execute(insert(rounds).values(office=SITE, decided=now))
        return True

    def report(self, now: int, today: date, days: int, *, is_new: bool) -> None:
        """Plan a mail on how the site is, where something is new or the last one is old."""
        mine = rounds.c.office == SITE
        with self._database.write() as connection:
            last = connection.execute(select(rounds.c.reminded).where(mine)).scalar_one_or_none()
            if not is_new and last and 0 <= (today - last).days < days:
                return
            connection.execute(update(rounds).where(mine).values(reminded=today))
            self._tell(connection, SITE, "health", ("operator",), now)

    def due(self, now: int) -> tuple[Row, ...]:
        """Return what is to be tried now, office by office, the longest waiting first."""
        is_due = (outbox.c.next_try <= now) | (outbox.c.next_try > now + LONGEST_WAIT)
        query = select(outbox).where(~outbox.c.dead & is_due)
        return self._rows(query.order_by(outbox.c.office, outbox.c.next_try, outbox.c.id))

    def all(self) -> tuple[Row, ...]:
        """Return everything that waits or is dead."""
        return self._rows(select(outbox).order_by(outbox.c.dead, outbox.c.office, outbox.c.id))

    def dead(self) -> int:
        """Return how many mails are dead."""
        query = select(func.count()).where(outbox.c.dead)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def begin(self, row: Row, next_try: int) -> None:
        """Count a try before it is made; raises NotFoundError where the mail was dropped since.

        One that ends the worker each time it is tried counts too, and dies like others.
        """
        values = {"attempts": outbox.c.attempts + 1, "next_try": next_try}
        with self._database.write() as connection:
            waiting = (outbox.c.id == row.id) & ~outbox.c.dead
            if not connection.execute(update(outbox).where(waiting).values(**values)).rowcount:
                raise NotFoundError(_NONE)

    def give(self, row: Row, today: date) -> Opened:
        """Note that an entry is fetched, and return it; raises NotFoundError where it is gone."""
        mine = (grants.c.entry == row.entry) & (grants.c.reader == row.office)
        first = mine & grants.c.fetched.is_(None)
        sealed = select(grants.c.header, entries.c.payload).join(entries).where(mine)
        files = (
            select(evidence.c.id, evidence.c.size)
            .join(exhibits)
            .where(exhibits.c.entry == row.entry)
            .order_by(evidence.c.id)
        )
        with self._database.write() as connection:
            found = connection.execute(update(grants).where(first).values(fetched=today))
            data = connection.execute(sealed).one_or_none()
            if data is None:
                connection.execute(delete(outbox).where(outbox.c.id == row.id))
            named = tuple((str(name), int(size)) for name, size in connection.execute(files))
        if data is None:  # taken back or deleted since; said only here, or the row would stay
            raise NotFoundError(_NONE)
        return Opened(data.header + data.payload, named, is_first=bool(found.rowcount))

    def sent(self, row: Row) -> None:
        """Forget a mail that a server took, and dead ones that said the same."""
        same = (
            outbox.c.dead
            & (outbox.c.kind == row.kind)
            & (outbox.c.office == row.office)
            & (outbox.c.recipient == row.recipient)
            & outbox.c.entry.is_(None)
        )
        with self._database.write() as connection:
            connection.execute(delete(outbox).where((outbox.c.id == row.id) | same))

    def failed(self, row: Row, error: str, *, dead: bool, take_back: bool) -> None:
        """Note why a try failed; with `take_back`, that its entry is not fetched after all."""
        with self._database.write() as connection:
            mine = outbox.c.id == row.id
            connection.execute(update(outbox).where(mine).values(error=error, dead=dead))
            if take_back:
                note = (grants.c.entry == row.entry) & (grants.c.reader == row.office)
                connection.execute(update(grants).where(note).values(fetched=None))

    def retry(self, name: str, now: int) -> None:
        """Let a mail be tried at once, as if for the first time; raises NotFoundError."""
        self._change(name, dead=False, attempts=0, next_try=now)

    def drop(self, name: str) -> None:
        """Forget a mail; raises NotFoundError. Its entry stays, to be fetched."""
        with self._database.write() as connection:
            if not connection.execute(delete(outbox).where(outbox.c.id == name)).rowcount:
                raise NotFoundError(_NONE)

    def sweep(self) -> None:
        """Forget attachments whose entry was taken back or deleted."""
        held = exists().where(grants.c.entry == outbox.c.entry, grants.c.reader == outbox.c.office)
        gone = outbox.c.entry.is_not(None) & ~held
        with self._database.read() as connection:
            if connection.execute(select(outbox.c.id).where(gone).limit(1)).first() is None:
                return
        with self._database.write() as connection:
            connection.execute(delete(outbox).where(gone))

    def _change(self, name: str, **values: object) -> None:
        with self._database.write() as connection:
            mine = outbox.c.id == name
            if not connection.execute(update(outbox).where(mine).values(**values)).rowcount:
                raise NotFoundError(_NONE)

    def _decided(self, office: str) -> int | None:
        with self._database.read() as connection:
            query = select(rounds.c.decided).where(rounds.c.office == office)
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else int(found)

    def _announce(self, connection: Connection, plan: Round, now: int) -> None:
        """Plan a notice, or each entry, for what no round saw yet."""
        mine = (grants.c.reader == plan.office) & grants.c.announced.is_(None)
        unfetched = select(grants.c.entry).where(mine & grants.c.fetched.is_(None))
        fresh = list(connection.execute(unfetched).scalars())
        connection.execute(update(grants).where(mine).values(announced=True))
        if plan.attach:
            self._attach(connection, plan.office, fresh, now)
        elif fresh or plan.always:
            self._tell(connection, plan.office, "notice", ("office",), now)

    def _hurry(self, connection: Connection, plan: Alarm, names: list[str], now: int) -> None:
        """Plan what an office gets of these urgent reports."""
        mine = (grants.c.reader == plan.office) & grants.c.entry.in_(names)
        connection.execute(update(grants).where(mine).values(announced=True))
        if plan.attach:
            self._attach(connection, plan.office, names, now)
        elif names:
            self._tell(connection, plan.office, "urgent", ("office",), now)

    def _attach(self, connection: Connection, office: str, names: Iterable[str], now: int) -> None:
        for entry in names:
            subject = f"entry {office} {entry}"
            self._insert(connection, office, "entry", "office", subject, now, entry)

    def _escalate(
        self, connection: Connection, plan: Round, reminded: date | None, now: int, today: date
    ) -> None:
        """Plan to tell others that something lies here for too long."""
        if plan.overdue is None or plan.remind is None:
            return
        if reminded and plan.remind < reminded <= today:
            return
        mine = (grants.c.reader == plan.office) & grants.c.fetched.is_(None)
        oldest = connection.execute(select(func.min(grants.c.day)).where(mine)).scalar_one()
        if oldest is None or oldest > plan.overdue:
            return
        office = rounds.c.office == plan.office
        connection.execute(update(rounds).where(office).values(reminded=today))
        self._tell(connection, plan.office, "unfetched", plan.escalate_to, now)

    def _tell(
        self, connection: Connection, office: str, kind: str, to: Iterable[str], now: int
    ) -> None:
        """Plan a mail without content to each, but where one that says the same still waits."""
        for recipient in to:
            same = (
                (outbox.c.office == office)
                & (outbox.c.kind == kind)
                & (outbox.c.recipient == recipient)
                & ~outbox.c.dead
            )
            if connection.execute(select(outbox.c.id).where(same)).first() is None:
                subject = f"{kind} {office} {recipient} {now}"
                self._insert(connection, office, kind, recipient, subject, now)

    def _insert(  # noqa: PLR0913, PLR0917 - the columns of a row
        self,
        connection: Connection,
        office: str,
        kind: str,
        recipient: str,
        subject: str,
        now: int,
        entry: str | None = None,
    ) -> None:
        """Insert a row, unless one of its subject is there."""
        if connection.execute(select(outbox.c.id).where(outbox.c.subject == subject)).first():
            return
        values = {"kind": kind, "office": office, "recipient": recipient, "entry": entry}
        fresh = {"dead": False, "attempts": 0, "next_try": now, "error": ""}
        name = self._random(16).hex()
        connection.execute(insert(outbox).values(id=name, subject=subject, **values, **fresh))

    def _rows(self, query: object) -> tuple[Row, ...]:
        with self._database.read() as connection:
            found = connection.execute(query).mappings().all()  # type: ignore[call-overload]
        return tuple(Row(**{name: row[name] for name in Row.__dataclass_fields__}) for row in found)


def _is_open(decided: int | None, hour: int, now: int) -> bool:
    """Whether an hour is still to be decided, or the last one lies where no clock should be."""
    return decided is None or hour > decided or (hour < decided and decided > now + _DAY)


def _urgent(office: str) -> Select[tuple[str]]:
    """Return the query of an office's unfetched reports that were marked as urgent."""
    return (
        select(grants.c.entry)
        .join(entries, entries.c.id == grants.c.entry)
        .join(cases, cases.c.id == entries.c.case)
        .where(
            grants.c.reader == office,
            grants.c.fetched.is_(None),
            entries.c.kind == "report",
            cases.c.urgent,
        )
    )
