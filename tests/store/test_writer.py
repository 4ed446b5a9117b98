"""Threads that share a commit: each its own part, all or none on the disk, nobody left waiting."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from intake.errors import ConflictError, StoreError
from intake.store import migrate
from intake.store.database import Database
from intake.store.records import Records
from tests.store.samples import filing, kept, rows

PATIENCE = 10
INSERT = text("INSERT INTO sessions VALUES (:hash, 'inv', 1)")


class Line:
    """Threads made to wait behind a first one, whose transaction is open until they stand there."""

    def __init__(self, database: Database, threads: ThreadPoolExecutor) -> None:
        """Stand with nobody."""
        self.database = database
        self.threads = threads
        self.found: list[Future[object]] = []

    def join(self, body: Callable[[], object]) -> None:
        """Let a thread do `body`, which writes, and wait until it stands in the line."""
        line = self.database._writer._line
        before = len(line)
        self.found.append(self.threads.submit(body))
        while len(line) == before:
            time.sleep(0.001)

    def errors(self) -> list[type[BaseException] | None]:
        """Return the kind of error of each, None where it was acknowledged.

        The first comes first; those who wait take their turn in any order.
        """
        errors = [one.exception(PATIENCE) for one in self.found]
        return [type(error) if error else None for error in errors]


@contextmanager
def line(database: Database, first: Callable[[], None] = lambda: None) -> Iterator[Line]:
    """Hold a transaction open while others join; `first` is done at the end of its body."""
    begun, go = threading.Event(), threading.Event()

    def lead() -> None:
        with database.write() as connection:
            begun.set()
            assert go.wait(PATIENCE)
            connection.execute(INSERT, {"hash": b"first"})
            first()

    with ThreadPoolExecutor(32) as threads:
        made = Line(database, threads)
        made.found.append(threads.submit(lead))
        assert begun.wait(PATIENCE)
        try:
            yield made
        finally:
            go.set()


def insert(database: Database, name: bytes, then: BaseException | None = None) -> None:
    """Write one row, and raise what comes then."""
    with database.write() as connection:
        connection.execute(INSERT, {"hash": name})
        if then:
            raise then


@pytest.fixture
def commits(database: Database) -> list[int]:
    """Note each commit of a writing transaction."""
    noted: list[int] = []

    def note(connection: object) -> None:
        if connection.get_execution_options().get("writes"):  # type: ignore[attr-defined]
            noted.append(len(noted))

    event.listen(database.engine, "commit", note)
    return noted


def test_those_who_wait_share_one_commit(database: Database, commits: list[int]) -> None:
    """One commit for four, and each one's row is there once it returned."""
    with line(database) as waiting:
        for name in (b"a", b"b", b"c"):
            waiting.join(lambda name=name: insert(database, name))  # type: ignore[misc]
    assert waiting.errors() == [None] * 4
    assert len(commits) == 1
    assert rows(database, "sessions") == 4


def test_one_alone_commits_at_once(database: Database, commits: list[int]) -> None:
    """Nobody is waited for who does not stand there."""
    insert(database, b"a")
    insert(database, b"b")
    assert len(commits) == 2


def test_group_has_an_end(database: Database, commits: list[int]) -> None:
    """The seventeenth waits for the next commit; nobody waits for ever longer."""
    with line(database) as waiting:
        for number in range(16):
            waiting.join(lambda n=number: insert(database, b"%d" % n))  # type: ignore[misc]
    assert waiting.errors() == [None] * 17
    assert len(commits) == 2


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), SystemExit(1)])
def test_error_takes_back_its_own_and_no_other(database: Database, error: BaseException) -> None:
    """Whatever was raised, also what ends a program; nobody waits for ever."""
    with line(database) as waiting:
        waiting.join(lambda: insert(database, b"a"))
        waiting.join(lambda: insert(database, b"b", error))
        waiting.join(lambda: insert(database, b"c"))
    assert waiting.errors() == [None, None, type(error), None]
    assert names(database) == {b"first", b"a", b"c"}


def test_error_of_the_first_and_of_the_last(database: Database) -> None:
    """Those between are kept."""

    def fail() -> None:
        raise ZeroDivisionError

    with line(database, fail) as waiting:
        waiting.join(lambda: insert(database, b"a"))
        waiting.join(lambda: insert(database, b"a"))
    first, *others = waiting.errors()
    assert first is ZeroDivisionError
    assert Counter(others) == {None: 1, StoreError: 1}
    assert names(database) == {b"a"}


def names(database: Database) -> set[bytes]:
    """Return the rows that were written."""
    with database.read() as connection:
        return set(connection.execute(text("SELECT token_hash FROM sessions")).scalars())


def test_commit_that_fails_refuses_all(database: Database) -> None:
    """Nobody is acknowledged, also nobody whose own error looked at what is not kept now."""

    def fail(_connection: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    event.listen(database.engine, "commit", fail)
    with line(database) as waiting:
        waiting.join(lambda: insert(database, b"a"))
        waiting.join(lambda: insert(database, b"a"))
        waiting.join(lambda: insert(database, b"b", ZeroDivisionError()))
    assert waiting.errors() == [StoreError] * 4
    event.remove(database.engine, "commit", fail)
    assert names(database) == set()
    insert(database, b"a")
    assert names(database) == {b"a"}


def test_full_disk_refuses_those_before_too(database: Database) -> None:
    """SQLite takes back the whole transaction by itself: then nobody of the group was kept."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + 3}")

    database.engine.dispose()
    event.listen(database.engine, "connect", limit)
    records = Records(database)
    many = filing(1, *(f"office-{place}" for place in range(9)))
    with line(database) as waiting:
        waiting.join(lambda: records.file(many))
    event.remove(database.engine, "connect", limit)
    database.engine.dispose()
    assert waiting.errors() == [StoreError] * 2
    assert names(database) == set()
    assert kept(database) == (0, 0, 0)


def test_lost_transaction_of_one_alone_is_not_acknowledged(database: Database) -> None:
    """As below, where there is no savepoint to miss."""
    with pytest.raises(StoreError), database.write() as connection:
        connection.exec_driver_sql("ROLLBACK")
    insert(database, b"a")
    assert names(database) == {b"a"}


def test_whole_transaction_taken_back_is_never_acknowledged(database: Database) -> None:
    """Python's commit without a transaction does nothing and says nothing: it is not asked."""

    def lose() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("ROLLBACK")

    with line(database) as waiting:
        waiting.join(lose)
    assert waiting.errors() == [StoreError] * 2
    assert names(database) == set()


def test_same_case_twice_in_a_group_is_answered_twice(database: Database) -> None:
    """The second found a row that was not committed: its answer waits until it is."""
    records = Records(database)
    with line(database) as waiting:
        for _ in range(3):
            waiting.join(lambda: records.file(filing(1, "inv")))
        waiting.join(lambda: records.file(filing(1, "inv", "det")))
    assert waiting.errors() == [None, None, None, None, None]
    assert kept(database) == (1, 1, 1)


def test_another_content_of_the_same_case_is_a_conflict(database: Database) -> None:
    """Also where both stand in one line."""
    records = Records(database)
    other = filing(1, "inv")
    object.__setattr__(other, "digest", bytes(32))
    with line(database) as waiting:
        waiting.join(lambda: records.file(filing(1, "inv")))
        waiting.join(lambda: records.file(other))
    assert Counter(waiting.errors()) == {None: 2, ConflictError: 1}


def test_tidying_waits_for_no_one_in_the_line(database: Database) -> None:
    """It ends the transaction that it finds open, and those behind go on after it."""
    with line(database) as waiting:
        waiting.join(lambda: insert(database, b"a"))
        waiting.join(database.tidy)
        waiting.join(lambda: insert(database, b"b"))
    assert waiting.errors() == [None] * 4
    assert names(database) == {b"first", b"a", b"b"}


def test_who_is_behind_and_never_comes_is_not_waited_for(database: Database) -> None:
    """Somebody interrupted while standing in the line leaves the others to commit."""
    database._writer._line.append(None)
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(insert, database, name) for name in (b"a", b"b")]
        assert [one.result(PATIENCE) for one in found] == [None, None]
    assert names(database) == {b"a", b"b"}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=30))
def test_any_order_of_filings_and_errors_keeps_just_what_was_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[int, bool]]
) -> None:
    """Eight threads; whoever raises has nothing there that no other one wrote."""
    database = Database(tmp_path_factory.mktemp("stress"))
    migrate.migrate(database)
    records = Records(database)

    def one(step: tuple[int, bool]) -> int:
        number, fails = step
        if not fails:
            return int(records.file(filing(number, "inv")).case, 16)
        with pytest.raises(ZeroDivisionError):
            insert(database, b"%d" % number, ZeroDivisionError())
        return 0

    with ThreadPoolExecutor(8) as threads:
        acknowledged = set(threads.map(one, plan)) - {0}
    count = len(acknowledged)
    assert acknowledged == {number for number, fails in plan if not fails}
    assert kept(database) == (count, count, count)
    assert names(database) == set()
    database.close()
