"""Migrations: from the first table on, the schema changes only through Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from intake.errors import StoreError
from intake.store.database import Database

_FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> str:
    """Bring the schema to its newest revision and return its name."""
    config = _config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return _head(config)


def check(database: Database) -> None:
    """Raise StoreError unless the schema is the one this program was written for."""
    with database.read() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != _head(_config()):
        raise StoreError("the database has another schema than this program, run: intake migrate")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def _head(config: Config) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise StoreError("the migrations are missing, install intake again")
    return head
