"""`intake desk watch`: whether the public form hands out the office's own keys."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from intake.cli.age import passphrase_option
from intake.cli.desk import identity_option, unlocked_vault, vault_option
from intake.cli.keys import read_public
from intake.desk import watch as watching
from intake.desk.watching import pause, visitor


@click.command()
@vault_option
@identity_option
@passphrase_option
@click.option("--proxy", help="Visit through this, as socks5h://127.0.0.1:9050 (Tor).")
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(path_type=Path),
    help="The office's recipients file, from people you trust and not from the site.",
)
@click.option("--site", help="Another address of the same form, such as its onion.")
def watch(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    proxy: str | None,
    keys_file: Path | None,
    site: str | None,
) -> None:
    """Visit the form as people do, and warn where its keys are not the office's own.

    Exit code 1 on any warning.
    """
    text = read_public(keys_file).text if keys_file else ""
    with unlocked_vault(folder, identity, passphrase_file) as vault:
        with vault.use() as opened:
            own = watching.own(opened, text)
            address = site or opened.settings["server"]
        visited = visitor(address, proxy or "")
        watched = watching.watch(visited, own, _now(), pause)
        with vault.use() as opened:
            watching.keep(opened, watched)
    for sentence in watching.sentences(watched):
        click.echo(sentence)
    sys.exit(1 if watched.findings else 0)


def _now() -> datetime:
    return datetime.now(UTC)
