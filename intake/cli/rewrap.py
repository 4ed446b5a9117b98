"""`intake keys rewrap`: what is still open, sealed to the keys that the office has today.

Rules: the keys come from the office's own folder and were compared by voice, never from the
server; only headers travel, so nothing counts as fetched and no payload changes; one entry that
cannot be sealed anew is named and never blocks the others.
"""

import sys
from functools import partial
from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.cli.keys import dry_option, keys_option, sealing_keys, spoken
from intake.client import Server, log_in
from intake.core.plain import printable
from intake.vault.rewrapping import Rewrapping


@click.command()
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@keys_option
@click.option("--compared", is_flag=True, help="The words were compared by voice: do not ask.")
@passphrase_option
@dry_option
def rewrap(
    server: str,
    office: str,
    identity: tuple[str, ...],
    folder: Path,
    passphrase_file: Path | None,
    *,
    compared: bool,
    is_dry: bool,
) -> None:
    """Seal what is still open to the office's keys of today; no payload is fetched or changed."""
    keys = sealing_keys(folder, office)
    click.echo(f"sealed to the {len(keys)} keys of {office} that stand in {folder}:")
    for key in keys:
        click.echo(f"  {key.role}: {spoken(key.fingerprint)}")
    click.echo("they must be those that the office compared by voice itself, from its own file")
    click.echo("and not from the server: whoever has one of them reads everything from now on")
    if not (compared or is_dry):
        click.confirm("Were all these words compared by voice?", abort=True)
    identities = read_identities(identity, passphrase_file)
    session = partial(log_in, Server.at(server), office, identities)
    work = Rewrapping(session, identities, tuple(key.recipient for key in keys))
    if not work.own:
        click.echo("none of your identities is one of these keys: who will read is not you")
    sys.exit(_run(work, is_dry=is_dry))


def _run(work: Rewrapping, *, is_dry: bool) -> int:
    """Go through all entries and name those that failed; return the exit code."""
    done = failed = 0
    for outcome in work.run(is_dry=is_dry):
        if outcome.problem:
            failed += 1
            said = printable(str(outcome.problem))
            click.echo(f"intake: entry {outcome.entry}: {said}", err=True)
        else:
            done += 1
    said = "would be sealed anew; nothing was changed" if is_dry else "sealed anew"
    click.echo(f"{done} {said}, {failed} not")
    return 1 if failed else 0
