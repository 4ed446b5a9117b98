"""A copy of the database for a backup, and whether a copy is whole.

Rules: a copy is one moment of the database, made while it runs; it holds no session, no login and
no file that no case has.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, exists, func, select

from intake.core.entry import ID
from intake.errors import StoreError
from intake.store.database import Database
from intake.store.tables import cases, challenges, entries, evidence, exhibits, sessions


@dataclass(frozen=True)
class Content:
    """What a copy holds: cases, sealed entries, and files as (id, size in bytes)."""

    cases: int
    entries: int
    files: tuple[tuple[str, int], ...]


def copy(database: Database, folder: Path) -> Content:
    """Write one moment of the database into a new database in `folder`; raises StoreError."""
    database.copy(folder)
    made = Database(folder)
    try:
        unclaimed = evidence.c.case.is_(None)
        unnamed = ~exists().where(exhibits.c.evidence == evidence.c.id)
        with made.write() as connection:
            connection.execute(delete(challenges))
            connection.execute(delete(sessions))
            connection.execute(delete(evidence).where(unclaimed | unnamed))
        return content(made)
    finally:
        made.close()


def content(database: Database) -> Content:
    """Return what a database holds."""
    files = select(evidence.c.id, evidence.c.size).order_by(evidence.c.id)
    with database.read() as connection:
        return Content(
            connection.execute(select(func.count()).select_from(cases)).scalar_one(),
            connection.execute(select(func.count()).select_from(entries)).scalar_one(),
            tuple((name, size) for name, size in connection.execute(files)),
        )


def has_file(database: Database, name: str) -> bool:
    """Return whether a case still has a file."""
    mine = (evidence.c.id == name) & evidence.c.case.is_not(None)
    with database.read() as connection:
        return connection.execute(select(evidence.c.id).where(mine)).first() is not None


def check(database: Database) -> None:
    """Raise StoreError unless the database is sound and each entry is what was filed."""
    with database.read() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        strays = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if found != "ok" or strays:
            raise StoreError("the copy of the database is damaged, take an older one")
        rows = connection.execution_options(yield_per=100).execute(
            select(entries.c.id, entries.c.payload, entries.c.digest)
        )
        for name, payload, digest in rows:
            # What was taken back has neither.
            kept = hashlib.sha256(payload).digest() if payload else b""
            if kept != digest or not ID.fullmatch(name):
                raise StoreError("an entry of the copy is damaged, take an older one")
