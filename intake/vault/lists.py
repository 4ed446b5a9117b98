"""Pages of cases and of search results: newest first, by keyset.

Rules: a page costs the same wherever it begins and however many cases there are: it starts at a
place, never after counting rows.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from intake.core.entry import Entry
from intake.vault import records
from intake.vault.database import Database
from intake.vault.folding import match
from intake.vault.schema import NEVER

PAGE = 50
"""Rows of a page."""
END = (1 << 63) - 1
"""Before the first row of the newest page: SQLite's largest integer."""

CHOICES = 200
"""People, tags or languages that a filter offers: more than anybody looks through."""

Filter = Literal["urgent", "child", "custody", "overdue", "open", "lost"]
FILTERS: tuple[Filter, ...] = ("urgent", "child", "custody", "overdue", "open", "lost")
# The few that are silent come from their own index, whatever the order.
_LOST = (
    f"place IN (SELECT place FROM cases WHERE silent < '{NEVER}' AND silent < '{{lost}}') "  # noqa: S608 - dates
    "AND status <> 'closed'"
)
_FILTERS = {
    "urgent": "urgent",
    "child": "child",
    "custody": "custody",
    # Dates are written into the query, as they were made from dates.
    "overdue": "place IN (SELECT place FROM cases WHERE due < '{today}')",
    "open": "status <> 'closed'",
    "lost": _LOST,
}
_IN_PASSING = {"overdue": "due < '{today}'"}
"""The same without an index of its own."""
_MANY = 2000
"""Cases overdue from which on fifty of them are met soon among all."""
LOST = 30
"""Days without an answer after which contact may be lost: longer than most lines are down."""


@dataclass(frozen=True, repr=False)
class Wanted:
    """Which cases a list shows: those that meet all of it."""

    marks: tuple[Filter, ...] = ()
    status: str = ""
    assigned: str = ""
    language: str = ""
    tag: str = ""

    def where(self, today: date, *, in_passing: bool) -> tuple[str, list[str]]:
        """Return the condition with its values, each after AND.

        `in_passing`: many are overdue, or come first, so they are met soon in the order asked for.
        """
        days = {"today": today, "lost": today - timedelta(days=LOST)}
        filters = {**_FILTERS, **_IN_PASSING} if in_passing else _FILTERS
        parts = [filters[name].format(**days) for name in self.marks]
        columns = ("status", self.status), ("assigned", self.assigned), ("language", self.language)
        given = [(column, value) for column, value in columns if value]
        parts += [f"{column} = ?" for column, _ in given]
        values = [value for _, value in given]
        if self.tag:
            parts.append("id IN (SELECT case_id FROM tags WHERE tag = ?)")
            values.append(self.tag)
        return "".join(f" AND {part}" for part in parts), values


ALL = Wanted()


@dataclass(frozen=True, repr=False)
class Case:
    """A row of the list. `due` is the next date that counts, "9999-12-31" for none.

    `place` is where the next page starts; `tags` are lines; `silent` is the day since which the
    person owes an answer.
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
    acknowledge_by: str
    feedback_by: str
    limit_on: str
    answered: int
    silent: str
    assigned: str
    reason: str
    tags: str

    def is_overdue(self, today: date) -> bool:
        """Whether the next date that counts has passed."""
        return self.due < today.isoformat()

    @property
    def clock(self) -> Literal["", "acknowledge", "feedback", "limit"]:
        """Which clock is due next."""
        if self.due == NEVER:
            return ""
        if not self.acknowledged and self.due == self.acknowledge_by:
            return "acknowledge"
        return "limit" if self.due == self.limit_on else "feedback"


_CASE = (
    "SELECT place, id, first, newest, entries, title, language, urgent, child, custody, notice, "
    "limit_text, acknowledged, status, due, acknowledge_by, feedback_by, limit_on, answered, "
    "silent, assigned, reason, tags FROM cases"
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
    case: str
    kind: str
    day: str
    state: str
    reason: str
    checked: int
    gone: str


_ROW = "SELECT place, id, case_id, kind, day, state, reason, checked, gone FROM entries"


def page(database: Database, today: date, wanted: Wanted = ALL, before: int = END) -> list[Case]:
    """Return the cases wanted before a place, newest first."""
    is_common = (
        "overdue" in wanted.marks
        and database.number(
            "SELECT count(*) FROM (SELECT 1 FROM cases WHERE due < ? LIMIT ?)",
            today.isoformat(),
            _MANY,
        )
        == _MANY
    )
    condition, values = wanted.where(today, in_passing=is_common)
    return database.rows(
        Case,
        f"{_CASE} WHERE place < ?{condition} ORDER BY place DESC LIMIT {PAGE}",
        before,
        *values,
    )


def due(
    database: Database, today: date, wanted: Wanted = ALL, after: tuple[str, int] = ("", 0)
) -> list[Case]:
    """Return the cases wanted, what is due first, after a (date, place)."""
    condition, values = wanted.where(today, in_passing=True)
    return database.rows(
        Case,
        f"{_CASE} WHERE (due, place) > (?, ?){condition} ORDER BY due, place LIMIT {PAGE}",
        *after,
        *values,
    )


def unacknowledged(database: Database, most: int) -> list[str]:
    """Return cases that wait for their first answer, what is due first."""
    return database.rows(
        str,
        "SELECT id FROM cases WHERE acknowledged = 0 AND answerable AND status <> 'closed' "
        "ORDER BY acknowledge_by, place LIMIT ?",
        most,
    )


def give_up(database: Database, case: str) -> None:
    """Count a case as one that cannot be answered, until something new is said in it."""
    with database.write():
        database.run("UPDATE cases SET answerable = 0 WHERE id = ?", case)


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
        if row.state in ("opened", "unsent")
    ]


def people(database: Database) -> list[str]:
    """Return everybody who has a case."""
    return _each(database, "cases", "assigned")


def languages(database: Database) -> list[str]:
    """Return every language that a case was filed in."""
    return _each(database, "cases", "language")


def tags(database: Database) -> list[str]:
    """Return every tag that a case has."""
    return _each(database, "tags", "tag")


def _each(database: Database, table: str, column: str) -> list[str]:
    """Return every value of a column once, sorted: a step in its index for each, whatever its size.

    DISTINCT reads all of the index.
    """
    greater = f"SELECT min({column}) FROM {table} WHERE {column} > "  # noqa: S608 - from above
    return database.rows(
        str,
        f"WITH RECURSIVE each (value) AS ({greater} '' UNION ALL SELECT ({greater} value) "  # noqa: S608 - the same
        "FROM each WHERE value IS NOT NULL) SELECT value FROM each WHERE value IS NOT NULL LIMIT ?",
        CHOICES,
    )


def searches(database: Database) -> dict[str, str]:
    """Return the saved searches: queries by name."""
    return dict(database.rows(_pair, "SELECT name, query FROM searches ORDER BY name"))


def save_search(database: Database, name: str, query: str) -> None:
    """Keep a search under a name, in place of one of that name; an empty query takes it away."""
    with database.write():
        database.run("DELETE FROM searches WHERE name = ?", name)
        if query:
            database.run("INSERT INTO searches VALUES (?, ?)", name, query)


def own_notes(database: Database, case: str) -> list[tuple[str, str]]:
    """Return the notes to oneself: time and text, oldest first."""
    return database.rows(
        _pair, "SELECT at, text FROM own_notes WHERE case_id = ? ORDER BY number", case
    )


def note(database: Database, case: str, at: str, text: str) -> None:
    """Keep a note to oneself: it never leaves this vault."""
    with database.write():
        number = database.number("SELECT max(number) FROM own_notes WHERE case_id = ?", case)
        database.run("INSERT INTO own_notes VALUES (?, ?, ?, ?)", case, number + 1, at, text)


def _pair(first: str, second: str) -> tuple[str, str]:
    return first, second
