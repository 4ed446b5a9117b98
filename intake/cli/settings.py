"""The settings of a server's command, read once, and the database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from intake.errors import StoreError
from intake.ops.restore import refuse_unfinished
from intake.server import config as settings
from intake.server.config import Config
from intake.store import migrate
from intake.store.database import FILE, Database

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

    Raises StoreError where it has not this program's schema, and where there is none: made anew,
    it would be an empty one that nobody serves, stopped or purged in the place of the site's.
    Raises BackupError where a restore has not finished.
    """
    data = Path(config.data)
    refuse_unfinished(data)
    if not (data / FILE).is_file():
        raise StoreError(f"no database in {data.absolute()}, name the settings with --config")
    database = Database(data)
    try:
        migrate.check(database)
        yield database
    finally:
        database.close()
