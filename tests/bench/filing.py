"""Filings without JavaScript against a bare Flask view that commits one row of the same size.

Both behind the same gunicorn with two workers, by turns, in one run; `wrk` sends prepared
bodies from four connections.
"""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl, urlencode

from intake.core import programme as programmes
from intake.core import report
from intake.paths import shipped
from intake.server import nojs
from intake.server.run import MEMORY
from tests.support.server import free_port, started, wait_for

ROUNDS = 3
SECONDS = 8
CONNECTIONS = 4
OFFICES = ("investigators", "children", "legal-aid")
CASES = 500
ADDED = (
    ("harm", "care"),
    ("steps", "court"),
    ("evidence", "proof"),
    ("incident", "method"),
    ("actors", "actor-people"),
)
"""Groups with a text question: the additions that are measured."""
TOKEN = ("token", "A" * 22)
ACCOUNT = "They took us from the bus station and kept us for six days. " * 33


@dataclass(frozen=True)
class Rate:
    """What one round measured; p95 in milliseconds."""

    per_second: float
    p95: float


def run() -> None:
    """Print both rates and their ratio."""
    if shutil.which("wrk") is None:
        print("filing: wrk is not installed, nothing measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        bodies = prepare(Path(folder) / "bodies", 60_000)
        ours, more, bare, same = [], [], [], []
        for _ in range(ROUNDS):
            ours.append(_measure_ours(bodies))
            more.append(_measure_additions(Path(folder), bodies))
            bare.append(_measure_bare(Path(folder), bodies, {}))
            same.append(_measure_bare(Path(folder), bodies, MEMORY))
    _print("filing to three offices", ours)
    _print("additions for three offices", more)
    _print("bare insert by Flask", bare)
    _print("the same in memory that forgets", same)
    for name, rates in (("bare insert", bare), ("the same in memory that forgets", same)):
        ratio = median(r.per_second for r in ours) / median(r.per_second for r in rates)
        print(f"filing / {name}: {ratio:.2f} (wanted 0.25)")
    ratio = median(r.per_second for r in more) / median(r.per_second for r in ours)
    print(f"additions / filing: {ratio:.2f}")


def prepare(path: Path, count: int) -> Path:
    """Write `count` bodies of a filing POST, each with its own secret, one a line."""
    programme = programmes.parse(shipped("programmes/default.toml").read_text())
    answers: dict[str, report.Answer] = {
        "account": ACCOUNT,
        "agency": ("cbp",),
        "child": "yes",
        "urgency": "life",
    }
    text = report.encode(report.make(answers, programme, "en")).decode()
    with path.open("w") as file:
        for _ in range(count):
            secret = urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
            fields = [("report", text), ("secret", secret), *(("office", o) for o in OFFICES)]
            file.write(urlencode([*fields, ("end", "1")]) + "\n")
    return path


def _measure_ours(bodies: Path) -> Rate:
    with started() as server:
        rate = _wrk(server.origin, "/en/send", bodies)
        kept = server.count_cases()
    assert kept >= rate.per_second, "the server answered more than it kept"
    return rate


def _measure_additions(folder: Path, bodies: Path) -> Rate:
    """Add to cases just filed, each group once to each case, so that none waits for another."""
    with started() as server, bodies.open() as file:
        filed = [dict(parse_qsl(line.strip())) for line in islice(file, CASES)]
        for fields in filed:
            head = [("report", fields["report"]), ("secret", fields["secret"])]
            assert server.post("/en/send", [*head, *(("office", o) for o in OFFICES)]).status == 200
        made = [nojs.parse_secret(fields["secret"]) for fields in filed]
        path = folder / "additions"
        with path.open("w") as added:
            for group, question in ADDED:
                for secret in made:
                    words = " ".join(secret.receipt().numbers())
                    head = [
                        ("words", words),
                        ("group", group),
                        ("number", "0"),
                        ("do", "send"),
                        TOKEN,
                    ]
                    whole = [*head, (question, ACCOUNT), *(("office", o) for o in OFFICES)]
                    added.write(urlencode([*whole, ("end", "1")]) + "\n")
        return _wrk(server.origin, "/en/add", path)


def _measure_bare(folder: Path, bodies: Path, memory: Mapping[str, str]) -> Rate:
    port = free_port()
    database = folder / f"bare-{port}.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE filings (id TEXT PRIMARY KEY, body BLOB)")
    command = [sys.executable, "-m", "gunicorn", "--workers=2", "--threads=8", "--keep-alive=0"]
    command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "tests.bench.bare:app"]
    environ = {**os.environ, "INTAKE_BARE": str(database), **memory}
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            return _wrk(f"http://127.0.0.1:{port}", "/", bodies)
        finally:
            process.terminate()


def _wrk(origin: str, path: str, bodies: Path) -> Rate:
    script = Path(__file__).with_name("filing.lua")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), origin]
    environ = os.environ | {
        "INTAKE_BODIES": str(bodies),
        "INTAKE_ORIGIN": origin,
        "INTAKE_PATH": path,
    }
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, microseconds, errors, p95 = map(int, line.split()[1:])
    assert errors == 0, f"{errors} requests were refused"
    return Rate(requests / microseconds * 1e6, p95 / 1000)


def _print(name: str, rates: list[Rate]) -> None:
    print(
        f"{name}: {median(r.per_second for r in rates):.0f}/s, "
        f"p95 {median(r.p95 for r in rates):.1f} ms",
        json.dumps([round(r.per_second) for r in rates]),
    )
