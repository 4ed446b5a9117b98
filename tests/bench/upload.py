"""How fast files arrive at a real server, beside writing the same bytes and forcing them to disk.

By turns in one run, so that a busy machine slows all; medians, and their ratio. `cpu` is what the
workers took of the processor for one file, which other programs on the machine do not change.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from tests.support import large, multipart
from tests.support.multipart import Chosen
from tests.support.sealed import PART, TUS, sealed_file
from tests.support.server import DemoServer, started

SIZE = 50_000_000
ROUNDS = 7
WANTED = 100
"""MB/s of a form with one file."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What one file took, in seconds; `cpu` of the server's workers."""

    elapsed: float
    cpu: float


def run() -> None:
    """Print MB/s of each way in, and their ratios to the disk."""
    plain = multipart.body([("account", "x")], [Chosen("photo.bin", os.urandom(SIZE))])
    telling = multipart.body([("account", "x")], [Chosen("video.mp4", large.movie(SIZE))])
    sealed = sealed_file(os.urandom(SIZE)).data
    ways: dict[str, Callable[[DemoServer], Cost]] = {
        "written and forced": lambda server: _written(server.folder / "data" / "bare", plain),
        "form, one file": lambda server: _form(server, plain),
        "form, one file and its copy": lambda server: _form(server, telling),
        "tus, sealed by the browser": lambda server: _part(server, sealed),
    }
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    with started({"INTAKE_WORKERS": "1"}) as server:
        for _ in range(ROUNDS):
            for name, measure in ways.items():
                found[name].append(measure(server))
    rates = {name: SIZE / median(c.elapsed for c in costs) / 1e6 for name, costs in found.items()}
    for name, costs in found.items():
        print(
            f"upload: {name}: {rates[name]:.0f} MB/s, "
            f"cpu {median(c.cpu for c in costs) * 1000:.0f} ms, "
            f"of the disk {rates[name] / rates['written and forced']:.2f}",
            json.dumps([round(SIZE / cost.elapsed / 1e6) for cost in costs]),
        )
    print(f"upload: wanted {WANTED} MB/s for a form, {rates['form, one file']:.0f} measured")


def _form(server: DemoServer, body: bytes) -> Cost:
    headers = {"Content-Type": multipart.TYPE, "Origin": server.origin}
    return _timed(server, "POST", "/en/", body, headers)


def _part(server: DemoServer, body: bytes) -> Cost:
    headers = {**TUS, "Upload-Length": str(len(body))}
    location = server.request("POST", "/api/v1/uploads", b"", headers).headers["Location"]
    return _timed(server, "PATCH", location, body, {**PART, "Upload-Offset": "0"})


def _timed(
    server: DemoServer, method: str, path: str, body: bytes, headers: dict[str, str]
) -> Cost:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    spent, began = _cpu(server), time.monotonic()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    elapsed = time.monotonic() - began
    connection.close()
    assert answer.status in {200, 204}, answer.status
    return Cost(elapsed, _cpu(server) - spent)


def _written(path: Path, data: bytes) -> Cost:
    spent, began = time.process_time(), time.monotonic()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    cost = Cost(time.monotonic() - began, time.process_time() - spent)
    path.unlink()
    return cost


def _cpu(server: DemoServer) -> float:
    """Return the seconds of the processor that the workers have taken."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2] for pid in server.workers()]
    return sum(int(stat.split()[11]) + int(stat.split()[12]) for stat in stats) / _TICK
