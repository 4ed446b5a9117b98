"""The store: only what is sealed goes in, all of a case or nothing, to each office its own."""

import hashlib
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import TextClause, text

from intake.core.entry import encode
from intake.crypto.seal import Plaintext, Sealed, SealedHeader, seal
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConflictError, NotFoundError, NotSealedError, StoreError
from intake.store import migrate
from intake.store.database import Database
from intake.store.records import Filing, Item, Records
from intake.store.tables import metadata
from tests.crypto import entries

DAY = date(2026, 11, 24)
SEALED = seal(Plaintext(encode(entries.report())), [generate_hybrid().recipient()])


def filing(number: int, *readers: str) -> Filing:
    """Return a case of a number, with one entry for each reader."""
    items = tuple(
        Item(f"{number:016x}{place:016x}", reader, SEALED) for place, reader in enumerate(readers)
    )
    tag = number.to_bytes(32, "big")
    return Filing(f"{number:032x}", DAY, tag, tag, unscripted=True, items=items)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make a database with its schema."""
    made = Database(tmp_path)
    migrate.migrate(made)
    yield made
    made.close()


@pytest.fixture
def records(database: Database) -> Records:
    """Give the use cases of the database."""
    return Records(database)


class LooksSealed:
    """Has the attributes of what is sealed, and is not."""

    header = SEALED.header
    payload = SEALED.payload


class NearlySealed(Sealed):
    """A subclass might have skipped the check."""


@pytest.mark.parametrize(
    "thing", [LooksSealed(), NearlySealed(SEALED.header, SEALED.payload), b"plain", "plain", None]
)
def test_store_refuses_whatever_is_not_sealed(records: Records, thing: object) -> None:
    """By its exact type, at run time, before anything is written."""
    item = Item("0" * 32, "inv", thing)  # type: ignore[arg-type] # the mistake it must catch
    with pytest.raises(NotSealedError):
        records.file(replace(filing(1, "inv"), items=(item,)))
    with pytest.raises(NotFoundError):
        records.status(filing(1).case)


def test_case_without_an_entry_is_refused(records: Records) -> None:
    """A case that nobody may read is none."""
    with pytest.raises(NotSealedError):
        records.file(filing(1))


def test_filing_is_all_or_nothing(records: Records, database: Database) -> None:
    """An entry that cannot be kept takes its whole case with it."""
    whole = filing(1, "inv", "det")
    twice = replace(whole, items=(whole.items[0], replace(whole.items[1], entry="0" * 32)) * 2)
    with pytest.raises(StoreError):
        records.file(twice)
    with database.read() as connection:
        for table in ("cases", "entries", "grants"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608 - names of ours


def test_same_case_again_answers_as_before(records: Records) -> None:
    """And keeps nothing more."""
    first = records.file(filing(1, "inv", "det"))
    assert records.file(filing(1, "inv", "det")) == first
    assert len(records.items("inv", DAY)) == 1


def test_another_content_under_the_same_case_is_a_conflict(records: Records) -> None:
    """The first stays as it was."""
    first = records.file(filing(1, "inv"))
    other = replace(filing(1, "inv", "det"), digest=b"x" * 32)
    with pytest.raises(ConflictError):
        records.file(other)
    with pytest.raises(ConflictError):
        records.filed(other.case, other.digest)
    assert records.status(first.case) == first


def test_mailbox_finds_its_case_and_no_other(records: Records) -> None:
    """By the hash of its token alone."""
    records.file(filing(1, "inv"))
    records.file(filing(2, "inv"))
    assert records.mailbox(filing(2).mailbox_hash).case == filing(2).case
    with pytest.raises(NotFoundError):
        records.mailbox(b"?" * 32)


def test_office_sees_only_what_it_was_granted(records: Records) -> None:
    """In its days, in its lists, and by an entry's id."""
    records.file(filing(1, "inv", "det"))
    records.file(filing(2, "inv"))
    assert [item.entry for item in records.items("det", DAY)] == [
        filing(1, "inv", "det").items[1].entry
    ]
    assert records.days("children") == ()
    with pytest.raises(NotFoundError):
        records.fetch("det", filing(2, "inv").items[0].entry, DAY)


def test_first_fetch_is_noted_and_kept(records: Records) -> None:
    """The day an office fetched does not move when it fetches again."""
    case = records.file(filing(1, "inv")).case
    entry = filing(1, "inv").items[0].entry
    for days in (1, 2):
        records.fetch("inv", entry, DAY + timedelta(days=days))
    (delivery,) = records.status(case).deliveries
    assert delivery.fetched == DAY + timedelta(days=1)


def test_fetched_entry_is_what_was_filed(records: Records) -> None:
    """Header and payload byte for byte."""
    records.file(filing(1, "inv"))
    found = records.fetch("inv", filing(1, "inv").items[0].entry, DAY)
    assert (found.header, found.payload) == (SEALED.header.value, SEALED.payload)


def test_hash_of_a_day_covers_every_entry_and_header(records: Records) -> None:
    """SHA-256 over the sorted entries with their header digests, computed here a second way."""
    before = records.days("inv") if records.file(filing(2, "inv")) else ()
    records.file(filing(1, "inv"))
    header = hashlib.sha256(SEALED.header.value).hexdigest()
    ids = sorted(filing(number, "inv").items[0].entry for number in (1, 2))
    expected = hashlib.sha256("".join(f"{entry} {header}\n" for entry in ids).encode())
    (day,) = records.days("inv")
    assert day.hash == expected.hexdigest()
    assert before[0].hash != day.hash


def test_challenge_is_taken_once_and_in_time(records: Records) -> None:
    """A second taking, a late one and an unknown one find nothing."""
    for name in ("a", "late"):
        records.keep_challenge(name * 8, "inv", b"bound", b"t" * 32, 100)
    assert records.take_challenge("a" * 8, 100) == ("inv", b"bound", b"t" * 32)
    for name, now in (("a" * 8, 100), ("late" * 8, 101), ("never", 1)):
        with pytest.raises(NotFoundError):
            records.take_challenge(name, now)


def test_session_ends(records: Records) -> None:
    """And leaves the table when the next one begins."""
    records.keep_session(b"h" * 32, "inv", 1, 100)
    assert records.session(b"h" * 32, 100) == "inv"
    with pytest.raises(NotFoundError):
        records.session(b"h" * 32, 101)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_of_an_entry_is_only_not_found(records: Records, name: str) -> None:
    """Whatever stands in an address reaches SQL as a value."""
    with pytest.raises(NotFoundError):
        records.fetch("inv", name, DAY)


def file_many(folder: Path, start: int, count: int) -> None:
    """File so many cases from four threads of this process."""
    database = Database(folder)
    records = Records(database)

    def some(first: int) -> None:
        for number in range(first, first + count // 4):
            records.file(filing(number, "inv", "det"))

    threads = [threading.Thread(target=some, args=(start + i * count,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


def test_two_processes_of_four_threads_never_find_it_locked(
    tmp_path: Path, records: Records
) -> None:
    """One writer at a time over all of them; every case is there."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=file_many, args=(tmp_path, 10_000 * i, 40)) for i in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert len(records.items("inv", DAY)) == 80


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("page_size", 8192)],
)
def test_connections_keep_what_the_design_promises(
    database: Database, pragma: str, value: object
) -> None:
    """Write-ahead log, a commit on the disk, deleted bytes overwritten."""
    with database.read() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_no_table_keeps_the_order_of_filing(tmp_path: Path, database: Database) -> None:
    """Every table of ours is WITHOUT ROWID, and a plain SELECT returns another order."""
    records = Records(database)
    for number in (3, 1, 2):
        records.file(filing(number, "inv"))
    plain = sqlite3.connect(tmp_path / "intake.sqlite3")
    try:
        made = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        for name, sql in made:
            assert name == "alembic_version" or "WITHOUT ROWID" in sql
        ids = [int(row[0], 16) for row in plain.execute("SELECT id FROM cases")]
        assert ids == [1, 2, 3]
    finally:
        plain.close()


def run(database: Database, statement: TextClause, values: Mapping[str, object]) -> None:
    """Run one writing statement."""
    with database.write() as connection:
        connection.execute(statement, values)


def test_error_holds_no_value(database: Database) -> None:
    """A failing statement's whole traceback names no parameter."""
    canary = "seven blue herons"
    statement = text("INSERT INTO sessions VALUES (:hash, :office, NULL)")
    values = {"hash": canary.encode(), "office": canary}
    with pytest.raises(StoreError) as caught:
        run(database, statement, values)
    told = "".join(traceback.format_exception(caught.value))
    assert canary not in told


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.store.test_records import DAY, Database, Records, StoreError, filing
database = Database(Path(sys.argv[1]))
records = Records(database)
records.file(filing(1, "inv"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = (Path(sys.argv[1]) / "intake.sqlite3-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5000, size + 5000))
try:
    records.file(filing(2, "inv", "det"))
except StoreError:
    print("refused")
"""


def test_full_disk_is_a_named_error_and_leaves_nothing_half(
    tmp_path: Path, records: Records
) -> None:
    """A disk with no room for the transaction: refused, the case before it is whole."""
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "refused\n", done.stderr
    assert [item.entry for item in records.items("inv", DAY)] == [filing(1, "inv").items[0].entry]
    with pytest.raises(NotFoundError):
        records.status(filing(2).case)
    assert records.file(filing(2, "inv", "det")).case == filing(2).case


def test_migrations_make_the_schema_of_the_tables(database: Database) -> None:
    """Alembic finds no difference between what it made and what the program expects."""
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_older_schema_is_refused(tmp_path: Path) -> None:
    """A server does not run on a schema it was not written for."""
    database = Database(tmp_path / "empty")
    with pytest.raises(StoreError, match="intake migrate"):
        migrate.check(database)
    migrate.migrate(database)
    migrate.check(database)
    database.close()


def test_headers_are_checked_when_made() -> None:
    """A sealed header of anything else cannot be made, so none can be stored."""
    with pytest.raises(NotSealedError):
        SealedHeader(b"plain words")
