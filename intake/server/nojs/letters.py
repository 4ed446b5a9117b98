"""What offices wrote to a witness, opened in memory for one request of a page without script.

Rules: every letter is shown, or set aside with its reason, and none blocks the others; gaps are
told by what offices had seen; nothing that she wrote is opened.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from intake.core import wire
from intake.core.entry import Entry, StubBody, in_order
from intake.core.programme import Programme
from intake.core.thread import Aside, thread
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys
from intake.errors import IntakeError


@dataclass(frozen=True, repr=False)
class Letters:
    """Checked letters of every office in order, and why others are set aside, by id.

    `gaps` are letters before which something of the same office is missing.
    """

    entries: tuple[Entry, ...] = ()
    gaps: frozenset[str] = frozenset()
    aside: Mapping[str, Aside] | None = None

    def of(self, office: str) -> tuple[Entry, ...]:
        """Return the letters of one office."""
        return tuple(entry for entry in self.entries if entry.office == office)


def read(
    got: Iterable[wire.Sealed],
    keys: WitnessKeys,
    programme: Programme,
    is_known: Callable[[str, str], bool],
) -> Letters:
    """Return what her words open of it; `is_known` takes an office and what it had seen.

    The note that her own browser sealed for itself is read by none but a browser.
    """
    found: list[Entry] = []
    aside: dict[str, Aside] = {}
    for one in got:
        try:
            entry = opening.open_letter(one, keys, programme)
        except IntakeError as error:
            aside[one.entry] = opening.aside(error)
            continue
        if entry.kind == "reply":
            found.append(entry)
        elif not isinstance(entry.body, StubBody):
            aside[one.entry] = Aside.MISPLACED
    gaps: set[str] = set()
    for office in {entry.office for entry in found}:
        mine = [entry for entry in found if entry.office == office]
        gaps.update(thread(mine, _Known(office, aside, is_known)).missing)
    return Letters(tuple(in_order(found)), frozenset(gaps), aside)


@dataclass(frozen=True)
class _Known:
    """Whether it is right that something which an office had seen is not among its letters."""

    office: str
    aside: Mapping[str, Aside]
    is_known: Callable[[str, str], bool]

    def __call__(self, name: str) -> bool:
        return name in self.aside or self.is_known(self.office, name)
