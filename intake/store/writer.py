"""One writing transaction at a time, which the threads that wait for it share.

Rules:
1. Bodies run one after another; a savepoint lets an error take back its own part, no other's.
2. Whoever has no one behind commits for all, and no more than `_TOGETHER` wait for one commit.
3. Nobody returns, with a result or with an error, before that commit is on the disk: each may
   have seen what another wrote. If it fails, all are refused.
4. From BEGIN to COMMIT no other process of ours writes: without this lock, p99 reached 670 ms
   under load; with it, 37.
"""

import fcntl
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from intake.errors import StoreError

UNKEPT = "the report could not be kept just now, send it again soon"

_TOGETHER = 16
"""The threads of a process: all that can wait at once, and whoever was first waits for no more."""
_PATIENCE_SECONDS = 1.0
"""How long one waits for whoever is behind, if that one never comes: bodies take milliseconds."""

_ANEW = ("ROLLBACK", "BEGIN IMMEDIATE")
_BACK = ("ROLLBACK TO part", "RELEASE part")


class _Group:
    """A transaction, what must be left after it, and how it ended."""

    def __init__(self, connection: Connection, held: ExitStack) -> None:
        self.connection = connection
        self.held = held
        self.size = 0
        self.error: BaseException | None = None
        self.done = threading.Event()

    @contextmanager
    def part(self) -> Iterator[Connection]:
        """Run one body. The first needs no savepoint, nobody's rows are there: it is the usual one.

        On a full disk SQLite takes back the whole transaction by itself, and these fail the group.
        """
        is_first = self.size == 0
        self.size += 1
        if not is_first:
            self._do("SAVEPOINT part")
        try:
            yield self.connection
        except BaseException:
            with suppress(SQLAlchemyError):
                for statement in _ANEW if is_first else _BACK:
                    self._do(statement)
            raise
        if not is_first:
            self._do("RELEASE part")

    def check(self) -> None:
        """Raise unless it can be committed: without a transaction, Python's commit says nothing."""
        if self.error:
            raise self.error
        driver = self.connection.connection.dbapi_connection
        if not (isinstance(driver, sqlite3.Connection) and driver.in_transaction):
            raise StoreError(UNKEPT)

    def _do(self, statement: str) -> None:
        try:
            self.connection.exec_driver_sql(statement)
        except BaseException as error:
            self.error = error
            raise


class Writer:
    """What writes for all threads of a process; `lock` is the file that all processes lock."""

    def __init__(self, engine: Engine, lock: Path) -> None:
        """Write through `engine`, whose transactions of this kind begin IMMEDIATE."""
        self._engine = engine.execution_options(writes=True)
        self._processes = lock.open("wb")
        self._turn = threading.Lock()
        self._line: deque[None] = deque()  # as many as wait for their turn
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield the connection of a group's transaction, which is committed when this returns.

        Raises SQLAlchemyError and OSError of its own body, StoreError where the commit failed.
        """
        group = None
        try:
            with self._in_turn():
                group = self._group or self._begin()
                try:
                    with group.part() as connection:
                        yield connection
                finally:
                    if group.error or not self._line or group.size >= _TOGETHER:
                        self._end(group)
        finally:
            if group:
                self._await(group)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold both locks, with no transaction open."""
        with self._in_turn():
            if self._group:
                self._end(self._group)
            with self._locked():
                yield

    def close(self) -> None:
        """Close the file of the lock."""
        self._processes.close()

    def _begin(self) -> _Group:
        with ExitStack() as held:
            connection = held.enter_context(self._engine.connect())
            held.enter_context(self._locked())
            held.enter_context(connection.begin())
            self._group = _Group(connection, held.pop_all())
        return self._group

    def _end(self, group: _Group) -> None:
        """Commit, or take all back where the group failed; in turn."""
        self._group = None
        try:
            with group.held:
                group.check()
        except BaseException as error:
            group.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            group.done.set()

    def _await(self, group: _Group) -> None:
        while not group.done.wait(_PATIENCE_SECONDS):
            with self._turn:
                if self._group is group:
                    self._end(group)
        if group.error:
            raise StoreError(UNKEPT) from group.error

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        self._line.append(None)
        try:
            self._turn.acquire()
        finally:
            self._line.pop()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._processes, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._processes, fcntl.LOCK_UN)
