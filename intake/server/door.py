"""Whether the site takes anything, and until when words still open a case.

Rules: every process asks the store every few seconds, so that an emergency ends filing at once;
where the store does not answer, what was known holds: it takes nothing then anyway.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from intake.errors import IntakeError, StoreError
from intake.store.records import Filing, Records, Status
from intake.store.state import Name, State

_SECONDS = 2.0
"""How long an answer is good for: each costs a read, and each page asks."""


class ClosedError(IntakeError):
    """The operator has stopped the form, or the programme is at its end."""


class Door:
    """What the operator has decided, as of a few seconds ago."""

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        """Know nothing yet."""
        self._state, self._clock = state, clock
        self._known: dict[Name, date] = {}
        self._until = 0.0

    @property
    def end(self) -> date | None:
        """The day on which the programme ends, if it does."""
        return self._days().get(Name.CLOSING)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing at all is taken."""
        return Name.STOPPED in self._days()

    @property
    def takes_reports(self) -> bool:
        """Whether new cases are taken."""
        return not (self.is_stopped or self.end)

    def remember(self, name: Name, day: date) -> None:
        """Remember a day; raises StoreError."""
        self._state.keep(name, day)

    def keep(self, records: Records, filing: Filing) -> Status:
        """Keep a case, or find it kept; raises ClosedError, and what `Records.file` raises.

        What arrived before is never called lost, also where nothing is taken any more.
        """
        if self.takes_reports:
            return records.file(filing)
        known = records.filed(filing.case, filing.digest)
        if known is None:
            raise ClosedError("no reports are taken just now, ask the site's operator")
        return known

    def refuse_report(self) -> None:
        """Raise ClosedError unless new cases are taken."""
        if not self.takes_reports:
            raise ClosedError("no reports are taken just now, ask the site's operator")

    def refuse_addition(self) -> None:
        """Raise ClosedError where not even what belongs to a case is taken."""
        if self.is_stopped:
            raise ClosedError("nothing is taken just now, ask the site's operator")

    def _days(self) -> dict[Name, date]:
        now = self._clock()
        if now >= self._until:
            with suppress(StoreError):
                self._known = self._state.all()
            self._until = now + _SECONDS
        return self._known
