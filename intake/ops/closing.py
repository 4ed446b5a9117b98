"""How a programme ends: announced, archived for named keyholders, deleted by record.

Rules: each step needs the one before; what nobody has read is never deleted without a word that
says so; the archive is read back before anything goes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from intake.core.programme import Programme
from intake.crypto.age import HybridRecipient
from intake.crypto.keyring import Keyring, fingerprint, spoken
from intake.errors import ClosingError
from intake.ops import backup
from intake.ops.backup import Made, Target
from intake.store.blobs import Blobs
from intake.store.database import Database
from intake.store.state import Name, State

NOTICE_DAYS = 90
RECORD = "record.txt"
_FOREVER = 36_500


@dataclass(frozen=True)
class Keyholder:
    """Somebody who can open an archive."""

    name: str
    recipient: HybridRecipient


def keyholders(text: str) -> tuple[Keyholder, ...]:
    """Return the keyholders in a recipients file, each key under a comment with a name.

    Raises BackupError, ClosingError.
    """
    found = []
    name = ""
    for line in text.split("\n"):
        if line.startswith("#"):
            name = line.removeprefix("#").strip()
        elif line.strip():
            if not name:
                raise ClosingError("keyholders: write each one's name above her key: # Name")
            found.append(Keyholder(name, *backup.recipients(line)))
            name = ""
    if len(found) < 2:  # noqa: PLR2004 - one that is lost must not lose all
        raise ClosingError("keyholders: name at least two, each with her key")
    return tuple(found)


def check_notice(end: date, today: date) -> None:
    """Raise ClosingError where people would not have the time to come back."""
    if end < today + timedelta(days=NOTICE_DAYS):
        first = today + timedelta(days=NOTICE_DAYS)
        raise ClosingError(f"people need {NOTICE_DAYS} days to come back: {first} or later")


def announce(state: State, end: date) -> None:
    """Take no new reports, and announce the end."""
    state.keep(Name.CLOSING, end)
    state.drop(Name.ARCHIVED)


@dataclass(frozen=True)
class Archive:
    """Where an archive goes, for whom, and from which day on they may open it."""

    folder: Path
    holders: Sequence[Keyholder]
    opens: date

    def make(self, database: Database, blobs: Blobs, programme: Programme, today: date) -> Made:
        """Seal everything to the keyholders, read it back, write the record.

        Raises BackupError, ClosingError, StoreError.
        """
        state = State(database)
        if Name.CLOSING not in state.all():
            raise ClosingError("the end was not announced, first: intake programme close")
        keys = tuple(holder.recipient for holder in self.holders)
        made = backup.backup(database, blobs, Target(self.folder, keys, _FOREVER), today)
        found = dict(backup.manifests(self.folder))
        problems = backup.check(self.folder, made.name, found[made.name])
        if problems:
            raise ClosingError(f"the archive is not whole, make it again: {problems[0]}")
        record = self._record(made, programme, found[made.name].digest, today)
        (self.folder / RECORD).write_text(record, "utf-8")
        state.keep(Name.ARCHIVED, today)
        return made

    def _record(self, made: Made, programme: Programme, digest: str, today: date) -> str:
        held = made.content
        lines = [
            f"Archive of programme {programme.id}, version {programme.version}",
            f"Programme file, SHA-256: {programme.digest}",
            f"Made on {today}. Not to be opened before {self.opens}.",
            f"{held.cases} cases, {held.entries} sealed entries, {len(held.files)} files",
            f"Snapshot {made.name}.age, SHA-256: {digest}",
            "",
            "Any one of these keyholders can open it. The entries inside stay sealed to the",
            "offices: to read them, an office's identity is needed besides.",
            "",
        ]
        lines += [f"- {one.name}: {fingerprint(one.recipient)[:16]}" for one in self.holders]
        return "\n".join((*lines, "", "Signed (name, day): ", "", ""))


def refuse_end(state: State, today: date) -> None:
    """Raise ClosingError unless everything may be deleted now."""
    days = state.all()
    if Name.CLOSING not in days:
        raise ClosingError("the end was not announced, first: intake programme close")
    if today < days[Name.CLOSING]:
        raise ClosingError(f"people may come back until {days[Name.CLOSING]}, wait for that day")
    if days.get(Name.ARCHIVED, date.min) < days[Name.CLOSING]:
        raise ClosingError("no archive was made since the end, first: intake programme archive")


def keys_record(programme: Programme, ring: Keyring, words: Sequence[str], today: date) -> str:
    """Return the sheet on which each office writes that its keys are destroyed."""
    lines = [
        f"Keys of programme {programme.id}, which ended on {today}",
        "",
        "Each office destroys the identities of these keys, every copy, paper too, when nothing",
        "sealed to them is to be read any more, and signs here.",
    ]
    for office, keys in ring.offices.items():
        lines += ["", office]
        for key in keys:
            lines += [f"  {key.role}: {spoken(key.fingerprint, words)}"]
            lines += ["    destroyed on ____________ by ____________ seen by ____________"]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return "\n".join((*lines, "", f"SHA-256 of what stands above: {digest}", ""))
