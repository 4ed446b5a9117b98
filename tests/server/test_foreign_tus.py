"""Tus clients that others wrote send sealed files to a real server; a case claims them."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest
from tusclient.client import TusClient
from tusclient.uploader.uploader import Uploader

from intake.core import wire
from intake.core.evidence import Evidence
from intake.server.app import make_app
from intake.server.assemble import assemble
from intake.server.config import Config
from tests.crypto import node
from tests.support.sealed import PART, TUS, File, filing, message, sealed_file
from tests.support.server import DemoServer, started
from tests.support.site import Site

pytestmark = pytest.mark.slow

CHUNK = 256 * 1024
PLAIN = os.urandom(10 * CHUNK + 4711)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """Run a real server."""
    with started(folder=tmp_path / "server") as running:
        yield running


@pytest.fixture
def file() -> File:
    """Seal a file as a browser does."""
    return sealed_file(PLAIN, "video.bin", "application/octet-stream")


def stands(server: DemoServer, url: str) -> int:
    """Return how much of an upload the server has."""
    answer = server.request("HEAD", url.removeprefix(server.origin), headers=TUS)
    return int(answer.headers["Upload-Offset"])


def send(uploader: Uploader, count: int) -> None:
    """Send so many chunks."""
    for _ in range(count):
        uploader.upload_chunk()  # type: ignore[no-untyped-call] # the package is half typed


def cut(server: DemoServer, url: str, offset: int, data: bytes) -> None:
    """Send half of a part, and break the line."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("PATCH", url.removeprefix(server.origin))
    sent = {**PART, "Upload-Offset": str(offset), "Content-Length": str(2 * len(data))}
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders(data)
    connection.close()


def claim(server: DemoServer, told: Evidence) -> None:
    """File a case that names a file, as a browser does."""
    folder = server.folder
    config = Config(keys=str(folder / "keys"), data=str(folder / "data"), origin=server.origin)
    services = assemble(config)
    try:
        site = Site(services, make_app(services).test_client(), {})
        body = wire.encode(message(site, replace(filing(site, told), way_back=True)))
    finally:
        services.records.close()
    headers = {"Content-Type": "application/json", "Origin": server.origin}
    answer = server.request("POST", "/api/v1/cases", body, headers)
    assert answer.status == 200, answer.text


def assert_opens(server: DemoServer, file: File, url: str, out: Path) -> None:
    """Claim what was sent to an address, and check that the office opens just that."""
    claim(server, msgspec.structs.replace(file.told, id=url.rpartition("/")[2]))
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin, "--out", str(out)]
    command += ["--office", "investigators", "-i", str(server.identity("investigators"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = (path for path in out.rglob("*") if path.is_file())
    assert path.read_bytes() == PLAIN


def test_tuspy_resumes_after_a_cut(server: DemoServer, file: File, tmp_path: Path) -> None:
    """In the middle of a part; what came of it is not sent again."""
    client = TusClient(f"{server.origin}/api/v1/uploads")
    first = client.uploader(file_stream=io.BytesIO(file.data), chunk_size=CHUNK)
    send(first, 2)
    assert first.url
    cut(server, first.url, 2 * CHUNK, file.data[2 * CHUNK :][: CHUNK // 2])
    deadline = time.monotonic() + 10
    while stands(server, first.url) != 2 * CHUNK + CHUNK // 2:
        assert time.monotonic() < deadline, "what came of the part was not kept"
        time.sleep(0.02)
    # The part that was cut may be held for a moment.
    second = client.uploader(
        file_stream=io.BytesIO(file.data),
        url=first.url,
        chunk_size=CHUNK,
        retries=10,
        retry_delay=1,
    )
    second.upload()
    assert stands(server, first.url) == len(file.data)
    assert_opens(server, file, first.url, tmp_path / "out")


def test_tuspy_resumes_after_the_server_was_killed(
    server: DemoServer, file: File, tmp_path: Path
) -> None:
    """What was acknowledged is there after the next start."""
    client = TusClient(f"{server.origin}/api/v1/uploads")
    first = client.uploader(file_stream=io.BytesIO(file.data), chunk_size=CHUNK)
    send(first, 3)
    assert first.url
    server.kill()
    server.start()
    second = client.uploader(file_stream=io.BytesIO(file.data), url=first.url, chunk_size=CHUNK)
    assert second.offset == 3 * CHUNK
    second.upload()
    assert_opens(server, file, first.url, tmp_path / "out")


def test_tus_js_client_resumes(server: DemoServer, file: File, tmp_path: Path) -> None:
    """Stopped after three parts; goes on there with the address alone."""
    script = Path(__file__).with_name("tus.mjs")
    endpoint = f"{server.origin}/api/v1/uploads"
    done = subprocess.run(
        [str(node.NODE), str(script), endpoint, str(CHUNK)],
        input=file.data,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    seen = json.loads(done.stdout)
    assert seen["from"] >= 3 * CHUNK
    assert stands(server, seen["url"]) == len(file.data)
    assert_opens(server, file, seen["url"], tmp_path / "out")
