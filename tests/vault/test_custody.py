"""The custody log: each change to it is found, and the first broken link named."""

import hashlib
import json
from collections.abc import Callable

import msgspec
import pytest

from intake.errors import CustodyError
from intake.vault import custody
from intake.vault.custody import Link, Log
from tests.support.desk import NOW, Desk, refused

CASE = "0c" * 16
replace = msgspec.structs.replace


@pytest.fixture
def log(desk: Desk) -> list[Link]:
    """Write a log of five links, in two goes."""
    with desk.vault.use() as opened:
        for what in (("fetched", "opened"), ("shown", "exported", "shown")):
            writer = Log(opened.database, "Ana")
            with opened.database.write():
                writer.begin([CASE, "0d" * 16])
                for one in what:
                    writer.add(CASE, "1e" * 16, one, NOW)
                writer.flush()
        return custody.links(opened.database, CASE)


CHANGES: dict[str, tuple[int, Callable[[list[Link]], list[Link]]]] = {
    "another name": (3, lambda log: [*log[:2], replace(log[2], who="Eva"), *log[3:]]),
    "another time": (1, lambda log: [replace(log[0], at="2020-01-01T00:00:00Z"), *log[1:]]),
    "another deed": (5, lambda log: [*log[:4], replace(log[4], what="gone")]),
    "a link taken out": (2, lambda log: [log[0], *log[2:]]),
    "the first taken out": (1, lambda log: log[1:]),
    "two exchanged": (2, lambda log: [log[0], log[2], log[1], *log[3:]]),
    "one twice": (3, lambda log: [*log[:2], log[1], *log[2:]]),
    "another case": (1, lambda log: [replace(one, case="0e" * 16) for one in log]),
    "another digest": (4, lambda log: [*log[:3], replace(log[3], digest="00" * 32), log[4]]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_first_broken_link_is_named(log: list[Link], name: str) -> None:
    """Whatever was changed, moved or taken out of the middle."""
    number, change = CHANGES[name]
    assert f"link {number} " in refused(lambda: custody.verify(change(log), CASE), CustodyError)


def test_whole_log_verifies_and_a_kept_head_shows_a_cut(log: list[Link]) -> None:
    """A log that was cut, or written anew from some link on, lacks the head kept before."""
    head = custody.verify(log, CASE)
    assert custody.verify(log, CASE, log[1].digest) == head
    assert "was cut" in refused(lambda: custody.verify(log[:3], CASE, head), CustodyError)
    custody.verify([], CASE)
    refused(lambda: custody.verify([], CASE, head), CustodyError)


def test_another_program_can_verify_an_export(log: list[Link]) -> None:
    """With JSON and SHA-256 alone, as the document says."""
    previous = "0" * 64
    lines = custody.export(log).splitlines()
    for line in lines:
        link = json.loads(line)
        digest, link["digest"] = link["digest"], ""
        text = json.dumps(link, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert link["previous"] == previous
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        previous = digest
    assert len(lines) == 5
    assert custody.parse(custody.export(log)) == log


@pytest.mark.parametrize("line", [b"", b"{}", b"null", b"\xff", b'{"at":1}', b"[" * 10_000])
def test_what_is_no_link_is_refused(log: list[Link], line: bytes) -> None:
    """And its line named."""
    data = custody.export(log[:1]) + line + b"\n"
    assert "line 2 " in refused(lambda: custody.parse(data), CustodyError)
