"""The true type of a file, by what it holds. Its name and what a browser says are not asked."""

from intake.media import documents
from intake.media.source import DamagedError, Source

UNKNOWN = "application/octet-stream"
_HEAD = 4096
_PDF_WITHIN = 1024
"""A PDF may begin with something else: ISO 32000-1, annex H.3.4.1, note 13."""
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_KINDS = {
    "image/heic": "heic,heix,hevc,hevx,heim,heis",
    "image/heif": "mif1,msf1",
    "image/avif": "avif,avis",
    "video/quicktime": "qt  ",
    "audio/mp4": "M4A ,M4B ",
    # These share the boxes, not their rules.
    UNKNOWN: "crx ,jxl ,jp2 ",
}
_BRANDS = {brand: kind for kind, brands in _KINDS.items() for brand in brands.split(",")}
"""By the first brand; any other is MP4."""
_BRANDS_FROM = 16
"""Where the list of other brands begins: length, kind, brand and its version before it."""
_OLD_QUICKTIME = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN = b"mimetypeapplication/vnd.oasis.opendocument."
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r")


def sniff(source: Source) -> str:
    """Return the media type of a file. Raises DamagedError only if it cannot be read."""
    head = source.head(0, _HEAD)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    found = _of_container(source, head)
    if found:
        return found
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return "application/pdf"
    return "text/plain" if _is_text(head, whole=source.size <= _HEAD) else UNKNOWN


def _of_container(source: Source, head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp" or head[4:8] in _OLD_QUICKTIME:
        return _of_brands(head)
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    if head[:4] == b"PK\3\4":
        return _of_archive(source, head)
    return "audio/mpeg" if _is_mp3(head) else ""


def _of_brands(head: bytes) -> str:
    if head[4:8] in _OLD_QUICKTIME:
        return "video/quicktime"
    size = int.from_bytes(head[:4], "big")
    if not _BRANDS_FROM <= size <= _HEAD:
        # No such list of brands was ever written; its parts would be taken for boxes.
        return UNKNOWN
    brand = head[8:12].decode("latin-1")
    if brand.startswith(("3gp", "3g2", "3gs", "3ge", "3gr")):
        return "video/3gpp"
    kind = _BRANDS.get(brand, "video/mp4")
    if kind == "image/heif":
        # The general brand comes first, the coding among the others.
        for start in range(_BRANDS_FROM, min(size, len(head)) - 3, 4):
            other = _BRANDS.get(head[start : start + 4].decode("latin-1"), "")
            if other in ("image/heic", "image/avif"):
                return other
    return kind


def _of_archive(source: Source, head: bytes) -> str:
    if head[30:].startswith(_OPEN):
        for name in ("text", "spreadsheet", "presentation"):
            if head[30 + len(_OPEN) :].startswith(name.encode()):
                return f"application/vnd.oasis.opendocument.{name}"
    try:
        for entry in documents.entries(source):
            for folder, kind in _OFFICE:
                if entry.name.startswith(folder):
                    return kind
    except DamagedError:
        pass
    return "application/zip"


def _is_mp3(head: bytes) -> bool:
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # noqa: PLR2004 - 11 bits of 1, layer III
        return False
    # Neither the reserved version, bit rate nor sampling rate.
    return head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C  # noqa: PLR2004 - the fields


def _is_text(head: bytes, *, whole: bool) -> bool:
    if not head or any(byte in _CONTROLS for byte in head):
        return False
    # The beginning of a longer file may end within a character.
    for cut in range(1 if whole else 4):
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
