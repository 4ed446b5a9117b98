"""What the investigators of an office agree on about a case: status, assignment, tags, notes.

Rules: each change is a sealed note of its own, and what holds is computed from all of them, so
desks that were offline from each other agree as soon as both have the same notes, in whatever
order they came; a value that this version does not know is set aside, never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from intake.core import limits
from intake.core.plain import inline
from intake.errors import EntryError

STATUSES: Mapping[str, str] = {
    "new": "New",
    "assessing": "Being assessed",
    "acting": "Being acted on",
    "waiting": "Waiting for somebody",
    "closed": "Closed",
}
"""The steps of ISO 37002 (receive, assess, address, conclude), and waiting. By id, with labels."""

FIELDS = ("status", "assigned", "reason")
"""What a note may set: the status, who has the case, and why it was closed."""

LATEST = 2**53 - 1
"""The greatest `at`: a whole number in every program's JSON."""


class WorkBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="work"):
    """What an investigator tells her own office about a case.

    `at` is greater than that of every note its writer had seen, so that all agree which is newer.
    `sets` gives values by the names of `FIELDS`; `tags` adds (true) or takes away (false).
    `who` is the writer's own name.
    """

    at: int
    sets: dict[str, str]
    tags: dict[str, bool]
    text: str
    who: str


@dataclass(frozen=True, repr=False)
class Note:
    """An opened note: its entry's id and local date, and what it says."""

    id: str
    date: str
    body: WorkBody


@dataclass(frozen=True)
class Remark:
    """What somebody of the office wrote about the case."""

    date: str
    who: str
    text: str

    def __repr__(self) -> str:
        """Hide the words."""
        return "Remark(withheld)"


@dataclass(frozen=True, repr=False)
class Work:
    """What holds now. `at` is the greatest of all notes; `remarks` are oldest first."""

    status: str = "new"
    assigned: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    at: int = 0


@dataclass(frozen=True, repr=False)
class Change:
    """What an investigator wants to change; empty where nothing."""

    sets: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, bool] = field(default_factory=dict)
    text: str = ""

    def body(self, who: str, before: Work) -> WorkBody:
        """Return the note that says so; raises EntryError where it may not be."""
        made = WorkBody(before.at + 1, dict(self.sets), dict(self.tags), self.text.strip(), who)
        check(made)
        return made


def check(body: WorkBody) -> None:
    """Raise EntryError unless a note changes what can be changed, and something."""
    if not 0 < body.at <= LATEST:
        raise EntryError("the note counts in no known way, set it aside")
    if not (body.sets or body.tags or body.text):
        raise EntryError("the note changes nothing, say what it should")
    if any(name not in FIELDS for name in body.sets):
        raise EntryError("the note sets what this version does not know, update the program")
    if body.sets.get("status", "new") not in STATUSES:
        raise EntryError("the note sets a status that this version does not know, update it")
    lines = (*body.sets.values(), *body.tags, body.who)
    if any(len(line) > limits.LINE_CHARACTERS or not is_line(line) for line in lines):
        raise EntryError("a value of the note is too long or no single line, shorten it")
    if len(body.tags) > limits.TAGS or not all(body.tags):
        raise EntryError("the note has too many tags or an empty one, use fewer")


def is_line(text: str) -> bool:
    """Whether a text is one line, without spaces around it and without what steers a display."""
    return text == inline(text).strip() and len(text.splitlines()) <= 1


def merged(notes: Iterable[Note]) -> Work:
    """Return what holds by all notes of an office about a case, in whatever order they are given.

    Of two values of a field or a tag, that of the greater (`at`, entry id) holds.
    """
    once = {note.id: note for note in notes}
    written = sorted(once.values(), key=lambda note: (note.body.at, note.id))
    sets: dict[str, str] = {}
    tags: dict[str, bool] = {}
    for note in written:
        sets |= note.body.sets
        tags |= note.body.tags
    return Work(
        status=sets.get("status", "new"),
        assigned=sets.get("assigned", ""),
        reason=sets.get("reason", ""),
        tags=tuple(sorted(tag for tag, is_there in tags.items() if is_there)),
        remarks=tuple(
            Remark(note.date, note.body.who, note.body.text) for note in written if note.body.text
        ),
        at=written[-1].body.at if written else 0,
    )
