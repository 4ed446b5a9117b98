"""`intake config`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.server.config import describe


@click.command()
@settings.option
def config(config_file: Path | None) -> None:
    """Print every setting with its value, default and reason."""
    click.echo(describe(settings.read(config_file)), nl=False)
