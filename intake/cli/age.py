"""`intake age`: make keys, and seal and open any age file, by pipe, without our server.

Rules kept here:
- No environment variable is read, and no passphrase stands on a command line.
- A name given with `-o` holds the whole output or what it held before, never a part.
- Only text reaches a terminal, without control characters: a file could steer it.
"""

import codecs
import errno
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from getpass import GetPassWarning
from pathlib import Path
from typing import BinaryIO

import click

from intake.core.plain import printable
from intake.crypto.age import (
    Recipient,
    ScryptRecipient,
    parse_recipient,
    parse_recipients_file,
)
from intake.crypto.age import encrypt as seal_stream
from intake.crypto.stream import ByteReader, ByteWriter
from intake.crypto.unseal import (
    Identity,
    ScryptIdentity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
)
from intake.crypto.unseal import decrypt as open_stream
from intake.errors import AgeError, ConfigError, KeyTextError, NoMatchError

PIPE = "-"
"""Standard input or output, in place of a path."""

KEY_FILE = 1024 * 1024
"""Bytes read of a file of keys or a passphrase: 500 post-quantum recipients, and no device."""

_input = click.argument("source", metavar="[INPUT]", default=PIPE)
_output = click.option("-o", "output", metavar="FILE", default=PIPE, help="Write to this file.")
passphrase_option = click.option(
    "--passphrase-file", type=click.Path(path_type=Path), help="Read the passphrase from here."
)


@click.group()
def age() -> None:
    """Make keys, and seal and open age files, by pipe."""


@age.command()
@click.option("-o", "output", metavar="FILE", default=PIPE, help="Write the identity here.")
@click.option("--classic", is_flag=True, help="Not post-quantum, for older programs.")
def keygen(output: str, *, classic: bool) -> None:
    """Make an identity; its public key goes to standard error."""
    identity = generate_x25519() if classic else generate_hybrid()
    public = identity.recipient()
    text = f"# public key: {public}\n{identity.secret_text()}\n"
    if output == PIPE:
        click.echo(text, nl=False)
    else:
        write_new(Path(output), text.encode("ascii"))
    click.echo(f"Public key: {public}", err=True)


@age.command()
@click.option("-r", "recipients", metavar="RECIPIENT", multiple=True, help="Seal to this key.")
@click.option("-R", "files", metavar="FILE", multiple=True, help="Seal to the keys in this file.")
@click.option("-p", "by_passphrase", is_flag=True, help="Seal with a passphrase.")
@click.option("-a", "armored", is_flag=True, help="Write text, for mail.")
@passphrase_option
@_output
@_input
def encrypt(
    recipients: tuple[str, ...],
    files: tuple[str, ...],
    passphrase_file: Path | None,
    output: str,
    source: str,
    *,
    by_passphrase: bool,
    armored: bool,
) -> None:
    """Seal INPUT, or standard input, to recipients or with a passphrase."""
    readers: list[Recipient] = [parse_recipient(text) for text in recipients]
    for path in files:
        readers += _recipients(path)
    if by_passphrase or passphrase_file:
        readers.append(ScryptRecipient(ask_passphrase("Passphrase", passphrase_file, confirm=True)))
    if output == PIPE and not armored and sys.stdout.isatty():
        raise ConfigError("a sealed file is not for a terminal, use -o FILE, or -a for text")
    with _reading(source) as reader, _writing(output) as writer:
        seal_stream(reader, writer, readers, armored=armored)


@age.command()
@click.option("-i", "identities", metavar="FILE", multiple=True, help="Open with these keys.")
@click.option("-p", "by_passphrase", is_flag=True, help="Open with a passphrase.")
@passphrase_option
@_output
@_input
def decrypt(
    identities: tuple[str, ...],
    passphrase_file: Path | None,
    output: str,
    source: str,
    *,
    by_passphrase: bool,
) -> None:
    """Open INPUT, or standard input. An identity file may be sealed with a passphrase."""
    keys = read_identities(identities, passphrase_file)
    if by_passphrase:
        keys.append(ScryptIdentity(ask_passphrase("Passphrase", passphrase_file)))
    if not keys:
        raise KeyTextError("nothing is given to open the file with, use -i FILE or -p")
    with _reading(source) as reader, _writing(output) as writer:
        to_terminal = output == PIPE and sys.stdout.isatty()
        open_stream(reader, _Terminal(writer) if to_terminal else writer, keys)


def read_identities(paths: Iterable[str], passphrase_file: Path | None) -> list[Identity]:
    """Return the identities in files that may be sealed with a passphrase.

    It is asked on the terminal, for each such file, unless `passphrase_file` holds it. Raises
    KeyTextError, AgeError and ConfigError, which name the file.
    """
    identities: list[Identity] = []
    for path in paths:
        ask = partial(ask_passphrase, f"Passphrase of {printable(path)}", passphrase_file)
        data = _read_keys(Path(path))
        try:
            identities += open_identities_file(data, ask)
        except NoMatchError as error:
            raise NoMatchError(f"{path}: this is not its passphrase, type it again") from error
        except (KeyTextError, AgeError) as error:
            raise type(error)(f"{path}: {error}") from error
    return identities


class _Terminal:
    """Lets only harmless text through."""

    def __init__(self, writer: ByteWriter) -> None:
        self._writer = writer
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def write(self, data: bytes, /) -> None:
        """Write all of `data`, or raise ConfigError."""
        try:
            text = self._decoder.decode(data).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise ConfigError("the content is not text, use -o FILE") from error
        if printable(text) != text:
            raise ConfigError("the content would steer the terminal, use -o FILE")
        self._writer.write(data)


def _recipients(path: str) -> list[Recipient]:
    try:
        return [*parse_recipients_file(_read_keys(Path(path)).decode("utf-8"))]
    except UnicodeDecodeError as error:
        raise KeyTextError(f"{path}: is not text, give a file of recipients") from error
    except KeyTextError as error:
        raise KeyTextError(f"{path}: {error}") from error


def _read_keys(path: Path) -> bytes:
    with _named(str(path)), path.open("rb") as file:
        data = file.read(KEY_FILE + 1)
    if len(data) > KEY_FILE:
        raise KeyTextError(f"{path}: is too large for a file of keys, give another")
    return data


def ask_passphrase(prompt: str, file: Path | None, *, confirm: bool = False) -> str:
    """Return the passphrase in `file`, or the one typed; never what stands in a pipe."""
    try:
        if file:
            text = _read_keys(file).decode("utf-8").rstrip("\r\n")
        else:
            text = _ask(prompt, confirm=confirm)
            text.encode("utf-8")
    except UnicodeError as error:
        raise KeyTextError("the passphrase is not text, type another") from error
    if not text:
        raise KeyTextError("the passphrase is empty, type one")
    return text


def _ask(prompt: str, *, confirm: bool) -> str:
    with warnings.catch_warnings():
        # Without a terminal, getpass would show what is typed and eat a line of the input.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))
        except GetPassWarning as error:
            raise ConfigError("no terminal to ask on, use --passphrase-file FILE") from error


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Turn what the system says about a file into an error with its name."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # click ends quietly: whoever read the pipe has seen enough
        raise ConfigError(f"{name}: {error.strerror or error}, check the file") from error


class _Source:
    """A reader whose failures name it, and not the output that is open besides."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, or raise ConfigError."""
        with _named(self._name):
            return self._file.read(size)

    def readline(self, size: int, /) -> bytes:
        """Return a line, or its first `size` bytes, or raise ConfigError."""
        with _named(self._name):
            return self._file.readline(size)


@contextmanager
def _reading(source: str) -> Iterator[ByteReader]:
    if source == PIPE:
        yield _Source(sys.stdin.buffer, "standard input")
        return
    with _named(source), Path(source).open("rb") as file:
        yield _Source(file, source)


@contextmanager
def _writing(output: str) -> Iterator[BinaryIO]:
    """Give what to write to; a file appears under its name only once all of it is written."""
    with _named("standard output" if output == PIPE else output):
        if output == PIPE:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        path = Path(output).resolve()
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            # A device or named pipe is written to, never replaced.
            with path.open("wb") as file:
                yield file
            return
        with beside(path) as file:
            yield file


@contextmanager
def beside(path: Path) -> Iterator[BinaryIO]:
    """Give what to write to; the file appears at `path` whole, or what was there stays."""
    # mkstemp: mode 0600, never a file that exists.
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:64]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def write_new(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, and that was not there before."""
    with _named(str(path)):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise ConfigError(f"{path}: exists and is not overwritten, name another") from error
        with os.fdopen(handle, "wb") as file:
            file.write(data)
