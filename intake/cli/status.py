"""`intake status`."""

import sys
from pathlib import Path

import click

from intake.cli import settings
from intake.core import programme as programmes
from intake.core.plain import printable
from intake.crypto import keyring
from intake.ops import status as statuses
from intake.ops.check import check
from intake.ops.status import Line, Site
from intake.server.assemble import programme_file
from intake.server.config import Config
from intake.server.services import utc_today


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Also what is well.")
@settings.option
def status(config_file: Path | None, *, show_all: bool) -> None:
    """Say what needs somebody's hand; exit code 1 where anything does."""
    lines = look(settings.read(config_file))
    bad = [line for line in lines if line.is_bad]
    for line in lines if show_all else bad:
        click.echo(printable(f"{'!' if line.is_bad else ' '} {line.about}: {line.text}"))
    if bad:
        sys.exit(1)
    click.echo("all is well")


def look(config: Config) -> list[Line]:
    """Return every line of the status of these settings' site; raises IntakeError."""
    text, name = programme_file(config)
    today, keys = utc_today(), Path(config.keys)
    programme = programmes.parse(text, name)
    ring, _ = keyring.read(keys, programme, today)
    with settings.opened(config) as database:
        site = Site(
            database,
            Path(config.data),
            config.disk_megabytes << 20,
            programme,
            ring,
            check(text, name, keys, today),
            Path(config.backup) if config.backup else None,
        )
        return list(statuses.look(site, today))
