"""Reading again what this process has just sealed, while it still holds the key.

Rule: only for the request that sealed it; the key is never kept.
"""

from collections.abc import Callable

from intake.crypto.stream import CHUNK_SIZE, SEALED_CHUNK_SIZE, ChunkOpener


class SealedFile:
    """A sealed file of `length` plain bytes, read anywhere, one chunk in memory.

    `read` returns sealed bytes from an offset; `start` is where the chunks begin.
    """

    def __init__(
        self, key: bytes, start: int, padded: int, read: Callable[[int, int], bytes]
    ) -> None:
        """Take the payload's key, and the padded length."""
        self._opener = ChunkOpener(key)
        self._start, self._padded, self._read = start, padded, read
        self._number, self._chunk = -1, b""

    def read(self, offset: int, size: int) -> bytes:
        """Return so many plain bytes, fewer only at the end; raises PayloadError."""
        found = []
        while size > 0 and offset < self._padded:
            number, within = divmod(offset, CHUNK_SIZE)
            piece = self._open(number)[within : within + size]
            found.append(piece)
            offset += len(piece)
            size -= len(piece)
        return b"".join(found)

    def _open(self, number: int) -> bytes:
        if number != self._number:
            sealed = self._read(self._start + number * SEALED_CHUNK_SIZE, SEALED_CHUNK_SIZE)
            is_last = (number + 1) * CHUNK_SIZE >= self._padded
            self._chunk = self._opener.open(number, sealed, is_last=is_last)
            self._number = number
        return self._chunk
