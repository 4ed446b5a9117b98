"""`intake desk`: an investigator's vault on a terminal.

Rules: nothing of a report reaches a disk but the vault; what is printed cannot steer a terminal;
each command asks for the passphrase, and locks the vault again when it ends.
"""

import json
import os
import sys
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.cli.keys import read_public
from intake.cli.lazy import Lazy
from intake.cli.opener import programme_of
from intake.client import Office, Server, log_in
from intake.core import programme as programmes
from intake.core.plain import inline, printable
from intake.core.programme import Programme
from intake.crypto.age import HybridRecipient, parse_recipient, parse_recipients_file
from intake.crypto.unseal import HybridIdentity, Identity
from intake.desk import run
from intake.desk.home import Home, usual
from intake.desk.run import World
from intake.errors import ConfigError, KeyTextError
from intake.paths import shipped
from intake.vault import backup as backups
from intake.vault.sync import Result, Sync
from intake.vault.vault import SETTINGS, Open, Vault, ask_to_lock
from intake.vault.writing import KEYS


def _home_of(context: click.Context) -> Home:
    """Return where the desk in the browser keeps identity and vault."""
    told = context.parent.params.get("folder") if context.parent else None
    return Home(told or Path(usual(os.environ, sys.platform, Path.home())))


def _or_vault(context: click.Context, option: click.Parameter, value: Path | None) -> Path:
    """Return the vault that was named, else the one of the desk in the browser."""
    if value:
        return value
    if not _home_of(context).is_there:
        raise click.MissingParameter(ctx=context, param=option)
    return _home_of(context).vault


def _or_identity(
    context: click.Context, option: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the identities that were named, else the one of the desk in the browser."""
    if value:
        return value
    if not _home_of(context).is_there:
        raise click.MissingParameter(ctx=context, param=option)
    return (str(_home_of(context).identity),)


vault_option = click.option(
    "--vault",
    "folder",
    envvar="INTAKE_VAULT",
    callback=_or_vault,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your vault, or INTAKE_VAULT; else the one of the desk in the browser.",
)
identity_option = click.option(
    "--identity",
    "-i",
    "identity",
    multiple=True,
    callback=_or_identity,
    help="Identity file; else the one of the desk in the browser.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


_ELSEWHERE = {
    "custody": ("deskread", "verify and print the custody log of a case"),
    "export": ("deskread", "write a case into one tar, sealed as it is"),
    "list": ("deskread", "list cases, newest or most urgently due first, fifty at a time"),
    "search": ("deskread", "search in everything that was opened, newest first"),
    "show": ("deskread", "show a case: its report and all that was added"),
    "acknowledge": ("deskwork", "tell the witness of a case that her report was opened"),
    "reply": ("deskwork", "answer the witness of a case"),
    "watch": ("deskwatch", "warn where the public form hands out other keys than the office's own"),
    "work": ("deskwork", "say how a case stands: status, who has it, tags, a note"),
}
"""Commands in a module of their own, with their summaries."""


@click.group(cls=Lazy, elsewhere=_ELSEWHERE, invoke_without_command=True)
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
        home = Home(folder or Path(usual(os.environ, sys.platform, Path.home())))
        web(home, port, not no_browser)


def web(home: Home, port: int, is_shown: bool) -> None:  # noqa: FBT001 - the command's own flag
    """Serve the web desk until it is interrupted."""
    served = run.make(home, port, World(_log_in_new, _now))
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
@click.option(
    "--keys", "keys_file", type=click.Path(path_type=Path), help="Your office's file of keys."
)
def new(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    server: str,
    office: str,
    who: str,
    programme_path: Path | None,
    keys_file: Path | None,
) -> None:
    """Make a vault in an empty folder; your identity opens it from then on."""
    programme = programme_of(programme_path)
    programme.office(office)
    path = programme_path or shipped("programmes/default.toml")
    told = (Server.at(server).origin, office, path.read_text("utf-8"), inline(who))
    keys = _own(read_identities(identity, passphrase_file))
    settings = dict(zip(SETTINGS, told, strict=True))
    Vault.make(folder, keys, settings | _keys_setting(keys_file))
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
    with unlocked_vault(folder, identity, passphrase_file) as vault:
        result = sync_once(vault)
    if as_json:
        click.echo(json.dumps(asdict(result)))
    else:
        if sys.stderr.isatty():
            click.echo("", err=True)
        click.echo(
            f"fetched {result.fetched}, opened {result.opened}, set aside {result.aside}, "
            f"gone from the server {result.gone}, headers replaced {result.replaced}"
            f"{f', sent {result.sent}' if result.sent else ''}"
        )
        for problem in result.problems:
            click.echo(f"intake: {printable(problem)}", err=True)
        if result.aside:
            click.echo("what was set aside, and why: intake desk list --aside")
    sys.exit(1 if result.problems or result.aside else 0)


def sync_once(vault: Vault) -> Result:
    """Sync once, with a progress bar where there is a terminal."""
    with vault.use() as opened:
        programme = programme_in(opened)
        server = Server.at(opened.settings["server"])
    bar = _progress if sys.stderr.isatty() else _silent
    now = partial(datetime.now, UTC)
    try:
        return Sync(vault, partial(_log_in, server), programme, now, bar).run()
    finally:
        server.close()


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
def unlocked_vault(
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


def programme_in(opened: Open) -> Programme:
    """Return the programme that a vault works with."""
    return programmes.parse(opened.settings["programme"])


def _own(identities: Sequence[Identity]) -> list[HybridRecipient]:
    """Return the public halves of post-quantum identities; raises ConfigError without any."""
    own = [one.recipient() for one in identities if isinstance(one, HybridIdentity)]
    if not own:
        raise ConfigError("a vault opens with a post-quantum identity, make one: intake age keygen")
    return own


def _keys_setting(path: Path | None) -> dict[str, str]:
    """Return what a vault keeps of the office's keys; raises KeyringError."""
    if path is None:
        return {}
    file = read_public(path)
    file.keys  # noqa: B018 - a file with a wrong line is refused now, not when somebody writes
    return {KEYS: file.text}


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


def _progress(result: Result) -> None:
    click.echo(
        f"\rday {result.day} of {result.days}, {result.fetched} fetched, {result.aside} set aside",
        nl=False,
        err=True,
    )


def _silent(_: Result) -> None:
    """Print nothing: nobody looks."""
