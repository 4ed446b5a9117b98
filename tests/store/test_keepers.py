"""Words that were replaced, and a deletion asked for with them: here and in a restored copy."""

import os
from datetime import timedelta

import pytest

from intake.crypto.keeper import Deposit, token_hash
from intake.errors import NotFoundError
from intake.store.cases import Addition, Cases
from intake.store.database import Database
from intake.store.keepers import Keeper, Keepers
from intake.store.records import Filing, Records
from intake.store.tables import MAILBOX
from tests.store.samples import DAY, filing, kept

TOKEN = b"t" * 32
NEW = b"n" * 32
WEEK = timedelta(days=7)


@pytest.fixture
def cases(database: Database) -> Cases:
    """Give what a witness does."""
    return Cases(database)


@pytest.fixture
def made(records: Records, cases: Cases) -> Filing:
    """Keep a case whose words the office may replace."""
    made = filing(1, "inv")
    records.file(made)
    given = Deposit(token_hash(TOKEN), b"h" * 32)
    cases.add(Addition("d" * 32, made.mailbox_hash, b"d" * 32, DAY, (), keeper=given))
    return made


def ask(cases: Cases, mailbox: bytes) -> None:
    """Ask for the deletion of the case behind a mailbox."""
    cases.ask_deletion(Addition("e" * 32, mailbox, b"e" * 32, DAY, ()), DAY + WEEK)


def put_back(database: Database, made: Filing) -> None:
    """Let the case be as an older copy has it: under the first words, its deletion asked for."""
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE cases SET mailbox_hash = ?, deletion = ?",
            (made.mailbox_hash, str(DAY + WEEK)),
        )


def test_deletion_asked_with_lost_words_is_cancelled(
    database: Database, cases: Cases, made: Filing
) -> None:
    """Whoever has them may have asked; and nobody could cancel it in a restored copy."""
    ask(cases, made.mailbox_hash)
    keeper = Keeper("inv", made.case, TOKEN)
    assert Keepers(database).release(keeper, DAY, os.urandom) == b"h" * 32
    assert cases.purge(DAY + WEEK) == 0
    put_back(database, made)
    cases.bury(cases.tombstones(), os.urandom)
    with pytest.raises(NotFoundError):
        cases.behind(made.mailbox_hash)
    assert cases.purge(DAY + WEEK) == 0
    assert kept(database)[0] == 1


def test_deletion_asked_with_new_words_stays_asked(
    database: Database, cases: Cases, made: Filing
) -> None:
    """Also in a copy that was made since: the tombstone is of the old ones."""
    keepers, keeper = Keepers(database), Keeper("inv", made.case, TOKEN)
    keepers.release(keeper, DAY, os.urandom)
    keepers.reissue(keeper, NEW, b"wrapped")
    ask(cases, NEW)
    cases.bury(cases.tombstones(), os.urandom)
    assert cases.behind(NEW).deletion == DAY + WEEK
    assert cases.purge(DAY + WEEK) == 1


def test_deletion_is_cancelled_in_a_copy_of_before_the_mailbox_was_closed(
    database: Database, cases: Cases, made: Filing
) -> None:
    """As when it was closed: nobody could cancel it any more."""
    ask(cases, made.mailbox_hash)
    cases.close_mailbox(Addition("f" * 32, made.mailbox_hash, b"f" * 32, DAY, ()), NEW)
    put_back(database, made)
    (stone,) = cases.tombstones()
    assert (stone.name, stone.reader) == (made.case, MAILBOX)
    cases.bury([stone], os.urandom)
    assert cases.purge(DAY + WEEK) == 0
    assert kept(database)[0] == 1
