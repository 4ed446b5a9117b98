"""RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.

Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.
"""

from intake.media import exif, xmp
from intake.media.draft import Draft
from intake.media.source import SMALL, DamagedError

_HEADER = 12
_FRAME = 8
_BLANK = b"JUNK"
_PICTURE = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"))
_SOUND = frozenset((b"fmt ", b"data", b"fact"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def clean(draft: Draft) -> str:
    """Gather what a WebP or WAV reveals; nothing is left over, so no warning.

    Raises DamagedError.
    """
    header = draft.head(0, _HEADER)
    kept = _PICTURE if header[8:] == b"WEBP" else _SOUND
    end = min(_FRAME + _little(header[4:8]), draft.size)
    end = draft.size if end <= _HEADER else end
    offset, flags, turned = _HEADER, 0, False
    while offset < end:
        draft.step()
        head = draft.at(offset, _FRAME)
        kind, length, body = head[:4], _little(head[4:]), offset + _FRAME
        left = draft.size - body
        if kind == b"data" and (length == 0 or length >= left):
            # A recorder that was switched off never wrote how much follows: all is sound.
            return ""
        if length > left:
            raise DamagedError
        if kind == b"VP8X" and length:
            flags = body
        elif kind not in kept:
            turned = _chunk(draft, kind, offset, length) or turned
        offset = body + length + length % 2
    if flags:
        shown = draft.at(flags, 1)[0] & ~(_XMP_FLAG if turned else _XMP_FLAG | _EXIF_FLAG)
        draft.write(flags, bytes((shown,)))
    draft.wipe_rest(max(offset, end))
    return ""


def _chunk(draft: Draft, kind: bytes, offset: int, length: int) -> bool:
    """Blank a chunk; return whether an orientation stays in it."""
    body = offset + _FRAME
    data = draft.head(body, min(length, SMALL))
    block = b""
    if kind == b"EXIF":
        block = exif.neutral(exif.read(draft, data), length)
    elif kind != _BLANK:
        xmp.tell(draft, kind.decode("latin-1"), data)
    draft.write(offset, kind if block else _BLANK)
    draft.write(body, block, body + length)
    return bool(block)


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
