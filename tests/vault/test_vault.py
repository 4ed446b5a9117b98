"""The vault: who opens it, what each refusal says, and when it locks."""

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

import intake.vault
from intake.crypto.age import ScryptRecipient, encrypt
from intake.crypto.unseal import HybridIdentity, generate_hybrid, open_identities_file
from intake.errors import (
    NoMatchError,
    VaultBusyError,
    VaultDamagedError,
    VaultError,
    VaultFullError,
    VaultKeyError,
    VaultLockedError,
    VaultVersionError,
)
from intake.vault import database, key, lists
from intake.vault.vault import IDLE, Vault, ask_to_lock
from tests.crypto import entries
from tests.support.desk import NOW, SETTINGS, Desk, refused

CHEAP = 10
WORDS = "quicksilver marmalade"
_HOLD = """
import sys, time
from pathlib import Path
from intake.crypto.unseal import parse_identity
from intake.vault.vault import Vault
vault = Vault(Path(sys.argv[1]), time.monotonic)
vault.unlock([parse_identity(sys.stdin.readline().strip())])
print("open", flush=True)
with vault.use() as opened:
    if len(sys.argv) == 2:
        time.sleep(60)
    text = sys.argv[2] * 900
    for number in range(10**6):
        with opened.database.write():
            opened.database.run("INSERT INTO own_notes VALUES ('c', ?, '', ?)", number, text)
            opened.database.run("INSERT INTO words (rowid, text) VALUES (?, ?)", number + 1, text)
            if number == 40:
                opened.database.run("INSERT INTO tags VALUES ('x', 'y')")
                print("writing", flush=True)
                time.sleep(60)
"""


@contextmanager
def other(desk: Desk, last: str, *arguments: str) -> Iterator[None]:
    """Have the vault open in another process, which is killed after its last line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(desk.folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(f"{desk.key.secret_text()}\n")
        process.stdin.flush()
        while (line := process.stdout.readline().strip()) != last:
            assert line, "the other process ended"
        yield
    finally:
        process.kill()
        process.communicate()


def test_second_instance_is_named(desk: Desk) -> None:
    """Two programs that write one vault would lose one another's work."""
    desk.vault.lock()
    with other(desk, "open"):
        assert "another program" in refused(desk.reopened, VaultBusyError)
    desk.reopened().lock()  # whoever died holds nothing


def test_folder_holds_no_word_after_a_kill(desk: Desk) -> None:
    """In the middle of a write: database, journal and whatever else lies there."""
    desk.vault.lock()
    with other(desk, "writing", WORDS):
        pass
    raw = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    assert len(raw) > 500_000
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        for word in WORDS.split():
            assert word.encode(encoding) not in raw
    assert b"SQLite" not in raw
    assert b"CREATE TABLE" not in raw
    vault = desk.reopened()
    with vault.use() as opened:
        assert opened.database.number("SELECT count(*) FROM own_notes") == 40
        assert opened.database.number("SELECT count(*) FROM tags") == 0
        opened.database.check()
    vault.lock()


def test_another_identity_does_not_open(desk: Desk) -> None:
    """It says that this is not the one, not that something is broken."""
    desk.vault.lock()
    vault = Vault(desk.folder, desk.clock)
    message = refused(lambda: vault.unlock([generate_hybrid()]), VaultKeyError)
    assert "does not open this vault" in message
    assert vault.is_locked


def test_wrong_and_new_passphrase(desk: Desk) -> None:
    """The passphrase opens the identity, and so the vault; a new one changes that file alone."""

    def file(passphrase: str) -> bytes:
        sealed = BytesIO()
        text = f"{desk.key.secret_text()}\n".encode()
        encrypt(BytesIO(text), sealed, [ScryptRecipient(passphrase, CHEAP)])
        return sealed.getvalue()

    desk.vault.lock()
    before = (desk.folder / key.FILE).read_bytes()
    with pytest.raises(NoMatchError):
        open_identities_file(file("the first one"), lambda: "another")
    for passphrase in ("the first one", "the second one"):
        found = open_identities_file(file(passphrase), partial(str, passphrase))
        Vault(desk.folder, desk.clock).unlock(found).lock()
    assert (desk.folder / key.FILE).read_bytes() == before


def test_another_identity_takes_over(desk: Desk) -> None:
    """After a rotation the new identity opens, and the old one no longer does."""
    new = generate_hybrid()
    assert "none of your identities" in refused(
        lambda: desk.vault.reseal([new.recipient()]), VaultError
    )
    desk.vault.lock()
    both = Vault(desk.folder, desk.clock).unlock([desk.key, new])
    both.reseal([new.recipient()])
    both.lock()
    Vault(desk.folder, desk.clock).unlock([new]).lock()
    refused(desk.reopened, VaultKeyError)


@pytest.mark.parametrize("name", [key.FILE, database.FILE])
def test_missing_file_is_named(desk: Desk, name: str) -> None:
    """Each file of the vault."""
    desk.vault.lock()
    (desk.folder / name).unlink()
    assert name in refused(desk.reopened, VaultDamagedError)


@pytest.mark.parametrize("place", [0, 20, 100, 4090])
def test_damaged_database_is_named(desk: Desk, place: int) -> None:
    """One bit, anywhere on the first page; the salt too."""
    desk.vault.lock()
    _flip(desk.folder / database.FILE, place)
    assert "restore a backup" in refused(desk.reopened, VaultDamagedError)


def test_damage_on_a_later_page_is_found(desk: Desk) -> None:
    """Opening does not read everything; what reads the page says so, and so does a check."""
    with desk.vault.use() as opened:
        for number in range(300):
            lists.note(opened.database, "c", "", f"{number} " + "x" * 300)
    desk.vault.lock()
    size = (desk.folder / database.FILE).stat().st_size
    _flip(desk.folder / database.FILE, size // 2)
    vault = desk.reopened()
    with vault.use() as opened:
        refused(opened.database.check, VaultDamagedError)
    vault.lock()


def test_damaged_key_is_named(desk: Desk) -> None:
    """Cut off, altered, or something else altogether."""
    desk.vault.lock()
    path = desk.folder / key.FILE
    whole = path.read_bytes()
    for data in (whole[:-1], whole[:50], b"", b"x" * 1000, whole + b"x"):
        path.write_bytes(data)
        assert key.FILE in refused(desk.reopened, VaultDamagedError)


def test_key_of_another_length_is_no_key(desk: Desk) -> None:
    """It would silently become a passphrase of SQLCipher."""
    desk.vault.lock()
    sealed = BytesIO()
    encrypt(BytesIO(b"short"), sealed, [desk.key.recipient()])
    (desk.folder / key.FILE).write_bytes(sealed.getvalue())
    refused(desk.reopened, VaultDamagedError)


def test_vault_of_a_newer_program_is_left_alone(desk: Desk) -> None:
    """What it wrote is not understood, and not touched."""
    with desk.vault.use() as opened:
        opened.database.run("PRAGMA user_version = 99")
    desk.vault.lock()
    assert "update" in refused(desk.reopened, VaultVersionError)


def test_full_disk_keeps_what_was_kept(desk: Desk) -> None:
    """The next step is said; nothing is half there."""
    with desk.vault.use() as opened:
        lists.note(opened.database, "c", "", "kept")
        opened.database.run(
            f"PRAGMA max_page_count = {opened.database.number('PRAGMA page_count') + 2}"
        )
        message = refused(
            lambda: lists.note(opened.database, "c", "", "x" * 100_000), VaultFullError
        )
        assert "make room" in message
        assert opened.database.rows(str, "SELECT text FROM own_notes") == ["kept"]
        opened.database.run("PRAGMA max_page_count = 100000")
        lists.note(opened.database, "c", "", "x" * 100_000)


def test_folder_in_use_is_refused(desk: Desk) -> None:
    """A new vault never takes the place of something."""
    assert "empty" in refused(
        lambda: Vault.make(desk.folder, [desk.key.recipient()], SETTINGS), VaultError
    )


def test_locks_when_left_alone(desk: Desk) -> None:
    """Each use starts the time anew; after it, nothing works but unlocking."""
    desk.clock.at += IDLE - 1
    with desk.vault.use():
        pass
    desk.clock.at += IDLE - 1
    assert not desk.vault.is_locked
    desk.clock.at += 1
    assert "locked" in refused(lambda: desk.vault.use().__enter__(), VaultLockedError)
    assert desk.vault.is_locked
    desk.reopened().lock()  # nobody holds it


def test_locks_on_command_of_another_program(desk: Desk) -> None:
    """The command holds no key; an old command locks nobody later."""
    ask_to_lock(desk.folder)
    refused(lambda: desk.vault.use().__enter__(), VaultLockedError)
    ask_to_lock(desk.folder)
    vault = desk.reopened()
    with vault.use():
        pass
    vault.lock()


def test_lock_forgets_keys_and_identities(desk: Desk) -> None:
    """Nothing that the vault holds leads to one."""
    desk.vault.lock()
    seen: set[int] = set()
    waiting: list[object] = [desk.vault]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or callable(one):
            continue
        seen.add(id(one))
        assert not isinstance(one, HybridIdentity | key.VaultKey)
        waiting += gc.get_referents(one)


def test_no_secret_is_shown_or_pickled(desk: Desk) -> None:
    """A key, an open vault, and rows with a person's words."""
    with desk.vault.use() as opened:
        assert opened.key.value.hex() not in repr(opened.key)
        assert "settings" not in repr(opened)
        with pytest.raises(TypeError):
            opened.key.__reduce__()
    entry = entries.report()
    desk.put(entry)
    desk.sync()
    with desk.vault.use() as opened:
        (row,) = lists.page(opened.database, NOW.date())
    assert "names" not in repr(row)


POSIX_ONLY = {"fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "syslog", "posix"}
POSIX_CALLS = {
    "fork", "getuid", "geteuid", "setuid", "chown", "fchown", "fchmod", "mkfifo", "killpg",
    "sync", "statvfs", "pread", "pwrite", "posix_fallocate", "SIGKILL", "O_DIRECTORY",
}  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted(Path(intake.vault.__file__).parent.glob("*.py")), ids=lambda path: path.stem
)
def test_module_works_on_windows(path: Path) -> None:
    """Investigators have Windows: nothing that only POSIX has is imported or called."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & POSIX_ONLY
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in POSIX_ONLY
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert not (node.value.id in ("os", "signal") and node.attr in POSIX_CALLS)


def _flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
