"""`intake desk`: an investigator's vault on a terminal.

Rules: nothing of a report reaches a disk but the vault; what is printed cannot steer a terminal;
each command asks for the passphrase, and locks the vault again when it ends.
"""

import json
import os
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from intake.cli.age import passphrase_option, read_identities
from intake.cli.opener import programme_of
from intake.cli.show import entry_lines
from intake.client import Office, Server, log_in
from intake.core import entry as entries
from intake.core import programme as programmes
from intake.core.entry import Entry
from intake.core.plain import inline, printable
from intake.core.programme import Programme
from intake.crypto.age import HybridRecipient, parse_recipient, parse_recipients_file
from intake.crypto.unseal import HybridIdentity, Identity
from intake.desk import run
from intake.desk.home import Home, usual
from intake.errors import ConfigError, KeyTextError
from intake.paths import shipped
from intake.vault import backup as backups
from intake.vault import custody, lists
from intake.vault.lists import Case, Filter, Hit, Row, Wanted
from intake.vault.schema import NEVER
from intake.vault.sync import Result, Sync
from intake.vault.vault import SETTINGS, Open, Vault, ask_to_lock

T = TypeVar("T", Case, Hit, Row)

WIDTH = 80
"""Columns of the narrowest terminal in use."""

vault_option = click.option(
    "--vault",
    "folder",
    required=True,
    envvar="INTAKE_VAULT",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your vault; or set INTAKE_VAULT.",
)
identity_option = click.option(
    "--identity", "-i", "identity", multiple=True, required=True, help="Identity file."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
before_option = click.option(
    "--before",
    type=int,
    default=lists.END,
    help="Next page: the number that the last one ends with.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--home",
    "folder",
    envvar="INTAKE_DESK",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your identity and vault; or set INTAKE_DESK.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.pass_context
def desk(context: click.Context, folder: Path | None, port: int, *, no_browser: bool) -> None:
    """Fetch, read, search and answer reports in your own encrypted vault.

    Without a command, in your browser.
    """
    if context.invoked_subcommand is None:
        web(
            Home(folder or Path(usual(os.environ, sys.platform, Path.home()))), port, not no_browser
        )


def web(home: Home, port: int, is_shown: bool) -> None:  # noqa: FBT001 - the command's own flag
    """Serve the web desk until it is interrupted."""
    served = run.make(home, port, _log_in_new, _now, time.monotonic)
    address = served.services.door.address()
    click.echo(f"Your desk, for one browser on this machine: {address}")
    click.echo("Stop with Ctrl-C: the vault is locked then.")
    if is_shown:
        webbrowser.open(address)
    served.forever()


def _log_in_new(opened: Open) -> Office:
    return _log_in(Server.at(opened.settings["server"]), opened)


def _now() -> datetime:
    return datetime.now().astimezone()


@desk.command()
@vault_option
@identity_option
@passphrase_option
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--who", required=True, help="Your name in the custody log.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
def new(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    server: str,
    office: str,
    who: str,
    programme_path: Path | None,
) -> None:
    """Make a vault in an empty folder; your identity opens it from then on."""
    programme = programme_of(programme_path)
    programme.office(office)
    path = programme_path or shipped("programmes/default.toml")
    told = (Server.at(server).origin, office, path.read_text("utf-8"), inline(who))
    keys = _own(read_identities(identity, passphrase_file))
    Vault.make(folder, keys, dict(zip(SETTINGS, told, strict=True)))
    click.echo(f"made: {inline(str(folder))}; it opens with your identity and nothing else")


@desk.command()
@vault_option
@identity_option
@passphrase_option
@json_option
def sync(
    folder: Path, identity: tuple[str, ...], passphrase_file: Path | None, *, as_json: bool
) -> None:
    """Fetch and open what the server holds for your office."""
    with _unlocked(folder, identity, passphrase_file) as vault:
        with vault.use() as opened:
            programme = _programme(opened)
            server = Server.at(opened.settings["server"])
        bar = _progress if sys.stderr.isatty() else _silent
        try:
            result = Sync(
                vault, partial(_log_in, server), programme, partial(datetime.now, UTC), bar
            ).run()
        finally:
            server.close()
    if as_json:
        click.echo(json.dumps(asdict(result)))
    else:
        if sys.stderr.isatty():
            click.echo("", err=True)
        click.echo(
            f"fetched {result.fetched}, opened {result.opened}, set aside {result.aside}, "
            f"gone from the server {result.gone}, headers replaced {result.replaced}"
        )
        for problem in result.problems:
            click.echo(f"intake: {printable(problem)}", err=True)
        if result.aside:
            click.echo("what was set aside, and why: intake desk list --aside")
    sys.exit(1 if result.problems or result.aside else 0)


@desk.command("list")
@vault_option
@identity_option
@passphrase_option
@click.option("--urgent", "filters", flag_value="urgent", multiple=True, type=str)
@click.option("--child", "filters", flag_value="child", multiple=True, type=str)
@click.option("--custody", "filters", flag_value="custody", multiple=True, type=str)
@click.option("--overdue", "filters", flag_value="overdue", multiple=True, type=str)
@click.option("--due", "by_due", is_flag=True, help="What is due first, not the newest.")
@click.option("--aside", "only_aside", is_flag=True, help="What was set aside, and why.")
@before_option
@json_option
def list_(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    filters: tuple[str, ...],
    before: int,
    *,
    by_due: bool,
    only_aside: bool,
    as_json: bool,
) -> None:
    """List cases, newest first, fifty at a time."""
    today = _today()
    with _unlocked(folder, identity, passphrase_file) as vault, vault.use() as opened:
        if only_aside:
            _pages(lists.aside(opened.database, before), _aside_line, as_json=as_json)
            return
        wanted = Wanted(tuple(_filter(name) for name in filters))
        found = (
            lists.due(opened.database, today, wanted)
            if by_due
            else lists.page(opened.database, today, wanted, before)
        )
        _pages(found, partial(_case_lines, today=today), as_json=as_json, more=not by_due)


@desk.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("words", nargs=-1, required=True)
@before_option
@json_option
def search(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    words: tuple[str, ...],
    before: int,
    *,
    as_json: bool,
) -> None:
    """Search in everything that was opened, newest first; the last word may be a beginning."""
    with _unlocked(folder, identity, passphrase_file) as vault, vault.use() as opened:
        _pages(lists.search(opened.database, " ".join(words), before), _hit_lines, as_json=as_json)


@desk.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@json_option
def show(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    case: str,
    *,
    as_json: bool,
) -> None:
    """Show a case: its report and all that was added, in the order in which it was written."""
    with _unlocked(folder, identity, passphrase_file) as vault, vault.use() as opened:
        _known(opened, case)
        programme, rows = _programme(opened), lists.rows(opened.database, case)
        read = {entry.id: (row, entry) for row, entry in lists.opened(opened.database, case)}
        _note(opened, case, "shown")
        checked = [entry for row, entry in read.values() if row.checked == 1]
        unsure = [entry for row, entry in read.values() if row.checked != 1]
        # What nobody checked comes last: its own word on the order counts for nothing.
        for entry in [*entries.in_order(checked), *entries.in_order(unsure)]:
            _show(read[entry.id][0], entry, programme, as_json=as_json)
        for row in rows:
            if row.state != "opened" and not as_json:
                click.echo("\n".join(_aside_line(row)))


@desk.command("custody")
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@click.option("--head", default="", help="A digest that you kept: it must stand in the log.")
@json_option
def custody_(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    case: str,
    head: str,
    *,
    as_json: bool,
) -> None:
    """Verify and print the custody log of a case; with --json as lines for another program."""
    with _unlocked(folder, identity, passphrase_file) as vault, vault.use() as opened:
        log = custody.links(opened.database, case)
        last = custody.verify(log, case, head)
        if as_json:
            click.echo(custody.export(log).decode(), nl=False)
            _note(opened, case, "exported")
            return
        for link in log:
            click.echo(f"{link.number:>4} {link.at} {link.what:15} {inline(link.who)}")
        click.echo(f"whole; write down its head and keep it elsewhere: {last}")


@desk.command()
@vault_option
def lock(folder: Path) -> None:
    """Lock the vault in whichever program has it open."""
    ask_to_lock(folder)
    click.echo("asked: it locks before its next step, within seconds")


@desk.command()
@vault_option
@identity_option
@passphrase_option
@click.option("-r", "recipients", metavar="RECIPIENT", multiple=True, help="Seal to this key too.")
@click.option(
    "-R", "files", type=click.Path(path_type=Path), multiple=True, help="And to the keys in here."
)
@click.option("-o", "output", required=True, type=click.Path(path_type=Path))
def backup(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    recipients: tuple[str, ...],
    files: tuple[Path, ...],
    output: Path,
) -> None:
    """Write the whole vault into one sealed file, for your own key and those named."""
    identities = read_identities(identity, passphrase_file)
    keys = [*_own(identities), *_named(recipients, files)]
    vault = Vault(folder, time.monotonic).unlock(identities)
    try:
        backups.backup(vault, list(dict.fromkeys(keys)), output)
    finally:
        vault.lock()
    click.echo(f"written: {inline(str(output))}")


@desk.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("source", type=click.Path(path_type=Path))
def restore(
    folder: Path, identity: tuple[str, ...], passphrase_file: Path | None, source: Path
) -> None:
    """Bring a vault back from a backup, into an empty folder, for your own key."""
    identities = read_identities(identity, passphrase_file)
    backups.restore(source, folder, identities, _own(identities))
    click.echo(f"restored: {inline(str(folder))}")


@contextmanager
def _unlocked(
    folder: Path, identity: Sequence[str], passphrase_file: Path | None
) -> Iterator[Vault]:
    """Give an unlocked vault, locked again afterwards."""
    vault = Vault(folder, time.monotonic)
    vault.unlock(read_identities(identity, passphrase_file))
    try:
        yield vault
    finally:
        vault.lock()


def _log_in(server: Server, opened: Open) -> Office:
    return log_in(server, opened.settings["office"], opened.identities)


def _programme(opened: Open) -> Programme:
    return programmes.parse(opened.settings["programme"])


def _own(identities: Sequence[Identity]) -> list[HybridRecipient]:
    """Return the public halves of post-quantum identities; raises ConfigError without any."""
    own = [one.recipient() for one in identities if isinstance(one, HybridIdentity)]
    if not own:
        raise ConfigError("a vault opens with a post-quantum identity, make one: intake age keygen")
    return own


def _named(recipients: Sequence[str], files: Sequence[Path]) -> Iterator[HybridRecipient]:
    found = [parse_recipient(text) for text in recipients]
    for path in files:
        try:
            found += parse_recipients_file(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}, check the path") from error
    for one in found:
        if not isinstance(one, HybridRecipient):
            raise KeyTextError("a vault is sealed to post-quantum keys only, name such a key")
        yield one


def _known(opened: Open, case: str) -> None:
    if not lists.rows(opened.database, case):
        raise ConfigError("there is no such case in the vault, copy its id from intake desk list")


def _note(opened: Open, case: str, what: custody.What) -> None:
    log = custody.Log(opened.database, opened.settings["who"])
    with opened.database.write():
        log.begin([case])
        log.add(case, "", what, datetime.now(UTC))
        log.flush()


def _show(row: Row, entry: Entry, programme: Programme, *, as_json: bool) -> None:
    if as_json:
        plain = {**msgspec.to_builtins(entry), "checked": row.checked == 1, "gone": row.gone}
        # ASCII only: JSON may stand on a terminal too.
        click.echo(json.dumps(plain))
        return
    lines = list(entry_lines(entry, programme))
    if row.checked != 1:
        lines.insert(2, "Its author could not be checked: its report is missing or twice here")
    if row.gone:
        lines.insert(2, f"No longer at the server since {row.gone}: withdrawn, deleted or expired")
    click.echo("\n".join([*lines, ""]))


def _pages(
    found: Sequence[T], lines: Callable[[T], Sequence[str]], *, as_json: bool, more: bool = True
) -> None:
    for one in found:
        click.echo(json.dumps(asdict(one)) if as_json else "\n".join(lines(one)))
    if not found and not as_json:
        click.echo("nothing")
    if more and len(found) == lists.PAGE and not as_json:
        click.echo(f"more: --before {found[-1].place}")


def _case_lines(case: Case, today: date) -> list[str]:
    marks = [
        name
        for name, is_so in (
            ("URGENT", case.urgent),
            ("CHILD", case.child),
            ("CUSTODY", case.custody),
            ("OVERDUE", case.is_overdue(today)),
            ("DATE IN WORDS", case.limit_text),
            (inline(case.notice).upper(), case.notice),
        )
        if is_so
    ]
    due = "" if case.due == NEVER else f"due {case.due}"
    head = f"{case.newest} {case.id} {inline(case.status):10.10} {due}"
    below = [f"  {inline(case.title)}"[:WIDTH]]
    if marks:
        below.insert(0, f"  {' · '.join(marks)}"[:WIDTH])
    return [head.rstrip(), *below]


def _hit_lines(hit: Hit) -> list[str]:
    return [f"{hit.day} {hit.case} {hit.kind}", f"  {inline(hit.title)}"[:WIDTH]]


def _aside_line(row: Row) -> list[str]:
    gone = f", gone {row.gone}" if row.gone else ""
    return [f"{row.day} {row.id} {row.state}{gone}", f"  {printable(row.reason)}"]


def _filter(name: str) -> Filter:
    for known in lists.FILTERS:
        if name == known:
            return known
    raise ConfigError("there is no such filter")


def _progress(result: Result) -> None:
    click.echo(
        f"\rday {result.day} of {result.days}, {result.fetched} fetched, {result.aside} set aside",
        nl=False,
        err=True,
    )


def _silent(_: Result) -> None:
    """Print nothing: nobody looks."""


def _today() -> date:
    return datetime.now(UTC).date()
