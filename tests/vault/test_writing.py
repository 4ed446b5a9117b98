"""What is written at a desk: kept at once, sent later, and the same for the whole office."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from intake.core import wire
from intake.core import work as works
from intake.core.entry import Entry, MessageBody, ReportBody
from intake.core.work import Change
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys, authenticate
from intake.crypto.unseal import generate_hybrid
from intake.errors import (
    AnswerError,
    EntryError,
    KeyringError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from intake.vault import custody, lists, records
from intake.vault.lists import Case, Wanted
from intake.vault.schema import NEVER
from intake.vault.writing import Writer, waiting
from tests.crypto import entries
from tests.support.desk import TODAY, Desk, refused

NOW = datetime(2026, 11, 24, 18, tzinfo=timezone(timedelta(hours=-6)))
CASE = entries.report().case
replace = msgspec.structs.replace


@pytest.fixture
def team(desk: Desk, tmp_path: Path) -> tuple[Desk, Desk]:
    """Make two desks of one office, with one report that both have read."""
    other = desk.colleague(tmp_path / "other", "Ben")
    desk.meet(other)
    desk.shelf.put(report(), TODAY, desk.key, other.key)
    desk.sync()
    other.sync()
    return desk, other


def report() -> Entry:
    """Return a report with a way back."""
    made = entries.report()
    assert isinstance(made.body, ReportBody)
    witness = generate_hybrid()
    return replace(made, body=replace(made.body, reply_to=witness.recipient().raw))


def write(desk: Desk, now: datetime = NOW) -> Writer:
    """Return what writes at a desk."""
    with desk.vault.use() as opened:
        return Writer(opened, desk.programme, now)


def case(desk: Desk) -> Case:
    """Return the row of the case."""
    with desk.vault.use() as opened:
        found = lists.find(opened.database, CASE)
    assert found
    return found


def stands(desk: Desk) -> tuple[object, ...]:
    """Return all of what two desks must agree on."""
    row = case(desk)
    with desk.vault.use() as opened:
        said = [entry for _, entry in lists.opened(opened.database, CASE)]
        tagged = lists.tags(opened.database)
        searched = sorted(hit.id for hit in lists.search(opened.database, "remark"))
    row_without_place = (row.status, row.assigned, row.reason, row.tags, row.entries, row.answered)
    return (
        row_without_place,
        row.acknowledged,
        row.due,
        sorted(e.id for e in said),
        tagged,
        searched,
    )


def unsent(desk: Desk) -> int:
    """Return how much waits."""
    with desk.vault.use() as opened:
        return len(waiting(opened))


def settle(*desks: Desk) -> None:
    """Let desks sync until none learns anything."""
    for _ in range(2):
        for desk in desks:
            desk.sync()


def test_two_desks_that_changed_one_case_offline_agree(team: tuple[Desk, Desk]) -> None:
    """Status, assignment, tags, remarks and answers are the same on both, whoever syncs first."""
    ana, ben = team
    write(ana).note(CASE, Change({"status": "assessing", "assigned": "Ana"}, {"bridge": True}))
    write(ana).note(CASE, Change(text="a remark of Ana"))
    write(ben).note(CASE, Change({"assigned": "Ben"}, {"night": True}, "a remark of Ben"))
    write(ben).reply(CASE, MessageBody((), "We read it."))
    assert stands(ana) != stands(ben)
    assert (unsent(ana), unsent(ben)) == (2, 2)
    settle(ben, ana)
    assert stands(ana) == stands(ben)
    assert (unsent(ana), unsent(ben)) == (0, 0)
    row = case(ana)
    assert (row.status, row.tags, row.entries, row.answered) == ("assessing", "bridge\nnight", 5, 1)
    assert row.assigned in {"Ana", "Ben"}
    assert ana.sync() == type(ana.sync())()


def test_they_agree_in_whatever_order_their_changes_arrive(tmp_path: Path) -> None:
    """Each order of three syncs, and a third desk that saw nothing in between."""
    for number, order in enumerate(((0, 1, 0), (1, 0, 1))):
        folder = tmp_path / str(number)
        desks = [Desk(folder / "a")]
        desks.append(desks[0].colleague(folder / "b", "Ben"))
        late = desks[0].colleague(folder / "c", "Cleo")
        desks[0].meet(desks[1], late)
        keys = [desk.key for desk in (*desks, late)]
        desks[0].shelf.put(report(), TODAY, *keys)
        for place, desk in enumerate(desks):
            desk.sync()
            write(desk).note(CASE, Change({"status": ("acting", "closed")[place]}))
            write(desk).note(CASE, Change({"reason": f"by {desk.who}"}, {"x": place == 1}))
        for place in order:
            desks[place].sync()
        late.sync()
        assert stands(desks[0]) == stands(desks[1]) == stands(late)
        for desk in (*desks, late):
            desk.vault.lock()


def test_what_was_written_counts_before_it_is_sent(team: tuple[Desk, Desk]) -> None:
    """Offline, the case stands as she left it, and her text is found."""
    ana, _ = team
    assert case(ana).clock == "acknowledge"
    write(ana).acknowledge(CASE)
    write(ana).note(CASE, Change({"status": "closed", "reason": "No such office"}))
    row = case(ana)
    assert (row.acknowledged, row.answered, row.status, row.due) == (1, 0, "closed", NEVER)
    with ana.vault.use() as opened:
        assert lists.search(opened.database, "opened") != []
        links = custody.links(opened.database, CASE)
    custody.verify(links, CASE)
    assert [link.what for link in links] == ["fetched", "opened", "answered", "noted"]


def test_witness_opens_the_answer_and_the_office_cannot_be_told_from_two_desks(
    team: tuple[Desk, Desk],
) -> None:
    """One payload, two headers, as from the command line."""
    ana, _ = team
    hers = WitnessKeys(b"\x07" * 32)
    with ana.vault.use() as opened:
        ((_, told),) = lists.opened(opened.database, CASE)
    assert isinstance(told.body, ReportBody)
    body = replace(
        told.body, reply_to=hers.recipient().raw, message_key=hers.message_key("inv").hex()
    )
    other = replace(told, case="cc" * 16, id="dd" * 16, body=body)
    ana.put(other)
    ana.sync()
    written = write(ana).reply(other.case, MessageBody(("persons",), "Who was with you?"))
    with ana.vault.use() as opened:
        (sent,) = (wire.parse(one.sealed, wire.Reply) for one in waiting(opened))
    got = wire.Sealed(other.case, written.id, "reply", TODAY, "witness", sent.witness, sent.payload)
    assert opening.open_letter(got, hers, ana.programme) == written


def test_acknowledgement_of_a_faster_colleague_replaces_ones_own(team: tuple[Desk, Desk]) -> None:
    """The person is told once, and nobody sees an error."""
    ana, ben = team
    for desk in team:
        write(desk).acknowledge(CASE)
    assert ana.sync().problems == []
    assert ben.sync().problems == []
    settle(ana, ben)
    assert stands(ana) == stands(ben)
    assert case(ben).entries == 2
    with pytest.raises(AnswerError, match="answered already"):
        write(ben).acknowledge(CASE)


def test_line_that_breaks_loses_nothing_that_was_written(team: tuple[Desk, Desk]) -> None:
    """What had arrived without an answer is sent again and kept once."""
    ana, ben = team
    for number in range(3):
        write(ana).note(CASE, Change(text=f"remark {number}"))
    left = [1]

    def breaking(path: str, body: bytes) -> bytes:
        if path == "POST /entries":
            left[0] -= 1
            if left[0] < 0:
                raise UnreachableError("the server cannot be reached")
        return body

    ana.shelf.hook = breaking
    with pytest.raises(UnreachableError):
        ana.sync()
    assert unsent(ana) == 2
    ana.shelf.hook = None
    settle(ana, ben)
    assert case(ben).entries == 4
    assert stands(ana) == stands(ben)


def test_busy_server_keeps_it_waiting(team: tuple[Desk, Desk]) -> None:
    """Closed for an hour is no refusal."""
    ana, _ = team
    write(ana).note(CASE, Change(text="remark"))

    def closed(path: str, body: bytes) -> bytes:
        if path == "POST /entries":
            raise ServerError("the door is closed")
        return body

    ana.shelf.hook = closed
    with pytest.raises(ServerError):
        ana.sync()
    assert unsent(ana) == 1
    ana.shelf.hook = None
    assert ana.sync().sent == 1


def test_what_the_server_refuses_is_set_aside_with_its_reason(team: tuple[Desk, Desk]) -> None:
    """It is never lost, counts no more, and what comes after it is sent."""
    ana, _ = team
    write(ana).note(CASE, Change({"status": "closed"}))
    write(ana).note(CASE, Change(text="remark"))
    first = [True]

    def once(path: str, body: bytes) -> bytes:
        if path == "POST /entries" and first.pop() if first else False:
            raise RefusedError("this office holds nothing of the case")
        return body

    ana.shelf.hook = once
    (problem,) = ana.sync().problems
    assert "was refused: this office holds nothing" in problem
    assert (case(ana).status, unsent(ana)) == ("new", 0)
    with ana.vault.use() as opened:
        (row,) = lists.aside(opened.database)
    assert "the server refused it" in row.reason
    assert ana.sync() == type(ana.sync())()


def test_note_that_no_colleague_wrote_moves_nothing(team: tuple[Desk, Desk]) -> None:
    """Whoever has the public keys can seal one; the key to sign it stands in the report."""
    ana, _ = team
    said = works.WorkBody(9, {"status": "closed"}, {}, "", "Ben")
    forged = replace(report(), kind="note", direction="own", id="ee" * 16, body=said)
    for number, key in enumerate((b"\x01" * 32, b"\x02" * 32)):
        ana.put(authenticate(replace(forged, id=f"{number:032x}"), key))
    assert ana.sync().aside == 2
    assert case(ana).status == "new"


def test_what_is_unsent_counts_in_no_hash_of_a_day(team: tuple[Desk, Desk]) -> None:
    """The server does not list it yet: a desk that cannot send asks for no day anew."""
    ana, _ = team
    with ana.vault.use() as opened:
        before = records.day_hashes(opened.database)
    write(ana).note(CASE, Change(text="remark"))
    with ana.vault.use() as opened:
        assert records.day_hashes(opened.database) == before


def test_note_whose_writer_cannot_be_checked_moves_nothing(team: tuple[Desk, Desk]) -> None:
    """A second report of the case takes the ground from every note."""
    ana, _ = team
    said = works.WorkBody(9, {"status": "closed"}, {}, "", "Ben")
    note = replace(report(), kind="note", direction="own", id="ee" * 16, body=said)
    ana.put(replace(report(), id="dd" * 16))
    ana.put(authenticate(note, bytes.fromhex("2a" * 32)))
    ana.sync()
    assert case(ana).status == "new"


def test_own_answers_move_no_case_up_and_silence_is_counted_from_them(desk: Desk) -> None:
    """New is what came in; who answered waits, until the person writes."""
    newer = replace(report(), case="11" * 16, id="12" * 16)
    desk.meet()
    desk.put(report(), TODAY - timedelta(days=40))
    desk.put(newer, TODAY)
    desk.sync()
    desk.shelf.day = TODAY - timedelta(days=35)
    write(desk, NOW - timedelta(days=35)).reply(CASE, MessageBody((), "Are you well?"))
    with desk.vault.use() as opened:
        page = lists.page(opened.database, TODAY)
        lost = lists.page(opened.database, TODAY, Wanted(("lost",)))
    assert [row.id for row in page] == [newer.case, CASE]
    assert [row.id for row in lost] == [CASE]
    assert isinstance(report().body, ReportBody)
    hers = replace(report(), kind="message", id="ab" * 16, body=MessageBody((), "I am well."))
    desk.put(authenticate(hers, bytes.fromhex("2a" * 32)), TODAY)
    desk.sync()
    assert case(desk).silent == NEVER


def test_filters_find_what_the_office_agreed_on(team: tuple[Desk, Desk]) -> None:
    """Status, assignment and tags; all that is given must fit."""
    ana, _ = team
    write(ana).note(CASE, Change({"status": "acting", "assigned": "Ana"}, {"night bus": True}))

    def count(wanted: Wanted) -> int:
        with ana.vault.use() as opened:
            return len(lists.page(opened.database, TODAY, wanted))

    assert count(Wanted(("open",), "acting", "Ana", "", "night bus")) == 1
    assert count(Wanted(status="closed")) == count(Wanted(assigned="Ben")) == 0
    assert count(Wanted(tag="night")) == count(Wanted(("lost",))) == 0
    with ana.vault.use() as opened:
        assert lists.people(opened.database) == ["Ana"]


@pytest.mark.parametrize(
    "keys", ["", "nothing\n", "{other}\n", "# key: working, until 2026-11-01\n{own}\n"]
)
def test_desk_without_a_key_of_its_own_office_writes_nothing(desk: Desk, keys: str) -> None:
    """Else nobody here could read again what was sent."""
    desk.put(report())
    desk.sync()
    own, other = desk.key.recipient(), generate_hybrid().recipient()
    desk.vault.set("keys", keys.format(own=own, other=other))
    refused(lambda: write(desk).note(CASE, Change(text="remark")), KeyringError)
    assert (unsent(desk), case(desk).entries) == (0, 1)


def test_change_that_may_not_be_is_refused_before_it_is_kept(team: tuple[Desk, Desk]) -> None:
    """A status that does not exist, an empty note, a name of two lines."""
    ana, _ = team
    for change in (Change({"status": "won"}), Change(), Change({"assigned": "A\nB"})):
        refused(lambda change=change: write(ana).note(CASE, change), EntryError)  # type: ignore[misc]
    assert unsent(ana) == 0


def test_nobody_can_be_answered_who_wants_no_way_back_but_noted(desk: Desk) -> None:
    """The office still works on the case."""
    desk.meet()
    desk.put(entries.report())
    desk.sync()
    refused(lambda: write(desk).acknowledge(CASE), AnswerError)
    write(desk).note(CASE, Change({"status": "acting"}))
    assert case(desk).status == "acting"


def test_folder_holds_no_word_of_what_waits(team: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Not before it is sent, and not afterwards."""
    ana, ben = team
    write(ana).note(CASE, Change(text="sturgeon remark"))
    assert not _holds(tmp_path, ("sturgeon", "remark", CASE))
    settle(ana, ben)
    assert not _holds(tmp_path, ("sturgeon", "remark", CASE))


def _holds(folder: Path, words: Sequence[str]) -> bool:
    data = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert len(data) > 4096
    return any(word.encode() in data for word in words)
