"""An entry: one sealed thing of a case, and what stands inside it.

Rules: the plaintext is canonical JSON, padded with spaces to a bucket. It names programme,
case, office, kind, direction, id, what its writer had seen, and the local date. What is
inside must equal what the entry was filed under, or it is set aside.
"""

import heapq
import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from intake.core import canonical, evidence, limits, work
from intake.core.evidence import Evidence
from intake.core.programme import WITNESS, Programme
from intake.core.report import Answer
from intake.core.work import WorkBody
from intake.errors import EntryError, EvidenceError, MismatchError

Kind = Literal["report", "message", "reply", "note"]
Direction = Literal["in", "out", "own"]

FORMAT = "intake/entry/v1"

DIRECTIONS: dict[str, Direction] = {"report": "in", "message": "in", "reply": "out", "note": "own"}
"""Where each kind goes: in to an office, out to the witness, or kept by an office."""

ID = re.compile(r"[0-9a-f]{32}")
"""Ids of cases and entries: 128 bits in hex."""

DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[+-](0[0-9]|1[0-4]):[0-5][0-9]")
"""A local date with its offset from UTC."""


class ReportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="report"):
    """What one office is told: the answers to all, and the contact meant for it alone.

    `message_key` is this office's own, 32 bytes in hex. `reply_to` is the witness's post-quantum
    recipient, its 1216 bytes (base64 in JSON), empty where she wants no way back: then the key
    is for the notes of the office alone.
    `evidence` names the files that this office may open.
    `unscripted` says that the server sealed it, in memory, for a page without script.
    """

    answers: dict[str, Answer]
    contact: str
    digest: str
    evidence: tuple[Evidence, ...]
    language: str
    message_key: str
    reply_to: bytes
    unscripted: bool
    version: str


class AdditionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="addition"):
    """What a witness adds to her case, as one office is told it.

    `group` names the questions, or a notice of `questions.NOTICES`. `refer` names the offices to
    which she wants passed on what this office holds. `keeper` lets this office give new words
    (`crypto.keeper.Trust`, hex), empty in all else.
    """

    answers: dict[str, Answer]
    digest: str
    evidence: tuple[Evidence, ...]
    group: str
    keeper: str
    language: str
    people: tuple[dict[str, Answer], ...]
    refer: tuple[str, ...]
    unscripted: bool
    version: str


class MessageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="text"):
    """The words of a message, a reply or a note; `asks` names groups of questions to answer."""

    asks: tuple[str, ...]
    text: str


class StubBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stub"):
    """What a filing browser seals to its own words, so that other keys are seen later.

    `digests` holds the SHA-256 (hex) of each entry's payload by its id; `keys` the fingerprints
    (hex) that it was sealed to, by keyed office.
    """

    digests: dict[str, str]
    keys: dict[str, tuple[str, ...]]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plaintext of an entry. `mac` (hex) is empty in a report, which carries the key."""

    body: ReportBody | AdditionBody | MessageBody | StubBody | WorkBody
    case: str
    date: str
    direction: Direction
    format: Literal["intake/entry/v1"]
    id: str
    kind: Kind
    mac: str
    office: str
    programme: str
    seen: tuple[str, ...]

    def __repr__(self) -> str:
        """Show names, never words."""
        return f"Entry({self.kind} {self.id} of {self.case})"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("an entry is never pickled")


canonical.ready(Entry)


class Outer(msgspec.Struct, frozen=True):
    """What an entry was filed under: its case, its kind, the keyed office that reads it."""

    case: str
    kind: str
    reader: str
    id: str


def encode(entry: Entry) -> bytes:
    """Return the padded plaintext; raises EntryError if it is no text or fits no bucket."""
    try:
        data = canonical.encode(entry)
    except UnicodeEncodeError:
        raise EntryError("the text holds half a letter, type it again") from None
    return data.ljust(bucket(len(data)))


def parse(data: bytes) -> Entry:
    """Return the entry in an opened plaintext; raises EntryError."""
    plain = data.rstrip(b" ")
    entry = canonical.decode(plain, Entry, EntryError, "the entry")
    if len(data) != bucket(len(plain)):
        raise EntryError("the entry is not padded to its bucket, set it aside")
    names = (entry.case, entry.id, *entry.seen)
    if not all(ID.fullmatch(name) for name in names) or not _is_day(entry.date):
        raise EntryError("the entry has an id or date of the wrong form, set it aside")
    if isinstance(entry.body, ReportBody | AdditionBody):
        try:
            evidence.check(entry.body.evidence)
        except EvidenceError as error:
            raise EntryError("the entry describes a file in no known way, set it aside") from error
    if isinstance(entry.body, WorkBody):
        work.check(entry.body)
    if DIRECTIONS[entry.kind] != entry.direction or _is_misplaced(entry):
        raise EntryError("kind, direction and body of the entry disagree, set it aside")
    return entry


def _is_misplaced(entry: Entry) -> bool:
    """Whether the body is none of the entry's kind."""
    match entry.body:
        case ReportBody():
            return entry.kind != "report"
        case AdditionBody():
            return entry.kind != "message"
        case StubBody():
            return (entry.kind, entry.office) != ("note", WITNESS)
        case WorkBody():
            return entry.kind != "note" or entry.office == WITNESS
    return entry.kind == "report"


def check(entry: Entry, outer: Outer, programme: Programme) -> None:
    """Raise MismatchError unless the entry is what it was filed as, for an office read there.

    A witness reads the replies of any office, and what she sealed to herself.
    """
    if entry.programme != programme.id:
        raise MismatchError(
            "the entry belongs to another programme, name its file: --programme; or set it aside"
        )
    if (entry.case, entry.kind, entry.id) != (outer.case, outer.kind, outer.id):
        raise MismatchError("case, kind or id inside the entry differ from outside, set it aside")
    readers = {office.id: office.read_by for office in programme.offices}
    if outer.reader == WITNESS:
        fits = entry.office in readers if entry.kind == "reply" else entry.office == WITNESS
    else:
        fits = readers.get(entry.office) == outer.reader
    if not fits:
        raise MismatchError("the entry was sealed for another office, set it aside")


def authenticated(entry: Entry) -> bytes:
    """Return the bytes that the MAC covers: everything but itself."""
    return canonical.encode(msgspec.structs.replace(entry, mac=""))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of one case, each after all that its writer had seen.

    Where nothing tells, by date, then by id; a circle is broken at its first.
    """
    written = sorted(entries, key=lambda entry: (entry.date, entry.kind != "report", entry.id))
    named = {entry.id: place for place, entry in enumerate(written)}
    missing = [{named[name] for name in entry.seen if name in named} for entry in written]
    after: list[list[int]] = [[] for _ in written]
    for place, before in enumerate(missing):
        for earlier in before:
            after[earlier].append(place)
    ready = [place for place, before in enumerate(missing) if not before]
    waiting = dict.fromkeys(range(len(written)))
    ordered: list[Entry] = []
    while waiting:
        place = heapq.heappop(ready) if ready else next(iter(waiting))
        if place not in waiting:
            continue
        del waiting[place]
        ordered.append(written[place])
        for later in after[place]:
            missing[later].discard(place)
            if not missing[later]:
                heapq.heappush(ready, later)
    return ordered


def _is_day(text: str) -> bool:
    """Whether the text is a day of the calendar with its offset."""
    written = DATE.fullmatch(text)
    try:
        return written is not None and date.fromisoformat(written[1]) is not None
    except ValueError:
        return False


def bucket(size: int) -> int:
    """Return the padded size in bytes: 4, 8, 16, 32 … KiB; raises EntryError."""
    padded = limits.BUCKET_FLOOR
    while padded < size:
        padded *= 2
    if padded > limits.BUCKET_CEILING:
        raise EntryError("the text is too long for one entry, send it in parts")
    return padded


def is_bucket(size: int) -> bool:
    """Whether a plaintext of this size can be a padded entry."""
    return limits.BUCKET_FLOOR <= size <= limits.BUCKET_CEILING and size & (size - 1) == 0
