"""Sealing: a plaintext goes in, a header and a payload come out. Public keys only.

Rules: one file key seals one payload, ever; only post-quantum recipients; the header lies
apart from the payload; header + payload is a standard age file.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Self

from intake.core import entry, limits
from intake.crypto.age import Header, HybridRecipient, make_header, parse_header
from intake.crypto.stream import seal_payload
from intake.errors import AgeError, NotSealedError

FILE_KEY = 16
NONCE = 16
CHUNK = 64 * limits.KIB
TAG = 16

Random = Callable[[int], bytes]


@dataclass(frozen=True, repr=False)
class Plaintext:
    """Bytes nobody but a sealer may see: no repr, no pickle."""

    value: bytes

    def __repr__(self) -> str:
        """Hide the content."""
        return f"Plaintext({len(self.value)} bytes withheld)"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("a plaintext is never pickled")


@dataclass(frozen=True)
class SealedHeader:
    """The header of a sealed entry: post-quantum stanzas only, checked when made.

    `parsed` is what was checked: who opens ten thousand entries reads each header once.
    """

    value: bytes
    parsed: Header = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise NotSealedError for anything else."""
        if not isinstance(self.value, bytes) or len(self.value) > limits.HEADER:
            raise NotSealedError("this is no sealed header, seal before storing")
        try:
            parsed = Header.parse(self.value)
            _refuse_weak(parsed)
        except AgeError as error:
            raise NotSealedError("this is no sealed header, seal before storing") from error
        object.__setattr__(self, "parsed", parsed)

    @classmethod
    def of(cls, header: Header) -> Self:
        """Return a header just made: what was never bytes need not be read again."""
        _refuse_weak(header)
        made = object.__new__(cls)
        object.__setattr__(made, "value", header.encode())
        object.__setattr__(made, "parsed", header)
        return made


def header_of(pieces: Iterable[bytes]) -> SealedHeader:
    """Return the header that a sealed file begins with; raises NotSealedError."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= limits.HEADER:
            break
    stream = BytesIO(start[: limits.HEADER])
    try:
        parse_header(stream)
    except AgeError as error:
        raise NotSealedError("this is no sealed file, seal before sending") from error
    return SealedHeader(start[: stream.tell()])


def _refuse_weak(header: Header) -> None:
    if {stanza.type for stanza in header.stanzas} != {"mlkem768x25519"}:
        raise NotSealedError("a case is sealed to post-quantum keys only")


@dataclass(frozen=True)
class Sealed:
    """A sealed entry, checked when made: the only thing the store takes."""

    header: SealedHeader
    payload: bytes

    def __post_init__(self) -> None:
        """Raise NotSealedError unless the payload has the length of a padded entry."""
        if type(self.header) is not SealedHeader:
            raise NotSealedError("this is no sealed header, seal before storing")
        size = len(self.payload) - NONCE if isinstance(self.payload, bytes) else 0
        chunks = -(-size // (CHUNK + TAG))
        if not entry.is_bucket(size - chunks * TAG):
            raise NotSealedError("this is no sealed entry, pad and seal before storing")


def seal(
    plaintext: Plaintext, recipients: Sequence[HybridRecipient], random: Random = os.urandom
) -> Sealed:
    """Return the padded plaintext sealed to the recipients under a fresh file key."""
    return seal_for(plaintext, (recipients,), random)[0]


def seal_for(
    plaintext: Plaintext,
    readers: Sequence[Sequence[HybridRecipient]],
    random: Random = os.urandom,
) -> tuple[Sealed, ...]:
    """Return the padded plaintext sealed once, with a header of its own for each reader.

    No reader's header shows that there is another.
    """
    file_key = random(FILE_KEY)
    payload = seal_payload(file_key, random(NONCE), plaintext.value)
    headers = [SealedHeader.of(make_header(file_key, recipients)) for recipients in readers]
    return tuple(Sealed(header, payload) for header in headers)
