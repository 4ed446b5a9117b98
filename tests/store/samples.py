"""What the tests of this folder share: numbered cases of one sealed entry, and raw SQL."""

from datetime import date

from sqlalchemy import text

from intake.core.entry import encode
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import generate_hybrid
from intake.store.database import Database
from intake.store.records import Filing, Item
from tests.crypto import entries

DAY = date(2026, 11, 24)
SEALED = seal(Plaintext(encode(entries.report())), [generate_hybrid().recipient()])


def filing(number: int, *readers: str) -> Filing:
    """Return a case of a number, with one entry for each reader."""
    items = tuple(
        Item(f"{number:016x}{place:016x}", reader, SEALED) for place, reader in enumerate(readers)
    )
    tag = number.to_bytes(32, "big")
    return Filing(f"{number:032x}", DAY, tag, tag, unscripted=True, items=items)


def entry(number: int, place: int = 0) -> str:
    """Return the id of an entry of a numbered case."""
    return f"{number:016x}{place:016x}"


def rows(database: Database, table: str) -> int:
    """Return how many rows a table holds."""
    with database.read() as connection:
        counted = connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of ours
        return int(counted.scalar_one())


def kept(database: Database) -> tuple[int, int, int]:
    """Return how many cases, entries and grants are there."""
    return rows(database, "cases"), rows(database, "entries"), rows(database, "grants")
