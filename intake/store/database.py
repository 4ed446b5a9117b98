"""Connections and transactions.

Rules: a writing transaction begins IMMEDIATE, behind one lock for all threads and processes, and
is shared by the threads that wait for it (`writer`); a commit is on the disk before it returns;
deleted bytes are overwritten; no parameter reaches an error's text.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from intake.errors import StoreError
from intake.store.writer import UNKEPT, Writer

FILE = "intake.sqlite3"

_BUSY_SECONDS = 10


class Database:
    """One SQLite database; make it after a fork, not before."""

    def __init__(self, folder: Path) -> None:
        """Open, and make where missing, the database in `folder`."""
        self.path = folder / FILE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.engine = _engine(self.path)
        self._writer = Writer(self.engine, folder / "writer.lock")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in a reading transaction; raises StoreError."""
        with _named_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in the one writing transaction; committed when this returns.

        It may hold what other threads wrote, which is committed or refused together with this.
        Nothing that can be done before is done behind the lock: its length is the rate of all.
        Raises StoreError.
        """
        with _named_errors(), self._writer.write() as connection:
            yield connection

    def tidy(self) -> None:
        """Empty the write-ahead log and write the file anew: no order, no deleted byte is left.

        After a deletion the log still held 135 copies, in the order of filing. The copy that is
        made lies in a temporary file, since memory may be smaller: it is all ciphertext. Raises
        StoreError.
        """
        with _named_errors(), self.engine.connect() as connection, self._writer.alone():
            driver = connection.connection.cursor()
            driver.execute("PRAGMA temp_store = FILE")
            driver.execute("VACUUM")
            driver.execute("PRAGMA temp_store = MEMORY")
            is_busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            driver.close()
        if is_busy:
            raise StoreError("somebody reads the database all the time, tidy it again later")

    def copy(self, folder: Path) -> None:
        """Write one moment of the database to a new file in `folder`, while others work on it.

        Raises StoreError.
        """
        folder.mkdir(mode=0o700)
        with _named_errors(), self.engine.connect() as connection:
            driver = connection.connection.cursor()
            driver.execute("VACUUM INTO ?", (str(folder / FILE),))
            driver.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._writer.close()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(UNKEPT) from error


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Set what SQLite remembers for a connection.

    The page size stays SQLite's own, 4 KiB: rows have random keys, so each new one touches a page
    of its own, and with 8 KiB 6 % fewer filings were kept, on a disk filled by 40 % more.
    """
    connection.isolation_level = None  # begun by hand, see _begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
