"""`intake migrate`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.ops.restore import refuse_unfinished
from intake.store import migrate as migrations
from intake.store.database import Database


@click.command()
@settings.option
def migrate(config_file: Path | None) -> None:
    """Bring the database to this program's schema."""
    data = Path(settings.read(config_file).data)
    refuse_unfinished(data)  # an empty database would be in the way of the one that comes back
    database = Database(data)
    click.echo(f"the database has schema {migrations.migrate(database)}")
    database.close()
