"""Pages of cases and of search results: newest first, by keyset.

Rules: a page costs the same wherever it begins and however many cases there are: it starts at a
place, never after counting rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from intake.core.entry import Entry
from intake.vault import records
from intake.vault.database import Database
from intake.vault.folding import match

PAGE = 50
"""Rows of a page."""
END = (1 << 63) - 1
"""Before the first row of the newest page: SQLite's largest integer."""

Filter = Literal["urgent", "child", "custody", "overdue"]
_FILTERS = {
    "urgent": "urgent",
    "child": "child",
    "custody": "custody",
    # The date is written into the query, as it was made from a date.
    "overdue": "due < '{today}'",
}


@dataclass(frozen=True, repr=False)
class Case:
    """A row of the list. `due` is the next date that counts, "9999-12-31" for none.

    `place` is where the next page starts.
    """

    place: int
    id: str
    first: str
    newest: str
    entries: int
    title: str
    language: str
    urgent: int
    child: int
    custody: int
    notice: str
    limit_text: int
    acknowledged: int
    status: str
    due: str

    def is_overdue(self, today: date) -> bool:
        """Whether the next date that counts has passed."""
        return self.due < today.isoformat()


_CASE = (
    "SELECT place, id, first, newest, entries, title, language, urgent, child, custody, notice, "
    "limit_text, acknowledged, status, due FROM cases"
)


@dataclass(frozen=True, repr=False)
class Hit:
    """An entry that holds all words of a search."""

    place: int
    id: str
    case: str
    kind: str
    day: str
    title: str


@dataclass(frozen=True)
class Row:
    """One entry of a case, without its words."""

    place: int
    id: str
    kind: str
    day: str
    state: str
    reason: str
    checked: int
    gone: str


_ROW = "SELECT place, id, kind, day, state, reason, checked, gone FROM entries"


def page(
    database: Database, today: date, filters: Sequence[Filter] = (), before: int = END
) -> list[Case]:
    """Return the cases before a place, newest first, that meet every filter."""
    wanted = "".join(f" AND {_FILTERS[name].format(today=today)}" for name in filters)
    return database.rows(
        Case, f"{_CASE} WHERE place < ?{wanted} ORDER BY place DESC LIMIT {PAGE}", before
    )


def due(database: Database, after: tuple[str, int] = ("", 0)) -> list[Case]:
    """Return cases, what is due first, after a (date, place)."""
    return database.rows(
        Case, f"{_CASE} WHERE (due, place) > (?, ?) ORDER BY due, place LIMIT {PAGE}", *after
    )


def find(database: Database, case: str) -> Case | None:
    """Return a case."""
    found = database.rows(Case, f"{_CASE} WHERE id = ?", case)
    return found[0] if found else None


def search(database: Database, typed: str, before: int = END) -> list[Hit]:
    """Return the entries that hold all words typed, newest first; none where nothing was typed."""
    query = match(typed)
    if not query:
        return []
    # The index alone finds the page; only its rows are looked up.
    return database.rows(
        Hit,
        "SELECT e.place, e.id, e.case_id, e.kind, e.day, c.title FROM "
        "(SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC "
        "LIMIT ?) AS w JOIN entries AS e ON e.place = w.rowid "
        "JOIN cases AS c ON c.id = e.case_id ORDER BY e.place DESC",
        query,
        before,
        PAGE,
    )


def rows(database: Database, case: str) -> list[Row]:
    """Return all entries of a case, oldest first, those set aside too."""
    return database.rows(Row, f"{_ROW} WHERE case_id = ? ORDER BY place", case)


def aside(database: Database, before: int = END) -> list[Row]:
    """Return what was set aside or could not be fetched, newest first."""
    return database.rows(
        Row,
        f"{_ROW} WHERE state IN ('aside', 'missing') AND place < ? ORDER BY place DESC "
        f"LIMIT {PAGE}",
        before,
    )


def opened(database: Database, case: str) -> list[tuple[Row, Entry]]:
    """Return the opened entries of a case, oldest first."""
    return [
        (row, records.opened(database, row.place))
        for row in rows(database, case)
        if row.state == "opened"
    ]


def tag(database: Database, case: str, tags: Sequence[str]) -> None:
    """Give a case these tags, and no others."""
    with database.write():
        database.run("DELETE FROM tags WHERE case_id = ?", case)
        database.many("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(one, case) for one in tags])


def note(database: Database, case: str, at: str, text: str) -> None:
    """Keep a note to oneself: it never leaves this vault."""
    with database.write():
        number = database.number("SELECT max(number) FROM own_notes WHERE case_id = ?", case)
        database.run("INSERT INTO own_notes VALUES (?, ?, ?, ?)", case, number + 1, at, text)
