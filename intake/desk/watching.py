"""The self-watch while pages are read: once a day after a sync, and when somebody asks.

Rules: it runs in a thread of its own, one at a time; what it saw is kept in the vault and stands on
every page until the form is right again; where Tor is set, nothing goes around it.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial

from intake.desk import watch as seeing
from intake.desk.watch import Own, Watched
from intake.errors import IntakeError
from intake.socks import Proxy
from intake.vault.vault import Vault
from intake.vault.writing import KEYS
from intake.web.visitor import Visited

PROXY = "proxy"
"""The setting that says through which SOCKS proxy the form is visited; empty for none."""
WATCH = "watch"
"""The setting that says whether the form is looked at each day: "off", else it is."""
_PAUSE = 5
"""Seconds between two visits, and as many more by chance."""

Look = Callable[[Own, str, str], Watched]
"""What visits the form: own keys, the site's address, the proxy's or nothing."""


def look(own: Own, site: str, proxy: str) -> Watched:
    """Visit the form twice, each time as another visitor; raises ConfigError."""
    return seeing.watch(visitor(site, proxy), own, datetime.now(UTC), pause)


def visitor(site: str, proxy: str) -> Callable[[], Visited]:
    """Return what makes a visitor for each visit; raises ConfigError."""
    through = Proxy.at(proxy) if proxy else None
    Visited.at(site, through)
    return partial(_visited, site, through)


def pause() -> None:
    """Wait as long as nobody could tell beforehand."""
    time.sleep(_PAUSE + secrets.randbelow(_PAUSE + 1))


def _visited(site: str, proxy: Proxy | None) -> Visited:
    fresh = replace(proxy, circuit=secrets.token_hex(8)) if proxy else None
    return Visited.at(site, fresh)


@dataclass
class Watching:
    """Starts watches; `look` is replaced in tests."""

    vault: Vault
    look: Look
    now: Callable[[], datetime]
    message: str = ""
    is_running: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start a watch, unless one is on its way."""
        with self._lock:
            if self._thread and self._thread.is_alive():
                return
            self.is_running = True
            self._thread = threading.Thread(target=self.run, name="watch", daemon=True)
            self._thread.start()

    def start_if_due(self) -> None:
        """Start a watch where none was made today, and the office wants one and has its keys."""
        try:
            with self.vault.use() as opened:
                is_wanted = opened.settings.get(WATCH) != "off" and KEYS in opened.settings
                last = seeing.kept(opened)
        except IntakeError:
            return
        if is_wanted and (last is None or last.at[:10] != self._today().isoformat()):
            self.start()

    def wait(self) -> None:
        """Return when no watch is on its way."""
        if self._thread:
            self._thread.join()

    def run(self) -> None:
        """Watch once and keep what was seen; `message` says why it could not be."""
        try:
            with self.vault.use() as opened:
                own = seeing.own(opened)
                site, proxy = opened.settings["server"], opened.settings.get(PROXY, "")
            seen = self.look(own, site, proxy)
            with self.vault.use() as opened:
                seeing.keep(opened, seen)
            self.message = ""
        except IntakeError as error:
            self.message = str(error)
        finally:
            self.is_running = False

    def _today(self) -> date:
        return self.now().astimezone(UTC).date()
