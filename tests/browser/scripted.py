"""A browser that runs the page's script, told from here what to do; and what offices then read."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from click.testing import CliRunner

from intake.cli.opener import opener
from tests.crypto import node
from tests.support.server import DemoServer

NEXT = "form[data-group=report] > button"
SEND = "main form > button:not(.plain)"
CHANGE = "[data-do=change]"
ADD = "[name=do][value=send]"
BACK = "[data-do=back]"
READY = "[data-when=script]"
MORE = "[data-more]"
ALERT = "p[role=alert]"


class Browser:
    """A real Chromium with a profile of its own."""

    def __init__(self, profile: Path) -> None:
        """Start it."""
        chromium = next(p for p in map(shutil.which, ("chromium", "google-chrome-stable")) if p)
        self._driver = subprocess.Popen(
            [str(node.NODE), str(node.TESTS / "browser" / "scripted.mjs"), str(profile)],
            env={**os.environ, "INTAKE_CHROMIUM": chromium},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._tabs = 0

    def forget(self) -> None:
        """Close all tabs."""
        self.tell({"act": "forget"})

    def tell(self, order: dict[str, object]) -> dict[str, Any]:
        """Have something done; return what then stands there. Raises AssertionError."""
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(f"{json.dumps(order)}\n")
        self._driver.stdin.flush()
        seen: dict[str, Any] = json.loads(self._driver.stdout.readline())
        assert "broken" not in seen, seen["broken"]
        return seen

    def open(self, url: str, **how: object) -> "Tab":
        """Open a tab."""
        self._tabs += 1
        tab = Tab(self, self._tabs)
        tab.tell("open", url=url, **how)
        return tab

    def close(self) -> None:
        """Close it as a person would."""
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.close()
        self._driver.wait(20)
        self._driver.stdout.close()


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Run a browser, and close it at the end."""
    browser = Browser(profile)
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Tab:
    """One tab; `seen` is what stood on its page last."""

    browser: Browser
    number: int
    seen: dict[str, Any] = field(default_factory=dict)

    def tell(self, act: str, **how: object) -> Self:
        """Have something done."""
        self.seen = self.browser.tell({"tab": self.number, "act": act, **how})
        return self

    def press(self, selector: str, count: int = 1) -> Self:
        """Press a button."""
        return self.tell("press", selector=selector, count=count)

    def type(self, selector: str, text: str) -> Self:
        """Type where a field is."""
        return self.tell("type", selector=selector, text=text)

    def answer(self, name: str, value: str) -> Self:
        """Answer a question by its name."""
        return self.tell("answer", name=name, value=value)

    def until(self, selector: str, text: str = "", **how: object) -> Self:
        """Wait until something shows, with this text in it."""
        return self.tell("until", selector=selector, text=text, **how)

    def found(self, selector: str) -> list[str]:
        """Return the texts of elements."""
        texts: list[str] = self.tell("look", selector=selector).seen["found"]
        return texts

    def ready(self) -> Self:
        """Wait until the script has taken over."""
        return self.until(READY)

    def read_over(self) -> Self:
        """Go on to the page on which the report is read over."""
        return self.press(NEXT).until(".words li")

    def send(self) -> Self:
        """Send the report."""
        return self.press(SEND).until(MORE)

    def ask(self, group: str) -> Self:
        """Open the page of a group."""
        return self.press(f"[data-group={group}]").until(f"form[data-group={group}]")

    def add(self) -> Self:
        """Send what is on the page of a group."""
        return self.press(ADD).until(f"{MORE} .fine")

    @property
    def words(self) -> list[str]:
        """The ten words on the page."""
        return [word for word, _ in self.seen["words"]]

    @property
    def fields(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: value for name, value in self.seen["fields"] if value}


def opened(server: DemoServer, office: str, out: Path | None = None) -> list[dict[str, Any]]:
    """Return what an office reads of everything it got."""
    command = ["--server", server.origin, "--json", "--office", office]
    command += ["--identity", str(server.identity(office)), *(["--out", str(out)] if out else [])]
    # In this process: starting another one takes longer than opening.
    done = CliRunner().invoke(opener, command)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(
    server: DemoServer, office: str, mark: str, out: Path | None = None
) -> list[dict[str, Any]]:
    """Return what an office reads of the one case whose report holds this mark."""
    everything = opened(server, office, out=out)
    cases = {
        entry["case"]
        for entry in everything
        if entry["kind"] == "report"
        and mark in "\n".join(map(str, entry["body"]["answers"].values()))
    }
    assert len(cases) == 1, f"{len(cases)} cases hold {mark}"
    return [entry for entry in everything if entry["case"] in cases]


def come_back(server: DemoServer, words: Sequence[str]) -> str:
    """Return the page that these words open without script."""
    answer = server.post("/en/return", [("words", " ".join(words)), ("list", "")])
    assert answer.status == 200
    return answer.text
