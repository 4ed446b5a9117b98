"""Nothing typed is lost without JavaScript: a line that breaks, a double tap, Back, reload, a day.

What a browser cannot be made to keep is said where it is tested. A page that only a sending
brings again (after Back, "Confirm form resubmission" or "Document expired") is brought again.
"""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_witness import open_as
from tests.crypto import node
from tests.support.filing import Witness
from tests.support.server import DemoServer, started

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
BROWSERS = {"chromium": ("chromium", "google-chrome-stable"), "firefox": ("firefox-esr",)}

NEXT = "main form button:not(.plain)"
"""Goes on from the form, and sends from the review page."""
CHANGE = "button[formaction$=change]"
SEND = "button[value=send]"
MORE = "button[value=more]"
ALIASES = ["Ana", "Luís"]

LATER = """
import datetime, os, pathlib

class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        days = int(pathlib.Path(os.environ["DAYS_LATER"]).read_text())
        return super().now(tz) + datetime.timedelta(days=days)

datetime.datetime = Later
"""
"""What Python runs first in a server whose day a test changes while it serves."""


Entries = list[dict[str, Any]]


@dataclass
class Seen:
    """What stands on a page; the status is 0 where the browser shows its own error page."""

    url: str
    text: str
    fields: list[tuple[str, str]]
    words: list[str]
    status: int = 0

    def value(self, name: str) -> str:
        """Return what the first field of this name holds."""
        return next(value for key, value in self.fields if key == name)

    @property
    def report(self) -> dict[str, Any]:
        """The answers that a review page carries."""
        answers: dict[str, Any] = json.loads(self.value("report"))["answers"]
        return answers


@dataclass
class Browser:
    """A real browser with JavaScript off; `name` is a key of BROWSERS."""

    name: str
    process: subprocess.Popen[str]
    tabs: int = 0

    def tab(self) -> "Tab":
        """Open a tab of its own history."""
        self.tabs += 1
        return Tab(self, self.tabs)


@dataclass
class Tab:
    """One tab, and the person before it."""

    browser: Browser
    number: int
    account: str = field(default_factory=lambda: f"¿Dónde está? He waits. {secrets.token_hex(6)}")

    def do(self, act: str, **told: object) -> Seen:
        """Do one thing and look at the page."""
        pipe_in, pipe_out = self.browser.process.stdin, self.browser.process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(json.dumps({"act": act, "tab": self.number, **told}) + "\n")
        pipe_in.flush()
        answer = json.loads(pipe_out.readline())
        assert "broken" not in answer, answer["broken"]
        answer["fields"] = [(name, value) for name, value in answer["fields"]]
        return Seen(**answer)

    def type(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        self.do("type", selector=selector, text=text)

    def press(self, selector: str, status: int = 200) -> Seen:
        """Press a button and return the page it leads to."""
        seen = self.do("press", selector=selector)
        assert seen.status == status, seen
        return seen

    def press_offline(self, selector: str) -> None:
        """Press a button while no server answers: the browser shows its own error page."""
        assert is_error(self.do("fail", selector=selector))

    def walk(self, way: str) -> Seen:
        """Go back or forward, and say yes where the browser asks whether to send again."""
        seen = self.do(way, timeout=700)
        return self.do("reload") if is_error(seen) else seen

    def write(self, server: DemoServer) -> Seen:
        """Fill in the short form and return the review page."""
        self.do("open", url=f"{server.origin}/en/")
        self.type("#account", self.account)
        self.type("#place", "Nuevo Laredo")
        return self.press(NEXT)

    def come_to(self, server: DemoServer, witness: Witness, group: str) -> Seen:
        """Come back with the words of a case and open the page of a group."""
        self.do("open", url=f"{server.origin}/en/return")
        self.type("#words", " ".join(witness.own_words))
        self.press(NEXT)
        return self.press(f'button[value="{group}"]')

    def write_persons(self, server: DemoServer, witness: Witness) -> Seen:
        """Name two persons on their page, and return it unsent."""
        self.come_to(server, witness, "persons")
        self.type("#person-0-alias", ALIASES[0])
        self.press(MORE)
        self.type("#person-1-alias", ALIASES[1])
        return self.do("see")


def is_error(seen: Seen) -> bool:
    """Whether this is a page of the browser's own."""
    return seen.url.startswith(("chrome-error:", "about:neterror"))


@pytest.fixture(scope="module", params=BROWSERS)
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Run a browser; every test has tabs of its own."""
    path = next((found for name in BROWSERS[request.param] if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no {request.param} here (apt install {BROWSERS[request.param][0]})")
    command = [str(node.NODE), str(HERE / "states.mjs"), request.param, path]
    command.append(str(tmp_path_factory.mktemp(request.param)))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Browser(request.param, process)
    finally:
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """Run a server that tests kill and start again where it was."""
    with started(folder=tmp_path_factory.mktemp("states")) as running:
        yield running


def filed(server: DemoServer) -> Witness:
    """Return somebody who has a case to add to."""
    witness = Witness(0)
    assert witness.send(server) == 200
    return witness


def opened(server: DemoServer, keep: Path) -> Entries:
    """Return what the investigators open in their own name."""
    entries = open_as(server, "investigators", keep)
    return [entry for entry in entries if entry["office"] == "investigators"]


def reports(entries: Entries, tab: Tab) -> list[dict[str, Any]]:
    """Return the answers of every report that tells what this tab's person typed."""
    found = [entry["body"]["answers"] for entry in entries if entry["kind"] == "report"]
    return [answers for answers in found if tab.account[-12:] in answers["account"]]


def added(entries: Entries, witness: Witness) -> list[dict[str, Any]]:
    """Return the bodies of everything added to a case."""
    mine = [entry for entry in entries if entry["case"] == witness.case]
    return [entry["body"] for entry in mine if entry["kind"] == "message"]


def assert_one_report(entries: Entries, tab: Tab) -> None:
    """One report holds what was typed, to the letter."""
    (answers,) = reports(entries, tab)
    assert answers == {"account": tab.account, "place": "Nuevo Laredo"}


def assert_one_addition(entries: Entries, witness: Witness) -> None:
    """One addition holds both persons, to the letter."""
    (body,) = added(entries, witness)
    assert [person["alias"] for person in body["people"]] == ALIASES


def test_scripts_are_off(browser: Browser) -> None:
    """Whatever else holds here holds without JavaScript."""
    page = "data:text/html,<p>off</p><script>document.querySelector('p').append('!')</script>"
    assert browser.tab().do("open", url=page).text.strip() == "off"


def test_line_that_breaks_while_sending_loses_nothing(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """Reloading sends report and addition once; Back brings the review page with all of it."""
    witness = filed(server)
    tab, walker, adder = browser.tab(), browser.tab(), browser.tab()
    words = tab.write(server).words
    walker.write(server)
    adder.write_persons(server, witness)
    server.kill()
    tab.press_offline(NEXT)
    walker.press_offline(NEXT)
    adder.press_offline(SEND)
    server.start()
    assert tab.do("reload").words == words
    assert "Kept: The persons" in adder.do("reload").text
    review = walker.walk("back")
    assert review.report["account"] == walker.account
    assert walker.press(NEXT).words == review.words
    entries = opened(server, tmp_path)
    assert_one_report(entries, tab)
    assert_one_report(entries, walker)
    assert_one_addition(entries, witness)


def test_server_that_starts_again_in_between_loses_nothing(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """The page carries everything: the words shown before are those after."""
    witness = filed(server)
    tab, adder = browser.tab(), browser.tab()
    words = tab.write(server).words
    adder.write_persons(server, witness)
    server.kill()
    server.start()
    assert tab.press(NEXT).words == words
    adder.press(SEND)
    entries = opened(server, tmp_path)
    assert_one_report(entries, tab)
    assert_one_addition(entries, witness)


def test_double_tap_sends_once(browser: Browser, server: DemoServer, tmp_path: Path) -> None:
    """Two clicks on Send, of a report and of an addition, are one, with the same words."""
    witness = filed(server)
    tab, adder = browser.tab(), browser.tab()
    words = tab.write(server).words
    tab.do("twice", selector=NEXT)
    assert tab.do("see").words == words
    adder.write_persons(server, witness)
    adder.do("twice", selector=SEND)
    assert "Kept: The persons" in adder.do("see").text
    entries = opened(server, tmp_path)
    assert_one_report(entries, tab)
    assert_one_addition(entries, witness)


def test_change_keeps_what_was_typed(browser: Browser, server: DemoServer, tmp_path: Path) -> None:
    """The page's own way back to the form keeps the text and the words."""
    tab = browser.tab()
    words = tab.write(server).words
    form = tab.press(CHANGE)
    assert form.value("account") == tab.account
    assert form.value("place") == "Nuevo Laredo"
    assert tab.press(NEXT).words == words
    assert tab.press(NEXT).words == words
    assert_one_report(opened(server, tmp_path), tab)


def test_back_from_the_review_page_is_undone_by_forward(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """The browser's Back shows an empty form, as nothing typed stays on a disk; Forward has it.

    The page then has other words, and those are the ones that hold.
    """
    tab = browser.tab()
    tab.write(server)
    assert "Back shows an empty form" in tab.do("see").text
    assert tab.walk("back").value("account") == ""
    review = tab.walk("forward")
    assert review.report["account"] == tab.account
    assert tab.press(NEXT).words == review.words
    assert_one_report(opened(server, tmp_path), tab)


def test_back_after_sending_still_has_the_text(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """The review page comes again with all of it, and what was sent stays as it was."""
    tab = browser.tab()
    tab.write(server)
    tab.press(NEXT)
    assert tab.walk("back").report["account"] == tab.account
    assert_one_report(opened(server, tmp_path), tab)


def test_back_after_an_addition_cannot_change_it(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """The page that comes again offers the next addition; the one sent stays as it was."""
    witness = filed(server)
    tab = browser.tab()
    tab.write_persons(server, witness)
    tab.press(SEND)
    page = tab.walk("back")
    assert page.value("person-0-alias") == ALIASES[0]
    tab.type("#person-1-alias", "Eva")
    refused = tab.press(SEND, 409)
    assert refused.value("person-1-alias") == "Eva"
    assert_one_addition(opened(server, tmp_path), witness)
    tab.press(SEND)
    assert len(added(opened(server, tmp_path / "again"), witness)) == 2


def test_reload_sends_nothing_twice(browser: Browser, server: DemoServer, tmp_path: Path) -> None:
    """A review page loaded anew has the text; after sending, the same page and the same words."""
    witness = filed(server)
    tab, adder = browser.tab(), browser.tab()
    tab.write(server)
    review = tab.do("reload")
    assert review.report["account"] == tab.account
    sent = tab.press(NEXT)
    assert sent.words == review.words
    assert "not the ones you wrote down" in sent.text  # those of the page before it was reloaded
    assert tab.do("reload").words == review.words
    adder.write_persons(server, witness)
    adder.press(SEND)
    assert "Kept: The persons" in adder.do("reload").text
    entries = opened(server, tmp_path)
    assert_one_report(entries, tab)
    assert_one_addition(entries, witness)


def test_second_tab_gets_its_text_back(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """The first tab is kept; the second is answered 409 with its text, and sending keeps it."""
    witness = filed(server)
    first, second = browser.tab(), browser.tab()
    for tab in (first, second):
        tab.come_to(server, witness, "harm")
        tab.type("#care", tab.account)
    first.press(SEND)
    assert second.press(SEND, 409).value("care") == second.account
    second.press(SEND)
    texts = [body["answers"]["care"] for body in added(opened(server, tmp_path), witness)]
    assert texts == [first.account, second.account]


def test_page_left_open_for_a_day_is_kept(browser: Browser, tmp_path: Path) -> None:
    """What was opened on one day and sent on the next carries the next day, and every word."""
    (tmp_path / "sitecustomize.py").write_text(LATER)
    days = tmp_path / "days"
    days.write_text("0")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    later = {"PYTHONPATH": path, "DAYS_LATER": str(days)}
    with started(later, tmp_path / "server") as server:
        witness = filed(server)
        form, tab, adder = browser.tab(), browser.tab(), browser.tab()
        form.do("open", url=f"{server.origin}/en/")
        words = tab.write(server).words
        adder.write_persons(server, witness)
        days.write_text("1")
        form.type("#account", form.account)
        form.type("#place", "Nuevo Laredo")
        form.press(NEXT)
        form.press(NEXT)
        assert tab.press(NEXT).words == words
        adder.press(SEND)
        entries = opened(server, tmp_path / "kept")
        assert_one_report(entries, form)
        assert_one_report(entries, tab)
        assert_one_addition(entries, witness)
        dates = [e["date"][:10] for e in entries if e["kind"] == "message"]
        assert dates == [str((datetime.now(UTC) + timedelta(days=1)).date())]


def test_refused_form_comes_back_filled(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """Without an account, with a line too long, with a choice never offered: 422, all is there."""
    tab = browser.tab()
    tab.do("open", url=f"{server.origin}/en/")
    tab.type("#place", "Nuevo Laredo")
    assert tab.press(NEXT, 422).value("place") == "Nuevo Laredo"
    tab.type("#account", tab.account)
    tab.do("forge", selector="#region option:last-child", value="no-such-region")
    tab.do("select", selector="#region", value="no-such-region")
    refused = tab.press(NEXT, 422)
    assert refused.value("account") == tab.account
    tab.type("#date", "x" * 301)
    refused = tab.press(NEXT, 422)
    assert refused.value("account") == tab.account
    assert refused.value("date") == "x" * 301
    assert reports(opened(server, tmp_path), tab) == []


def test_person_too_many_takes_no_other_away(
    browser: Browser, server: DemoServer, tmp_path: Path
) -> None:
    """Thirteen persons are refused with all thirteen; without one of them they are sent."""
    witness = filed(server)
    tab = browser.tab()
    tab.come_to(server, witness, "persons")
    names = [f"Person {number}" for number in range(13)]
    for number, name in enumerate(names):
        tab.type(f"#person-{number}-alias", name)
        if number < 12:
            tab.press(MORE)
    refused = tab.press(SEND, 422)
    assert [refused.value(f"person-{number}-alias") for number in range(13)] == names
    tab.press('button[value="drop-12"]')
    tab.press(SEND)
    (body,) = added(opened(server, tmp_path), witness)
    assert [person["alias"] for person in body["people"]] == names[:12]
