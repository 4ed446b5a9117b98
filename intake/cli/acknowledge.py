"""The first answer to a case, written by itself: a person here has opened it.

Rules: sent once for each case that nobody answered yet, however many investigators open it, by an
id that the case itself gives; a case that cannot be answered is passed over and never blocks the
others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from intake.cli.keys import sealing_keys
from intake.cli.letters import local_date, send
from intake.client import Office
from intake.core.entry import Entry, MessageBody
from intake.core.plain import printable
from intake.core.programme import Programme
from intake.crypto import answering, derive, opening
from intake.crypto.age import HybridRecipient
from intake.errors import AnswerError, ConflictError, IntakeError

TEMPLATE = "received"


@dataclass(frozen=True)
class Answer:
    """What is needed to acknowledge: the programme, and the office's own keys."""

    programme: Programme
    own: tuple[HybridRecipient, ...]


def prepared(programme: Programme, folder: Path, office: str) -> Answer:
    """Return what is needed, before anything is opened; raises KeyringError, ProgrammeError."""
    programme.template(TEMPLATE, programme.languages[0])
    return Answer(programme, tuple(key.recipient for key in sealing_keys(folder, office)))


def acknowledge(answer: Answer, office: Office, found: Iterable[Entry]) -> int:
    """Acknowledge every case that waits for its first answer; return the exit code."""
    entries, code = list(found), 0
    for case in dict.fromkeys(entry.case for entry in entries):
        try:
            _acknowledge(answer, office, case, entries)
        except IntakeError as error:
            click.echo(f"intake: case {case}: {printable(str(error))}", err=True)
            code = 1
    return code


def _acknowledge(answer: Answer, office: Office, case: str, entries: Iterable[Entry]) -> None:
    """Answer in the name of the office itself, or of one that it reads for."""
    told = {entry.office for entry in entries if entry.case == case and entry.kind == "report"}
    served = [one.id for one in answer.programme.offices if one.id in told]
    if not served:
        return
    name = office.name if office.name in told else served[0]
    side = answering.begin(entries, case, name)
    if side.is_answered or "withdrawal" in side.notices:
        return
    try:
        witness = side.way_back()
    except AnswerError:  # nobody waits for an answer there
        return
    text = answer.programme.template(TEMPLATE, side.told.language)
    name = derive.acknowledgement(opening.message_key(side.told))
    written = side.write(MessageBody((), text), local_date(), name)
    try:
        send(office, answering.seal(written, answer.own, witness))
    except ConflictError:  # another investigator was faster
        click.echo(f"case {case}: acknowledged already", err=True)
    else:
        click.echo(f"case {case}: acknowledged, the person was told that it was opened", err=True)
