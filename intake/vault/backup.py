"""A sealed backup of a vault, and bringing it back into an empty folder.

One age file: the key of the vault, then its encrypted database as it lies on the disk. So a backup
needs no second disk space in clear, and whoever it is sealed to needs nothing else.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from intake.core import limits
from intake.crypto.age import HybridRecipient, encrypt
from intake.crypto.stream import ByteWriter
from intake.crypto.unseal import Identity, decrypt
from intake.errors import AgeError, VaultDamagedError, VaultError
from intake.vault import database as databases
from intake.vault import key as keys
from intake.vault.database import PAGE, Database
from intake.vault.key import VaultKey
from intake.vault.vault import Vault, prepare

_HEAD = b"intake/vault-backup/v1\n"
_PIECE = 1024 * limits.KIB
_LOCKED = 1 << 30
"""Where SQLite locks a file: the page there is never used, and Windows lets nobody read it."""


def backup(vault: Vault, recipients: Sequence[HybridRecipient], path: Path) -> None:
    """Write a backup that is there whole or not at all; raises VaultError."""
    made = path.with_name(f"{path.name}.not-whole")
    try:
        if path.exists():
            raise VaultError("there is a file of this name already, name another")
        with vault.use() as opened:
            opened.database.settle()
            start = _HEAD + opened.key.value
            with opened.database.write(), made.open("xb") as file:
                pieces = _Pieces(_stored(vault.folder / databases.FILE, start))
                encrypt(pieces, file, recipients)
                file.flush()
                os.fsync(file.fileno())
        made.rename(path)
    except OSError as error:
        raise VaultError(f"the backup: {error.strerror}, mend it and try again") from error
    finally:
        made.unlink(missing_ok=True)


def restore(
    path: Path,
    folder: Path,
    identities: Sequence[Identity],
    recipients: Sequence[HybridRecipient],
) -> None:
    """Bring a vault back into an empty folder, for these recipients; raises VaultError, AgeError.

    The database gets its name last, once every page of it was found authentic.
    """
    prepare(folder)
    coming = folder / f"{databases.FILE}.not-whole"
    try:
        with path.open("rb") as sealed, coming.open("wb") as file:
            start = _Start(file)
            decrypt(sealed, start, identities)
            file.flush()
            os.fsync(file.fileno())
        key = start.key()
        database = Database(coming, key)
        try:
            database.check()
        finally:
            database.close()
        keys.write(folder, key, recipients)
        coming.rename(folder / databases.FILE)
    except OSError as error:
        raise VaultError(f"the backup: {error.strerror}, mend it and try again") from error
    except AgeError as error:
        raise type(error)(f"the backup does not open: {error}") from error
    finally:
        for left in folder.glob(f"{coming.name}*"):
            left.unlink()


def _stored(path: Path, start: bytes) -> Iterator[bytes]:
    """Yield `start` and the bytes of the database, zeros for the page that holds its locks."""
    yield start
    with path.open("rb", buffering=0) as file:
        at, size = 0, path.stat().st_size
        while at < size:
            if at == _LOCKED:
                file.seek(PAGE, os.SEEK_CUR)
                piece = bytes(PAGE)
            else:
                stop = _LOCKED if at < _LOCKED else size
                piece = file.read(min(_PIECE, stop - at))
            if not piece:
                raise VaultDamagedError("the vault grew shorter while it was read, try again")
            at += len(piece)
            yield piece


class _Pieces:
    """Pieces, as a file that is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = bytearray()

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken

    def readline(self, size: int, /) -> bytes:
        """Refuse: nothing here is a line."""
        raise NotImplementedError


class _Start:
    """Takes the key from the start, and writes the rest."""

    _SIZE = len(_HEAD) + keys.SIZE

    def __init__(self, writer: ByteWriter) -> None:
        self._start = b""
        self._writer = writer

    def write(self, data: bytes, /) -> None:
        """Keep what belongs to the start, write what does not."""
        missing = self._SIZE - len(self._start)
        self._start += data[:missing]
        if missing < len(data):
            self._writer.write(data[missing:])

    def key(self) -> VaultKey:
        """Return the key; raises VaultDamagedError where this is no backup of a vault."""
        if len(self._start) != self._SIZE or not self._start.startswith(_HEAD):
            raise VaultDamagedError("this is no backup of a vault, name another file")
        return VaultKey(self._start[len(_HEAD) :])
