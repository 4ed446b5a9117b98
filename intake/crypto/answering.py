"""What an office writes in a case: to the witness, or to itself. Public keys and a message key.

Rules: an answer goes to the recipient in the report that the office got itself, and carries a MAC
under the key that stands there; it is sealed once, with one header for each of the two readers;
where the report is missing, or there are two, nothing is written.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from intake.core import entry as entries
from intake.core import limits, wire
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.thread import thread
from intake.core.work import WorkBody
from intake.crypto.age import HybridRecipient
from intake.crypto.derive import authenticate, verify
from intake.crypto.opening import message_key
from intake.crypto.seal import Plaintext, Random, seal_for
from intake.errors import AnswerError, EntryError, KeyTextError


@dataclass(frozen=True, repr=False)
class Side:
    """One office's side of a case: its report, and everything that it checked, in order."""

    report: Entry
    entries: tuple[Entry, ...]

    @property
    def told(self) -> ReportBody:
        """The body of the report."""
        assert isinstance(self.report.body, ReportBody)
        return self.report.body

    @property
    def is_answered(self) -> bool:
        """Whether the office wrote to the witness before."""
        return any(entry.kind == "reply" for entry in self.entries)

    @property
    def notices(self) -> frozenset[str]:
        """The names of what the witness told about the case: see `questions.NOTICES`."""
        bodies = [entry.body for entry in self.entries]
        return frozenset(body.group for body in bodies if isinstance(body, AdditionBody))

    def way_back(self) -> HybridRecipient:
        """Return the witness's recipient; raises AnswerError where nothing would reach her."""
        if not self.told.reply_to:
            raise AnswerError("this person wanted no way back: nobody can answer her")
        if "exposed" in self.notices:
            raise AnswerError("somebody else has the words of this case: they open it no more")
        try:
            return HybridRecipient.from_bytes(self.told.reply_to)
        except KeyTextError as error:
            raise AnswerError(
                "the way back in this report is damaged: nobody can answer"
            ) from error

    def write(
        self,
        body: MessageBody | WorkBody,
        date: str,
        name: str,
        kind: Literal["reply", "note"] = "reply",
    ) -> Entry:
        """Return a reply or a note of this id, of a local date with its offset.

        Raises AnswerError where the report holds no key to sign it with.
        """
        written = Entry(
            body=body,
            case=self.report.case,
            date=date,
            direction=entries.DIRECTIONS[kind],
            format="intake/entry/v1",
            id=name,
            kind=kind,
            mac="",
            office=self.report.office,
            programme=self.report.programme,
            seen=tuple(sorted(entry.id for entry in self.entries if entry.kind != "note")),
        )
        try:
            return authenticate(written, message_key(self.told))
        except EntryError as error:
            raise AnswerError("this person wanted no way back: nothing can be signed") from error


def begin(found: Iterable[Entry], case: str, office: str) -> Side:
    """Return an office's side of a case, from what it opened; raises AnswerError.

    What its report does not sign counts for nothing.
    """
    mine = [entry for entry in found if (entry.case, entry.office) == (case, office)]
    reports = [entry for entry in thread(mine).entries if isinstance(entry.body, ReportBody)]
    if not reports:
        raise AnswerError(f"no report of this case for {office} is here, look with intake open")
    if len(reports) > 1:
        raise AnswerError(
            "two reports claim this case: anybody can seal a second, ask its operator"
        )
    report = reports[0]
    return Side(report, thread(_checked(mine, report)).entries)


def _checked(mine: Sequence[Entry], report: Entry) -> Iterable[Entry]:
    assert isinstance(report.body, ReportBody)
    for entry in mine:
        try:
            if entry is not report and not isinstance(entry.body, ReportBody):
                verify(entry, message_key(report.body))
        except EntryError:
            continue
        yield entry


def seal(
    written: Entry,
    own: Sequence[HybridRecipient],
    witness: HybridRecipient | None,
    random: Random = os.urandom,
) -> wire.Reply:
    """Return what is sent: sealed to the office's own keys, and to the witness where it is a reply.

    Raises AnswerError where it is longer than the longest reply.
    """
    data = entries.encode(written)
    if len(data) > limits.REPLY:
        raise AnswerError("the text is too long for one sending, send it in parts")
    readers = [own, [witness]] if witness else [own]
    made, *hers = seal_for(Plaintext(data), readers, random)
    return wire.Reply(
        case=written.case,
        entry=written.id,
        header=made.header.value,
        kind="reply" if written.kind == "reply" else "note",
        payload=made.payload,
        witness=hers[0].header.value if hers else b"",
    )
