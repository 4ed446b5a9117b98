"""`intake check`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.errors import UnsafeError
from intake.ops.check import check as find
from intake.server.assemble import programme_file
from intake.server.config import contradictions
from intake.server.services import utc_today


@click.command()
@settings.option
def check(config_file: Path | None) -> None:
    """Say everything that is wrong with settings, programme and keys, at once."""
    config = settings.read(config_file)
    text, name = programme_file(config)
    found = find(text, name, Path(config.keys), utc_today())
    problems = (*contradictions(config), *found)
    if problems:
        raise UnsafeError("\n".join((f"{len(problems)} things are wrong", *problems)))
    click.echo("nothing is wrong")
