"""`intake purge`: what a timer runs each night."""

from pathlib import Path

import click

from intake.cli import settings
from intake.server.assemble import uploads
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.cases import Cases
from intake.store.database import Database


@click.command()
@settings.option
def purge(config_file: Path | None) -> None:
    """Delete what witnesses asked for seven days ago, and files no case has; tidy the database.

    Tidied even where nothing is deleted: until then its file shows the order of filing.
    """
    config = settings.read(config_file)
    database = Database(Path(config.data))
    try:
        migrate.check(database)
        click.echo(f"cases deleted: {Cases(database).purge(utc_today())}")
        click.echo(f"files removed: {uploads(config, database).sweep(utc_today())}")
        database.tidy()
    finally:
        database.close()
