"""The messages between a server and an office's program, in JSON.

Bytes travel as base64 (msgspec's own reading of `bytes`), days as ISO dates.
"""

from datetime import date
from typing import Literal, TypeVar

import msgspec

from intake.core import canonical
from intake.errors import WireError

T = TypeVar("T")


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An office asks for a challenge to one of its keys (hex fingerprint)."""

    office: str
    key: str


class Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An HPKE message to that key, answered before `expiry` (seconds since 1970)."""

    id: str
    message: bytes
    expiry: int


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HMAC(token in the challenge, info): proof that the office holds the key."""

    id: str
    proof: bytes


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bearer token for the calls that follow, until `expiry`."""

    token: str
    expiry: int


class Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One day of an office: SHA-256 (hex) over its sorted (entry, header digest)."""

    day: date
    hash: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry an office may fetch, with the SHA-256 (hex) of its header."""

    entry: str
    header_digest: str


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed entry as it is filed; header + payload is an age file."""

    case: str
    entry: str
    kind: str
    day: date
    reader: str
    header: bytes
    payload: bytes


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An office asks for several entries at once, by their ids; the answer is `Given`."""

    entries: tuple[str, ...]


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first of the entries that were wanted, in their order: as many as fit one answer.

    `missing` names those among them that the office may not fetch.
    """

    entries: tuple[Sealed, ...]
    missing: tuple[str, ...]


class Wrapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of an entry, alone: it wraps the file key, and tells nothing of the words."""

    entry: str
    header: bytes


class Rewrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another header in place of the one with the SHA-256 (hex) `before`."""

    before: str
    header: bytes


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry that a browser sealed, for the keyed office `reader`; `evidence` names files.

    A note is what it sealed to its own words: its reader is the witness.
    """

    entry: str
    evidence: tuple[str, ...]
    header: bytes
    kind: Literal["report", "message", "note"]
    payload: bytes
    reader: str


class Filing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case that a browser sealed. `mailbox` is the hash that the server keeps, 32 bytes.

    `urgent` is all that the server learns of why.
    """

    case: str
    letters: tuple[Letter, ...]
    mailbox: bytes
    urgent: bool = False


class Mailbox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever holds the token, 32 bytes, has the words of a case."""

    token: bytes


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry that an office may fetch, and the day when it first did."""

    entry: str
    fetched: date | None
    reader: str


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry that the witness may fetch: a reply, or the note that she sealed to herself."""

    day: date
    entry: str
    fetched: date | None
    kind: Literal["reply", "note"]


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the server knows of a case, under names that only the words give.

    `reissued` is the day when the keeper gave new words; `wrapped` is an age file that they open,
    with the secret that gives the names.
    """

    additions: tuple[str, ...]
    case: str
    day: date
    deletion: date | None
    held: tuple[Held, ...]
    mail: tuple[Mail, ...]
    withdrawn: tuple[str, ...]
    reissued: date | None = None
    wrapped: bytes = b""


class Fetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The witness asks for one entry of her mail; the answer is `Sealed`."""

    entry: str
    token: bytes


class Discard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The witness has a reply deleted that she has read.

    `mark` is a name that only her words give: by it she knows later that it was she.
    """

    entry: str
    mark: str
    token: bytes


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an office adds to a case: a reply, or a note to itself.

    `header` is its own, `witness` that of the witness: both wrap the one file key. A note has no
    other reader, and `witness` is empty.
    """

    case: str
    entry: str
    header: bytes
    kind: Literal["reply", "note"]
    payload: bytes
    witness: bytes


class Addition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser sealed for a case; `needs` are entries that must still be held.

    `keeper`, where it names a new keeper of the words: the hash of its token and the server's
    half, 64 bytes.
    """

    id: str
    letters: tuple[Letter, ...]
    marks: tuple[str, ...]
    needs: tuple[str, ...]
    token: bytes
    keeper: bytes = b""


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keeper of a case's words shows its token; the answer is `Half`."""

    case: str
    token: bytes


class Half(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server's half of what the lost words gave; they open nothing any more."""

    half: bytes


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New words: the hash that the server keeps of their mailbox, and what they give, sealed."""

    case: str
    mailbox: bytes
    token: bytes
    wrapped: bytes


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The case is taken back from an office, which gets the notice if it had read any of it.

    `entries` are what the office held, found among the additions `known`; `others` tells those who
    were asked to pass the case on to it.
    """

    entries: tuple[str, ...]
    known: tuple[str, ...]
    notice: Addition
    others: tuple[Letter, ...]


class Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the office had read any of what was taken back."""

    day: date
    read: bool


class Deletion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The case is to be deleted after some days, or, not `wanted`, kept after all."""

    notice: Addition
    wanted: bool


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No words shall open the case any more."""

    notice: Addition


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keyed office that reads an entry, and the day when it first fetched any."""

    fetched: date | None
    reader: str


class Filed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was kept of a filing."""

    day: date
    deliveries: tuple[Delivery, ...]


class Canary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code inside a canary: proof that an office has opened it."""

    code: str


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a call was refused: a stable code, and a sentence that says what to do."""

    code: str
    message: str


canonical.ready(
    Ask,
    Challenge,
    Answer,
    Session,
    Day,
    Item,
    Sealed,
    Letter,
    Filing,
    Mailbox,
    Held,
    Mail,
    Case,
    Fetch,
    Discard,
    Reply,
    Addition,
    Withdrawal,
    Withdrawn,
    Deletion,
    Closing,
    Keep,
    Half,
    Words,
    Delivery,
    Filed,
    Wanted,
    Given,
    Wrapping,
    Rewrap,
    Canary,
    Refusal,
)


def encode(message: object) -> bytes:
    """Return a message as JSON."""
    return msgspec.json.encode(message)


def parse(data: bytes, kind: type[T]) -> T:
    """Return the message in `data`; raises WireError."""
    try:
        return msgspec.json.decode(data, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The parser's own text may quote what was parsed: it is dropped with its traceback.
        raise WireError(f"not a {kind.__name__} message, check server and version") from None
