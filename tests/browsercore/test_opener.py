"""The Worker of whoever comes back, in Node: it reads what the page without script reads."""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from intake.core import receipt, wire
from intake.core.entry import MessageBody, parse
from intake.crypto import keeper
from intake.crypto.derive import WitnessKeys, derive
from intake.crypto.unseal import open_sealed
from intake.server import additions, letters, nojs
from intake.wordlists import wordlist, wordlists
from tests.browsercore import scripts
from tests.server.test_sealed import call
from tests.support.conversation import Filed, post
from tests.support.site import make_site

TEAM, OTHER = "investigators", "children"
LISTS = {name: " ".join(words) for name, words in wordlists().items()}


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Filed]:
    """File a case of two offices, without script."""
    site = make_site(tmp_path, logins_per_address=10_000)
    yield Filed.at(site, TEAM, OTHER)
    site.services.records.close()


def asked(filed: Filed, *calls: tuple[str, object], **answers: object) -> dict[str, Any]:
    """Return what the Worker says to these calls, and what it sends, after the words were typed."""
    site = filed.site
    _, case = call(site, "case", wire.Mailbox(filed.token))
    mail = {
        one["entry"]: call(site, "mail", wire.Fetch(one["entry"], filed.token))[1]
        for one in case["mail"]
    }
    given = {"case": case, "mail": mail, "/words.json": LISTS, **answers}
    programme = site.client.get("/en/sealing.json").json
    words = {"text": filed.words, "list": ""}
    begun = [("begin", programme), ("comeBack", words), *calls]
    found: dict[str, Any] = scripts.run("opener.mjs", {"answers": given, "calls": begun})
    assert found["results"][0] == {"answer": True}
    return found


def without_script(filed: Filed) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return what the page without script shows, in order, and what it sets aside."""
    opened = additions.come_back(filed.site.services, nojs.words(filed.draft))
    found = letters.read(filed.site.services, opened)
    assert found is not None
    shown = [(one.id, one.id in found.gaps) for one in found.entries]
    return shown, sorted((name, str(why)) for name, why in (found.aside or {}).items())


def with_script(found: dict[str, Any]) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return the same of the Worker's last answer."""
    thread = found["results"][-1]["answer"]
    shown = [(one["entry"], one["isAfterGap"]) for one in thread["replies"]]
    return shown, sorted((one["entry"], one["reason"]) for one in thread["aside"])


def test_both_ways_read_the_same(filed: Filed) -> None:
    """Order, gaps, and each that is set aside with its reason, of two offices."""
    report = filed.keys.entry("report", TEAM)
    first, second = filed.reply(7), filed.reply(3, seen=(f"{7:032x}", report))
    gap = filed.reply(4, seen=(report, f"{3:032x}", "ab" * 16))
    again = filed.reply(5, seen=(report, "ab" * 16, f"{4:032x}"))
    theirs = filed.reply(9, OTHER, date="2026-11-24-06:00")
    forged = msgspec.structs.replace(filed.reply(11), mac="00" * 32)
    good = [first, second, gap, again]
    for reply in (*good, forged):
        assert filed.send(reply) == 204
    assert filed.send(theirs, OTHER) == 204
    twice = msgspec.structs.replace(filed.sealed(filed.reply(12)), entry="cd" * 16)
    assert post(filed.site, twice) == 204
    stranger = Filed.at(filed.site, TEAM)
    moved = stranger.sealed(filed.reply(13))
    assert filed.send(filed.reply(13), witness=moved.witness, payload=moved.payload) == 204
    assert filed.send(filed.reply(14), payload=filed.sealed(filed.reply(15)).payload) == 204
    shown, aside = without_script(filed)
    found = asked(filed, ("thread", None))
    assert with_script(found) == (shown, aside)
    ours = [entry for entry in shown if entry[0] != theirs.id]
    assert ours == [(first.id, False), (second.id, False), (gap.id, True), (again.id, False)]
    assert sorted(why for _, why in aside) == ["altered", "closed", "forged", "misplaced"]


def test_what_she_deleted_is_no_gap(filed: Filed) -> None:
    """By the mark that only her words give."""
    report = filed.keys.entry("report", TEAM)
    for reply in (filed.reply(1), filed.reply(2, seen=(report, f"{1:032x}"))):
        assert filed.send(reply) == 204
    found = asked(filed, ("thread", None), ("discard", f"{1:032x}"), **{"mail/discard": None})
    path, sent = found["sent"][-2]
    assert path == "mail/discard"
    assert sent["mark"] == filed.keys.discarded(f"{1:032x}")
    message = wire.Discard(sent["entry"], sent["mark"], filed.token)
    assert call(filed.site, "mail/discard", message)[0] == 204
    assert with_script(asked(filed, ("thread", None))) == ([(f"{2:032x}", False)], [])


def test_one_that_is_withheld_keeps_no_other_away(filed: Filed) -> None:
    """It is named, and the others are read."""
    for number in (1, 2):
        assert filed.send(filed.reply(number)) == 204
    _, one = call(filed.site, "mail", wire.Fetch(f"{1:032x}", filed.token))
    found = asked(filed, ("thread", None), mail={f"{1:032x}": one})
    assert with_script(found) == ([(f"{1:032x}", False)], [(f"{2:032x}", "missing")])
    bad: tuple[object, ...] = (
        {},
        {"header": 1, "payload": []},
        [],
        "x",
        {"header": "é", "payload": "="},
    )
    for answer in bad:
        found = asked(filed, ("thread", None), mail={f"{1:032x}": one, f"{2:032x}": answer})
        assert with_script(found)[1] == [(f"{2:032x}", "altered")]


def test_endings_are_taken_by_the_server(filed: Filed) -> None:
    """As they were sealed here; each names what she had read."""
    assert filed.send(filed.reply(1, body=MessageBody((), "Hello."))) == 204
    day = {"day": "2026-11-24", "deliveries": []}
    calls: list[tuple[str, object]] = [("thread", None)]
    for path, name, ask in (
        ("deletion", "deletion", True),
        ("withdraw", "withdraw", OTHER),
        ("closing", "close", None),
    ):
        found = asked(filed, *calls, (name, ask), **{path: {**day, "read": False}})
        (message,) = [message for sent, message in found["sent"] if sent == path]
        status, answer = call(filed.site, path, json.dumps(message).encode())
        assert status == 200, (path, answer)
        for letter in message["notice"]["letters"]:
            assert_seen(filed, letter)


def assert_seen(filed: Filed, letter: dict[str, Any]) -> None:
    """Assert that what an office is told names the reply of that office alone."""
    key = filed.site.identities[letter["reader"]]
    plain = open_sealed(b64decode(letter["header"]), b64decode(letter["payload"]), (key,))
    entry = parse(plain)
    assert (f"{1:032x}" in entry.seen) == (entry.office == TEAM)
    assert filed.keys.entry("report", entry.office) in entry.seen


def test_new_words_open_what_the_lost_ones_did(filed: Filed) -> None:
    """The secret that gives the names comes wrapped; the token is that of the new words."""
    assert filed.send(filed.reply(1)) == 204
    programme = filed.site.services.programme.id
    words = receipt.make(secrets.token_bytes(13))
    new = WitnessKeys.of(words, programme)
    _, case = call(filed.site, "case", wire.Mailbox(filed.token))
    wrapped = keeper.wrap(filed.keys, new.recipient(), secrets.token_bytes)
    case |= {"reissued": "2026-11-25", "wrapped": b64encode(wrapped).decode()}
    typed = {"text": " ".join(words.words(wordlist("es"))), "list": "es"}
    found = asked(filed, ("comeBack", typed), ("thread", None), case=case)
    assert found["results"][1] == {"failed": "failed"}
    assert found["results"][2]["answer"]["view"]["reissued"] == "2026-11-25"
    assert with_script(found) == ([(f"{1:032x}", False)], [])
    token = b64encode(derive(new.secret, "mailbox")).decode()
    assert found["sent"][-1][1]["token"] == token
    damaged = bytearray(wrapped)
    damaged[-1] ^= 1
    for bad in (bytes(damaged), wrapped[:-20], b"", wrapped.replace(b"---", b"--"), b"x" * 99):
        bad_case = {**case, "wrapped": b64encode(bad).decode() or "eA=="}
        found = asked(filed, ("comeBack", typed), case=bad_case)
        assert found["results"][2] == {"failed": "failed"}


ARABIC = {ord(str(digit)): chr(0x660 + digit) for digit in range(10)}
WORDS = receipt.make(hashlib.sha256(b"words").digest()[:13])
ENGLISH = list(WORDS.words(wordlist("en")))


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("", []),
        (" ".join(ENGLISH), []),
        (" ".join(word[:4].upper() for word in ENGLISH), []),
        (" ".join(WORDS.words(wordlist("pt"))[:6]), []),
        (" ".join([*ENGLISH[:2], "zzzz", ENGLISH[3], "qqqq"]), [3, 5]),
        (" ".join(f"{at}. {word}" for at, word in enumerate(ENGLISH, 1)), []),
        ("0001 2048 2049 0000 12", [3, 4, 5]),
        ("0001 2048 2049".translate(ARABIC), [3]),
    ],
)
def test_words_are_looked_at_as_they_are_typed(filed: Filed, typed: str, places: list[int]) -> None:
    """Fewer than ten, of any list, with numbers beside them, in other digits."""
    found = asked(filed, ("unfit", {"text": typed, "list": ""}))
    assert found["results"][-1] == {"answer": places}
