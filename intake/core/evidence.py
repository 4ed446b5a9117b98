"""Evidence: a sealed file, as the reports that name it tell of it.

Rules: each file has an age identity of its own, whose secret stands in the reports of the
offices that may see it; the sealed bytes are padded with zeros to a Padmé length, so the store
learns a size within 12 %; length, name, type and digest are told inside only.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

import msgspec

from intake.core import canonical, limits
from intake.errors import EvidenceError

PIECE = 1024 * limits.KIB
"""The digest is taken over the SHA-256 of each such piece, so that a phone computes it natively."""

_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}")
"""Bech32 of 32 bytes: 52 letters and 6 that check them."""
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_VOICE = "audio/"


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. `length` is in bytes, `digest` in hex as `Digest` takes it.

    `id` is its name in the store, `key` the text of the age identity that opens it. `of` is the id
    of the file of which this is a copy without what tells of its maker, empty for an original.
    """

    digest: str
    id: str
    key: str
    length: int
    name: str
    of: str
    type: str

    def __repr__(self) -> str:
        """Hide name and key."""
        return f"Evidence({self.id})"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("what is told of evidence is never pickled")

    @property
    def is_voice(self) -> bool:
        """Whether somebody may have told in it what happened."""
        return self.type.startswith(_VOICE)


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file tells of its maker: a code of `media`, and the text that stands there."""

    code: str
    value: str


class Taken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as a page carries it between two requests; `repr` hides it.

    `copy` tells less than the original, None where nothing was removed; `warning` says why not,
    in a code of `media`, empty where all was.
    """

    copy: Evidence | None
    found: tuple[Found, ...]
    original: Evidence
    warning: str

    def __repr__(self) -> str:
        """Hide what it tells."""
        return f"Taken({self.original.id})"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("what is told of evidence is never pickled")

    @property
    def files(self) -> tuple[Evidence, ...]:
        """The original, and its copy where there is one."""
        return (self.original, self.copy) if self.copy else (self.original,)


canonical.ready(Taken)


def parse(data: bytes) -> Taken:
    """Return the file that a page carried; raises EvidenceError."""
    taken = canonical.decode(data, Taken, EvidenceError, "a file")
    check(taken.files)
    return taken


def check(files: Iterable[Evidence]) -> None:
    """Raise EvidenceError unless every file is named once and in form."""
    named = list(files)
    ids = [file.id for file in named]
    if len(named) > 2 * limits.FILES or len(set(ids)) != len(ids):
        raise EvidenceError("a file is named twice, or there are too many, send some later")
    for file in named:
        is_formed = (
            _ID.fullmatch(file.id)
            and _DIGEST.fullmatch(file.digest)
            and _KEY.fullmatch(file.key)
            and _TYPE.fullmatch(file.type)
            and 0 <= file.length <= limits.FILE_LENGTH
            and is_name(file.name)
        )
        if not is_formed or not (file.of == "" or _ID.fullmatch(file.of)) or file.of == file.id:
            raise EvidenceError("a file is not described as it must be, choose it again")


def is_name(name: str) -> bool:
    """Whether a text can be the name of a file: short, in one line, no path."""
    return 0 < len(name) <= limits.NAME_CHARACTERS and name.isprintable() and "/" not in name


def visible(files: Iterable[Evidence], *, originals: bool) -> tuple[Evidence, ...]:
    """Return the files that one office is told of.

    The copy without what tells of its maker where there is one; with `originals`, both.
    """
    named = tuple(files)
    copied = {file.of for file in named if file.of}
    return tuple(file for file in named if originals or file.of or file.id not in copied)


def padded(length: int) -> int:
    """Return the Padmé length of a file in bytes: it hides all but 12 % of the size.

    Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
    PURBs" (2019), section 4.
    """
    if length < 2:  # noqa: PLR2004 - nothing below has a logarithm to round by
        return length
    exponent = length.bit_length() - 1
    unit = 1 << (exponent - exponent.bit_length())
    return -(-length // unit) * unit


def zeros(size: int, piece: int) -> Iterator[bytes]:
    """Yield `size` zero bytes in pieces of at most `piece`."""
    for _ in range(size // piece):
        yield bytes(piece)
    yield bytes(size % piece)


class Digest:
    """SHA-256 over the SHA-256s of the pieces of a file; an empty file has no piece."""

    def __init__(self) -> None:
        """Begin with no byte."""
        self._whole = hashlib.sha256()
        self._piece = hashlib.sha256()
        self._room = PIECE

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        while view:
            part = view[: self._room]
            self._piece.update(part)
            self._room -= len(part)
            view = view[len(part) :]
            if not self._room:
                self._whole.update(self._piece.digest())
                self._piece, self._room = hashlib.sha256(), PIECE

    def hexdigest(self) -> str:
        """Return the digest of what was taken so far."""
        whole = self._whole.copy()
        if self._room < PIECE:
            whole.update(self._piece.digest())
        return whole.hexdigest()
