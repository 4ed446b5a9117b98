"""The true type of a file, by what it holds. Its name and what a browser says are not asked."""

import re

from intake.media import documents
from intake.media.source import DamagedError, Source

UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
_HEAD = 4096
_PARTS = rb"^\0\0(?:\0[\x10-\xff]|[\x01-\x0f].)ftyp"
"""The list of brands with which MP4 and its kin begin. One of another length was never written,
and its parts would be taken for boxes."""
_OPEN = "application/vnd.oasis.opendocument."
_PATTERNS = [
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"^\xff\xd8\xff", "image/jpeg"),
        (rb"^\x89PNG\r\n\x1a\n", "image/png"),
        (rb"^RIFF.{4}WEBP", "image/webp"),
        (rb"^GIF8[79]a", "image/gif"),
        # These share the boxes, not their rules.
        (_PARTS + rb"(?:crx|jxl|jp2) ", UNKNOWN),
        # The general brand comes first, the coding among the others.
        (_PARTS + rb"(?:(?:mif1|msf1)(?:.{4}){1,9}?)?(?:hei[cxms]|hev[cx])", "image/heic"),
        (_PARTS + rb"(?:(?:mif1|msf1)(?:.{4}){1,9}?)?avi[fs]", "image/avif"),
        (_PARTS + rb"(?:mif1|msf1)", "image/heif"),
        (_PARTS + rb"qt  ", "video/quicktime"),
        (_PARTS + rb"M4[AB] ", "audio/mp4"),
        (_PARTS + rb"3g[p2ser]", "video/3gpp"),
        (_PARTS, "video/mp4"),
        # As QuickTime began before there were brands.
        (rb"^.{4}(?:moov|mdat|wide|free|skip|pnot)", "video/quicktime"),
        (rb"^\x1aE\xdf\xa3.{0,60}webm", "video/webm"),
        (rb"^\x1aE\xdf\xa3", "video/x-matroska"),
        (rb"^OggS.{0,500}\x80theora", "video/ogg"),
        (rb"^OggS", "audio/ogg"),
        (rb"^RIFF.{4}WAVE", "audio/wav"),
        (rb"^#!AMR", "audio/amr"),
        # A tag, or 11 bits of 1 for layer III, with a bit rate.
        (rb"^(?:ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\0-\xef])", "audio/mpeg"),
        (rb"^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        *(
            (rb"^PK.{28}mimetype" + (_OPEN + kind).encode(), _OPEN + kind)
            for kind in ("text", "spreadsheet", "presentation")
        ),
        (rb"^PK\x03\x04", ZIP),
        # It may begin with something else: ISO 32000-1, annex H.3.4.1, note 13.
        (rb"^.{0,1019}%PDF-", "application/pdf"),
    )
]
_OFFICE = {
    b"word": "wordprocessingml.document",
    b"xl": "spreadsheetml.sheet",
    b"ppt": "presentationml.presentation",
}
"""By the folder of its parts."""
_CONTROLS = re.compile(rb"[\0-\x08\x0b\x0e-\x1f]")


def sniff(source: Source) -> str:
    """Return the media type of a file. Raises DamagedError only if it cannot be read."""
    head = source.head(0, _HEAD)
    for pattern, kind in _PATTERNS:
        if pattern.match(head):
            return _of_archive(source) if kind == ZIP else kind
    return "text/plain" if _is_text(head, whole=source.size <= _HEAD) else UNKNOWN


def _of_archive(source: Source) -> str:
    try:
        for entry in documents.entries(source):
            folder = entry.name.split(b"/", 1)[0]
            if folder in _OFFICE and folder != entry.name:
                return f"application/vnd.openxmlformats-officedocument.{_OFFICE[folder]}"
    except DamagedError:
        pass
    return ZIP


def _is_text(head: bytes, *, whole: bool) -> bool:
    if not head or _CONTROLS.search(head):
        return False
    # The beginning of a longer file may end within a character.
    for cut in range(1 if whole else 4):
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
