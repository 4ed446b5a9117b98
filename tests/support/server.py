"""A real server of the built-in programme, with fresh keys, in a folder of its own."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
UNLIMITED = {
    "INTAKE_POSTS_PER_MINUTE": "9999999",
    "INTAKE_POSTS_PER_ADDRESS": "9999999",
    "INTAKE_LOGINS_PER_ADDRESS": "9999999",
}
"""Settings of a server that one address may load."""

_START_SECONDS = 30
_STOP_SECONDS = 15

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    text: str
    headers: dict[str, str]


@dataclass
class DemoServer:
    """A running `intake demo`; `folder` holds its keys, identities, data and log."""

    folder: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the server has printed."""
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Start, with what the folder holds, and wait until the server answers."""
        command = [sys.executable, "-m", "intake", "demo"]
        command += ["--dir", str(self.folder), "--port", str(self.port)]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**_others(os.environ), **UNLIMITED, **self.settings},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self.port)

    def kill(self) -> None:
        """End every process at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop as an operator would."""
        self._signal(signal.SIGTERM)

    def post(self, path: str, fields: Fields, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a form as the site's own page would, its end mark added."""
        body = urlencode([*fields, ("end", "1")]).encode()
        return self.request("POST", path, body, {"Origin": self.origin, **(headers or {})})

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        typed = {"Content-Type": FORM} if body is not None else {}
        try:
            connection.request(method, path, body, {**typed, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(), dict(answer.getheaders()))
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def identity(self, office: str) -> Path:
        """Return the identity file of an office's working key."""
        return self.folder / "identities" / f"{office}.txt"

    def count_cases(self) -> int:
        """Return how many cases the store holds."""
        database = sqlite3.connect(self.folder / "data" / "intake.sqlite3")
        try:
            return int(database.execute("SELECT count(*) FROM cases").fetchone()[0])
        finally:
            database.close()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        self.process.wait(_STOP_SECONDS)
        self.process = None


@contextmanager
def started(
    settings: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[DemoServer]:
    """Run a server, and stop it at the end; without a folder, in one that is thrown away."""
    base = folder or Path(tempfile.mkdtemp(prefix="intake-test-"))
    server = DemoServer(base, free_port(), settings or {})
    try:
        server.start()
        yield server
    finally:
        server.stop()
        if folder is None:
            shutil.rmtree(base)


def _others(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings: a server refuses those it does not know."""
    return {name: value for name, value in environ.items() if not name.startswith("INTAKE_")}


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when an HTTP server answers on a port of loopback."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"no server answers on port {port}")
