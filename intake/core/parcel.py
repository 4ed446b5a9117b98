"""A parcel: what the offline form saves, a tar of sealed files and before them what they are.

Rules: `filing.json` is the first file and canonical; the letters follow, then the evidence, each
once, in the order in which they are named there, and nothing else. Everything in it is sealed, or
could be known to whoever carries it: no time, no name, no size that the file does not show.
The writer is `intake/browser/offline/parcel.ts`.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from intake.core import canonical, limits
from intake.core.entry import ID
from intake.core.programme import NAME
from intake.errors import ParcelError

FIRST = "filing.json"

MAILBOX = 32
"""Bytes of what stands for a mailbox: a SHA-256."""

READER = 23
"""Characters of an office's id that fit into the name of its letter: a tar has a hundred."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed entry for `reader`, whose file has this digest; `evidence` names files."""

    digest: str
    entry: str
    evidence: tuple[str, ...]
    kind: Literal["report", "note"]
    reader: str


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed file of evidence, with its digest as `core.evidence.Digest` takes it."""

    digest: str
    id: str


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a parcel holds: a case, bound to its mailbox, for one programme.

    `digest` is that of the programme's version under which it was answered.
    """

    case: str
    digest: str
    evidence: tuple[File, ...]
    format: Literal["intake/offline/v1"]
    letters: tuple[Letter, ...]
    mailbox: bytes
    programme: str
    urgent: bool

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the digest of every file that follows, in order."""
        for letter in self.letters:
            yield f"{self.case}.{letter.kind}.{letter.reader}.{letter.entry}.age", letter.digest
        for file in self.evidence:
            yield f"{file.id}.age", file.digest


canonical.ready(Contents)


def parse(data: bytes) -> Contents:
    """Return what `filing.json` says; raises ParcelError."""
    found = canonical.decode(data, Contents, ParcelError, FIRST)
    named = [name for letter in found.letters for name in letter.evidence]
    files = [file.id for file in found.evidence]
    is_formed = (
        0 < len(found.letters) <= limits.OFFICES_PER_CASE + 1  # and one to herself
        and len(files) <= 2 * limits.FILES
        and len(found.mailbox) == MAILBOX
        # Each once, and in the order in which the letters name them.
        and files == list(dict.fromkeys(named))
        and len({letter.entry for letter in found.letters}) == len(found.letters)
        and all(NAME.fullmatch(letter.reader) for letter in found.letters)
        and all(len(letter.reader) <= READER for letter in found.letters)
        and all(ID.fullmatch(name) for name in _ids(found))
        and all(_DIGEST.fullmatch(digest) for _, digest in found.names())
    )
    if not is_formed:
        raise ParcelError(f"{FIRST} is not as the form writes it, ask for the file once more")
    return found


def _ids(found: Contents) -> Iterator[str]:
    yield found.case
    yield from (letter.entry for letter in found.letters)
    yield from (file.id for file in found.evidence)
