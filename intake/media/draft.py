"""What an inspection gathers: findings to show, and patches that make the cleaned copy.

Rules kept here:
- A finding is short and printable, whatever the file holds, and is told once.
- A patch never makes a file longer or shorter, and is made only where it changes something.
- Patches are handed out in order and apart from each other, or not at all.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from intake.media.source import DamagedError, Read, Source

MAX_VALUE = 200
"""Characters of a value: enough to recognise what a file says."""
MAX_FINDINGS = 64
"""More than a person reads."""
MAX_PATCHES = 8192
"""Holds an hour of GPS samples, and keeps a hostile file's patches near 1 MiB."""

# Controls, invisible and direction-changing characters, private ones, and what stands for
# bytes that are no text.
_UNPRINTABLE = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\ud800-\uf8ff\ufeff\ufff0-\uffff\U000e0000-\U0010ffff]+"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a file says about its maker: a stable code, and its words to show."""

    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Patch:
    """Overwrites from `offset` with `data`, then with `zeros` zero bytes."""

    offset: int
    data: bytes
    zeros: int = 0

    @property
    def end(self) -> int:
        """The first offset after it."""
        return self.offset + len(self.data) + self.zeros


class Draft(Source):
    """A file, and what was found in it so far."""

    def __init__(self, read: Read, size: int) -> None:
        super().__init__(read, size)
        self.told = 0
        """How often something was found, repetitions included."""
        self._findings: dict[Finding, None] = {}
        self._patches: list[Patch] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings in the order they were found."""
        return tuple(self._findings)

    def find(self, code: str, value: str) -> None:
        """Note what a file says, unless it says nothing."""
        shown = printable(value)
        self.told += bool(shown)
        if shown and len(self._findings) < MAX_FINDINGS:
            self._findings[Finding(code, shown)] = None

    def write(self, offset: int, data: bytes, end: int = 0) -> bool:
        """Overwrite with `data`, and with zeros up to `end`; return whether that changes anything.

        Raises DamagedError.
        """
        tail = offset + len(data)
        zeros = max(0, end - tail)
        if self.at(offset, len(data)) == data and self.blank(tail, zeros):
            return False
        if tail + zeros > self.size or len(self._patches) >= MAX_PATCHES:
            raise DamagedError
        self._patches.append(Patch(offset, data, zeros))
        return True

    def wipe(self, offset: int, end: int) -> bool:
        """Overwrite a region with zeros; return whether it held anything else."""
        return self.write(offset, b"", end)

    def wipe_rest(self, offset: int) -> None:
        """Overwrite what follows the last part of a file, a second picture perhaps."""
        beginning = self.head(min(offset, self.size), 3)
        if offset < self.size and self.wipe(offset, self.size):
            code = "thumbnail" if beginning == b"\xff\xd8\xff" else "other"
            self.find(code, f"{self.size - offset} bytes after the end")

    def patches(self) -> tuple[Patch, ...]:
        """Return the patches in order. Raises DamagedError where two of them meet."""
        ordered = sorted(self._patches, key=lambda patch: patch.offset)
        for patch, following in pairwise(ordered):
            if patch.end > following.offset:
                raise DamagedError
        return tuple(ordered)


def apply(patches: Sequence[Patch], offset: int, piece: bytes) -> bytes:
    """Return the bytes of a file from `offset` as they stand in its cleaned copy."""
    end = offset + len(piece)
    first = bisect_right(patches, offset, key=lambda patch: patch.end)
    if first == len(patches) or patches[first].offset >= end:
        return piece
    cleaned = bytearray(piece)
    for patch in islice(patches, first, None):
        if patch.offset >= end:
            break
        start, stop = max(offset, patch.offset), min(end, patch.end)
        data = patch.data[start - patch.offset : stop - patch.offset]
        cleaned[start - offset : stop - offset] = data.ljust(stop - start, b"\0")
    return bytes(cleaned)


def printable(value: str) -> str:
    """Return a value on one line, without characters that cannot be seen, at most 200 long."""
    return _UNPRINTABLE.sub(" ", value).strip(" ")[:MAX_VALUE]


def text(data: bytes) -> str:
    """Return the text before the first NUL: UTF-8, or else Latin-1 as old cameras write."""
    data = data.split(b"\0", 1)[0]
    if len(data) > MAX_VALUE * 4:
        end = MAX_VALUE * 4
        # Not within a character.
        while data[end] & 0xC0 == 0x80 and end > MAX_VALUE:  # noqa: PLR2004 - how UTF-8 goes on
            end -= 1
        data = data[:end]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def wide_text(data: bytes, order: str) -> str:
    """Return UTF-16 text, `order` being "le" or "be"."""
    data = data[: min(len(data) & ~1, MAX_VALUE * 2)]
    return data.decode(f"utf-16-{order}", "replace")
