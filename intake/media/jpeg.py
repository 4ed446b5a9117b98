"""JPEG: segments before and between the scans, and what follows the picture.

Source: ITU-T T.81 annex B; JFIF 1.02; CIPA DC-007 (pictures behind the picture).

Kept: the picture, the JFIF header without its thumbnail, the ICC profile and Adobe's note on
colours, all of which change what is seen. Everything else becomes zeros in its segment, which
readers pass over as an unknown block; an orientation stays as the only entry of an Exif block.
"""

import re

from intake.media import exif, xmp
from intake.media.draft import Draft, text
from intake.media.source import PIECE, DamagedError

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ICC = b"ICC_PROFILE\0"
_JFIF = b"JFIF\0"
_JFIF_SIZE = 14
_ADOBE_SIZE = 12
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
_RESTARTS = range(0xD0, 0xD8)
_APP0, _APP2, _APP14, _APP15 = 0xE0, 0xE2, 0xEE, 0xEF
_FIRST_MARKER = 0xC0
# A marker among coded data: neither a stuffed zero, a restart nor filling.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def clean(draft: Draft) -> str:
    """Gather what a JPEG reveals; nothing is left over, so no warning. Raises DamagedError."""
    offset = 2
    scanned = False
    while offset < draft.size:
        # A file cut off among the coded data still shows a picture.
        if scanned and draft.size - offset < 2:  # noqa: PLR2004 - a marker
            break
        draft.step()
        fill, marker = draft.at(offset, 2)
        if fill != 0xFF or (marker != 0xFF and marker < _FIRST_MARKER):  # noqa: PLR2004 - as every marker begins
            raise DamagedError
        if marker == _EOI and scanned:
            draft.wipe_rest(offset + 2)
            return ""
        if marker == 0xFF or marker in _RESTARTS:  # noqa: PLR2004 - filling
            offset += 1 if marker == 0xFF else 2  # noqa: PLR2004 - the same
            continue
        length = int.from_bytes(draft.at(offset + 2, 2), "big")
        if length < 2:  # noqa: PLR2004 - it counts itself
            raise DamagedError
        end = offset + 2 + length
        if marker >= _APP0 and (marker <= _APP15 or marker == _COM):
            _segment(draft, marker, offset + 4)
        offset = end
        if marker == _SOS:
            scanned = True
            offset = _coded_end(draft, offset)
    if not scanned:
        raise DamagedError
    return ""


def _segment(draft: Draft, marker: int, offset: int) -> None:
    size = int.from_bytes(draft.at(offset - 2, 2), "big") - 2
    data = draft.at(offset, size)
    kept = b""
    if marker == _APP0 and data[:5] == _JFIF and size >= _JFIF_SIZE:
        # The two bytes are the width and height of its thumbnail.
        kept = data[:12] + b"\0\0"
        if any(data[12:]):
            draft.find("thumbnail", "JFIF")
    elif marker == _APP2 and data[:12] == _ICC:
        return
    elif marker == _APP14 and data[:5] == b"Adobe":
        kept = data[:_ADOBE_SIZE]
        if any(data[_ADOBE_SIZE:]):
            draft.find("other", "APP14")
    elif data[:6] == _EXIF:
        block = data[6:]
        kept = exif.neutral(exif.read(draft, block), len(block))
        kept = _EXIF + kept if kept else b""
    elif any(data):
        _tell(draft, marker, data)
    draft.write(offset, kept, offset + size)


def _tell(draft: Draft, marker: int, data: bytes) -> None:
    before = draft.told
    if marker == _COM:
        draft.find("comment", text(data))
    elif data[:29] == _XMP:
        xmp.read(draft, data)
    if draft.told == before:
        draft.find("other", f"APP{marker - _APP0} {text(data[:40])}" if marker != _COM else "COM")


def _coded_end(draft: Draft, offset: int) -> int:
    """Return where the next marker stands, or the end of the file."""
    while offset < draft.size:
        piece = draft.head(offset, PIECE)
        match = _MARKER.search(piece)
        if match:
            return offset + match.start()
        # A last 0xFF may begin a marker that the next piece ends.
        offset += max(1, len(piece) - (piece[-1] == 0xFF))  # noqa: PLR2004 - the same
    return draft.size
