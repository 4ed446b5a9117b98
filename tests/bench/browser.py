"""What sealing a file in a browser costs: beside bare WebCrypto, and in memory.

Rules: both sides take turns in one page over the same bytes, so that a busy machine slows both;
medians, and their ratio. Bare is the faster of two ways; it reads no file and keeps nothing.
"""

import os
import tempfile
from pathlib import Path
from statistics import median

from tests.browserfiles import page
from tests.support.browser import drive

SIZE = 50_000_000
"""A minute of a telephone's video."""

TURNS = 7
MAKES = {"the browser's ciphers": [], "the library's": ["fallback"]}


def run() -> None:
    """Print all measurements."""
    for name, conditions in MAKES.items():
        _measure_time(name, conditions)
    _measure_heap()


def _measure_time(name: str, conditions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as profile:
        task = {"profile": profile, "conditions": conditions, "size": SIZE, "turns": TURNS}
        times = drive("../bench/inchromium.mjs", task, seconds=600)
    ours, bare, beside = (median(times[way]) for way in ("ours", "bare", "sideBySide"))
    print(
        f"browser: a file of {SIZE // 1_000_000} MB sealed with {name} in {ours:.0f} ms; bare "
        f"WebCrypto {bare:.0f} ms, with 16 chunks side by side {beside:.0f} ms; "
        f"ratio {ours / min(bare, beside):.2f}"
    )


def _measure_heap() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scripts = folder / "static"
        page.write_scripts(scripts)
        film = folder / "film"
        film.write_bytes(os.urandom(SIZE))
        for script in ("files.js", "files-full.js"):
            seen = page.send(film, f"/{script}", scripts, folder / script)
            assert seen.news[-1]["event"] == "whole"
            print(f"browser: {script} sends it with {seen.heap / 1e6:.1f} MB of heap at most")
