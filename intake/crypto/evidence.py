"""Sealing a file as it arrives: each to an identity of its own, made from a 32-byte seed.

Rules: a seed seals one file, ever; bytes are pushed in and sealed bytes come out, with one chunk
in memory; the plaintext is padded with zeros to its Padmé length. The result is a standard age
file, opened by `age -d` and cut to its length.
"""

import os
from collections.abc import Iterator

from intake.core import evidence
from intake.core.evidence import Digest
from intake.crypto.age import SEED_SIZE, hybrid_identity_text, hybrid_recipient_of, make_header
from intake.crypto.seal import Random, SealedHeader
from intake.crypto.stream import (
    CHUNK_SIZE,
    FILE_KEY_SIZE,
    NONCE_SIZE,
    TAG_SIZE,
    ChunkSealer,
    payload_key,
)


class FileSealer:
    """Seals one file: `start`, any number of `update`, `finish`; then length and digest are known.

    `key` is the text of the identity that opens it.
    """

    def __init__(self, seed: bytes, random: Random = os.urandom) -> None:
        """Take a fresh seed of 32 bytes."""
        assert len(seed) == SEED_SIZE
        file_key, nonce = random(FILE_KEY_SIZE), random(NONCE_SIZE)
        header = SealedHeader.of(make_header(file_key, [hybrid_recipient_of(seed)]))
        self.key = hybrid_identity_text(seed)
        self.payload_key = payload_key(file_key, nonce)
        self.start = header.value + nonce
        self.length = 0
        self._digest = Digest()
        self._chunks = ChunkSealer(self.payload_key)

    def update(self, data: bytes) -> bytes:
        """Return what can be sealed now that these bytes came."""
        self.length += len(data)
        self._digest.update(data)
        return b"".join(self._chunks.update(data))

    def rest(self) -> Iterator[bytes]:
        """Yield the rest, padded and sealed, chunk by chunk: of a GiB up to 32 MiB are padding."""
        zeros = evidence.zeros(evidence.padded(self.length) - self.length, CHUNK_SIZE)
        for piece in zeros:
            yield from self._chunks.update(piece)
        yield self._chunks.finish()

    def finish(self) -> bytes:
        """Return the rest at once."""
        return b"".join(self.rest())

    @property
    def digest(self) -> str:
        """The digest of what was taken, in hex."""
        return self._digest.hexdigest()


def is_payload(size: int) -> bool:
    """Whether a padded file can have a payload of this many bytes, its nonce included."""
    sealed = size - NONCE_SIZE
    chunks = max(1, -(-sealed // (CHUNK_SIZE + TAG_SIZE)))
    length = sealed - chunks * TAG_SIZE
    return length >= 0 and evidence.padded(length) == length


def sealed_size(length: int) -> int:
    """Return the size of a file sealed, without its header of one recipient."""
    padded = evidence.padded(length)
    return NONCE_SIZE + padded + max(1, -(-padded // CHUNK_SIZE)) * TAG_SIZE
