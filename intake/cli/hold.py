"""`intake hold`."""

from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.client import Server, log_in


@click.command()
@click.argument("case")
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@passphrase_option
@click.option("--release", is_flag=True, help="Let it be deleted by age again.")
def hold(
    case: str,
    server: str,
    office: str,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    *,
    release: bool,
) -> None:
    """Keep CASE on the server whatever its age, as long as your office wants it.

    CASE is the id that `intake open` shows. A witness can still take it back.
    """
    identities = read_identities(identity, passphrase_file)
    log_in(Server.at(server), office, identities).hold(case, release=release)
    click.echo("it may be deleted by age again" if release else "it is on hold")
