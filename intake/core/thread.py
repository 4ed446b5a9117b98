"""The conversation of one case with one office: each entry once, in order, and what is missing.

Rules: order and gaps come from `seen` alone, never from a server; the newest entry withheld leaves
no gap, since nobody has named it yet.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.core.entry import Entry, in_order


class Aside(StrEnum):
    """Why a letter is set aside."""

    CLOSED = "closed"
    """It opens with none of the reader's keys."""
    ALTERED = "altered"
    """It was changed after it was sealed, or holds no entry."""
    FORGED = "forged"
    """Its writer is not who it says."""
    MISPLACED = "misplaced"
    """It was written for another case, office or place than it was given for."""


@dataclass(frozen=True)
class Thread:
    """Checked entries of one case and office.

    `missing` names, for an entry, what its writer had seen and is not here: each once, at the
    first that names it. `repeated` are ids that came more than once.
    """

    entries: tuple[Entry, ...]
    missing: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...]


def thread(entries: Iterable[Entry], is_known: Callable[[str], bool] = lambda _: False) -> Thread:
    """Return the thread of checked entries; `is_known` tells of an id that its absence is right."""
    once: dict[str, Entry] = {}
    repeated: dict[str, None] = {}
    for entry in entries:
        if entry.id in once:
            repeated[entry.id] = None
        once.setdefault(entry.id, entry)
    ordered = in_order(once.values())
    named: set[str] = set()
    missing: dict[str, tuple[str, ...]] = {}
    for entry in ordered:
        lacking = [
            name for name in entry.seen if not (name in once or name in named or is_known(name))
        ]
        named.update(lacking)
        if lacking:
            missing[entry.id] = tuple(lacking)
    return Thread(tuple(ordered), missing, tuple(repeated))
