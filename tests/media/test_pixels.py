"""A browser shows a cleaned picture as it showed the first."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.crypto.node import NODE
from tests.media import samples
from tests.media.copies import cleaned

SCRIPT = Path(__file__).parent / "pixels.mjs"
PICTURES = ("telling.jpg", "plain.jpg", "telling.png", "plain.png", "turned.webp", "upright.webp")
GREYS = {"telling.jpg": (228, 128), "telling.png": (0x40, 0x80)}
"""Some points that are in them, so that no empty picture passes."""


@pytest.mark.browser
def test_a_cleaned_picture_shows_the_same_points_the_same_way_up(tmp_path: Path) -> None:
    """Orientation and colours stay; only what is said of the maker goes."""
    files = samples.every()
    for name in PICTURES:
        (tmp_path / f"before.{name}").write_bytes(files[name])
        (tmp_path / f"after.{name}").write_bytes(cleaned(files[name]))
    chromium = next(p for p in map(shutil.which, ("chromium", "google-chrome-stable")) if p)
    done = subprocess.run(
        [str(NODE), str(SCRIPT), str(tmp_path)],
        env={**os.environ, "INTAKE_CHROMIUM": chromium},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    shown = json.loads(done.stdout)
    for name in PICTURES:
        assert shown[f"before.{name}"] == shown[f"after.{name}"], name
    for name, greys in GREYS.items():
        assert set(greys) <= set(shown[f"after.{name}"]["points"])
    # A JPEG of 16 by 8 points, turned by a quarter.
    assert shown["after.telling.jpg"]["width"] == 8
    assert shown["after.plain.jpg"]["width"] == 16
