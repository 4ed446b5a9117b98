"""What a vault keeps of entries and cases, written in batches.

Rules: the caller holds the transaction; an entry is kept sealed as it came, beside what was
opened; what is gone from the server stays here, and is marked so.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from intake.core import canonical, clocks, work
from intake.core.entry import AdditionBody, Entry, ReportBody
from intake.core.work import Note, Work, WorkBody
from intake.crypto import opening
from intake.crypto.derive import acknowledgement
from intake.errors import EntryError, VaultDamagedError
from intake.vault import facts as of
from intake.vault import schema
from intake.vault.database import Database
from intake.vault.folding import indexed


@dataclass(frozen=True, repr=False)
class Arrived:
    """An entry as it came: what it was filed under, its bytes, and what came of opening it.

    `opened` is None where it was set aside, for `reason`; `state` is that of the table.
    """

    id: str
    case: str
    kind: str
    day: date
    header_digest: str
    header: bytes
    payload: bytes
    state: str
    reason: str
    opened: Entry | None


@dataclass(frozen=True)
class Known:
    """An entry as the server lists it, with what the vault holds of it."""

    place: int
    id: str
    case: str
    header_digest: str
    state: str
    gone: str


def of_day(database: Database, day: date) -> dict[str, Known]:
    """Return what is kept of a day, by id."""
    found = database.rows(
        Known,
        "SELECT place, id, case_id, header_digest, state, gone FROM entries "
        "WHERE day = ? AND state <> 'unsent'",
        day.isoformat(),
    )
    return {one.id: one for one in found}


def on_other_days(database: Database, day: date, names: Sequence[str]) -> frozenset[str]:
    """Return those of these ids that are kept under another day."""
    return frozenset(
        database.rows(
            str,
            "SELECT id FROM entries WHERE day <> ? AND state <> 'unsent' "
            "AND id IN (SELECT value FROM json_each(?))",
            day.isoformat(),
            canonical.encode(names).decode(),
        )
    )


def day_hashes(database: Database) -> dict[str, str]:
    """Return the hash of each day as the server makes it, over what is whole here and still there.

    What could not be fetched is left out, so its day differs and is looked at again; and what was
    written here, until it comes back from the server.
    """
    hashes: dict[str, hashlib._Hash] = {}
    for day, line in database.rows(
        _pair,
        "SELECT day, id || ' ' || header_digest || char(10) FROM entries "
        "WHERE gone = '' AND state NOT IN ('missing', 'unsent') ORDER BY day, id",
    ):
        hashes.setdefault(day, hashlib.sha256()).update(line.encode())
    return {day: hashed.hexdigest() for day, hashed in hashes.items()}


def keep(database: Database, arrived: Sequence[Arrived]) -> None:
    """Keep new entries of one day, and count those that speak for themselves.

    A report is its own beginning; whether a message is its writer's own shows only beside it.
    """
    ids = [(one.id,) for one in arrived]
    database.many("DELETE FROM entries WHERE id = ? AND state = 'missing'", ids)
    forget_unsent(database, [one.id for one in arrived])
    places = _places(database, arrived)
    database.many(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        [
            (
                place,
                one.id,
                one.case,
                one.kind,
                one.opened.office if one.opened else "",
                one.day.isoformat(),
                one.header_digest,
                hashlib.sha256(one.payload).hexdigest() if one.payload else "",
                one.state,
                one.reason,
                int(one.opened is not None and (one.kind == "report" or one.state == "unsent")),
            )
            for place, one in zip(places, arrived, strict=True)
        ],
    )
    database.many(
        "INSERT INTO contents VALUES (?, ?, ?, ?)",
        [
            (place, one.header, one.payload, canonical.encode(one.opened) if one.opened else None)
            for place, one in zip(places, arrived, strict=True)
        ],
    )
    count(
        database,
        [
            (place, one.day, one.opened)
            for place, one in zip(places, arrived, strict=True)
            if one.opened and (one.kind == "report" or one.state == "unsent")
        ],
    )


def forget_unsent(database: Database, names: Sequence[str]) -> None:
    """Take out what was written here under these ids: it came back, or was refused."""
    found = database.rows(
        _place_case,
        "SELECT place, case_id FROM entries WHERE state = 'unsent' "
        "AND id IN (SELECT value FROM json_each(?))",
        canonical.encode(names).decode(),
    )
    for place, case in found:
        database.run("DELETE FROM words WHERE rowid = ?", place)
        database.run("DELETE FROM entries WHERE place = ?", place)
        recount(database, case)


def _places(database: Database, arrived: Sequence[Arrived]) -> list[int]:
    last: dict[date, int] = {}
    places = []
    for one in arrived:
        if one.day not in last:
            start = one.day.toordinal() << schema.PLACE_BITS
            newest = database.number(
                "SELECT max(place) FROM entries WHERE place BETWEEN ? AND ?",
                start,
                start + (1 << schema.PLACE_BITS) - 1,
            )
            last[one.day] = newest or start
        last[one.day] += 1
        places.append(last[one.day])
    return places


# The date is `schema.NEVER`.
_COUNT = """INSERT INTO cases (place, id, first, newest, entries, title, language, urgent, child,
    custody, notice, acknowledge_by, feedback_by, limit_on, limit_text, answerable)
    VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET place = max(place, excluded.place),
    first = min(first, excluded.first), newest = max(newest, excluded.newest),
    entries = entries + 1, title = CASE title WHEN '' THEN excluded.title ELSE title END,
    language = CASE language WHEN '' THEN excluded.language ELSE language END,
    urgent = max(urgent, excluded.urgent), child = max(child, excluded.child),
    custody = max(custody, excluded.custody),
    notice = CASE WHEN excluded.notice <> '' AND excluded.place >= place
        THEN excluded.notice ELSE notice END,
    acknowledge_by = min(acknowledge_by, excluded.acknowledge_by),
    feedback_by = min(feedback_by, excluded.feedback_by),
    limit_on = CASE WHEN excluded.limit_on = '9999-12-31' THEN limit_on
        WHEN limit_on = '9999-12-31' OR excluded.place >= place
        THEN excluded.limit_on ELSE limit_on END,
    limit_text = max(limit_text, excluded.limit_text),
    answerable = max(answerable, excluded.answerable)"""


def count(database: Database, entries: Iterable[tuple[int, date, Entry]]) -> None:
    """Let opened entries count in lists and searches: (place, day, entry) each.

    What the office wrote itself moves no case up in the list of what is new.
    """
    rows, texts, evidence, own = [], [], [], []
    changed: dict[str, None] = {}
    for place, day, entry in entries:
        texts.append((place, indexed(of.words(entry))))
        if entry.kind != "report":
            changed[entry.case] = None
        if entry.direction != "in":
            own.append((entry.case,))
            continue
        found = of.facts(entry)
        limit = found.limit_on.isoformat() if found.limit_on else schema.NEVER
        rows.append(
            (
                place,
                entry.case,
                day.isoformat(),
                day.isoformat(),
                _text(found.title),
                _text(found.language),
                found.urgent,
                found.child,
                found.custody,
                found.notice,
                clocks.acknowledge_by(day).isoformat(),
                clocks.feedback_by(day).isoformat(),
                limit,
                found.limit_text,
                found.answerable,
            )
        )
        evidence += [
            (place, told.id, _text(told.name), told.type, told.length, told.digest, told.of)
            for told in of.files(entry)
        ]
    database.many(_COUNT, rows)
    database.many("UPDATE cases SET entries = entries + 1 WHERE id = ?", own)
    database.many("INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)", texts)
    database.many("INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)", evidence)
    for case in changed:
        settle(database, case)


@dataclass(frozen=True)
class _Said:
    """An entry that says how a case stands."""

    place: int
    kind: str
    day: str


def settle(database: Database, case: str) -> None:
    """Work out how a case stands, from what its witness and its office wrote in it."""
    rows = database.rows(
        _Said,
        "SELECT place, kind, day FROM entries WHERE case_id = ? AND state IN ('opened', 'unsent') "
        "AND checked = 1",
        case,
    )
    hers = max((row.day for row in rows if row.kind in ("report", "message")), default="")
    found = [opened(database, row.place) for row in rows]
    first = {acknowledgement_of(entry) for entry in found if entry.kind == "report"}
    replies = {entry.id for entry in found if entry.kind == "reply"}
    # The acknowledgement asks for nothing, so nobody owes an answer to it.
    asked = replies - first
    ours = max(
        (row.day for row, entry in zip(rows, found, strict=True) if entry.id in asked), default=""
    )
    stands = work_of(found)
    database.run(
        "UPDATE cases SET status = ?, assigned = ?, reason = ?, tags = ?, acknowledged = ?, "
        "answered = ?, answerable = ?, silent = ? WHERE id = ?",
        stands.status,
        _text(stands.assigned),
        _text(stands.reason),
        _text("\n".join(stands.tags)),
        bool(replies),
        bool(asked),
        any(map(_has_way_back, found)) and not any(map(_ends_it, found)),
        ours if ours >= hers and ours else schema.NEVER,
        case,
    )
    database.run("DELETE FROM tags WHERE case_id = ?", case)
    database.many("INSERT INTO tags VALUES (?, ?)", [(_text(tag), case) for tag in stands.tags])


def _has_way_back(entry: Entry) -> bool:
    return isinstance(entry.body, ReportBody) and bool(entry.body.reply_to)


def _ends_it(entry: Entry) -> bool:
    """Whether nothing may be sent any more: taken back, or somebody else has the words."""
    return isinstance(entry.body, AdditionBody) and entry.body.group in ("withdrawal", "exposed")


def work_of(entries: Iterable[Entry]) -> Work:
    """Return what the office agreed on, by its notes."""
    return work.merged(
        Note(entry.id, entry.date, entry.body)
        for entry in entries
        if isinstance(entry.body, WorkBody)
    )


def acknowledgement_of(report: Entry) -> str:
    """Return the id of the answer which only says that a report was opened; empty for none."""
    assert isinstance(report.body, ReportBody)
    try:
        return acknowledgement(opening.message_key(report.body))
    except EntryError:
        return ""


def set_aside(database: Database, place: int, reason: str) -> None:
    """Take an entry that was opened out of lists and searches, and forget what it said."""
    database.run("UPDATE entries SET state = 'aside', reason = ? WHERE place = ?", reason, place)
    database.run("UPDATE contents SET opened = NULL WHERE place = ?", place)
    database.run("DELETE FROM words WHERE rowid = ?", place)
    database.run("DELETE FROM evidence WHERE place = ?", place)


def recount(database: Database, case: str) -> None:
    """Count a case anew from what is opened and counts."""
    database.run("DELETE FROM cases WHERE id = ?", case)
    rows = database.rows(
        _place_day,
        "SELECT place, day FROM entries WHERE case_id = ? AND state IN ('opened', 'unsent') "
        "AND checked > 0 ORDER BY kind <> 'report', place",
        case,
    )
    count(database, [(place, day, opened(database, place)) for place, day in rows])


def opened(database: Database, place: int) -> Entry:
    """Return what was opened; raises VaultDamagedError."""
    found = database.rows(_bytes, "SELECT opened FROM contents WHERE place = ?", place)
    try:
        return canonical.decode(found[0] or b"", Entry, EntryError, "the entry")
    except (EntryError, IndexError) as error:
        raise VaultDamagedError("an entry of the vault is damaged, restore a backup") from error


def _text(text: str) -> str:
    """Return text that SQLite takes: JSON can spell half a letter."""
    return text.encode(errors="replace").decode()


def _pair(day: str, line: str) -> tuple[str, str]:
    return day, line


def _place_case(place: int, case: str) -> tuple[int, str]:
    return place, case


def _bytes(value: bytes | None) -> bytes | None:
    return value


def _place_day(place: int, day: str) -> tuple[int, date]:
    return place, date.fromisoformat(day)
