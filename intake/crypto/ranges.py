"""A sealed payload opened anywhere, as a player seeks in a film: one chunk in memory.

Rules kept here:
- The size is checked first: only some sizes are those of a payload.
- The last chunk is opened before any other, as the last: so a payload that was cut off at the
  border of a chunk, or that goes on, gives out no byte.
- No byte of a chunk is handed out before that chunk is authenticated, at its own place.
"""

from collections.abc import Callable, Iterator

from intake.crypto.stream import (
    CHUNK_SIZE,
    NONCE_SIZE,
    SEALED_CHUNK_SIZE,
    TAG_SIZE,
    ChunkOpener,
    payload_key,
)
from intake.errors import PayloadError

ReadAt = Callable[[int, int], bytes]
"""Returns so many sealed bytes from an offset: `read_at(offset, size)`."""


class Payload:
    """The payload of `size` bytes, nonce included, behind `read_at`. `length` is its plain size."""

    def __init__(self, file_key: bytes, size: int, read_at: ReadAt) -> None:
        """Check the size and open the last chunk; raises PayloadError."""
        self.length = plain_length(size)
        self._read_at, self._size = read_at, size
        self._chunks = -(-(size - NONCE_SIZE) // SEALED_CHUNK_SIZE)
        self._opener = ChunkOpener(payload_key(file_key, self._sealed(0, NONCE_SIZE)))
        self._number, self._chunk = -1, b""
        self._open(self._chunks - 1)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the plain bytes from `start` up to `end`, chunk by chunk; raises PayloadError.

        What lies outside the file is not there, as with a slice of bytes.
        """
        end = min(end, self.length)
        while start < end:
            number, within = divmod(start, CHUNK_SIZE)
            piece = self._open(number)[within : within + end - start]
            start += len(piece)
            yield piece

    def _open(self, number: int) -> bytes:
        if number != self._number:
            offset = NONCE_SIZE + number * SEALED_CHUNK_SIZE
            sealed = self._sealed(offset, min(SEALED_CHUNK_SIZE, self._size - offset))
            is_last = number == self._chunks - 1
            self._chunk = self._opener.open(number, sealed, is_last=is_last)
            self._number = number
        return self._chunk

    def _sealed(self, offset: int, size: int) -> bytes:
        data = self._read_at(offset, size)
        if len(data) != size:
            raise PayloadError("the file was cut off, get it again")
        return data


def plain_length(size: int) -> int:
    """Return how many plain bytes a payload of `size` bytes holds; raises PayloadError.

    The last chunk is empty only if the whole payload is.
    """
    chunks, rest = divmod(size - NONCE_SIZE, SEALED_CHUNK_SIZE)
    is_formed = rest > TAG_SIZE or (rest == 0 and chunks > 0) or (chunks, rest) == (0, TAG_SIZE)
    if size < NONCE_SIZE + TAG_SIZE or not is_formed:
        raise PayloadError("the file has a size that no sealed file has, get it again")
    return size - NONCE_SIZE - -(-(size - NONCE_SIZE) // SEALED_CHUNK_SIZE) * TAG_SIZE
