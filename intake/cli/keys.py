"""`intake keys`: an office makes its keys on its own machine and hands over the public half."""

import os
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from intake.cli.age import ask_passphrase, passphrase_option, read_identities, write_new
from intake.cli.lazy import Lazy
from intake.core import limits
from intake.core.plain import printable
from intake.core.programme import NAME
from intake.crypto import keyring
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import HybridIdentity, generate_hybrid, seal_identities_file
from intake.errors import KeyringError, KeyTextError
from intake.wordlists import wordlist

DAYS = limits.KEY_DAYS
"""Two years, where nothing else is said."""

_ELSEWHERE = {
    "combine": ("shares", "make a key again from enough of its shares"),
    "rehearse": ("shares", "make the shares of a throw-away key, to practise with"),
    "remove": ("rotate", "take a key out of an office's file: somebody left, or it was stolen"),
    "rewrap": ("rewrap", "seal what is still open to the office's keys of today"),
    "rotate": ("rotate", "make the key that follows one, with days on which both hold"),
    "split": ("shares", "split a key into shares, some of which make it again"),
}
"""Commands in modules of their own, with their summaries."""


keys_option = click.option(
    "--keys", "folder", type=click.Path(path_type=Path), default=Path("keys"), show_default=True
)
dry_option = click.option("--dry-run", "is_dry", is_flag=True, help="Say it, and change nothing.")


@click.group(cls=Lazy, elsewhere=_ELSEWHERE)
def keys() -> None:
    """Make, list, change, split and rebuild the keys of offices."""


@keys.command()
@click.argument("office")
@keys_option
@click.option("--identity", type=click.Path(path_type=Path), required=True)
@click.option("--role", type=click.Choice(("working", "recovery")), default="working")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True)
@passphrase_option
def new(
    office: str, folder: Path, identity: Path, role: str, days: int, passphrase_file: Path | None
) -> None:
    """Make a key: an identity sealed with a passphrase, and its public line in the folder."""
    path, key, first = public_path(folder, office), generate_hybrid(), today()
    public = OfficeKey(key.recipient(), role, first, first + timedelta(days=days))
    # Before a passphrase is asked for: a file that cannot take the key is named at once.
    _read_or_empty(path).added(public, first)
    keep_identity(identity, key, passphrase_file)
    folder.mkdir(parents=True, exist_ok=True)
    write_public(path, _read_or_empty(path).added(public, first))
    click.echo(f"public key added to {path}")
    click.echo(f"compare by voice: {spoken(public.fingerprint)}")


@keys.command(name="list")
@keys_option
def list_keys(folder: Path) -> None:
    """List every office's keys, with words that two people can compare by voice."""
    found_files = sorted(folder.glob("*.txt"))
    if not found_files:
        wrong = "holds no office's file" if folder.is_dir() else "is no folder"
        raise KeyringError(f"{folder.absolute()}: {wrong}, name the folder of keys with --keys")
    code = 0
    for path in found_files:
        click.echo(printable(path.stem))
        try:
            found = read_public(path).keys
        except KeyringError as error:
            code = 1
            click.echo(f"intake: {printable(str(error))}", err=True)
            continue
        ending = keyring.ending(found, today())
        for key in found:
            click.echo(f"  {key.role}, {_days(key, today())}: {spoken(key.fingerprint)}")
            if key in ending:
                click.echo(f"    ends soon: make the next one, intake keys rotate {path.stem}")
            for warning in _warnings(key, path.stem, today()):
                click.echo(f"    {warning}")
    sys.exit(code)


def _days(key: OfficeKey, day: date) -> str:
    days = f"{key.since or 'always'} to {key.until or 'always'}"
    if key.until and key.is_valid(day):
        return f"{days}, {(key.until - day).days} days left"
    return days


def _warnings(key: OfficeKey, office: str, day: date) -> list[str]:
    if key.since and key.since > day:
        return ["not yet: nothing is sealed to it before its first day"]
    if key.until and key.until < day:
        return [f"ended: remove its line, intake keys remove {office} {key.fingerprint[:8]}"]
    return []


def add(folder: Path, office: str, key: HybridIdentity, note: str) -> None:
    """Add a key's public half, under its note, to the office's file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{office}.txt").open("a", encoding="utf-8") as file:
        file.write(f"{note}\n{key.recipient()}\n")


def today() -> date:
    """Return the day that servers count by: a key of tomorrow would not be sealed to yet."""
    return datetime.now(UTC).date()


def check_office(office: str) -> None:
    """Raise KeyringError unless this is an id; a path would lead out of the folder."""
    if not NAME.fullmatch(office):
        raise KeyringError("an office's id has small letters, digits and hyphens, correct it")


def public_path(folder: Path, office: str) -> Path:
    """Return the path of an office's file of keys; raises KeyringError."""
    check_office(office)
    return folder / f"{office}.txt"


def read_public(path: Path) -> KeyFile:
    """Return an office's file of keys; raises KeyringError."""
    if not path.is_file():
        raise KeyringError(f"{path}: is no file, name the folder with --keys, or: keys new")
    return KeyFile(path.name, keyring.read_text(path))


def sealing_keys(folder: Path, office: str) -> tuple[OfficeKey, ...]:
    """Return the keys that an office seals to itself today; raises KeyringError."""
    file = read_public(public_path(folder, office))
    valid = file.valid(today())
    if not limits.RECIPIENTS_NEEDED <= len(valid) <= limits.RECIPIENTS_PER_OFFICE:
        raise KeyringError(
            f"{file.name}: has {len(valid)} valid keys, two to four are needed: keys list"
        )
    return valid


def _read_or_empty(path: Path) -> KeyFile:
    return read_public(path) if path.exists() else KeyFile(path.name, "")


def write_public(path: Path, file: KeyFile) -> None:
    """Write an office's file of keys at once and whole: a server may be reading it."""
    path = path.resolve()
    # No name that ends in .txt: were it left behind, nobody would take it for an office's file.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(file.text.encode())
            out.flush()
            os.fsync(out.fileno())
        _take_after(Path(name), path)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _keep_name(path.parent)


def _take_after(made: Path, path: Path) -> None:
    """Give a file the rights of the one that it replaces; a new one, those of its folder.

    Root on a server changes what the server's own user must still be able to read.
    """
    is_there = path.exists()
    wanted = (path if is_there else path.parent).stat()
    # Of a folder no right to enter or write: 0750 gives 0640, an office's own 0755 gives 0644.
    made.chmod(wanted.st_mode & 0o777 if is_there else wanted.st_mode & 0o444 | 0o600)
    if sys.platform == "win32":
        return  # there, what a folder grants is granted for its files by the system
    for owner, group in ((wanted.st_uid, -1), (-1, wanted.st_gid)):
        # Only root may give a file away, and others only to a group of their own.
        with suppress(PermissionError):
            os.chown(made, owner, group)


def _keep_name(folder: Path) -> None:
    if (
        os.name == "posix"
    ):  # elsewhere a folder cannot be opened, and the name is kept with the file
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def keep_identity(path: Path, key: HybridIdentity, passphrase_file: Path | None) -> None:
    """Write an identity sealed with a new passphrase.

    Always before its public half is: a public key whose secret was not kept would lose reports.
    Raises KeyringError, KeyTextError, ConfigError.
    """
    write_new(path, seal_identities_file(key, _passphrase(passphrase_file)))


def refuse_inside(folder: Path, path: Path) -> None:
    """Raise KeyringError where a secret would lie in a folder of public keys."""
    if path.resolve().is_relative_to(folder.resolve()):
        raise KeyringError("the folder of keys is public and goes to servers, name another path")


def one_identity(path: Path, passphrase_file: Path | None) -> HybridIdentity:
    """Return the only identity in a file; raises KeyTextError, AgeError, ConfigError."""
    found = read_identities((str(path),), passphrase_file)
    if len(found) != 1 or not isinstance(found[0], HybridIdentity):
        raise KeyTextError(f"{path}: holds not just one post-quantum identity, give such a file")
    return found[0]


def spoken(fingerprint: str) -> str:
    """Return a fingerprint as eight English words."""
    return keyring.spoken(fingerprint, wordlist("en"))


def _passphrase(file: Path | None) -> str:
    text = ask_passphrase("New passphrase", file, confirm=True)
    if len(text) < limits.PASSPHRASE:
        raise KeyringError(
            f"the passphrase has fewer than {limits.PASSPHRASE} characters, lengthen it"
        )
    return text
