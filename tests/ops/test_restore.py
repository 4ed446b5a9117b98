"""Restoring, ended in the middle at any step: begun anew or done, never half."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from intake.errors import BackupError
from intake.ops import backup, restore
from intake.store.blobs import Blobs, sync
from intake.store.database import FILE, Database
from intake.store.uploads import Uploads
from tests.ops.conftest import Store, sealed_file
from tests.store.samples import rows

A = "aa" * 16
FILE_A = sealed_file()


@pytest.fixture
def saved(store: Store) -> Store:
    """Back up a case with a file."""
    store.send(A, FILE_A)
    store.file(1, "inv", evidence=(A,))
    store.back_up()
    return store


def stop_before(patch: pytest.MonkeyPatch, step: int) -> None:
    """End the program before a step of those that rename, remove or force to the disk."""
    done = iter(range(1000))

    def counted(do: Callable[..., object]) -> Callable[..., object]:
        def step_of_it(*words: object, **named: object) -> object:
            if next(done) >= step:
                raise KeyboardInterrupt
            return do(*words, **named)

        return step_of_it

    patch.setattr(restore, "sync", counted(sync))
    patch.setattr(shutil, "rmtree", counted(shutil.rmtree))
    patch.setattr(Path, "rename", counted(Path.rename))


def ended(store: Store, folder: Path, step: int) -> bool:
    """Restore up to a step; return whether it was ended before."""
    with pytest.MonkeyPatch.context() as patch:
        stop_before(patch, step)
        try:
            store.restore(folder)
        except KeyboardInterrupt:
            return True
    return False


def test_restore_ended_before_any_of_its_steps_is_begun_anew_or_done(
    saved: Store, tmp_path: Path
) -> None:
    """What has the database's name has its files too, and what has not is begun anew."""
    step = 0
    while ended(saved, folder := tmp_path / f"{step}", step):
        if not (folder / FILE).exists():
            saved.restore(folder)
        restore.refuse_unfinished(folder)
        with closing(Database(folder)) as database:
            _, pieces = Uploads(database, Blobs(folder / "evidence", 0)).fetch("inv", A)
            assert b"".join(pieces) == FILE_A
        step += 1
    assert step >= 6


def test_no_server_starts_while_the_last_step_is_missing(saved: Store, tmp_path: Path) -> None:
    """The database is whole then, and has not its name."""
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / restore.READY).touch()
    with pytest.raises(BackupError, match="run it again"):
        restore.refuse_unfinished(tmp_path / "again")
    saved.restore(tmp_path / "again")
    restore.refuse_unfinished(tmp_path / "again")
    with closing(Database(tmp_path / "again")) as database:
        assert rows(database, "cases") == 1


def test_what_is_restored_is_on_the_disk(
    saved: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last that is forced there is the database's name."""
    forced: list[tuple[str, bool]] = []

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        forced.append((path.name, (path / FILE).exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    saved.restore(tmp_path / "again")
    assert forced[-1] == ("again", True)


def test_file_of_another_length_is_not_restored(saved: Store, tmp_path: Path) -> None:
    """One that opens, and is not what the database says, would be served as if it were."""
    with saved.database.write() as connection:
        connection.exec_driver_sql("UPDATE evidence SET size = size + 1")
    saved.back_up()  # the copy is known and as long as its list says: nothing is read again
    with pytest.raises(BackupError, match="has another length"):
        saved.restore(tmp_path / "again")
    assert not (tmp_path / "again" / FILE).exists()


def test_drill_needs_every_file(saved: Store, tmp_path: Path) -> None:
    """One that goes on without some would say that all can be restored."""
    backup.file_path(saved.target.folder, saved.target.files, A).unlink()
    source = restore.choose(saved.target.folder, "", [saved.identity])
    with pytest.raises(BackupError, match=f"file {A} is missing"):
        restore.drill(source, tmp_path / "scratch", source.manifest.made, os.urandom)
    assert not (tmp_path / "scratch").exists()
