"""`intake reissue`: the keeper of a case's words gives new ones, once it is sure who asks."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from intake.cli.age import passphrase_option, read_identities
from intake.cli.opener import Found, log_in, open_one, programme_of
from intake.cli.show import entry_lines, printable
from intake.client import Office, Server
from intake.core import receipt, wire
from intake.core.entry import ID, AdditionBody, Entry, Outer, ReportBody, in_order
from intake.core.programme import Programme
from intake.core.receipt import Receipt
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys
from intake.crypto.keeper import Trust, join, wrap
from intake.crypto.unseal import Identity
from intake.errors import EntryError, IntakeError, WireError
from intake.wordlists import LANGUAGES, wordlist

_RANDOM = 13
"""Bytes that ten words are made of: `core.receipt`."""


@dataclass(frozen=True, repr=False)
class Kept:
    """What the keeper holds of a case: its first entry, and the addition that trusts it."""

    report: Entry
    addition: Entry

    @property
    def trust(self) -> Trust:
        """Return the office's half."""
        body = self.addition.body
        return Trust.parse(body.keeper if isinstance(body, AdditionBody) else "")


@click.command()
@click.argument("case")
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@passphrase_option
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(sorted(LANGUAGES)), help="Language of the words.")
@click.option("--yes", is_flag=True, help="You are sure that it is her: do not ask.")
def reissue(
    case: str,
    identity: tuple[str, ...],
    passphrase_file: Path | None,
    server: str,
    office: str,
    programme_path: Path | None,
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
    logged_in = log_in(Server.at(server), office, identities)
    kept = _kept(_opened(logged_in, case, identities, programme))
    click.echo("\n".join(entry_lines(kept.addition, programme)))
    if not yes:
        click.confirm("\nAre you sure that it is her?", abort=True)
    chosen = language or _language(kept.report)
    words = give(logged_in, kept, programme)
    click.echo("\nThe lost words open nothing any more. The new ones, for her alone:\n")
    click.echo("\n".join(word_lines(words, chosen)))
    click.echo("\nLet her write them down, then close this window: nothing of them is kept here.")


def give(office: Office, kept: Kept, programme: Programme) -> Receipt:
    """Let new words open the case, and return them; raises EntryError, ServerError."""
    trust, case = kept.trust, kept.report.case
    half = office.release(case, trust.token)
    keys = join(trust, half, kept.report.office, kept.report.id)
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


def _opened(
    office: Office, case: str, identities: Sequence[Identity], programme: Programme
) -> Iterator[Entry]:
    """Yield what opens of a case; what does not is named, and stops nothing."""
    for sealed in office.entries():
        if sealed.case != case:
            continue
        outer = Outer(sealed.case, sealed.kind, office.name, sealed.entry)
        try:
            yield open_one(Found(sealed.header, sealed.payload, outer), identities, programme)
        except IntakeError as error:
            click.echo(f"intake: entry {sealed.entry}: {printable(str(error))}", err=True)


def _kept(entries: Iterable[Entry]) -> Kept:
    """Return what makes the office a keeper, the last where there are several.

    Raises EntryError where nothing does, or where its author cannot be checked.
    """
    case = list(entries)
    found = [
        entry
        for entry in in_order(case)
        if isinstance(entry.body, AdditionBody)
        and entry.body.keeper
        and opening.check_author(entry, case)
    ]
    if not found:
        raise EntryError("she did not choose this office to give her new words, nothing was done")
    last = found[-1]
    named = (last.case, last.office)
    report = next(e for e in case if e.kind == "report" and (e.case, e.office) == named)
    return Kept(report, last)


def _language(report: Entry) -> str:
    """Return the language she wrote in, English where it has no list of words."""
    body = report.body
    written = body.language if isinstance(body, ReportBody) else ""
    return written if written in LANGUAGES else "en"
