"""What stays of a visit with script: nothing in the browser's profile, nothing at the server."""

import os
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.scripted import Browser, Tab
from tests.browser.test_witness import in_memory, readable
from tests.support.server import DemoServer

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

BIRD = f"heron{secrets.token_hex(4)}"
"""A word of this run: another run on the same machine leaves others."""
CANARY = f"the blue {BIRD} waited beside lock forty-one"
FILE = f"{BIRD}-at-home.txt"
MARKS = {
    "text": CANARY,
    "word": BIRD,
    "plus": f"blue+{BIRD}",
    "percent": f"blue%20{BIRD}",
}
LEAVE = "https://www.weather.gov/"


@dataclass(frozen=True)
class Left:
    """What was seen of tabs that were left, and the profile once the browser was closed."""

    profile: Path
    origin: str
    words: list[str]
    kept: dict[str, Any]
    after: dict[str, Any]
    entries: list[list[str]]
    asked: list[str]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, server: DemoServer) -> Left:
    """File and add, leave by three Shifts in the middle of a page; close others half filled.

    Three of those: what a browser runs again and again it keeps in more and more forms.
    """
    base = tmp_path_factory.mktemp("trace")
    paper = base / FILE
    paper.write_text(f"{CANARY}\n" * 50)
    browser = Browser(base / "profile")
    tab = browser.open(f"{server.origin}/en/").ready().press("#account").type("#account", CANARY)
    words = tab.read_over().type("#contact-investigators", CANARY).words
    tab.send().ask("evidence").type("#proof", CANARY)
    tab.tell("give", selector="[data-group=evidence] [name=new]", files=[str(paper)])
    tab.until(".files", "Arrived, sealed.").add()
    kept = tab.tell("kept").seen["kept"]
    tab.ask("persons").press("#person-0-alias").type("#person-0-alias", CANARY)
    after = leave(tab)
    entries = tab.tell("history").seen["entries"]
    for _ in range(3):
        tab = browser.open(f"{server.origin}/en/").ready().press("#account")
        tab.type("#account", CANARY).read_over()
    browser.close()
    return Left(base / "profile", server.origin, words, kept, after, entries, after["asked"])


def leave(tab: Tab) -> dict[str, Any]:
    """Press Shift three times."""
    return tab.tell("keys", keys=["Shift"] * 3, leaves=True).seen


def test_leaving_blanks_the_page_and_asks_nothing(left: Left) -> None:
    """The other site stands where the page was, though something was unsent."""
    assert left.asked == []
    assert BIRD not in left.after["text"]
    assert [field for field in left.after["fields"] if BIRD in field[1]] == []
    urls = [url for url, _ in left.entries]
    assert urls == ["about:blank", LEAVE]


def test_capital_letters_do_not_leave(server: DemoServer, browser: Browser) -> None:
    """Shift with a letter is writing, three times too; two alone are not three."""
    tab = browser.open(f"{server.origin}/en/").ready().press("#account")
    for keys in (["A", "B", "C", "D"], ["Shift", "Shift", "a", "Shift"]):
        tab.tell("keys", keys=keys)
    assert tab.fields["account"] == "ABCDa"


def test_nothing_is_stored_while_the_page_is_open(left: Left) -> None:
    """No cookie, no storage of any kind, no script that stays."""
    assert left.kept == {
        "local": [],
        "session": [],
        "databases": 0,
        "caches": [],
        "scripts": 0,
        "quota": 0,
        "cookies": [],
    }


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_mark_is_in_no_file_of_the_profile(left: Left, mark: str) -> None:
    """Nothing typed, filed or half filled in, nor the name of a file, in UTF-8 or UTF-16."""
    files = [path for path in left.profile.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if mark in readable(path)] == []


def test_words_are_in_no_file_of_the_profile(left: Left) -> None:
    """Nor any two of the words, as the page showed them."""
    pairs = [f"{one} {other}" for one, other in zip(left.words, left.words[1:], strict=False)]
    files = [path for path in left.profile.rglob("*") if path.is_file()]
    for path in files:
        text = readable(path)
        assert [pair for pair in pairs if pair in text] == [], path


def test_history_holds_the_address_of_the_page_alone(left: Left) -> None:
    """One page of this site, under its plain title; none of what it fetched."""
    history = sqlite3.connect(left.profile / "Default" / "History")
    try:
        visited = history.execute("SELECT url, title FROM urls ORDER BY url").fetchall()
    finally:
        history.close()
    assert visited == [(f"{left.origin}/en/", "Notes")]


def test_cache_holds_no_answer_of_this_site(left: Left) -> None:
    """Nor what the engine made of a script, which would stand there under its address."""
    caches = [path for path in left.profile.rglob("*") if path.is_file() and "Cache" in str(path)]
    address = left.origin.removeprefix("http://")
    assert len(caches) > 3
    assert any("Code Cache" in path.parts for path in caches)
    assert [path for path in caches if address in readable(path)] == []


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_mark_is_in_no_file_of_the_server(left: Left, server: DemoServer, mark: str) -> None:
    """Database, write-ahead log, sealed files, output."""
    assert left.words
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    assert any(path.name == "intake.sqlite3-wal" for path in files)
    assert [path for path in files if mark in readable(path)] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of an undumpable worker")
def test_mark_was_never_in_the_memory_of_the_server(left: Left, server: DemoServer) -> None:
    """It arrived sealed: no process of the server has a word of it."""
    assert left.words
    assert server.process is not None
    workers = server.workers()
    assert all(in_memory(pid, b"Child-rights advocate") for pid in workers)
    for pid in (server.process.pid, *workers):
        assert not in_memory(pid, BIRD.encode())
        assert not in_memory(pid, BIRD.encode("utf-16-le"))
