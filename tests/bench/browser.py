"""What sealing a file in a browser costs: beside bare WebCrypto, and in memory.

Rules: both sides take turns in one page over the same bytes, so that a busy machine slows both;
medians, and their ratio. Bare is the digests and the chunks alone, the faster of two ways, kept
nowhere; it has a file's bytes in memory as ours has, and once more both read the file.
"""

import os
import tempfile
from pathlib import Path
from statistics import median

from tests.browserfiles import page
from tests.support.browser import drive

SIZE = 50_000_000
"""A minute of a telephone's video."""

TURNS = 9
MAKES = {"the browser's ciphers": [], "the library's": ["fallback"]}
SCRIPTS = ("files.js", "files-full.js")


def run() -> None:
    """Print all measurements."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = folder / "film"
        film.write_bytes(os.urandom(SIZE))
        for make, conditions in MAKES.items():
            _measure_time(make, conditions, film)
        _measure_heap(film)


def _measure_time(make: str, conditions: list[str], film: Path) -> None:
    task = {
        "profile": str(film.parent / make),
        "conditions": conditions,
        "file": str(film),
        "turns": TURNS,
    }
    times = drive("../bench/inchromium.mjs", task, seconds=600)
    took = {way: median(found) for way, found in times.items()}
    bare = min(took["bare"], took["beside"])
    print(
        f"browser: {SIZE // 1_000_000} MB sealed with {make} in {took['ours']:.0f} ms, bare "
        f"{bare:.0f} ms, ratio {took['ours'] / bare:.2f}; read from a file "
        f"{took['oursOfFile']:.0f} ms, bare {took['bareOfFile']:.0f} ms, "
        f"ratio {took['oursOfFile'] / took['bareOfFile']:.2f} (wanted 1.5)"
    )


def _measure_heap(film: Path) -> None:
    scripts = film.parent / "static"
    page.write_scripts(scripts)
    for script in SCRIPTS:
        seen = page.send(film, f"/{script}", scripts, film.parent / f"of-{script}")
        assert seen.news[-1]["event"] == "whole"
        print(f"browser: {script} sends them with {seen.heap / 1e6:.1f} MB of heap at most")
