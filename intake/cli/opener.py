"""`intake open`: sealed entries from files or from a server, for people or as JSON.

One entry that cannot be opened is named and never blocks the others.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import click
import msgspec

from intake.cli import acknowledge as acknowledging
from intake.cli.age import passphrase_option, read_identities
from intake.cli.files import Written, from_folder, write
from intake.cli.files import lines as file_lines
from intake.cli.keys import keys_option
from intake.cli.show import entry_lines
from intake.client import Office, Server, log_in
from intake.core import canary, limits, wire
from intake.core import programme as programmes
from intake.core.entry import Entry, Outer, ReportBody
from intake.core.evidence import Evidence
from intake.core.plain import inline, printable
from intake.core.programme import Programme
from intake.core.thread import thread
from intake.crypto import opening
from intake.crypto.age import parse_header
from intake.crypto.evidence import sealed_size
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import Identity, open_sealed
from intake.errors import (
    AgeError,
    ConfigError,
    EntryError,
    IntakeError,
    NotSealedError,
    ServerError,
)
from intake.paths import shipped

_NAME = re.compile(
    r"(?P<case>[0-9a-f]{32})\.(?P<kind>[a-z]+)\.(?P<reader>[a-z0-9-]+)\.(?P<id>[0-9a-f]{32})\.age"
)
_EVIDENCE = re.compile(r"[0-9a-f]{32}\.age")
"""A sealed file of evidence lies beside the entries that name it, and is opened with them."""
_FILE = limits.BUCKET_CEILING + limits.HEADER + 64 * limits.KIB


@dataclass(frozen=True)
class Found:
    """A sealed entry, and what it was filed under."""

    header: bytes
    payload: bytes
    outer: Outer | None


@dataclass(frozen=True)
class Source:
    """Where an entry comes from; `get` may fail without stopping the others.

    `evidence` gives the sealed bytes of a file that the entry names.
    """

    source: str
    get: Callable[[], Found]
    evidence: Callable[[Evidence], Iterable[bytes]]


@dataclass(frozen=True)
class Shown:
    """How entries are shown: as JSON or for people, and where their files are opened.

    `tell` takes the code of a canary; None where no server is asked.
    """

    programme: Programme
    out: Path | None
    as_json: bool
    tell: Callable[[str], None] | None = None


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@passphrase_option
@click.option("--server", help="Address of the server, as in its settings.")
@click.option("--office", help="Your office's id, with --server.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the sealed entries here."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Open the files they name here."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--acknowledge", is_flag=True, help="Tell each new case that it was opened.")
@keys_option
def opener(
    files: tuple[Path, ...],
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    server: str | None,
    office: str | None,
    programme_path: Path | None,
    keep: Path | None,
    out: Path | None,
    folder: Path,
    *,
    as_json: bool,
    acknowledge: bool,
) -> None:
    """Open sealed entries, from files or from a server, and with --out the files they name.

    With --acknowledge, a case that nobody answered yet is told by the programme's template
    "received" that it was opened.
    """
    programme = programme_of(programme_path)
    if acknowledge and not server:
        raise ConfigError("only what a server holds can be acknowledged, name it with --server")
    answer = acknowledging.prepared(programme, folder, office or "") if acknowledge else None
    identities = read_identities(identity, passphrase_file)
    if bool(server) != bool(office) or bool(server) == bool(files):
        raise ConfigError("name files, or --server with --office")
    tell = logged_in = None
    if server and office:
        logged_in = log_in(Server.at(server), office, identities)
        found, tell = _fetched(logged_in, keep), logged_in.tell_canary
    else:
        found = (
            Source(path.name, partial(_from_file, path), from_folder(path.parent))
            for path in _entries(files)
        )
    opened, code = _open(found, identities, Shown(programme, out, as_json, tell))
    if answer and logged_in:
        code = max(code, acknowledging.acknowledge(answer, logged_in, opened))
    sys.exit(code)


def _entries(files: Sequence[Path]) -> Sequence[Path]:
    """Return what holds entries: `open *.age` in an unpacked folder names the evidence too."""
    found = [path for path in files if not _EVIDENCE.fullmatch(path.name)]
    return found or files


def open_one(found: Found, identities: Sequence[Identity], programme: Programme) -> Entry:
    """Return the entry in a sealed file; raises AgeError, EntryError, NotSealedError."""
    try:
        sealed = Sealed(SealedHeader(found.header), found.payload)
    except NotSealedError:
        # A file cut off or altered says so itself; only what opens whole was never an entry.
        open_sealed(found.header, found.payload, identities)
        raise
    return opening.open_entry(sealed, identities, found.outer, programme)


def _open(
    found: Iterable[Source], identities: Sequence[Identity], shown: Shown
) -> tuple[list[Entry], int]:
    """Print every entry that opens, case by case, each after what its writer had seen.

    Return them all, and the exit code.
    """
    opened: dict[str, list[tuple[Entry, Source]]] = {}
    code = 0
    for one in found:
        try:
            entry = open_one(one.get(), identities, shown.programme)
        except IntakeError as error:
            code = set_aside(one.source, error)
            continue
        if shown.tell and _is_canary(entry, shown.tell):
            continue
        opened.setdefault(entry.case, []).append((entry, one))
    for case in opened.values():
        code = max(code, _show_case(case, shown))
    return [entry for case in opened.values() for entry, _ in case], code


def _show_case(case: Sequence[tuple[Entry, Source]], shown: Shown) -> int:
    """Print the entries of a case, office by office; return the exit code.

    What nobody checked comes last: its own word on the order and on what is missing counts for
    nothing.
    """
    code = 0
    checked: list[Entry] = []
    unchecked: list[Entry] = []
    sources = {id(entry): source for entry, source in case}
    for entry, source in case:
        try:
            is_checked = opening.check_author(entry, [other for other, _ in case])
        except EntryError as error:
            code = set_aside(source.source, error)
            continue
        (checked if is_checked else unchecked).append(entry)
    for is_checked, found in ((True, checked), (False, unchecked)):
        for mine in _by_office(found):
            made = thread(mine)
            for name in made.repeated:
                click.echo(f"intake: entry {name}: came more than once, shown once", err=True)
                code = 1
            for entry in made.entries:
                lacking = made.missing.get(entry.id, ()) if is_checked else None
                source = sources[id(entry)]
                code = max(code, _show(entry, source, shown, lacking))
    return code


def _is_canary(entry: Entry, tell: Callable[[str], None]) -> bool:
    """Return whether the server filed this itself, and tell it that it was opened.

    What only looks like one is shown as what it is: the server knows no such code.
    """
    body = entry.body
    code = canary.code(body.answers.get("account")) if isinstance(body, ReportBody) else ""
    if not code:
        return False
    try:
        tell(code)
    except IntakeError:
        return False
    click.echo("the server's own trial was opened, and the server told", err=True)
    return True


def _by_office(case: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries of a case that are for one office, office by office."""
    for office in dict.fromkeys(entry.office for entry in case):
        yield [entry for entry in case if entry.office == office]


def _show(entry: Entry, source: Source, shown: Shown, lacking: Sequence[str] | None) -> int:
    """Print an entry, and open the files it names; return the exit code.

    `lacking` are entries that its writer had seen and that are not here; None where its writer is
    not known.
    """
    written: dict[str, Written] = {}
    if shown.out:
        written = {one.told.id: one for one in write(entry, shown.out, source.evidence)}
    if shown.as_json:
        files = {name: str(one.path) for name, one in written.items() if not one.problem}
        plain = {
            **msgspec.to_builtins(entry),
            "checked": lacking is not None,
            "files": files,
            "missing": list(lacking or ()),
        }
        # ASCII only: JSON may stand on a terminal too.
        click.echo(json.dumps(plain))
    else:
        lines = [*entry_lines(entry, shown.programme), *file_lines(entry, written), ""]
        if lacking is None:
            lines.insert(2, "Its author could not be checked: open it together with the report")
        elif lacking:
            lines.insert(2, _missing(lacking))
        click.echo("\n".join(lines))
    failed = [one for one in written.values() if one.problem]
    for one in failed:
        click.echo(f"intake: {inline(one.told.name)}: {printable(one.problem)}", err=True)
    return 1 if failed else 0


def _missing(lacking: Sequence[str]) -> str:
    count = "One entry" if len(lacking) == 1 else f"{len(lacking)} entries"
    return f"{count} before this one came not: taken back, deleted by age, or withheld"


def set_aside(source: str, error: IntakeError) -> int:
    """Say why an entry is not shown; return the exit code of a run that had one."""
    click.echo(f"intake: {printable(source)}: {printable(str(error))}", err=True)
    return 1


def programme_of(path: Path | None) -> Programme:
    """Return the programme of a file, the built-in one without; raises ConfigError."""
    path = path or shipped("programmes/default.toml")
    try:
        return programmes.parse(path.read_text("utf-8"), path.name)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}, check the path") from error


def _fetched(office: Office, keep: Path | None) -> Iterator[Source]:
    for item in office.items():
        evidence = partial(_fetch_evidence, office, keep)
        yield Source(f"entry {item}", partial(fetch, office, item, keep), evidence)


def fetch(office: Office, name: str, keep: Path | None = None) -> Found:
    """Return a sealed entry from a server, kept as a file too if a folder is named."""
    sealed = office.entry(name)
    outer = Outer(sealed.case, sealed.kind, office.name, name)
    if keep:
        _keep(keep, sealed, outer)
    return Found(sealed.header, sealed.payload, outer)


def _fetch_evidence(office: Office, keep: Path | None, told: Evidence) -> Iterator[bytes]:
    """Yield a sealed file, kept beside its entries if they are; no more than it can be long."""
    pieces = _bounded(office.evidence(told.id), limits.HEADER + sealed_size(told.length))
    if not keep:
        return pieces
    path, partial_path = keep / f"{told.id}.age", keep / f"{told.id}.age.not-whole"
    if not path.exists():
        try:
            with partial_path.open("wb") as file:
                file.writelines(pieces)
            partial_path.rename(path)
        finally:
            partial_path.unlink(missing_ok=True)
    return from_folder(keep)(told)


def _bounded(pieces: Iterable[bytes], room: int) -> Iterator[bytes]:
    """Yield what comes; raises ServerError where it does not end in time."""
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise ServerError("the server sends more than the file is long, do not trust it")
        yield piece


def _keep(folder: Path, sealed: wire.Sealed, outer: Outer) -> None:
    """Write the sealed entry as an age file that says in its name what it was filed under.

    One that is there is never replaced: raises ConfigError where it differs.
    """
    name = f"{outer.case}.{outer.kind}.{outer.reader}.{outer.id}.age"
    if not _NAME.fullmatch(name):
        raise ConfigError("the server names an entry in no known way, do not trust it")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data, path = sealed.header + sealed.payload, folder / name
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    elif path.read_bytes() != data:
        raise ConfigError("the entry kept before differs from the server's, compare the two")


def _from_file(path: Path) -> Found:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}, check the path") from error
    stream = BytesIO(data)
    # A broken header is found again when the entry is opened: here it only has no length.
    with suppress(AgeError):
        parse_header(stream)
    named = _NAME.fullmatch(path.name)
    outer = Outer(named["case"], named["kind"], named["reader"], named["id"]) if named else None
    return Found(data[: stream.tell()], data[stream.tell() :], outer)
