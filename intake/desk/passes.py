"""What is handed out while a vault is open, by an address that nobody can guess.

Rules: a token is random and stands for one thing; it ends when the vault locks, and what it stood
for is let go with the database; only so many are held, the oldest goes first.
"""

import secrets
import threading
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from intake.errors import EvidenceError
from intake.vault.database import Database
from intake.vault.vault import Vault

T = TypeVar("T")


class Passes(Generic[T]):
    """Things by their token, at most `room` of them."""

    def __init__(self, vault: Vault, room: int) -> None:
        """Begin with none."""
        self._vault = vault
        self._room = room
        # A vault that is unlocked again has another database.
        self._held: WeakKeyDictionary[Database, dict[str, T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def give(self, thing: T) -> str:
        """Return a new token for a thing; raises VaultLockedError."""
        token = secrets.token_urlsafe(32)
        with self._vault.use() as opened, self._lock:
            held = self._held.setdefault(opened.database, {})
            held[token] = thing
            while len(held) > self._room:
                del held[next(iter(held))]
        return token

    def find(self, token: str) -> T:
        """Return what a token stands for; raises VaultLockedError, EvidenceError."""
        with self._vault.use() as opened, self._lock:
            held = self._held.get(opened.database, {})
            if token not in held:
                raise EvidenceError(
                    "this address is no longer in use, open the file again", "missing"
                )
            return held[token]
