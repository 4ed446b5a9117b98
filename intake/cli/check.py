"""`intake check`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.cli.backup import target
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.delivery import settings as delivery
from intake.errors import BackupError, ConfigError, ProgrammeError, UnsafeError
from intake.ops.check import check as find
from intake.server.assemble import programme_file
from intake.server.config import Config, contradictions
from intake.server.services import utc_today
from intake.wordlists import wordlist


@click.command()
@settings.option
def check(config_file: Path | None) -> None:
    """Say everything that is wrong with settings, programme, keys, backups and mail, at once."""
    config = settings.read(config_file)
    text, name = programme_file(config)
    found = find(text, name, Path(config.keys), utc_today())
    problems = (*contradictions(config), *found, *_backup(config), *_mail(config, text, name))
    if problems:
        raise UnsafeError("\n".join((f"{len(problems)} things are wrong", *problems)))
    click.echo("nothing is wrong")
    programme = programmes.parse(text, name)
    words = keyring.spoken(programme.digest, wordlist("en"))
    click.echo(f"the programme, for a desk that begins, to compare by voice: {words}")
    operator = programme.operator
    if operator:
        click.echo(f"the people of {operator} run this server too: the form says so")


def _backup(config: Config) -> tuple[str, ...]:
    """Return what is wrong with the backup keys; where their file is not there, none are made."""
    if not config.backup or not config.backup_keys or not Path(config.backup_keys).exists():
        return ()
    try:
        target(config)
    except (BackupError, ConfigError) as error:
        return (str(error),)
    return ()


def _mail(config: Config, text: str, name: str) -> tuple[str, ...]:
    """Return what is wrong with the file of mail; a programme that is wrong is named before."""
    if not config.delivery:
        return ()
    try:
        return delivery.problems(Path(config.delivery), programmes.parse(text, name))
    except ProgrammeError:
        return ()
