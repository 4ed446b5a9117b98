"""Migrations: they make the schema that the program expects, and it runs on no other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from intake.errors import StoreError
from intake.store import migrate
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.records import Records
from intake.store.tables import metadata
from tests.store.samples import filing, kept, rows


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """Make a database without a table."""
    made = Database(tmp_path / "empty")
    yield made
    made.close()


def schema(database: Database) -> dict[str, str]:
    """Return what made each table and index of ours, spaces apart."""
    query = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    with database.read() as connection:
        made = {str(name): re.sub(r"\s+", "", sql) for name, sql in connection.execute(query)}
    made.pop("alembic_version", None)
    return made


def test_migrations_make_the_schema_of_the_tables(database: Database) -> None:
    """Alembic finds no difference between what it made and what the program expects."""
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_make_each_table_letter_by_letter(database: Database, empty: Database) -> None:
    """Also keys, foreign keys and WITHOUT ROWID, which Alembic does not compare."""
    with empty.write() as connection:
        metadata.create_all(connection)
    assert schema(database) == schema(empty)
    assert len(schema(database)) > len(metadata.tables)


def test_migrating_again_changes_nothing(database: Database) -> None:
    """What is kept stays, and so does the schema."""
    Records(database).file(filing(1, "inv"))
    before = schema(database)
    assert migrate.migrate(database) == migrate.migrate(database)
    assert schema(database) == before
    assert kept(database) == (1, 1, 1)


def test_cases_of_an_older_schema_are_kept(empty: Database) -> None:
    """What was filed before a new revision can be added to after it."""
    config = migrate._config()
    with empty.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = {"id": "c" * 32, "token": b"t" * 32}
        connection.execute(
            text("INSERT INTO cases VALUES (:id, '2026-11-24', :token, :token, 1)"), old
        )
    migrate.migrate(empty)
    case = Cases(empty).behind(b"t" * 32)
    assert (case.id, case.deletion, case.additions) == ("c" * 32, None, frozenset())


def test_database_without_schema_is_refused(empty: Database) -> None:
    """A server says what to run, and runs on none."""
    with pytest.raises(StoreError, match="intake migrate"):
        migrate.check(empty)
    migrate.migrate(empty)
    migrate.check(empty)


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_schema_of_another_program_is_refused(database: Database, revision: str) -> None:
    """An older one and a newer one alike."""
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    with pytest.raises(StoreError, match="intake migrate"):
        migrate.check(database)


def test_migration_that_fails_leaves_the_database_as_it_was(empty: Database) -> None:
    """A table of that name stands in its way: no other table is made."""
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE sessions (strange TEXT)"))
    with pytest.raises(StoreError):
        migrate.migrate(empty)
    assert set(schema(empty)) == {"sessions"}
    assert rows(empty, "sessions") == 0
