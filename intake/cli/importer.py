"""`intake import`."""

import sys
from pathlib import Path

import click

from intake.cli import settings
from intake.core import programme as programmes
from intake.core.plain import printable
from intake.errors import IntakeError
from intake.server.assemble import programme_file, uploads
from intake.server.door import Door
from intake.server.parcels import Receiver
from intake.server.services import utc_today
from intake.store.records import Records
from intake.store.state import State


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@settings.option
def importer(files: tuple[Path, ...], config_file: Path | None) -> None:
    """Take in what people saved with the offline form: FILES are the tars as they were saved.

    Run it on the server's machine. Each is kept whole or not at all; the same one twice is kept
    once. One that is refused is named with the reason, and blocks no other; the exit code is 1
    then. What is printed are the ids of cases. Delete the files once they are kept.
    """
    config = settings.read(config_file)
    programme = programmes.parse(*programme_file(config))
    failed = False
    with settings.opened(config) as database:
        receiver = Receiver(
            programme,
            Records(database),
            uploads(config, database),
            Door(State(database)),
            config.file_bytes,
        )
        for path in files:
            try:
                taken = receiver.take(path, utc_today())
            except (IntakeError, OSError) as error:
                failed = True
                why = str(error) if isinstance(error, IntakeError) else f"{error.strerror}, mend it"
                click.echo(f"intake: {printable(path.name)}: {printable(why)}", err=True)
            else:
                click.echo(f"{'kept' if taken.is_new else 'kept before'}: {taken.case}")
    sys.exit(1 if failed else 0)
