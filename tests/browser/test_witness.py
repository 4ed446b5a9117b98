"""A witness in a real Chromium with JavaScript off: the whole path, and no trace of it after."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crypto import node
from tests.support.browser import drive
from tests.support.server import DemoServer, started
from tests.support.site import Page

pytestmark = pytest.mark.browser

BIRD = f"heron{secrets.token_hex(4)}"
"""A word of this run: another run on the same machine leaves others."""
CANARY = f"the blue {BIRD} waited beside lock forty-one"
ACCOUNT = (
    "US officers sent us back over the bridge to Nuevo Laredo. At the bus station men took my "
    f"three-year-old son and me, and beat my husband in the next room. {CANARY}.\n"
    "They let the boy and me go after five days. We do not know where he is. ¿Dónde está?"
)
CONTACT = f"ask for the {BIRD} at shelter nine"
OFFICES = ["investigators", "children", "dhs-oig"]
MARKS = {
    "account": CANARY,
    "contact": CONTACT,
    "word": BIRD,
    "plus": f"blue+{BIRD}",
    "percent": f"blue%20{BIRD}",
}
"""As typed, a word of it, and as a form is encoded."""


@dataclass(frozen=True)
class Visit:
    """What the witness saw, and what she left behind."""

    seen: dict[str, Any]
    server: DemoServer
    profile: Path
    opened: dict[str, list[dict[str, Any]]]
    kept: Path
    began: float


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """File a report of a publicly reported case, and let every office open what it got."""
    base = tmp_path_factory.mktemp("visit")
    began = time.time()
    with started(folder=base / "server") as server:
        seen = witness(server, base / "profile")
        refused = server.post("/en/", [("account", ACCOUNT), ("place", CONTACT), ("x", "1")])
        assert refused.status == 400
        add(server, " ".join(seen["words"]))
        opened = {o: open_as(server, o, base / o) for o in ("investigators", "children")}
        yield Visit(seen, server, base / "profile", opened, base, began)


def add(server: DemoServer, words: str) -> None:
    """Add a person, have an addition refused, and add to the case what the canary says."""
    for group, fields, status in (
        ("persons", [("person-0-alias", CONTACT), ("do", "more")], 200),
        ("persons", [("person-0-alias", CONTACT), ("person-0-sex", "x"), ("do", "send")], 422),
        ("incident", [("method", ACCOUNT), ("facility", CONTACT), ("do", "send")], 200),
        ("consent", [("name", CONTACT), ("children-identity", "open"), ("do", "send")], 200),
    ):
        page = Page.of(server.post("/en/ask", [("words", words), ("group", group)]).text)
        hidden = [(name, page.value(name)) for name in ("words", "group", "number", "token")]
        told = [("office", "children")] if group != "consent" else []
        assert server.post("/en/add", [*hidden, *fields, *told]).status == status


def witness(server: DemoServer, profile: Path, language: str = "en") -> dict[str, Any]:
    """Return what a witness sees who files in a browser without JavaScript."""
    task = {
        "url": f"{server.origin}/",
        "profile": str(profile),
        "width": int(os.environ.get("INTAKE_WIDTH", "320")),
        "pictures": os.environ.get("INTAKE_PICTURES"),
        "language": language,
        "empty_first": True,
        "account": ACCOUNT,
        "place": "Nuevo Laredo",
        "selects": {"region": "mx-border", "time": "month", "urgency": "life"},
        "ticks": [["agency", "cbp"], ["agency", "group"], ["child", "yes"], ["custody", "no"]],
        "offices": ["children", "dhs-oig"],
        "contacts": {"children": CONTACT},
    }
    seen: dict[str, Any] = drive("witness.mjs", task)
    return seen


def open_as(server: DemoServer, office: str, keep: Path) -> list[dict[str, Any]]:
    """Return what `intake open` prints for an office, as JSON."""
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin]
    command += ["--office", office, "--identity", str(server.identity(office))]
    command += ["--keep", str(keep), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def reports(visit: Visit) -> list[dict[str, Any]]:
    """Return the reports that all offices opened, without what was added."""
    opened = [entry for found in visit.opened.values() for entry in found]
    return [entry for entry in opened if entry["kind"] == "report"]


def test_report_arrives_whole_at_the_offices_she_said_yes_to(visit: Visit) -> None:
    """Three sealed copies, each with the very text she typed, and no other office has one."""
    entries = reports(visit)
    assert sorted(entry["office"] for entry in entries) == sorted(OFFICES)
    for entry in entries:
        answers = entry["body"]["answers"]
        assert answers["account"] == ACCOUNT
        assert answers["agency"] == ["cbp", "group"]
        assert answers["child"] == "yes"
        assert entry["body"]["unscripted"] is True
    for office in ("detention", "legal-aid"):
        assert open_as(visit.server, office, visit.kept / office) == []


def test_no_entry_holds_what_was_meant_for_another_office(visit: Visit) -> None:
    """The contact for one office stands in its copy alone; message keys differ."""
    entries = reports(visit)
    assert {e["office"]: e["body"]["contact"] for e in entries if e["body"]["contact"]} == {
        "children": CONTACT
    }
    assert len({entry["body"]["message_key"] for entry in entries}) == len(OFFICES)


def test_every_stored_entry_opens_in_an_independent_program(visit: Visit) -> None:
    """Header + payload is an age file for npm's age-encryption, with nothing of ours."""
    script = """
        import { readFileSync } from "node:fs";
        import { Decrypter } from "age-encryption";
        const d = new Decrypter();
        d.addIdentity(process.argv[2].trim());
        const plain = await d.decrypt(readFileSync(process.argv[1]), "text");
        process.stdout.write(plain);
    """
    opened = 0
    for office in ("investigators", "children"):
        for path in (visit.kept / office).glob("*.report.*.age"):
            secret = visit.server.identity(office).read_text()
            plain = json.loads(node.run(script, str(path), secret))
            assert plain["body"]["answers"]["account"] == ACCOUNT
            opened += 1
    assert opened == len(OFFICES)


def test_only_the_fallback_is_preselected_and_the_words_hold(visit: Visit) -> None:
    """One tick on the review page; the same ten words before and after sending."""
    assert visit.seen["preselected"] == ["investigators"]
    assert set(OFFICES) <= set(visit.seen["offered"])
    assert len(visit.seen["words"]) == 10
    assert visit.seen["wordsAgain"] == visit.seen["words"]
    assert "Filed on" in visit.seen["texts"]["status"]


def test_page_asks_only_this_server_and_sets_no_cookie(visit: Visit) -> None:
    """One request for each page and one for its stylesheet, nothing from elsewhere."""
    assert visit.seen["cookies"] == []
    requests = visit.seen["requests"]
    assert all(request.split()[1].startswith(visit.server.origin) for request in requests)
    styles = [request for request in requests if request.endswith("/style.css")]
    assert len(requests) == 2 * len(styles)


def test_every_page_fits_a_small_phone(visit: Visit) -> None:
    """No page scrolls sideways at 320 pixels."""
    assert set(visit.seen["widths"].values()) == {320}


def test_error_page_answers_with_the_form(visit: Visit) -> None:
    """Sending nothing answers 422 with the form; everything else was 200."""
    statuses = dict(visit.seen["statuses"])
    assert statuses.pop("refused") == 422
    assert set(statuses.values()) == {200}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_canary_is_in_no_file_of_the_server(visit: Visit, mark: str) -> None:
    """Database, write-ahead log, settings and the server's whole output."""
    files = [path for path in visit.server.folder.rglob("*") if path.is_file()]
    assert any(path.name == "intake.sqlite3-wal" for path in files)
    assert [path for path in files if mark in readable(path)] == []


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_canary_is_not_in_the_browsers_profile(visit: Visit, mark: str) -> None:
    """Nothing typed stays on the witness's own disk."""
    files = [path for path in visit.profile.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if mark in readable(path)] == []


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_canary_is_in_no_temporary_file(visit: Visit, mark: str) -> None:
    """No file written since holds a word, in a temporary folder or shared memory."""
    found = []
    for top in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):  # noqa: S108 - what is searched
        # os.walk passes over a folder that another program removes meanwhile.
        for path in (Path(folder, name) for folder, _, names in os.walk(top) for name in names):
            try:
                is_new = path.is_file() and path.stat().st_mtime >= visit.began
                if is_new and visit.kept not in path.parents and mark in readable(path):
                    found.append(path)
            except OSError:
                continue
    assert found == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of an undumpable worker")
@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_canary_is_not_in_the_memory_of_any_server_process(visit: Visit, mark: str) -> None:
    """Once the request is over, the allocator has overwritten what was freed."""
    assert visit.server.process is not None
    workers = visit.server.workers()
    assert len(workers) == 2
    for pid in [visit.server.process.pid, *workers]:
        assert not in_memory(pid, mark.encode()), f"process {pid} remembers"
        assert not in_memory(pid, mark.encode("utf-16-le")), f"process {pid} remembers"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of an undumpable worker")
def test_memory_search_finds_what_is_there(visit: Visit) -> None:
    """The search itself works: the programme's own text is in every worker."""
    for pid in visit.server.workers():
        assert in_memory(pid, b"Child-rights advocate")


def readable(path: Path) -> str:
    """Return a file's bytes as text in which a mark would show, in UTF-8 or UTF-16."""
    data = path.read_bytes()
    return data.decode("latin-1") + data.replace(b"\0", b"").decode("latin-1")


def in_memory(pid: int, mark: bytes) -> bool:
    """Whether a process has the mark in any writable part of its memory."""
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, mode = line.split()[:2]
            if not mode.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                if mark in memory.read(end - start):
                    return True
            except (OSError, OverflowError, ValueError):
                continue
    return False
