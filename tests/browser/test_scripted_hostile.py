"""A server, and a second office of the same case, that lie to a witness who comes back with script.

Each lie is played on the store of a running server; the page says what it is, and shows the rest.
"""

import base64
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from intake.core.entry import Entry
from intake.core.programme import WITNESS
from intake.crypto.unseal import generate_hybrid
from tests.browser.between import Rule, said
from tests.browser.returning import REPLY, Witness, settled
from tests.browser.scripted import Tab

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASIDE = "[data-replies] > p.warning"
CLOSED = "that your words do not open"
ALTERED = "altered on the way"
FORGED = "written by somebody else"
MISPLACED = "belongs to another case, office or place"
MISSING = "names an answer to you and does not give it"
GAP = "was not given to you by this server"

Change = Callable[[sqlite3.Connection, list[Entry]], None]


@pytest.fixture
def store(witness: Witness) -> Iterator[sqlite3.Connection]:
    """Open the server's database, as whoever took the server over can."""
    path = witness.server.folder / "data" / "intake.sqlite3"
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as one:
        yield one


def written(witness: Witness) -> list[Entry]:
    """Return three replies of one office."""
    desk = witness.desk()
    return [desk.send(desk.reply(f"Answer number {number}.")) for number in range(3)]


def taken(store: sqlite3.Connection, entry: str) -> tuple[bytes, bytes]:
    """Return the payload of a letter, and her header."""
    query = "SELECT payload, header FROM entries JOIN grants ON entry = id"
    query += " WHERE id = ? AND reader = ?"
    payload, header = store.execute(query, (entry, WITNESS)).fetchone()
    return payload, header


def put(store: sqlite3.Connection, entry: str, letter: tuple[bytes, bytes]) -> None:
    """Give other bytes under the name of a letter."""
    payload, header = letter
    store.execute("UPDATE entries SET payload = ? WHERE id = ?", (payload, entry))
    named = (header, entry, WITNESS)
    store.execute("UPDATE grants SET header = ? WHERE entry = ? AND reader = ?", named)


def alter(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Flip a bit of a payload."""
    payload, header = taken(store, replies[1].id)
    changed = payload[:99] + bytes([payload[99] ^ 1]) + payload[100:]
    put(store, replies[1].id, (changed, header))


def exchange(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Give the second for the third, and the third for the second."""
    one, other = (taken(store, reply.id) for reply in replies[1:])
    put(store, replies[1].id, other)
    put(store, replies[2].id, one)


def exchange_headers(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Give one with the header of another."""
    put(store, replies[1].id, (taken(store, replies[1].id)[0], taken(store, replies[0].id)[1]))


def replay(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Give the first once more, under another name."""
    again = secrets.token_hex(16)
    for table, name in (("entries", "id"), ("grants", "entry")):
        store.execute(f"CREATE TEMP TABLE copied AS SELECT * FROM {table} WHERE 0")  # noqa: S608 - no input
        store.execute(
            f"INSERT INTO copied SELECT * FROM {table} WHERE {name} = ?",  # noqa: S608 - no input
            (replies[0].id,),
        )
        store.execute(f"UPDATE copied SET {name} = ?", (again,))  # noqa: S608 - no input
        store.execute(f"INSERT INTO {table} SELECT * FROM copied")  # noqa: S608 - no input
        store.execute("DROP TABLE copied")


def relabel(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Give a reply for a note to herself."""
    store.execute("UPDATE entries SET kind = 'note' WHERE id = ?", (replies[1].id,))


def withhold(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Leave one out in the middle."""
    store.execute("DELETE FROM grants WHERE entry = ? AND reader = 'witness'", (replies[1].id,))


def withhold_newest(store: sqlite3.Connection, replies: list[Entry]) -> None:
    """Leave the last one out."""
    store.execute("DELETE FROM grants WHERE entry = ? AND reader = 'witness'", (replies[2].id,))


@pytest.mark.parametrize(
    "lie",
    [
        (alter, ALTERED, [0, 2], 1),
        (exchange, MISPLACED, [0], 2),
        (exchange_headers, ALTERED, [0, 2], 1),
        (replay, MISPLACED, [0, 1, 2], 1),
        (relabel, MISPLACED, [0, 2], 1),
        (withhold, GAP, [0, 2], 0),
    ],
    ids=lambda lie: lie[0].__name__,
)
def test_lie_of_the_server_is_named_and_keeps_nothing_else_away(
    witness: Witness, store: sqlite3.Connection, lie: tuple[Change, str, list[int], int]
) -> None:
    """What was altered, exchanged, given twice, relabelled or left out in the middle."""
    change, text, shown, aside = lie
    replies = written(witness)
    change(store, replies)
    tab = witness.back()
    assert text in tab.seen["text"]
    assert_shown(tab, shown)
    assert len(tab.found(ASIDE)) == aside


def assert_shown(tab: Tab, numbers: list[int]) -> None:
    """Assert that these replies stand there, in order, and no others."""
    found = tab.found(REPLY)
    assert len(found) == len(numbers)
    for number, text in zip(numbers, found, strict=True):
        assert f"Answer number {number}." in text


def test_newest_that_is_withheld_is_not_seen(witness: Witness, store: sqlite3.Connection) -> None:
    """Nobody has named it yet: so says the documentation."""
    withhold_newest(store, written(witness))
    tab = witness.back()
    assert_shown(tab, [0, 1])
    assert GAP not in tab.seen["text"]


def test_reply_of_another_case_does_not_open(
    witness: Witness, witness_of: Callable[[], Witness], store: sqlite3.Connection
) -> None:
    """It was sealed to other words."""
    (reply, *_) = written(witness)
    put(store, reply.id, taken(store, written(witness_of())[1].id))
    tab = witness.back()
    assert CLOSED in tab.seen["text"]
    assert_shown(tab, [1, 2])


def test_second_office_cannot_write_as_the_first(witness: Witness) -> None:
    """It has another key: its letter is set aside, and the first office's are shown."""
    written(witness)
    other = witness.desk("children")
    other.send(other.reply("Come to this address.", office="investigators"))
    tab = witness.back()
    assert FORGED in tab.seen["text"]
    assert "Come to this address" not in tab.seen["text"]
    assert_shown(tab, [0, 1, 2])


def test_second_office_cannot_pass_on_a_letter_of_the_first(witness: Witness) -> None:
    """Nor one of its own for another place."""
    other = witness.desk("children")
    other.send(other.reply("Answer number 9."), secrets.token_hex(16))
    assert MISPLACED in witness.back().seen["text"]


def test_letter_that_is_named_and_not_given_is_told(witness: Witness) -> None:
    """The others are read; the next time it is asked for again."""
    written(witness)
    refusal = json.dumps({"code": "not_found", "message": "no"}).encode()
    gone = said("404 Not Found", refusal, "application/json")
    witness.between.rules = [Rule("POST /api/v1/mail", answer=gone, times=1)]
    tab = witness.back()
    assert MISSING in tab.seen["text"]
    again = witness.back()
    assert MISSING not in again.seen["text"]
    assert_shown(again, [0, 1, 2])


def test_other_keys_than_when_she_filed_are_seen(witness: Witness) -> None:
    """By the note that the filing browser sealed to itself; the other office is not named."""
    told = json.loads(witness.server.request("GET", "/en/sealing.json").text)
    assert "other keys" not in witness.back().seen["text"]
    other = base64.b64encode(generate_hybrid().recipient().raw).decode()
    told["keys"]["children"] = [other, told["keys"]["children"][1]]
    swapped = said("200 OK", json.dumps(told).encode(), "application/json")
    witness.between.rules = [Rule("GET /en/sealing.json", answer=swapped)]
    tab = settled(witness.page().ready().type("#words", witness.short).press("form button"))
    (warning,) = tab.found(ASIDE)
    assert warning.startswith("Child-rights advocate is sealed to with other keys now")
    assert "No answer yet" in tab.seen["text"]
