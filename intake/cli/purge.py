"""`intake purge`: what a timer runs each night."""

from pathlib import Path

import click

from intake.cli import settings
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.cases import Cases
from intake.store.database import Database


@click.command()
@settings.option
def purge(config_file: Path | None) -> None:
    """Delete the cases whose witnesses asked for it seven days ago, and tidy the database.

    Tidied even where nothing is deleted: until then its file shows the order of filing.
    """
    database = Database(Path(settings.read(config_file).data))
    try:
        migrate.check(database)
        click.echo(f"cases deleted: {Cases(database).purge(utc_today())}")
    finally:
        database.close()
