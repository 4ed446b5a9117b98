"""`intake keys split`, `combine` and `rehearse`: a recovery key among several people.

Rules: a share goes into a file of its own or on the screen by itself, never beside another;
nothing that was read of a share stands in an error; a key made again is compared with what was
split before it is written.
"""

import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import click

from intake.cli.age import KEY_FILE, passphrase_option, write_new
from intake.cli.keys import (
    check_office,
    dry_option,
    keep_identity,
    one_identity,
    public_path,
    read_public,
    refuse_inside,
    spoken,
    today,
)
from intake.crypto import shares
from intake.crypto.age import encrypt
from intake.crypto.keyring import fingerprint
from intake.crypto.shares import Label, Paper, Share
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import ConfigError, KeyringError, ShareError

parts_option = click.option("--parts", type=click.IntRange(2, shares.MOST), default=3)
need_option = click.option("--need", type=click.IntRange(2, shares.MOST), default=2)
folder_option = click.option(
    "--keys", "folder", type=click.Path(path_type=Path), help="Look whether the key stands here."
)


@click.command()
@click.argument("office")
@click.option("--identity", type=click.Path(path_type=Path), required=True)
@parts_option
@need_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Files, one each.")
@click.option("--paper", is_flag=True, help="On the screen, one at a time, to write down.")
@folder_option
@passphrase_option
@dry_option
def split(
    office: str,
    identity: Path,
    parts: int,
    need: int,
    out: Path | None,
    folder: Path | None,
    passphrase_file: Path | None,
    *,
    paper: bool,
    is_dry: bool,
) -> None:
    """Split an identity into shares, some of which make it again (2 of 3 by default)."""
    if bool(out) == paper:
        raise ConfigError("say where the shares go: --out FOLDER, or --paper")
    key = one_identity(identity, passphrase_file)
    _look(folder, office, key)
    made = shares.split(key, _label(office, key, parts, need))
    click.echo(f"{parts} shares, any {need} make it again: {made[0].label.key}")
    if out:
        _write(out, made, is_dry=is_dry)
    elif not is_dry:
        _show(made)
    if is_dry:
        click.echo("nothing was written or shown")
    else:
        click.echo("next: try them before you trust them, two persons and two shares:")
        click.echo("  intake keys combine SHARE SHARE --identity x --dry-run")


@click.command()
@click.argument("files", nargs=-1, metavar="[SHARE]...", type=click.Path(path_type=Path))
@click.option("--identity", type=click.Path(path_type=Path), required=True)
@folder_option
@passphrase_option
@dry_option
def combine(
    files: tuple[Path, ...],
    identity: Path,
    folder: Path | None,
    passphrase_file: Path | None,
    *,
    is_dry: bool,
) -> None:
    """Make a key again from its shares, in files or typed, and seal it with a new passphrase."""
    if identity.exists() and not is_dry:
        raise ConfigError(f"{identity}: exists and is not overwritten, name another")
    if folder:
        refuse_inside(folder, identity)
    if files:
        papers = [_read(path) for path in files]
        label = shares.one_label(papers)
        office, words = label.office, label.key
        given: Sequence[Share] = [paper.share for paper in papers]
    else:
        office = click.prompt("Office, as the shares say")
        words = _typed_key()
        given = _typed()
    key = shares.combine(given, words)
    _look(folder, office, key)
    click.echo(f"{len(given)} shares make the key: {spoken(fingerprint(key.recipient()))}")
    if is_dry:
        click.echo("nothing was written")
        return
    keep_identity(identity, key, passphrase_file)
    click.echo(f"written, sealed with the new passphrase: {identity}")
    click.echo("next: open what waits; then make a new recovery key and split that: several")
    click.echo("  persons have seen these shares together (keys/README.md, Recovery)")


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@parts_option
@need_option
@dry_option
def rehearse(out: Path, parts: int, need: int, *, is_dry: bool) -> None:
    """Make the shares of a throw-away key and a sealed letter that only they can open."""
    key = generate_hybrid()
    made = shares.split(key, _label("rehearsal", key, parts, need))
    _write(out, made, is_dry=is_dry)
    letter = out / "letter.age"
    if is_dry:
        click.echo("nothing was written")
        return
    # Only in the letter: whoever reads this number aloud has opened it.
    number = secrets.randbelow(9000) + 1000
    sealed = BytesIO()
    encrypt(BytesIO(f"it opens: {number}\n".encode()), sealed, (key.recipient(),), armored=True)
    write_new(letter, sealed.getvalue())
    click.echo(f"a sealed letter: {letter}; its key is kept nowhere but in the shares")
    click.echo(f"next: give each holder one file, delete them here, and with any {need}:")
    click.echo("  intake keys combine SHARE SHARE --identity rehearsal.identity")
    click.echo(f"  intake age decrypt -i rehearsal.identity {letter}")
    click.echo("it names a number: write it into the record, and delete all of this")


def _label(office: str, key: HybridIdentity, parts: int, need: int) -> Label:
    check_office(office)
    return Label(office, spoken(fingerprint(key.recipient())), parts, need, today())


def _look(folder: Path | None, office: str, key: HybridIdentity) -> None:
    """Raise KeyringError where a folder is given and the key is none of the office's in it."""
    if folder is None:
        return
    file = read_public(public_path(folder, office))
    if key.recipient() not in [known.recipient for known in file.keys]:
        raise KeyringError(f"{file.name}: this key does not stand there, check office and folder")


def _write(out: Path, papers: Sequence[Paper], *, is_dry: bool) -> None:
    """Write each share into a file of its own: all of them, or none."""
    named = [
        (out / f"{paper.label.office}-share-{paper.share.number}.txt", paper) for paper in papers
    ]
    for path, _ in named:
        if path.exists():
            raise ConfigError(f"{path}: exists and is not overwritten, name another folder")
    written: list[Path] = []
    try:
        for path, paper in named:
            if not is_dry:
                out.mkdir(mode=0o700, parents=True, exist_ok=True)
                written.append(path)
                write_new(path, paper.text().encode())
            click.echo(f"share {paper.share.number}: {path}")
    except BaseException:
        for path in written:
            with suppress(FileNotFoundError):
                path.unlink()
        raise


def _show(papers: Sequence[Paper]) -> None:
    """Show one share after the other, each until a word of it was typed back."""
    if not _is_terminal():
        raise ConfigError("shares are shown on a terminal only, use --out FOLDER")
    for paper in papers:
        number = secrets.randbelow(shares.WORDS)
        while True:
            click.clear()
            click.echo(paper.text())
            asked = click.prompt(f"On your paper, which is word {number + 1}", prompt_suffix="? ")
            if asked.strip().lower() == paper.share.words[number]:
                break
        click.clear()
        click.prompt("Hand it over; Enter shows the next to its own holder", "", show_default=False)
    click.echo("close this window now: it may remember what it showed")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _typed_key() -> str:
    """Ask for the words of the key until they can be that."""
    while True:
        text = str(click.prompt("Key, its eight words as the shares say")).lower()
        try:
            shares.check_key(text)
        except ShareError as error:
            click.echo(f"intake: {error}", err=True)
        else:
            return text


def _typed() -> list[Share]:
    """Ask for shares until there are enough; each is off the screen before the next."""
    given: list[Share] = []
    while not given or len(given) < given[0].need:
        text = click.prompt(f"Share {len(given) + 1}: its {shares.WORDS} words, in one line")
        click.clear()
        try:
            share = Share.of(text.split())
            shares.check_set([*given, share])
        except ShareError as error:
            click.echo(f"intake: this share: {error}", err=True)
        else:
            given.append(share)
    return given


def _read(path: Path) -> Paper:
    try:
        with path.open("rb") as file:
            data = file.read(KEY_FILE)
        return shares.parse(data.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}, check the path") from error
    except UnicodeDecodeError:
        raise ShareError(f"{path}: is not text, give the file of a share") from None
    except ShareError as error:
        raise ShareError(f"{path}: {error}") from error
