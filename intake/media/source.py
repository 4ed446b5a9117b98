"""A file read here and there, within limits that no file can stretch.

Rules kept here:
- Nothing outside the file is asked for, and a short answer is damage.
- Reads and steps are counted, so that a file that leads in circles ends.
- At most one window is held: `SMALL` bytes or fewer.
"""

from collections.abc import Callable

from intake.errors import IntakeError

Read = Callable[[int, int], bytes]
"""Returns so many bytes from an offset: `read(offset, size)`."""

WINDOW = 16 * 1024
"""Read at once, so that small neighbours cost one read: a browser takes 0.3 ms for each."""
SMALL = 256 * 1024
"""The longest block read into memory. Tables and metadata of phones stay far below it."""
PIECE = 64 * 1024
"""What is searched at a time."""
BLANK_LIMIT = 16 * 1024 * 1024
"""How much is searched for something other than zeros; what is longer counts as written on."""
MAX_READS = 1 << 15
"""A JPEG of 2 GiB searched to its end in pieces."""
MAX_STEPS = 1 << 16
"""Boxes, chunks and segments of one file: a PNG of 500 MB in chunks of 8 KiB."""


class DamagedError(IntakeError):
    """The structure of a file cannot be followed; only this package sees it."""

    def __init__(self) -> None:
        super().__init__("the file cannot be followed, get it again from where it came")


class Source:
    """A file of `size` bytes behind `read`."""

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self._read = read
        self._start = 0
        self._window = b""
        self._reads = 0
        self._steps = 0

    def at(self, offset: int, size: int) -> bytes:
        """Return exactly `size` bytes from `offset`. Raises DamagedError."""
        if offset < 0 or size < 0 or size > SMALL or offset + size > self.size:
            raise DamagedError
        start = offset - self._start
        if start < 0 or start + size > len(self._window):
            self._fill(offset, min(max(size, WINDOW), self.size - offset))
            start = 0
        return self._window[start : start + size]

    def head(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`, fewer only at the end of the file."""
        return self.at(offset, max(0, min(size, self.size - offset)))

    def step(self) -> None:
        """Count a box, chunk or segment. Raises DamagedError when there are too many."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise DamagedError

    def blank(self, offset: int, length: int) -> bool:
        """Return whether a region holds only zeros, as far as it is short enough to search."""
        if length > BLANK_LIMIT:
            return False
        end = offset + length
        while offset < end:
            piece = self.at(offset, min(PIECE, end - offset))
            if any(piece):
                return False
            offset += len(piece)
        return True

    def _fill(self, offset: int, length: int) -> None:
        self._reads += 1
        if self._reads > MAX_READS:
            raise DamagedError
        window = self._read(offset, length)
        if len(window) != length:
            raise DamagedError
        self._window, self._start = window, offset
