"""What a desk costs: first sync and opening, list pages and searches as one types.

`make bench ARGS=vault` measures 10,000 reports, `ARGS=vault-100000` lists and searches in 100,000.
Sealing is not counted. The server answers over loopback HTTP from another process, so that what
is counted is the desk alone: HTTP, parsing, opening, checking, indexing, encryption, disk.
"""

import hashlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

from intake.client import Office, Server
from intake.core import programme as programmes
from intake.core import wire
from intake.core.entry import Entry, Outer, encode
from intake.core.programme import Programme
from intake.crypto import opening
from intake.crypto.seal import Plaintext, Sealed, SealedHeader, seal
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.desk import run as run_desk
from intake.desk.home import Home
from intake.desk.run import World
from intake.paths import shipped
from intake.vault import lists, records
from intake.vault.records import Arrived
from intake.vault.sync import Sync
from intake.vault.vault import Open, Vault
from tests.support.generator import Generator

REPORTS = 10_000
MANY = 100_000
OFFICE = "investigators"
TODAY = date(2026, 11, 24)
ROUNDS = 5
_BATCH = 2_000
SEARCHES = (
    "e", "te", "maria", "asilo tijuana", "placa 12", "papeles que no podiamos", "IMG_00", "555",
    "محكمة", "هواتف", "зоя", "ребенка", "audience", "dlo pwop", "joao", "zebra", "de", "no",
)  # fmt: skip
"""Common and rare, short and long, in each language; each also as it is typed, letter by letter."""


def run() -> None:
    """Print all measurements of 10,000 reports."""
    text = shipped("programmes/default.toml").read_text("utf-8")
    generator = Generator(programmes.parse(text), OFFICE)
    key = generate_hybrid()
    with tempfile.TemporaryDirectory() as name:
        _machine()
        vault = _vault(Path(name) / "vault", key, text)
        _sync(vault, key, generator)
        _lists(vault, REPORTS)
        vault.lock()
        _pages(Path(name), key, REPORTS)


def run_many() -> None:
    """Print lists and searches of 100,000 reports, which were not sealed before."""
    text = shipped("programmes/default.toml").read_text("utf-8")
    generator = Generator(programmes.parse(text), OFFICE)
    key = generate_hybrid()
    with tempfile.TemporaryDirectory() as name:
        vault = _vault(Path(name) / "vault", key, text)
        with vault.use() as opened:
            start = time.process_time()
            _fill(opened, generator, MANY)
            _say(f"{MANY:,} reports written without opening", time.process_time() - start)
        _lists(vault, MANY)
        vault.lock()
        _pages(Path(name), key, MANY)


def _vault(folder: Path, key: HybridIdentity, text: str) -> Vault:
    settings = {"server": "http://127.0.0.1", "office": OFFICE, "programme": text, "who": "Ana"}
    Vault.make(folder, [key.recipient()], settings)
    return Vault(folder, time.monotonic, idle=1e9).unlock([key])


def _sync(vault: Vault, key: HybridIdentity, generator: Generator) -> None:
    programme = generator.programme
    with _served(key, generator) as port:
        office = Office(Server.at(f"http://127.0.0.1:{port}"), OFFICE, "token")
        now = partial(datetime.now, UTC)
        for what in ("first sync and opening", "sync with nothing new"):
            cpu, wall = time.process_time(), time.monotonic()
            result = Sync(vault, lambda _: office, programme, now).run()
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
            _say(f"{what} of {REPORTS:,} reports, {result.opened:,} opened", cpu)
            sys.stdout.write(f"vault: the same took {wall:.1f} s by the clock on this machine\n")
        assert not result.fetched
        office.server.close()
    _parts(key, generator, programme)
    size = sum(path.stat().st_size for path in vault.folder.iterdir())
    sys.stdout.write(f"vault: {size / 1e6:.0f} MB for {REPORTS:,} reports\n")


def _parts(key: HybridIdentity, generator: Generator, programme: Programme) -> None:
    """Print what opening alone takes of that, over a thousand entries."""
    made = [_seal(key, day, entry) for day, entry in generator.reports(1000)]
    start = time.process_time()
    for one in made:
        sealed = Sealed(SealedHeader(one.header), one.payload)
        opening.open_entry(sealed, [key], Outer(one.case, one.kind, OFFICE, one.entry), programme)
    each = (time.process_time() - start) / len(made)
    _say(f"of it, decrypting and checking {REPORTS:,} entries", each * REPORTS)


def _lists(vault: Vault, count: int) -> None:
    with vault.use() as opened:
        pages: list[float] = []
        for wanted in (lists.ALL, *(lists.Wanted((mark,)) for mark in lists.FILTERS)):
            before = lists.END
            for _ in range(20):
                page = partial(lists.page, opened.database, TODAY, wanted, before)
                pages.append(_wall(page))
                found = page()
                before = found[-1].place if found else lists.END
        pages += [_wall(partial(lists.due, opened.database, TODAY)) for _ in range(20)]
        _p95(f"a page of the list in {count:,} reports", pages)
        searches: list[float] = []
        for typed in SEARCHES:
            for end in range(1, len(typed) + 1):
                for _ in range(ROUNDS):
                    took = _wall(partial(lists.search, opened.database, typed[:end]))
                    searches.append(took)
        _p95(f"a search as one types in {count:,} reports", searches)


def _pages(folder: Path, key: HybridIdentity, count: int) -> None:
    """Print what the web desk takes for the same, from request to the last byte of the page."""
    home = Home(folder)
    home.identity.write_text(f"{key.secret_text()}\n")
    served = run_desk.make(home, 0, World(_no_line, datetime.now))
    served.server.server_close()
    at, client = served.services, served.app.test_client()
    at.vault.unlock([key])
    client.get(at.door.address(), base_url=at.door.origin)

    def page(path: str) -> None:
        answer = client.get(path, base_url=at.door.origin)
        assert answer.status_code == 200, answer.text

    marks = ["", *(f"{mark}=1" for mark in lists.FILTERS), "status=new", "language=es"]
    paths = [f"/?{mark}&order={order}" for mark in marks for order in ("", "due")]
    _p95(f"inbox page of {count:,} reports", [_wall(partial(page, p)) for p in paths * ROUNDS])
    typed = [words[:end] for words in SEARCHES for end in range(1, len(words) + 1)]
    for what, path in (("search page", "/search"), ("search as one types", "/search.json")):
        took = [_wall(partial(page, f"{path}?{urlencode({'q': text})}")) for text in typed]
        _p95(f"{what} in {count:,} reports", took)
    at.vault.lock()


def _no_line(_: Open) -> Office:
    raise AssertionError("nothing is asked of a server")


def _fill(opened: Open, generator: Generator, count: int) -> None:
    batch: list[Arrived] = []
    for day, entry in generator.reports(count):
        plain = encode(entry)
        digest = hashlib.sha256(entry.id.encode()).hexdigest()
        batch.append(
            Arrived(
                entry.id, entry.case, "report", day, digest, os.urandom(3300), plain, "opened", "",
                entry,
            )
        )  # fmt: skip
        if len(batch) == _BATCH:
            with opened.database.write():
                records.keep(opened.database, batch)
            batch = []


def _seal(key: HybridIdentity, day: date, entry: Entry) -> wire.Sealed:
    made = seal(Plaintext(encode(entry)), [key.recipient(), _RECOVERY])
    return wire.Sealed(
        entry.case, entry.id, entry.kind, day, OFFICE, made.header.value, made.payload
    )


_RECOVERY = generate_hybrid().recipient()


@contextmanager
def _served(key: HybridIdentity, generator: Generator) -> Iterator[int]:
    """Seal all reports and serve them from another process; yield its port."""
    answers: dict[str, bytes] = {}
    days: dict[date, list[tuple[str, str]]] = {}
    for day, entry in generator.reports(REPORTS):
        sealed = _seal(key, day, entry)
        answers[f"/api/v1/entries/{entry.id}"] = wire.encode(sealed)
        item = (entry.id, hashlib.sha256(sealed.header).hexdigest())
        days.setdefault(day, []).append(item)
    listed = []
    for day, items in sorted(days.items()):
        lines = "".join(f"{name} {digest}\n" for name, digest in sorted(items))
        listed.append(wire.Day(day, hashlib.sha256(lines.encode()).hexdigest()))
        answers[f"/api/v1/days/{day}"] = wire.encode([wire.Item(*one) for one in sorted(items)])
    answers["/api/v1/days"] = wire.encode(listed)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(answers, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(answers: dict[str, bytes], started: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # a proxy in front of a server keeps connections
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one piece

        def do_GET(self) -> None:
            self._say(answers[self.path])

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = wire.parse(sent, wire.Wanted).entries
            bodies = b",".join(answers[f"/api/v1/entries/{name}"] for name in wanted)
            self._say(b'{"entries":[' + bodies + b'],"missing":[]}')

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(OSError):  # the client has gone
                super().handle()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    started.send(server.server_port)
    server.serve_forever()


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _p95(what: str, took: list[float]) -> None:
    took.sort()
    p95, worst = took[int(len(took) * 0.95)], took[-1]
    sys.stdout.write(
        f"vault: {what}: p95 {p95 * 1000:.1f} ms, median {took[len(took) // 2] * 1000:.1f} ms, "
        f"worst {worst * 1000:.1f} ms, of {len(took)}\n"
    )


def _machine() -> None:
    """Print how fast the machine is at this moment: neighbours slow it, CPU seconds included."""
    start = time.process_time()
    hashlib.pbkdf2_hmac("sha256", b"passphrase", b"salt", 1_000_000)
    took = time.process_time() - start
    _say("to compare, a million rounds of PBKDF2-HMAC-SHA-256", took)


def _say(what: str, cpu: float) -> None:
    sys.stdout.write(f"vault: {what}: {cpu:.2f} s of CPU\n")
