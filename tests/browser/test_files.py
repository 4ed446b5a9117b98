"""Files in a real Chromium with JavaScript off: a voice instead of words, and three files later."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intake.web.findings import WARNINGS
from tests.media import canaries, pictures, samples
from tests.support import large
from tests.support.browser import drive
from tests.support.server import DemoServer, started

# Half a minute of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

BIRD = f"heron{secrets.token_hex(4)}"
"""A word of this run, in the name of every file."""
FILES = {
    f"{BIRD} film.mp4": large.movie(2 * large.MIB),
    f"{BIRD} photo.jpg": pictures.telling_jpeg(),
    f"{BIRD} voice.ogg": samples.ogg(),
}
VOICE = f"{BIRD} account.ogg"
MARKS = {
    "key of a file": "AGE-SECRET-KEY-PQ-1",
    "place": canaries.PLACE,
    "serial number": canaries.SERIAL,
    "author": canaries.AUTHOR,
}
"""What the pages show or carry, and what stands in the files."""


@dataclass(frozen=True)
class Visit:
    """What the witness saw, what she left behind, and what the offices opened."""

    seen: dict[str, Any]
    server: Path
    profile: Path
    opened: dict[str, list[tuple[str, bytes]]]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """File a voice, add a film, a photo and a voice note, and open them at two offices."""
    base = tmp_path_factory.mktemp("visit")
    phone = base / "phone"
    phone.mkdir()
    for name, data in {VOICE: samples.ogg(), **FILES}.items():
        (phone / name).write_bytes(data)
    with started(folder=base / "server") as server:
        task = {
            "url": server.origin,
            "profile": str(base / "profile"),
            "pictures": os.environ.get("INTAKE_PICTURES"),
            "language": "en",
            "voice": str(phone / VOICE),
            "files": [str(phone / name) for name in FILES],
            "offices": ["children"],
        }
        seen = drive("files.mjs", task)
        opened = {o: opened_by(server, o, base / o) for o in ("investigators", "children")}
        yield Visit(seen, base / "server", base / "profile", opened)


def opened_by(server: DemoServer, office: str, out: Path) -> list[tuple[str, bytes]]:
    """Return names and bytes of the files that an office opens, in their order in each entry."""
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin]
    command += ["--office", office, "--identity", str(server.identity(office)), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    paths = sorted((path for path in out.rglob("*") if path.is_file()), key=lambda path: path.name)
    return [(path.name.partition("-")[2], path.read_bytes()) for path in paths]


def test_voice_alone_is_taken_and_kept_while_she_changes_her_mind(visit: Visit) -> None:
    """Shown on the review page, in the form she goes back to, and on the next review page."""
    for name in ("review", "changed", "again"):
        assert VOICE in visit.seen["texts"][name]
        assert WARNINGS["audio"] in visit.seen["texts"][name]
    assert all(status == 200 for status in visit.seen["statuses"].values())
    assert len(visit.seen["words"]) == 10


def test_files_are_shown_with_what_they_tell_before_they_are_sent_on(visit: Visit) -> None:
    """Of each file of the three; then they are kept."""
    shown = visit.seen["texts"]["shown"]
    for name in FILES:
        assert name in shown
    for told in (canaries.PLACE, canaries.SERIAL, canaries.AUTHOR, WARNINGS["audio"]):
        assert told in shown
    assert visit.seen["originals"] == ["investigators"]
    assert "Kept:" in visit.seen["texts"]["added"]


def test_offices_open_what_she_chose_and_the_other_only_copies(visit: Visit) -> None:
    """Byte for byte at the fallback; nothing that tells of her at the other."""
    mine, others = visit.opened["investigators"], visit.opened["children"]
    for name, data in {VOICE: samples.ogg(), **FILES}.items():
        assert (name, data) in mine
    copies = dict(others)
    assert sorted(name for name, _ in others) == sorted([VOICE, *FILES])
    for name in list(FILES)[:2]:
        assert len(copies[name]) == len(FILES[name])
        assert not [mark for mark in canaries.CANARIES if mark in copies[name]]


def test_every_page_fits_a_small_phone_and_sets_no_cookie(visit: Visit) -> None:
    """At 320 pixels, with the names and what stands in the files."""
    assert set(visit.seen["widths"].values()) == {320}
    assert visit.seen["cookies"] == []


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_mark_is_not_in_the_browsers_profile(visit: Visit, mark: str) -> None:
    """Nothing that stands in a file stays there, nor the key that opens it."""
    files = [path for path in visit.profile.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if mark in readable(path)] == []


def test_name_of_a_file_is_only_in_the_list_of_open_tabs(visit: Visit) -> None:
    """There Chromium keeps the path of what a form sent, whatever the page says: a known limit."""
    named = [path for path in visit.profile.rglob("*") if path.is_file() and BIRD in readable(path)]
    assert {path.parent.name for path in named} <= {"Sessions"}


@pytest.mark.parametrize("mark", [BIRD, *MARKS.values()], ids=["name of a file", *MARKS])
def test_mark_is_in_no_file_of_the_server(visit: Visit, mark: str) -> None:
    """But the identities of the offices, which a demo keeps beside."""
    folders = [visit.server / "data", visit.server / "keys", visit.server / "log"]
    files = [path for top in folders for path in (top, *top.rglob("*")) if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if mark in readable(path)] == []


def readable(path: Path) -> str:
    """Return a file's bytes as text in which a mark would show, in UTF-8 or UTF-16."""
    data = path.read_bytes()
    return data.decode("latin-1") + data.replace(b"\0", b"").decode("latin-1")
