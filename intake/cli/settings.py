"""The settings of a server's command, read once, and the database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from intake.ops.restore import refuse_unfinished
from intake.server import config as settings
from intake.server.config import Config
from intake.store import migrate
from intake.store.database import Database

option = click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of settings; INTAKE_* variables override it.",
)


def read(config_file: Path | None) -> Config:
    """Return the settings; the only place that reads the environment."""
    return settings.read(os.environ, config_file)


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    """Yield the database of these settings, closed at the end.

    Raises StoreError where it has not this program's schema, and BackupError before anything is
    made in a folder that a restore has not finished: an empty database would stand in its way.
    """
    refuse_unfinished(Path(config.data))
    database = Database(Path(config.data))
    try:
        migrate.check(database)
        yield database
    finally:
        database.close()
