"""The Worker's modules in a Node of their own, and what they leave in a store."""

import io
import json
import queue
import random
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from intake.core import evidence
from intake.core.evidence import Evidence
from intake.crypto.opening import open_evidence
from intake.store.blobs import Blobs
from tests.crypto import node
from tests.media import pictures

News = dict[str, Any]

HERE = Path(__file__).parent
SECONDS = 60
_END = "whole", "failed"


@dataclass
class Worker:
    """Takes orders and brings news."""

    process: subprocess.Popen[str]
    news: "queue.Queue[News]" = field(default_factory=queue.Queue)
    told: list[News] = field(default_factory=list)
    """All news that was taken, in order."""

    def order(self, do: str, **more: object) -> None:
        """Give an order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()

    def take(
        self,
        path: Path,
        number: int = 1,
        *,
        original: bool = True,
        copy: bool = True,
        **more: object,
    ) -> None:
        """Give it a file; `kind` makes it one that Node does not have."""
        wish = {"original": original, "copy": copy}
        self.order("take", id=number, path=str(path), **{"name": path.name, **wish, **more})

    def until(self, *events: str, number: int = 1) -> News:
        """Return the next such news of a file."""
        deadline = time.monotonic() + SECONDS
        while True:
            news = self.news.get(timeout=max(0.01, deadline - time.monotonic()))
            self.told.append(news)
            if news["id"] == number and news["event"] in events:
                return news

    def end(self, number: int = 1) -> News:
        """Return how it ends: `whole` or `failed`."""
        return self.until(*_END, number=number)

    def listen(self) -> None:
        """Take news until the process ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.news.put(json.loads(line))


@contextmanager
def working(origin: str, second: int = 40) -> Iterator[Worker]:
    """Run one; `second` is how many milliseconds its patience counts as a second."""
    command = [str(node.NODE), "--disable-warning=ExperimentalWarning", str(HERE / "worker.mjs")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        worker = Worker(process)
        thread = threading.Thread(target=worker.listen)
        thread.start()
        try:
            worker.order("start", origin=origin, second=second)
            yield worker
        finally:
            assert process.stdin is not None
            process.stdin.close()
            thread.join()


def photograph(size: int) -> bytes:
    """Return a JPEG of about `size` bytes that tells everything about its maker."""
    noise = random.Random(5).randbytes(size).replace(b"\xff", b"\xfe")  # noqa: S311 - repeatable
    picture = pictures.coded_picture()
    return pictures.telling_jpeg().replace(picture, picture + noise)


@dataclass(frozen=True)
class Store:
    """What lies on a server's disk."""

    folder: Path

    def names(self) -> set[str]:
        """Return the names of all uploads."""
        return set(self._blobs().names())

    def sealed(self, name: str) -> bytes:
        """Return the bytes of an upload."""
        return b"".join(self._blobs().read(name))

    def kept(self, name: str) -> int:
        """Return how many bytes of an upload are kept."""
        return self._blobs().size(name)

    def place(self, name: str) -> Path:
        """Return the folder of an upload."""
        return self._blobs().folder / name[:2] / name

    def is_whole(self, name: str) -> bool:
        """Whether a report may name it."""
        with closing(sqlite3.connect(self.folder / "data" / "intake.sqlite3")) as database:
            query = "SELECT whole FROM evidence WHERE id = ?"
            return bool(database.execute(query, (name,)).fetchone()[0])

    def opened(self, told: Evidence) -> bytes:
        """Return the file that a report describes; raises where it is another."""
        out = io.BytesIO()
        open_evidence(told, io.BytesIO(self.sealed(told.id)), out)
        return out.getvalue()

    def _blobs(self) -> Blobs:
        return Blobs(self.folder / "data" / "evidence", 0)


def described(files: list[Mapping[str, object]]) -> tuple[Evidence, ...]:
    """Return what was told of files; raises where an office would refuse it."""
    told = tuple(msgspec.convert(one, Evidence) for one in files)
    evidence.check(told)
    return told
