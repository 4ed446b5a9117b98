"""Sealing anew what is open, while pages are read: in a thread of its own, one run at a time.

Rules: it seals to the keys that this desk was given and that were compared by voice; a vault that
locks ends it; what could not be sealed anew is named and blocks nothing.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal

from intake.client import Office
from intake.core import limits
from intake.crypto.unseal import Identity
from intake.errors import IntakeError, KeyringError, VaultLockedError
from intake.vault.rewrapping import Rewrapping
from intake.vault.vault import Open, Vault
from intake.vault.writing import KEYS, own_keys

CHANGED = "keys-changed"
"""The setting with the day of the last change of keys that was not followed by sealing anew."""
_NAMED = 20
"""Entries whose problem a page names: the first tell what is the matter."""


@dataclass(frozen=True)
class Stand:
    """What pages show of a run."""

    stage: Literal["never", "running", "done", "failed"]
    number: int = 0
    of: int = 0
    failed: int = 0
    problems: tuple[str, ...] = ()
    message: str = ""
    at: str = ""


@dataclass
class Resealing:
    """Starts runs. `log_in` gives a session, `now` the time here with its offset."""

    vault: Vault
    log_in: Callable[[Open], Office]
    now: Callable[[], datetime]
    stand: Stand = field(default_factory=lambda: Stand("never"))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self, more: Sequence[Identity] = ()) -> None:
        """Start a run, unless one is on its way; `more` open what your own key does not."""
        with self._lock:
            if self._thread and self._thread.is_alive():
                return
            self.stand = Stand("running", at=self._clock())
            self._thread = threading.Thread(
                target=self.run, args=(tuple(more),), name="reseal", daemon=True
            )
            self._thread.start()

    def wait(self) -> None:
        """Return when no run is on its way."""
        if self._thread:
            self._thread.join()

    def run(self, more: Sequence[Identity]) -> None:
        """Go through all that is open at the server; `stand` says what came of it."""
        try:
            self._run(more)
        except IntakeError as error:
            self.stand = replace(self.stand, stage="failed", message=str(error), at=self._clock())
        else:
            self.stand = replace(self.stand, stage="done", at=self._clock())

    def _run(self, more: Sequence[Identity]) -> None:
        with self.vault.use() as opened:
            before = opened.settings.get(KEYS, "")
            keys = own_keys(opened, self.now())
            given = replace(opened, identities=(*opened.identities, *more))
        if len(keys) < limits.RECIPIENTS_NEEDED:
            raise KeyringError("your office has fewer than two valid keys, add one first")
        work = Rewrapping(partial(self.log_in, given), given.identities, keys)
        for outcome in work.run():
            if self.vault.is_locked:
                raise VaultLockedError("the vault was locked, begin again: nothing is lost")
            problems = self.stand.problems
            if outcome.problem and len(problems) < _NAMED:
                problems += (f"entry {outcome.entry}: {outcome.problem}",)
            self.stand = replace(
                self.stand,
                number=outcome.number,
                of=outcome.of,
                failed=self.stand.failed + bool(outcome.problem),
                problems=problems,
            )
        with self.vault.use() as opened:
            if not self.stand.failed and opened.settings.get(KEYS, "") == before:
                self.vault.set(CHANGED, "")

    def _clock(self) -> str:
        return self.now().strftime("%H:%M")
