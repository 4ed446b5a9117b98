"""Canaries: reports that the server files itself, to see that an office still opens what arrives.

Rules: one at a time; whoever tells the code inside has opened it; then it is gone.
"""

import hashlib
from datetime import date

from sqlalchemy import delete, insert, select

from intake.errors import NotFoundError
from intake.store.database import Database
from intake.store.graves import delete_case
from intake.store.tables import canaries


class Canaries:
    """The use cases of canaries, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def keep(self, case: str, code: str, day: date) -> None:
        """Remember a canary that was filed, and delete those before it."""
        with self._database.write() as connection:
            for old in connection.execute(select(canaries.c.case)).scalars().all():
                connection.execute(delete(canaries).where(canaries.c.case == old))
                delete_case(connection, old, day)
            made = insert(canaries).values(case=case, code_hash=_hash(code), day=day)
            connection.execute(made)

    def open(self, code: str, day: date) -> date:
        """Delete the canary of a code, and return when it was filed; raises NotFoundError."""
        mine = canaries.c.code_hash == _hash(code)
        with self._database.write() as connection:
            found = connection.execute(select(canaries.c.case, canaries.c.day).where(mine)).first()
            if found is None:
                raise NotFoundError("no canary has this code, it was opened before")
            connection.execute(delete(canaries).where(mine))
            delete_case(connection, found.case, day)
        return date.fromisoformat(str(found.day))

    def waiting(self) -> date | None:
        """Return when the canary was filed that nobody has opened yet."""
        with self._database.read() as connection:
            return connection.execute(select(canaries.c.day)).scalar_one_or_none()


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="replace")).digest()
