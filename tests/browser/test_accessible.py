"""Every kind of page, as axe, a ruler and the Tab key find it: both languages, phone and desk.

With script each state is reached by keyboard alone; a microphone, Workers and a printer that wait
for the test stand in for the browser's own.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from intake.core.questions import GROUPS
from tests.media import samples
from tests.media.pictures import telling_jpeg
from tests.support.browser import drive
from tests.support.server import started

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = ("en", "es")
WIDTHS = (320, 1280)
PAGES = 20 + len(GROUPS)
"""The kinds of page that each walk sees; the choice of language is one more, seen in English."""
SCRIPTED = 23
"""The states of pages that the script makes."""
SECONDS = 600

HELD = (
    "looked.jpg",
    "going.jpg",
    "waiting.jpg",
    f"telling {'Screenshot_2026-01-02' * 5}.jpg",
    "warned.pdf",
    "arrived.jpg",
    "full.jpg",
    "large.mp4",
)
"""Files of which the test itself tells news, in the order of `accessible-script.mjs`."""

FOCUS = {
    "form with problems": "DIV alert",
    "microphone refused": "BUTTON",
    "recording": "BUTTON",
    "recorded": "AUDIO",
    "voice used": "BUTTON",
    "review": "H1",
    "line broken": "BUTTON",
    "received": "H1",
    "words right": "P",
    "two persons": "H2 person-2",
    "added": "P fine",
    "consent": "H1",
    "back without sending": "BUTTON row",
    "offices joining": "H2",
    "file arrived": "BUTTON plain",
    "first file removed": "LI",
    "last file removed": "UL files",
}
"""What has the focus after each step: what is new, or what was pressed where nothing is."""

Found = list[dict[str, Any]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """Walk through the whole site once for each language and width, on one server."""
    base = tmp_path_factory.mktemp("accessible")
    files = chosen(base)
    off = {"INTAKE_SEAL_WITHOUT_SCRIPT": "false"}
    with (
        started(folder=base / "server") as server,
        started(off, base / "unsealing") as unsealing,
        ThreadPoolExecutor(len(LANGUAGES)) as both,
    ):
        tasks = [
            {
                "url": server.origin,
                "unsealing": unsealing.origin,
                "profile": str(base / language),
                "language": language,
                "widths": WIDTHS,
                "groups": [group.name for group in GROUPS],
                **files,
            }
            for language in LANGUAGES
        ]
        yield list(both.map(partial(drive, "accessible.mjs", seconds=SECONDS), tasks))


def chosen(folder: Path) -> dict[str, str | list[str]]:
    """Write the files that are chosen, and return their paths."""
    photo, paper = folder / "photo.jpg", folder / "paper.pdf"
    photo.write_bytes(telling_jpeg())
    paper.write_bytes(samples.pdf())
    held = [folder / f"held {name}" for name in HELD]
    for path in held:
        path.write_bytes(bytes(1_234_567))
    return {"photo": str(photo), "paper": str(paper), "held": [str(path) for path in held]}


@pytest.fixture(scope="module")
def pages(found: Found) -> Found:
    """Return what was found on each page."""
    return list(chain.from_iterable(walk["pages"] for walk in found))


def wrong(pages: Found, what: str) -> list[str]:
    """Return what was found wrong, each with its page."""
    return [
        f"{page['language']} {page['width']} {page['name']}: {one}"
        for page in pages
        for one in page.get(what, ())
    ]


def test_every_kind_of_page_was_seen(pages: Found) -> None:
    """A walk that stopped early would find nothing wrong."""
    for language in LANGUAGES:
        for width in WIDTHS:
            seen = [p for p in pages if (p["language"], p["width"]) == (language, width)]
            plain = {p["name"] for p in seen if not p["isScripted"]}
            assert len(plain - {"home"}) == PAGES
            assert len({p["name"] for p in seen if p["isScripted"]}) == SCRIPTED
            wrong = [
                p["name"] for p in seen if p["lang"] != f"{language} ltr" and p["name"] != "home"
            ]
            assert wrong == []
    assert all(page["title"] for page in pages)


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_axe_finds_nothing(pages: Found, look: str) -> None:
    """WCAG 2.x A and AA and best practice; contrast again in the dark, all in forced colours."""
    assert sum(look in page for page in pages) >= (PAGES + SCRIPTED) * len(LANGUAGES)
    assert wrong(pages, look) == []


def test_no_page_scrolls_sideways(pages: Found) -> None:
    """At both widths, and at twice the text size on 640 pixels, with long words in the page."""
    assert [p for p in pages if p["scroll"] > p["width"] or p.get("large", 0) > 640] == []


def test_everything_to_press_is_as_high_as_a_fingertip(pages: Found) -> None:
    """44 pixels: buttons, fields, choices with their labels, links that stand alone."""
    assert wrong(pages, "small") == []


def test_nothing_is_there_that_is_marked_as_hidden(pages: Found) -> None:
    """A choice about files on a page without files is a riddle."""
    assert wrong(pages, "unhidden") == []


def test_forced_colours_leave_an_edge_to_everything(pages: Found) -> None:
    """They take away every ground: what stands on its own ground has a border too."""
    assert wrong(pages, "edgeless") == []


def test_page_urges_to_one_thing_at_most(pages: Found) -> None:
    """One button a page is filled; the form and the page that is read over have one."""
    assert [page["urged"] for page in pages if len(page["urged"]) > 1] == []
    assert all(page["urged"] for page in pages if page["name"] in {"form", "form ready", "review"})


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("form", 20),
        ("form ready", 20),
        ("review", 15),
        ("received", 15),
        ("two persons", 60),
        ("files in every state", 20),
    ],
)
def test_tab_reaches_every_control_in_order_and_shows_where_it_is(
    found: Found, name: str, count: int
) -> None:
    """By keyboard alone; a radio group is one stop."""
    for walk in found:
        keyboard = walk["keyboard"][name]
        assert len(keyboard["controls"]) > count
        assert keyboard["visited"] == keyboard["controls"]
        assert keyboard["unseen"] == []


def test_focus_goes_to_what_is_new(found: Found) -> None:
    """The title of a page, the summary of problems, the next file; else it stays where it was."""
    for walk in found:
        for name, focus in FOCUS.items():
            assert {s["focus"] for s in walk["steps"] if s["name"] == name} == {focus}, name
        asked = [s["focus"] for s in walk["steps"] if s["name"].startswith("words ")]
        assert sum(focus.startswith("INPUT asked-") for focus in asked) == 2 * len(WIDTHS)
        assert walk["isNext"] == [True] * len(WIDTHS)


def test_enter_in_a_field_of_an_added_page_sends_nothing(found: Found) -> None:
    """As without script: whoever confirms a name has not said that the page is done."""
    assert [walk["isSentByEnter"] for walk in found] == [[False] * len(WIDTHS)] * len(LANGUAGES)


def test_what_is_done_is_said_once_and_not_at_each_percent(found: Found) -> None:
    """To whoever hears the page: that it is sent, which file arrived, and no number between."""
    for walk in found:
        assert walk["spoken"]["sending"] != []
        assert walk["spoken"]["progress"] == []
        (arrived,) = walk["spoken"]["arrived"]
        assert arrived.startswith("held arrived.jpg: ")


def test_paper_holds_the_words_and_nothing_else(found: Found) -> None:
    """Neither title nor address: paper is found."""
    for walk in found:
        assert len(walk["noted"]) == 10
        assert walk["printed"] == walk["noted"]


def test_console_stays_empty(found: Found) -> None:
    """Nothing that the page does is stopped by its own headers."""
    assert [walk["complaints"] for walk in found] == [[]] * len(LANGUAGES)
