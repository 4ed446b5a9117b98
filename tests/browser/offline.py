"""The offline form in a real browser, opened from disk with the network off, told what to do."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.crypto import node

NEXT = "form[data-group=report] > button"
SAVE = "main form > button:not(.plain)"
READY = "[data-when=blind]"
SAVED = "a[download][href]"
NAME = "form-data.tar"
_SECONDS = 30


@dataclass
class Page:
    """One tab of one browser; `seen` is what stood on its page last."""

    folder: Path
    driver: subprocess.Popen[str]
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def downloads(self) -> Path:
        """Where the browser saves files."""
        return self.folder / "downloads"

    def tell(self, act: str, **how: object) -> Self:
        """Have something done; raises AssertionError."""
        assert self.driver.stdin is not None
        assert self.driver.stdout is not None
        self.driver.stdin.write(f"{json.dumps({'act': act, **how})}\n")
        self.driver.stdin.flush()
        self.seen = json.loads(self.driver.stdout.readline())
        assert "broken" not in self.seen, self.seen["broken"]
        return self

    def open(self, form: Path, **how: object) -> Self:
        """Open the form from disk, and wait until it can seal."""
        self.tell("open", url=form.as_uri(), **how)
        return self.until(READY, gone=True)

    def press(self, selector: str) -> Self:
        """Press a button."""
        return self.tell("press", selector=selector)

    def type(self, selector: str, text: str) -> Self:
        """Type where a field is."""
        return self.tell("type", selector=selector, text=text)

    def until(self, selector: str, text: str = "", **how: object) -> Self:
        """Wait until something shows, with this text in it."""
        return self.tell("until", selector=selector, text=text, **how)

    def give(self, *files: Path) -> Self:
        """Choose files, and wait until each is sealed."""
        self.tell("give", selector="#voice [name=new]", files=[str(file) for file in files])
        for file in files:
            self.until(".files li", file.name)
        return self.until(".files progress", gone=True)

    def read_over(self) -> Self:
        """Go on to the page on which the report is read over."""
        return self.press(NEXT).until(".words li")

    def save(self) -> Path:
        """Seal and save; return the file."""
        self.press(SAVE).until(SAVED)
        return self.saved()

    def saved(self) -> Path:
        """Return the newest file that was saved, once it is whole."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            found = sorted(self.downloads.iterdir(), key=lambda path: path.stat().st_mtime_ns)
            whole = [path for path in found if path.suffix == ".tar" and path.stat().st_size]
            if whole and not any(path.suffix in (".crdownload", ".part") for path in found):
                return whole[-1]
            time.sleep(0.1)
        raise AssertionError("nothing was saved")

    @property
    def words(self) -> list[str]:
        """The ten words on the page."""
        return [word for word, _ in self.seen["words"]]

    @property
    def text(self) -> str:
        """What stands on the page."""
        found: str = self.tell("see").seen["text"]
        return found


@contextmanager
def browsing(name: str, folder: Path) -> Iterator[Page]:
    """Run "chromium" or "firefox", and close it at the end."""
    (folder / "downloads").mkdir(parents=True)
    command = [str(node.NODE), str(node.TESTS / "browser" / "offline.mjs"), name]
    command += [str(folder / "profile"), str(folder / "downloads")]
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome-stable"))), "")
    programs = {
        "INTAKE_CHROMIUM": chromium,
        "INTAKE_FIREFOX": shutil.which("firefox-esr") or "",
        # Firefox keeps its profile there.
        "TMPDIR": str(folder),
    }
    driver = subprocess.Popen(
        command,
        env={**os.environ, **programs},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Page(folder, driver)
    finally:
        assert driver.stdin is not None
        assert driver.stdout is not None
        driver.stdin.close()
        driver.wait(20)
        driver.stdout.close()
