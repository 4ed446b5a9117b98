"""Files at a real server: whole at the offices, never plain on the disk, never half."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.media import canaries, pictures, samples
from tests.support import large, multipart
from tests.support.large import MIB
from tests.support.multipart import Chosen
from tests.support.server import Answer, DemoServer, started
from tests.support.site import Fields, Page

pytestmark = pytest.mark.slow

ACCOUNT = "They took my phone, and I had filmed how they took him. The pictures are attached."
TYPED = [("account", ACCOUNT), ("child", "yes")]
PHOTO = Chosen("IMG_0042.jpg", pictures.telling_jpeg())
VOICE = Chosen("voice note.ogg", samples.ogg())
MEMORY = 16 * MIB
"""What a worker's memory may grow by, whatever comes."""


def video(size: int) -> Chosen:
    """Return a movie that tells of its maker, with so many bytes of pictures."""
    return Chosen("VID_0043.mp4", large.movie_pieces(size), large.movie_length(size))


def post(server: DemoServer, path: str, fields: Fields, files: Sequence[Chosen]) -> Answer:
    """Send a form with files, piece by piece."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {
        "Content-Type": multipart.TYPE,
        "Content-Length": str(multipart.size(fields, files)),
        "Origin": server.origin,
    }
    try:
        connection.request("POST", path, multipart.pieces(fields, files), headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode(), dict(answer.getheaders()))
    finally:
        connection.close()


def file(server: DemoServer, files: Sequence[Chosen], offices: Sequence[str]) -> None:
    """File a report with these files for these offices."""
    answer = post(server, "/en/", TYPED, files)
    assert answer.status == 200, answer.text
    fields = [field for field in Page.of(answer.text).fields if field[0] not in ("end", "office")]
    told = [("office", office) for office in offices]
    assert server.post("/en/send", [*fields, *told]).status == 200


def opened(server: DemoServer, office: str, out: Path) -> list[Path]:
    """Return the files that `intake open --out` writes for an office, in their order."""
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin]
    command += ["--office", office, "--identity", str(server.identity(office)), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(path for path in out.rglob("*") if path.is_file())


def purge(server: DemoServer) -> str:
    """Return what the nightly `intake purge` says."""
    command = [sys.executable, "-m", "intake", "purge"]
    environ = {**os.environ, "INTAKE_DATA": str(server.folder / "data")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def age(server: DemoServer, days: int) -> None:
    """Let the files that no case has be so many days older."""
    with sqlite3.connect(server.folder / "data" / "intake.sqlite3") as database:
        query = 'UPDATE evidence SET day = date(day, ?) WHERE "case" IS NULL'
        database.execute(query, (f"-{days} days",))
    database.close()


def evidence(server: DemoServer) -> list[Path]:
    """Return what lies in the folder of files, without the folders."""
    return [path for path in (server.folder / "data" / "evidence").rglob("*") if path.is_file()]


def test_three_files_arrive_whole_and_their_copies_clean(tmp_path: Path) -> None:
    """A video of 50 MB, a photo and a voice note: what the offices open is what was chosen."""
    size = 50_000_000
    with started(folder=tmp_path / "server") as server:
        file(server, [video(size), PHOTO, VOICE], ["investigators", "children"])
        mine = opened(server, "investigators", tmp_path / "investigators")
        others = opened(server, "children", tmp_path / "children")
        assert "error=" not in server.log
    movie = large.movie(size)
    assert [path.name[3:] for path in mine] == [
        *("VID_0043.mp4", "VID_0043.mp4", "IMG_0042.jpg", "IMG_0042.jpg", "voice note.ogg")
    ]
    read = [path.read_bytes() for path in mine]
    assert read[0] == movie
    assert read[2] == PHOTO.data
    assert read[4] == VOICE.data
    assert [path.read_bytes() for path in others] == [read[1], read[3], read[4]]
    for original, copy in ((movie, read[1]), (PHOTO.data, read[3])):
        assert len(copy) == len(original)
        assert not [mark for mark in canaries.CANARIES if mark in copy]
    assert b"the picture itself" in read[1]
    assert pictures.coded_picture() in read[3]


# Nothing plain on the disk

BLOCK = 9
STEP = 16
"""24 bytes of a plaintext in a row hold a block that begins at a multiple of 16."""
_CALL = re.compile(r"(write|pwrite64|writev)\(\d+<([^>]*)>, (.*)")
_OPENED = re.compile(r'openat\([^,]*, "([^"]*)", ([A-Z_|]+)')
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_WRITING = {"O_WRONLY", "O_RDWR", "O_CREAT"}


def blocks(plain: bytes) -> set[bytes]:
    """Return the blocks of a plaintext, without those that stand in any file, as zeros do."""
    found = {plain[at : at + BLOCK] for at in range(0, len(plain) - BLOCK + 1, STEP)}
    return {block for block in found if len(set(block)) > BLOCK // 2}


def shown(written: bytes, plain: set[bytes]) -> set[bytes]:
    """Return the blocks of a plaintext that stand anywhere in what was written."""
    return {written[at : at + BLOCK] for at in range(len(written) - BLOCK + 1)} & plain


def plain_text(text: str) -> str:
    """Return a text that strace wrote in hex."""
    return bytes.fromhex(text.replace("\\x", "")).decode() if "\\x" in text else text


@contextmanager
def traced(pids: Iterable[int], out: Path) -> Iterator[None]:
    """Write down all that processes write and open."""
    command = ["strace", "-f", "-y", "-xx", "-s", str(4 * MIB), "-o", str(out)]
    command += ["-e", "trace=write,pwrite64,writev,openat"]
    for pid in pids:
        command += ["-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "attached" in line, line
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may watch an undumpable worker")
def test_no_plain_byte_is_written_and_nothing_outside_the_folder(tmp_path: Path) -> None:
    """Every write and every opening of the workers, while a report with three files is filed."""
    size, log = 2 * MIB, tmp_path / "trace"
    with started(folder=tmp_path / "server") as server:
        with traced(server.workers(), log):
            file(server, [video(size), PHOTO, VOICE], ["investigators", "children"])
        data = server.folder / "data"
        stored = sum(path.stat().st_size for path in evidence(server))
    written: dict[str, list[bytes]] = {}
    opened_for_writing = set()
    with log.open() as lines:
        for line in lines:
            if call := _CALL.search(line):
                strings = _STRING.findall(call[3])
                piece = b"".join(bytes.fromhex(text.replace("\\x", "")) for text in strings)
                written.setdefault(plain_text(call[2]), []).append(piece)
            elif (at := _OPENED.search(line)) and _WRITING & set(at[2].split("|")):
                opened_for_writing.add(plain_text(at[1]))
    sealed = [b"".join(pieces) for path, pieces in written.items() if "/evidence/" in path]
    assert sum(map(len, sealed)) == stored > 2 * size
    assert opened_for_writing
    assert {path for path in opened_for_writing if data not in Path(path).parents} == set()
    everything = b"".join(piece for pieces in written.values() for piece in pieces)
    for plain in (large.movie(size), PHOTO.data, VOICE.data, ACCOUNT.encode()):
        assert isinstance(plain, bytes)
        assert shown(everything, blocks(plain)) == set()
        assert shown(plain[5:5000], blocks(plain)), "the search finds nothing at all"


# Memory


def peak(pid: int) -> int:
    """Return the most memory that a process held since it was last forgotten, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.slow
def test_memory_of_a_worker_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A video of 1 GiB is sealed, looked at and copied in the memory that a small one takes."""
    size = 1024 * MIB
    with started({"INTAKE_WORKERS": "1"}, tmp_path / "server") as server:
        (worker,) = server.workers()
        assert post(server, "/en/", TYPED, [video(MIB)]).status == 200
        before = peak(worker)
        answer = post(server, "/en/", TYPED, [video(size)])
        assert answer.status == 200, answer.text
        assert "1.1 GB" in Page.of(answer.text).text
        assert server.workers() == [worker]
        grown = peak(worker) - before
    assert grown <= MEMORY, f"{grown / MIB:.1f} MiB more"


# Nothing half


def send_half(server: DemoServer, chosen: Chosen) -> HTTPConnection:
    """Send half of a form, and leave the line open once the server has written of it."""
    body = multipart.body(TYPED, [chosen])
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/en/")
    for name, value in (
        ("Content-Type", multipart.TYPE),
        ("Content-Length", str(len(body))),
        ("Origin", server.origin),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[: len(body) // 2])
    deadline = time.monotonic() + 10
    while not any(path.stat().st_size for path in evidence(server)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return connection


def test_killed_in_the_middle_of_a_file_leaves_nothing_half(tmp_path: Path) -> None:
    """The next start serves; what was half is named by nobody, and swept after a day."""
    with started(folder=tmp_path / "server") as server:
        file(server, [PHOTO], ["investigators"])
        connection = send_half(server, Chosen("video.mp4", large.movie(8 * MIB)))
        server.kill()
        with suppress(OSError):
            connection.close()
        half = [path for path in evidence(server) if path.name == "writing"]
        assert len(half) == 1
        server.start()
        assert server.count_cases() == 1
        assert "files removed: 0" in purge(server)
        file(server, [VOICE], ["investigators"])
        age(server, 2)
        assert "files removed: 1" in purge(server)
        assert not half[0].parent.exists()
        read = [path.read_bytes() for path in opened(server, "investigators", tmp_path / "out")]
        assert PHOTO.data in read
        assert VOICE.data in read
        assert len(read) == 3


def test_line_cut_in_the_middle_of_a_file_leaves_nothing_at_once(tmp_path: Path) -> None:
    """No file of half a form stays, not even until the sweep."""
    with started(folder=tmp_path / "server") as server:
        send_half(server, Chosen("video.mp4", large.movie(8 * MIB))).close()
        deadline = time.monotonic() + 10
        while evidence(server):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        age(server, 2)
        assert "files removed: 0" in purge(server)


def test_files_that_nobody_filed_are_swept(tmp_path: Path) -> None:
    """Those of a page that was never sent go after a day; those of a case stay."""
    with started(folder=tmp_path / "server") as server:
        file(server, [VOICE], ["investigators"])
        assert post(server, "/en/", TYPED, [PHOTO]).status == 200
        assert len(evidence(server)) == 3
        age(server, 1)
        assert "files removed: 0" in purge(server)
        age(server, 1)
        assert "files removed: 2" in purge(server)
        (path,) = opened(server, "investigators", tmp_path / "out")
        assert path.read_bytes() == VOICE.data
