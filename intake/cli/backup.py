"""`intake backup`."""

from pathlib import Path

import click

from intake.cli import settings
from intake.errors import BackupError, ConfigError
from intake.ops import backup as backups
from intake.ops.backup import Target
from intake.server.assemble import blobs
from intake.server.config import Config
from intake.server.services import utc_today


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Only look whether the newest is whole.")
@settings.option
def backup(config_file: Path | None, *, only_check: bool) -> None:
    """Seal a moment of the database, and the files that are new, into the folder of backups.

    The server goes on meanwhile. It needs as much free disk as the database has.
    """
    config = settings.read(config_file)
    to = target(config)
    if only_check:
        _check(to)
        return
    with settings.opened(config) as database:
        made = backups.backup(database, blobs(config), to, utc_today())
    held = made.content
    click.echo(f"snapshot {made.name}: {held.cases} cases, {held.entries} entries")
    click.echo(f"files: {len(held.files)}, of them new {made.new}")


def target(config: Config) -> Target:
    """Return where these settings say that backups go; raises ConfigError, BackupError."""
    if not config.backup or not config.backup_keys:
        raise ConfigError("backup and backup_keys: name folder and key file in the settings")
    try:
        text = Path(config.backup_keys).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("backup_keys: cannot be read, check the path") from error
    return Target(Path(config.backup), backups.recipients(text), config.backup_days)


def _check(to: Target) -> None:
    found = list(backups.manifests(to.folder))
    if not found:
        raise BackupError("there is no snapshot, make one: intake backup")
    name, manifest = found[-1]
    problems = backups.check(to.folder, name, manifest)
    if problems:
        raise BackupError("\n".join((f"snapshot {name} is not whole, back up again", *problems)))
    click.echo(f"snapshot {name} is whole: {len(manifest.files)} files")
