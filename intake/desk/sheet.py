"""The recovery sheet: a secret key on paper, in memory until it was printed, and never on a disk.

Rules: one sheet at a time; it is gone once somebody says that it was printed, when the vault is
locked by hand, and after ten minutes; what is typed from it is read without its spaces, and only
a post-quantum secret key is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from intake.crypto.keyring import fingerprint, spoken
from intake.crypto.unseal import HybridIdentity, parse_identity
from intake.errors import KeyTextError
from intake.wordlists import wordlist

SHEET = "sheet"
"""The setting that says whether the recovery key is on paper."""
WAITING = "waiting"
PRINTED = "printed"
SECONDS = 10 * 60
"""Time to switch a printer on. Whoever sits down here afterwards finds no secret key."""
_GROUP = 4
"""Characters: what people copy without losing their place."""
_START = "AGE-SECRET-KEY-PQ-1"
_MOST = 200
"""Characters typed: a key has 77, and spaces stand between its groups."""


@dataclass(frozen=True, repr=False)
class Sheet:
    """What stands on the paper."""

    office: str
    server: str
    day: date
    key: HybridIdentity

    @property
    def words(self) -> str:
        """The key's fingerprint, as people compare it."""
        return spoken(fingerprint(self.key.recipient()), wordlist("en"))

    @property
    def start(self) -> str:
        """What every such key begins with."""
        return _START

    @property
    def groups(self) -> tuple[str, ...]:
        """The rest of the secret key, in groups of four."""
        rest = self.key.secret_text().removeprefix(_START)
        return tuple(rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP))


class Sheets:
    """Holds the sheet that waits to be printed. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Hold none."""
        self._clock = clock
        self._lock = Lock()
        self._held: tuple[Sheet, float] | None = None

    def hold(self, sheet: Sheet) -> None:
        """Hold a sheet, in place of one that is there."""
        with self._lock:
            self._held = sheet, self._clock()

    def find(self) -> Sheet | None:
        """Return the sheet, None where there is none any more."""
        self.forget_old()
        with self._lock:
            return self._held[0] if self._held else None

    def forget(self) -> None:
        """Let it go."""
        with self._lock:
            self._held = None

    def forget_old(self) -> None:
        """Let go what nobody printed in time; call it now and then."""
        with self._lock:
            if self._held and self._clock() - self._held[1] >= SECONDS:
                self._held = None


def typed_key(text: str) -> HybridIdentity:
    """Return the secret key that was typed from a sheet; raises KeyTextError."""
    rest = "".join(text.split()).upper()
    if not rest:
        raise KeyTextError("type the secret key from the recovery sheet")
    if len(rest) > _MOST:
        raise KeyTextError("this is longer than a secret key, type what stands on the sheet")
    key = parse_identity(rest if rest.startswith("AGE-") else f"{_START}{rest}")
    if not isinstance(key, HybridIdentity):
        raise KeyTextError("this is an older kind of key, no recovery sheet of ours has it")
    return key
