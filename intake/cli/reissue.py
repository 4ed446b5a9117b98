"""`intake reissue`: the keeper of a case's words gives new ones, once it is sure who asks.

Rules: only what the report's own key signed makes an office the keeper; the new words are shown
once, and kept nowhere; that they were given is written in the case, for the office itself.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.cli.keys import keys_option, sealing_keys
from intake.cli.letters import local_date, send
from intake.cli.opener import programme_of
from intake.cli.reply import check_own, open_case
from intake.cli.show import entry_lines
from intake.client import Office, Server, log_in
from intake.core import receipt, wire
from intake.core.entry import ID, AdditionBody, Entry, MessageBody
from intake.core.programme import Programme
from intake.core.receipt import Receipt
from intake.crypto import answering
from intake.crypto.answering import Side
from intake.crypto.derive import WitnessKeys
from intake.crypto.keeper import Trust, join, wrap
from intake.errors import EntryError, WireError
from intake.wordlists import LANGUAGES, wordlist

_RANDOM = 13
"""Bytes that ten words are made of: `core.receipt`."""

_NOTED = "New words were given to this person, who had lost hers. The lost ones open nothing."


@click.command()
@click.argument("case")
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@passphrase_option
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
@keys_option
@click.option("--language", type=click.Choice(sorted(LANGUAGES)), help="Language of the words.")
@click.option("--yes", is_flag=True, help="You are sure that it is her: do not ask.")
def reissue(
    case: str,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    server: str,
    office: str,
    programme_path: Path | None,
    folder: Path,
    language: str | None,
    *,
    yes: bool,
) -> None:
    """Give new words for CASE to the person who lost hers. The lost ones then open nothing.

    Only for an office that she chose for this ("If you lose your words"), and only when you are
    sure that it is her: what she wrote about how to be sure is shown first.
    """
    if not ID.fullmatch(case):
        raise WireError("this is no case's id, copy it from what intake open shows")
    programme = programme_of(programme_path)
    identities = read_identities(identity, passphrase_file)
    keys = sealing_keys(folder, office)
    check_own(keys, identities)
    logged_in = log_in(Server.at(server), office, identities)
    side = answering.begin(open_case(logged_in, case, identities, programme), case, office)
    trusted = trusting(side.entries)
    click.echo("\n".join(entry_lines(trusted, programme)))
    if not yes:
        click.confirm("\nAre you sure that it is her?", abort=True)
    words = give(logged_in, side, trusted, programme)
    chosen = language or (side.told.language if side.told.language in LANGUAGES else "en")
    click.echo("\nThe lost words open nothing any more. The new ones, for her alone:\n")
    click.echo("\n".join(word_lines(words, chosen)))
    click.echo("\nLet her write them down, then close this window: nothing of them is kept here.")
    note = side.write(MessageBody((), _NOTED), local_date(), secrets.token_hex(16), "note")
    send(logged_in, answering.seal(note, [key.recipient for key in keys], None))


def trusting(entries: Iterable[Entry]) -> Entry:
    """Return the addition that makes the office the keeper, the last of several.

    Raises EntryError where there is none.
    """
    found = [e for e in entries if isinstance(e.body, AdditionBody) and e.body.keeper]
    if not found:
        raise EntryError("she did not choose this office to give her new words, nothing was done")
    return found[-1]


def give(office: Office, side: Side, trusted: Entry, programme: Programme) -> Receipt:
    """Let new words open the case, and return them; raises EntryError, ServerError."""
    body, case = trusted.body, side.report.case
    trust = Trust.parse(body.keeper if isinstance(body, AdditionBody) else "")
    half = office.release(case, trust.token)
    keys = join(trust, half, side.report.office, side.report.id)
    words = receipt.make(os.urandom(_RANDOM))
    new = WitnessKeys.of(words, programme.id)
    wrapped = wrap(keys, new.recipient(), os.urandom)
    office.reissue(wire.Words(case, new.mailbox(), trust.token, wrapped))
    return words


def word_lines(words: Receipt, language: str) -> Iterator[str]:
    """Yield ten words, each with its number."""
    for place, (word, number) in enumerate(
        zip(words.words(wordlist(language)), words.numbers(), strict=True), 1
    ):
        yield f"  {place:2}. {word} {number}"
