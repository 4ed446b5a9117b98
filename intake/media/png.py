"""PNG: chunks. Source: W3C Portable Network Graphics, third edition.

Kept are the chunks that change what is seen. Any other becomes `zeRo`, an ancillary and private
chunk of zeros that readers pass over; an orientation stays as the only entry of `eXIf`.
"""

import zlib

from intake.media import exif, xmp
from intake.media.codes import CODES
from intake.media.draft import Draft, text
from intake.media.source import PIECE, SMALL, DamagedError, Source

_SIGNATURE_SIZE = 8
_FRAME = 12
"""Length, type and checksum of a chunk."""
_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs"
    b" acTL fcTL fdAT".split()
)
_CRITICAL = 0x20
"""A bit of a type's first letter; without it no reader may pass the chunk over."""
_BLANK = b"zeRo"
_XMP = b"XML:com.adobe.xmp"


def clean(source: Source, draft: Draft) -> str:
    """Gather what a PNG reveals; nothing is left over, so no warning. Raises DamagedError."""
    offset = _SIGNATURE_SIZE
    kind = b""
    while kind != b"IEND":
        source.step()
        head = source.at(offset, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not kind.isalpha() or length > source.size - offset - _FRAME:
            raise DamagedError
        if kind == b"IEND" and length:
            raise DamagedError
        if kind not in _KEPT:
            if not kind[0] & _CRITICAL:
                raise DamagedError
            _chunk(source, draft, offset + 4, length)
        offset += length + _FRAME
    if draft.wipe(offset, source.size):
        draft.find("other", f"{source.size - offset} bytes after the picture")
    return ""


def _chunk(source: Source, draft: Draft, offset: int, length: int) -> None:
    kind = source.at(offset, 4)
    data = source.head(offset + 4, min(length, SMALL))
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
    keyword = data[:80].split(b"\0", 1)[0]
    value = data[len(keyword) + 1 :]
    name = text(keyword)
    code = CODES.get(name, "comment")
    if kind == b"tEXt":
        draft.find(code, f"{name}: {text(value)}")
    elif kind == b"zTXt":
        draft.find(code, name)
    elif kind == b"iTXt":
        _tell_international(draft, code, keyword, value)
    elif kind == b"tIME" and len(data) == 7:  # noqa: PLR2004 - year, month, day, hour, minute, second
        year = int.from_bytes(data[:2], "big")
        draft.find(
            "taken", f"{year}-{data[2]:02}-{data[3]:02} {data[4]:02}:{data[5]:02}:{data[6]:02}"
        )
    else:
        draft.find("other", text(kind))


def _tell_international(draft: Draft, code: str, keyword: bytes, value: bytes) -> None:
    # Flag and method of compression, language, translated keyword, text.
    parts = value[2:].split(b"\0", 2)
    name = text(keyword)
    if value[:1] != b"\0" or len(parts) < 3:  # noqa: PLR2004 - the three parts above
        draft.find(code, name)
    elif keyword != _XMP:
        draft.find(code, f"{name}: {text(parts[2])}")
    elif not xmp.read(draft, parts[2]):
        draft.find("other", "XMP")


def _checksum(begin: bytes, size: int) -> int:
    """Return the CRC-32 of `begin` and zeros up to `size` bytes."""
    crc = zlib.crc32(begin)
    left = size - len(begin)
    while left > 0:
        crc = zlib.crc32(bytes(min(left, PIECE)), crc)
        left -= PIECE
    return crc
