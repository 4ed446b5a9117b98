"""A web desk in a test: its pages as a browser that was let in asks for them."""

import html
import io
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import cast

from flask import Flask
from werkzeug.test import TestResponse

from intake.client import Office, Server
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.desk import run
from intake.desk.home import Home
from intake.desk.run import World
from intake.desk.services import Services
from intake.desk.watch import Finding, Own, Watched
from intake.vault.vault import Open, Vault
from tests.support.desk import SETTINGS, Shelf

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=-6)))
_TAG = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL)


@dataclass
class Seen:
    """What the self-watch sees of a site that is never visited."""

    findings: tuple[Finding, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def look(self, _: Own, site: str, proxy: str) -> Watched:
        """See it."""
        self.asked.append((site, proxy))
        return Watched("2026-11-24T18:00:00Z", self.findings)


def _now() -> datetime:
    return NOW


@dataclass
class WebDesk:
    """A desk with its own folder, key and server in memory; begun unless `is_new`."""

    folder: Path
    shelf: Shelf
    key: HybridIdentity
    app: Flask
    services: Services
    seen: Seen

    @classmethod
    def make(cls, folder: Path, shelf: Shelf | None = None, *, is_new: bool = False) -> "WebDesk":
        """Return a desk that is unlocked, or at its first start."""
        shelf, key, home = shelf or Shelf(), generate_hybrid(), Home(folder)
        if not is_new:
            folder.mkdir()
            home.identity.write_text(f"{key.secret_text()}\n")
            settings = {**SETTINGS, "keys": f"{key.recipient()}\n"}
            Vault.make(home.vault, [key.recipient()], settings)
        seen = Seen()
        world = World(partial(office_of, shelf), _now, look=seen.look, reach=partial(reach, shelf))
        served = run.make(home, 0, world)
        served.server.server_close()
        made = cls(folder, shelf, key, served.app, served.services, seen)
        if not is_new:
            made.services.vault.unlock([key])
        made.get(made.services.door.address().removeprefix(made.services.door.origin))
        return made

    def __post_init__(self) -> None:
        """Keep cookies as a browser does."""
        self.client = self.app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        """Return the answer to an address."""
        return self.client.get(path, base_url=self.services.door.origin, headers=headers)

    def post(
        self, path: str, /, **fields: str | list[str] | tuple[io.BytesIO, str]
    ) -> TestResponse:
        """Return the answer to a form of the desk's own page; what it starts has ended."""
        origin = self.services.door.origin
        answer = self.client.post(path, base_url=origin, data=fields, headers={"Origin": origin})
        self.services.syncing.wait()
        self.services.resealing.wait()
        return answer

    def text(self, path: str) -> str:
        """Return the words of a page that is there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return words(answer.text)

    def close(self) -> None:
        """Lock the vault."""
        self.services.syncing.wait()
        self.services.vault.lock()


def words(page: str) -> str:
    """Return the words of a page as a person reads them."""
    return " ".join(html.unescape(_TAG.sub(" ", page)).split())


class _Answer(io.BytesIO):
    """What `http.client` would return."""

    will_close = True
    length = 0

    def __init__(self, status: int, data: bytes) -> None:
        super().__init__(data)
        self.status = status


class _Line:
    """A connection to a server that publishes a programme, and nothing else."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._answer = _Answer(404, b"")

    def request(self, method: str, path: str, *_: object) -> None:
        """Take a question."""
        if self._shelf.published is None:
            raise ConnectionRefusedError
        self._shelf.asked.append(f"{method} {path}")
        self._answer = _Answer(200, self._shelf.published)

    def getresponse(self) -> _Answer:
        """Return the answer."""
        return self._answer

    def close(self) -> None:
        """End."""


def reach(shelf: Shelf, address: str) -> Server:
    """Return the server at an address, as the desk writes addresses."""
    return Server(Server.at(address).origin, lambda: cast("HTTPConnection", _Line(shelf)))


def office_of(shelf: Shelf, _: Open) -> Office:
    """Return a session with the shelf, whoever asks."""
    return shelf.office()
