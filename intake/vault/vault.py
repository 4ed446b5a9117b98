"""The vault: locked until its identity is given, and again when nobody uses it.

Rules: locked, neither key nor identity is held and the database is closed; whoever works does so
inside `use`, which asks first whether it may.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from intake.crypto.age import HybridRecipient
from intake.crypto.unseal import HybridIdentity, Identity
from intake.errors import ConfigError, VaultDamagedError, VaultError, VaultLockedError
from intake.vault import database as databases
from intake.vault import key as keys
from intake.vault.database import Database
from intake.vault.key import VaultKey

IDLE = 15 * 60
"""Seconds without use after which a vault locks: as long as a session with the server lasts."""
ASKED = "lock"
"""A file of this name asks whichever program has the vault open to lock it."""
SETTINGS = ("server", "office", "programme", "who")
"""What a vault is told when it is made: origin, office id, text of the programme, her own name."""


@dataclass(frozen=True, repr=False)
class Open:
    """An unlocked vault: what works with it gets this, for as long as it works."""

    database: Database
    identities: Sequence[Identity]
    key: VaultKey
    settings: Mapping[str, str]


class Vault:
    """A vault in a folder of its own. `clock` gives seconds that only grow."""

    def __init__(self, folder: Path, clock: Callable[[], float], idle: float = IDLE) -> None:
        """Begin locked."""
        self.folder = folder
        self._clock = clock
        self._idle = idle
        self._used = 0.0
        self._open: Open | None = None
        self._lock = threading.RLock()

    @classmethod
    def make(
        cls,
        folder: Path,
        recipients: Sequence[HybridRecipient],
        settings: Mapping[str, str],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Make a vault in an empty folder that these recipients may open; raises VaultError."""
        if missing := [name for name in SETTINGS if not settings.get(name)]:
            raise ConfigError(f"a new vault needs: {', '.join(missing)}")
        prepare(folder)
        key = keys.make(random)
        keys.write(folder, key, recipients)
        database = Database(folder / databases.FILE, key)
        try:
            with database.write():
                database.many("INSERT INTO settings VALUES (?, ?)", sorted(settings.items()))
        finally:
            database.close()

    def unlock(self, identities: Sequence[Identity]) -> Self:
        """Open the vault; raises the VaultError that fits."""
        with self._lock:
            self.lock()
            path = self.folder / databases.FILE
            key = keys.read(self.folder, identities)
            if not path.is_file():
                raise VaultDamagedError(f"{path.name} is missing, restore a backup")
            database = Database(path, key)
            try:
                settings = _settings(database)
            except BaseException:
                database.close()
                raise
            # What was asked before anybody had it open is done.
            (self.folder / ASKED).unlink(missing_ok=True)
            self._open = Open(database, tuple(identities), key, settings)
            self._used = self._clock()
        return self

    def lock(self) -> None:
        """Close the database; forget keys and identities."""
        with self._lock:
            if self._open:
                self._open.database.close()
            self._open = None

    @property
    def is_locked(self) -> bool:
        """Whether it is locked, now at the latest where it was left alone too long."""
        self.lock_if_left()
        return self._open is None

    def lock_if_left(self) -> None:
        """Lock where nobody used it for too long or a lock was asked for; call it now and then."""
        with self._lock:
            if self._open is None:
                return
            asked = self.folder / ASKED
            if self._clock() - self._used >= self._idle or asked.exists():
                self.lock()
                asked.unlink(missing_ok=True)

    @contextmanager
    def use(self) -> Iterator[Open]:
        """Give what is open, and count as use; raises VaultLockedError.

        No lock falls in the middle: it waits for whoever works.
        """
        with self._lock:
            self.lock_if_left()
            if self._open is None:
                raise VaultLockedError("the vault is locked, unlock it with your passphrase")
            self._used = self._clock()
            yield self._open
            self._used = self._clock()

    def set(self, name: str, value: str) -> None:
        """Keep a setting; raises VaultError."""
        with self.use() as opened:
            with opened.database.write():
                opened.database.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)
            self._open = replace(opened, settings={**opened.settings, name: value})

    def reseal(self, recipients: Sequence[HybridRecipient]) -> None:
        """Let these recipients open the vault, and nobody else, from now on; raises VaultError.

        One of them must be an identity that is at hand, or nobody here could open it again.
        """
        with self.use() as opened:
            own = [one.recipient() for one in opened.identities if isinstance(one, HybridIdentity)]
            if not any(one in recipients for one in own):
                raise VaultError("none of your identities would open the vault, name one of them")
            keys.write(self.folder, opened.key, recipients)


def ask_to_lock(folder: Path) -> None:
    """Ask whichever program has the vault open to lock it; raises VaultError."""
    if not (folder / keys.FILE).is_file():
        raise VaultError("there is no vault in this folder, check the path")
    try:
        (folder / ASKED).touch()
    except OSError as error:
        raise VaultError(f"{ASKED}: {error.strerror}, mend it") from error


def prepare(folder: Path) -> None:
    """Make the folder of a new vault; raises VaultError where something lies in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise VaultError(f"the folder of the vault: {error.strerror}, name another") from error
    if not is_empty:
        raise VaultError("the folder of a new vault must be empty, name another")


def _settings(database: Database) -> Mapping[str, str]:
    settings = dict(database.rows(_pair, "SELECT name, value FROM settings"))
    if any(name not in settings for name in SETTINGS):
        raise VaultDamagedError("the vault was never finished, make it again")
    return settings


def _pair(name: str, value: str) -> tuple[str, str]:
    return name, value
