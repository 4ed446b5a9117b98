"""The boxes that MP4, QuickTime, HEIC and AVIF are made of. Source: ISO/IEC 14496-12."""

from collections.abc import Iterator
from dataclasses import dataclass

from intake.media.draft import Draft
from intake.media.source import SMALL, DamagedError, Source

PADDING = frozenset(("free", "skip", "wide"))
"""Boxes that every reader passes over."""
_COUNTED = frozenset(["dref", "keys", "stsd"])
"""Boxes that begin with version, flags and a count."""
_HEADER = 8
_LONG_HEADER = 16


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box of one kind begins, where its content does, and where it ends."""

    kind: str
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self.end - self.body


def box_at(source: Source, offset: int, end: int) -> Box:
    """Return the box at `offset`, which ends by `end`. Raises DamagedError."""
    source.step()
    head = source.at(offset, _HEADER)
    size, body = number(head[:4]), offset + _HEADER
    if size == 1:
        size, body = number(source.at(body, 8)), offset + _LONG_HEADER
    elif size == 0:
        # It reaches to the end of what holds it.
        size = end - offset
    if size < body - offset or size > end - offset:
        raise DamagedError
    return Box(head[4:].decode("latin-1"), offset, body, offset + size)


def boxes(source: Source, parent: Box) -> Iterator[Box]:
    """Yield the boxes in a box. Raises DamagedError where one does not fit."""
    start, end = _inside(source, parent), parent.end
    while start < end:
        # QuickTime ends a list with a zero of 32 bits.
        if end - start == 4 and not any(source.at(start, 4)):  # noqa: PLR2004 - as just said
            return
        box = box_at(source, start, end)
        yield box
        start = box.end


def _inside(source: Source, parent: Box) -> int:
    """Return where the boxes in a box begin."""
    start = parent.body
    if parent.kind in _COUNTED:
        return start + 8
    if parent.kind == "iinf":
        return start + (8 if any(source.at(start, 1)) else 6)
    # QuickTime's has no version.
    if parent.kind == "meta" and source.at(start + 4, 4) != b"hdlr":
        return start + 4
    return start


def first(source: Source, parent: Box | None, *path: str) -> Box | None:
    """Return the first box along a path of kinds, or None where a part of it is missing."""
    for kind in path:
        inner = boxes(source, parent) if parent else iter(())
        parent = next((box for box in inner if box.kind == kind), None)
    return parent


def beginning(source: Source, box: Box) -> bytes:
    """Return as much of the content as is read of a long box."""
    return source.at(box.body, min(box.size, SMALL))


def release(draft: Draft, box: Box) -> None:
    """Turn a box into `free` space of zeros, of the same length."""
    lengths = draft.at(box.start + _HEADER, box.body - box.start - _HEADER)
    draft.write(box.start + 4, b"free" + lengths, box.end)


def number(data: bytes) -> int:
    """Return a whole number, the highest byte first."""
    return int.from_bytes(data, "big")
