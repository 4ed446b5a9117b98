"""The Worker as it is built, in a real Chromium under the real headers, with either ciphers."""

import os
from pathlib import Path

import pytest

from intake.media.draft import apply
from intake.media.inspect import inspect
from tests.browserfiles import page
from tests.browserfiles.line import Fault
from tests.browserfiles.worker import described, photograph
from tests.media import canaries

pytestmark = pytest.mark.browser

MEGABYTE = 1_000_000
PICTURE = photograph(3 * MEGABYTE)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build once."""
    folder = tmp_path_factory.mktemp("static")
    page.write_scripts(folder)
    return folder


@pytest.mark.parametrize("name", ["files.js", "files-full.js"])
def test_a_photograph_arrives_from_a_page(tmp_path: Path, scripts: Path, name: str) -> None:
    """Over a line that breaks, told to go on by the browser alone; nothing passes in clear."""
    picture = tmp_path / "Canary at home.jpg"
    picture.write_bytes(PICTURE)
    faults = [Fault("PATCH"), Fault("PATCH", cut=100_000), Fault("PATCH", lost=True)]
    seen = page.send(picture, f"/{name}", scripts, tmp_path, faults)
    first, *_, last = seen.news
    expected = ("net::ERR_", "'data:,'")
    # Lines that were cut, the page's empty icon, and nothing of Trusted Types or of scripts.
    assert [text for text in seen.console if not any(one in text for one in expected)] == []
    assert (first["event"], first["copied"], last["event"]) == ("seen", True, "whole")
    assert seen.line.faults == []
    original, copy = described(last["files"])
    patches = inspect(lambda at, size: PICTURE[at : at + size], len(PICTURE)).patches
    assert seen.store.opened(original) == PICTURE
    assert seen.store.opened(copy) == apply(patches, 0, PICTURE)
    assert (original.name, copy.of) == (picture.name, original.id)
    passed = b"".join(seen.line.seen)
    hidden = [*canaries.CANARIES, b"Canary", b"image/jpeg", original.key.encode()]
    assert len(passed) > 2 * len(PICTURE)
    assert [text for text in hidden if text in passed] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["files.js", "files-full.js"])
def test_a_long_file_is_never_held(tmp_path: Path, scripts: Path, name: str) -> None:
    """50 MB pass through less than 40 MB, with what the browser has not yet let go."""
    film = tmp_path / "film"
    film.write_bytes(os.urandom(50 * MEGABYTE))
    seen = page.send(film, f"/{name}", scripts, tmp_path)
    (told,) = described(seen.news[-1]["files"])
    assert seen.store.opened(told) == film.read_bytes()
    # A piece on its way is 4 MiB: less than that would mean that nothing was measured.
    assert 4 * MEGABYTE < seen.heap < 40 * MEGABYTE
