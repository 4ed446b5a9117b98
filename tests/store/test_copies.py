"""A copy of the database: what is not sound is not taken for whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from intake.errors import StoreError
from intake.store import copies
from intake.store.database import FILE, Database
from intake.store.records import Records
from tests.store.samples import filing

DAMAGE = {
    # An index that is gone from the list of them: its page belongs to nothing.
    "lost page": (
        "PRAGMA writable_schema = ON",
        "DELETE FROM sqlite_master WHERE name = 'ix_entries_case'",
    ),
    # A grant whose entry is not there.
    "stray row": ("UPDATE grants SET entry = 'ffffffffffffffffffffffffffffffff'",),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_unsound_copy_is_refused(
    database: Database, records: Records, tmp_path: Path, damage: tuple[str, ...]
) -> None:
    """Though every entry in it is what was filed."""
    records.file(filing(1, "inv"))
    copies.check(database)
    database.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as raw:
        for line in damage:
            raw.execute(line)
        raw.commit()
    with (
        closing(Database(tmp_path)) as damaged,
        pytest.raises(StoreError, match="the copy of the database is damaged"),
    ):
        copies.check(damaged)
