"""What an office fetches: the day is noted before anything is given, for all of it at once."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, RowMapping, func, select, update

from intake.core import limits, wire
from intake.core.entry import ID
from intake.store.database import Database
from intake.store.tables import entries, grants


def fetch(
    database: Database, reader: str, names: Sequence[str], today: date
) -> dict[str, wire.Sealed]:
    """Return by id which of these an office has a grant for, and note the day."""
    mine = _mine(reader, names)
    query = select(entries, grants.c.header, grants.c.fetched).join(grants).where(mine)
    with database.read() as connection:
        rows = connection.execute(query).mappings().all()
    if any(row["fetched"] is None for row in rows):
        # Noted before it is given, in one transaction, and asked again behind the lock: another
        # fetch may have been the first, and what was withdrawn meanwhile is not given any more.
        first = mine & grants.c.fetched.is_(None)
        with database.write() as connection:
            connection.execute(update(grants).where(first).values(fetched=today))
            rows = connection.execute(query).mappings().all()
    return {row["id"]: _sealed(row, reader) for row in rows}


def fitting(database: Database, reader: str, names: Sequence[str]) -> Sequence[str]:
    """Return the first of these names, as many as one answer holds, and one at least."""
    size = func.length(entries.c.payload) + func.length(grants.c.header)
    query = select(entries.c.id, size.label("size")).join(grants).where(_mine(reader, names))
    with database.read() as connection:
        sizes = {row.id: row.size for row in connection.execute(query)}
    return names[: _count(names, sizes)]


def _count(names: Sequence[str], sizes: Mapping[str, int]) -> int:
    total = 0
    for count, name in enumerate(names):
        total += sizes.get(name, 0)
        if count and total > limits.FETCH_BYTES:
            return count
    return len(names)


def _mine(reader: str, names: Sequence[str]) -> ColumnElement[bool]:
    """Return what finds a reader's grants on these entries; what is no id finds nothing."""
    # Half a surrogate pair would not even reach SQLite.
    known = [name for name in names if ID.fullmatch(name)]
    return grants.c.entry.in_(known) & (grants.c.reader == reader)


def _sealed(row: RowMapping, reader: str) -> wire.Sealed:
    return wire.Sealed(
        case=row["case"],
        entry=row["id"],
        kind=row["kind"],
        day=row["day"],
        reader=reader,
        header=row["header"],
        payload=row["payload"],
    )
