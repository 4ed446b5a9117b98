"""Mail: written once by who holds the case, fetched by who has the words, deleted once read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.core import limits
from intake.core.entry import encode
from intake.core.programme import WITNESS
from intake.crypto.seal import Plaintext, seal_for
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConflictError, NotFoundError, NotSealedError
from intake.store.cases import Addition, Cases
from intake.store.database import Database
from intake.store.graves import Tombstone
from intake.store.mail import Mail, Written
from intake.store.records import Item, Records
from tests.crypto import entries
from tests.store.samples import DAY, SEALED, entry, filing, kept, rows

CASE = filing(1, "inv", "det")
TOKEN = CASE.mailbox_hash
INV, DET = entry(1, 0), entry(1, 1)
OWN, HERS = seal_for(
    Plaintext(encode(entries.report())), [[generate_hybrid().recipient()] for _ in range(2)]
)
REPLY = Written(CASE.case, "0a" * 16, "reply", OWN, HERS.header)
NOTE = Written(CASE.case, "0b" * 16, "note", OWN, None)
MARK = "0d" * 16
LATER = DAY + timedelta(days=40)


@pytest.fixture
def cases(database: Database) -> Cases:
    """Return the cases of a store that holds one, for two offices."""
    Records(database).file(CASE)
    return Cases(database)


@pytest.fixture
def mail(database: Database, cases: Cases) -> Mail:
    """Return the mail of that store."""
    assert cases.behind(TOKEN).mail == ()
    return Mail(database)


def notice(number: int, *readers: str) -> Addition:
    """Return an addition of a number, with one entry for each reader."""
    items = tuple(
        Item(f"{number:016x}a{place:015x}", reader, SEALED, "message")
        for place, reader in enumerate(readers)
    )
    tag = number.to_bytes(32, "big")
    return Addition(f"{number:032x}", TOKEN, tag, DAY, items)


def test_reply_waits_for_the_witness_and_lies_with_its_office(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """The office that wrote it has read it; the other one gets nothing."""
    mail.write("inv", REPLY, DAY)
    (waiting,) = cases.behind(TOKEN).mail
    assert (waiting.entry, waiting.kind, waiting.day, waiting.fetched) == (
        REPLY.entry,
        "reply",
        DAY,
        None,
    )
    sealed = mail.fetch(TOKEN, REPLY.entry, LATER)
    assert (sealed.header, sealed.payload) == (HERS.header.value, OWN.payload)
    assert (sealed.case, sealed.kind, sealed.reader) == (CASE.case, "reply", WITNESS)
    assert cases.behind(TOKEN).mail[0].fetched == LATER
    records = Records(database)
    assert records.fetch("inv", REPLY.entry, DAY).header == OWN.header.value
    with pytest.raises(NotFoundError):
        records.fetch("det", REPLY.entry, DAY)
    assert [item.entry for item in records.of_case("inv", CASE.case)] == sorted((INV, REPLY.entry))
    assert [item.entry for item in records.of_case("det", CASE.case)] == [DET]


def test_same_reply_is_kept_once_however_often_it_is_sent(mail: Mail, database: Database) -> None:
    """Also at once, after the witness deleted it, and after its office put another header."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: mail.write("inv", REPLY, DAY), range(8)))
    assert kept(database) == (1, 3, 4)
    mail.fetch(TOKEN, REPLY.entry, DAY)
    mail.discard(TOKEN, REPLY.entry, MARK, DAY)
    records = Records(database)
    before = records.of_case("inv", CASE.case)
    old = next(item.header_digest for item in before if item.entry == REPLY.entry)
    records.rewrap("inv", REPLY.entry, old, SEALED.header)
    mail.write("inv", REPLY, DAY)
    assert kept(database) == (1, 3, 3)


@pytest.mark.parametrize(
    "changed",
    [
        replace(REPLY, sealed=SEALED),
        replace(REPLY, witness=SEALED.header),
        replace(REPLY, kind="note", witness=None),
        replace(REPLY, entry=INV),
        replace(REPLY, entry=DET),
    ],
)
def test_another_content_under_the_same_name_is_a_conflict(
    mail: Mail, database: Database, changed: Written
) -> None:
    """The first stays."""
    mail.write("inv", REPLY, DAY)
    with pytest.raises(ConflictError):
        mail.write("inv", changed, DAY)
    with pytest.raises(ConflictError):
        mail.write("det", REPLY, DAY)
    assert kept(database) == (1, 3, 4)


def test_nobody_writes_in_a_case_of_which_it_holds_nothing(mail: Mail, cases: Cases) -> None:
    """Neither another office, nor the witness's name, nor in a case that is not there."""
    for office, case in (("nobody", CASE.case), (WITNESS, CASE.case), ("inv", "f" * 32)):
        with pytest.raises(NotFoundError):
            mail.write(office, replace(REPLY, case=case), DAY)
    assert cases.behind(TOKEN).mail == ()


@pytest.mark.parametrize(
    "plain",
    [
        replace(REPLY, sealed=b"plain"),  # type: ignore[arg-type] # the point
        replace(REPLY, witness=b"plain"),  # type: ignore[arg-type] # the point
        replace(REPLY, witness=None),
        replace(NOTE, witness=HERS.header),
    ],
)
def test_only_what_is_sealed_for_its_readers_is_kept(
    mail: Mail, database: Database, plain: Written
) -> None:
    """By type, at run time."""
    with pytest.raises(NotSealedError):
        mail.write("inv", plain, DAY)
    assert kept(database) == (1, 2, 2)


def test_offices_writing_has_an_end(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one office; the other one still writes, and notes are counted apart from replies."""
    monkeypatch.setattr(limits, "REPLIES", 1)
    monkeypatch.setattr(limits, "NOTES", 1)
    mail.write("inv", REPLY, DAY)
    mail.write("inv", NOTE, DAY)
    for more in (REPLY, NOTE):
        with pytest.raises(ConflictError, match="as often as it can"):
            mail.write("inv", replace(more, entry="0c" * 16), DAY)
    mail.write("inv", REPLY, DAY)
    mail.write("det", replace(REPLY, entry="0c" * 16), DAY)


def test_witness_is_not_told_what_an_office_notes_for_itself(mail: Mail, cases: Cases) -> None:
    """Neither that it is there, nor the note."""
    mail.write("inv", NOTE, DAY)
    case = cases.behind(TOKEN)
    assert case.mail == ()
    assert case.held.keys() == {INV, DET}
    with pytest.raises(NotFoundError):
        mail.fetch(TOKEN, NOTE.entry, DAY)


def test_words_of_another_case_fetch_nothing(mail: Mail, database: Database) -> None:
    """Nor does a name in no form."""
    mail.write("inv", REPLY, DAY)
    other = filing(2, "inv")
    Records(database).file(other)
    for token, name in (
        (other.mailbox_hash, REPLY.entry),
        (b"?" * 32, REPLY.entry),
        (TOKEN, INV),
        (TOKEN, "\ud800" * 32),
    ):
        with pytest.raises(NotFoundError):
            mail.fetch(token, name, DAY)
        with pytest.raises(NotFoundError):
            mail.discard(token, name, MARK, DAY)
    assert mail.fetch_all(other.mailbox_hash, DAY) == ()
    assert mail.fetched(TOKEN) == ()


def test_read_reply_is_deleted_once_and_its_mark_stays(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """The office keeps its copy; what was not read cannot be deleted."""
    mail.write("inv", REPLY, DAY)
    with pytest.raises(ConflictError, match="not read yet"):
        mail.discard(TOKEN, REPLY.entry, MARK, DAY)
    assert [one.entry for one in mail.fetch_all(TOKEN, DAY)] == [REPLY.entry]
    assert [one.entry for one in mail.fetched(TOKEN)] == [REPLY.entry]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: mail.discard(TOKEN, REPLY.entry, MARK, DAY), range(8)))
    case = cases.behind(TOKEN)
    assert case.mail == ()
    assert case.additions == {MARK}
    assert cases.tombstones() == (Tombstone(REPLY.entry, WITNESS, DAY),)
    with pytest.raises(NotFoundError):
        mail.fetch(TOKEN, REPLY.entry, DAY)
    assert Records(database).fetch("inv", REPLY.entry, DAY).payload == OWN.payload


def test_mark_stands_for_one_deletion(mail: Mail, cases: Cases) -> None:
    """It hides nothing else, and is no other addition."""
    mail.write("inv", REPLY, DAY)
    mail.write("inv", replace(REPLY, entry="0c" * 16), DAY)
    mail.fetch_all(TOKEN, DAY)
    cases.add(notice(7, "inv"))
    mail.discard(TOKEN, REPLY.entry, MARK, DAY)
    for mark in (MARK, notice(7).id):
        with pytest.raises(ConflictError):
            mail.discard(TOKEN, "0c" * 16, mark, DAY)
    assert len(cases.behind(TOKEN).mail) == 1


def test_what_a_witness_sealed_to_herself_is_not_discarded(mail: Mail, database: Database) -> None:
    """It shows her later whether keys were exchanged."""
    case = filing(2, "inv")
    stub = Item("0e" * 16, WITNESS, SEALED, "note")
    status = Records(database).file(replace(case, items=(*case.items, stub)))
    assert [one.reader for one in status.deliveries] == ["inv"]
    mail.fetch_all(case.mailbox_hash, DAY)
    with pytest.raises(NotFoundError):
        mail.discard(case.mailbox_hash, stub.entry, MARK, DAY)
    (left,) = Cases(database).behind(case.mailbox_hash).mail
    assert (left.entry, left.kind) == (stub.entry, "note")


def test_mail_of_the_witness_is_no_offices_business(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """In no count of what offices have not fetched, in no status, in what must be held."""
    records = Records(database)
    for office, name in (("inv", INV), ("det", DET)):
        records.fetch(office, name, DAY)
    mail.write("inv", REPLY, DAY)
    mail.write("inv", NOTE, DAY)
    assert cases.unread() == {}
    assert cases.oldest_unread() == {}
    assert [one.reader for one in records.status(CASE.case).deliveries] == ["det", "inv"]
    needy = replace(notice(1, "inv"), needs=(REPLY.entry, "f" * 32))
    with pytest.raises(ConflictError, match="withdrawn meanwhile"):
        cases.add(needy)


def test_own_reply_is_no_sign_that_a_report_was_fetched(mail: Mail, database: Database) -> None:
    """An office may hold its words by mail alone."""
    mail.write("inv", REPLY, DAY)
    assert Records(database).status(CASE.case).deliveries[1].fetched is None


def take_back(cases: Cases, *, known: frozenset[str] = frozenset()) -> bool:
    """Take the case back from the first office."""
    return cases.withdraw(notice(1, "inv"), (), (INV,), known)


def test_office_that_read_nothing_writes_no_more_once_it_is_withdrawn(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """What it wrote to itself is gone, what it wrote to her is hers, until she deletes it."""
    mail.write("inv", REPLY, DAY)
    mail.write("inv", NOTE, DAY)
    assert take_back(cases) is False
    records = Records(database)
    with pytest.raises(NotFoundError):
        records.of_case("inv", CASE.case)
    with pytest.raises(NotFoundError):
        mail.write("inv", replace(REPLY, entry="0c" * 16), DAY)
    assert mail.fetch(TOKEN, REPLY.entry, DAY).payload == OWN.payload
    assert rows(database, "entries") == 3
    mail.discard(TOKEN, REPLY.entry, MARK, DAY)
    assert rows(database, "entries") == 2
    assert cases.behind(TOKEN).withdrawn == {INV}


def test_office_that_read_keeps_the_notice_and_can_say_that_it_stopped(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """It holds one thing that the witness wrote: that she took it back."""
    Records(database).fetch("inv", INV, DAY)
    mail.write("inv", REPLY, DAY)
    assert take_back(cases) is True
    left = [item.entry for item in Records(database).of_case("inv", CASE.case)]
    assert left == sorted((REPLY.entry, notice(1, "inv").items[0].entry))
    mail.write("inv", replace(REPLY, entry="0c" * 16), DAY)


def test_case_goes_with_all_its_mail(mail: Mail, cases: Cases, database: Database) -> None:
    """Deleted by the witness, or by age once no office holds any of it."""
    mail.write("inv", REPLY, DAY)
    mail.write("det", NOTE, DAY)
    cases.ask_deletion(notice(1, "inv"), DAY)
    assert cases.purge(DAY) == 1
    assert kept(database) == (0, 0, 0)


def test_office_of_age_leaves_what_it_wrote_to_her(
    mail: Mail, cases: Cases, database: Database
) -> None:
    """As long as another holds the case; then all goes, read by her or not."""
    records = Records(database)
    for office, name in (("inv", INV), ("det", DET)):
        records.fetch(office, name, DAY)
    mail.write("inv", REPLY, DAY)
    mail.write("inv", NOTE, DAY)
    assert cases.expire("inv", LATER, LATER) == 1
    assert [one.entry for one in cases.behind(TOKEN).mail] == [REPLY.entry]
    assert cases.behind(TOKEN).held.keys() == {DET}
    assert cases.behind(TOKEN).withdrawn == frozenset()
    assert cases.expire("det", LATER, LATER) == 1
    assert kept(database) == (0, 0, 0)


def test_reply_keeps_a_case_from_growing_old(mail: Mail, cases: Cases, database: Database) -> None:
    """Whoever writes works on it."""
    Records(database).fetch("inv", INV, DAY)
    mail.write("inv", REPLY, LATER)
    assert cases.expire("inv", LATER, LATER) == 0


def test_closed_mailbox_holds_nothing(mail: Mail, cases: Cases, database: Database) -> None:
    """The office keeps its copy; nobody could fetch hers."""
    mail.write("inv", REPLY, DAY)
    cases.close_mailbox(notice(1, "inv"), b"n" * 32)
    assert kept(database) == (1, 4, 4)
    assert Tombstone(REPLY.entry, WITNESS, DAY) in cases.tombstones()


@pytest.mark.parametrize(
    "end",
    [
        lambda _, mail: mail.discard(TOKEN, REPLY.entry, MARK, DAY),
        lambda cases, _: take_back(cases),
        lambda cases, _: cases.close_mailbox(notice(1, "inv"), b"n" * 32),
        lambda cases, _: cases.expire("inv", LATER, LATER),
        lambda cases, _: cases.ask_deletion(notice(1, "inv"), DAY) or cases.purge(DAY),
    ],
)
def test_restored_copy_gives_nothing_back(
    mail: Mail, database: Database, cases: Cases, end: Callable[[Cases, Mail], object]
) -> None:
    """What was deleted since the copy was made stays deleted by its tombstones."""

    def fill() -> None:
        Records(database).fetch("inv", INV, DAY)
        for written in (REPLY, NOTE):
            mail.write("inv", written, DAY)
        mail.fetch_all(TOKEN, DAY)

    def held() -> list[tuple[str, str]]:
        with database.read() as connection:
            found = connection.exec_driver_sql("SELECT entry, reader FROM grants ORDER BY 1, 2")
            return [tuple(row) for row in found]

    fill()
    before = set(held())
    end(cases, mail)
    stones, gone = cases.tombstones(), before - set(held())
    assert gone
    with database.write() as connection:
        for table in ("additions", "grants", "entries", "cases", "tombstones"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    Records(database).file(CASE)
    fill()
    cases.bury(stones, lambda size: b"r" * size)
    assert not gone & set(held())
    assert set(cases.tombstones()) >= set(stones)
