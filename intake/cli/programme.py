"""`intake programme`: stop in an emergency, and end in order."""

import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from intake.cli import settings
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.errors import ClosingError, ConfigError
from intake.ops import closing
from intake.ops.closing import Archive
from intake.server.assemble import blobs, programme_file
from intake.server.services import utc_today
from intake.store.cases import Cases
from intake.store.state import Name, State
from intake.wordlists import wordlist

_dry = click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
_day = click.DateTime(["%Y-%m-%d"])


@click.group()
def programme() -> None:
    """Stop in an emergency, and end a programme in order: close, archive, end."""


@programme.command()
@_dry
@settings.option
def stop(config_file: Path | None, *, dry_run: bool) -> None:
    """Take nothing any more, from now on: no report, no addition, no file.

    Pages that are open get back what was typed. Words still open a case, to take it back too.
    """
    config = settings.read(config_file)
    with settings.opened(config) as database:
        if not dry_run:
            State(database).keep(Name.STOPPED, utc_today())
    _say(dry_run, f"at {config.origin}, and wherever {config.data} is served,")
    _say(dry_run, "within seconds nothing is taken; again: intake programme resume")


@programme.command()
@_dry
@settings.option
def resume(config_file: Path | None, *, dry_run: bool) -> None:
    """Take reports again, after `stop` or `close`."""
    with settings.opened(settings.read(config_file)) as database:
        if not dry_run:
            for name in (Name.STOPPED, Name.CLOSING, Name.ARCHIVED):
                State(database).drop(name)
    _say(dry_run, "within seconds reports are taken again")


@programme.command()
@click.option("--on", "end", type=_day, required=True, help="The day of the end.")
@_dry
@settings.option
def close(config_file: Path | None, end: datetime, *, dry_run: bool) -> None:
    """Take no new reports, and announce on every page the day on which all is deleted."""
    closing.check_notice(end.date(), utc_today())
    with settings.opened(settings.read(config_file)) as database:
        if not dry_run:
            closing.announce(State(database), end.date())
    _say(dry_run, f"no new reports are taken, and every page says that it ends on {end.date()}")
    _say(dry_run, f"on {end.date()}: intake programme archive, then: intake programme end")


@programme.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--keyholders", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--opens", type=_day, required=True, help="Not to be opened before this day.")
@_dry
@settings.option
def archive(
    config_file: Path | None, folder: Path, keyholders: Path, opens: datetime, *, dry_run: bool
) -> None:
    """Seal everything to named keyholders, with a record to sign.

    KEYHOLDERS is a file of public keys, each under a comment with its holder's name.
    """
    config = settings.read(config_file)
    holders = closing.keyholders(_text(keyholders))
    with settings.opened(config) as database:
        for one in holders:
            _say(dry_run, f"keyholder: {one.name}")
        if dry_run:
            return
        made = Archive(folder, holders, opens.date()).make(
            database, blobs(config), programmes.parse(*programme_file(config)), utc_today()
        )
    click.echo(f"archive {made.name}: {made.content.cases} cases, read back")
    click.echo(f"to sign: {folder / closing.RECORD}")


@programme.command()
@click.option("--record", type=click.Path(path_type=Path), required=True, help="A new file.")
@click.option("--unread-too", is_flag=True, help="Also what offices have not fetched.")
@_dry
@settings.option
def end(config_file: Path | None, record: Path, *, unread_too: bool, dry_run: bool) -> None:
    """Delete everything here, and write the sheet by which offices destroy their keys.

    Stop the server first. Backups are deleted by hand: the folder of backups, and its copies.
    """
    config, today = settings.read(config_file), utc_today()
    if record.exists():
        raise ConfigError(f"{record}: exists and is not overwritten, name another")
    found = programmes.parse(*programme_file(config))
    ring, _ = keyring.read(Path(config.keys), found, today)
    with settings.opened(config) as database:
        closing.refuse_end(State(database), today)
        left = Cases(database).unread()
    if left and not unread_too:
        named = ", ".join(f"{office}: {count}" for office, count in left.items())
        raise ClosingError(
            f"not fetched yet: {named}; let the offices fetch, or --unread-too deletes it unread"
        )
    _say(dry_run, f"everything in {config.data} is deleted; the record: {record}")
    if not dry_run:
        record.write_text(closing.keys_record(found, ring, wordlist("en"), today), "utf-8")
        _empty(Path(config.data))


def _empty(data: Path) -> None:
    """Delete a folder; where its own user may not take it out of its parent, all that is in it."""
    for path in data.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    # /var/lib/intake belongs to the service, /var/lib to root.
    with suppress(PermissionError):
        data.rmdir()


def _say(dry_run: bool, text: str) -> None:  # noqa: FBT001 - the option itself
    click.echo(f"would be: {text}" if dry_run else text)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not text, replace it") from error
