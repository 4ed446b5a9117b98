"""The pages of coming back with script, as axe, a ruler and the Tab key find them."""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.browser.offices import Desk
from tests.browser.scripted import Browser
from tests.support.browser import drive
from tests.support.server import DemoServer

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WALKS = [("en", 320), ("es", 320), ("en", 1280), ("es", 1280)]
STATES = 11
LONG = "Nuevolaredo" * 20


def filed(server: DemoServer, browser: Browser) -> str:
    """File a case that has answers of each kind; return its words."""
    mark = f"mark {secrets.token_hex(6)}"
    tab = browser.open(f"{server.origin}/en/").ready().type("#account", mark)
    words = tab.press("[name=child][value=yes]").read_over().words
    tab.press("[name=office][value=children]").send()
    desk, other = (Desk.of(server, office, mark) for office in ("investigators", "children"))
    desk.send(desk.reply(f"Thank you.\n\nWe read it. {LONG}", "incident", "contact"))
    desk.send(desk.reply("One is missing.", seen=(desk.report.id, "ab" * 16)))
    other.send(other.reply("As if we were another.", office="investigators"))
    other.send(other.reply("Moved here."), secrets.token_hex(16))
    return " ".join(words)


@pytest.fixture(scope="module")
def found(
    server: DemoServer, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Walk once for each language and width."""
    walks = [(*walk, filed(server, chromium)) for walk in WALKS]
    chromium.forget()
    profile: Path = tmp_path_factory.mktemp("back") / "profile"
    pictures = os.environ.get("INTAKE_PICTURES", "")
    task = {"url": server.origin, "profile": str(profile), "walks": walks, "pictures": pictures}
    return dict(drive("back.mjs", task))


def wrong(found: dict[str, Any], what: str) -> list[str]:
    """Return what was found wrong, each with its page."""
    return [
        f"{page['language']} {page['width']} {page['name']}: {one}"
        for page in found["pages"]
        for one in page.get(what, ())
    ]


@pytest.mark.parametrize(
    "look", ["light", "dark", "forced", "small", "edgeless", "unhidden"], ids=str
)
def test_nothing_is_found_on_any_page(found: dict[str, Any], look: str) -> None:
    """WCAG 2.x A and AA, best practice; contrast in the dark; a fingertip's height; edges."""
    assert len(found["pages"]) == STATES * len(WALKS)
    assert wrong(found, look) == []


def test_nothing_is_wider_than_the_page(found: dict[str, Any]) -> None:
    """At 320 px, at 1280, and at 640 with letters twice as large; in words without an end, too."""
    wide = [
        (page["name"], page["width"], page["scroll"], page.get("large"))
        for page in found["pages"]
        if page["scroll"] > page["width"] or page.get("large", 0) > 640
    ]
    assert wide == []


def test_keyboard_reaches_everything_and_shows_where_it_is(found: dict[str, Any]) -> None:
    """Each control once, in view."""
    for name, went in found["keyboard"].items():
        assert sorted(set(went["controls"]) - set(went["visited"])) == [], name
        assert went["unseen"] == [], name


def test_focus_is_on_what_is_new(found: dict[str, Any]) -> None:
    """What was opened, said or asked; where nothing is, on what was pressed."""
    assert found["focus"] == {
        "come back": "BODY",
        "no words": "TEXTAREA words",
        "word of no list": "TEXTAREA words",
        "case": "H1",
        "delete an answer": "P warning",
        "asked group": "H1",
        "answer": "H1",
        "answered": "P fine",
        "take it back": "H1",
        "deletion asked": "P fine",
        "closed": "H1",
    }
