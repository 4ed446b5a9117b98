"""The outbox: planned once, from grants alone, whatever clock and witness do meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from intake.errors import NotFoundError
from intake.store.database import Database
from intake.store.outbox import LONGEST_WAIT, Alarm, Outbox, Round
from intake.store.records import Records
from tests.store.samples import DAY, SEALED, entry, filing, rows

HOUR = 1_795_510_800
NOW = HOUR + 5
LATER = HOUR + 8 * 3600
DAYS = 86_400


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """Give the outbox of a database whose first hour was noted."""
    made = Outbox(database)
    for office in ("inv", "det"):
        made.decide(Round(office, HOUR - DAYS), NOW - DAYS, DAY)
    return made


@pytest.mark.usefixtures("outbox")
def test_filing_writes_nothing_here(records: Records, database: Database) -> None:
    """What is to be sent is found in the grants."""
    records.file(filing(1, "inv"))
    assert rows(database, "outbox") == 0
    with database.read() as connection:
        found = connection.execute(text("SELECT announced FROM grants")).scalars().all()
    assert found == [None]


def test_hour_is_decided_once(records: Records, outbox: Outbox) -> None:
    """However often it is asked, and whatever came since."""
    records.file(filing(1, "inv", "det"))
    attach = Round("det", HOUR, attach=True)
    for _ in range(3):
        outbox.decide(Round("inv", HOUR), NOW, DAY)
        outbox.decide(attach, NOW, DAY)
    assert [(row.kind, row.office, row.entry) for row in outbox.all()] == [
        ("entry", "det", entry(1, 1)),
        ("notice", "inv", None),
    ]
    records.file(filing(2, "inv", "det"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    outbox.decide(attach, NOW, DAY)
    assert len(outbox.all()) == 2


def test_hour_with_nothing_is_decided_too(records: Records, outbox: Outbox) -> None:
    """Else the first report after it would be announced at the minute it came."""
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    records.file(filing(1, "inv"))
    outbox.decide(Round("inv", HOUR), NOW + 60, DAY)
    assert outbox.all() == ()
    outbox.decide(Round("inv", LATER), LATER, DAY)
    assert len(outbox.all()) == 1


def test_notice_that_waits_stands_for_the_next(records: Records, outbox: Outbox) -> None:
    """A mail server that is back after days sends one."""
    for number in range(4):
        records.file(filing(number, "inv"))
        outbox.decide(Round("inv", HOUR + number * DAYS), NOW + number * DAYS, DAY)
    assert len(outbox.all()) == 1


def test_sent_is_forgotten_with_dead_ones_that_said_the_same(
    records: Records, outbox: Outbox, database: Database
) -> None:
    """A sent mail leaves no row, and so no time, on the disk."""
    records.file(filing(1, "inv"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    outbox.failed(outbox.all()[0], "refused", dead=True, take_back=False)
    assert outbox.due(NOW + DAYS) == ()
    records.file(filing(2, "inv"))
    outbox.decide(Round("inv", LATER), LATER, DAY)
    assert len(outbox.all()) == 2
    (waiting,) = outbox.due(LATER)
    outbox.sent(waiting)
    assert rows(database, "outbox") == 0


def test_entry_is_given_as_an_age_file_and_noted(records: Records, outbox: Outbox) -> None:
    """The second time it is not the first; taken back, it is unread again."""
    records.file(filing(1, "det"))
    outbox.decide(Round("det", HOUR, attach=True), NOW, DAY)
    (row,) = outbox.all()
    opened = outbox.give(row, DAY)
    assert opened.data == SEALED.header.value + SEALED.payload
    assert (opened.is_first, opened.evidence) == (True, ())
    assert records.status(f"{1:032x}").deliveries[0].fetched == DAY
    assert not outbox.give(row, DAY).is_first
    outbox.failed(row, "refused", dead=False, take_back=True)
    assert records.status(f"{1:032x}").deliveries[0].fetched is None


def test_what_an_office_fetched_itself_is_not_attached(records: Records, outbox: Outbox) -> None:
    """It has it."""
    records.file(filing(1, "det"))
    records.fetch("det", entry(1), DAY)
    outbox.decide(Round("det", HOUR, attach=True), NOW, DAY)
    assert outbox.all() == ()


def test_try_is_counted_and_waits(records: Records, outbox: Outbox) -> None:
    """Until its time, unless a clock that was wrong set it."""
    records.file(filing(1, "inv"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    outbox.begin(outbox.all()[0], NOW + 60)
    assert outbox.due(NOW + 59) == ()
    assert outbox.due(NOW + 60)[0].attempts == 1
    outbox.begin(outbox.all()[0], NOW + LONGEST_WAIT)
    assert outbox.due(NOW) == ()
    assert len(outbox.due(NOW - 1)) == 1


def test_retry_and_drop(records: Records, outbox: Outbox) -> None:
    """What is dead can be tried as if for the first time, or forgotten; no other name is taken."""
    records.file(filing(1, "inv"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    (row,) = outbox.all()
    outbox.begin(row, NOW + 60)
    outbox.failed(row, "refused", dead=True, take_back=False)
    with pytest.raises(NotFoundError, match="intake outbox"):
        outbox.begin(row, NOW + 60)
    outbox.retry(row.id, NOW)
    assert outbox.due(NOW) == (replace(row, error="refused"),)
    outbox.drop(row.id)
    for change in (outbox.drop, lambda name: outbox.retry(name, NOW)):
        with pytest.raises(NotFoundError, match="intake outbox"):
            change(row.id)
    outbox.decide(Round("inv", LATER), LATER, DAY)
    assert outbox.all() == ()  # dropped, it was announced all the same


def test_row_whose_entry_is_gone_goes_too(
    records: Records, outbox: Outbox, database: Database
) -> None:
    """With the sweep, or when its turn comes; a notice names no entry and stays."""
    for number in (1, 2):
        records.file(filing(number, "inv", "det"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    outbox.decide(Round("det", HOUR, attach=True), NOW, DAY)
    with database.write() as connection:
        connection.execute(text("DELETE FROM grants WHERE entry = :e"), {"e": entry(1, 1)})
    gone = next(row for row in outbox.all() if row.entry == entry(1, 1))
    with pytest.raises(NotFoundError):
        outbox.give(gone, DAY)
    assert len(outbox.all()) == 2
    with database.write() as connection:
        connection.execute(text("DELETE FROM grants WHERE entry = :e"), {"e": entry(2, 1)})
    outbox.sweep()
    assert [row.kind for row in outbox.all()] == ["notice"]


def test_row_goes_with_its_own_office_and_not_with_another(
    records: Records, outbox: Outbox, database: Database
) -> None:
    """An entry that was taken back from one is not mailed to it because another still holds it."""
    records.file(filing(1, "det"))
    outbox.decide(Round("det", HOUR, attach=True), NOW, DAY)
    with database.write() as connection:
        connection.execute(text("UPDATE grants SET reader = 'inv'"))
    outbox.sweep()
    assert outbox.all() == ()


def test_dead_mail_that_said_something_else_stays(records: Records, outbox: Outbox) -> None:
    """Another entry, or another reader: nobody has told them."""
    for number in (1, 2):
        records.file(filing(number, "det", "inv"))
    outbox.decide(Round("det", HOUR, attach=True), NOW, DAY)
    overdue = Round("inv", HOUR, overdue=DAY, remind=DAY, escalate_to=("second", "operator"))
    outbox.decide(overdue, NOW, DAY)
    first, other = (row for row in outbox.all() if row.kind == "entry")
    second = next(row for row in outbox.all() if row.recipient == "second")
    for row in (other, second):
        outbox.failed(row, "refused", dead=True, take_back=False)
    outbox.sent(first)
    outbox.sent(next(row for row in outbox.all() if row.recipient == "operator"))
    assert {row.id for row in outbox.all() if row.dead} == {other.id, second.id}


def test_escalation_comes_when_something_lies_too_long(records: Records, outbox: Outbox) -> None:
    """To each who is to be told; again after a week, and no more once it is fetched."""
    records.file(filing(1, "inv"))
    told = []
    for day in range(14):
        today = DAY + timedelta(days=day)
        plan = Round(
            "inv",
            HOUR + day * DAYS,
            overdue=today - timedelta(days=3),
            remind=today - timedelta(days=7),
            escalate_to=("second", "operator"),
        )
        outbox.decide(plan, NOW + day * DAYS, today)
        for row in outbox.all():
            if row.kind == "unfetched":
                told.append((day, row.recipient))
            outbox.sent(row)
        if day == 11:
            records.fetch("inv", entry(1), today)
    assert sorted(told) == [(3, "operator"), (3, "second"), (10, "operator"), (10, "second")]


@pytest.mark.parametrize(
    ("back", "decided"), [(3600, False), (23 * 3600, False), (3 * DAYS, True), (900 * DAYS, True)]
)
def test_clock_put_back(records: Records, outbox: Outbox, back: int, decided: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """By less than a day, hours that were decided are waited for; by more, they were wrong."""
    outbox.decide(Round("inv", HOUR + back), HOUR + back, DAY)
    records.file(filing(1, "inv"))
    outbox.decide(Round("inv", HOUR), NOW, DAY)
    assert outbox.all() == ()
    outbox.decide(Round("inv", HOUR + 60), NOW + 60, DAY)
    assert (len(outbox.all()) == 1) == decided


def urgent(records: Records, number: int, *readers: str) -> None:
    """Keep a case that was marked as urgent."""
    records.file(replace(filing(number, *readers), urgent=True))


def kinds(outbox: Outbox) -> list[str]:
    """Return what waits, and forget it as sent."""
    found = outbox.all()
    for row in found:
        outbox.sent(row)
    return sorted(f"{row.kind} {row.recipient}" for row in found)


def test_second_reader_is_told_unless_it_was_fetched(records: Records, outbox: Outbox) -> None:
    """Counted from the first that waits; what was fetched in time ends it."""
    plan = Alarm("inv", seconds=3600)
    urgent(records, 1, "inv")
    outbox.alarm(plan, NOW)
    assert kinds(outbox) == ["urgent office"]
    records.fetch("inv", entry(1), DAY)
    outbox.alarm(plan, NOW + 3600)
    assert kinds(outbox) == []
    urgent(records, 2, "inv")
    outbox.alarm(plan, NOW + 4000)
    outbox.alarm(plan, NOW + 7599)
    assert kinds(outbox) == ["urgent office"]
    outbox.alarm(plan, NOW + 7600)
    outbox.alarm(plan, NOW + 20_000)
    assert kinds(outbox) == ["urgent second"]


def test_alarm_survives_a_clock_put_back(records: Records, outbox: Outbox) -> None:
    """It counts from then on, instead of waiting for years."""
    plan = Alarm("inv", seconds=3600)
    urgent(records, 1, "inv")
    outbox.alarm(plan, NOW + 900 * DAYS)
    outbox.alarm(plan, NOW)
    outbox.alarm(plan, NOW + 3600)
    assert kinds(outbox) == ["urgent office", "urgent second"]


def test_addition_to_an_urgent_case_waits_for_the_hour(
    records: Records, outbox: Outbox, database: Database
) -> None:
    """Only the report is urgent; each line that is added would tell when it was."""
    urgent(records, 1, "inv")
    with database.write() as connection:
        connection.execute(text("UPDATE entries SET kind = 'message'"))
    outbox.alarm(Alarm("inv"), NOW)
    assert kinds(outbox) == []


def test_office_without_a_first_hour_waits_for_it(records: Records, database: Database) -> None:
    """A minute later it has one."""
    made = Outbox(database)
    urgent(records, 1, "inv")
    made.alarm(Alarm("inv"), NOW)
    made.decide(Round("inv", HOUR), NOW, DAY)
    assert kinds(made) == []
    made.alarm(Alarm("inv"), NOW + 60)
    assert kinds(made) == ["urgent office"]
