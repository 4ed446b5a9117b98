"""A database with its schema, in a folder of the test, closed at its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.store import migrate
from intake.store.database import Database
from intake.store.records import Records


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make a database with its schema."""
    made = Database(tmp_path)
    migrate.migrate(made)
    yield made
    made.close()


@pytest.fixture
def records(database: Database) -> Records:
    """Give the use cases of the database."""
    return Records(database)
