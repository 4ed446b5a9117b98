"""What an investigator writes in a case: sealed at once, kept here, sent when there is a line.

Rules: the text is kept in the vault and nowhere else; it is sealed to the keys of the office that
this desk was given, never to keys from the server; what could not be sent yet counts here already,
and what the server refuses is set aside with its reason.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from intake.client import Office
from intake.core import limits, wire
from intake.core.entry import Entry, MessageBody
from intake.core.programme import Programme
from intake.core.work import Change
from intake.crypto import answering, derive, opening
from intake.crypto.age import HybridRecipient
from intake.crypto.answering import Side
from intake.crypto.keyfile import KeyFile
from intake.crypto.unseal import HybridIdentity
from intake.errors import (
    AnswerError,
    ConflictError,
    KeyringError,
    RefusedError,
    UnreachableError,
    VaultError,
)
from intake.vault import lists, records
from intake.vault.custody import Log
from intake.vault.records import Arrived
from intake.vault.vault import Open, Vault

RECEIVED = "received"
"""The programme's template for the answer which only says that a report was opened."""
KEYS = "keys"
"""The setting that holds the text of the office's recipients file."""


@dataclass(frozen=True, repr=False)
class Writer:
    """Writes in the cases of an open vault; `now` is local, with its offset."""

    opened: Open
    programme: Programme
    now: datetime

    def side(self, case: str) -> Side:
        """Return the office's side of a case, its own report before one it reads for another.

        Raises AnswerError.
        """
        found = [entry for _, entry in lists.opened(self.opened.database, case)]
        told = {entry.office for entry in found if entry.kind == "report"}
        mine = self.opened.settings["office"]
        served = [office.id for office in self.programme.offices if office.id in told]
        return answering.begin(found, case, mine if mine in told or not served else served[0])

    def note(self, case: str, change: Change) -> Entry:
        """Tell the office something about a case; raises AnswerError, EntryError, KeyringError."""
        side = self.side(case)
        said = change.body(self.opened.settings["who"], records.work_of(side.entries))
        written = side.write(said, _local(self.now), secrets.token_hex(16), "note")
        self._keep(written, answering.seal(written, self._own(), None))
        return written

    def reply(self, case: str, body: MessageBody) -> Entry:
        """Answer the witness; raises AnswerError, KeyringError."""
        side = self.side(case)
        witness = side.way_back()
        written = side.write(body, _local(self.now), secrets.token_hex(16))
        self._keep(written, answering.seal(written, self._own(), witness))
        return written

    def acknowledge(self, case: str) -> Entry:
        """Tell the witness that her report was opened, once; raises AnswerError, KeyringError."""
        side = self.side(case)
        if side.is_answered:
            raise AnswerError("this case was answered already, nothing more is needed")
        if "withdrawal" in side.notices:
            raise AnswerError("the person took this report back: nothing is sent any more")
        witness = side.way_back()
        text = self.programme.template(RECEIVED, side.told.language)
        name = derive.acknowledgement(opening.message_key(side.told))
        written = side.write(MessageBody((), text), _local(self.now), name)
        self._keep(written, answering.seal(written, self._own(), witness))
        return written

    def _own(self) -> list[HybridRecipient]:
        return own_keys(self.opened, self.now)

    def _keep(self, written: Entry, sent: wire.Reply) -> None:
        keep(self.opened, self.now, written, sent)


def own_keys(opened: Open, now: datetime) -> list[HybridRecipient]:
    """Return the office's keys of today as this desk was given them; raises KeyringError.

    One of the identities at hand must be among them, or nobody here could read it again.
    """
    file = KeyFile(f"{opened.settings['office']}.txt", opened.settings.get(KEYS, ""))
    # Keys begin and end with the days that servers count by.
    found = [key.recipient for key in file.valid(now.astimezone(UTC).date())]
    if not found:
        raise KeyringError("this desk has no key of your office, give it the office's file of keys")
    if len(found) > limits.RECIPIENTS_PER_OFFICE:
        raise KeyringError("your office has more than four keys, take one out before you write")
    mine = [one.recipient() for one in opened.identities if isinstance(one, HybridIdentity)]
    if not any(one in found for one in mine):
        raise KeyringError("none of your identities is a key of your office today, ask a colleague")
    return found


def keep(opened: Open, now: datetime, written: Entry, sent: wire.Reply) -> None:
    """Keep what was written and let it count; raises AnswerError, VaultError."""
    base, log = opened.database, Log(opened.database, opened.settings["who"])
    if base.number("SELECT count(*) FROM entries WHERE id = ?", written.id):
        raise AnswerError("another entry has this name already, nothing was written")
    arrived = Arrived(
        id=written.id,
        case=written.case,
        kind=written.kind,
        day=now.date(),
        header_digest=hashlib.sha256(sent.header).hexdigest(),
        header=sent.header,
        payload=sent.payload,
        state="unsent",
        reason="",
        opened=written,
    )
    with base.write():
        base.run(
            "INSERT INTO outgoing (id, case_id, sealed) VALUES (?, ?, ?)",
            written.id,
            written.case,
            wire.encode(sent),
        )
        log.begin([written.case])
        log.add(written.case, written.id, "answered" if written.kind == "reply" else "noted", now)
        log.flush()
        records.keep(base, [arrived])


@dataclass(frozen=True)
class Waiting:
    """Something that is to be sent."""

    number: int
    id: str
    case: str
    sealed: bytes


def waiting(opened: Open) -> list[Waiting]:
    """Return what is to be sent, oldest first."""
    return opened.database.rows(
        Waiting, "SELECT number, id, case_id, sealed FROM outgoing ORDER BY number"
    )


@dataclass
class Sending:
    """Sends what waits. `ask` asks the server in a session; `now` is passed in."""

    vault: Vault
    ask: Callable[[Callable[[Office], None]], None]
    now: Callable[[], datetime]
    sent: int = 0

    def run(self) -> list[str]:
        """Send everything in order; return what was refused, in words.

        Raises UnreachableError, ServerError, LoginError: what was not sent still waits.
        """
        with self.vault.use() as opened:
            found = waiting(opened)
        problems: list[str] = []
        for one in found:
            reply = wire.parse(one.sealed, wire.Reply)
            try:
                self.ask(_Write(reply))
            except UnreachableError:
                raise
            except ConflictError as error:
                # An acknowledgement has the same id on every desk: a colleague was faster.
                self._drop(one, "" if self._is_acknowledgement(one) else str(error), problems)
            except RefusedError as error:
                self._drop(one, str(error), problems)
            else:
                self.sent += 1
                with self.vault.use() as opened, opened.database.write():
                    opened.database.run("DELETE FROM outgoing WHERE number = ?", one.number)
        return problems

    def _is_acknowledgement(self, one: Waiting) -> bool:
        with self.vault.use() as opened:
            found = [entry for _, entry in lists.opened(opened.database, one.case)]
        reports = [entry for entry in found if entry.kind == "report"]
        return one.id in [records.acknowledgement_of(report) for report in reports]

    def _drop(self, one: Waiting, reason: str, problems: list[str]) -> None:
        """Take out what the server does not take; with a reason it stays to be read, set aside."""
        with self.vault.use() as opened, opened.database.write():
            base = opened.database
            base.run("DELETE FROM outgoing WHERE number = ?", one.number)
            if not reason:
                records.forget_unsent(base, [one.id])
                return
            base.run(
                "UPDATE entries SET state = 'aside', reason = ?, gone = ? WHERE id = ?",
                f"the server refused it: {reason}",
                self.now().date().isoformat(),
                one.id,
            )
            records.recount(base, one.case)
            log = Log(base, opened.settings["who"])
            log.begin([one.case])
            log.add(one.case, one.id, "refused by the server", self.now())
            log.flush()
        problems.append(f"case {one.case}: what you wrote was refused: {reason}")


@dataclass(frozen=True)
class _Write:
    reply: wire.Reply

    def __call__(self, office: Office) -> None:
        office.write(self.reply)


def _local(now: datetime) -> str:
    offset = now.strftime("%z")
    if not offset:
        raise VaultError("this machine says no time zone, set its clock")
    return f"{now.date().isoformat()}{offset[:3]}:{offset[3:5]}"
