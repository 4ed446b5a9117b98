"""Large files that read like real ones."""

import random
import struct

from tests.media import movies

MIB = 1024 * 1024


def movie(size: int) -> bytes:
    """Return the sample's movie with so many random bytes behind its samples.

    Nothing points at them, so all that is described stays where it was.
    """
    small = movies.movie()
    start = small.index(b"mdat") - 4
    (length,) = struct.unpack_from(">I", small, start)
    head = struct.pack(">I", length + size)
    before, after = small[: start + length], small[start + length :]
    filler = random.Random(size).randbytes(size)  # noqa: S311 - the same in each run
    return before[:start] + head + before[start + 4 :] + filler + after
