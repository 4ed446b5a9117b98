"""Every kind of page, as axe, a ruler and the Tab key find it: both languages, phone and desk."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any

import pytest

from intake.core.questions import GROUPS
from tests.support.browser import drive
from tests.support.server import started

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "es")
WIDTHS = (320, 1280)
PAGES = 17 + len(GROUPS)
"""The kinds of page that each walk sees; the choice of language is one more, seen in English."""

Found = list[dict[str, Any]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Walk through the whole site once for each language and width, on one server."""
    base = tmp_path_factory.mktemp("accessible")
    with started(folder=base / "server") as server, ThreadPoolExecutor(len(LANGUAGES)) as both:
        tasks = [
            {
                "url": server.origin,
                "profile": str(base / language),
                "language": language,
                "widths": WIDTHS,
                "groups": [group.name for group in GROUPS],
            }
            for language in LANGUAGES
        ]
        return list(both.map(partial(drive, "accessible.mjs"), tasks))


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
            names = {p["name"] for p in pages if (p["language"], p["width"]) == (language, width)}
            assert len(names - {"home"}) == PAGES
    assert all(page["title"] for page in pages)


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_axe_finds_nothing(pages: Found, look: str) -> None:
    """WCAG 2.x A and AA and best practice; contrast again in the dark, all in forced colours."""
    assert sum(look in page for page in pages) >= PAGES * len(LANGUAGES)
    assert wrong(pages, look) == []


def test_no_page_scrolls_sideways(pages: Found) -> None:
    """At both widths, and at twice the text size on 640 pixels, with long words in the page."""
    assert [p for p in pages if p["scroll"] > p["width"] or p.get("large", 0) > 640] == []


def test_everything_to_press_is_as_high_as_a_fingertip(pages: Found) -> None:
    """44 pixels: buttons, fields, choices with their labels, links that stand alone."""
    assert wrong(pages, "small") == []


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(found: Found) -> None:
    """On the form, by keyboard alone; a radio group is one stop."""
    for walk in found:
        keyboard = walk["keyboard"]
        assert len(keyboard["controls"]) > 20
        assert keyboard["visited"] == keyboard["controls"]
        assert keyboard["unseen"] == []
