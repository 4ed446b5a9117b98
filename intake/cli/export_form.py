"""`intake export-form`."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from intake.cli import settings
from intake.cli.keys import spoken
from intake.core import programme as programmes
from intake.core.plain import printable
from intake.core.programme import Programme
from intake.crypto import keyring
from intake.crypto.keyring import Keyring
from intake.errors import ConfigError, KeyringError, UnsafeError
from intake.paths import PACKAGE
from intake.server.assemble import programme_file
from intake.server.services import utc_today
from intake.web import i18n, offline
from intake.web.offline import OfflineForm

DAYS = 90
"""A season: long enough to be carried somewhere and back, short enough that a stolen key ends."""


@click.command(name="export-form")
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A file."
)
@click.option("--language", help="Code of one of the programme's languages; else its first.")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True)
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
@click.option("--keys", "keys_path", type=click.Path(path_type=Path))
@settings.option
def export_form(
    out: Path,
    language: str | None,
    days: int,
    programme_path: Path | None,
    keys_path: Path | None,
    config_file: Path | None,
) -> None:
    """Write the form as ONE file, for people who have no line or no trust in one.

    It is opened from a memory stick, in Firefox or Chrome, without a network. It seals to the keys
    that it carries and saves a tar that anybody may carry: `intake import` takes it in. Its last
    day is the first on which its --days, one of its keys or one of its offices ends.

    Compare the words printed here with those that each office has; they stand in the file too.
    Programme and keys are those of the server's settings, unless they are named.
    """
    config = settings.read(config_file)
    if programme_path:
        config = replace(config, programme=str(programme_path))
    programme = programmes.parse(*programme_file(config))
    today = utc_today()
    ring = _ring(keys_path or Path(config.keys), programme, today)
    code = language or programme.languages[0]
    if code not in programme.languages:
        known = ", ".join(programme.languages)
        raise ConfigError(f"the programme does not speak this language, name one of: {known}")
    form = OfflineForm(programme, ring, today, config.file_bytes)
    ends = form.ends(days)
    data = form.render(i18n.load(code, "public"), offline.read(PACKAGE / "static"), ends)
    out.write_bytes(data)
    for office, held in form.held().items():
        click.echo(printable(office))
        for key in held:
            click.echo(f"  {key.role}: {spoken(key.fingerprint)}")
    click.echo(f"{printable(str(out))}: {len(data):,} bytes, ends on {ends}")


def _ring(folder: Path, programme: Programme, today: date) -> Keyring:
    """Return the keys of a folder, all of them in order; raises UnsafeError, KeyringError."""
    secrets = keyring.secrets(folder)
    if secrets:
        raise UnsafeError("\n".join(secrets))
    ring, problems = keyring.read(folder, programme, today)
    if problems:
        # A server goes on with what it has; a file that is handed out cannot be called back.
        raise KeyringError("\n".join(problems))
    return ring
