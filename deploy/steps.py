"""What upgrade.sh and rollback.sh do with database and server, as the user intake.

copy DATA FOLDER copies the database; fits FOLDER ends with 1 where its schema is not that of this
program; entries DATA FOLDER prints how many entries the copy has not; bury DATA FOLDER deletes from
the copy what is gone from DATA since; back FOLDER DATA puts the copy in the database's place;
answers PORT waits until the server there says that it is well.
"""

import os
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from intake.errors import StoreError
from intake.store import migrate
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.graves import Tombstone

NAME = "intake.sqlite3"
TOR = b"PROXY TCP6 fc00:dead:beef:4dad::1 ::1 1 80\r\n"
"""What Tor would write first: the onion's server refuses to answer without."""
ONION_PORT = 8081
WAIT_SECONDS = 30


def copy(data: str, folder: str) -> None:
    """Copy the database as it is at this moment; a copy of before is replaced."""
    target = Path(folder) / NAME
    target.parent.mkdir(mode=0o700, exist_ok=True)
    target.unlink(missing_ok=True)
    with closing(_open(data)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)


def fits(folder: str) -> None:
    """Exit with 1 where the database has another schema than the program that runs this."""
    try:
        migrate.check(Database(Path(folder)))
    except StoreError as error:
        sys.exit(str(error))


def entries(folder: str, other: str = "") -> None:
    """Print how many entries a database has; with another, how many that one has not."""
    held = _entries(folder) - (_entries(other) if other else set())
    sys.stdout.write(f"{len(held)}\n")


def bury(data: str, folder: str) -> None:
    """Delete from the copy what is gone since, by the program that the copy belongs to."""
    with closing(_open(data)) as newer:
        rows = newer.execute("SELECT name, reader, day FROM tombstones").fetchall()
    database = Database(Path(folder))
    stones = [Tombstone(name, reader, date.fromisoformat(day)) for name, reader, day in rows]
    Cases(database).bury(stones, os.urandom)
    database.tidy()
    database.close()


def back(folder: str, data: str) -> None:
    """Put the copy in the database's place; the log of the one that goes belongs to no other."""
    for end in ("-wal", "-shm"):
        (Path(data) / f"{NAME}{end}").unlink(missing_ok=True)
    (Path(folder) / NAME).replace(Path(data) / NAME)


def answers(port: str) -> None:
    """Wait until the server answers "ok" to who asks whether it is well."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not _answers(int(port)):
        if time.monotonic() > deadline:
            sys.exit(f"nothing that is well answers at 127.0.0.1:{port}")
        time.sleep(0.5)


def _entries(folder: str) -> set[str]:
    with closing(_open(folder)) as database:
        return {name for (name,) in database.execute("SELECT id FROM entries")}


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.connect()
        if port == ONION_PORT:
            connection.sock.sendall(TOR)
        connection.request("GET", "/health")
        return connection.getresponse().read().strip() == b"ok"
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _open(folder: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{Path(folder) / NAME}?mode=rw", uri=True)


if __name__ == "__main__":
    steps = {step.__name__: step for step in (copy, fits, entries, bury, back, answers)}
    steps[sys.argv[1]](*sys.argv[2:])
