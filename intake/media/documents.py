"""PDF and Office files: what they say of their maker. They are never cleaned.

A document keeps names in many places (changes, comments, fonts, older versions), so removing
the few that are found would promise too much. Sources: ISO 32000-1, PKWARE's APPNOTE, ECMA-376.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from intake.media import xmp
from intake.media.codes import CODES
from intake.media.draft import Draft, text, wide_text
from intake.media.source import PIECE, DamagedError, Source

_WARNING = "document"
# A name, and its string in parentheses or in hexadecimal digits.
_NAMED = re.compile(
    rb"/(Author|Creator|Producer|Title|CreationDate)[ \t\r\n]{0,9}"
    rb"(?:\(((?:[^\\()]|\\[^0-9]|\\[0-7]{3}){1,400})\)|<([0-9A-Fa-f]{2,800})>)"
)
_ESCAPED = re.compile(rb"\\([0-7]{3}|[^0-7])")
_PARTS = frozenset((b"docProps/core.xml", b"docProps/app.xml", b"meta.xml"))
_END = b"PK\5\6"
_END_SIZE, _ENTRY_SIZE, _LOCAL_SIZE = 22, 46, 30
_MAX_ENTRIES = 2000
"""Parts of one archive: a long presentation has a thousand."""
_DEFLATED = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive, as its directory at the end lists it."""

    name: bytes
    method: int
    size: int
    """Compressed."""
    offset: int


def entries(source: Source) -> Iterator[Entry]:
    """Yield the files of a ZIP archive. Raises DamagedError."""
    begin = max(0, source.size - PIECE - _END_SIZE)
    tail = source.head(begin, PIECE + _END_SIZE)
    end = tail.rfind(_END)
    if end < 0 or end + _END_SIZE > len(tail):
        raise DamagedError
    count, offset = _little(tail, end + 10, 2), _little(tail, end + 16, 4)
    for _ in range(min(count, _MAX_ENTRIES)):
        head = source.at(offset, _ENTRY_SIZE)
        long = _little(head, 28, 2)
        name = source.at(offset + _ENTRY_SIZE, long)
        yield Entry(name, _little(head, 10, 2), _little(head, 20, 4), _little(head, 42, 4))
        offset += _ENTRY_SIZE + long + _little(head, 30, 2) + _little(head, 32, 2)


def warn_office(draft: Draft) -> str:
    """Note what an Office file in a ZIP says of its maker. Raises DamagedError."""
    for entry in entries(draft):
        if entry.name in _PARTS and entry.size <= PIECE:
            xmp.read(draft, _part(draft, entry))
    return _WARNING


def warn_pdf(draft: Draft) -> str:
    """Note what stands in plain text near the beginning and the end of a PDF."""
    for start in sorted({0, max(0, draft.size - PIECE)}):
        data = draft.head(start, PIECE)
        for match in _NAMED.finditer(data):
            value = bytes.fromhex(match[3].decode()[: len(match[3]) & ~1]) if match[3] else b""
            value = value or _ESCAPED.sub(_unescaped, match[2] or b"")
            wide = value[:2] == b"\xfe\xff"
            code = CODES.get(match[1].decode(), "comment")
            draft.find(code, wide_text(value[2:], "be") if wide else text(value))
        xmp.read(draft, data)
    return _WARNING


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes((int(code, 8) & 0xFF,)) if len(code) == 3 else code  # noqa: PLR2004 - octal digits


def _part(draft: Draft, entry: Entry) -> bytes:
    """Return a part's text, at most `PIECE` bytes, or nothing where it cannot be inflated."""
    head = draft.at(entry.offset, _LOCAL_SIZE)
    begin = entry.offset + _LOCAL_SIZE + _little(head, 26, 2) + _little(head, 28, 2)
    data = draft.at(begin, entry.size)
    if entry.method != _DEFLATED:
        return data
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(data, PIECE)
    except zlib.error:
        return b""
    whole = stream.eof and not stream.unused_data
    return inflated if whole or len(inflated) == PIECE else b""


def _little(data: bytes, offset: int, size: int) -> int:
    return int.from_bytes(data[offset : offset + size], "little")
