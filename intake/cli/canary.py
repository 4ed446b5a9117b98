"""`intake canary`: what a timer runs each day."""

import secrets
import socket
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from intake.cli import settings
from intake.core import canary as texts
from intake.core import report, wire
from intake.errors import ServerError
from intake.server import nojs
from intake.server.assemble import assemble
from intake.server.circuits import OWN_LINE
from intake.server.config import Config

_SECONDS = 30
_OK = 200


@click.command()
@settings.option
def canary(config_file: Path | None) -> None:
    """File a report as a visitor does, for the fallback office to open.

    Its program tells the server so. `intake status` says when none was opened for long.
    """
    config = settings.read(config_file)
    with settings.opened(config):
        pass  # its schema is this program's
    services = assemble(config)
    try:
        code = secrets.token_hex(16)
        language = services.programme.languages[0]
        answered = report.make({"account": texts.text(code)}, services.programme, language)
        draft = replace(nojs.begin(services, answered), way_back=False)
        filed = nojs.filing(services, draft, b"")
        letters = (
            wire.Letter(
                item.entry, (), item.sealed.header.value, "report", item.sealed.payload, item.reader
            )
            for item in filed.items
        )
        # First: one that arrives and is not known would look like a person's.
        services.canaries.keep(filed.case, code, services.today())
        _post(config, wire.encode(wire.Filing(filed.case, tuple(letters), filed.mailbox_hash)))
    finally:
        services.records.close()
    click.echo("a canary was filed")


def _post(config: Config, message: bytes) -> None:
    """Send a filing to the server of these settings, as what stands in front of it does."""
    connection = _Connection(config.bind, OWN_LINE if config.circuits else b"")
    headers = {"Host": urlsplit(config.origin).netloc, "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/v1/cases", message, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise ServerError("no report can be filed: the server does not answer") from error
    finally:
        connection.close()
    if status != _OK:
        raise ServerError(f"no report can be filed: the server answers {status}")


class _Connection(HTTPConnection):
    """A line to where the server listens: host:port, or unix:path. `first` is said before all."""

    def __init__(self, bind: str, first: bytes) -> None:
        self._first = first
        self._path = bind.removeprefix("unix:") if bind.startswith("unix:") else ""
        super().__init__("localhost" if self._path else bind, timeout=_SECONDS)

    def connect(self) -> None:
        if self._path:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(_SECONDS)
            self.sock.connect(self._path)
        else:
            super().connect()
        self.sock.sendall(self._first)
