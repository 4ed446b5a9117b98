"""HEIC, HEIF and AVIF: a picture made of items. Source: ISO/IEC 23008-12 and 14496-12.

Kept are the items that are pictures. The data of any other (Exif, XMP) becomes zeros where it
stands, its names become empty. How the picture is turned stands in a property, and stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from intake.media import exif, tags, xmp
from intake.media.boxes import PADDING, Box, beginning, boxes, number
from intake.media.draft import Draft, text
from intake.media.source import SMALL, DamagedError

_KEPT = frozenset(["hdlr", "pitm", "iloc", "iinf", "iprp", "iref", "idat", "dinf", "ipro", "grpl"])
_CODED = frozenset(["hvc1", "hev1", "lhv1", "av01", "avc1", "vvc1", "jpeg", "j2k1", "unci"])
_PICTURES = _CODED | {"grid", "iden", "iovl", "tmap", "mski"}
_REVEALING = frozenset(["udes", "altt", "crtt", "mdft", "uuid"])
"""Properties: a description, a text for the blind, times of making and changing, anything."""
_MAX_EXTENTS = 4096
"""Items and their parts together; a picture of 100 megapixels has 400 tiles."""
_IN_FILE, _IN_IDAT, _ELSEWHERE = 0, 1, 15

Extent = tuple[int, int]
"""Where a part of an item begins and ends in the file."""


@dataclass(frozen=True, slots=True)
class _Item:
    """Where an item's data stands: `method` 0 is the file, 1 the box `idat`."""

    method: int
    extents: tuple[Extent, ...]


def clean(draft: Draft, meta: Box, media: Sequence[Extent]) -> None:
    """Gather what the items of a picture reveal. Raises DamagedError.

    `media` is where data may stand in the file.
    """
    kinds: dict[int, str] = {}
    places: dict[int, _Item] = {}
    idat: Extent = (0, 0)
    for box in boxes(draft, meta):
        if box.kind == "iinf":
            kinds = _kinds(draft, box)
        elif box.kind == "iloc":
            places = _places(beginning(draft, box))
        elif box.kind == "idat":
            idat = box.body, box.end
        else:
            _sift(draft, box)
    pictures: list[Extent] = []
    told: list[tuple[str, tuple[Extent, ...]]] = []
    for identity, item in places.items():
        kind = kinds.get(identity, "")
        if kind in _PICTURES:
            pictures += _moved(item, idat)
        else:
            told.append((kind, _checked(item, idat, media)))
    for kind, extents in told:
        for start, end in extents:
            # Data to overwrite is never a picture's as well.
            if any(start < stop and begin < end for begin, stop in pictures):
                raise DamagedError
        _item(draft, kind, extents)


def _sift(draft: Draft, box: Box) -> None:
    if box.kind == "hdlr":
        tags.empty_name(draft, box)
    elif box.kind == "iprp":
        _properties(draft, box)
    elif box.kind in PADDING:
        draft.wipe(box.body, box.end)
    elif box.kind not in _KEPT:
        tags.release_told(draft, box)


def _kinds(draft: Draft, iinf: Box) -> dict[int, str]:
    """Return the kind of each item, and empty the names."""
    kinds: dict[int, str] = {}
    for box in boxes(draft, iinf):
        data = beginning(draft, box)
        wide = 4 if data[:1] == b"\3" else 2
        # Version and flags, identity, protection, kind, name.
        name = 4 + wide + 2 + 4
        if (
            len(kinds) > _MAX_EXTENTS
            or box.kind != "infe"
            or data[:1] not in (b"\2", b"\3")
            or len(data) < name
        ):
            raise DamagedError
        kinds[number(data[4 : 4 + wide])] = data[name - 4 : name].decode("latin-1")
        size = len(data[name:].split(b"\0", 1)[0])
        draft.find("name", text(data[name:]))
        draft.wipe(box.body + name, box.body + name + size)
    return kinds


class _Table:
    """A table of numbers of several widths, read from its beginning."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, width: int) -> int:
        """Return the next number of `width` bytes, 0 for none. Raises DamagedError."""
        start, self._at = self._at, self._at + width
        if self._at > len(self._data):
            raise DamagedError
        return number(self._data[start : self._at])


def _places(data: bytes) -> dict[int, _Item]:
    """Return where each item stands, by the table `iloc`."""
    table = _Table(data)
    version = table.take(4) >> 24
    widths = [table.take(1) for _ in range(2)]
    of_start, of_length, of_base, of_index = (half for w in widths for half in (w >> 4, w & 15))
    if version > 2:  # noqa: PLR2004 - the last one known
        raise DamagedError
    wide = 4 if version == 2 else 2  # noqa: PLR2004 - in which identities and their count are longer
    places = {}
    left = _MAX_EXTENTS
    for _ in range(table.take(wide)):
        identity = table.take(wide)
        method = table.take(2) & 15 if version else _IN_FILE
        # Data in another file is not ours to follow.
        method = _ELSEWHERE if table.take(2) else method
        base = table.take(of_base)
        extents = []
        count = table.take(2)
        left -= 1 + count
        if left < 0:
            raise DamagedError
        for _ in range(count):
            table.take(of_index if version else 0)
            start = base + table.take(of_start)
            extents.append((start, start + table.take(of_length)))
        places[identity] = _Item(method, tuple(extents))
    return places


def _moved(item: _Item, idat: Extent) -> tuple[Extent, ...]:
    if item.method != _IN_IDAT:
        return item.extents if item.method == _IN_FILE else ()
    return tuple((start + idat[0], end + idat[0]) for start, end in item.extents)


def _checked(item: _Item, idat: Extent, media: Sequence[Extent]) -> tuple[Extent, ...]:
    """Return the extents of an item to overwrite, which lie where data may stand."""
    allowed = media if item.method == _IN_FILE else (idat,)
    extents = _moved(item, idat)
    for start, end in extents:
        # A length of 0 means all of the file.
        if start == end or not any(begin <= start and end <= stop for begin, stop in allowed):
            raise DamagedError
    if item.method not in (_IN_FILE, _IN_IDAT):
        raise DamagedError
    return extents


def _item(draft: Draft, kind: str, extents: tuple[Extent, ...]) -> None:
    data = b""
    for start, end in extents:
        data += draft.head(start, min(end - start, SMALL - len(data)))
    kept = b""
    if kind == "Exif":
        # An offset of four bytes, and the block after so many bytes.
        exif.read(draft, data[4 + number(data[:4]) :])
        if sum(end - start for start, end in extents) >= 4 + len(exif.EMPTY):
            kept = bytes(4) + exif.EMPTY
    else:
        xmp.tell(draft, kind or "item", data)
    for start, end in extents:
        draft.write(start, kept[: end - start], end)
        kept = kept[end - start :]


def _properties(draft: Draft, iprp: Box) -> None:
    for ipco in boxes(draft, iprp):
        for box in boxes(draft, ipco) if ipco.kind == "ipco" else ():
            if box.kind in _REVEALING:
                tags.release_told(draft, box)
