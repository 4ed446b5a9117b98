"""`intake desk list`, `search`, `show` and `custody`: reading in a vault on a terminal.

Rules: what is printed cannot steer a terminal; what is shown leaves a link in the custody log.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from intake.cli.age import beside, passphrase_option
from intake.cli.desk import identity_option, json_option, programme_in, unlocked_vault, vault_option
from intake.cli.show import entry_lines
from intake.core import entry as entries
from intake.core.entry import Entry
from intake.core.plain import inline, printable
from intake.core.programme import Programme
from intake.core.work import STATUSES
from intake.errors import ConfigError
from intake.vault import custody, lists
from intake.vault import export as exports
from intake.vault.evidence import Files
from intake.vault.lists import Case, Filter, Hit, Row, Wanted
from intake.vault.schema import NEVER
from intake.vault.vault import Open

T = TypeVar("T", Case, Hit, Row)

WIDTH = 80
"""Columns of the narrowest terminal in use."""

before_option = click.option(
    "--before",
    type=int,
    default=lists.END,
    help="Next page: the number that the last one ends with.",
)


@click.command("list")
@vault_option
@identity_option
@passphrase_option
@click.option("--urgent", "filters", flag_value="urgent", multiple=True, type=str)
@click.option("--child", "filters", flag_value="child", multiple=True, type=str)
@click.option("--custody", "filters", flag_value="custody", multiple=True, type=str)
@click.option("--overdue", "filters", flag_value="overdue", multiple=True, type=str)
@click.option("--open", "filters", flag_value="open", multiple=True, type=str)
@click.option("--lost", "filters", flag_value="lost", multiple=True, type=str)
@click.option("--status", type=click.Choice(list(STATUSES)), default=None)
@click.option("--assigned", default="", metavar="WHO")
@click.option("--tag", default="", metavar="TAG")
@click.option("--due", "by_due", is_flag=True, help="What is due first, not the newest.")
@click.option("--aside", "only_aside", is_flag=True, help="What was set aside, and why.")
@before_option
@json_option
def list_(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    filters: tuple[str, ...],
    status: str | None,
    assigned: str,
    tag: str,
    before: int,
    *,
    by_due: bool,
    only_aside: bool,
    as_json: bool,
) -> None:
    """List cases, newest first, fifty at a time."""
    today = _today()
    with unlocked_vault(folder, identity, passphrase_file) as vault, vault.use() as opened:
        if only_aside:
            _pages(lists.aside(opened.database, before), _aside_line, as_json=as_json)
            return
        marks = tuple(_filter(name) for name in filters)
        wanted = Wanted(marks, status or "", assigned, "", tag)
        found = (
            lists.due(opened.database, today, wanted)
            if by_due
            else lists.page(opened.database, today, wanted, before)
        )
        _pages(found, partial(_case_lines, today=today), as_json=as_json, more=not by_due)


@click.command()
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
    with unlocked_vault(folder, identity, passphrase_file) as vault, vault.use() as opened:
        _pages(lists.search(opened.database, " ".join(words), before), _hit_lines, as_json=as_json)


@click.command()
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
    with unlocked_vault(folder, identity, passphrase_file) as vault, vault.use() as opened:
        _known(opened, case)
        programme, rows = programme_in(opened), lists.rows(opened.database, case)
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


@click.command("custody")
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
    with unlocked_vault(folder, identity, passphrase_file) as vault, vault.use() as opened:
        log = custody.links(opened.database, case)
        last = custody.verify(log, case, head)
        if as_json:
            click.echo(custody.export(log).decode(), nl=False)
            _note(opened, case, "exported")
            return
        for link in log:
            click.echo(f"{link.number:>4} {link.at} {link.what:15} {inline(link.who)}")
        click.echo(f"whole; write down its head and keep it elsewhere: {last}")


@click.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(
    folder: Path, identity: tuple[str, ...], passphrase_file: Path | None, case: str, output: Path
) -> None:
    """Write a CASE into one tar of age files, with the evidence that was fetched."""
    now = partial(datetime.now, UTC)
    with unlocked_vault(folder, identity, passphrase_file) as vault:
        made = exports.export(vault, Files(vault, now), case, now())
        with beside(output) as file:
            for piece in made.pieces():
                file.write(piece)
    click.echo(f"written: {len(made.entries)} entries and {len(made.files)} files")
    if made.missing:
        click.echo(f"{made.missing} files were not fetched: fetch them at the desk", err=True)


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
            (f"for {inline(case.assigned)}", case.assigned),
            (" ".join(f"#{inline(tag)}" for tag in case.tags.split("\n")), case.tags),
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


def _today() -> date:
    return datetime.now(UTC).date()
