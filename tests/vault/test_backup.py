"""Backup and restore: sealed, whole or not there, and never over something."""

from io import BytesIO
from pathlib import Path

import pytest

from intake.crypto.age import encrypt
from intake.crypto.unseal import generate_hybrid
from intake.errors import NoMatchError, PayloadError, VaultDamagedError, VaultError
from intake.vault import backup, lists
from intake.vault.vault import Vault
from tests.crypto import entries
from tests.support.desk import TODAY, Clock, Desk, refused


@pytest.fixture
def saved(desk: Desk, tmp_path: Path) -> Path:
    """Back up a vault with one report, and lock it."""
    desk.put(entries.report())
    desk.sync()
    path = tmp_path / "backup.age"
    backup.backup(desk.vault, [desk.key.recipient()], path)
    desk.vault.lock()
    return path


def test_backup_comes_back_in_an_empty_folder(desk: Desk, saved: Path, tmp_path: Path) -> None:
    """All of it, for the identity that restores, under a key file of its own."""
    mine = generate_hybrid()
    folder = tmp_path / "new"
    backup.restore(saved, folder, [desk.key], [mine.recipient()])
    vault = Vault(folder, Clock()).unlock([mine])
    with vault.use() as opened:
        assert len(lists.page(opened.database, TODAY)) == 1
        assert len(lists.search(opened.database, "list names")) == 1
    vault.lock()
    assert sorted(path.name for path in folder.iterdir()) == ["vault.db", "vault.key"]


def test_backup_holds_no_word(saved: Path) -> None:
    """It is sealed, and what is sealed is ciphertext already."""
    raw = saved.read_bytes()
    assert b"names" not in raw
    assert b"SQLite" not in raw


def test_nothing_is_overwritten(desk: Desk, saved: Path) -> None:
    """Neither a backup nor a vault."""
    refused(lambda: backup.backup(desk.reopened(), [desk.key.recipient()], saved), VaultError)
    refused(
        lambda: backup.restore(saved, desk.folder, [desk.key], [desk.key.recipient()]), VaultError
    )


def test_wrong_key_cut_and_foreign_files_leave_an_empty_folder(
    desk: Desk, saved: Path, tmp_path: Path
) -> None:
    """Each says what it is; nothing half stays, so the next try can begin."""
    folder, keys = tmp_path / "new", [desk.key.recipient()]

    def restore() -> None:
        backup.restore(saved, folder, [desk.key], keys)

    refused(lambda: backup.restore(saved, folder, [generate_hybrid()], keys), NoMatchError)
    whole = saved.read_bytes()
    saved.write_bytes(whole[:-1000])
    refused(restore, PayloadError)
    for plain in (b"", b"intake/vault-backup/v1\n", b"x" * 100_000):
        other = BytesIO()
        encrypt(BytesIO(plain), other, keys)
        saved.write_bytes(other.getvalue())
        refused(restore, VaultDamagedError)
    # Authentic, but the database in it was damaged before it was sealed.
    other = BytesIO()
    encrypt(BytesIO(b"intake/vault-backup/v1\n" + bytes(32) + b"y" * 8192), other, keys)
    saved.write_bytes(other.getvalue())
    refused(restore, VaultDamagedError)
    assert list(folder.iterdir()) == []
    saved.write_bytes(whole)
    restore()


def test_page_of_the_locks_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses it to everybody; SQLite keeps nothing there."""
    path = tmp_path / "file"
    path.write_bytes(b"a" * 8192 + b"b" * 4096 + b"c" * 5000)
    monkeypatch.setattr(backup, "_LOCKED", 8192)
    monkeypatch.setattr(backup, "_PIECE", 3000)
    read = b"".join(backup._stored(path, b"start"))
    assert read == b"start" + b"a" * 8192 + bytes(4096) + b"c" * 5000
