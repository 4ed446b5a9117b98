"""Sync: all of it, resumable, and nothing that a server sends stops it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

import msgspec
import pytest

from intake.client import Office
from intake.core import canary, limits, wire
from intake.core.entry import Entry, MessageBody, ReportBody, encode
from intake.crypto import opening
from intake.crypto.age import Recipient, encrypt, parse_header
from intake.crypto.derive import authenticate
from intake.crypto.seal import Plaintext, SealedHeader, seal
from intake.crypto.unseal import HybridIdentity, generate_hybrid, generate_x25519
from intake.errors import (
    ConflictError,
    IntakeError,
    KeyringError,
    LoginError,
    ServerError,
    UnreachableError,
    VaultLockedError,
    WireError,
)
from intake.vault import custody, lists, sync
from intake.vault.sync import Result, Sync
from intake.vault.vault import ask_to_lock
from tests.crypto import entries
from tests.support.desk import NOW, OFFICE, SEVERAL, TODAY, Desk, header_digest, refused

replace = msgspec.structs.replace


def report(number: int = 0, **answers: str) -> Entry:
    """Return the report of a case of its own."""
    entry = entries.report()
    assert isinstance(entry.body, ReportBody)
    told = {"account": f"Report number{number} of many.", **answers}
    body = replace(entry.body, answers=told)
    return replace(entry, case=f"{number:032x}", id=f"{number + 1000:032x}", body=body)


def message(of: Entry, number: int = 0, text: str = "my date changed") -> Entry:
    """Return a message to the same office, with its MAC."""
    assert isinstance(of.body, ReportBody)
    body = MessageBody((), text)
    made = replace(of, kind="message", id=f"{number + 9000:032x}", body=body, seen=(of.id,))
    return authenticate(made, bytes.fromhex(of.body.message_key))


def titles(desk: Desk) -> list[str]:
    """Return what the first page of the list shows."""
    with desk.vault.use() as opened:
        return [case.title for case in lists.page(opened.database, TODAY)]


def found(desk: Desk, typed: str) -> int:
    """Return how many entries of a page hold what was typed."""
    with desk.vault.use() as opened:
        return len(lists.search(opened.database, typed))


def states(desk: Desk) -> dict[str, tuple[str, str]]:
    """Return state and reason of every entry by id."""
    with desk.vault.use() as opened:
        rows = opened.database.rows(_state, "SELECT id, state, reason FROM entries")
    return {name: (state, reason) for name, state, reason in rows}


def _state(name: str, state: str, reason: str) -> tuple[str, str, str]:
    return name, state, reason


def log(desk: Desk, case: str) -> list[str]:
    """Return what was done to a case, after its log was verified."""
    with desk.vault.use() as opened:
        links = custody.links(opened.database, case)
    custody.verify(links, case)
    return [link.what for link in links]


def test_first_sync_opens_everything_and_the_second_asks_for_days_only(desk: Desk) -> None:
    """What is the same on both sides is not listed again."""
    for number in range(5):
        desk.put(report(number), TODAY - timedelta(days=number % 2))
    assert desk.sync() == Result(days=2, day=2, fetched=5, opened=5)
    assert len(titles(desk)) == 5
    assert found(desk, "number3") == 1
    assert log(desk, report(3).case) == ["fetched", "opened"]
    desk.shelf.asked.clear()
    assert desk.sync() == Result()
    assert desk.shelf.asked == ["/days"]


def test_what_comes_late_to_an_old_day_is_fetched(desk: Desk) -> None:
    """A late commit or a restore is never missed, and stands where its day stands."""
    desk.put(report(1), TODAY)
    desk.sync()
    desk.put(report(2), TODAY - timedelta(days=300))
    assert desk.sync().opened == 1
    assert titles(desk) == ["Report number1 of many.", "Report number2 of many."]


@pytest.mark.parametrize("lines", [1, 3, 8, 20])
def test_resumes_after_each_break(desk: Desk, lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the line holds, everything arrives, each once, and logs stay whole."""
    monkeypatch.setattr(sync, "BATCH", 2)
    monkeypatch.setattr(limits, "FETCH_ENTRIES", 1)
    for number in range(7):
        desk.put(report(number), TODAY - timedelta(days=number % 3))
    left = [lines]

    def breaking(path: str, body: bytes) -> bytes:
        left[0] -= path == SEVERAL
        if left[0] < 0:
            raise UnreachableError("the server cannot be reached")
        return body

    desk.shelf.hook = breaking
    for _ in range(8):
        left[0] = lines
        try:
            desk.sync()
        except UnreachableError:
            continue
        break
    assert len(titles(desk)) == 7
    asked = [path for path in desk.shelf.asked if path.startswith("/entries")]
    assert len(asked) <= 7 + 7 // lines + 1
    for number in range(7):
        assert log(desk, report(number).case) == ["fetched", "opened"]


def test_several_are_fetched_at_once_whatever_their_day(desk: Desk) -> None:
    """A question for each would cost more than opening what it brings."""
    for number in range(250):
        desk.put(report(number), TODAY - timedelta(days=number % 7))
    assert desk.sync().opened == 250
    asked = [path for path in desk.shelf.asked if path.startswith("/entries")]
    assert asked == [SEVERAL] * 3


def test_server_gives_as_many_as_it_likes(desk: Desk) -> None:
    """What did not fit is asked for again, one at a time at worst."""
    for number in range(5):
        desk.put(report(number), TODAY - timedelta(days=number))
    desk.shelf.hook = _first_only
    assert desk.sync() == Result(days=5, day=5, fetched=5, opened=5)
    assert desk.shelf.asked.count(SEVERAL) == 5


def _first_only(path: str, body: bytes) -> bytes:
    if path != SEVERAL:
        return body
    given = wire.parse(body, wire.Given)
    return wire.encode(wire.Given(given.entries[:1], ()))


def test_entry_that_is_not_given_with_the_others_says_why(desk: Desk) -> None:
    """It was withdrawn between list and question: asked for alone, it has a reason."""
    for number in range(3):
        desk.put(report(number))
    body = wire.encode(
        [wire.Item(one.entry, header_digest(one.header)) for one in desk.shelf.sealed.values()]
    )
    del desk.shelf.sealed[report(1).id]
    desk.shelf.hook = _answering(f"/days/{TODAY}", body)
    result = desk.sync()
    assert (result.opened, result.aside) == (2, 1)
    assert states(desk)[report(1).id] == ("missing", "this names no entry, list the day again")


SEVERALS: list[Callable[[wire.Given], wire.Given]] = [
    lambda _: wire.Given((), ()),
    lambda given: wire.Given(given.entries[1:], ()),
    lambda given: wire.Given(given.entries[:1] * 2, ()),
    lambda given: wire.Given(given.entries, (given.entries[0].entry,)),
    lambda given: wire.Given(given.entries, ("../../x",)),
    lambda given: wire.Given((*given.entries, given.entries[0]), ()),
    lambda given: wire.Given((replace(given.entries[0], entry="ff" * 16), *given.entries[1:]), ()),
]
"""Nothing at all, not the first, one twice, given and missing, one that nobody asked for."""


@pytest.mark.parametrize("change", SEVERALS)
def test_several_that_were_not_asked_for_are_fetched_one_by_one(
    desk: Desk, change: Callable[[wire.Given], wire.Given]
) -> None:
    """A server that gives others than it was asked for is not believed, and blocks nothing."""
    for number in range(4):
        desk.put(report(number), TODAY - timedelta(days=number % 2))

    def changed(path: str, body: bytes) -> bytes:
        return wire.encode(change(wire.parse(body, wire.Given))) if path == SEVERAL else body

    desk.shelf.hook = changed
    assert desk.sync() == Result(days=2, day=2, fetched=4, opened=4)
    assert sum(path.startswith("/entries") for path in desk.shelf.asked) == 5


SEVERAL_REFUSED = [
    ServerError("no such call, check the version"),
    ServerError("the server's answer is too large or too slow, ask its operator"),
    ConflictError("hostile"),
    KeyringError("hostile"),
]


@pytest.mark.parametrize("error", SEVERAL_REFUSED)
def test_server_that_gives_none_at_once_is_asked_one_by_one(desk: Desk, error: IntakeError) -> None:
    """An older one, and one that refuses for whatever reason."""
    for number in range(3):
        desk.put(report(number))

    def refusing(path: str, body: bytes) -> bytes:
        if path == SEVERAL:
            raise error
        return body

    desk.shelf.hook = refusing
    assert desk.sync().opened == 3


def test_refusal_of_one_entry_by_any_name_blocks_no_other(desk: Desk) -> None:
    """A server chooses what it calls its refusal; the entry is missing, the rest is opened."""
    for number in range(3):
        desk.put(report(number))

    def refusing(path: str, body: bytes) -> bytes:
        if path.endswith(report(1).id):
            raise ConflictError("hostile")
        return body

    desk.shelf.hook = refusing
    assert desk.sync().opened == 2
    assert states(desk)[report(1).id] == ("missing", "hostile")


def test_works_offline_afterwards(desk: Desk) -> None:
    """Lists, searches and reading ask nobody."""
    desk.put(report(1))
    desk.sync()
    desk.shelf.asked.clear()
    with desk.vault.use() as opened:
        ((row, entry),) = lists.opened(opened.database, report(1).case)
    assert (entry, row.checked) == (report(1), 1)
    assert found(desk, "many") == 1
    assert desk.shelf.asked == []


def test_session_that_ends_is_begun_anew(desk: Desk) -> None:
    """A quarter of an hour is shorter than a first sync."""
    desk.put(report(1))
    desk.put(report(2))
    ended = [True]

    def expiring(path: str, body: bytes) -> bytes:
        if path == SEVERAL and ended.pop():
            ended.append(False)
            raise LoginError("the session has ended, log in again")
        ended.append(False)
        return body

    desk.shelf.hook = expiring
    assert desk.sync().opened == 2


def test_lock_in_the_middle_stops_the_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds keys no longer than until its next batch."""
    monkeypatch.setattr(limits, "FETCH_ENTRIES", 1)
    desk.put(report(1))
    desk.put(report(2))

    def locking(path: str, body: bytes) -> bytes:
        if path.startswith("/entries"):
            ask_to_lock(desk.folder)
        return body

    desk.shelf.hook = locking
    refused(desk.sync, VaultLockedError)
    assert desk.vault.is_locked


def test_what_is_gone_from_the_server_stays_and_says_so(desk: Desk) -> None:
    """Withdrawn, expired, or withheld: nobody here can tell; nothing that was opened is lost."""
    desk.put(report(1))
    desk.put(report(2), TODAY - timedelta(days=1))
    desk.sync()
    kept = dict(desk.shelf.sealed)
    desk.shelf.sealed.clear()
    assert desk.sync().gone == 2
    assert desk.sync().gone == 0
    with desk.vault.use() as opened:
        ((row, entry),) = lists.opened(opened.database, report(1).case)
    assert (row.gone, entry) == (str(TODAY), report(1))
    assert log(desk, report(1).case) == ["fetched", "opened", "gone"]
    desk.shelf.sealed = kept
    assert desk.sync().fetched == 0
    assert log(desk, report(1).case)[-1] == "returned"
    assert desk.sync() == Result()


def test_another_header_is_taken_where_it_opens(desk: Desk) -> None:
    """A colleague sealed anew what is open: the payload is not fetched again."""
    sealed = desk.put(report(1))
    desk.sync()
    again = seal(Plaintext(encode(report(1))), [desk.key.recipient()])
    for header, is_ours in ((again.header.value, False), (_rewrapped(desk, sealed), True)):
        desk.shelf.sealed[sealed.entry] = replace(sealed, header=header)
        assert desk.sync().replaced == 1
        assert desk.sync() == Result()
        with desk.vault.use() as opened:
            (kept,) = opened.database.rows(_bytes, "SELECT header FROM contents")
        assert (kept == header) == is_ours
    assert not [path for path in desk.shelf.asked if path.count("/entries") > 1]
    assert log(desk, report(1).case)[-1] == "header replaced"
    assert titles(desk) == ["Report number1 of many."]


def test_entry_set_aside_opens_with_a_new_header(desk: Desk) -> None:
    """It had been sealed to others; now it is sealed to this desk too."""
    other = generate_hybrid()
    sealed = desk.shelf.put(report(1), TODAY, other)
    assert desk.sync().aside == 1
    desk.shelf.sealed[sealed.entry] = replace(sealed, header=_rewrapped(desk, sealed, other))
    assert desk.sync().replaced == 1
    assert titles(desk) == ["Report number1 of many."]
    assert log(desk, report(1).case) == ["fetched", "set aside", "header replaced", "opened"]


def test_message_counts_where_its_report_checks_it(desk: Desk) -> None:
    """In whichever order the two come."""
    first = report(1)
    desk.put(message(first, text="zebra"), TODAY)
    desk.sync()
    with desk.vault.use() as opened:
        assert [row.checked for row in lists.rows(opened.database, first.case)] == [2]
    desk.put(first, TODAY + timedelta(days=1))
    desk.sync()
    with desk.vault.use() as opened:
        assert {row.checked for row in lists.rows(opened.database, first.case)} == {1}
    assert found(desk, "zebra") == 1


def test_forged_message_is_set_aside_and_counts_nowhere(desk: Desk) -> None:
    """Also where nothing could be said of it before the report came."""
    first = report(1)
    forged = replace(message(first, text="zebra"), mac="00" * 32)
    desk.put(forged, TODAY)
    desk.sync()
    assert found(desk, "zebra") == 1
    desk.put(first, TODAY + timedelta(days=1))
    desk.put(message(first, 1, "camel"), TODAY + timedelta(days=1))
    result = desk.sync()
    assert (result.opened, result.aside) == (1, 1)
    assert found(desk, "zebra") == 0
    assert found(desk, "camel") == 1
    assert states(desk)[forged.id][0] == "aside"
    with desk.vault.use() as opened:
        (case,) = lists.page(opened.database, TODAY)
    assert case.entries == 2
    assert "set aside" in log(desk, first.case)


def test_second_report_takes_over_no_case(desk: Desk) -> None:
    """Anybody can seal a report that claims a case: messages are then marked, never believed."""
    first = report(1)
    false = replace(report(2), case=first.case)
    assert isinstance(false.body, ReportBody)
    false = replace(false, body=replace(false.body, message_key="7d" * 32))
    desk.put(first)
    desk.put(message(first))
    desk.sync()
    desk.put(false, TODAY + timedelta(days=1))
    desk.put(message(false, 5), TODAY + timedelta(days=1))
    desk.sync()
    with desk.vault.use() as opened:
        checked = {row.id: row.checked for row in lists.rows(opened.database, first.case)}
    assert checked[message(first).id] == 1
    assert checked[message(false, 5).id] == 2


def test_canary_is_told_and_listed_nowhere(desk: Desk) -> None:
    """What only looks like one is shown as what it is."""
    trial = report(1, account=canary.text("ab" * 16))
    false = report(2, account=canary.text("cd" * 16))
    desk.put(trial)
    desk.put(false)
    told: list[str] = []

    class Telling(Office):
        def tell_canary(self, code: str) -> None:
            told.append(code)
            if code != "ab" * 16:
                raise ServerError("the server knows no such code")

    def log_in(_: object) -> Office:
        session = desk.shelf.office()
        return Telling(session.server, session.name, session.token)

    Sync(desk.vault, log_in, desk.programme, lambda: NOW).run()
    assert sorted(told) == ["ab" * 16, "cd" * 16]
    assert states(desk)[trial.id][0] == "trial"
    assert titles(desk)[0].rstrip("…") in canary.text("cd" * 16)


@dataclass(frozen=True)
class Bad:
    """A hostile record: how it is filed, and a word of the reason for which it is set aside."""

    name: str
    put: Callable[[Desk], object]
    reason: str


def _filed(make: Callable[[Desk], wire.Sealed]) -> Callable[[Desk], object]:
    return lambda desk: desk.shelf.take(make(desk))


def _sealed(desk: Desk, data: bytes, *keys: Recipient) -> wire.Sealed:
    """Seal anything at all, for the desk or for other keys."""
    whole = BytesIO()
    encrypt(BytesIO(data), whole, keys or [desk.key.recipient()])
    stream = BytesIO(whole.getvalue())
    parse_header(stream)
    header = whole.getvalue()[: stream.tell()]
    return wire.Sealed(entries.CASE, "ee" * 16, "report", TODAY, OFFICE, header, stream.read())


def _padded(text: bytes) -> bytes:
    size = 4096
    while size < len(text):
        size *= 2
    return text.ljust(size)


def _changed(**fields: object) -> Callable[[Desk], None]:
    """File a good report whose outer names differ."""

    def put(desk: Desk) -> None:
        entry = replace(entries.report(), id="ee" * 16)
        made = desk.shelf.put(entry, TODAY, desk.key)
        del desk.shelf.sealed[made.entry]
        desk.shelf.take(replace(made, **fields))

    return put


def _inner(**fields: object) -> Callable[[Desk], None]:
    """File a report with another inside, as it would be filed if it were honest."""

    def put(desk: Desk) -> None:
        entry = replace(entries.report(), **{"id": "ee" * 16, **fields})
        data = _padded(msgspec.json.encode(entry, order="sorted"))
        desk.shelf.take(_sealed(desk, data))

    return put


def _json(change: Callable[[dict[str, object]], object]) -> Callable[[Desk], None]:
    def put(desk: Desk) -> None:
        plain = msgspec.json.decode(msgspec.json.encode(replace(entries.report(), id="ee" * 16)))
        change(plain)
        data = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
        desk.shelf.take(_sealed(desk, _padded(data)))

    return put


def _raw(data: bytes) -> Callable[[Desk], object]:
    return _filed(lambda desk: _sealed(desk, data))


def _mangled(change: Callable[[wire.Sealed], wire.Sealed]) -> Callable[[Desk], None]:
    def put(desk: Desk) -> None:
        good = _sealed(desk, encode(replace(entries.report(), id="ee" * 16)))
        desk.shelf.take(change(good))

    return put


PLAIN = encode(replace(entries.report(), id="ee" * 16))

BAD = [
    Bad("empty", _raw(b""), ""),
    Bad("no json", _raw(_padded(b"hello")), "form"),
    Bad("only spaces", _raw(b" " * 4096), "form"),
    Bad("nul bytes", _raw(bytes(4096)), "form"),
    Bad("not utf-8", _raw(_padded(b'{"a":"\xff\xfe"}')), "form"),
    Bad("deep json", _raw(_padded(b"[" * 100_000)), "form"),
    Bad("not padded", _raw(encode(replace(entries.report(), id="ee" * 16)) + b"  "), ""),
    Bad("unknown key", _json(lambda one: one.update(extra=1)), "form"),
    Bad("missing key", _json(lambda one: one.pop("seen")), "form"),
    Bad("number for text", _json(lambda one: one.update(case=7)), "form"),
    Bad("null body", _json(lambda one: one.update(body=None)), "form"),
    Bad("other format", _json(lambda one: one.update(format="intake/entry/v2")), "form"),
    Bad("half a surrogate", _json(lambda one: one.update(date="\ud800")), "form"),
    Bad("id of capitals", _inner(id="EE" * 16), ""),
    Bad("impossible day", _inner(date="2026-02-30+00:00"), "form"),
    Bad("day of letters", _inner(date="<script>"), "form"),
    Bad("path as case", _inner(case="../../etc/passwd"), "form"),
    Bad("seen is no id", _inner(seen=("x",)), "form"),
    Bad("other case inside", _inner(case="aa" * 16), "differ"),
    Bad("other id inside", _inner(id="aa" * 16), "differ"),
    Bad("other programme", _inner(programme="another"), "programme"),
    Bad("other office inside", _inner(office="det"), "another office"),
    Bad("unknown office inside", _inner(office="nobody"), "another office"),
    Bad("kind and direction", _inner(direction="out"), "disagree"),
    Bad("kind and body", _inner(body=MessageBody((), "hello")), "disagree"),
    Bad("other case outside", _changed(case="aa" * 16), "differ"),
    Bad("case outside is no id", _changed(case="\x1b[2J"), "differ"),
    Bad("other kind outside", _changed(kind="message"), "differ"),
    Bad("unknown kind outside", _changed(kind="drop table"), "differ"),
    Bad("another reader", _changed(reader="det"), "another office"),
    Bad("no header", _changed(header=b""), ""),
    Bad("header of garbage", _changed(header=b"\x00" * 500), ""),
    Bad("header without end", _changed(header=b"age-encryption.org/v1\n"), ""),
    Bad("header of a megabyte", _changed(header=b"x" * (1 << 20)), ""),
    Bad("no payload", _changed(payload=b""), ""),
    Bad("payload of garbage", _changed(payload=b"\x00" * 4128), ""),
    Bad("payload cut off", _mangled(lambda one: replace(one, payload=one.payload[:-1])), ""),
    Bad(
        "payload altered",
        _mangled(lambda one: replace(one, payload=one.payload[:-1] + b"\x00")),
        "",
    ),
    Bad("payload doubled", _mangled(lambda one: replace(one, payload=one.payload * 2)), ""),
    Bad(
        "header altered",
        _mangled(lambda one: replace(one, header=one.header[:-5] + b"AAAA\n")),
        "",
    ),
    Bad(
        "sealed to somebody else",
        _filed(lambda desk: _sealed(desk, PLAIN, generate_hybrid().recipient())),
        "none of",
    ),
    Bad(
        "classic key",
        _filed(lambda desk: _sealed(desk, PLAIN, generate_x25519().recipient())),
        "",
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_hostile_record_is_set_aside_and_blocks_nothing(desk: Desk, bad: Bad) -> None:
    """What comes before and after it on its day, and on later days, is opened; it has a reason."""
    desk.put(report(1), TODAY)
    bad.put(desk)
    for number in range(2, 5):
        desk.put(report(number), TODAY + timedelta(days=number - 2))
    result = desk.sync()
    assert len(titles(desk)) == 4
    assert (result.opened, result.aside + len(result.problems)) == (4, 1)
    if result.aside:
        state, reason = states(desk)["ee" * 16]
        assert state in ("aside", "missing")
        assert reason
        assert bad.reason in reason
        assert reason.isprintable()
        assert "names" not in reason
    with desk.vault.use() as opened:
        assert len(lists.aside(opened.database)) == result.aside
    again = desk.sync()
    assert (again.opened, again.fetched) == (0, 0)


def test_entry_of_another_day_than_listed_is_set_aside(desk: Desk) -> None:
    """Days order the lists: a server moves nothing once it was listed."""
    sealed = desk.put(report(1))
    lie = wire.encode(replace(sealed, day=TODAY + timedelta(days=1)))
    desk.shelf.hook = _answering(f"/entries/{sealed.entry}", lie)
    assert desk.sync().aside == 1
    assert "another day" in states(desk)[sealed.entry][1]


def _answering(path: str, body: bytes) -> Callable[[str, bytes], bytes]:
    return lambda asked, honest: body if asked == path else honest


GARBAGE = [
    b"",
    b"null",
    b"<html>",
    b"\xff\xfe",
    b"[[[[",
    b"{}",
    b'[{"day":"2026-11-24"}]',
    b'[{"day":"yesterday","hash":""}]',
    b'[{"entry":"' + b"aa" * 16 + b'"}]',
    b"[" * 100_000,
    b'"' + b"x" * 100_000 + b'"',
]


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_for_the_days_is_refused_by_name(desk: Desk, body: bytes) -> None:
    """Nothing is marked as gone because a server answers nonsense."""
    desk.put(report(1))
    desk.sync()
    desk.shelf.hook = _answering("/days", body)
    refused(desk.sync, WireError)
    assert len(titles(desk)) == 1
    desk.shelf.hook = None
    assert desk.sync() == Result()


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_for_a_day_costs_that_day_only(desk: Desk, body: bytes) -> None:
    """Days before and after it are fetched; it is named, and fetched once it is well again."""
    for number in range(3):
        desk.put(report(number), TODAY + timedelta(days=number))
    desk.shelf.hook = _answering(f"/days/{TODAY + timedelta(days=1)}", body)
    result = desk.sync()
    assert (result.opened, len(result.problems)) == (2, 1)
    desk.shelf.hook = None
    assert desk.sync().opened == 1


@pytest.mark.parametrize("body", [*GARBAGE, b'{"entries":[],"missing":[]}'])
def test_garbage_for_several_costs_a_question_more(desk: Desk, body: bytes) -> None:
    """Each is then asked for by itself."""
    for number in range(3):
        desk.put(report(number))
    desk.shelf.hook = _answering(SEVERAL, body)
    assert desk.sync() == Result(days=1, day=1, fetched=3, opened=3)


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_for_an_entry_is_tried_again(desk: Desk, body: bytes) -> None:
    """It is listed with its reason until it can be had."""
    for number in range(3):
        desk.put(report(number))
    desk.shelf.hook = _answering(f"/entries/{report(1).id}", body)
    result = desk.sync()
    assert (result.opened, result.aside) == (2, 1)
    assert states(desk)[report(1).id][0] == "missing"
    desk.shelf.hook = None
    assert desk.sync().opened == 1
    assert states(desk)[report(1).id] == ("opened", "")


def test_somebody_elses_entry_for_ones_own_is_not_taken(desk: Desk) -> None:
    """The server answers with another entry than was asked for."""
    desk.put(report(1))
    desk.put(report(2))
    other = wire.encode(desk.shelf.sealed[report(2).id])
    desk.shelf.hook = _answering(f"/entries/{report(1).id}", other)
    assert desk.sync().opened == 1
    assert "another entry" in states(desk)[report(1).id][1]


ITEMS: list[Callable[[list[wire.Item]], list[wire.Item]]] = [
    lambda items: [*items, items[0]],
    lambda items: [*items, wire.Item("../../x", "00" * 32)],
    lambda items: [*items, wire.Item("", "")],
    lambda items: [*items, wire.Item("AA" * 16, "00" * 32)],
    lambda items: [*items, wire.Item("aa" * 16, "not a digest")],
    lambda items: [*items, wire.Item("x" * 100_000, "y" * 100_000)],
]


@pytest.mark.parametrize("change", ITEMS)
def test_strange_names_in_a_day_are_named_and_never_asked_for(
    desk: Desk, change: Callable[[list[wire.Item]], list[wire.Item]]
) -> None:
    """What is no id becomes no path and no row; the rest of the day is fetched."""
    desk.put(report(1))
    desk.put(report(2))
    items = [wire.Item(one.entry, header_digest(one.header)) for one in desk.shelf.sealed.values()]
    body = wire.encode(change(items))
    desk.shelf.hook = _answering(f"/days/{TODAY}", body)
    result = desk.sync()
    assert (result.opened, len(result.problems)) == (2, 1)
    assert not [path for path in desk.shelf.asked if ".." in path or len(path) > 100]


def test_entry_on_two_days_is_kept_once(desk: Desk) -> None:
    """A server that lists it again elsewhere cannot have it counted twice, nor stop the run."""
    first = desk.put(report(1))
    desk.sync()
    later = TODAY + timedelta(days=1)
    desk.put(report(2), later)
    items = [
        wire.Item(one.entry, header_digest(one.header))
        for one in (first, desk.shelf.sealed[report(2).id])
    ]
    desk.shelf.hook = _answering(f"/days/{later}", wire.encode(items))
    result = desk.sync()
    assert (result.opened, len(result.problems)) == (1, 1)
    assert len(titles(desk)) == 2


def test_entry_new_on_two_days_is_kept_once(desk: Desk) -> None:
    """Nothing of either day is written yet when the second is listed."""
    first = desk.put(report(1))
    later = TODAY + timedelta(days=1)
    desk.put(report(2), later)
    items = [
        wire.Item(one.entry, header_digest(one.header))
        for one in (first, desk.shelf.sealed[report(2).id])
    ]
    desk.shelf.hook = _answering(f"/days/{later}", wire.encode(items))
    result = desk.sync()
    assert (result.opened, len(result.problems)) == (2, 1)
    assert "another day" in result.problems[0]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_days_at_the_ends_of_the_calendar_stop_nothing(desk: Desk, day: date) -> None:
    """Clocks count from them and must not run over."""
    desk.put(report(1), day)
    desk.put(report(2))
    assert desk.sync().opened == 2


def test_header_that_is_not_the_listed_one_is_not_taken(desk: Desk) -> None:
    """A list and an answer that disagree: the day is looked at again."""
    sealed = desk.put(report(1))
    desk.sync()
    desk.shelf.sealed[sealed.entry] = replace(sealed, header=_rewrapped(desk, sealed))
    lie = wire.encode(wire.Wrapping(sealed.entry, sealed.header))
    desk.shelf.hook = _answering(f"/entries/{sealed.entry}/header", lie)
    result = desk.sync()
    assert (result.replaced, len(result.problems)) == (0, 1)
    desk.shelf.hook = None
    assert desk.sync().replaced == 1


def test_huge_and_strange_words_are_kept_as_they_are(desk: Desk) -> None:
    """Script, overrides, control characters and a hundred thousand letters: text, all of it."""
    words = "<script>alert(1)</script> \u202egnp.exe \x07 '; DROP TABLE cases; -- \u0000 Ünïcödé "
    entry = report(1, account=words * 1200)
    desk.put(entry)
    assert desk.sync().opened == 1
    with desk.vault.use() as opened:
        ((_, kept),) = lists.opened(opened.database, entry.case)
    assert kept == entry
    assert found(desk, "unicode") == 1
    assert found(desk, "drop table") == 1


def _rewrapped(desk: Desk, sealed: wire.Sealed, *keys: HybridIdentity) -> bytes:
    made = opening.rewrap(
        SealedHeader(sealed.header),
        [*keys, desk.key],
        [desk.key.recipient()],
    )
    return made.value


def _bytes(value: bytes) -> bytes:
    return value


def pages(desk: Desk) -> Iterator[list[str]]:
    """Yield all pages of the list, by keyset."""
    before = lists.END
    while True:
        with desk.vault.use() as opened:
            page = lists.page(opened.database, TODAY, lists.ALL, before)
        if not page:
            return
        yield [case.id for case in page]
        before = page[-1].place


def test_pages_hold_every_case_once(desk: Desk) -> None:
    """Fifty at a time; what comes in between moves nothing."""
    for number in range(120):
        desk.put(report(number), TODAY - timedelta(days=number // 3))
    desk.sync()
    seen = []
    for number, page in enumerate(pages(desk)):
        seen += page
        desk.put(report(500 + number), TODAY + timedelta(days=1))
        desk.sync()
    assert sorted(seen) == sorted(report(number).case for number in range(120))
