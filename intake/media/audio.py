"""MP3 and OGG: what stands before and behind the sound.

Sources: ID3v2.4 (id3.org), ID3v1, RFC 7845 and Vorbis I for comments. The tags of an MP3 become
zeros, which its own rules call padding. A page of an OGG carries a checksum over all of it, so
its comments are told, not cleaned.
"""

from intake.media.codes import CODES
from intake.media.draft import Draft, text, wide_text
from intake.media.source import SMALL, WINDOW, Source

_ID3_HEADER = 10
_ID3_FOOTER = 0x10
_OLD_SIZE = 128
"""An ID3v1 tag: TAG, title, artist, album, year, comment, genre."""
_APE_FOOTER = 32
_MAX_COMMENTS = 64


def clean_mp3(source: Source, draft: Draft) -> str:
    """Gather what an MP3 reveals; "audio" where a tag stays. Raises DamagedError."""
    if source.at(0, 3) == b"ID3":
        head = source.at(0, _ID3_HEADER)
        size = _seven_bits(head[6:10])
        # Flags (unsynchronised, extended) tell of what is gone.
        _read_frames(draft, source.head(_ID3_HEADER, min(size, SMALL)), head[3])
        draft.write(5, bytes((head[5] & _ID3_FOOTER,)))
        if draft.wipe(_ID3_HEADER, _ID3_HEADER + size) and not draft.findings:
            draft.find("other", "ID3")
    end = source.size
    tail = source.head(max(0, end - _OLD_SIZE), _OLD_SIZE)
    if tail[:3] == b"TAG" and len(tail) == _OLD_SIZE:
        for code, start, stop in (("comment", 3, 33), ("author", 33, 63), ("comment", 97, 127)):
            draft.find(code, text(tail[start:stop]))
        draft.wipe(end - _OLD_SIZE, end)
        end -= _OLD_SIZE
    if source.head(max(0, end - _APE_FOOTER), 8) == b"APETAGEX":
        draft.find("other", "APE")
        return "audio"
    return ""


def _seven_bits(data: bytes) -> int:
    size = 0
    for byte in data:
        size = size << 7 | byte & 0x7F
    return size


def _read_frames(draft: Draft, data: bytes, version: int) -> None:
    offset = 0
    while offset + 10 <= len(data) and data[offset]:
        name, length = data[offset : offset + 4], data[offset + 4 : offset + 8]
        size = _seven_bits(length) if version == 4 else int.from_bytes(length, "big")  # noqa: PLR2004 - ID3v2.4 changed it
        value = data[offset + 10 : offset + 10 + size]
        if name[:1] == b"T":
            draft.find(CODES.get(text(name), "comment"), _frame_text(value))
        elif name == b"APIC":
            draft.find("thumbnail", "ID3")
        elif name == b"COMM":
            draft.find("comment", text(value[5:]) or _frame_text(value))
        else:
            draft.find("other", f"ID3 {text(name)}")
        offset += 10 + size


def _frame_text(value: bytes) -> str:
    # The first byte is the encoding: 1 is UTF-16 with its order, 2 without, big end first.
    if value[:1] == b"\2" or value[1:3] == b"\xfe\xff":
        return wide_text(value[1:], "be")
    return wide_text(value[1:], "le") if value[:1] == b"\1" else text(value[1:])


def warn_ogg(source: Source, draft: Draft) -> str:
    """Note the comments of an OGG, which stay in it."""
    data = source.head(0, WINDOW)
    start = data.find(b"OpusTags") + 8
    if start < 8:  # noqa: PLR2004 - not found
        start = data.find(b"\x03vorbis") + 7
    if start < 7:  # noqa: PLR2004 - not found
        return "audio"
    software, start = _counted(data, start)
    draft.find("software", text(software))
    count = int.from_bytes(data[start : start + 4], "little")
    start += 4
    for _ in range(min(count, _MAX_COMMENTS)):
        value, start = _counted(data, start)
        name, _, words = text(value).partition("=")
        code = CODES.get(name.lower(), "comment")
        draft.find(code, words if code != "comment" else f"{name}: {words}")
    return "audio"


def _counted(data: bytes, start: int) -> tuple[bytes, int]:
    size = int.from_bytes(data[start : start + 4], "little")
    return data[start + 4 : start + 4 + size], start + 4 + size
