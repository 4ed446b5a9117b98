"""RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.

Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.
"""

from intake.media import exif, xmp
from intake.media.codes import CODES
from intake.media.draft import Draft, text
from intake.media.source import SMALL, DamagedError, Source

_HEADER = 12
_FRAME = 8
_BLANK = b"JUNK"
_PICTURE = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"))
_SOUND = frozenset((b"fmt ", b"data", b"fact"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def clean(source: Source, draft: Draft) -> str:
    """Gather what a WebP or WAV reveals; nothing is left over, so no warning.

    Raises DamagedError.
    """
    header = source.head(0, _HEADER)
    kept = _PICTURE if header[8:] == b"WEBP" else _SOUND
    end = min(_FRAME + _little(header[4:8]), source.size)
    end = source.size if end <= _HEADER else end
    offset, flags, turned = _HEADER, 0, False
    while offset < end:
        source.step()
        head = source.at(offset, _FRAME)
        kind, length, body = head[:4], _little(head[4:]), offset + _FRAME
        left = source.size - body
        if kind == b"data" and (length == 0 or length >= left):
            # A recorder that was switched off never wrote how much follows: all is sound.
            return ""
        if length > left:
            raise DamagedError
        if kind == b"VP8X" and length:
            flags = body
        elif kind not in kept:
            turned = _chunk(source, draft, kind, offset, length) or turned
        offset = body + length + length % 2
    if flags:
        shown = source.at(flags, 1)[0] & ~(_XMP_FLAG if turned else _XMP_FLAG | _EXIF_FLAG)
        draft.write(flags, bytes((shown,)))
    end = max(offset, end)
    if end < source.size and draft.wipe(end, source.size):
        draft.find("other", f"{source.size - end} bytes after the last chunk")
    return ""


def _chunk(source: Source, draft: Draft, kind: bytes, offset: int, length: int) -> bool:
    """Blank a chunk; return whether an orientation stays in it."""
    body = offset + _FRAME
    data = source.head(body, min(length, SMALL))
    block = b""
    if kind == b"EXIF":
        block = exif.neutral(exif.read(draft, data), length)
    elif kind != _BLANK:
        _tell(draft, kind, data)
    draft.write(offset, kind if block else _BLANK)
    draft.write(body, block, body + length)
    return bool(block)


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _tell(draft: Draft, kind: bytes, data: bytes) -> None:
    before = draft.told
    if kind == b"bext":
        # Description, originator, its reference, date and time: EBU Tech 3285.
        draft.find("comment", text(data[:256]))
        draft.find("author", text(data[256:288]))
        draft.find("serial", text(data[288:320]))
        draft.find("taken", text(data[320:338]))
    elif kind == b"LIST" and data[:4] == b"INFO":
        offset = 4
        while offset + _FRAME <= len(data):
            size = _little(data[offset + 4 : offset + 8])
            code = CODES.get(text(data[offset : offset + 4]), "comment")
            draft.find(code, text(data[offset + 8 : offset + 8 + size]))
            offset += _FRAME + size + size % 2
    elif kind in (b"_PMX", b"XMP "):
        xmp.read(draft, data)
    if draft.told == before:
        draft.find("other", kind.decode("latin-1"))
