"""A file reaches the store over lines that break, or is given up and leaves nothing."""

import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.core.evidence import Digest
from intake.media.draft import apply
from intake.media.inspect import inspect
from tests.browserfiles.line import Fault, Line, laid
from tests.browserfiles.worker import Store, Worker, described, photograph, working
from tests.media import canaries
from tests.support.server import DemoServer, started

pytestmark = pytest.mark.slow

KIB = 1024
MEGABYTES = 3_000_000
PICTURE = photograph(MEGABYTES)
TUS = "HTTP/1.1 {} x\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\nConnection: close\r\n{}\r\n"
PORTAL = "HTTP/1.1 {} x\r\nContent-Type: text/html\r\nContent-Length: 5\r\n{}\r\nlogin"
ELSEWHERE = f"Location: /api/v1/uploads/{'A' * 32}\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    """Run one server for all who do not break it."""
    with started() as server:
        yield server


@pytest.fixture
def store(server: DemoServer) -> Store:
    """Return what lies on its disk."""
    return Store(server.folder)


@pytest.fixture
def line(server: DemoServer) -> Iterator[Line]:
    """Lay a line to it."""
    with laid(server.port) as line:
        yield line


@pytest.fixture
def worker(line: Line) -> Iterator[Worker]:
    """Run a worker at the other end."""
    with working(line.origin) as worker:
        yield worker


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a photograph of three megabytes."""
    path = tmp_path / "Tashi Canary at home.jpg"
    path.write_bytes(PICTURE)
    return path


def cleaned(data: bytes) -> bytes:
    """Return the copy of a file, as Python makes it."""
    seen = inspect(lambda offset, size: data[offset : offset + size], len(data))
    assert seen.patches
    return apply(seen.patches, 0, data)


def digest(data: bytes) -> str:
    """Return the digest of a file."""
    whole = Digest()
    whole.update(data)
    return whole.hexdigest()


def wait_for(happened: Callable[[], bool]) -> None:
    """Return once something happened that no news tells of."""
    for _ in range(400):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


def wait_until_gone(store: Store, names: set[str]) -> None:
    """Return once uploads are removed."""
    wait_for(lambda: not names & store.names())


def held_half_way(worker: Worker, line: Line, store: Store, before: set[str]) -> str:
    """Return the name of an upload of which a part arrived, once nobody writes to it."""
    worker.until("waiting")
    assert line.is_closed
    (begun,) = store.names() - before
    wait_for(lambda: store.kept(begun) > 0)
    handle = os.open(store.place(begun), os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.close(handle)
    return begun


def test_original_and_copy_arrive_over_a_line_that_breaks(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """Cut here and there, answers lost, somebody else's between: Python opens both files."""
    line.faults += [
        Fault("POST", answer=b"\x16\x03\x01 nothing that anybody reads\r\n\r\n"),
        Fault("POST", answer=PORTAL.format(200, "").encode()),
        Fault("PATCH", cut=0),
        Fault("PATCH", cut=1),
        Fault("PATCH", cut=100_001),
        Fault("PATCH", lost=True),
        Fault("HEAD", answer=PORTAL.format(404, "").encode()),
        Fault("PATCH", answer=PORTAL.format(413, "").encode()),
    ]
    worker.take(picture)
    seen = worker.until("seen")
    assert (seen["type"], seen["warning"], seen["copied"]) == ("image/jpeg", "", True)
    assert canaries.SERIAL in [found["value"] for found in seen["found"]]
    end = worker.end()
    assert end["event"] == "whole", end
    original, copy = described(end["files"])
    assert line.faults == []
    assert (original.of, copy.of) == ("", original.id)
    assert {original.name, copy.name} == {picture.name}
    assert store.opened(original) == PICTURE
    assert store.opened(copy) == cleaned(PICTURE)
    assert [original.digest, copy.digest] == [digest(PICTURE), digest(cleaned(PICTURE))]
    assert "waiting" in [news["event"] for news in worker.told]


def test_nothing_of_a_file_passes_in_clear(line: Line, worker: Worker, picture: Path) -> None:
    """No word of it, no name, no type, and no secret that opens it."""
    worker.take(picture)
    original, copy = described(worker.end()["files"])
    passed = b"".join(line.seen)
    assert len(passed) > 2 * MEGABYTES
    keys = [original.key, copy.key, original.digest, copy.digest]
    hidden = [*canaries.CANARIES, b"Canary", b"jpeg", b".jpg", *(key.encode() for key in keys)]
    assert [text for text in hidden if text in passed] == []
    heads = b"".join(line.heads).lower()
    assert not [name for name in (b"cookie", b"upload-metadata", b"filename") if name in heads]


def test_progress_counts_sealed_bytes_of_all_that_is_wished(
    worker: Worker, store: Store, picture: Path
) -> None:
    """It never falls, and ends where the store's files end."""
    worker.take(picture)
    files = worker.end()["files"]
    progress = [news for news in worker.told if news["event"] == "progress"]
    sent = [news["sent"] for news in progress]
    sealed = sum(len(store.sealed(one["id"])) for one in files)
    assert {news["size"] for news in progress} == {sealed}
    assert sent[0] == 0
    assert sent == sorted(sent)
    assert sent[-1] == sealed
    assert worker.told[0]["event"] == "seen"


def test_parts_grow_on_a_good_line_and_shrink_when_it_breaks(
    line: Line, worker: Worker, picture: Path
) -> None:
    """From 256 KiB on, doubled; what remains of a piece is sent in halves."""
    # A part each time: a question that breaks, fetch may ask again by itself, and tell nobody.
    line.faults += [Fault("PATCH", cut=0), Fault("PATCH", cut=0)]
    worker.take(picture, copy=False)
    worker.end()
    first, again, *more = line.parts()
    assert (first, again) == (256 * KIB, 128 * KIB)
    assert more[:5] == [64 * KIB, 128 * KIB, 64 * KIB, 256 * KIB, 512 * KIB]


@pytest.mark.parametrize("size", [0, 1, 65_536, 1_048_576, 1_048_577])
def test_files_of_every_size_arrive(
    worker: Worker, store: Store, tmp_path: Path, size: int
) -> None:
    """None that tells nothing is copied, and its original is sent whatever is wished."""
    path = tmp_path / "x"
    path.write_bytes(hashlib.shake_256(b"x").digest(size))
    worker.take(path, original=False, copy=True)
    assert worker.until("seen")["copied"] is False
    (told,) = described(worker.end()["files"])
    assert (told.length, told.type, told.of) == (size, "application/octet-stream", "")
    assert store.opened(told) == path.read_bytes()


def test_copy_alone_is_of_nobody_that_the_store_knows(
    worker: Worker, store: Store, picture: Path
) -> None:
    """Until the original is wanted too: then it is sent, and the copy stays as it is."""
    worker.take(picture, original=False)
    (alone,) = described(worker.end()["files"])
    assert alone.of
    assert alone.of not in store.names()
    worker.order("want", id=1, original=True, copy=True)
    original, copy = described(worker.end()["files"])
    assert (copy.id, copy.key, copy.of) == (alone.id, alone.key, original.id)
    assert store.opened(original) == PICTURE
    worker.order("want", id=1, original=False, copy=True)
    (again,) = described(worker.end()["files"])
    assert again == alone
    assert original.id in store.names()


def test_nothing_is_sent_of_a_file_that_is_only_looked_at(
    line: Line, worker: Worker, picture: Path
) -> None:
    """Until it is wanted."""
    worker.take(picture, original=False, copy=False)
    assert worker.until("seen")["copied"] is True
    assert worker.until("progress")["size"] == 0
    assert line.heads == []
    worker.order("want", id=1, original=False, copy=True)
    assert len(worker.end()["files"]) == 1


def test_what_is_no_longer_wanted_is_stopped_and_removed(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """Half an original of a person who changed her mind does not stay."""
    before = store.names()
    line.faults += [Fault("PATCH", cut=200_000, closes=True)]
    worker.take(picture)
    begun = held_half_way(worker, line, store, before)
    worker.order("want", id=1, original=False, copy=True)
    line.is_closed = False
    (copy,) = described(worker.end()["files"])
    wait_until_gone(store, {begun})
    assert store.opened(copy) == cleaned(PICTURE)


def test_one_file_is_sent_at_a_time(line: Line, worker: Worker, picture: Path) -> None:
    """The second waits with nothing sent, and is told what it gives away meanwhile."""
    worker.take(picture, 1)
    worker.take(picture, 2)
    worker.end(1)
    second = [news for news in worker.told if news["id"] == 2]
    assert [news["event"] for news in second] == ["seen", "progress"]
    assert second[1]["sent"] == 0
    assert worker.end(2)["event"] == "whole"
    places = [head.split()[1] for head in line.heads if head.startswith(b"PATCH ")]
    assert len({place for place in places if place}) == 4
    assert places == sorted(places, key=places.index)


def test_cancel_removes_what_was_sent(worker: Worker, store: Store, picture: Path) -> None:
    """Both files, once whole; the number may be used anew."""
    worker.take(picture)
    names = {one["id"] for one in worker.end()["files"]}
    assert names <= store.names()
    worker.order("cancel", id=1)
    wait_until_gone(store, names)
    worker.take(picture, copy=False)
    assert worker.end()["event"] == "whole"


def test_cancel_in_the_middle_removes_the_half(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """And the next file is sent."""
    before = store.names()
    line.faults += [Fault("PATCH", cut=200_000, closes=True)]
    worker.take(picture, 1)
    begun = held_half_way(worker, line, store, before)
    # Not before: which of two is looked at first is the machine's matter, and so whose line breaks.
    worker.take(picture, 2, copy=False)
    worker.order("cancel", id=1)
    line.is_closed = False
    (told,) = described(worker.end(2)["files"])
    wait_until_gone(store, {begun})
    assert store.names() - before == {told.id}
    assert not [news for news in worker.told if news["id"] == 1 and news["event"] == "whole"]


def test_a_file_that_was_written_to_is_changed(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """What is half the one and half the other is no evidence; nothing of it stays."""
    before = store.names()
    line.faults += [Fault("PATCH", cut=0, closes=True)]
    worker.take(picture)
    worker.until("waiting")
    picture.write_bytes(PICTURE[::-1] + b"longer")
    line.is_closed = False
    assert worker.end() == {"id": 1, "event": "failed", "code": "changed"}
    wait_until_gone(store, store.names() - before)


@pytest.mark.parametrize(
    ("kind", "code"), [("touched", "changed"), ("short", "changed"), ("removed", "unreadable")]
)
def test_a_file_that_is_not_as_it_was_fails(
    worker: Worker, store: Store, tmp_path: Path, kind: str, code: str
) -> None:
    """Touched while it was read, shorter than it said, or no longer there."""
    before = store.names()
    path = tmp_path / "x"
    path.write_bytes(b"They came at night. " * 5000)
    worker.take(path, kind=kind)
    assert worker.end()["code"] == code
    wait_until_gone(store, store.names() - before)


def test_a_failed_file_does_not_hold_up_the_next(worker: Worker, picture: Path) -> None:
    """One broken file never blocks the others."""
    worker.take(picture, 1, kind="removed")
    worker.take(picture, 2, copy=False)
    assert worker.end(1)["event"] == "failed"
    assert worker.end(2)["event"] == "whole"


def test_an_upload_that_is_written_to_elsewhere_is_waited_for(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """423: an older line that the server still believes in."""
    before = store.names()
    line.faults += [Fault("PATCH", cut=100_000, closes=True)]
    worker.take(picture, copy=False)
    begun = held_half_way(worker, line, store, before)
    handle = os.open(store.place(begun), os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    line.is_closed = False
    wait_for(lambda: line.methods().count("PATCH") >= 3)
    os.close(handle)
    (told,) = described(worker.end()["files"])
    assert told.id == begun
    assert store.opened(told) == PICTURE


def test_a_swept_upload_is_begun_anew_under_other_keys(
    server: DemoServer, line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """A laptop was closed for two days."""
    before = store.names()
    line.faults += [Fault("PATCH", cut=100_000, closes=True)]
    worker.take(picture, copy=False)
    begun = held_half_way(worker, line, store, before)
    tus = {"Tus-Resumable": "1.0.0"}
    assert server.request("DELETE", f"/api/v1/uploads/{begun}", headers=tus).status == 204
    line.is_closed = False
    (told,) = described(worker.end()["files"])
    assert told.id != begun
    assert store.opened(told) == PICTURE


def test_the_last_answer_lost_leaves_a_file_that_can_be_named(
    line: Line, worker: Worker, store: Store, tmp_path: Path
) -> None:
    """All bytes are there, but nobody said that it is whole: an empty part asks once more."""
    path = tmp_path / "x"
    path.write_bytes(b"They came at night. " * 5000)
    line.faults += [Fault("PATCH", lost=True)]
    worker.take(path)
    (told,) = described(worker.end()["files"])
    assert line.methods()[:4] == ["POST", "PATCH", "HEAD", "PATCH"]
    assert line.parts()[1] == 0
    assert store.is_whole(told.id)
    assert store.opened(told) == path.read_bytes()


HOSTILE = {
    "nothing": ("POST", b""),
    "binary": ("POST", bytes(range(256)) * 50),
    "login page": ("POST", PORTAL.format(200, "").encode()),
    "forbidden by a portal": ("POST", PORTAL.format(403, "").encode()),
    "elsewhere": ("POST", PORTAL.format(302, "Location: https://portal.test/\r\n").encode()),
    "no place": ("POST", TUS.format(201, "").encode()),
    "another place": ("POST", TUS.format(201, "Location: https://x.test/" + "0" * 32).encode()),
    "no name": ("POST", TUS.format(201, ELSEWHERE).encode()),
    "too large for a proxy": ("PATCH", PORTAL.format(413, "").encode()),
    "no offset": ("PATCH", TUS.format(204, "").encode()),
    "offset that is none": ("PATCH", TUS.format(204, "Upload-Offset: 1e5\r\n").encode()),
    "negative offset": ("PATCH", TUS.format(204, "Upload-Offset: -1\r\n").encode()),
    "hexadecimal offset": ("PATCH", TUS.format(204, "Upload-Offset: 0x10\r\n").encode()),
    "huge offset": ("PATCH", TUS.format(204, f"Upload-Offset: {'9' * 40}\r\n").encode()),
    "offset beyond": ("PATCH", TUS.format(204, "Upload-Offset: 9999999\r\n").encode()),
    "kept nothing": ("PATCH", TUS.format(204, "Upload-Offset: 0\r\n").encode()),
    "created twice": ("PATCH", TUS.format(201, "Upload-Offset: 5\r\n").encode()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_never_passes_for_an_arrival(
    line: Line, worker: Worker, store: Store, tmp_path: Path, name: str
) -> None:
    """It counts as a lost line, or the file is sent anew; what arrives is the file."""
    path = tmp_path / "x"
    path.write_bytes(b"They came at night. " * 20_000)
    method, answer = HOSTILE[name]
    line.faults += [Fault(method, answer=answer)] * 2
    worker.take(path)
    (told,) = described(worker.end()["files"])
    assert line.faults == []
    assert store.is_whole(told.id)
    assert store.opened(told) == path.read_bytes()


PLACES = {
    "no length": ("Upload-Offset: 0\r\n", 1),
    "another length": ("Upload-Offset: 5\r\nUpload-Length: 5\r\n", 2),
    "beyond": ("Upload-Offset: 999999999\r\nUpload-Length: {}\r\n", 2),
    "no number": ("Upload-Offset: x\r\nUpload-Length: {}\r\n", 1),
}
"""What a hostile HEAD says, and how many uploads are begun then."""


@pytest.mark.parametrize("name", PLACES)
def test_a_hostile_place_is_asked_for_again_or_begun_anew(
    line: Line, worker: Worker, store: Store, tmp_path: Path, name: str
) -> None:
    """An offset is used only if the server's bytes up to there can be ours."""
    path = tmp_path / "x"
    path.write_bytes(b"They came at night. " * 20_000)
    head, begun = PLACES[name]
    line.faults += [Fault("PATCH", cut=100_000)]
    worker.take(path)
    size = worker.until("progress")["size"]
    line.faults += [Fault("HEAD", answer=TUS.format(200, head.format(size)).encode())]
    (told,) = described(worker.end()["files"])
    assert line.methods().count("POST") == begun
    assert store.opened(told) == path.read_bytes()


def test_a_line_that_is_back_is_used_at_once(server: DemoServer, tmp_path: Path) -> None:
    """The Worker hears of it from the browser, and does not wait for its own clock."""
    path = tmp_path / "x"
    path.write_bytes(b"They came at night. ")
    with laid(server.port) as line, working(line.origin, second=3_600_000) as worker:
        line.is_closed = True
        worker.take(path)
        worker.until("waiting")
        line.is_closed = False
        worker.order("wake")
        assert worker.end()["event"] == "whole"


def test_a_server_that_was_killed_is_waited_for(tmp_path: Path, picture: Path) -> None:
    """What it had acknowledged is not sent again."""
    with started(folder=tmp_path / "server") as server, laid(server.port) as line:
        store = Store(server.folder)
        with working(line.origin) as worker:
            line.faults += [Fault("PATCH"), Fault("PATCH", lost=True, closes=True)]
            worker.take(picture, copy=False)
            worker.until("waiting")
            server.kill()
            line.is_closed = False
            asked = len(line.heads)
            wait_for(lambda: len(line.heads) > asked + 1)
            server.start()
            (told,) = described(worker.end()["files"])
        assert store.opened(told) == PICTURE
        assert line.methods().count("POST") == 1


def test_a_server_without_a_free_place_is_waited_for(picture: Path) -> None:
    """503: somebody else's slow upload holds the only one."""
    with started({"INTAKE_WORKERS": "1", "INTAKE_THREADS": "2"}) as server:
        store = Store(server.folder)
        begin = {"Tus-Resumable": "1.0.0", "Upload-Length": "100000"}
        place = server.request("POST", "/api/v1/uploads", b"", begin).headers["Location"]
        slow = socket.create_connection(("127.0.0.1", server.port))
        slow.sendall(
            f"PATCH {place} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            "Content-Type: application/offset+octet-stream\r\nContent-Length: 100000\r\n\r\n"
            "age-encryption".encode()
        )
        with laid(server.port) as line, working(line.origin) as worker:
            worker.take(picture, copy=False)
            wait_for(lambda: line.methods().count("PATCH") >= 2)
            slow.close()
            (told,) = described(worker.end()["files"])
        assert store.opened(told) == PICTURE


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("INTAKE_DISK_MEGABYTES", "100000000", "full"),
        ("INTAKE_FILE_MEGABYTES", "1", "too_large"),
    ],
)
def test_a_file_that_has_no_room_fails(picture: Path, setting: str, value: str, code: str) -> None:
    """The page is told why, at once."""
    with started({setting: value}) as server, working(server.origin) as worker:
        worker.take(picture)
        assert worker.end() == {"id": 1, "event": "failed", "code": code}
        assert Store(server.folder).names() == set()


@pytest.mark.parametrize("status", [400, 403, 412, 415])
def test_a_file_that_the_server_refuses_is_removed(
    line: Line, worker: Worker, store: Store, picture: Path, status: int
) -> None:
    """By its own word, not a proxy's: waiting would not help."""
    before = store.names()
    line.faults += [Fault("PATCH"), Fault("PATCH", answer=TUS.format(status, "").encode())]
    worker.take(picture)
    assert worker.end()["code"] == "refused"
    wait_until_gone(store, store.names() - before)


def test_a_disk_that_fills_up_on_the_way_fails(
    line: Line, worker: Worker, store: Store, picture: Path
) -> None:
    """What arrived before is removed: its room is needed."""
    before = store.names()
    line.faults += [Fault("PATCH"), Fault("PATCH", answer=TUS.format(507, "").encode())]
    worker.take(picture)
    assert worker.end()["code"] == "full"
    wait_until_gone(store, store.names() - before)
