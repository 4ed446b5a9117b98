"""The desk from its first start to the answer that the witness reads, in a real browser.

INTAKE_PICTURES names a folder for pictures of each page, to be looked at.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.media import pictures
from tests.server.test_uploads_real import PHOTO, post
from tests.support.browser import drive
from tests.support.server import DemoServer, started
from tests.support.site import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OFFICE = "investigators"
PASSPHRASE = "seven long words of hers"
ACCOUNT = "They took us over the bridge at night, and the sturgeon seller saw it."
ANSWER = "We have read it. Who else was at the bridge?"
TYPED = [("account", ACCOUNT), ("child", "yes"), ("urgency", "life")]

Steps = Sequence[Sequence[str]]


@dataclass
class Person:
    """An investigator at her machine."""

    folder: Path

    @contextmanager
    def at_desk(self) -> Iterator[str]:
        """Start the desk as she does; yield the address that it prints."""
        command = [sys.executable, "-m", "intake", "desk", "--no-browser"]
        command += ["--home", str(self.folder / "home")]
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "printed").open("w+b") as printed:
            process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
            try:
                yield self._address(process)
            finally:
                process.terminate()
                process.wait()

    def _address(self, process: "subprocess.Popen[bytes]") -> str:
        for _ in range(300):
            found = re.search(r"http://\S+", (self.folder / "printed").read_text())
            if found:
                return found[0]
            assert process.poll() is None, (self.folder / "printed").read_text()
            time.sleep(0.1)
        raise AssertionError("the desk printed no address")

    def does(self, steps: Steps) -> dict[str, str]:
        """Return what a browser saw that took these steps."""
        given = {"profile": str(self.folder / "profile"), "steps": steps}
        with self.at_desk() as enter:
            seen: dict[str, Any] = drive(
                "desk.mjs",
                {**given, "enter": enter, "pictures": os.environ.get("INTAKE_PICTURES", "")},
            )
        assert seen["errors"] == []
        assert seen["foreign"] == []
        assert seen["wrong"] == []
        said: dict[str, str] = seen["read"]
        return said


def first_start(server: DemoServer) -> Steps:
    """Return the steps of somebody who begins an office."""
    return [
        ("look", "start"),
        ("press", 'a[href="/start/new"]'),
        ("type", "#address", server.origin),
        ("press", "[name=look]"),
        ("read", "programme"),
        ("choose", "#office", OFFICE),
        ("type", "#who", "Ana"),
        ("type", "[name=passphrase]", PASSPHRASE),
        ("type", "[name=again]", PASSPHRASE),
        ("press", "[name=make]"),
        ("read", "sheet"),
        ("look", "recovery"),
        ("press", 'form[action="/recovery"] button'),
        ("go", "/office"),
        ("read", "office"),
        ("look", "office"),
        ("take", "keys", "/office/keys"),
    ]


TRIAGE: Steps = [
    ("look", "unlock"),
    ("type", "#passphrase", PASSPHRASE),
    ("press", "button"),
    ("go", "/sync"),
    ("gone", "progress"),
    ("read", "synced"),
    ("look", "sync"),
    ("go", "/?open=1&order=due"),
    ("read", "due"),
    ("look", "inbox"),
    ("key", "j"),
    ("key", "Enter"),
    ("until", "#said"),
    ("address", "case"),
    ("read", "case"),
    ("press", ".files a"),
    ("press", 'form[action$="/fetch"] button'),
    ("until", "img.picture"),
    ("read", "evidence", "#file"),
    ("look", "file"),
    ("press", "#file .close"),
    ("look", "case"),
    ("choose", "#w-status", "acting"),
    ("type", "#w-tags", "bridge"),
    ("type", "#w-text", "ask the fish market"),
    ("press", "#work button"),
    ("type", "#r-text", ANSWER),
    ("tick", "#reply summary"),
    ("tick", '#reply [value="persons"]'),
    ("press", '#reply form[action$="/reply"] button'),
    ("go", "/sync"),
    ("gone", "progress"),
    ("key", "/"),
    ("type", "#q", "sturg"),
    ("until", "main .rows li"),
    ("read", "found"),
    ("go", "/form"),
    ("look", "form"),
    ("go", "/aside"),
    ("look", "aside"),
]


@dataclass
class Walked:
    """What happened on the whole path."""

    begun: dict[str, str]
    worked: dict[str, str]
    answered: str
    folder: Path


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Walk the path once: begin, give the key to the operator, be told of, work, be read."""
    folder = tmp_path_factory.mktemp("whole")
    ana = Person(folder / "ana")
    with started(folder=folder / "server") as server:
        begun = ana.does(first_start(server))
        server.stop()
        (server.folder / "keys" / f"{OFFICE}.txt").write_text(begun["keys"])
        server.start()
        words = file_report(server)
        worked = ana.does(TRIAGE)
        answer = server.post("/en/return", [("words", " ".join(words))])
        assert answer.status == 200
        yield Walked(begun, worked, answer.text, ana.folder)


def file_report(server: DemoServer) -> Sequence[str]:
    """File a report with a photo for the office; return its ten words."""
    review = post(server, "/en/", TYPED, [PHOTO])
    assert review.status == 200, review.text
    fields = [one for one in Page.of(review.text).fields if one[0] not in ("end", "office")]
    sent = server.post("/en/send", [*fields, ("office", OFFICE)])
    assert sent.status == 200, sent.text
    return Page.of(sent.text).words


def test_first_start_makes_key_sheet_and_vault_by_buttons(walked: Walked) -> None:
    """The sheet is shown once, the words to compare stand on the page of the office."""
    assert "AGE-SECRET-KEY-PQ-1" in walked.begun["sheet"].upper()
    assert "Your key" in walked.begun["office"]
    assert walked.begun["keys"].count("age1pq1") == 2
    assert "AGE-SECRET" not in walked.begun["keys"]


def test_report_is_fetched_read_and_triaged(walked: Walked) -> None:
    """Due first, urgent and of a child, with its picture redrawn and verified."""
    assert "1 fetched, 1 opened" in walked.worked["synced"]
    for mark in ("Urgent", "A child"):
        assert mark in walked.worked["due"]
    assert ACCOUNT in walked.worked["case"]
    assert "yes: it is whole, and the one that was told of" in walked.worked["evidence"]
    assert ACCOUNT[:40] in walked.worked["found"]


def test_witness_reads_the_answer(walked: Walked) -> None:
    """With her ten words, at the public site: that it was opened, and what was asked."""
    assert "a person here has opened it" in walked.answered
    assert ANSWER in walked.answered
    assert "fish market" not in walked.answered


def test_nothing_plain_is_left_on_her_disk(walked: Walked) -> None:
    """Vault, identity, browser's profile: no word of the report, no passphrase, no picture."""
    wanted = [b"sturgeon", b"fish market", PASSPHRASE.encode(), ANSWER.encode()]
    wanted += [pictures.telling_jpeg()[200:260]]
    for path in walked.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for one in wanted:
                assert one not in data, path
                assert one.decode("latin-1").encode("utf-16-le") not in data, path
