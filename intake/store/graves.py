"""What is gone: grants, entries and cases deleted, and the tombstones that they leave.

Rules: whatever is deleted leaves a tombstone, by which a restored copy of the database is cleared
of it; the row of a report or message that nobody holds any more stays, empty, and says to whoever
has the words that it was taken back.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as insert_unless

from intake.core.programme import WITNESS
from intake.store.tables import (
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

HERS = ("report", "message")
"""The kinds of entries that a witness wrote to an office."""


class Tombstone(NamedTuple):
    """What is gone: see `tables.tombstones`."""

    name: str
    reader: str
    day: date


def remember(connection: Connection, stones: Sequence[Tombstone]) -> None:
    """Keep tombstones, each once."""
    rows = [stone._asdict() for stone in stones]
    if rows:
        connection.execute(insert_unless(tombstones).on_conflict_do_nothing(), rows)


def bury(connection: Connection, stones: Sequence[Tombstone]) -> None:
    """Delete grants, and what nobody holds then; leave tombstones.

    A file that no entry names any more goes with the next sweep.
    """
    for name, reader, _ in stones:
        mine = (grants.c.entry == name) & (grants.c.reader == reader)
        connection.execute(delete(grants).where(mine))
    days = {stone.name: stone.day for stone in stones}
    still = select(grants.c.entry).where(grants.c.entry.in_(days))
    empty = days.keys() - set(connection.execute(still).scalars())
    found = select(entries.c.id, entries.c.kind).where(entries.c.id.in_(empty))
    kinds = {row.id: row.kind for row in connection.execute(found)}
    kept = {name for name, kind in kinds.items() if kind in HERS}
    connection.execute(delete(exhibits).where(exhibits.c.entry.in_(kept)))
    nothing = {"payload": b"", "digest": b""}
    connection.execute(update(entries).where(entries.c.id.in_(kept)).values(**nothing))
    remember(connection, stones)
    for name in sorted(kinds.keys() - kept):
        delete_entries(connection, [name], days[name])


def withdraw(connection: Connection, names: tuple[str, ...], day: date) -> None:
    """Take entries back from everybody who may fetch them.

    Who then holds nothing that the witness wrote in the case keeps nothing of it, and can answer
    no more; what was written to her stays hers.
    """
    held = select(grants.c.entry, grants.c.reader, entries.c.case).join(entries)
    rows = connection.execute(held.where(grants.c.entry.in_(names))).all()
    bury(connection, [Tombstone(entry, reader, day) for entry, reader, _ in rows])
    for reader, case in sorted({(reader, case) for _, reader, case in rows}):
        left = select(grants.c.entry, entries.c.kind).join(entries)
        left = left.where(entries.c.case == case, grants.c.reader == reader)
        kinds = {row.entry: row.kind for row in connection.execute(left)}
        if not any(kind in HERS for kind in kinds.values()):
            bury(connection, [Tombstone(name, reader, day) for name in sorted(kinds)])


def empty_mailbox(connection: Connection, case: str, day: date) -> None:
    """Delete what only the witness may fetch, and her part of what an office keeps too."""
    mine = select(grants.c.entry).join(entries)
    mine = mine.where(entries.c.case == case, grants.c.reader == WITNESS)
    names = sorted(connection.execute(mine).scalars())
    bury(connection, [Tombstone(name, WITNESS, day) for name in names])


def expire(connection: Connection, case: str, reader: str, day: date) -> None:
    """Delete what an office holds of a case, and the case where no office holds any of it."""
    mine = select(grants.c.entry).join(entries)
    mine = mine.where(entries.c.case == case, grants.c.reader == reader)
    names = set(connection.execute(mine).scalars())
    bury(connection, [Tombstone(name, reader, day) for name in sorted(names)])
    held = select(grants.c.entry, grants.c.reader).join(entries).where(entries.c.case == case)
    still = connection.execute(held).all()
    # It was not taken back: no row says so.
    delete_entries(connection, sorted(names - {row.entry for row in still}), day)
    if all(row.reader == WITNESS for row in still):
        delete_case(connection, case, day)


def delete_entries(connection: Connection, names: Sequence[str], day: date) -> None:
    """Delete entries with all that hangs on them, and leave tombstones."""
    connection.execute(delete(exhibits).where(exhibits.c.entry.in_(names)))
    connection.execute(delete(grants).where(grants.c.entry.in_(names)))
    connection.execute(delete(entries).where(entries.c.id.in_(names)))
    remember(connection, [Tombstone(name, "", day) for name in names])


def delete_case(connection: Connection, case: str, day: date) -> None:
    """Delete a case with all that hangs on it, and leave tombstones.

    Its files go with the next sweep.
    """
    mine = select(entries.c.id).where(entries.c.case == case)
    delete_entries(connection, list(connection.execute(mine).scalars()), day)
    for table in (additions, evidence, holds, keepers):
        connection.execute(delete(table).where(table.c.case == case))
    connection.execute(delete(cases).where(cases.c.id == case))
    remember(connection, [Tombstone(case, "", day)])
