"""Evidence in the store: sealed, whole, resumable, one case's own, gone when nobody names it."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from intake.core import evidence
from intake.crypto.evidence import FileSealer, sealed_size
from intake.errors import EvidenceError, NotFoundError, NotSealedError, StoreError
from intake.store.blobs import Blobs
from intake.store.cases import Addition, Cases
from intake.store.database import Database
from intake.store.records import Records
from intake.store.uploads import Upload, Uploads
from tests.store.samples import DAY, SEALED, entry, filing, rows

NAME = "ab" * 16
OTHER = "cd" * 16


def sealed(length: int = 100_000) -> bytes:
    """Return a file of so many bytes, sealed."""
    sealer = FileSealer(bytes(range(32)))
    return b"".join((sealer.start, sealer.update(bytes(length)), sealer.finish()))


FILE = sealed()


@pytest.fixture
def uploads(database: Database, tmp_path: Path) -> Uploads:
    """Give the uploads of the database."""
    return Uploads(database, Blobs(tmp_path / "evidence", 0))


def whole(uploads: Uploads, name: str = NAME, data: bytes = FILE) -> None:
    """Send a file at once."""
    uploads.begin(name, len(data), DAY)
    assert uploads.append(name, 0, [data], DAY) == Upload(len(data), len(data))


def naming(number: int, *names: str, readers: tuple[str, ...] = ("inv",)) -> object:
    """Return a case whose first entry names files."""
    made = filing(number, *readers)
    first, *others = made.items
    return replace(made, items=(replace(first, evidence=names), *others))


def test_size_of_a_sealed_file_is_known_before() -> None:
    """By its length, without its header."""
    for length in (0, 1, 4095, 65_536, 65_537, 1_000_000):
        header = FileSealer(bytes(32)).start[:-16]
        assert len(sealed(length)) == len(header) + sealed_size(length)


def test_parts_make_the_file(uploads: Uploads, database: Database) -> None:
    """However it is cut; and the store knows when it is whole."""
    uploads.begin(NAME, len(FILE), DAY)
    offset = 0
    for size in (1, 21, 40, 70_000, len(FILE)):
        offset = uploads.append(NAME, offset, [FILE[offset : offset + size]], DAY).kept
    assert offset == len(FILE)
    Records(database).file(naming(1, NAME))  # type: ignore[arg-type] # a case
    size, pieces = uploads.fetch("inv", NAME)
    assert (size, b"".join(pieces)) == (len(FILE), FILE)


def test_what_came_before_a_line_broke_is_kept(uploads: Uploads) -> None:
    """And the upload goes on from there."""

    def broken() -> Iterator[bytes]:
        yield FILE[:5000]
        raise RuntimeError

    uploads.begin(NAME, len(FILE), DAY)
    with pytest.raises(RuntimeError):
        uploads.append(NAME, 0, broken(), DAY)
    assert uploads.find(NAME) == Upload(5000, len(FILE))
    assert uploads.append(NAME, 5000, [FILE[5000:]], DAY).kept == len(FILE)


def test_offset_that_skips_or_repeats_is_refused(uploads: Uploads) -> None:
    """Nothing is written."""
    uploads.begin(NAME, len(FILE), DAY)
    uploads.append(NAME, 0, [FILE[:100]], DAY)
    for offset in (0, 99, 101, len(FILE)):
        with pytest.raises(EvidenceError) as refused:
            uploads.append(NAME, offset, [FILE[100:]], DAY)
        assert refused.value.code == "offset"
    assert uploads.find(NAME).kept == 100


def test_second_line_waits(uploads: Uploads) -> None:
    """While one writes, another is told to wait, and leaves no byte."""

    def slow() -> Iterator[bytes]:
        with pytest.raises(EvidenceError) as refused:
            uploads.append(NAME, 0, [FILE], DAY)
        assert refused.value.code == "busy"
        yield FILE

    uploads.begin(NAME, len(FILE), DAY)
    assert uploads.append(NAME, 0, slow(), DAY).kept == len(FILE)


def test_upload_is_not_taken_back_while_it_comes(uploads: Uploads) -> None:
    """Whoever writes would go on in a folder that is gone, and be told that all is kept."""

    def slow() -> Iterator[bytes]:
        with pytest.raises(EvidenceError) as refused:
            uploads.end(NAME)
        assert refused.value.code == "busy"
        yield FILE

    uploads.begin(NAME, len(FILE), DAY)
    assert uploads.append(NAME, 0, slow(), DAY).kept == len(FILE)


def test_what_is_acknowledged_is_on_the_disk(
    uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes before they get the name that is read, then the folder that holds the name."""
    forced = []

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        forced.append((path.name, sorted(one.name for one in path.glob("*"))))

    uploads.begin(NAME, len(FILE), DAY)
    monkeypatch.setattr("os.fsync", fsync)
    part = Blobs(tmp_path / "evidence", 0).part(NAME, DAY)
    part.write(FILE)
    part.close()
    assert forced == [("writing", []), (NAME, ["0" * 13])]


def test_part_whose_name_may_not_last_is_not_kept(
    uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the folder is not forced, its name is gone after a power cut: the part is sent again.

    Nothing forces it later: who asked where the file stands would be told that all is there.
    """

    def fsync(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name == NAME:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    uploads.begin(NAME, len(FILE), DAY)
    uploads.append(NAME, 0, [FILE[:5000]], DAY)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fsync)
        with pytest.raises(StoreError):
            uploads.append(NAME, 5000, [FILE[5000:]], DAY)
    assert uploads.find(NAME).kept == 5000
    assert uploads.append(NAME, 5000, [FILE[5000:]], DAY).kept == len(FILE)
    assert uploads.read_at(NAME, 0, len(FILE)) == FILE
    assert not list(tmp_path.rglob("writing"))


def test_more_than_was_announced_is_refused(uploads: Uploads) -> None:
    """The announced bytes are kept, no more."""
    uploads.begin(NAME, len(FILE) - 1, DAY)
    with pytest.raises(EvidenceError) as refused:
        uploads.append(NAME, 0, [FILE], DAY)
    assert refused.value.code == "too_large"


def test_plain_bytes_never_reach_the_disk(uploads: Uploads, tmp_path: Path) -> None:
    """Refused before the first one is written."""
    uploads.begin(NAME, 1000, DAY)
    for plain in (b"They came at night. " * 50, FILE[:20] + b"They came at night. "):
        with pytest.raises(NotSealedError):
            uploads.append(NAME, 0, [plain], DAY)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"They came" not in path.read_bytes()


@pytest.mark.parametrize("length", [44, 74, 2_044, len(FILE) - 1])
def test_what_only_begins_sealed_is_not_taken(uploads: Uploads, length: int) -> None:
    """A header without its payload, or of a length that no padding gives, is removed."""
    uploads.begin(NAME, length, DAY)
    with pytest.raises(NotSealedError):
        uploads.append(NAME, 0, [FILE[:length]], DAY)
    with pytest.raises(NotFoundError):
        uploads.find(NAME)


def test_file_that_has_not_arrived_is_not_acknowledged(
    uploads: Uploads, database: Database
) -> None:
    """The whole case is refused, and taken once the file is there."""
    records = Records(database)
    uploads.begin(NAME, len(FILE), DAY)
    uploads.append(NAME, 0, [FILE[:-1]], DAY)
    for names in ((NAME,), (OTHER,), (NAME, OTHER)):
        with pytest.raises(EvidenceError) as refused:
            records.file(naming(1, *names))  # type: ignore[arg-type] # a case
        assert refused.value.code == "missing"
    assert rows(database, "cases") == rows(database, "entries") == 0
    uploads.append(NAME, len(FILE) - 1, [FILE[-1:]], DAY)
    records.file(naming(1, NAME))  # type: ignore[arg-type] # a case
    assert records.file(naming(1, NAME)).case == filing(1).case  # type: ignore[arg-type] # again


def test_case_cannot_name_the_file_of_another(uploads: Uploads, database: Database) -> None:
    """It belongs to the first."""
    records = Records(database)
    whole(uploads)
    records.file(naming(1, NAME))  # type: ignore[arg-type] # a case
    with pytest.raises(EvidenceError) as refused:
        records.file(naming(2, NAME))  # type: ignore[arg-type] # another
    assert refused.value.code == "missing"
    assert rows(database, "cases") == 1


def test_office_fetches_only_what_its_entries_name(uploads: Uploads, database: Database) -> None:
    """Not what stands in the entry of another office of the same case."""
    whole(uploads)
    Records(database).file(naming(1, NAME, readers=("inv", "dhs")))  # type: ignore[arg-type] # a case
    assert uploads.fetch("inv", NAME)[0] == len(FILE)
    for reader, name in (("dhs", NAME), ("inv", OTHER), ("inv", "../x"), ("", NAME)):
        with pytest.raises(NotFoundError):
            uploads.fetch(reader, name)


def test_withdrawn_office_fetches_no_file_any_more(uploads: Uploads, database: Database) -> None:
    """Also where it had read the report; the file goes with the sweep, nobody else has it."""
    cases, records = Cases(database), Records(database)
    whole(uploads)
    made = naming(1, NAME)
    records.file(made)  # type: ignore[arg-type] # a case
    records.fetch("inv", entry(1), DAY)
    item = replace(filing(2, "inv").items[0], kind="message")
    notice = Addition("0e" * 16, filing(1).mailbox_hash, b"d" * 32, DAY, (item,))
    assert cases.withdraw(notice, (), [entry(1)], frozenset())
    with pytest.raises(NotFoundError):
        uploads.fetch("inv", NAME)
    assert uploads.sweep(DAY) == 1


def test_file_goes_with_its_case(uploads: Uploads, database: Database, tmp_path: Path) -> None:
    """Deleted, the row is gone, and with the sweep the bytes."""
    whole(uploads)
    Records(database).file(naming(1, NAME))  # type: ignore[arg-type] # a case
    notice = Addition("0e" * 16, filing(1).mailbox_hash, b"d" * 32, DAY, ())
    Cases(database).ask_deletion(notice, DAY)
    assert Cases(database).purge(DAY) == 1
    assert rows(database, "evidence") == rows(database, "exhibits") == 0
    assert uploads.sweep(DAY) == 1
    assert not [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]


def test_addition_names_files(uploads: Uploads, database: Database) -> None:
    """As a report does; a file that is not there leaves the case as it was."""
    Records(database).file(filing(1, "inv"))
    cases = Cases(database)
    item = replace(filing(2, "inv").items[0], kind="message", evidence=(NAME,))
    addition = Addition("0e" * 16, filing(1).mailbox_hash, b"d" * 32, DAY, (item,))
    with pytest.raises(EvidenceError):
        cases.add(addition)
    assert not cases.behind(filing(1).mailbox_hash).additions
    whole(uploads)
    cases.add(addition)
    assert uploads.fetch("inv", NAME)[0] == len(FILE)


def test_unclaimed_file_is_swept_after_a_day(uploads: Uploads, database: Database) -> None:
    """Not before, and never one that a case named."""
    whole(uploads)
    whole(uploads, OTHER)
    Records(database).file(naming(1, OTHER))  # type: ignore[arg-type] # a case
    assert uploads.sweep(DAY + timedelta(days=1)) == 0
    assert uploads.sweep(DAY + timedelta(days=2)) == 1
    with pytest.raises(NotFoundError):
        uploads.find(NAME)
    assert uploads.fetch("inv", OTHER)[0] == len(FILE)


def test_file_that_still_comes_is_not_swept(uploads: Uploads) -> None:
    """A long video on a slow line takes days; what stands still for a day is gone."""
    uploads.begin(NAME, len(FILE), DAY)
    for days in range(3):
        today = DAY + timedelta(days=days)
        uploads.append(NAME, days * 100, [FILE[days * 100 : days * 100 + 100]], today)
        assert uploads.sweep(today) == 0
    assert uploads.sweep(DAY + timedelta(days=4)) == 1


def test_file_swept_at_its_last_byte_is_not_acknowledged(
    database: Database, tmp_path: Path
) -> None:
    """Its row is gone, its folder not yet: it would be called whole, and then be missing."""

    class Slow(Blobs):
        def remove(self, _name: str) -> None:
            pass

    uploads = Uploads(database, Slow(tmp_path / "evidence", 0))

    def pieces() -> Iterator[bytes]:
        assert uploads.sweep(DAY + timedelta(days=3)) == 1
        yield FILE

    uploads.begin(NAME, len(FILE), DAY)
    with pytest.raises(NotFoundError):
        uploads.append(NAME, 0, pieces(), DAY)


def test_file_that_arrives_during_a_sweep_stays(database: Database, tmp_path: Path) -> None:
    """Between the look at the table and the look at the folder a whole case may be kept."""
    sending = Uploads(database, Blobs(tmp_path / "evidence", 0))

    class Busy(Blobs):
        def names(self) -> Iterator[str]:
            whole(sending)
            Records(database).file(naming(1, NAME))  # type: ignore[arg-type] # a case
            yield from super().names()

    assert Uploads(database, Busy(tmp_path / "evidence", 0)).sweep(DAY) == 0
    assert b"".join(sending.fetch("inv", NAME)[1]) == FILE


def test_witness_takes_a_file_back_until_it_is_named(uploads: Uploads, database: Database) -> None:
    """Then it is evidence."""
    whole(uploads)
    uploads.end(NAME)
    with pytest.raises(NotFoundError):
        uploads.find(NAME)
    whole(uploads, OTHER)
    Records(database).file(naming(1, OTHER))  # type: ignore[arg-type] # a case
    with pytest.raises(NotFoundError):
        uploads.end(OTHER)
    assert uploads.fetch("inv", OTHER)[0] == len(FILE)


def test_full_disk_is_said(database: Database, tmp_path: Path) -> None:
    """Before anything is announced."""
    uploads = Uploads(database, Blobs(tmp_path / "evidence", 1 << 60))
    with pytest.raises(EvidenceError) as refused:
        uploads.begin(NAME, 1, DAY)
    assert refused.value.code == "full"
    assert rows(database, "evidence") == 0


def test_files_that_each_fitted_do_not_fill_the_disk_together(
    database: Database, tmp_path: Path
) -> None:
    """The room for reports is looked at again with every piece; what came before is kept."""
    folder = tmp_path / "evidence"
    Uploads(database, Blobs(folder, 0)).begin(NAME, len(FILE), DAY)
    full = Uploads(database, Blobs(folder, 1 << 60))
    with pytest.raises(EvidenceError) as refused:
        full.append(NAME, 0, [FILE], DAY)
    assert refused.value.code == "full"
    assert full.find(NAME).kept == 0
    assert Uploads(database, Blobs(folder, 0)).append(NAME, 0, [FILE], DAY).kept == len(FILE)


def test_times_of_files_keep_no_order(uploads: Uploads, tmp_path: Path) -> None:
    """Every time is the noon of the day, of folders too, and also where a file was taken back."""
    whole(uploads)
    whole(uploads, NAME[:2] + OTHER[2:])
    uploads.end(NAME[:2] + OTHER[2:])
    found = list((tmp_path / "evidence").rglob("*"))
    assert len(found) == 3
    for path in (*found, tmp_path / "evidence"):
        assert path.stat().st_mtime % 86_400 == 43_200, path


def test_part_that_a_crash_left_half_written_is_no_part(uploads: Uploads, tmp_path: Path) -> None:
    """The upload goes on where the last whole part ended."""
    uploads.begin(NAME, len(FILE), DAY)
    uploads.append(NAME, 0, [FILE[:100]], DAY)
    (tmp_path / "evidence" / NAME[:2] / NAME / "writing").write_bytes(FILE[100:5000])
    assert uploads.find(NAME).kept == 100
    assert uploads.append(NAME, 100, [FILE[100:]], DAY).kept == len(FILE)
    assert uploads.find(NAME) == Upload(len(FILE), len(FILE))


def test_upload_in_thousands_of_parts_is_asked_by_its_last(tmp_path: Path) -> None:
    """Whoever sends byte by byte makes nobody count: the other parts are not even looked at."""
    blobs = Blobs(tmp_path, 0)
    blobs.make(NAME, DAY)
    for begin in range(3):
        (tmp_path / NAME[:2] / NAME / f"{begin:013}").symlink_to("nowhere")
    part = tmp_path / NAME[:2] / NAME / f"{3:013}"
    part.write_bytes(b"four")
    assert blobs.size(NAME) == 7


def test_sample_is_what_it_says() -> None:
    """The file of these tests is padded; the entry of the samples is a sealed one."""
    assert evidence.padded(100_000) == 100_352
    assert SEALED.payload
