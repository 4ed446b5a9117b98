"""`intake desk reply`, `work` and `acknowledge`: what an investigator writes in a case.

Rules: what is written is kept in the vault at once and sent by the next sync, or at once with
--send; texts come from the command line, a file or a pipe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from intake.cli.age import passphrase_option
from intake.cli.desk import (
    identity_option,
    programme_in,
    sync_once,
    unlocked_vault,
    vault_option,
)
from intake.cli.reply import read_text
from intake.core.entry import MessageBody
from intake.core.questions import GROUPS
from intake.core.work import STATUSES, Change
from intake.errors import ConfigError
from intake.vault.vault import Vault
from intake.vault.writing import Writer

send_option = click.option("--send", "is_sent", is_flag=True, help="Sync at once.")
file_option = click.option(
    "--file", "-f", "file", metavar="FILE", help="From a file, - for a pipe."
)


@click.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@click.option("--text", "-t", help="What you say; other users of this machine may see it run.")
@file_option
@click.option(
    "--template", metavar="NAME", help="A text of the programme, in the person's language."
)
@click.option("--ask", "asks", multiple=True, type=click.Choice([one.name for one in GROUPS]))
@send_option
def reply(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    case: str,
    text: str | None,
    file: str | None,
    template: str | None,
    asks: tuple[str, ...],
    *,
    is_sent: bool,
) -> None:
    """Answer the witness of a CASE."""
    if sum(one is not None for one in (text, file, template)) > 1:
        raise ConfigError("say it one way: --text, --file or --template")
    said = (read_text(file) if file else text or "").strip()
    if not (said or template or asks):
        raise ConfigError("there is nothing to say: --text, --file, --template or --ask")
    with _writing(folder, identity, passphrase_file, is_sent=is_sent) as writes:
        if template:
            language = writes.side(case).told.language
            said = writes.programme.template(template, language)
        writes.reply(case, MessageBody(tuple(dict.fromkeys(asks)), said))


@click.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@send_option
def acknowledge(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    case: str,
    *,
    is_sent: bool,
) -> None:
    """Tell the witness of a CASE that her report was opened."""
    with _writing(folder, identity, passphrase_file, is_sent=is_sent) as writes:
        writes.acknowledge(case)


@click.command()
@vault_option
@identity_option
@passphrase_option
@click.argument("case")
@click.option("--status", type=click.Choice(list(STATUSES)))
@click.option("--reason", help="Why it is closed.")
@click.option("--assign", "assigned", metavar="WHO", help="Who has the case; empty for nobody.")
@click.option("--tag", "added", multiple=True, metavar="TAG")
@click.option("--no-tag", "taken", multiple=True, metavar="TAG", help="Take a tag away.")
@click.option("--text", "-t", default="", help="A note for your office.")
@file_option
@send_option
def work(
    folder: Path,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    case: str,
    status: str | None,
    reason: str | None,
    assigned: str | None,
    added: tuple[str, ...],
    taken: tuple[str, ...],
    text: str,
    file: str | None,
    *,
    is_sent: bool,
) -> None:
    """Say how a CASE stands, for your whole office."""
    if status == "closed" and not reason:
        raise ConfigError("say why the case is closed: --reason")
    given = {"status": status, "reason": reason, "assigned": assigned}
    sets = {name: value.strip() for name, value in given.items() if value is not None}
    tags = {**dict.fromkeys(added, True), **dict.fromkeys(taken, False)}
    said = read_text(file) if file else text
    with _writing(folder, identity, passphrase_file, is_sent=is_sent) as writes:
        writes.note(case, Change(sets, {tag.strip(): on for tag, on in tags.items()}, said or ""))


@contextmanager
def _writing(
    folder: Path, identity: tuple[str, ...], passphrase_file: Path | None, *, is_sent: bool
) -> Iterator[Writer]:
    """Give what writes in an unlocked vault; afterwards send it, or say that it waits."""
    with unlocked_vault(folder, identity, passphrase_file) as vault:
        with vault.use() as opened:
            yield Writer(opened, programme_in(opened), datetime.now().astimezone())
        _end(vault, is_sent=is_sent)


def _end(vault: Vault, *, is_sent: bool) -> None:
    if is_sent:
        result = sync_once(vault)
        click.echo(f"sent {result.sent}")
        for problem in result.problems:
            click.echo(f"intake: {problem}", err=True)
    else:
        click.echo("kept here; it is sent by the next: intake desk sync")
