"""A witness who comes back with the page's script, and what she sees."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.browser.between import Between
from tests.browser.offices import Desk
from tests.browser.scripted import Browser, Tab, opened, told
from tests.support.server import DemoServer

LOOK = "form[data-back] button"
REPLY = "[data-replies] section"
TEAM = "investigators"
"""The office that always has it."""


@dataclass
class Witness:
    """A case of two offices, and how its witness comes back to it."""

    server: DemoServer
    between: Between
    browser: Browser
    mark: str
    words: list[str]
    numbers: list[str]

    @classmethod
    def filed(cls, server: DemoServer, between: Between, browser: Browser) -> Self:
        """File a report for two offices, with script."""
        mark = f"They kept our papers {secrets.token_hex(6)}"
        tab = browser.open(f"{between.origin}/en/").ready().type("#account", mark)
        tab.press("[name=child][value=yes]").read_over()
        tab.press("[name=office][value=children]").send()
        words, numbers = zip(*tab.seen["words"], strict=True)
        return cls(server, between, browser, mark, list(words), list(numbers))

    @property
    def short(self) -> str:
        """Four letters of each word, as somebody types them in a hurry."""
        return " ".join(word[:4].upper() for word in self.words)

    def page(self, language: str = "en", **how: object) -> Tab:
        """Open the page of coming back."""
        return self.browser.open(f"{self.between.origin}/{language}/return", **how)

    def back(self, words: str = "", language: str = "en") -> Tab:
        """Return the page of the case, once its answers were read."""
        tab = self.page(language).ready().type("#words", words or self.short).press(LOOK)
        return settled(tab)

    def desk(self, office: str = "investigators") -> Desk:
        """Return the desk of an office."""
        return Desk.of(self.server, office, self.mark)

    def told(self, office: str, out: Path | None = None) -> list[dict[str, Any]]:
        """Return what an office reads of the case."""
        (case,) = {one["case"] for one in told(self.server, TEAM, self.mark)}
        return [one for one in opened(self.server, office, out) if one["case"] == case]


def settled(tab: Tab) -> Tab:
    """Wait until the answers were read."""
    return tab.until("[data-none], " + REPLY + ", [data-replies] p")
