"""What an operator must know: what is due, full, failing, expiring or not fetched.

Rules: nothing that betrays a person: no id of a case, no day of a single report but the oldest
that an office has not fetched, no count of reports but of what is not fetched.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from intake.core.programme import Programme
from intake.crypto import keyring
from intake.crypto.keyring import Keyring
from intake.errors import IntakeError
from intake.ops import backup
from intake.store.canaries import Canaries
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.outbox import Outbox
from intake.store.state import Name, State

_BACKUP_OLD = timedelta(days=2)
_PURGE_OLD = timedelta(days=2)
_CANARY_OLD = timedelta(days=4)
"""A long weekend and a day."""
_UNFETCHED = timedelta(days=7)
"""The usual clock for an acknowledgement."""


@dataclass(frozen=True)
class Line:
    """One thing: what it is about, whether something must be done, and what."""

    about: str
    is_bad: bool
    text: str


@dataclass(frozen=True)
class Site:
    """What is looked at; `target` is where backups go, None where none are made."""

    database: Database
    data: Path
    room: int
    programme: Programme
    keyring: Keyring
    problems: Sequence[str]
    target: Path | None


def look(site: Site, today: date) -> Iterator[Line]:
    """Yield a line for each thing, whether it is well or not; raises StoreError."""
    state = State(site.database).all()
    yield from _check(site.problems)
    yield from _door(state)
    yield _disk(site)
    yield _backup(site.target, today)
    yield _last("purge", state.get(Name.PURGED), today, _PURGE_OLD, "run: intake purge")
    yield _canary(Canaries(site.database).waiting(), state.get(Name.CANARY), today)
    yield from _keys(site, today)
    yield _mail(Outbox(site.database).dead())
    yield from _fetched(site, today)


def _check(problems: Sequence[str]) -> Iterator[Line]:
    if not problems:
        yield Line("check", is_bad=False, text="programme and keys are well")
    for problem in problems:
        yield Line("check", is_bad=True, text=problem)


def _door(state: Mapping[Name, date]) -> Iterator[Line]:
    if Name.STOPPED in state:
        text = f"nothing is taken since {state[Name.STOPPED]}; again: intake programme resume"
        yield Line("form", is_bad=True, text=text)
    elif Name.CLOSING in state:
        text = f"no new reports; the programme ends on {state[Name.CLOSING]}"
        yield Line("form", is_bad=False, text=text)
    else:
        yield Line("form", is_bad=False, text="reports are taken")


def _disk(site: Site) -> Line:
    free = shutil.disk_usage(site.data).free
    # A purge and a backup write the database once more each.
    needed = site.room + 2 * site.database.path.stat().st_size
    text = f"{free >> 20} MiB are free, {needed >> 20} are needed"
    if free < needed:
        return Line(
            "disk", is_bad=True, text=f"{text}: make room, files are refused before reports"
        )
    return Line("disk", is_bad=False, text=text)


def _backup(target: Path | None, today: date) -> Line:
    if target is None:
        return Line("backup", is_bad=True, text="none is made, name a folder in the settings")
    try:
        found = list(backup.manifests(target))
        problems = backup.check(target, *found[-1]) if found else ()
    except (IntakeError, OSError) as error:
        return Line("backup", is_bad=True, text=str(error))
    if problems:
        return Line("backup", is_bad=True, text=f"not whole, back up again: {problems[0]}")
    last = found[-1][1].made if found else None
    return _last("backup", last, today, _BACKUP_OLD, "run: intake backup")


def _canary(waiting: date | None, opened: date | None, today: date) -> Line:
    if waiting is None and opened is None:
        return Line("canary", is_bad=False, text="none was filed yet: intake canary")
    last = f"the last one opened was filed on {opened}" if opened else "none was opened yet"
    if waiting and today - (opened or waiting) > _CANARY_OLD:
        return Line("canary", is_bad=True, text=f"{last}: ask the office, reports may wait unread")
    return Line("canary", is_bad=False, text=last)


def _keys(site: Site, today: date) -> Iterator[Line]:
    soon = [
        (office, key)
        for office, keys in site.keyring.offices.items()
        for key in keyring.ending(keys, today)
    ]
    if not soon:
        yield Line("keys", is_bad=False, text="none ends within 28 days")
    for office, key in soon:
        text = f"the {key.role} key of {office} ends on {key.until}: make the next one now"
        yield Line("keys", is_bad=True, text=text)


def _mail(dead: int) -> Line:
    if not dead:
        return Line("mail", is_bad=False, text="none was given up")
    return Line("mail", is_bad=True, text=f"{dead} could not be sent, see why: intake outbox")


def _fetched(site: Site, today: date) -> Iterator[Line]:
    oldest = Cases(site.database).oldest_unread()
    for office in site.programme.keyed:
        since = oldest.get(office.id)
        if since is None:
            yield Line(office.id, is_bad=False, text="has fetched everything")
        else:
            late = today - since > _UNFETCHED
            text = f"has something to fetch since {since}"
            yield Line(office.id, is_bad=late, text=text + (": call it" if late else ""))


def _last(about: str, last: date | None, today: date, longest: timedelta, mend: str) -> Line:
    if last is None:
        return Line(about, is_bad=True, text=f"never, {mend}")
    if not timedelta() <= today - last <= longest:
        return Line(about, is_bad=True, text=f"last on {last}, {mend}")
    return Line(about, is_bad=False, text=f"last on {last}")
