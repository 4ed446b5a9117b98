"""`intake export-opener`."""

from hashlib import sha256
from pathlib import Path

import click

from intake.cli.age import beside
from intake.cli.opener import programme_of
from intake.core.plain import printable
from intake.errors import ConfigError
from intake.paths import PACKAGE
from intake.web import i18n, opener
from intake.web.opener import Opener


@click.command(name="export-opener")
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A file."
)
@click.option("--language", help="Code of one of the programme's languages; else its first.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
def export_opener(out: Path, language: str | None, programme_path: Path | None) -> None:
    """Write ONE file that opens sealed files, for a machine on which nothing can be installed.

    It is opened from the disk, in Firefox or Chrome, without a network, and asks for an identity
    and sealed files. It holds no key. Its labels are those of the programme; without --programme,
    of the built-in one.

    Whoever gets it can compare its SHA-256, printed here: made again from the same program and
    programme it is the same.
    """
    programme = programme_of(programme_path)
    code = language or programme.languages[0]
    if code not in programme.languages:
        known = ", ".join(programme.languages)
        raise ConfigError(f"the programme does not speak this language, name one of: {known}")
    data = Opener(programme).render(i18n.load(code, "public"), opener.read(PACKAGE / "static"))
    with beside(out) as file:
        file.write(data)
    # It holds no secret, and is made to be handed on.
    out.chmod(0o644)
    click.echo(f"{printable(str(out))}: {len(data):,} bytes")
    click.echo(f"SHA-256: {sha256(data).hexdigest()}")
