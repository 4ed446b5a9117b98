"""`intake check`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.core import programme as programmes
from intake.errors import UnsafeError
from intake.ops.check import check as find
from intake.server.assemble import programme_file
from intake.server.services import utc_today


@click.command()
@settings.option
def check(config_file: Path | None) -> None:
    """Say everything that is wrong with programme and keys, at once."""
    config = settings.read(config_file)
    text, name = programme_file(config)
    problems = find(text, name, Path(config.keys), utc_today())
    if problems:
        raise UnsafeError("\n".join((f"{len(problems)} things are wrong", *problems)))
    click.echo("nothing is wrong")
    operator = programmes.parse(text, name).operator
    if operator:
        click.echo(f"the people of {operator} run this server too: the form says so")
