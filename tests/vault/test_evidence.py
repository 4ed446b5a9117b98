"""Files in the vault: whole and verified, or not there; sealed at rest; read anywhere."""

import hashlib
import tracemalloc
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.core.evidence import Evidence
from intake.crypto.evidence import FileSealer
from intake.errors import EvidenceError, ServerError, VaultLockedError
from intake.vault import custody, records
from intake.vault.evidence import BATCH, PART, Content, Held
from tests.media.samples import every
from tests.support.desk import PIECE, Desk, refused
from tests.support.files import Evident, number, sealed

LONG = bytes(range(251)) * (3 * PART // 251)
"""A file of some parts, without a period of a chunk."""
replace = msgspec.structs.replace


@pytest.fixture
def evident(desk: Desk) -> Evident:
    """Return a desk with files."""
    return Evident(desk)


def log(evident: Evident, case: str) -> list[tuple[str, str]]:
    """Return what was done to a case, and to what, after its log was verified."""
    with evident.desk.vault.use() as opened:
        links = custody.links(opened.database, case)
    custody.verify(links, case)
    return [(link.what, link.entry) for link in links if link.what.startswith("file")]


def kept(evident: Evident) -> tuple[int, int]:
    """Return how many files and parts the vault holds, those that arrive too."""
    with evident.desk.vault.use() as opened:
        return (
            opened.database.number("SELECT count(*) FROM evidence_files"),
            opened.database.number("SELECT count(*) FROM evidence_parts"),
        )


def test_fetched_file_is_verified_and_read_anywhere(evident: Evident) -> None:
    """Its digest, its length, its true type; any range; and what was done stands in the log."""
    named = evident.put(*sealed(LONG, "film.mp4", "video/mp4"))
    assert evident.files.held(named) is None
    arrived: list[int] = []
    held = evident.files.fetch(evident.office, named, arrived.append)
    assert held == evident.files.held(named)
    assert (held.state, held.reason) == ("whole", "")
    assert held.sha256 == hashlib.sha256(LONG).hexdigest()
    assert arrived == sorted(arrived)
    assert arrived[-1] == len(evident.stock.files[named.told.id])
    content = evident.files.open(named)
    assert content.length == len(LONG)
    for start, end in ((0, 10), (PART - 5, PART + 5), (len(LONG) - 3, len(LONG) + 90), (7, 7)):
        assert b"".join(content.read(start, end)) == LONG[start:end]
    assert b"".join(content.read(0, len(LONG))) == LONG
    assert log(evident, named.case) == [("file fetched", named.told.id)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.data())
def test_any_range_of_a_file_is_what_was_sealed(fetched: Content, data: st.DataObject) -> None:
    """As a slice would give it; the padding is never shown."""
    start = data.draw(st.integers(0, len(LONG) + 100))
    end = data.draw(st.integers(0, len(LONG) + 100))
    assert b"".join(fetched.read(start, end)) == LONG[start:end]


@pytest.fixture
def fetched(evident: Evident) -> Content:
    """Return the content of the long file."""
    named = evident.put(*sealed(LONG))
    evident.files.fetch(evident.office, named)
    return evident.files.open(named)


@pytest.mark.parametrize("length", [0, 1, 2, 65_536, 65_537])
def test_small_files_are_kept_too(evident: Evident, length: int) -> None:
    """Also an empty one."""
    named = evident.put(*sealed(LONG[:length]))
    assert evident.files.fetch(evident.office, named).state == "whole"
    assert evident.files.open(named).piece(0, 1 << 20) == LONG[:length]


def test_true_types_are_found(evident: Evident) -> None:
    """By what a file holds, whatever its name says; UTF-16 by its mark."""
    texts = {
        "utf-8.jpg": ("Señal\n".encode(), "text/plain"),
        "utf-16.jpg": ("Señal\n".encode("utf-16"), "text/plain"),
        "utf-16-be.jpg": (b"\xfe\xff" + "Señal\n".encode("utf-16-be"), "text/plain"),
        "odd.jpg": ("Señal\n".encode("utf-16") + b"\0", "application/octet-stream"),
        "noise.jpg": (b"\xff\xfe\x01\x00\x02\x00", "application/octet-stream"),
        "photo.txt": (every()["plain.jpg"], "image/jpeg"),
        "film.txt": (every()["early.mp4"], "video/mp4"),
    }
    for name, (data, kind) in texts.items():
        named = evident.put(*sealed(data, name, seed=name), of=name)
        assert evident.files.fetch(evident.office, named).type == kind, name


def _cut(made: bytes) -> bytes:
    return made[:-1]


def _cut_chunk(made: bytes) -> bytes:
    return made[: -(PART // 16)]


def _flipped(made: bytes) -> bytes:
    middle = len(made) // 2
    return made[:middle] + bytes([made[middle] ^ 1]) + made[middle + 1 :]


def _other_header(made: bytes) -> bytes:
    other = FileSealer(bytes(32))
    return other.start + made[len(other.start) :]


def _nothing(_: bytes) -> bytes:
    return b""


def _garbage(made: bytes) -> bytes:
    return b"<html>" * (len(made) // 6)


def _other_file(_: bytes) -> bytes:
    return sealed(LONG, seed="another")[1]


def _header_only(made: bytes) -> bytes:
    return made[: made.index(b"\n---") + 48]


BROKEN = [
    _cut, _cut_chunk, _flipped, _other_header, _nothing, _garbage, _other_file, _header_only,
]  # fmt: skip


@pytest.mark.parametrize("change", BROKEN)
def test_what_is_not_the_file_is_told_and_nothing_of_it_kept(
    evident: Evident, change: Callable[[bytes], bytes]
) -> None:
    """The reason is kept, no byte; the next file is fetched as ever, and this one again too."""
    told, made = sealed(LONG)
    named = evident.put(told, change(made))
    held = evident.files.fetch(evident.office, named)
    assert held.state == "altered"
    assert held.reason
    assert evident.files.held(named) == held
    refused(lambda: evident.files.open(named), EvidenceError)
    assert kept(evident) == (1, 0)
    assert log(evident, named.case) == [("file altered", told.id)]
    after = evident.put(*sealed(b"after", seed="after"), of="after")
    assert evident.files.fetch(evident.office, after).state == "whole"
    evident.stock.files[told.id] = made
    assert evident.files.fetch(evident.office, named).state == "whole"
    assert kept(evident) == (2, 4 + 1)


def _length(told: Evidence) -> Evidence:
    return replace(told, length=told.length - 1)


def _longer(told: Evidence) -> Evidence:
    return replace(told, length=told.length + 1)


def _digest(told: Evidence) -> Evidence:
    return replace(told, digest="0" * 64)


def _key(told: Evidence) -> Evidence:
    return replace(told, key=sealed(b"", seed="key")[0].key)


def _no_key(told: Evidence) -> Evidence:
    return replace(told, key=told.key[:-6] + "QQQQQQ")


@pytest.mark.parametrize("change", [_length, _longer, _digest, _key, _no_key])
def test_a_report_that_tells_something_else_is_no_proof(
    evident: Evident, change: Callable[[Evidence], Evidence]
) -> None:
    """Length, digest and key must fit what is there."""
    told, made = sealed(LONG[:-20])
    named = evident.put(change(told), made)
    assert evident.files.fetch(evident.office, named).state == "altered"
    assert kept(evident) == (1, 0)


def test_padding_that_is_not_zero_is_no_proof(evident: Evident) -> None:
    """Something hidden behind the end."""
    told, made = sealed(LONG[:1_000_000] + b"hidden")
    short = replace(told, length=1_000_000, digest=sealed(LONG[:1_000_000])[0].digest)
    held = evident.files.fetch(evident.office, evident.put(short, made))
    assert (held.state, "longer" in held.reason) == ("altered", True)


@pytest.mark.parametrize("pieces", [0, 1, 30, BATCH * PART // PIECE + 2])
def test_a_broken_line_keeps_nothing_and_changes_nothing(evident: Evident, pieces: int) -> None:
    """Neither a part of it, nor the loss of what was there."""
    named = evident.put(*sealed(bytes(6 * PART)))

    def broken(given: int) -> None:
        if given == pieces:
            raise ServerError("the line broke")

    evident.stock.before = broken
    refused(lambda: evident.files.fetch(evident.office, named), ServerError)
    assert evident.files.held(named) is None
    assert kept(evident) == (0, 0)
    evident.stock.before = lambda _: None
    first = evident.files.fetch(evident.office, named)
    evident.stock.given, evident.stock.before = 0, broken
    refused(lambda: evident.files.fetch(evident.office, named), ServerError)
    assert evident.files.held(named) == first
    assert evident.files.open(named).piece(0, 9) == bytes(9)


def test_a_server_that_sends_too_much_is_cut_off(evident: Evident) -> None:
    """Before it fills the disk."""
    told, made = sealed(b"small")
    named = evident.put(told, made + bytes(100_000_000))
    refused(lambda: evident.files.fetch(evident.office, named), ServerError)
    assert evident.stock.given < 10
    assert kept(evident) == (0, 0)


def test_what_a_killed_program_left_is_dropped_by_the_next_fetch(evident: Evident) -> None:
    """And what another fetch of this program brings is left alone."""
    slow = evident.put(*sealed(bytes(6 * PART), seed="slow"), of="slow")
    quick = evident.put(*sealed(b"quick", seed="quick"), of="quick")
    with evident.desk.vault.use() as opened, opened.database.write():
        opened.database.run(
            "INSERT INTO evidence_files VALUES (7, ?, ?, 'arriving', '', '', '', x'')",
            quick.place,
            quick.told.id,
        )
        opened.database.run("INSERT INTO evidence_parts VALUES (7, 0, x'00')")
    done: list[Held] = []

    def between(given: int) -> None:
        if given == 90:
            evident.stock.before = lambda _: None
            done.append(evident.files.fetch(evident.office, quick))

    evident.stock.before = between
    assert evident.files.fetch(evident.office, slow).state == "whole"
    assert done[0].state == "whole"
    assert kept(evident) == (2, 7 + 1)


def test_a_vault_locked_in_the_middle_ends_the_fetch(evident: Evident) -> None:
    """And an open file is closed with it."""
    named = evident.put(*sealed(LONG))
    evident.files.fetch(evident.office, named)
    content = evident.files.open(named)
    evident.stock.given = 0

    def locking(given: int) -> None:
        if given == 5:
            evident.desk.vault.lock()

    evident.stock.before = locking
    refused(lambda: evident.files.fetch(evident.office, named), VaultLockedError)
    refused(lambda: content.piece(PART, 9), VaultLockedError)
    evident.desk.vault.unlock([evident.desk.key])
    assert content.piece(PART, 9) == LONG[PART : PART + 9]


def test_one_sealed_file_told_of_twice_is_verified_for_each(evident: Evident) -> None:
    """A report that lies about somebody else's file does not touch that file."""
    told, made = sealed(LONG)
    true = evident.put(told, made, of="true")
    lie = evident.put(replace(told, digest="0" * 64), made, of="lie")
    assert evident.files.fetch(evident.office, true).state == "whole"
    assert evident.files.fetch(evident.office, lie).state == "altered"
    assert evident.files.open(true).piece(0, 5) == LONG[:5]


def test_a_file_is_removed_and_fetched_again(evident: Evident) -> None:
    """The log says so; removing what is not there does nothing."""
    named = evident.put(*sealed(LONG))
    evident.files.forget(named)
    evident.files.fetch(evident.office, named)
    evident.files.forget(named)
    assert kept(evident) == (0, 0)
    refused(lambda: evident.files.open(named), EvidenceError)
    evident.files.fetch(evident.office, named)
    evident.files.note(named, "file exported")
    what = ["file fetched", "file removed", "file fetched", "file exported"]
    assert log(evident, named.case) == [(one, named.told.id) for one in what]


def test_files_go_with_the_entry_that_named_them(evident: Evident) -> None:
    """An entry that turns out forged takes its files along."""
    named = evident.put(*sealed(LONG))
    evident.files.fetch(evident.office, named)
    with evident.desk.vault.use() as opened, opened.database.write():
        records.set_aside(opened.database, named.place, "forged")
    assert kept(evident) == (0, 0)
    refused(lambda: evident.files.find(named.entry, named.told.id), EvidenceError)


def test_what_no_entry_names_is_not_found(evident: Evident) -> None:
    """Whatever an address says."""
    named = evident.put(*sealed(b"words"))
    other = evident.put(*sealed(b"other", seed="other"), of="other")
    assert [one.told.id for one in evident.files.of_case(named.case)] == [named.told.id]
    for entry, file in (
        (other.entry, named.told.id),
        (named.entry, other.told.id),
        (number("none"), named.told.id),
        ("' OR 1=1 --", named.told.id),
    ):
        refused(lambda e=entry, f=file: evident.files.find(e, f), EvidenceError)  # type: ignore[misc]


def test_no_plaintext_of_a_file_lies_in_the_folder(evident: Evident) -> None:
    """Neither while it arrives nor afterwards."""
    mark = b"canarywordofaperson"
    named = evident.put(*sealed(mark * 100_000, "canaryname.txt"))
    found: list[str] = []

    def look(_: int) -> None:
        for path in evident.desk.folder.iterdir():
            data = path.read_bytes()
            found.extend(path.name for one in (mark, b"canaryname") if one in data)

    evident.stock.before = look
    evident.files.fetch(evident.office, named)
    list(evident.files.open(named).read(0, 1 << 30))
    look(0)
    assert found == []


def _streamed(sealer: FileSealer, count: int) -> Iterator[bytes]:
    yield sealer.start
    for _ in range(count):
        yield sealer.update(bytes(1 << 20))
    yield from sealer.rest()


@pytest.mark.slow
def test_memory_stays_constant_however_long_a_file_is(evident: Evident) -> None:
    """A film of 200 MiB in less than 40."""
    sealer = FileSealer(bytes(32))
    for _ in _streamed(sealer, 200):
        pass
    told = Evidence(sealer.digest, number("f"), sealer.key, sealer.length, "f.mp4", "", "video/mp4")
    named = evident.put(told, b"")
    office = evident.office
    # The same file again: the sealer's randomness differs, its plaintext does not.
    again = FileSealer(bytes(32))
    object.__setattr__(office, "evidence", lambda _name: _streamed(again, 200))
    tracemalloc.start()
    try:
        held = evident.files.fetch(office, named)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held.state == "whole"
    assert peak < 40 << 20
