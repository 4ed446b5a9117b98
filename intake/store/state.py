"""What the store remembers of itself between two commands: names, each with a day.

It lies in the database, so every process of a server knows it, and a restored copy too.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from intake.store.database import Database
from intake.store.tables import remembered


class Name(StrEnum):
    """What is remembered, and what its day says."""

    CANARY = "canary"
    """The day of the last canary that an office has opened."""
    PURGED = "purged"
    """The last day on which a purge ran."""
    STOPPED = "stopped"
    """Since when nothing is accepted."""
    CLOSING = "closing"
    """The day on which the programme ends; no new report is accepted."""
    ARCHIVED = "archived"
    """When the archive of a programme that closes was made and read back."""


class State:
    """The days under their names, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def all(self) -> dict[Name, date]:
        """Return everything that is remembered; raises StoreError."""
        with self._database.read() as connection:
            rows = connection.execute(select(remembered.c.name, remembered.c.day)).all()
        return {Name(name): day for name, day in rows}

    def keep(self, name: Name, day: date) -> None:
        """Remember a day in place of an older one; raises StoreError."""
        made = insert(remembered).values(name=name, day=day)
        newer = made.on_conflict_do_update(index_elements=["name"], set_={"day": day})
        with self._database.write() as connection:
            connection.execute(newer)

    def drop(self, name: Name) -> None:
        """Forget a day, if it is there; raises StoreError."""
        with self._database.write() as connection:
            connection.execute(delete(remembered).where(remembered.c.name == name))
