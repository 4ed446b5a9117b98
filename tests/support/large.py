"""Large files that read like real ones."""

import random
import struct
from collections.abc import Iterator
from itertools import repeat

from tests.media import movies

MIB = 1024 * 1024
_FILLER = random.Random(4711).randbytes(MIB)  # noqa: S311 - the same in each run


def movie(size: int) -> bytes:
    """Return the sample's movie with so many bytes behind its samples."""
    return b"".join(movie_pieces(size))


def movie_pieces(size: int) -> Iterator[bytes]:
    """Yield it piece by piece. Nothing points at the filler: all described stays where it was."""
    before, after = _parts(size)
    yield before
    yield from repeat(_FILLER, size // MIB)
    yield _FILLER[: size % MIB]
    yield after


def movie_length(size: int) -> int:
    """Return how long it is."""
    return size + sum(map(len, _parts(size)))


def _parts(size: int) -> tuple[bytes, bytes]:
    small = movies.movie()
    start = small.index(b"mdat") - 4
    (length,) = struct.unpack_from(">I", small, start)
    end = start + length
    return small[:start] + struct.pack(">I", length + size) + small[start + 4 : end], small[end:]
