"""RIFF: WebP pictures and WAV sound. Source: RFC 9649; Microsoft's Multimedia Data Standards.

Any chunk besides the picture or the sound becomes `JUNK`, the old name for a chunk of filling.
"""

from intake.media import exif, xmp
from intake.media.draft import Draft, text
from intake.media.source import SMALL, DamagedError, Source

_HEADER = 12
_FRAME = 8
_BLANK = b"JUNK"
_PICTURE = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"))
_SOUND = frozenset((b"fmt ", b"data", b"fact"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_INFO = {
    b"IART": "author",
    b"ICOP": "author",
    b"IENG": "author",
    b"ITCH": "author",
    b"ICMT": "comment",
    b"ICRD": "taken",
    b"ISFT": "software",
    b"ISRC": "camera",
}


def clean_picture(source: Source, draft: Draft) -> str:
    """Gather what a WebP reveals; nothing is left over, so no warning. Raises DamagedError."""
    turned = False
    flags: tuple[int, int] | None = None
    end = _end(source)
    offset = _HEADER
    while offset < end:
        source.step()
        kind, length = _header(source, offset)
        body = offset + _FRAME
        if length > end - body:
            raise DamagedError
        if kind == b"VP8X" and length and flags is None:
            flags = body, source.at(body, 1)[0]
        elif kind == b"EXIF":
            data = source.head(body, min(length, SMALL))
            kept = exif.neutral(exif.read(draft, data), length)
            turned = turned or bool(kept)
            draft.write(offset, kind if kept else _BLANK)
            draft.write(body, kept, body + length)
        elif kind not in _PICTURE:
            if kind == b"XMP " and not xmp.read(draft, source.head(body, min(length, SMALL))):
                draft.find("other", "XMP")
            elif kind not in (b"XMP ", _BLANK):
                draft.find("other", text(kind))
            draft.write(offset, _BLANK)
            draft.wipe(body, body + length)
        offset = body + length + length % 2
    if flags:
        kept_flags = flags[1] & ~(_XMP_FLAG | (0 if turned else _EXIF_FLAG))
        draft.write(flags[0], bytes((kept_flags,)))
    _trailer(source, draft, max(offset, end), "picture")
    return ""


def clean_sound(source: Source, draft: Draft) -> str:
    """Gather what a WAV reveals; nothing is left over, so no warning. Raises DamagedError."""
    end = _end(source)
    offset = _HEADER
    while offset < end:
        source.step()
        kind, length = _header(source, offset)
        body = offset + _FRAME
        left = source.size - body
        if kind == b"data" and (length == 0 or length >= left):
            # A recorder that was switched off never wrote how much follows: all is sound.
            return ""
        if length > left:
            raise DamagedError
        if kind not in _SOUND:
            if kind != _BLANK:
                _tell(draft, kind, source.head(body, min(length, SMALL)))
            draft.write(offset, _BLANK)
            draft.wipe(body, body + length)
        offset = body + length + length % 2
    _trailer(source, draft, max(offset, end), "sound")
    return ""


def _end(source: Source) -> int:
    """Return where the last chunk ends, at most the end of the file."""
    end = _FRAME + _header(source, 0)[1]
    return source.size if end <= _HEADER else min(end, source.size)


def _header(source: Source, offset: int) -> tuple[bytes, int]:
    head = source.at(offset, _FRAME)
    return head[:4], int.from_bytes(head[4:], "little")


def _trailer(source: Source, draft: Draft, end: int, what: str) -> None:
    if end < source.size and draft.wipe(end, source.size):
        draft.find("other", f"{source.size - end} bytes after the {what}")


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
            size = int.from_bytes(data[offset + 4 : offset + 8], "little")
            code = _INFO.get(data[offset : offset + 4], "comment")
            draft.find(code, text(data[offset + 8 : offset + 8 + size]))
            offset += _FRAME + size + size % 2
    elif kind == b"_PMX":
        xmp.read(draft, data)
    if draft.told == before:
        draft.find("other", text(kind))
