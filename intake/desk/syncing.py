"""Syncing while pages are read: in a thread of its own, one run at a time.

Rules: a run never waits for a page nor a page for a run; a vault that locks ends it; what failed is
said in one sentence and tried again when somebody asks.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from intake.client import Office
from intake.core import programme as programmes
from intake.desk.watching import Watching
from intake.errors import AnswerError, IntakeError, UnreachableError
from intake.vault import lists
from intake.vault.sync import Result, Sync
from intake.vault.vault import Open, Vault
from intake.vault.writing import KEYS, RECEIVED, Writer

ACKNOWLEDGE = "acknowledge"
"""The setting that says whether each new case is told that it was opened: "off", else it is."""
UNTOLD = 20
"""Cases acknowledged at once: each takes a hundredth of a second, and a page may wait."""


@dataclass(frozen=True)
class State:
    """What pages show of syncing."""

    stage: Literal["never", "running", "done", "offline", "failed"]
    result: Result = field(default_factory=Result)
    message: str = ""
    at: str = ""


@dataclass
class Syncing:
    """Starts runs. `log_in` gives a session, `now` the time here with its offset."""

    vault: Vault
    log_in: Callable[[Open], Office]
    now: Callable[[], datetime]
    watching: Watching
    state: State = field(default_factory=lambda: State("never"))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start a run, unless one is on its way."""
        with self._lock:
            if self._thread and self._thread.is_alive():
                return
            self.state = State("running", at=self._clock())
            self._thread = threading.Thread(target=self.run, name="sync", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Return when neither a run nor a watch is on its way."""
        if self._thread:
            self._thread.join()
        self.watching.wait()

    def run(self) -> None:
        """Sync once, acknowledge what is new, send that; the state says what came of it."""
        try:
            result = self._sync()
            if self._acknowledge():
                result.sent += self._sync().sent
        except UnreachableError as error:
            self.state = State("offline", message=str(error), at=self._clock())
        except IntakeError as error:
            self.state = State("failed", message=str(error), at=self._clock())
        else:
            self.state = State("done", result, at=self._clock())
            self.watching.start_if_due()

    def _sync(self) -> Result:
        with self.vault.use() as opened:
            programme = programmes.parse(opened.settings["programme"])
        return Sync(self.vault, self.log_in, programme, self.now, self._progress).run()

    def _acknowledge(self) -> int:
        """Tell each new case that it was opened; return how many. Pages come in between batches."""
        told, found = 0, UNTOLD
        while found == UNTOLD:
            with self.vault.use() as opened:
                if opened.settings.get(ACKNOWLEDGE) == "off" or not opened.settings.get(KEYS):
                    break
                programme = programmes.parse(opened.settings["programme"])
                if all(template.id != RECEIVED for template in programme.templates):
                    break
                writes = Writer(opened, programme, self.now())
                cases = lists.unacknowledged(opened.database, UNTOLD)
                found = len(cases)
                told += sum(_is_told(writes, case) for case in cases)
        return told

    def _progress(self, result: Result) -> None:
        self.state = State("running", result, at=self.state.at)

    def _clock(self) -> str:
        return self.now().strftime("%H:%M")


def _is_told(writes: Writer, case: str) -> bool:
    try:
        writes.acknowledge(case)
    except AnswerError:  # nobody waits for an answer there, or nothing would reach her
        lists.give_up(writes.opened.database, case)
        return False
    return True
