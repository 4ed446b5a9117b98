"""`intake restore`."""

import os
import sys
from pathlib import Path
from tempfile import mkdtemp

import click

from intake.cli import settings
from intake.cli.age import passphrase_option, read_identities
from intake.ops import restore as restores
from intake.ops.restore import Restored
from intake.server.services import utc_today


@click.command()
@click.argument("source", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--identity", multiple=True, required=True, help="The identity of a backup key.")
@passphrase_option
@click.option("--snapshot", default="", help="Which one; the newest, if none is named.")
@click.option("--partial", is_flag=True, help="Go on where files of the snapshot are missing.")
@click.option("--drill", is_flag=True, help="Try it in a throw-away folder.")
@settings.option
def restore(
    source: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    snapshot: str,
    config_file: Path | None,
    *,
    partial: bool,
    drill: bool,
) -> None:
    """Bring a machine back from the backups in FOLDER, into the data folder of the settings.

    What people took back since the snapshot is deleted before anything else sees it.
    """
    os.umask(0o077)
    data = Path(settings.read(config_file).data)
    identities = read_identities(identity, passphrase_file)
    chosen = restores.choose(source, snapshot, identities)
    if drill:
        # Beside the data: memory may be too small, and what lies there is all ciphertext.
        data.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix="intake-drill-", dir=data.parent))
        _say(restores.drill(chosen, scratch, utc_today(), os.urandom))
        click.echo(f"drill of {utc_today()}: it can be restored; the throw-away folder is removed")
        return
    done = restores.restore(chosen, data, utc_today(), os.urandom, partial=partial)
    _say(done)
    if done.missing:
        click.echo("\n".join(done.missing), err=True)
        sys.exit(1)
    click.echo("next: intake check, then intake serve")


def _say(done: Restored) -> None:
    held = done.content
    click.echo(f"snapshot {done.name} of {done.made}")
    click.echo(f"{held.cases} cases, {held.entries} entries, {len(held.files)} files")
    click.echo(f"tombstones applied: {done.buried}")
