"""A file sealed as it arrives: no more than a chunk at once, to its last padded byte."""

from intake.core import evidence
from intake.crypto.evidence import FileSealer
from intake.crypto.stream import CHUNK_SIZE, SEALED_CHUNK_SIZE

LENGTH = 33 * 1024 * 1024 + 1
"""Its padding is the longest for its size: a MiB less a byte."""


def test_padding_comes_chunk_by_chunk() -> None:
    """Of a file of many GiB it would not fit into memory."""
    sealer = FileSealer(bytes(32))
    size = 0
    for start in range(0, LENGTH, CHUNK_SIZE):
        size += len(sealer.update(bytes(min(CHUNK_SIZE, LENGTH - start))))
    rest = [len(piece) for piece in sealer.rest()]
    assert len(rest) > 10
    assert max(rest) <= SEALED_CHUNK_SIZE
    padded = evidence.padded(LENGTH)
    assert size + sum(rest) == padded + -(-padded // CHUNK_SIZE) * 16
