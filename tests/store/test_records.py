"""Records: only what is sealed goes in, all of a case or nothing, to each office its own."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from intake.core import limits, wire
from intake.crypto.seal import Plaintext, Sealed, SealedHeader
from intake.errors import ConflictError, NotFoundError, NotSealedError, StoreError
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.records import Delivery, Item, Records
from tests.store.samples import DAY, SEALED, entry, filing, kept, rows

NEXT = DAY + timedelta(days=1)
THREADS = 8


class LooksSealed:
    """Has the attributes of what is sealed, and is not."""

    header = SEALED.header
    payload = SEALED.payload


class NearlySealed(Sealed):
    """A subclass might have skipped the check."""


PLAIN = [
    LooksSealed(),
    NearlySealed(SEALED.header, SEALED.payload),
    SEALED.header,
    wire.Sealed("c", "e", "report", DAY, "inv", SEALED.header.value, SEALED.payload),
    Plaintext(b"plain words"),
    b"plain words",
    "plain words",
    None,
]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("thing", PLAIN, ids=lambda thing: type(thing).__name__)
def test_store_refuses_whatever_is_not_sealed(
    records: Records, database: Database, thing: object, place: int
) -> None:
    """By its exact type, at run time, wherever it stands, before anything is written."""
    items = list(filing(1, "inv", "det").items)
    items[place] = Item(items[place].entry, "inv", thing)  # type: ignore[arg-type] # the mistake it must catch
    with pytest.raises(NotSealedError):
        records.file(replace(filing(1), items=tuple(items)))
    assert kept(database) == (0, 0, 0)


@pytest.mark.parametrize("payload", [b"plain words", b"", SEALED.payload[:-1], "plain words", None])
def test_sealed_entry_of_another_length_cannot_be_made(payload: object) -> None:
    """Words that somebody forgot to seal have no length of a padded, sealed entry."""
    with pytest.raises(NotSealedError):
        Sealed(SEALED.header, payload)  # type: ignore[arg-type] # the mistake it must catch


def test_headers_are_checked_when_made() -> None:
    """A sealed header of anything else cannot be made, so none can be stored."""
    with pytest.raises(NotSealedError):
        SealedHeader(b"plain words")


def test_case_without_an_entry_is_refused(records: Records, database: Database) -> None:
    """A case that nobody may read is none."""
    with pytest.raises(NotSealedError):
        records.file(filing(1))
    assert kept(database) == (0, 0, 0)


def test_filing_is_all_or_nothing(records: Records, database: Database) -> None:
    """An entry that is there twice takes its whole case with it."""
    whole = filing(1, "inv", "det")
    with pytest.raises(StoreError):
        records.file(replace(whole, items=(*whole.items, whole.items[0])))
    assert kept(database) == (0, 0, 0)
    records.file(whole)
    assert kept(database) == (1, 2, 2)


def test_case_cannot_take_an_entry_of_another(records: Records, database: Database) -> None:
    """The second case is not there at all, the first keeps what it had."""
    records.file(filing(1, "inv"))
    thief = filing(2, "det", "det")
    stolen = replace(thief.items[1], entry=entry(1))
    with pytest.raises(StoreError):
        records.file(replace(thief, items=(thief.items[0], stolen)))
    assert kept(database) == (1, 1, 1)
    assert records.fetch("inv", entry(1), DAY).case == filing(1).case
    assert records.days("det") == ()


def test_case_cannot_take_a_mailbox_of_another(records: Records, database: Database) -> None:
    """One mailbox leads to one case."""
    records.file(filing(1, "inv"))
    with pytest.raises(StoreError):
        records.file(replace(filing(2, "inv"), mailbox_hash=filing(1).mailbox_hash))
    assert kept(database) == (1, 1, 1)
    assert Cases(database).behind(filing(1).mailbox_hash).id == filing(1).case


def test_same_case_again_answers_as_before(records: Records, database: Database) -> None:
    """It keeps nothing more, also where it was sealed anew and on another day."""
    first = records.file(filing(1, "inv", "det"))
    assert records.file(filing(1, "inv", "det")) == first
    assert records.file(replace(filing(1, "inv", "det"), day=NEXT)) == first
    assert records.filed(first.case, filing(1).digest) == first
    assert kept(database) == (1, 2, 2)


def test_same_case_again_says_what_was_fetched_since(records: Records) -> None:
    """The answer is the case's as it is, not a copy of the first."""
    records.file(filing(1, "inv", "det"))
    records.fetch("det", entry(1, 1), NEXT)
    again = records.file(filing(1, "inv", "det"))
    assert again.deliveries == (Delivery("det", NEXT), Delivery("inv", None))


def test_another_content_under_the_same_case_is_a_conflict(
    records: Records, database: Database
) -> None:
    """The first stays as it was."""
    first = records.file(filing(1, "inv"))
    other = replace(filing(1, "inv", "det"), digest=b"x" * 32)
    with pytest.raises(ConflictError):
        records.file(other)
    with pytest.raises(ConflictError):
        records.filed(other.case, other.digest)
    assert records.status(first.case) == first
    assert records.filed(first.case, filing(1).digest) == first
    assert kept(database) == (1, 1, 1)


def test_case_that_was_never_filed_is_not_found(records: Records) -> None:
    """Neither by its id nor by its digest."""
    assert records.filed(filing(1).case, filing(1).digest) is None
    with pytest.raises(NotFoundError):
        records.status(filing(1).case)


def test_same_case_sent_at_once_is_kept_once(records: Records, database: Database) -> None:
    """Whoever comes first, all are answered the same."""
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(records.file, [filing(1, "inv", "det")] * THREADS))
    assert answers == [answers[0]] * THREADS
    assert kept(database) == (1, 2, 2)


def test_mailbox_finds_its_case_and_no_other(records: Records, database: Database) -> None:
    """By the hash of its token alone."""
    for number in (1, 2):
        records.file(filing(number, "inv"))
    for number in (1, 2):
        assert Cases(database).behind(filing(number).mailbox_hash).id == filing(number).case
    with pytest.raises(NotFoundError):
        Cases(database).behind(b"?" * 32)


def test_office_that_reads_for_two_is_named_once(records: Records) -> None:
    """It fetched the case on the day it fetched the first of its entries."""
    first = records.file(filing(1, "inv", "det", "inv"))
    assert [delivery.reader for delivery in first.deliveries] == ["det", "inv"]
    assert records.status(first.case) == first
    records.fetch("inv", entry(1, 2), DAY)
    records.fetch("inv", entry(1, 0), NEXT)
    assert records.status(first.case).deliveries[1] == Delivery("inv", DAY)


def test_office_sees_only_what_it_was_granted(records: Records) -> None:
    """In its days, in its lists, and by an entry's id."""
    records.file(filing(1, "inv", "det"))
    records.file(filing(2, "inv"))
    records.file(replace(filing(3, "det"), day=NEXT))
    seen = {
        reader: {day.day: [item.entry for item in records.items(reader, day.day)] for day in days}
        for reader in ("inv", "det", "children")
        for days in [records.days(reader)]
    }
    assert seen == {
        "inv": {DAY: [entry(1), entry(2)]},
        "det": {DAY: [entry(1, 1)], NEXT: [entry(3)]},
        "children": {},
    }
    for reader, foreign in (("det", entry(1)), ("det", entry(2)), ("inv", entry(1, 1))):
        with pytest.raises(NotFoundError):
            records.fetch(reader, foreign, DAY)
    assert records.items("inv", NEXT) == ()
    assert all(delivery.fetched is None for delivery in records.status(filing(1).case).deliveries)


def test_several_are_fetched_in_one_transaction(
    records: Records, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of all of them is noted behind the lock once; a second time it is not taken."""
    for number in range(3):
        records.file(filing(number, "inv", "det"))
    names = [entry(number) for number in range(3)]
    taken: list[str] = []
    write = database.write

    def counted() -> AbstractContextManager[Connection]:
        taken.append("write")
        return write()

    monkeypatch.setattr(database, "write", counted)
    given = records.fetch_several("inv", names, DAY)
    assert [one.entry for one in given.entries] == names
    assert records.fetch_several("inv", names, NEXT) == given
    assert taken == ["write"]
    for number in range(3):
        told = records.status(filing(number).case).deliveries
        assert told == (Delivery("det", None), Delivery("inv", DAY))


def test_several_are_as_many_as_fit(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not given is not noted as fetched; the first is given however large it is."""
    for number in range(3):
        records.file(filing(number, "inv"))
    size = len(SEALED.header.value) + len(SEALED.payload)
    names = [entry(2), "ff" * 16, entry(0), entry(1)]
    for fits, expected in ((size * 2, names[:3]), (size * 2 - 1, names[:2]), (1, names[:1])):
        monkeypatch.setattr(limits, "FETCH_BYTES", fits)
        given = records.fetch_several("inv", names, DAY)
        assert [*(one.entry for one in given.entries), *given.missing] == sorted(
            expected, key=lambda name: name == "ff" * 16
        )
    assert records.status(filing(1).case).deliveries == (Delivery("inv", None),)


def test_several_of_another_office_are_missing_and_not_noted(records: Records) -> None:
    """An id alone opens no door, among others neither."""
    records.file(filing(1, "inv", "det"))
    given = records.fetch_several("inv", [entry(1, 1), entry(1), "' OR 1", "\ud800"], DAY)
    assert [one.entry for one in given.entries] == [entry(1)]
    assert given.missing == (entry(1, 1), "' OR 1", "\ud800")
    assert Delivery("det", None) in records.status(filing(1).case).deliveries


def test_fetched_entry_is_what_was_filed(records: Records) -> None:
    """Header and payload byte for byte, under the names it was filed with."""
    records.file(filing(1, "det", "inv"))
    assert records.fetch("inv", entry(1, 1), NEXT) == wire.Sealed(
        case=filing(1).case,
        entry=entry(1, 1),
        kind="report",
        day=DAY,
        reader="inv",
        header=SEALED.header.value,
        payload=SEALED.payload,
    )


def test_first_fetch_is_noted_and_kept(records: Records) -> None:
    """The day an office fetched does not move when it fetches again, nor for other offices."""
    case = records.file(filing(1, "inv", "det")).case
    for days in (1, 2, 0):
        records.fetch("inv", entry(1), DAY + timedelta(days=days))
    assert records.status(case).deliveries == (Delivery("det", None), Delivery("inv", NEXT))


class Slow(Database):
    """Lets somebody else in before its next writing transaction."""

    def __init__(self, folder: Path, between: Callable[[], object]) -> None:
        super().__init__(folder)
        self._between = between

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield the transaction, others before it."""
        self._between()
        with super().write() as connection:
            yield connection


def test_fetch_between_looking_and_noting_keeps_its_day(tmp_path: Path, records: Records) -> None:
    """Of two fetches at midnight, the one noted first counts."""
    case = records.file(filing(1, "inv")).case
    slow = Records(Slow(tmp_path, lambda: records.fetch("inv", entry(1), DAY)))
    slow.fetch("inv", entry(1), NEXT)
    slow.close()
    assert records.status(case).deliveries == (Delivery("inv", DAY),)


def test_hash_of_a_day_covers_every_entry_and_header(records: Records) -> None:
    """SHA-256 over the sorted entries with their header digests, computed here a second way."""
    header = hashlib.sha256(SEALED.header.value).hexdigest()
    hashes = set()
    for number in (5, 2, 9):
        records.file(filing(number, "inv", "det"))
        lines = sorted(f"{item.entry} {item.header_digest}\n" for item in records.items("inv", DAY))
        expected = hashlib.sha256("".join(lines).encode()).hexdigest()
        assert records.days("inv") == (wire.Day(DAY, expected),)
        hashes.add(expected)
    ids = sorted(entry(number) for number in (5, 2, 9))
    assert records.items("inv", DAY) == tuple(wire.Item(name, header) for name in ids)
    assert len(hashes) == 3


def test_hash_of_a_day_stays_while_others_change(records: Records) -> None:
    """Another day, another office and a fetch do not touch it."""
    records.file(filing(1, "inv"))
    before = records.days("inv")
    records.file(replace(filing(2, "inv"), day=NEXT))
    records.file(filing(3, "det"))
    records.fetch("inv", entry(1), DAY)
    assert [day.day for day in records.days("inv")] == [DAY, NEXT]
    assert records.days("inv")[:1] == before


def test_challenge_is_taken_once_and_in_time(records: Records) -> None:
    """A second taking, a late one and an unknown one find nothing."""
    for name in ("a", "late"):
        records.keep_challenge(name * 8, "inv", b"bound", b"t" * 32, 100)
    assert records.take_challenge("a" * 8, 100) == ("inv", b"bound", b"t" * 32)
    for name, now in (("a" * 8, 100), ("late" * 8, 101), ("late" * 8, 100), ("never", 1)):
        with pytest.raises(NotFoundError):
            records.take_challenge(name, now)


def test_challenge_is_taken_by_one_of_many(records: Records) -> None:
    """Of eight that take it at the same moment, one has it."""
    records.keep_challenge("a" * 32, "inv", b"bound", b"t" * 32, 100)

    def take(_place: int) -> bool:
        try:
            return records.take_challenge("a" * 32, 100)[0] == "inv"
        except NotFoundError:
            return False

    with ThreadPoolExecutor(THREADS) as threads:
        assert sum(threads.map(take, range(THREADS))) == 1


def test_challenges_that_were_not_answered_do_not_pile_up(
    records: Records, database: Database
) -> None:
    """A new one drops those whose time is over, and no other."""
    for number, expiry in enumerate((100, 130, 161)):
        records.keep_challenge(f"{number:032x}", "inv", b"bound", b"t" * 32, expiry)
    assert rows(database, "challenges") == 2
    assert records.take_challenge(f"{1:032x}", 101)[0] == "inv"


def test_session_ends(records: Records, database: Database) -> None:
    """It opens until its last second, and leaves the table when a later one begins."""
    records.keep_session(b"h" * 32, "inv", 1, 100)
    assert records.session(b"h" * 32, 100) == "inv"
    for token, now in ((b"h" * 32, 101), (b"?" * 32, 1)):
        with pytest.raises(NotFoundError):
            records.session(token, now)
    records.keep_session(b"i" * 32, "det", 101, 200)
    assert rows(database, "sessions") == 1
    assert records.session(b"i" * 32, 101) == "det"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
@given(st.text() | st.from_regex(r"[0-9a-fA-F]{31,33}\n?", fullmatch=True))
@example("\ud800")
@example(entry(1) + "\0")
@example("' OR 1=1 --")
@example(entry(1)[:-1] + "%")
def test_any_name_of_an_entry_is_only_not_found(records: Records, name: str) -> None:
    """Whatever stands in an address, half a surrogate pair too, and however near to an id."""
    records.file(filing(1, "inv"))
    with pytest.raises(NotFoundError):
        records.fetch("inv", name, DAY)


def test_store_answers(records: Records) -> None:
    """As long as its database can be read."""
    records.answer()


def test_entry_that_another_case_has_is_a_conflict(records: Records) -> None:
    """And no fault of the store: sent again it stays one."""
    records.file(filing(1, "inv"))
    taken = replace(filing(2, "inv"), items=filing(1, "inv").items)
    for _ in range(2):
        with pytest.raises(ConflictError):
            records.file(taken)
    assert kept(records._database) == (1, 1, 1)
