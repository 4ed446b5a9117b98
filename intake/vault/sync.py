"""Fetching and opening what the server holds for an office, day by day.

Rules: all days are compared each time, so nothing that came late is missed; what was fetched is
kept batch by batch, so a break costs one batch; one record that is broken or hostile is set aside
with its reason and never blocks the rest; what is gone from the server stays, marked.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from intake.client import Office
from intake.core import canary, limits, wire
from intake.core.entry import ID, AdditionBody, Entry, Outer, ReportBody
from intake.core.programme import Programme
from intake.crypto import opening
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import Identity, open_sealed
from intake.errors import (
    ConflictError,
    EntryError,
    IntakeError,
    KeyringError,
    LoginError,
    NotSealedError,
    ServerError,
    UnreachableError,
    VaultLockedError,
    WireError,
)
from intake.vault import records, versions
from intake.vault.custody import Log, What
from intake.vault.records import Arrived, Known
from intake.vault.vault import Open, Vault
from intake.vault.writing import Sending

T = TypeVar("T")
BATCH = 500
"""Entries written at once: one flush of the disk for each; a break costs some seconds."""
_DIGEST = re.compile("[0-9a-f]{64}")
_KINDS = ("report", "message", "reply", "note")
_REFUSED = (ServerError, WireError, ConflictError, KeyringError)
"""What a server may say of one entry: it concerns that entry only."""


@dataclass
class Result:
    """What a run did, in entries; also what a progress bar shows, by `day` of `days`.

    `problems` says what a server listed that is no entry, and days that it did not list at all.
    """

    days: int = 0
    day: int = 0
    fetched: int = 0
    opened: int = 0
    aside: int = 0
    gone: int = 0
    replaced: int = 0
    sent: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Sync:
    """One run. `log_in` gives a fresh session, also after one ended in the middle."""

    vault: Vault
    log_in: Callable[[Open], Office]
    programme: Programme
    now: Callable[[], datetime]
    progress: Callable[[Result], None] = lambda _: None
    result: Result = field(default_factory=Result)
    _office: Office | None = None
    _waiting: list[tuple[date, wire.Item]] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _arrived: list[Arrived] = field(default_factory=list)
    _digests: set[str] = field(default_factory=set)

    def run(self) -> Result:
        """Bring the vault to what the server lists; raises ServerError, VaultError, LoginError.

        What was written here is sent first. What was kept before it raised stays; the next run goes
        on from there.
        """
        sending = Sending(self.vault, self._ask, self.now)
        try:
            self.result.problems += sending.run()
        finally:
            self.result.sent = sending.sent
        days = self._ask(Office.days)
        if len({one.day for one in days}) != len(days):
            raise WireError("the server lists a day twice, do not trust it")
        with self.vault.use() as opened:
            mine = records.day_hashes(opened.database)
        told = {one.day.isoformat(): one.hash for one in days}
        changed = sorted(day for day in told.keys() | mine.keys() if told.get(day) != mine.get(day))
        self.result.days = len(changed)
        try:
            self._days(changed, told)
        finally:  # when the line breaks, what came before it is kept
            self._keep()
        self._check_authors()
        versions.fetch(self.vault, self._ask, self._digests)
        return self.result

    def _days(self, changed: Sequence[str], told: Mapping[str, str]) -> None:
        for number, text in enumerate(changed, 1):
            self.result.day = number
            try:
                self._day(date.fromisoformat(text), is_listed=text in told)
            except UnreachableError:
                raise
            except (ServerError, WireError) as error:
                self.result.problems.append(f"{text}: {error}")
            self.progress(self.result)
        while self._waiting:
            self._fetch()

    def _day(self, day: date, *, is_listed: bool) -> None:
        items = self._ask(lambda office: office.day(day)) if is_listed else ()
        with self.vault.use() as opened:
            listed = self._listed(opened, day, items)
            known = records.of_day(opened.database, day)
            self._mark_gone(opened, known, listed)
        new = [
            wire.Item(name, digest)
            for name, digest in listed.items()
            if name not in known or known[name].state == "missing"
        ]
        self._waiting += [(day, item) for item in new]
        self._taken.update(item.entry for item in new)
        while len(self._waiting) >= limits.FETCH_ENTRIES:
            self._fetch()
        for name, digest in listed.items():
            held = known.get(name)
            if held and held.state != "missing" and held.header_digest != digest:
                self._replace(held, digest)

    def _listed(self, opened: Open, day: date, items: Iterable[wire.Item]) -> dict[str, str]:
        """Return the header digest of each entry listed; what can be none is a problem."""
        listed: dict[str, str] = {}
        elsewhere = records.on_other_days(opened.database, day, [item.entry for item in items])
        elsewhere |= self._taken
        for item in items:
            if not ID.fullmatch(item.entry) or not _DIGEST.fullmatch(item.header_digest):
                problem = "the server lists what is no entry, do not trust it"
            elif item.entry in listed:
                problem = "the server lists an entry twice, do not trust it"
            elif item.entry in elsewhere:
                problem = "the server lists an entry on another day than before, do not trust it"
            else:
                listed[item.entry] = item.header_digest
                continue
            self.result.problems.append(f"{day}: {problem}")
        return listed

    def _keep(self) -> None:
        """Write what has arrived, in one transaction."""
        arrived, self._arrived = self._arrived, []
        if not arrived:
            return
        with self.vault.use() as opened, opened.database.write():
            self._log(opened, _events(arrived))
            records.keep(opened.database, arrived)
        for one in arrived:
            self.result.fetched += one.state != "missing"
            self.result.opened += one.state == "opened"
            self.result.aside += one.state in ("aside", "missing")
        self.progress(self.result)

    def _fetch(self) -> None:
        """Take the first of what waits, as much as the server gives at once."""
        with self.vault.use() as opened:  # each time: a vault that was locked stops the run here
            identities = opened.identities
        names = [item.entry for _, item in self._waiting[: limits.FETCH_ENTRIES]]
        try:
            given = self._ask(lambda office: office.several(names))
        except UnreachableError:
            raise
        except _REFUSED:  # each is asked for by itself, and says what is wrong
            given = dict.fromkeys(names)
        for (day, item), sealed in zip(self._waiting, given.values(), strict=False):
            self._arrived.append(self._arrive(day, item, sealed, identities))
        del self._waiting[: len(given)]
        if len(self._arrived) >= BATCH:
            self._keep()

    def _arrive(
        self,
        day: date,
        item: wire.Item,
        sealed: wire.Sealed | None,
        identities: Sequence[Identity],
    ) -> Arrived:
        """Return one entry, opened or set aside; raises only where the line broke."""
        try:
            sealed = sealed or self._ask(lambda office: office.entry(item.entry))
        except UnreachableError:
            raise
        except _REFUSED as error:
            return Arrived(
                item.entry, "", "", day, item.header_digest, b"", b"", "missing", str(error), None
            )
        header, payload = sealed.header, sealed.payload
        case, kind = sealed.case, sealed.kind
        entry, state, reason = None, "opened", ""
        try:
            self._refuse(sealed, day, item)
            entry = _open(sealed, identities, self.programme)
            if isinstance(entry.body, ReportBody | AdditionBody):
                self._digests.add(entry.body.digest)
            state = "trial" if self._is_trial(entry) else "opened"
        except (UnreachableError, VaultLockedError):
            raise
        except IntakeError as error:
            state, reason = "aside", str(error)
        if not ID.fullmatch(case) or kind not in _KINDS:
            case, kind = "", ""
        kept = entry if state == "opened" else None
        return Arrived(
            item.entry, case, kind, day, item.header_digest, header, payload, state, reason, kept
        )

    def _refuse(self, sealed: wire.Sealed, day: date, item: wire.Item) -> None:
        """Raise WireError where the entry is not what the list said."""
        assert self._office is not None
        if sealed.reader != self._office.name:
            raise WireError("the server sent an entry of another office, do not trust it")
        if sealed.day != day:
            raise WireError("the server sent an entry of another day than it listed, set aside")
        if hashlib.sha256(sealed.header).hexdigest() != item.header_digest:
            raise WireError("the header is not the one that the server listed, set aside")

    def _is_trial(self, entry: Entry) -> bool:
        """Whether this is the server's own trial; tells it that it was opened."""
        body = entry.body
        code = canary.code(body.answers.get("account")) if isinstance(body, ReportBody) else ""
        if not code:
            return False
        try:
            self._ask(lambda office: office.tell_canary(code))
        except UnreachableError:
            raise
        except IntakeError:
            return False  # only looks like one: shown as what it is
        return True

    def _mark_gone(self, opened: Open, known: dict[str, Known], listed: dict[str, str]) -> None:
        today = self.now().date().isoformat()
        gone = [one for one in known.values() if one.id not in listed and not one.gone]
        back = [one for one in known.values() if one.id in listed and one.gone]
        if not gone and not back:
            return
        with opened.database.write():
            opened.database.many(
                "UPDATE entries SET gone = ? WHERE place = ?",
                [*((today, one.place) for one in gone), *(("", one.place) for one in back)],
            )
            events: list[tuple[str, str, What]] = [(one.case, one.id, "gone") for one in gone]
            events += [(one.case, one.id, "returned") for one in back]
            self._log(opened, events)
        self.result.gone += len(gone)

    def _replace(self, known: Known, digest: str) -> None:
        """Take another header for an entry that is here; what it does not open keeps its old one.

        With the new one, an entry that was set aside is tried again.
        """
        try:
            header = self._ask(lambda office: office.header(known.id))
        except UnreachableError:
            raise
        except (ServerError, WireError) as error:
            self.result.problems.append(f"entry {known.id}: {error}")
            return
        if hashlib.sha256(header).hexdigest() != digest:
            self.result.problems.append(f"entry {known.id}: the header is not the one listed")
            return  # its day differs still, so the next run asks again
        with self.vault.use() as opened, opened.database.write():
            self._put(opened, known, header, digest)
        self.result.replaced += 1

    def _put(self, opened: Open, known: Known, header: bytes, digest: str) -> None:
        base = opened.database
        ((payload, kind, day),) = base.rows(
            _row,
            "SELECT c.payload, e.kind, e.day FROM contents AS c JOIN entries AS e USING (place) "
            "WHERE e.place = ?",
            known.place,
        )
        base.run("UPDATE entries SET header_digest = ? WHERE place = ?", digest, known.place)
        self._log(opened, [(known.case, known.id, "header replaced")])
        try:
            open_sealed(header, payload, opened.identities)
        except IntakeError:
            return
        base.run("UPDATE contents SET header = ? WHERE place = ?", header, known.place)
        if known.state != "aside" or not known.case:
            return
        assert self._office is not None
        sealed = wire.Sealed(
            known.case, known.id, kind, date.fromisoformat(day), self._office.name, header, payload
        )
        try:
            entry = _open(sealed, opened.identities, self.programme)
        except IntakeError:
            return
        base.run("DELETE FROM entries WHERE place = ?", known.place)
        again = Arrived(
            known.id, known.case, kind, sealed.day, digest, header, payload, "opened", "", entry
        )
        records.keep(base, [again])
        self._log(opened, [(known.case, known.id, "opened")])

    def _check_authors(self) -> None:
        """Check who wrote what is no report, beside the report; a forgery is set aside."""
        with self.vault.use() as opened:
            cases = opened.database.rows(
                str,
                "SELECT DISTINCT case_id FROM entries WHERE checked <> 1 AND state = 'opened'",
            )
        for case in cases:
            with self.vault.use() as opened, opened.database.write():
                self._check_case(opened, case)

    def _check_case(self, opened: Open, case: str) -> None:
        base = opened.database
        rows = base.rows(
            _Written,
            "SELECT place, day, checked FROM entries WHERE case_id = ? AND state = 'opened'",
            case,
        )
        entries = {row.place: records.opened(base, row.place) for row in rows}
        counted = []
        for row in rows:
            if row.checked == 1:
                continue
            entry = entries[row.place]
            try:
                is_checked = opening.check_author(entry, entries.values())
            except EntryError as error:
                records.set_aside(base, row.place, str(error))
                if row.checked:  # it had counted while nothing could be said
                    records.recount(base, case)
                self._log(opened, [(case, entry.id, "set aside")])
                self.result.opened -= 1
                self.result.aside += 1
                continue
            base.run(
                "UPDATE entries SET checked = ? WHERE place = ?", 1 if is_checked else 2, row.place
            )
            if row.checked == 0:
                counted.append((row.place, date.fromisoformat(row.day), entry))
        records.count(base, counted)

    def _log(self, opened: Open, events: Iterable[tuple[str, str, What]]) -> None:
        """Note what was done to entries whose case is known."""
        log, now = Log(opened.database, opened.settings["who"]), self.now()
        events = [event for event in events if event[0]]
        log.begin(case for case, _, _ in events)
        for case, entry, what in events:
            log.add(case, entry, what, now)
        log.flush()

    def _ask(self, question: Callable[[Office], T]) -> T:
        """Ask the server, with another session where this one has ended."""
        if self._office is not None:
            try:
                return question(self._office)
            except LoginError:
                pass
        with self.vault.use() as opened:
            self._office = self.log_in(opened)
        return question(self._office)


@dataclass(frozen=True)
class _Written:
    place: int
    day: str
    checked: int


def _open(sealed: wire.Sealed, identities: Sequence[Identity], programme: Programme) -> Entry:
    outer = Outer(sealed.case, sealed.kind, sealed.reader, sealed.entry)
    try:
        made = Sealed(SealedHeader(sealed.header), sealed.payload)
    except NotSealedError:
        # A file cut off or altered says so itself; only what opens whole was never an entry.
        open_sealed(sealed.header, sealed.payload, identities)
        raise
    return opening.open_entry(made, identities, outer, programme)


def _events(arrived: Iterable[Arrived]) -> Iterator[tuple[str, str, What]]:
    for one in arrived:
        if one.state == "missing":
            continue
        yield one.case, one.id, "fetched"
        yield one.case, one.id, "opened" if one.state in ("opened", "trial") else "set aside"


def _row(payload: bytes, kind: str, day: str) -> tuple[bytes, str, str]:
    return payload, kind, day
