"""What stays of coming back with script: nothing in the browser, nothing readable at the server."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.browser.between import Between, laid
from tests.browser.returning import LOOK, REPLY, SAID, Witness
from tests.browser.scripted import ADD, Browser
from tests.browser.test_witness import readable
from tests.support.server import DemoServer

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

BIRD = f"heron{secrets.token_hex(4)}"
"""A word of this run: another run on the same machine leaves others."""
READ = f"the blue {BIRD} was seen at the bridge"
WRITTEN = f"the grey {BIRD} waits beside lock forty-one"
MARKS = {
    "word": BIRD,
    "read": READ,
    "written": WRITTEN,
    "plus": f"grey+{BIRD}",
    "percent": f"grey%20{BIRD}",
}


@dataclass(frozen=True)
class Left:
    """The profile of a browser that was closed, and what was read and sent with it."""

    profile: Path
    between: Between
    witness: Witness


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, server: DemoServer) -> Iterator[Left]:
    """Come back, read, answer with a file, leave by three Shifts; then close it half filled in."""
    base = tmp_path_factory.mktemp("trace")
    paper = base / f"{BIRD}.txt"
    paper.write_text(f"{WRITTEN}\n" * 50)
    with laid(server.port) as between:
        other = Browser(base / "other")
        witness = Witness.filed(server, between, other)
        other.close()
        desk = witness.desk()
        desk.send(desk.reply(READ, "incident"))
        witness.browser = Browser(base / "profile")
        between.seen.clear()
        tab = witness.back().until(REPLY, BIRD)
        tab.press(f"{REPLY} button.plain").until("form[data-group=answer]")
        tab.type("#message", WRITTEN)
        tab.tell("give", selector="[name=new]", files=[str(paper)]).until(".files", "Arrived")
        tab.press(ADD).until(SAID, "Kept")
        tab.press(f"{REPLY} button.row").until("form[data-group=incident]")
        tab.type("#facility", WRITTEN).tell("keys", keys=["Shift"] * 3, leaves=True)
        for words in (" ".join(witness.words), " ".join(witness.numbers)):
            tab = witness.page().ready().type("#words", words).press(LOOK).until(REPLY)
            tab.press(f"{REPLY} button.plain").until("#message").type("#message", WRITTEN)
        witness.page().ready().type("#words", " ".join(witness.words[:7]))
        witness.browser.close()
        yield Left(base / "profile", between, witness)


def files(left: Left) -> list[Path]:
    """Return the files of the profile."""
    found = [path for path in left.profile.rglob("*") if path.is_file()]
    assert len(found) > 10
    return found


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_mark_is_in_no_file_of_the_profile(left: Left, mark: str) -> None:
    """Nothing read, sent or half typed, nor the name of a file, in UTF-8 or UTF-16."""
    assert [path for path in files(left) if mark in readable(path)] == []


def test_words_are_in_no_file_of_the_profile(left: Left) -> None:
    """No two of them, whole, as four letters or as numbers."""
    witness = left.witness
    spelled = (witness.words, [word[:4].upper() for word in witness.words], witness.numbers)
    pairs = [f"{one} {other}" for words in spelled for one, other in pairwise(words)]
    for path in files(left):
        text = readable(path)
        assert [pair for pair in pairs if pair in text] == [], path


def test_history_holds_the_address_of_the_page_alone(left: Left) -> None:
    """Under its plain title; none of what it fetched."""
    with closing(sqlite3.connect(left.profile / "Default" / "History")) as history:
        visited = history.execute("SELECT url, title FROM urls ORDER BY url").fetchall()
    assert visited == [(f"{left.between.origin}/en/return", "Notes")]


def test_cache_holds_no_answer_of_this_site(left: Left) -> None:
    """Nor what the engine made of a script."""
    caches = [path for path in files(left) if "Cache" in str(path)]
    address = left.between.origin.removeprefix("http://")
    assert len(caches) > 3
    assert [path for path in caches if address in readable(path)] == []


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_mark_is_in_no_file_of_the_server(left: Left, server: DemoServer, mark: str) -> None:
    """Database, write-ahead log, sealed files, output."""
    assert left.witness.words
    found = [path for path in server.folder.rglob("*") if path.is_file()]
    assert any(path.name == "intake.sqlite3-wal" for path in found)
    assert [path for path in found if mark in readable(path)] == []


def test_no_request_holds_a_mark_or_words(left: Left) -> None:
    """What went over the line is ciphertext, and names that only the words give."""
    seen = bytes(left.between.seen).decode("latin-1")
    assert len(seen) > 10_000
    witness = left.witness
    pairs = [f"{a} {b}" for words in (witness.words, witness.numbers) for a, b in pairwise(words)]
    assert [mark for mark in (*MARKS.values(), *pairs) if mark in seen] == []
