"""`intake keys rotate` and `remove`: what happens to an office's keys over the years.

Rules: an office's file is written at once and whole, and only where two valid keys are left; a
key that is taken out protects what is sealed from then on, and nothing before: that is said.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from intake.cli.age import passphrase_option
from intake.cli.keys import (
    DAYS,
    dry_option,
    keep_identity,
    keys_option,
    public_path,
    read_public,
    refuse_inside,
    spoken,
    today,
    write_public,
)
from intake.core import limits
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConfigError
from intake.wordlists import wordlist

OVERLAP = 30
"""Days: time to compare the new key, to start servers again, and to seal anew what is open."""


@click.command()
@click.argument("office")
@keys_option
@click.option("--identity", type=click.Path(path_type=Path), required=True)
@click.option("--role", type=click.Choice(("working", "recovery")), default="working")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True)
@click.option("--overlap", type=click.IntRange(0, 365), default=OVERLAP, show_default=True)
@click.option("--replaces", metavar="WORDS", help="The key that it follows, where there are more.")
@passphrase_option
@dry_option
def rotate(
    office: str,
    folder: Path,
    identity: Path,
    role: str,
    days: int,
    overlap: int,
    replaces: str | None,
    passphrase_file: Path | None,
    *,
    is_dry: bool,
) -> None:
    """Make the key that follows another: for the days of the overlap, both are sealed to."""
    if overlap >= days:
        raise ConfigError("the new key would end before the old one, shorten --overlap")
    refuse_inside(folder, identity)
    path, first, key = public_path(folder, office), today(), generate_hybrid()
    made = OfficeKey(key.recipient(), role, first, first + timedelta(days=days))
    # Once to know before the passphrase is asked, and again on what stands there afterwards.
    old, file = _followed(path, made, replaces, overlap)
    if not is_dry:
        keep_identity(identity, key, passphrase_file)
        old, file = _followed(path, made, replaces, overlap)
        write_public(path, file)
    click.echo("\n".join(_rotated(office, old, made, file, is_dry=is_dry)))


def _followed(
    path: Path, made: OfficeKey, replaces: str | None, overlap: int
) -> tuple[OfficeKey, KeyFile]:
    """Return the key that `made` follows, and the file with both; raises KeyringError."""
    file, first = read_public(path), today()
    wanted = file.find(replaces, wordlist("en")) if replaces else None
    old = file.replaced_by(made.role, wanted, first)
    return old, file.added(made, first).ended(old, first + timedelta(days=overlap), first)


def _rotated(
    office: str, old: OfficeKey, made: OfficeKey, file: KeyFile, *, is_dry: bool
) -> Iterator[str]:
    last = next(key.until for key in file.keys if key.recipient == old.recipient)
    assert last is not None
    yield f"the old {old.role} key is sealed to until {last}: {spoken(old.fingerprint)}"
    days = f"from {made.since} until {made.until}"
    if is_dry:
        yield f"a new {made.role} key would be sealed to {days}; nothing was changed"
        return
    yield f"the new {made.role} key is sealed to {days}: {spoken(made.fingerprint)}"
    if len(file.valid(last + timedelta(days=1))) < limits.RECIPIENTS_NEEDED:
        yield f"after {last} fewer than two keys are valid: rotate the other one too"
    yield f"next: compare both by voice, put {file.name} on the server and start it again; then"
    yield f"  intake keys rewrap --office {office}, with both identities; after {last}"
    yield f"  intake keys remove {office} {old.fingerprint[:8]}; keep the old identity"
    yield "  as long as anybody keeps what was sealed to it"


@click.command()
@click.argument("office")
@click.argument("words", nargs=-1, required=True)
@keys_option
@dry_option
def remove(office: str, words: tuple[str, ...], folder: Path, *, is_dry: bool) -> None:
    """Take a key, by its eight words or in hex, out of an office's file: leaver, loss, theft."""
    path = public_path(folder, office)
    file = read_public(path)
    key = file.find(" ".join(words), wordlist("en"))
    left = file.without(key, today())
    if not is_dry:
        write_public(path, left)
    click.echo("\n".join(_removed(office, key, left, is_dry=is_dry)))


def _removed(office: str, key: OfficeKey, left: KeyFile, *, is_dry: bool) -> Iterator[str]:
    done = "would be" if is_dry else "is"
    yield f"the {key.role} key {done} out of {left.name}: {spoken(key.fingerprint)}"
    for other in left.valid(today()):
        yield f"still sealed to, {other.role}: {spoken(other.fingerprint)}"
    if is_dry:
        yield "nothing was changed"
    yield "this protects what is sealed from now on, and nothing before: whoever has the identity"
    yield "  still opens it, from a copy that was kept or taken; nothing ends that"
    yield "next: start the server again; its logins end within 15 minutes after that; then"
    yield f"  intake keys rewrap --office {office}, so that the server's own headers fit it no more"
