"""`intake serve`."""

import os
from pathlib import Path

import click

from intake.cli import settings
from intake.errors import UnsafeError
from intake.ops.check import check
from intake.ops.restore import refuse_unfinished
from intake.server import run
from intake.server.assemble import programme_file
from intake.server.config import Config, contradictions
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.database import FILE, Database


@click.command()
@settings.option
def serve(config_file: Path | None) -> None:
    """Run the server; refuses to start where `check` finds programme or keys wrong."""
    run.forget_memory()
    config = settings.read(config_file)
    prepare(config)
    run.serve(config)


def prepare(config: Config) -> None:
    """Check everything, and make the database where there is none; raises IntakeError."""
    os.umask(0o077)
    text, name = programme_file(config)
    found = check(text, name, Path(config.keys), utc_today())
    problems = (*contradictions(config), *found)
    if problems:
        raise UnsafeError("\n".join(("not started, mend this first:", *problems)))
    refuse_unfinished(Path(config.data))
    is_new = not (Path(config.data) / FILE).exists()
    database = Database(Path(config.data))
    if is_new:
        migrate.migrate(database)
    migrate.check(database)
    database.close()
