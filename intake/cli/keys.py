"""`intake keys`: an office makes its keys on its own machine and hands over the public half."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import click

from intake.cli.age import ask_passphrase, passphrase_option, write_new
from intake.core.programme import NAME
from intake.crypto import keyring
from intake.crypto.age import ScryptRecipient, encrypt
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import KeyringError
from intake.wordlists import wordlist

_DAYS = 730
"""Two years: long enough to be no burden, short enough that a lost key ends."""

_PASSPHRASE = 12
"""Characters: scrypt makes each guess cost a second, this makes them too many."""


@click.group()
def keys() -> None:
    """Make and list the keys of offices."""


@keys.command()
@click.argument("office")
@click.option(
    "--keys", "folder", type=click.Path(path_type=Path), default=Path("keys"), show_default=True
)
@click.option("--identity", type=click.Path(path_type=Path), required=True)
@click.option("--role", type=click.Choice(("working", "recovery")), default="working")
@click.option("--days", type=click.IntRange(1, 3650), default=_DAYS, show_default=True)
@passphrase_option
def new(
    office: str, folder: Path, identity: Path, role: str, days: int, passphrase_file: Path | None
) -> None:
    """Make a key: an identity sealed with a passphrase, and its public line in the folder."""
    if not NAME.fullmatch(office):
        raise KeyringError("an office's id has small letters, digits and hyphens, correct it")
    passphrase = _passphrase(passphrase_file)
    today = date.today()  # noqa: DTZ011 - the office's own day
    key = generate_hybrid()
    # First the secret half: a public key whose secret was not kept would lose reports.
    write_new(identity, _sealed(key, passphrase))
    add(folder, office, key, keyring.note(role, today, today + timedelta(days=days)))
    click.echo(f"public key added to {folder / office}.txt")
    click.echo(f"compare by voice: {spoken(keyring.fingerprint(key.recipient()))}")


@keys.command(name="list")
@click.option(
    "--keys", "folder", type=click.Path(path_type=Path), default=Path("keys"), show_default=True
)
def list_keys(folder: Path) -> None:
    """List every office's keys, with words that two people can compare by voice."""
    for path in sorted(folder.glob("*.txt")):
        click.echo(path.stem)
        for key in keyring.parse(path.read_text("utf-8"), path.name):
            days = f"{key.since or 'always'} to {key.until or 'always'}"
            click.echo(f"  {key.role}, {days}: {spoken(key.fingerprint)}")


def add(folder: Path, office: str, key: HybridIdentity, note: str) -> None:
    """Add a key's public half, under its note, to the office's file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{office}.txt").open("a", encoding="utf-8") as file:
        file.write(f"{note}\n{key.recipient()}\n")


def spoken(fingerprint: str) -> str:
    """Return a fingerprint as eight English words."""
    return keyring.spoken(fingerprint, wordlist("en"))


def _sealed(key: HybridIdentity, passphrase: str) -> bytes:
    plain = f"# public key: {key.recipient()}\n{key.secret_text()}\n".encode()
    sealed = BytesIO()
    encrypt(BytesIO(plain), sealed, (ScryptRecipient(passphrase),), armored=True)
    return sealed.getvalue()


def _passphrase(file: Path | None) -> str:
    text = ask_passphrase("New passphrase", file, confirm=True)
    if len(text) < _PASSPHRASE:
        raise KeyringError(f"the passphrase has fewer than {_PASSPHRASE} characters, lengthen it")
    return text
