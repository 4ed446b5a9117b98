"""`intake reply`: an office answers a witness, or writes a note to itself.

Rules: the text comes from the command line, a file or a pipe, and is written nowhere but sealed;
it goes to the way back in the report that this office opened, and to the office's own keys from
its own folder, never from the server; what cannot be answered says why.
"""

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from intake.cli.age import PIPE, passphrase_option, read_identities
from intake.cli.keys import keys_option, sealing_keys, spoken
from intake.cli.letters import local_date, send
from intake.cli.opener import fetch, open_one, programme_of, set_aside
from intake.cli.show import entry_lines
from intake.client import Office, Server, log_in
from intake.core import limits
from intake.core.entry import Entry, MessageBody
from intake.core.programme import Programme
from intake.core.questions import GROUPS
from intake.core.thread import thread
from intake.crypto import answering
from intake.crypto.answering import Side
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import HybridIdentity, Identity
from intake.errors import AnswerError, ConfigError, IntakeError, KeyringError, MismatchError

_GROUPS = [group.name for group in GROUPS]


@dataclass(frozen=True, repr=False)
class Wanted:
    """What the command line asks for: a text, a template's name, or neither; groups to ask for."""

    text: str | None
    template: str | None
    asks: tuple[str, ...]

    def body(self, side: Side, programme: Programme) -> MessageBody:
        """Return what is said to this person; raises ProgrammeError."""
        if self.template:
            return MessageBody(self.asks, programme.template(self.template, side.told.language))
        return MessageBody(self.asks, self.text or "")


@click.command()
@click.argument("case")
@click.option("--server", required=True, help="Address of the server, as in its settings.")
@click.option("--office", required=True, help="Your office's id.")
@click.option("--identity", "-i", "identity", multiple=True, required=True, help="Identity file.")
@click.option("--for", "answers_for", metavar="OFFICE", help="The office that you read for.")
@click.option("--text", "-t", help="What you say; other users of this machine may see it run.")
@click.option("--file", "-f", "file", metavar="FILE", help="The same from a file, - for a pipe.")
@click.option("--template", metavar="NAME", help="A text of the programme, in her language.")
@click.option("--ask", "asks", multiple=True, type=click.Choice(_GROUPS), help="What to ask for.")
@click.option("--note", "is_note", is_flag=True, help="For your own office: she never sees it.")
@click.option("--programme", "programme_path", type=click.Path(path_type=Path))
@keys_option
@passphrase_option
def reply(
    case: str,
    server: str,
    office: str,
    identity: tuple[str, ...],
    answers_for: str | None,
    text: str | None,
    file: str | None,
    template: str | None,
    asks: tuple[str, ...],
    programme_path: Path | None,
    folder: Path,
    passphrase_file: Path | None,
    *,
    is_note: bool,
) -> None:
    """Answer the witness of a CASE, sealed to her words and to your own office."""
    if sum(one is not None for one in (text, file, template)) > 1:
        raise ConfigError("say it one way: --text, --file or --template")
    if is_note and asks:
        raise ConfigError("a note asks nobody, leave --ask out")
    programme = programme_of(programme_path)
    # Before the passphrase is asked: a pipe can be read once.
    wanted = Wanted(read_text(file) if file else text, template, tuple(dict.fromkeys(asks)))
    if not (template or asks or (wanted.text or "").strip()):
        raise ConfigError("there is nothing to say: --text, --file, --template or --ask")
    identities = read_identities(identity, passphrase_file)
    keys = sealing_keys(folder, office)
    check_own(keys, identities)
    logged_in = log_in(Server.at(server), office, identities)
    found = open_case(logged_in, case, identities, programme)
    side = answering.begin(found, case, answers_for or office)
    for name in thread(side.entries).missing:
        click.echo(f"intake: something that was written before {name} is not here", err=True)
    witness = None if is_note else side.way_back()
    body, name = wanted.body(side, programme), secrets.token_hex(16)
    written = side.write(body, local_date(), name, "note" if is_note else "reply")
    send(logged_in, answering.seal(written, [key.recipient for key in keys], witness))
    click.echo("\n".join(entry_lines(written, programme)))
    reader = "nobody but your office" if is_note else "the person's ten words and your office"
    click.echo(f"sent: this {written.kind} is sealed to {reader}")
    for key in keys:
        click.echo(f"  {key.role} key: {spoken(key.fingerprint)}")


def read_text(file: str) -> str:
    """Return a text from a file or a pipe; raises ConfigError."""
    try:
        if file == PIPE:
            data = sys.stdin.buffer.read(limits.REPLY + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(limits.REPLY + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}, check the path") from error
    except UnicodeDecodeError:
        if len(data) > limits.REPLY:
            raise AnswerError("the text is too long for one sending, send it in parts") from None
        raise ConfigError(f"{file}: is not UTF-8, save it as UTF-8") from None
    return text.strip()


def check_own(keys: Sequence[OfficeKey], identities: Sequence[Identity]) -> None:
    """Raise KeyringError unless whoever writes can read it again."""
    own = [key.recipient for key in keys]
    if not any(isinstance(one, HybridIdentity) and one.recipient() in own for one in identities):
        raise KeyringError(
            "none of your identities is a key of your office in this folder, check --keys"
        )


def open_case(
    office: Office, case: str, identities: Sequence[Identity], programme: Programme
) -> list[Entry]:
    """Return what opens of a case; what does not is named and blocks nothing."""
    found: list[Entry] = []
    for name in office.of_case(case):
        try:
            entry = open_one(fetch(office, name), identities, programme)
            if entry.case != case:
                raise MismatchError("it was written in another case, set it aside")
        except IntakeError as error:
            set_aside(f"entry {name}", error)
            continue
        found.append(entry)
    return found
