"""The encrypted database of a vault: SQLCipher, held by one program at a time.

Rules: every error of SQLite becomes a VaultError that says what to do; journal and temporary
tables are ciphertext or memory; the lock is SQLite's own, so a program that dies leaves none.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sqlcipher3 import dbapi2

from intake.errors import (
    VaultBusyError,
    VaultDamagedError,
    VaultError,
    VaultFullError,
    VaultVersionError,
)
from intake.vault import schema
from intake.vault.key import VaultKey

FILE = "vault.db"
PAGE = 4096
"""Bytes of a page, SQLCipher's own default."""
T = TypeVar("T")
Value = str | bytes | int | None
_CACHE_KIB = 64 * 1024
"""Pages kept decrypted in memory: the index of 100,000 reports; gone when the vault locks."""
_JOURNAL_PAGES = 8000
"""32 MB of journal before it is worked in: pages that every batch changes are copied once."""
_PRIMARY = 0xFF
_IO_WRITES = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE")

_SETTINGS = (
    "PRAGMA locking_mode = EXCLUSIVE",  # the second instance; and no shared memory beside the file
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA cache_size = -{_CACHE_KIB}",
    f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES}",
)


class Database:
    """An open database. One thread at a time uses it; the others wait."""

    def __init__(self, path: Path, key: VaultKey) -> None:
        """Open or create it; raises VaultError of the kind that fits."""
        self._lock = threading.RLock()
        with _named():
            self._connection = dbapi2.connect(
                str(path), timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            self._begin(key)
        except BaseException:
            self._connection.close()
            raise

    def _begin(self, key: VaultKey) -> None:
        with _named():
            # SQLCipher would write its own words about a wrong key to the terminal.
            self._connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
            self._connection.execute(f"PRAGMA key = \"x'{key.value.hex()}'\"").fetchall()
            for setting in _SETTINGS:
                self._connection.execute(setting).fetchall()
            self._connection.execute("BEGIN EXCLUSIVE")
            self._connection.execute("COMMIT")
            ((version,),) = self._connection.execute("PRAGMA user_version").fetchall()
        if version > len(schema.STEPS):
            raise VaultVersionError("a newer program wrote this vault, update this one")
        for number in range(version, len(schema.STEPS)):
            with self.write():
                for statement in schema.STEPS[number]:
                    self.run(statement)
                self.run(f"PRAGMA user_version = {number + 1}")

    def close(self) -> None:
        """Give up the lock and forget the key."""
        with self._lock, suppress(dbapi2.Error):
            self._connection.close()

    @contextmanager
    def write(self) -> Iterator[None]:
        """All of what is written inside is kept, or nothing."""
        with self._lock:
            with _named():
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                with _named():
                    self._connection.execute("COMMIT")
            except BaseException:
                # A full disk has already ended it.
                with suppress(dbapi2.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def run(self, statement: str, *values: Value) -> None:
        """Run one statement."""
        with self._lock, _named():
            self._connection.execute(statement, values)

    def many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for each row."""
        with self._lock, _named():
            self._connection.executemany(statement, rows)

    def rows(self, kind: Callable[..., T], statement: str, *values: Value) -> list[T]:
        """Return every row as `kind(*columns)`."""
        with self._lock, _named():
            return [kind(*row) for row in self._connection.execute(statement, values)]

    def number(self, statement: str, *values: Value) -> int:
        """Return the one number that a statement gives; 0 for none."""
        found = self.rows(_first, statement, *values)
        return found[0] if found else 0

    def check(self) -> None:
        """Raise VaultDamagedError unless every page is authentic and the tables agree."""
        with self._lock, _named():
            bad = self._connection.execute("PRAGMA cipher_integrity_check").fetchone()
            said = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if bad is not None or said != ("ok",):
            raise VaultDamagedError("the vault is damaged, restore a backup: intake desk restore")

    def settle(self) -> None:
        """Write what the journal holds into the one file; raises VaultError."""
        with self._lock, _named():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _first(value: int | None) -> int:
    return value or 0


@contextmanager
def _named() -> Iterator[None]:
    """Turn an error of SQLite into the VaultError that says what to do."""
    try:
        yield
    except dbapi2.Error as error:
        raise _error(error) from error


def _error(error: "dbapi2.Error") -> VaultError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    name = getattr(error, "sqlite_errorname", "")
    if code in (dbapi2.SQLITE_BUSY, dbapi2.SQLITE_LOCKED):
        return VaultBusyError("another program has this vault open, close it there first")
    if code == dbapi2.SQLITE_FULL or name in _IO_WRITES:
        return VaultFullError("the disk is full or refuses writing, make room and try again")
    if code in (dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB, dbapi2.SQLITE_IOERR):
        return VaultDamagedError("the vault is damaged, restore a backup: intake desk restore")
    if code in (dbapi2.SQLITE_CANTOPEN, dbapi2.SQLITE_READONLY, dbapi2.SQLITE_PERM):
        return VaultError("the vault cannot be opened for writing, check its folder")
    return VaultError(f"the vault could not do this ({name or 'unknown'}), report it")
