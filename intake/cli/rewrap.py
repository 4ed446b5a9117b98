"""`intake keys rewrap`: what is still open, sealed to the keys that the office has today.

Rules: the keys come from the office's own folder and were compared by voice, never from the
server; only headers travel, so nothing counts as fetched and no payload changes; one entry that
cannot be sealed anew is named and never blocks the others.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.cli.keys import dry_option, keys_option, sealing_keys, spoken
from intake.client import Office, Server, log_in
from intake.core.plain import printable
from intake.crypto import opening
from intake.crypto.age import HybridRecipient
from intake.crypto.header import Header
from intake.crypto.seal import SealedHeader
from intake.crypto.unseal import HybridIdentity, Identity, file_key_of
from intake.errors import IntakeError, LoginError


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
    work = _Work(Server.at(server), office, identities, tuple(key.recipient for key in keys))
    if not work.own:
        click.echo("none of your identities is one of these keys: who will read is not you")
    sys.exit(work.run(is_dry=is_dry))


@dataclass(frozen=True)
class _Work:
    """One run over what an office may fetch."""

    server: Server
    office: str
    identities: Sequence[Identity]
    recipients: tuple[HybridRecipient, ...]

    @property
    def own(self) -> list[HybridIdentity]:
        """The identities given that must open what is sealed anew."""
        return [
            identity
            for identity in self.identities
            if isinstance(identity, HybridIdentity) and identity.recipient() in self.recipients
        ]

    def run(self, *, is_dry: bool) -> int:
        """Go through all entries; return the exit code."""
        office = log_in(self.server, self.office, self.identities)
        done = failed = 0
        for name in list(office.items()):
            try:
                office = self._one(office, name, is_dry=is_dry)
            except IntakeError as error:
                failed += 1
                click.echo(f"intake: entry {name}: {printable(str(error))}", err=True)
            else:
                done += 1
        said = "would be sealed anew; nothing was changed" if is_dry else "sealed anew"
        click.echo(f"{done} {said}, {failed} not")
        return 1 if failed else 0

    def _one(self, office: Office, name: str, *, is_dry: bool) -> Office:
        """Seal one entry anew; return the session, another one where it had ended."""
        try:
            self._seal(office, name, is_dry=is_dry)
        except LoginError:  # a quarter of an hour is over
            office = log_in(self.server, self.office, self.identities)
            self._seal(office, name, is_dry=is_dry)
        return office

    def _seal(self, office: Office, name: str, *, is_dry: bool) -> None:
        before = office.header(name)
        made = opening.rewrap(SealedHeader(before), self.identities, self.recipients)
        for identity in self.own:  # before the one that opens is gone
            file_key_of(Header.parse(made.value), [identity])
        if not is_dry:
            office.rewrap(name, before, made)
