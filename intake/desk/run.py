"""Serving the desk to one browser on this machine, and locking its vault when nobody uses it."""

import hashlib
import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from intake.client import Office, Server
from intake.core.plain import inline, printable
from intake.desk.app import make_app
from intake.desk.home import Home
from intake.desk.resealing import Resealing
from intake.desk.services import Services
from intake.desk.sheet import Sheets
from intake.desk.syncing import Syncing
from intake.desk.watching import Look, Watching, look
from intake.paths import PACKAGE
from intake.vault.vault import Open, Vault
from intake.web import i18n
from intake.web.loopback import HOST, Door

LOOK_SECONDS = 2.0
"""How often an idle vault, or one that was asked to lock, is looked for."""
SCRIPTS = ("desk.js",)


@dataclass(frozen=True)
class Served:
    """A desk that is ready: `server.serve_forever()` serves it, `services.door` lets in."""

    server: BaseWSGIServer
    services: Services
    app: Flask

    def forever(self) -> None:
        """Serve until interrupted; then lock."""
        ended = threading.Event()
        looking = threading.Thread(target=_look, args=(self.services, ended), daemon=True)
        looking.start()
        try:
            self.server.serve_forever()
        finally:
            ended.set()
            self.services.vault.lock()


class _Handler(WSGIRequestHandler):
    """Answers and logs nothing: an address names a case."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's signature
        """Write nothing."""


@dataclass(frozen=True)
class World:
    """What a desk has of the world outside: sessions, servers, visits to the form, time.

    `now` is local with its offset, `clock` gives seconds that only grow, `reach` the server at an
    address that somebody typed.
    """

    log_in: Callable[[Open], Office]
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    look: Look = look
    reach: Callable[[str], Server] = Server.at


def make(home: Home, port: int, world: World) -> Served:
    """Return a desk on a port of this machine, 0 for any that is free; raises OSError."""
    logging.getLogger("werkzeug").disabled = True
    vault = Vault(home.vault, world.clock)
    server = make_server(HOST, port, _nothing, threaded=True, request_handler=_Handler)
    language = i18n.load("en", "desk")
    language.environment.filters.update(inline=inline, printable=printable, sentence=_sentence)
    made = Services(
        home=home,
        vault=vault,
        door=Door(server.server_port),
        language=language,
        syncing=Syncing(vault, world.log_in, world.now, Watching(vault, world.look, world.now)),
        resealing=Resealing(vault, world.log_in, world.now),
        sheets=Sheets(world.clock),
        reach=world.reach,
        scripts=_scripts(PACKAGE / "static"),
    )
    server.app = make_app(made)
    return Served(server, made, server.app)


def _sentence(text: str) -> str:
    """Return a message as the beginning of a sentence; names in it stay as they are."""
    return text[:1].upper() + text[1:]


def _nothing(environ: object, start: object) -> list[bytes]:  # noqa: ARG001 - WSGI's signature
    """Stand in until the port is known."""
    return []


def _scripts(folder: Path) -> dict[str, tuple[bytes, str]]:
    found = {}
    for name in SCRIPTS:
        path = folder / name
        if path.is_file():
            text = path.read_bytes()
            digest = b64encode(hashlib.sha256(text).digest()).decode()
            found[f"/{name}"] = (text, f"sha256-{digest}")
    return found


def _look(services: Services, ended: threading.Event) -> None:
    """Lock the vault as soon as nobody used it for too long, not only at the next page."""
    while not ended.wait(LOOK_SECONDS):
        services.vault.lock_if_left()
        services.sheets.forget_old()
