"""The worker: each minute it decides what is due, and hands it to the mail server.

Rules: one worker for a folder; a try is counted before it is made; what fails waits longer each
time, up to a day, and is dead after `hours.MOST_TRIES`; a mail that fails holds up no other; logs
hold an event, a kind, an office's id and a mail's id, never an address or a server's words.
"""

import fcntl
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from threading import Event

from intake.delivery import hours
from intake.delivery.letters import Envelope, Writer
from intake.delivery.sender import Line
from intake.delivery.settings import OfficeMail, Settings
from intake.errors import DeliveryError, NotFoundError, StoreError
from intake.store.outbox import Alarm, Outbox, Round, Row
from intake.store.uploads import Uploads

LOCK = "worker.lock"

_PAUSE_SECONDS = 60
_HOUR_SECONDS = 3600
_LOOK_SECONDS = 6 * _HOUR_SECONDS
"""Reading a backup's digest over takes minutes of a disk."""
_REPORT_DAYS = 7
_log = logging.getLogger("intake.delivery")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only worker of a data folder; raises StoreError where there is another."""
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                "another worker runs on this folder: let it run, or stop it first"
            ) from error
        yield


@dataclass(frozen=True)
class Worker:
    """What a pass works with. `now` gives seconds since 1970, `random` so many random bytes.

    `chores` is done in each pass. `look` says what needs a hand at the site, each under what it is
    about, None where nobody looks; `known` are those that the operator was told of.
    """

    settings: Settings
    outbox: Outbox
    uploads: Uploads
    writer: Writer
    dial: Callable[[], AbstractContextManager[Line]]
    now: Callable[[], float]
    random: Callable[[int], bytes]
    chores: Callable[[], None] = lambda: None
    look: Callable[[], Mapping[str, str]] | None = None
    known: set[str] = field(default_factory=set)

    def run(self, stop: Event) -> None:
        """Make a pass each minute until `stop`; a disk that is full ends one pass, not all."""
        while not stop.is_set():
            try:
                self.once(stop)
            except StoreError:
                _log.error("event=mail_pass error=store")
            stop.wait(_PAUSE_SECONDS)

    def once(self, stop: Event | None = None) -> None:
        """Decide what is due and hand it over; raises StoreError."""
        self.chores()
        self._decide()
        self._watch()
        rows = self._without_ended(self.outbox.due(self._second()))
        offices = [tuple(found) for _, found in groupby(rows, lambda row: row.office)]
        for place, found in enumerate(offices):
            if stop and stop.is_set():
                return
            try:
                # A line for each office: one that breaks leaves the others theirs.
                with self.dial() as line:
                    self._hand_over(line, found)
            except DeliveryError as error:
                # The server is one for all: asking again at once for each would only lock us out.
                for row in (row for rest in offices[place:] for row in rest):
                    with suppress(NotFoundError):  # dropped meanwhile
                        self._count(row)
                        self._fail(row, error)
                return

    def _second(self) -> int:
        return int(self.now())

    def _decide(self) -> None:
        self.outbox.sweep()
        now = self._second()
        today = hours.moment(now).date()
        for office, told in self.settings.offices.items():
            if told.urgent:
                seconds = told.urgent_hours * _HOUR_SECONDS
                self.outbox.alarm(Alarm(office, told.attach, seconds), now)
            escalates = told.unfetched_days > 0
            self.outbox.decide(
                Round(
                    office,
                    hours.last(told.hours, told.zone, now),
                    attach=told.attach,
                    always=told.always,
                    overdue=today - timedelta(told.unfetched_days) if escalates else None,
                    remind=today - timedelta(told.reminder) if escalates else None,
                    escalate_to=("second", "operator") if told.second else ("operator",),
                ),
                now,
                today,
            )

    def _watch(self) -> None:
        """Plan a mail to the operator each week, and when something new needs a hand."""
        now = self._second()
        if self.look is None or not self.outbox.begin_look(now, _LOOK_SECONDS):
            return
        found = set(self.look())
        is_new = not found <= self.known
        self.known.clear()
        self.known.update(found)
        self.outbox.report(now, hours.moment(now).date(), _REPORT_DAYS, is_new=is_new)

    def _without_ended(self, rows: tuple[Row, ...]) -> list[Row]:
        """Return the rows to try; one whose last try ended the worker itself is dead."""
        for row in rows:
            if row.attempts >= hours.MOST_TRIES:
                self.outbox.failed(row, "ended", dead=True, take_back=False)
        return [row for row in rows if row.attempts < hours.MOST_TRIES]

    def _hand_over(self, line: Line, rows: tuple[Row, ...]) -> None:
        """Send an office's mails over a line, until it breaks."""
        for row in rows:
            try:
                self._count(row)
                is_usable = self._send(line, row)
            except NotFoundError:
                continue  # dropped, taken back or deleted meanwhile
            if not is_usable:
                return  # the others' turn comes with the next pass

    def _send(self, line: Line, row: Row) -> bool:
        """Send a mail; return whether the line can be used again. Raises NotFoundError."""
        told = self.settings.offices.get(row.office)
        recipient = self._address(row, told)
        if row.kind == "health":
            return self._hand_in(line, row, recipient, self._health(row))
        if told is None or not recipient:
            self._fail(row, DeliveryError("no_address", is_line_usable=True))
            return True
        envelope = Envelope(self.settings.smtp.sender, recipient, row.id, self._second())
        mail, is_first = self._mail(row, told, envelope)
        return self._hand_in(line, row, recipient, mail, is_first=is_first)

    def _hand_in(
        self, line: Line, row: Row, recipient: str, mail: bytes, *, is_first: bool = False
    ) -> bool:
        """Hand a mail over; return whether the line can be used again."""
        try:
            line.send(recipient, mail)
        except DeliveryError as error:
            self._fail(row, error, take_back=is_first and error.is_certain)
            return error.is_line_usable
        self.outbox.sent(row)
        _log.info("event=mail_sent kind=%s office=%s mail=%s", row.kind, row.office, row.id)
        return True

    def _health(self, row: Row) -> bytes:
        sender, to = self.settings.smtp.sender, self.settings.operator
        found = self.look() if self.look else {}
        lines = [f"{about}: {text}" for about, text in found.items()]
        envelope = Envelope(sender, to, row.id, self._second())
        return self.writer.health(envelope, self.settings.operator_language, lines)

    def _mail(self, row: Row, told: OfficeMail, envelope: Envelope) -> tuple[bytes, bool]:
        """Return a mail, and whether making it noted an entry as fetched."""
        if row.kind == "entry" and row.entry:
            opened = self.outbox.give(row, hours.moment(envelope.now).date())
            files, is_cut = self._files(row.office, opened.evidence, told.attach_bytes)
            attached = [(row.entry, opened.data), *files]
            mail = self.writer.entry(envelope, row.office, told, row.entry, attached, is_cut=is_cut)
            return mail, opened.is_first
        if row.kind == "notice":
            return self.writer.notice(envelope, row.office, told), False
        if row.kind == "urgent":
            is_late = row.recipient == "second"
            return self.writer.urgent(envelope, row.office, told, is_late=is_late), False
        is_operator = row.recipient == "operator"
        language = self.settings.operator_language if is_operator else told.language
        return self.writer.unfetched(envelope, row.office, told, language), False

    def _files(
        self, office: str, named: tuple[tuple[str, int], ...], room: int
    ) -> tuple[list[tuple[str, bytes]], bool]:
        """Return the sealed files that fit beside an entry, and whether one does not."""
        files = []
        for name, size in named:
            if size > room:
                continue
            try:
                _, pieces = self.uploads.fetch(office, name)
                files.append((name, b"".join(pieces)))
            except (NotFoundError, StoreError):
                continue  # it can still be fetched, once the disk gives it again
            room -= size
        return files, len(files) < len(named)

    def _address(self, row: Row, told: OfficeMail | None) -> str:
        if row.recipient == "operator":
            return self.settings.operator
        if told is None:
            return ""
        return told.second if row.recipient == "second" else told.notice

    def _count(self, row: Row) -> None:
        waited = hours.wait(row.attempts + 1, self.random(1)[0])
        self.outbox.begin(row, self._second() + waited)

    def _fail(self, row: Row, error: DeliveryError, *, take_back: bool = False) -> None:
        dead = row.attempts + 1 >= hours.MOST_TRIES
        self.outbox.failed(row, error.code, dead=dead, take_back=take_back)
        state = "dead" if dead else "waiting"
        _log.warning(
            "event=mail_%s kind=%s office=%s mail=%s error=%s",
            state, row.kind, row.office, row.id, error.code,
        )  # fmt: skip


def languages_of(settings: Settings) -> frozenset[str]:
    """Return the languages that mails are written in."""
    return frozenset(
        (settings.operator_language, *(told.language for told in settings.offices.values()))
    )
