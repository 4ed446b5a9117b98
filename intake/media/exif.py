"""Exif: the block of numbers and words that cameras write. Source: TIFF 6.0, CIPA DC-008.

Its directories are four and fixed (picture, thumbnail, Exif, GPS), each read once, so that no
file leads in circles. An entry that points outside the block is passed over.
"""

from intake.media.codes import CODES
from intake.media.draft import Draft, text, wide_text

MAX_ENTRIES = 512
"""Entries of one directory; the longest of real cameras have about 80."""
UPRIGHT = 1
_ORIENTATION = 0x0112
_EXIF = 0x8769
_GPS = 0x8825
_THUMBNAILS = (0x0111, 0x0201)
_USER_COMMENT = 0x9286
_WINDOWS = range(0x9C9B, 0x9CA0)
"""Windows writes title, comment, author, keywords and subject in UTF-16."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8}
"""Bytes of a value by its type; the other types hold nothing that is read here."""
_HEADER = 8
_ENTRY = 12
_SMALLEST = 26
"""Bytes of a block with one entry: header, count, entry, offset of no next directory."""
_DEGREE = 100_000
"""Five decimals of a degree are a metre."""
MAX_DEGREES = 180
_GPS_DATE = 0x1D
_MAKER_NOTE = 0x927C
_LONGEST = 1024
"""Bytes kept of a value, so that many entries cannot hold one block many times."""
EMPTY = b"MM\0*\0\0\0\x08" + bytes(6)
"""A block with no entry, for readers that demand a block."""

Entries = dict[int, bytes]
"""The type (two bytes) and the value of each tag, the value cut to `_LONGEST`."""


class Tiff:
    """The block of one picture, read once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.big = data[:4] == b"MM\0*"
        self.sound = self.big or data[:4] == b"II*\0"
        self.first = self.number(data[4:8])

    def number(self, data: bytes) -> int:
        """Return a whole number in the block's order of bytes."""
        return int.from_bytes(data, "big" if self.big else "little")

    def directory(self, offset: int) -> tuple[Entries, int]:
        """Return the entries at `offset` and where the next directory begins, 0 for nowhere."""
        data = self._data
        entries: Entries = {}
        if not self.sound or not _HEADER <= offset <= len(data) - 2:
            return entries, 0
        count = min(self.number(data[offset : offset + 2]), MAX_ENTRIES)
        end = offset + 2 + count * _ENTRY
        for start in range(offset + 2, min(end, len(data) - _ENTRY + 1), _ENTRY):
            tag, kind = self.number(data[start : start + 2]), data[start + 2 : start + 4]
            size = _SIZES.get(self.number(kind), 0) * self.number(data[start + 4 : start + 8])
            inside = size <= 4  # noqa: PLR2004 - such a value stands in its entry
            at = start + 8 if inside else self.number(data[start + 8 : start + 12])
            if tag not in entries and at + size <= len(data):
                entries[tag] = kind + data[at : at + min(size, _LONGEST)]
        return entries, self.number(data[end : end + 4])

    def linked(self, entries: Entries, tag: int) -> Entries:
        """Return the directory that an entry points to."""
        return self.directory(self.number(_value(entries, tag)))[0]


def read(draft: Draft, data: bytes) -> int:
    """Note what an Exif block (from its byte order on) says, and return its orientation."""
    tiff = Tiff(data)
    picture, following = tiff.directory(tiff.first)
    turned = tiff.number(_value(picture, _ORIENTATION))
    orientation = turned if UPRIGHT < turned <= 8 else UPRIGHT  # noqa: PLR2004 - 2 to 8 turn or mirror
    if any(_is_only(data, block) for block in (b"", EMPTY, neutral(orientation, len(data)))):
        return orientation
    before = draft.told
    thumbnail = tiff.directory(following)[0]
    exif = tiff.linked(picture, _EXIF)
    for entries in (picture, exif, thumbnail):
        for tag in entries:
            code = CODES.get(f"{tag:04x}")
            if code:
                draft.find(code, _words(tag, _value(entries, tag), big=tiff.big))
    _find_position(draft, tiff, tiff.linked(picture, _GPS))
    if any(tag in thumbnail for tag in _THUMBNAILS):
        draft.find("thumbnail", "Exif")
    if _MAKER_NOTE in exif:
        draft.find("other", "MakerNote")
    if draft.told == before:
        draft.find("other", "Exif")
    return orientation


def neutral(orientation: int, size: int) -> bytes:
    """Return a block that holds the orientation alone, or nothing where it has no room."""
    if orientation == UPRIGHT or size < _SMALLEST:
        return b""
    entry = b"\x01\x12\0\x03\0\0\0\x01\0" + bytes((orientation,)) + b"\0\0"
    return b"MM\0*\0\0\0\x08\0\x01" + entry + bytes(4)


def _is_only(data: bytes, block: bytes) -> bool:
    return data[: len(block)] == block and not any(data[len(block) :])


def _value(entries: Entries, tag: int) -> bytes:
    return entries.get(tag, b"")[2:]


def _words(tag: int, value: bytes, *, big: bool) -> str:
    if tag in _WINDOWS:
        return wide_text(value, "le")
    if tag != _USER_COMMENT:
        return text(value)
    if value[:8] == b"UNICODE\0":
        return wide_text(value[8:], "be" if big else "le")
    return text(value[8:])


def _find_position(draft: Draft, tiff: Tiff, gps: Entries) -> None:
    if not gps:
        return
    latitude = _degrees(tiff, gps, 2, b"S")
    longitude = _degrees(tiff, gps, 4, b"W")
    if latitude is None or longitude is None:
        draft.find("other", "GPS")
    else:
        draft.find("position", position(latitude, longitude))
    draft.find("taken", text(_value(gps, _GPS_DATE)))


def position(latitude: float, longitude: float) -> str:
    """Return a place in degrees with five decimals, south and west negative."""
    return f"{_decimal(latitude)}, {_decimal(longitude)}"


def _decimal(degrees: float) -> str:
    # Whole numbers: two languages round a half to different sides.
    whole = int(abs(degrees) * _DEGREE + 0.5)
    sign = "-" if degrees < 0 and whole else ""
    return f"{sign}{whole // _DEGREE}.{whole % _DEGREE:05}"


def _degrees(tiff: Tiff, gps: Entries, tag: int, negative: bytes) -> float | None:
    value = _value(gps, tag)
    if len(value) != 24:  # noqa: PLR2004 - degrees, minutes and seconds, each a fraction
        return None
    parts = [tiff.number(value[i : i + 4]) for i in range(0, 24, 4)]
    if not (parts[1] and parts[3] and parts[5]):
        return None
    degrees = parts[0] / parts[1] + parts[2] / parts[3] / 60 + parts[4] / parts[5] / 3600
    if degrees > MAX_DEGREES:
        return None
    return -degrees if _value(gps, tag - 1)[:1] == negative else degrees
