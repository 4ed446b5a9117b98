"""New words for a case: its keeper asks for the server's half, then says what opens it.

Rules: only whoever holds a live grant on the case and shows the keeper's token; from the first
moment the old words open nothing, also in a copy that is restored later.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake.core.entry import ID
from intake.crypto.keeper import Deposit, token_hash
from intake.errors import ConflictError, NotFoundError, StoreError
from intake.store.database import Database
from intake.store.graves import Tombstone, remember
from intake.store.tables import WORDS, cases, entries, grants, keepers


@dataclass(frozen=True)
class Keeper:
    """Who asks: an office that reads, the case, and the token that its witness sealed to it."""

    reader: str
    case: str
    token: bytes


class Keepers:
    """What a keeper does, over one database."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database

    def release(self, keeper: Keeper, today: date, random: Callable[[int], bytes]) -> bytes:
        """Let the present words open nothing any more, and return the server's half, 32 bytes.

        Asked again, it answers as before. A deletion that was asked for is cancelled, since whoever
        has the lost words may have asked. Raises NotFoundError.
        """
        with self._database.write() as connection:
            half = _half(connection, keeper)
            row = cases.c.id == keeper.case
            mailbox = connection.execute(select(cases.c.mailbox_hash).where(row)).scalar_one()
            values = {"mailbox_hash": random(32), "reissued": today, "deletion": None}
            connection.execute(update(cases).where(row).values(**values))
            remember(connection, [Tombstone(bytes(mailbox).hex()[:32], WORDS, today)])
        return half

    def reissue(self, keeper: Keeper, mailbox: bytes, wrapped: bytes) -> None:
        """Let new words open the case; sent twice, it is kept once.

        Raises ConflictError, NotFoundError.
        """
        values = {"mailbox_hash": mailbox, "wrapped": wrapped}
        try:
            with self._database.write() as connection:
                _half(connection, keeper)
                connection.execute(update(cases).where(cases.c.id == keeper.case).values(**values))
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            raise ConflictError("these words open another case, make others") from error


def deposit(connection: Connection, case: str, given: Deposit) -> None:
    """Put a keeper in the place of the one before."""
    connection.execute(delete(keepers).where(keepers.c.case == case))
    row = {"case": case, "token_hash": given.token_hash, "half": given.half}
    connection.execute(insert(keepers).values(**row))


def bury_words(connection: Connection, name: str, nobody: bytes) -> None:
    """Let words open nothing that were replaced; `name` is half of their mailbox's hash, in hex.

    A deletion that was asked for with them is cancelled again, as it was when they were replaced.
    """
    found = connection.execute(select(cases.c.id, cases.c.mailbox_hash)).all()
    dead = [case for case, mailbox in found if bytes(mailbox).hex().startswith(name)]
    values = {"mailbox_hash": nobody, "deletion": None}
    connection.execute(update(cases).where(cases.c.id.in_(dead)).values(**values))


def _half(connection: Connection, keeper: Keeper) -> bytes:
    """Return the server's half to the keeper of a case; raises NotFoundError.

    One sentence for every reason: whoever may not ask learns nothing of the case.
    """
    refused = NotFoundError("this office is not the keeper of this case's words, open it again")
    if not ID.fullmatch(keeper.case):  # half a surrogate pair would not even reach SQLite
        raise refused
    # A report: of a case that was taken back from it, an office may still hold the notice.
    mine = (entries.c.case == keeper.case) & (entries.c.kind == "report")
    held = select(grants.c.entry).join(entries).where(mine, grants.c.reader == keeper.reader)
    row = connection.execute(select(keepers).where(keepers.c.case == keeper.case)).one_or_none()
    if row is None or connection.execute(held.limit(1)).first() is None:
        raise refused
    if not hmac.compare_digest(row.token_hash, token_hash(keeper.token)):
        raise refused
    return bytes(row.half)
