"""PNG: chunks. Source: W3C Portable Network Graphics, third edition.

Kept are the chunks that change what is seen. Any other becomes `zeRo`, an ancillary and private
chunk of zeros that readers pass over; an orientation stays as the only entry of `eXIf`.
"""

import re
import zlib

from intake.media import exif, xmp
from intake.media.codes import CODES
from intake.media.draft import Draft, text
from intake.media.source import PIECE, SMALL, DamagedError

_SIGNATURE_SIZE = 8
_FRAME = 12
"""Length, type and checksum of a chunk."""
_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs"
    b" acTL fcTL fdAT".split()
)
_ANCILLARY = re.compile(b"[a-z][A-Za-z]{3}")
"""A type that readers may pass over."""
_BLANK = b"zeRo"


def clean(draft: Draft) -> str:
    """Gather what a PNG reveals; nothing is left over, so no warning. Raises DamagedError."""
    offset = _SIGNATURE_SIZE
    kind = b""
    while kind != b"IEND":
        draft.step()
        head = draft.at(offset, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if length > draft.size - offset - _FRAME or (kind == b"IEND" and length):
            raise DamagedError
        if kind not in _KEPT:
            if not _ANCILLARY.fullmatch(kind):
                raise DamagedError
            _chunk(draft, offset + 4, length)
        offset += length + _FRAME
    draft.wipe_rest(offset)
    return ""


def _chunk(draft: Draft, offset: int, length: int) -> None:
    kind = draft.at(offset, 4)
    data = draft.head(offset + 4, min(length, SMALL))
    kept = b""
    if kind == b"eXIf":
        kept = exif.neutral(exif.read(draft, data), length)
    elif kind != _BLANK:
        _tell(draft, kind, data)
    name = kind if kept else _BLANK
    end = offset + 4 + length
    draft.write(offset, name + kept, end)
    draft.write(end, _checksum(name + kept, length + 4).to_bytes(4, "big"))


def _tell(draft: Draft, kind: bytes, data: bytes) -> None:
    if kind == b"tIME" and len(data) == 7:  # noqa: PLR2004 - year, month, day, hour, minute, second
        year = int.from_bytes(data[:2], "big")
        draft.find("taken", f"{year}-" + "-".join(f"{part:02}" for part in data[2:]))
    elif kind in (b"tEXt", b"zTXt", b"iTXt"):
        keyword, value = text(data[:80]), data[data.find(b"\0") + 1 :]
        code = CODES.get(keyword, "comment")
        # The text comes last, unless it is compressed, as a flag says or the type.
        if kind == b"zTXt" or (kind == b"iTXt" and value[:1] != b"\0"):
            draft.find(code, keyword)
        elif not xmp.read(draft, value):
            words = text(value[value.rfind(b"\0") + 1 :])
            draft.find(code, f"{keyword}: {words}")
    else:
        draft.find("other", text(kind))


def _checksum(begin: bytes, size: int) -> int:
    """Return the CRC-32 of `begin` and zeros up to `size` bytes."""
    crc = zlib.crc32(begin)
    left = size - len(begin)
    while left > 0:
        crc = zlib.crc32(bytes(min(left, PIECE)), crc)
        left -= PIECE
    return crc
