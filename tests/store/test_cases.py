"""Cases: an addition whole and once, an office taken back, a case deleted for good."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from intake.core.entry import encode
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConflictError, NotFoundError, NotSealedError, StoreError
from intake.store.cases import Addition, Cases
from intake.store.database import FILE, Database
from intake.store.records import Item, Records
from tests.crypto import entries
from tests.store.samples import DAY, SEALED, entry, filing, kept, rows

CASE = filing(1, "inv", "det")
TOKEN = CASE.mailbox_hash
INV, DET = entry(1, 0), entry(1, 1)


@pytest.fixture
def cases(database: Database) -> Cases:
    """Return the cases of a store that holds one, for two offices."""
    Records(database).file(CASE)
    return Cases(database)


def addition(number: int, *readers: str, needs: tuple[str, ...] = ()) -> Addition:
    """Return an addition of a number, with one entry for each reader."""
    items = tuple(
        Item(f"{number:016x}a{place:015x}", reader, SEALED, "message")
        for place, reader in enumerate(readers)
    )
    tag = number.to_bytes(32, "big")
    return Addition(f"{number:032x}", TOKEN, tag, DAY, items, needs)


def test_addition_is_kept_once_however_often_it_is_sent(cases: Cases, database: Database) -> None:
    """At once, and again later."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(cases.add, [addition(1, "inv", "det", needs=(INV, DET))] * 8))
    cases.add(addition(1, "inv"))
    assert kept(database) == (1, 4, 4)
    assert cases.behind(TOKEN).additions == {addition(1).id}


def test_another_content_under_the_same_name_is_a_conflict(
    cases: Cases, database: Database
) -> None:
    """The first stays."""
    cases.add(addition(1, "inv"))
    with pytest.raises(ConflictError):
        cases.add(replace(addition(1, "inv", "det"), digest=b"x" * 32))
    assert kept(database) == (1, 3, 3)


def test_only_sealed_items_are_added(cases: Cases, database: Database) -> None:
    """By type, at run time, by every way in."""
    plain = replace(addition(1, "inv"), items=(Item("0" * 32, "inv", b"plain"),))  # type: ignore[arg-type] # the point
    ways = (
        lambda: cases.add(plain),
        lambda: cases.ask_deletion(plain, DAY),
        lambda: cases.close_mailbox(plain, b"n" * 32),
        lambda: cases.withdraw(plain, (), (INV,), frozenset()),
    )
    for way in ways:
        with pytest.raises(NotSealedError):
            way()
    assert kept(database) == (1, 2, 2)


def test_nobody_adds_without_the_mailbox(cases: Cases, database: Database) -> None:
    """Its hash is what the words give."""
    with pytest.raises(NotFoundError):
        cases.add(replace(addition(1, "inv"), mailbox_hash=b"?" * 32))
    assert kept(database) == (1, 2, 2)


def test_unread_office_loses_everything_and_is_told_nothing(
    cases: Cases, database: Database
) -> None:
    """Payloads and headers are gone, and so is the notice."""
    assert cases.withdraw(addition(1, "det"), (), (DET,), frozenset()) is False
    case = cases.behind(TOKEN)
    assert set(case.held) == {INV}
    assert case.withdrawn == {DET}
    with pytest.raises(NotFoundError):
        Records(database).fetch("det", DET, DAY)
    assert rows(database, "tombstones") == 1


def test_office_that_read_is_told_and_gets_nothing_more(cases: Cases, database: Database) -> None:
    """Only the notice is left to it."""
    records = Records(database)
    records.fetch("det", DET, DAY)
    assert cases.withdraw(addition(1, "det"), (), (DET,), frozenset()) is True
    assert [item.entry for item in records.items("det", DAY)] == [addition(1, "det").items[0].entry]
    with pytest.raises(ConflictError):
        cases.add(addition(2, "det", needs=(DET,)))


def test_withdrawal_that_does_not_know_of_an_addition_is_refused(
    cases: Cases, database: Database
) -> None:
    """It would leave the addition behind; looked at again, it takes all back."""
    late = addition(2, "det", needs=(DET,))
    cases.add(late)
    with pytest.raises(ConflictError):
        cases.withdraw(addition(1, "det"), (), (DET,), frozenset())
    assert len(Records(database).items("det", DAY)) == 2
    names = (DET, late.items[0].entry)
    cases.withdraw(addition(1, "det"), (), names, cases.behind(TOKEN).additions)
    assert Records(database).items("det", DAY) == ()


def test_addition_and_withdrawal_at_once_never_leave_something_behind(
    cases: Cases, database: Database
) -> None:
    """Either the addition is taken back with the rest, or one of the two is refused."""
    late = addition(2, "det", needs=(DET,))

    def add() -> None:
        cases.add(late)

    def withdraw() -> None:
        cases.withdraw(addition(1, "det"), (), (DET,), frozenset())

    with ThreadPoolExecutor(2) as threads:
        failed = [job.exception() for job in (threads.submit(withdraw), threads.submit(add))]
    assert [type(error) for error in failed if error] == [ConflictError]
    is_withdrawn = failed[0] is None
    assert len(Records(database).items("det", DAY)) == (0 if is_withdrawn else 2)


def test_deleted_case_is_on_the_disk_no_more(tmp_path: Path, cases: Cases) -> None:
    """Neither in the database nor in its log; others stay; tombstones name it."""
    database = Database(tmp_path)
    sealed = seal(Plaintext(encode(entries.report())), [generate_hybrid().recipient()])
    mine = filing(2, "inv")
    Records(database).file(replace(mine, items=(replace(mine.items[0], sealed=sealed),)))
    marks = (
        sealed.payload[:64],
        sealed.header.value[-64:],
        hashlib.sha256(sealed.payload).digest(),
    )
    assert all(any(mark in path.read_bytes() for path in tmp_path.iterdir()) for mark in marks)
    due = DAY + timedelta(days=7)
    notice = replace(addition(3, "inv"), mailbox_hash=mine.mailbox_hash)
    cases.ask_deletion(notice, due)
    assert cases.purge(due - timedelta(days=1)) == 0
    assert cases.behind(mine.mailbox_hash).deletion == due
    assert cases.purge(due) == 1
    database.tidy()
    database.close()
    for path in tmp_path.iterdir():
        assert not any(mark in path.read_bytes() for mark in marks), path
    assert kept(cases._database) == (1, 2, 2)
    assert rows(cases._database, "tombstones") == 3
    with pytest.raises(NotFoundError):
        cases.behind(mine.mailbox_hash)


@pytest.mark.usefixtures("cases")
def test_tidying_empties_the_log(tmp_path: Path, database: Database) -> None:
    """Until then it keeps the order of filing."""
    log = tmp_path / f"{FILE}-wal"
    assert log.stat().st_size > 0
    database.tidy()
    assert log.stat().st_size == 0


def test_notice_sent_again_changes_nothing(cases: Cases, database: Database) -> None:
    """A reload must neither delete what was kept since, nor keep what was to be deleted."""
    asked, kept_after = addition(1, "inv"), addition(2, "inv")
    cases.ask_deletion(asked, DAY)
    cases.ask_deletion(asked, DAY)
    cases.ask_deletion(kept_after, None)
    with pytest.raises(ConflictError):
        cases.ask_deletion(asked, DAY)
    assert cases.behind(TOKEN).deletion is None
    assert rows(database, "entries") == 4


def test_closing_cancels_a_deletion(cases: Cases) -> None:
    """Whoever has the words could ask for it and close: nobody could cancel any more."""
    cases.ask_deletion(addition(1, "inv"), DAY)
    cases.close_mailbox(addition(2, "inv"), b"n" * 32)
    assert cases.purge(DAY) == 0


def test_tidying_says_when_a_reader_kept_it_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log still holds the order of filing: that must not pass for done."""
    monkeypatch.setattr("intake.store.database._BUSY_SECONDS", 0)
    waiting = Database(database.path.parent)
    with closing(waiting), database.read() as connection:
        connection.execute(text("SELECT count(*) FROM cases")).scalar_one()
        with pytest.raises(StoreError, match="tidy it again"):
            waiting.tidy()
    database.tidy()


def test_closed_mailbox_opens_for_nobody_and_the_case_stays(
    cases: Cases, database: Database
) -> None:
    """The offices keep it, with the notice."""
    cases.close_mailbox(addition(1, "inv", "det"), b"n" * 32)
    with pytest.raises(NotFoundError):
        cases.behind(TOKEN)
    assert kept(database) == (1, 4, 4)
