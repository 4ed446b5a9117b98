"""How often somebody came: counted in this process, in windows that begin with the first time.

`limits` has such a store, which starts a thread for nearly every request to drop what ended; here
the next request drops it.
"""

import time
from collections.abc import Callable
from threading import Lock

from limits.storage import Storage

_SWEEP_SECONDS = 60.0
"""Each address of a flood is held for its window, all of ours a minute, and so long again."""


class Counts(Storage):
    """A store of `limits` for fixed windows; `clock` returns seconds."""

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - typed so by the base

    def __init__(
        self, uri: str | None = None, *, clock: Callable[[], float] = time.time, **_: object
    ) -> None:
        """Count from none."""
        super().__init__(uri)
        self._clock = clock
        self._lock = Lock()
        self._windows: dict[str, tuple[float, int]] = {}  # its end, and how often
        self._swept = clock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a store may raise: this one nothing."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `key` within its window, of `expiry` seconds where it begins; return how often."""
        with self._lock:
            now = self._clock()
            self._sweep(now)
            end, count = self._windows.get(key, (0.0, 0))
            end, count = (end, count) if end > now else (now + expiry, 0)
            self._windows[key] = end, count + amount
            return count + amount

    def get(self, key: str) -> int:
        """Return how often `key` came within its window."""
        end, count = self._windows.get(key, (0.0, 0))
        return count if end > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of `key` ends."""
        return self._windows.get(key, (self._clock(), 0))[0]

    def check(self) -> bool:
        """Say that it counts."""
        return True

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> int:
        """Forget all, and return how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
            return count

    def _sweep(self, now: float) -> None:
        if now - self._swept >= _SWEEP_SECONDS:
            self._swept = now
            self._windows = {k: found for k, found in self._windows.items() if found[0] > now}
