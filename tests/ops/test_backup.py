"""Backups: whole or not at all, each file once, gone after the days, restored as they were."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from intake.crypto.age import HybridRecipient, encrypt
from intake.crypto.unseal import decrypt, generate_hybrid, generate_x25519
from intake.errors import BackupError, NotFoundError, StoreError
from intake.ops import backup, restore
from intake.store import copies
from intake.store.cases import Addition
from intake.store.database import FILE, Database
from intake.store.records import Records
from intake.store.uploads import Uploads
from tests.ops.conftest import Store, sealed_file
from tests.store.samples import DAY, entry, kept, rows

A, B, C = "aa" * 16, "bb" * 16, "cc" * 16
FILE_A, FILE_B = sealed_file(), sealed_file(200_000)


def put_back(store: Store, folder: Path) -> Database:
    """Restore the newest snapshot and open it."""
    store.restore(folder)
    return Database(folder)


@pytest.fixture
def filled(store: Store) -> Store:
    """Keep two cases with a file each, and one file that nobody named."""
    for name, data in ((A, FILE_A), (B, FILE_B), (C, FILE_A)):
        store.send(name, data)
    store.file(1, "inv", "det", evidence=(A,))
    store.file(2, "inv", evidence=(B,))
    return store


def test_what_was_backed_up_is_restored(filled: Store, tmp_path: Path) -> None:
    """Cases, entries and files, byte for byte; what nobody named stays away."""
    made = filled.back_up()
    assert (made.name, made.content.cases, made.content.entries) == (f"{DAY}-1", 2, 3)
    assert [name for name, _ in made.content.files] == [A, B]
    assert made.new == 2
    done = filled.restore(tmp_path / "again")
    assert (done.content, done.buried, done.missing) == (made.content, 0, ())
    blobs = replace(filled.blobs, folder=tmp_path / "again" / "evidence")
    with closing(Database(tmp_path / "again")) as database:
        assert kept(database) == kept(filled.database)
        for name, data in ((A, FILE_A), (B, FILE_B)):
            size, pieces = Uploads(database, blobs).fetch("inv", name)
            assert (size, b"".join(pieces)) == (len(data), data)
        for name in (entry(1), entry(1, 1), entry(2)):
            reader = "det" if name == entry(1, 1) else "inv"
            fetched = Records(database).fetch(reader, name, DAY)
            assert fetched == Records(filled.database).fetch(reader, name, DAY)
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [
        "evidence",
        FILE,
        "writer.lock",
    ]


def test_backup_is_sealed(filled: Store) -> None:
    """No table, header or file lies there in clear; only its own key opens it."""
    filled.back_up()
    marks = (b"SQLite format", b"mailbox_hash", FILE_A[-64:], entry(1).encode())
    names = [path for path in filled.target.folder.rglob("*") if path.is_file()]
    assert len(names) == 5
    for path in names:
        assert not any(mark in path.read_bytes() for mark in marks), path
    source = restore.choose(filled.target.folder, "", [generate_hybrid()])
    with pytest.raises(BackupError, match=r"2026-11-24-1.age: none of the identities"):
        restore.restore(source, filled.folder.parent / "no", DAY, bytes, partial=False)


def test_file_is_copied_once(filled: Store) -> None:
    """And again where its copy was cut, or where the keys are others."""
    filled.back_up()
    assert filled.back_up().new == 0
    copied = backup.file_path(filled.target.folder, filled.target.files, A)
    copied.write_bytes(copied.read_bytes()[:-1])
    assert filled.back_up().new == 1
    filled.target = replace(filled.target, recipients=(generate_hybrid().recipient(),))
    assert filled.back_up().new == 2


def test_snapshots_and_files_go_after_their_days(filled: Store) -> None:
    """The last three stay, and what they name."""
    for day in range(6):
        filled.back_up(day)
    notice = Addition("d" * 32, (1).to_bytes(32, "big"), b"d" * 32, DAY, ())
    filled.cases.ask_deletion(notice, DAY)
    filled.cases.purge(DAY)
    filled.uploads.sweep(DAY)
    copied = backup.file_path(filled.target.folder, filled.target.files, A)
    filled.back_up(30)
    assert next(name for name, _ in backup.manifests(filled.target.folder)) == f"{DAY}-1"
    for day in (31, 32, 33, 34):
        filled.back_up(day)
    assert copied.exists()
    filled.back_up(35)
    names = [name for name, _ in backup.manifests(filled.target.folder)]
    assert names[0] == "2026-11-29-1"
    filled.back_up(36)
    assert not copied.exists()
    filled.back_up(4000)
    assert len(list(backup.manifests(filled.target.folder))) == 3


def test_what_was_taken_back_stays_gone(filled: Store, tmp_path: Path) -> None:
    """Withdrawn, deleted, closed: after the snapshot, before the machine was lost."""
    third = filled.file(3, "inv")
    filled.file(4, "inv")
    filled.back_up()
    mailbox = (1).to_bytes(32, "big")
    notice = Addition("d" * 32, mailbox, b"d" * 32, DAY, ())
    filled.cases.withdraw(notice, (), [entry(1)], frozenset())
    ask = replace(notice, id="e" * 32, mailbox_hash=(2).to_bytes(32, "big"))
    filled.cases.ask_deletion(ask, DAY)
    filled.cases.purge(DAY)
    close = replace(notice, id="f" * 32, mailbox_hash=third.mailbox_hash)
    filled.cases.close_mailbox(close, b"n" * 32)
    backup.keep_tombstones(filled.database, filled.target)
    assert filled.restore(tmp_path / "again").buried == 4
    with closing(Database(tmp_path / "again")) as database:
        assert kept(database) == (3, 4, 3)
        store = replace(filled, database=database, folder=tmp_path / "again")
        case = store.cases.behind(mailbox)
        assert (set(case.held), set(case.withdrawn)) == ({entry(1, 1)}, {entry(1)})
        for gone in (ask.mailbox_hash, third.mailbox_hash):
            with pytest.raises(NotFoundError):
                store.cases.behind(gone)
        store.cases.behind((4).to_bytes(32, "big"))
        # And a second loss does not bring it back.
        assert set(store.cases.tombstones()) == set(filled.cases.tombstones())
        assert store.uploads.sweep(DAY) == 1
    raw = b"".join(path.read_bytes() for path in (tmp_path / "again").glob(f"{FILE}*"))
    assert entry(2).encode() in raw  # the tombstone
    assert raw.count(entry(2).encode()) == 1


def test_restore_does_not_lose_what_is_newer(filled: Store, tmp_path: Path) -> None:
    """A folder with a database, or files without one, is refused and untouched."""
    filled.back_up()
    filled.file(9, "inv")
    before = (filled.folder / FILE).read_bytes()
    with pytest.raises(BackupError, match="move it away: mv"):
        filled.restore(filled.folder)
    assert (filled.folder / FILE).read_bytes() == before
    (tmp_path / "again" / "evidence").mkdir(parents=True)
    with pytest.raises(BackupError, match="files without a database"):
        filled.restore(tmp_path / "again")


HALVES = {
    "no list": ("*.json", None, "no whole snapshot"),
    "cut list": ("*.json", 20, "is cut off or damaged"),
    "no snapshot": ("2026*.age", None, "2026-11-24-1.age is missing"),
    "cut snapshot": ("2026*.age", 3000, "2026-11-24-1.age is cut off"),
    "no file": ("files-*/aa/*", None, f"file {A} is missing"),
    "cut file": ("files-*/aa/*", 3000, f"file {A} is cut off"),
    "no tombstones": ("tombstones.age", None, "what people took back would come back"),
    "cut tombstones": ("tombstones.age", 1000, "tombstones.age: "),
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_copied_backup_is_refused(
    filled: Store, tmp_path: Path, half: tuple[str, int | None, str]
) -> None:
    """It says what is missing; nothing that a server would take for a database is left."""
    filled.back_up()
    pattern, size, said = half
    (path,) = filled.target.folder.glob(pattern)
    path.unlink() if size is None else path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(BackupError, match=said):
        filled.restore(tmp_path / "again")
    assert not (tmp_path / "again" / FILE).exists()


def test_flipped_bit_is_found(filled: Store, tmp_path: Path) -> None:
    """In the snapshot by its digest, without a key; in a file when it is opened."""
    filled.back_up()
    name, manifest = list(backup.manifests(filled.target.folder))[-1]
    for pattern, said in (("2026*.age", "is damaged"), ("files-*/bb/*", f"file {B} does not open")):
        (path,) = filled.target.folder.glob(pattern)
        whole = path.read_bytes()
        path.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
        if "damaged" in said:
            assert backup.check(filled.target.folder, name, manifest) == (f"{path.name} {said}",)
        with pytest.raises(BackupError, match=said):
            filled.restore(tmp_path / "again")
        path.write_bytes(whole)
    filled.restore(tmp_path / "again")


def test_older_snapshot_is_named_where_the_newest_is_not_whole(
    filled: Store, tmp_path: Path
) -> None:
    """And can be taken; or the newest without what it lost."""
    filled.back_up()
    filled.file(3, "inv")
    filled.back_up()
    path = filled.target.folder / f"{DAY}-2.age"
    whole = path.read_bytes()
    path.unlink()
    with pytest.raises(BackupError, match=f"an older one: --snapshot {DAY}-1"):
        filled.restore(tmp_path / "again")
    assert filled.restore(tmp_path / "again", f"{DAY}-1").content.cases == 2
    path.write_bytes(whole)
    backup.file_path(filled.target.folder, filled.target.files, A).unlink()
    with pytest.raises(BackupError, match="--partial"):
        filled.restore(tmp_path / "third")
    done = filled.restore(tmp_path / "third", partial=True)
    assert (done.content.cases, done.missing) == (3, (f"file {A} is missing",))


def test_restore_that_was_ended_in_the_middle_begins_anew(filled: Store, tmp_path: Path) -> None:
    """At each of its steps; no server starts meanwhile."""
    filled.back_up()
    folder = tmp_path / "again"
    for moment in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / restore.RESTORING / "evidence").mkdir(parents=True)
        if moment > 0:
            (folder / restore.RESTORING / FILE).write_bytes(b"half")
        if moment > 1:
            (folder / restore.RESTORING / "evidence").rename(folder / "evidence")
        with pytest.raises(BackupError, match="run it again"):
            restore.refuse_unfinished(folder)
        filled.restore(folder)
        restore.refuse_unfinished(folder)
        with closing(Database(folder)) as database:
            assert rows(database, "cases") == 2


def test_backup_that_was_ended_in_the_middle_leaves_no_snapshot(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its remains go with the next; the next copies only what is missing."""
    calls = iter(range(9))

    def broken(_blobs: object, name: str) -> Iterator[bytes]:
        if next(calls) == 1:
            raise KeyboardInterrupt
        yield FILE_A if name == A else FILE_B

    with monkeypatch.context() as patch:
        patch.setattr("intake.store.blobs.Blobs.read", broken)
        with pytest.raises(KeyboardInterrupt):
            filled.back_up()
    assert list(backup.manifests(filled.target.folder)) == []
    assert not list(filled.target.folder.rglob("*.writing"))
    assert not (filled.folder / "copy").exists()
    (filled.target.folder / "x.age.writing").write_bytes(b"half")
    (filled.target.folder / "ana.identity.age").write_bytes(b"hers")
    (filled.target.folder / f"{DAY}-7.age").write_bytes(b"without a list")
    made = filled.back_up()
    assert made.name == f"{DAY}-1"
    assert (filled.target.folder / "ana.identity.age").exists()
    assert not (filled.target.folder / f"{DAY}-7.age").exists()
    assert not list(filled.target.folder.rglob("*.writing"))


def test_what_is_named_is_on_the_disk_and_what_is_gone_comes_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file whole before it gets its name, then the name; the list of a snapshot last."""
    store.send(A, FILE_A)
    store.file(1, "inv", evidence=(A,))
    forced: list[str] = []

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.is_file():
            assert path.stat().st_size
        if path.is_relative_to(store.target.folder):
            forced.append(path.name)

    monkeypatch.setattr("os.fsync", fsync)
    store.back_up()
    assert forced == [
        *("tombstones.age.writing", "backups"),
        *(f"{DAY}-1.age.writing", "backups"),
        *(f"{A}.age.writing", "aa"),
        *(f"{DAY}-1.json.writing", "backups"),
    ]


def test_removal_that_was_ended_in_the_middle_leaves_no_half_snapshot(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every list that is left names a snapshot that is whole."""
    for day in range(4):
        store.back_up(day)
    unlink = Path.unlink

    def ended(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        if path.stem == f"{DAY}-1":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", ended)
        with pytest.raises(KeyboardInterrupt):
            store.back_up(40)
    found = list(backup.manifests(store.target.folder))
    assert [backup.check(store.target.folder, *one) for one in found] == [()] * 4
    store.back_up(40)
    assert not (store.target.folder / f"{DAY}-1.age").exists()


def test_no_login_gets_into_a_backup(store: Store, tmp_path: Path) -> None:
    """A copy that is restored elsewhere lets nobody in who was in here."""
    with store.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO sessions VALUES (zeroblob(32), 'inv', 1)")
        connection.exec_driver_sql(
            "INSERT INTO challenges VALUES ('c', 'inv', zeroblob(1), zeroblob(32), 1)"
        )
    store.back_up()
    with closing(put_back(store, tmp_path / "again")) as database:
        assert (rows(database, "sessions"), rows(database, "challenges")) == (0, 0)


def test_file_that_was_deleted_meanwhile_is_left_out(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that the case still has, and the disk has not, is an error."""
    copy = copies.copy

    def late(database: Database, folder: Path) -> object:
        found = copy(database, folder)
        filled.cases.ask_deletion(
            Addition("d" * 32, (1).to_bytes(32, "big"), b"d" * 32, DAY, ()), DAY
        )
        filled.cases.purge(DAY)
        filled.uploads.sweep(DAY)
        return found

    monkeypatch.setattr(copies, "copy", late)
    assert filled.back_up().new == 1
    monkeypatch.setattr(copies, "copy", copy)
    filled.blobs.remove(B)
    shutil.rmtree(filled.target.folder)
    with pytest.raises(BackupError, match=f"file {B} is not whole here"):
        filled.back_up()


def test_second_backup_at_once_is_refused(filled: Store) -> None:
    """Two would take each other's halves away."""
    with backup._alone(filled.database), pytest.raises(BackupError, match="wait for its end"):
        filled.back_up()


def test_full_disk_leaves_what_was_there(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last snapshot stays whole, and the error says where to look."""
    filled.back_up()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    filled.file(3, "inv")
    monkeypatch.setattr(backup, "encrypt", full)
    with pytest.raises(BackupError, match="No space left on device, check the folder"):
        filled.back_up()
    monkeypatch.undo()
    name, manifest = list(backup.manifests(filled.target.folder))[-1]
    assert backup.check(filled.target.folder, name, manifest) == ()
    assert name == f"{DAY}-1"


def test_damaged_entry_is_not_restored(filled: Store, tmp_path: Path) -> None:
    """A copy whose bytes are not what was filed says so."""
    with filled.database.write() as connection:
        connection.exec_driver_sql("UPDATE entries SET payload = x'00'")
    filled.back_up()
    with pytest.raises(StoreError, match="an entry of the copy is damaged"):
        filled.restore(tmp_path / "again")


LIST = f'{{"version":1,"made":"{DAY}","digest":"d","size":1,"folder":"f","files":{{"{A}":1}}}}'
OUTSIDE, SPOILT = "names something else than files", "is cut off or damaged"
HOSTILE = {
    "escape": (LIST.replace(A, "../x"), OUTSIDE),
    "folder": (LIST.replace('"f"', '"../f"'), OUTSIDE),
    "above": (LIST.replace('"f"', '".."'), OUTSIDE),
    "field": (LIST.replace('"size"', '"x":1,"size"'), SPOILT),
    "list": ("[]", SPOILT),
    "nothing": ("", SPOILT),
    "binary": ("\udcff", SPOILT),
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_list_is_refused(filled: Store, tmp_path: Path, text: str, said: str) -> None:
    """It names no file outside, and reads none."""
    filled.back_up()
    (filled.target.folder / f"{DAY}-1.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BackupError, match=said):
        filled.restore(tmp_path / "again")


@pytest.mark.parametrize("data", [b"\xff", b"x", b"aa  x\n", b"zz r 2026-11-24\n", b"a b c d\n"])
def test_hostile_tombstones_are_refused(data: bytes) -> None:
    """A damaged list deletes nothing."""
    with pytest.raises(BackupError, match="list of what is gone"):
        backup.parse_tombstones(data)


@pytest.mark.parametrize("text", ["", "age1wrong", "AGE-SECRET-KEY-PQ-1X"])
def test_backup_keys_are_checked(text: str) -> None:
    """An empty or wrong file never means a backup that nobody opens."""
    with pytest.raises(BackupError, match="backup keys: "):
        backup.recipients(text)


def test_backup_keys_are_none_of_the_classic_kind() -> None:
    """Beside a right one neither: it would open everything, once such keys can be broken."""
    classic, hybrid = generate_x25519().recipient(), generate_hybrid().recipient()
    for text in (f"{classic}\n", f"{hybrid}\n{classic}\n"):
        with pytest.raises(BackupError, match="classic"):
            backup.recipients(text)


def test_drill_restores_and_leaves_nothing(filled: Store, tmp_path: Path) -> None:
    """One that would touch a folder that is in use is refused."""
    filled.back_up()
    source = restore.choose(filled.target.folder, "", [filled.identity])
    assert restore.drill(source, tmp_path / "scratch", DAY, bytes).content.cases == 2
    assert not (tmp_path / "scratch").exists()
    with pytest.raises(BackupError, match="is not empty"):
        restore.drill(source, filled.folder, DAY, bytes)


def test_tombstones_open_with_any_age_tool(filled: Store) -> None:
    """A line each: name, reader, day."""
    filled.cases.withdraw(
        Addition("d" * 32, (1).to_bytes(32, "big"), b"d" * 32, DAY, ()),
        (),
        [entry(1)],
        frozenset(),
    )
    backup.keep_tombstones(filled.database, filled.target)
    plain = BytesIO()
    with (filled.target.folder / backup.TOMBSTONES).open("rb") as sealed:
        decrypt(sealed, plain, [filled.identity])
    assert plain.getvalue().decode() == f"{entry(1)} inv {DAY}\n"


def test_list_of_what_is_gone_is_kept_fresh(store: Store, tmp_path: Path) -> None:
    """Taken back between two nights, it stays gone; unchanged, nothing is written."""
    made = store.file(1, "inv")
    store.back_up()
    keeper = backup.Keeper(store.database, store.target)
    path = store.target.folder / backup.TOMBSTONES
    keeper.refresh()
    first = path.read_bytes()
    keeper.refresh()
    assert path.read_bytes() == first
    notice = Addition("d" * 32, made.mailbox_hash, b"d" * 32, DAY, ())
    store.cases.withdraw(notice, (), [entry(1)], frozenset())
    keeper.refresh()
    assert store.restore(tmp_path / "again").buried == 1


def test_list_that_two_write_at_once_is_whole_and_the_newer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker does, in its minute, while the nightly backup does."""
    store.file(1, "inv")
    made = store.file(2, "inv")
    notice = Addition("d" * 32, made.mailbox_hash, b"d" * 32, DAY, ())

    def refresh() -> None:
        store.cases.withdraw(notice, (), [entry(2)], frozenset())
        backup.Keeper(store.database, store.target).refresh()

    worker = Thread(target=refresh)

    def late(plain: BytesIO, file: BytesIO, keys: tuple[HybridRecipient, ...]) -> None:
        monkeypatch.undo()
        worker.start()
        worker.join(1)
        encrypt(plain, file, keys)

    monkeypatch.setattr(backup, "encrypt", late)
    backup.keep_tombstones(store.database, store.target)
    worker.join()
    plain = BytesIO()
    with (store.target.folder / backup.TOMBSTONES).open("rb") as sealed:
        decrypt(sealed, plain, [store.identity])
    assert backup.parse_tombstones(plain.getvalue()) == store.cases.tombstones()
    assert len(store.cases.tombstones()) == 1


def test_folder_that_cannot_be_written_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends no pass of the worker: mail goes on."""
    keeper = backup.Keeper(store.database, store.target)
    path = store.target.folder / backup.TOMBSTONES

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "encrypt", full)
        keeper.refresh()
        assert not path.exists()
    keeper.refresh()
    assert path.exists()
