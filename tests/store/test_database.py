"""Connections and transactions: one writer, on the disk or refused, and nothing told."""

import fcntl
import hashlib
import multiprocessing
import sqlite3
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import Connection, Row, event, text
from sqlalchemy.exc import SQLAlchemyError

from intake.errors import NotFoundError, StoreError
from intake.store.database import FILE, Database
from intake.store.records import Records
from intake.store.tables import metadata
from tests.store.samples import DAY, SEALED, filing, kept

THREADS = 8
CANARY = "seven blue herons"


def file_many(folder: Path, start: int, count: int) -> None:
    """File so many cases, and one that others file too, from each thread of this process."""
    database = Database(folder)
    records = Records(database)

    def some(thread: int) -> None:
        first = start + thread * count
        for number in (*range(first, first + count), 1):
            assert records.file(filing(number, "inv", "det")).case == filing(number).case

    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(some, range(THREADS))) == [None] * THREADS
    database.close()


def test_two_processes_of_eight_threads_never_find_it_locked(
    tmp_path: Path, database: Database
) -> None:
    """One writer at a time over all of them; every case is there, the one of all once."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=file_many, args=(tmp_path, 1000 * i, 10)) for i in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    cases = 2 * THREADS * 10 + 1
    assert kept(database) == (cases, 2 * cases, 2 * cases)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("page_size", 4096),
        ("foreign_keys", 1),
        ("temp_store", 2),
    ],
)
def test_every_connection_keeps_what_the_design_promises(
    database: Database, pragma: str, value: object
) -> None:
    """Write-ahead log, a commit on the disk, deleted bytes overwritten, nothing in /tmp."""
    query = text(f"PRAGMA {pragma}")
    with database.read() as one, database.read() as two, database.write() as writer:
        for connection in (one, two, writer):
            assert connection.execute(query).scalar_one() == value


def test_no_table_keeps_the_order_of_filing(tmp_path: Path, database: Database) -> None:
    """Every table of ours is WITHOUT ROWID, and a plain SELECT returns another order."""
    for number in (3, 1, 2):
        Records(database).file(filing(number, "inv"))
    plain = sqlite3.connect(tmp_path / FILE)
    try:
        made = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        ids = [int(row[0], 16) for row in plain.execute("SELECT id FROM cases")]
    finally:
        plain.close()
    assert ids == [1, 2, 3]
    ours = dict(made)
    assert ours.keys() == {*metadata.tables, "alembic_version"}
    assert all("WITHOUT ROWID" in ours[name] for name in metadata.tables)


def test_what_was_deleted_is_on_the_disk_no_more(tmp_path: Path, database: Database) -> None:
    """Once the write-ahead log is emptied, the bytes of a deleted row are gone."""
    records = Records(database)
    mark = hashlib.sha256(CANARY.encode()).digest()
    records.keep_challenge("a" * 32, "inv", b"bound", mark, 100)
    empty_log(database)
    assert mark in (tmp_path / FILE).read_bytes()
    records.take_challenge("a" * 32, 100)
    empty_log(database)
    assert all(mark not in path.read_bytes() for path in tmp_path.iterdir())


def empty_log(database: Database) -> None:
    """Bring the write-ahead log into the database, and cut it to nothing."""
    connection = database.engine.raw_connection()
    try:
        busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    assert busy == 0


def test_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    """Where the database makes it."""
    database = Database(tmp_path / "data" / "of" / "ours")
    database.close()
    assert stat.S_IMODE((tmp_path / "data" / "of" / "ours").stat().st_mode) == 0o700


def test_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """Whatever its error was, also one that is not the store's."""

    def fail() -> None:
        with database.write() as connection:
            connection.execute(text("INSERT INTO sessions VALUES (x'00', 'inv', 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        assert connection.execute(text("SELECT * FROM sessions")).all() == []


def test_reader_sees_no_half_filing(database: Database) -> None:
    """What is not committed is not there for anybody else."""
    with database.write() as connection:
        connection.execute(text("INSERT INTO sessions VALUES (x'00', 'inv', 1)"))
        with database.read() as other:
            assert other.execute(text("SELECT * FROM sessions")).all() == []


def no_value(connection: Connection) -> None:
    """Break a rule of the table."""
    values = {"hash": CANARY.encode(), "office": CANARY}
    connection.execute(text("INSERT INTO sessions VALUES (:hash, :office, NULL)"), values)


def no_table(connection: Connection) -> None:
    """Write to nowhere."""
    connection.execute(text("INSERT INTO nowhere VALUES (:office)"), {"office": CANARY})


def no_type(connection: Connection) -> None:
    """Give what SQLite has no type for."""
    values = {"office": (CANARY, CANARY.encode())}
    connection.execute(text("SELECT :office"), values)


def no_column(connection: Connection) -> None:
    """Give what a column of days does not take."""
    connection.execute(metadata.tables["cases"].insert(), [{"id": CANARY, "day": CANARY}])


@pytest.mark.parametrize("fail", [no_value, no_table, no_type, no_column])
def test_error_tells_no_value(database: Database, fail: Callable[[Connection], None]) -> None:
    """Neither its text nor its whole traceback, causes included, holds a parameter."""
    with pytest.raises(StoreError) as caught, database.write() as connection:
        fail(connection)
    assert isinstance(caught.value.__cause__, SQLAlchemyError)
    told = "".join(traceback.format_exception(caught.value))
    assert "sqlalchemy" in told
    assert CANARY not in told
    assert CANARY not in repr(caught.value) + repr(caught.value.__cause__)


def test_refused_filing_tells_nothing_of_itself(database: Database) -> None:
    """Bytes of a payload and of a mailbox stand in no error that its filing raises."""
    records = Records(database)
    records.file(filing(1, "inv"))
    mark = b"seven blue herons".ljust(32)
    with pytest.raises(StoreError) as caught:
        records.file(replace(filing(1, "inv"), case="5e" * 16, mailbox_hash=mark))
    told = "".join(traceback.format_exception(caught.value))
    assert "IntegrityError" in told
    for secret in (mark, SEALED.payload[:32]):
        assert repr(secret)[2:-1] not in told
        assert secret.hex() not in told


@contextmanager
def room(database: Database, pages: int) -> Iterator[None]:
    """Let new connections find a disk with so many pages left."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + pages}")

    database.engine.dispose()
    event.listen(database.engine, "connect", limit)
    yield
    event.remove(database.engine, "connect", limit)
    database.engine.dispose()


@pytest.mark.parametrize("pages", range(3))
def test_full_database_refuses_and_keeps_nothing_half(database: Database, pages: int) -> None:
    """Wherever in a filing the room ends; once there is room, sending again is enough."""
    records = Records(database)
    first = records.file(filing(1, "inv"))
    with room(database, pages):
        with pytest.raises(StoreError):
            records.file(filing(2, *(f"office-{place}" for place in range(6))))
        assert kept(database) == (1, 1, 1)
        assert records.status(first.case) == first
    records.file(filing(2, "inv", "det"))
    assert kept(database) == (2, 3, 3)


FULL = """
import resource, signal, sys
from pathlib import Path
from typing import BinaryIO
from tests.store.samples import filing
from tests.store.test_database import Database, Records, StoreError
folder, hard = Path(sys.argv[1]), resource.RLIM_INFINITY
database = Database(folder)
records = Records(database)
records.file(filing(1, "inv"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = (folder / "intake.sqlite3-wal").stat().st_size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
for _ in range(2):
    try:
        records.file(filing(2, "inv", "det"))
    except StoreError:
        print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(records.file(filing(3, "inv")).case)
database.close()
"""


@pytest.mark.parametrize("left", [0, 5_000, 30_000])
def test_full_disk_is_a_named_error_and_leaves_nothing_half(
    tmp_path: Path, records: Records, database: Database, left: int
) -> None:
    """No room for the transaction: refused, others are whole, and with room it goes on."""
    command = [sys.executable, "-c", FULL, str(tmp_path), str(left)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["refused", "refused", filing(3).case], done.stderr
    assert [item.entry for item in records.items("inv", DAY)] == [
        filing(number, "inv").items[0].entry for number in (1, 3)
    ]
    with pytest.raises(NotFoundError):
        records.status(filing(2).case)
    assert records.file(filing(2, "inv", "det")).case == filing(2).case
    assert kept(database) == (3, 4, 4)


def test_foreign_writer_is_waited_for(tmp_path: Path, database: Database) -> None:
    """A backup that holds SQLite's own lock for a moment delays a filing, no more."""
    foreign = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    try:
        foreign.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as threads:
            filed = threads.submit(Records(database).file, filing(1, "inv"))
            with pytest.raises(TimeoutError):
                filed.result(0.2)
            foreign.execute("COMMIT")
            assert filed.result(5).case == filing(1).case
    finally:
        foreign.close()


def read_all(database: Database, query: str) -> list[Row[tuple[object, ...]]]:
    """Return what a query finds, as a reader does."""
    with database.read() as connection:
        return list(connection.execute(text(query)))


def test_damaged_file_is_a_named_error(tmp_path: Path) -> None:
    """What is no database is refused as the store's own error."""
    (tmp_path / FILE).write_bytes(b"no database at all " * 1000)
    database = Database(tmp_path)
    try:
        with pytest.raises(StoreError):
            read_all(database, "SELECT 1")
    finally:
        database.close()


def test_writing_begins_behind_both_locks(tmp_path: Path, database: Database) -> None:
    """From its start on, neither another process of ours nor SQLite lets a second one begin."""
    foreign = sqlite3.connect(tmp_path / FILE, isolation_level=None, timeout=0)
    with foreign_lock(tmp_path) as lock:
        with database.write():
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                foreign.execute("BEGIN IMMEDIATE")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    foreign.execute("BEGIN IMMEDIATE")
    foreign.close()


def foreign_lock(folder: Path) -> BinaryIO:
    """Open the lock of all processes as another of them does."""
    return (folder / "writer.lock").open("rb")
