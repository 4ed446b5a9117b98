"""Small JPEG, PNG and WebP files that decoders show, and RIFF, made byte by byte."""

import struct
import zlib
from collections.abc import Iterable

from intake.media.source import PIECE
from tests.media.canaries import AUTHOR, COMMENT, SERIAL, SOFTWARE, THUMBNAIL, XMP, exif

# JPEG


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def coded_picture() -> bytes:
    """Return tables, frame and scan of a grey JPEG of 16 by 8 points, each block of one grey."""
    tables = _segment(0xDB, b"\0" + b"\x08" * 64)
    # Differences of 0 or 7 bits, codes 0 and 10; of the other frequencies only "none follow".
    tables += _segment(0xC4, b"\0" + bytes((1, 1)) + bytes(14) + b"\0\x07")
    tables += _segment(0xC4, b"\x10" + bytes((1,)) + bytes(15) + b"\0")
    frame = _segment(0xC0, struct.pack(">BHHBBBB", 8, 8, 16, 1, 1, 0x11, 0))
    # 10 1100100 0 (grey up by 100), 10 0011011 0 (down by 100), filled with ones.
    bits = "10" + "1100100" + "0" + "10" + "0011011" + "0"
    bits = bits.ljust(-(-len(bits) // 8) * 8, "1")
    scan = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    head = _segment(0xDA, bytes((1, 1, 0, 0, 63, 0)))
    return tables + frame + head + scan.replace(b"\xff", b"\xff\0")


def jpeg(segments: Iterable[bytes] = (), tail: bytes = b"") -> bytes:
    """Return a JPEG that decoders show."""
    return b"\xff\xd8" + b"".join(segments) + coded_picture() + b"\xff\xd9" + tail


def long_jpeg() -> bytes:
    """Return a JPEG whose end marker lies across two pieces of what is searched, and a tail."""
    start = jpeg().index(b"\xff\xda") + 10
    coded = jpeg()[start:-2]
    filling = b"\xff\0" * ((PIECE - 1 - len(coded)) // 2) + b"\0" * ((PIECE - 1 - len(coded)) % 2)
    return jpeg()[:start] + coded + filling + b"\xff\xd9" + COMMENT.encode()


def telling_jpeg() -> bytes:
    """Return a JPEG with all that phones and editors add."""
    resource = b"8BIM\x04\x04\0\0\0\0\0\x20"
    iptc = b"\x1c\x02\x50" + struct.pack(">H", len(AUTHOR)) + AUTHOR.encode()
    return jpeg(
        (
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc"),
            _segment(0xE1, b"Exif\0\0" + exif()),
            _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
            _segment(0xE2, b"ICC_PROFILE\0\1\1 a profile"),
            _segment(0xE2, b"MPF\0" + THUMBNAIL),
            _segment(0xEB, b"JP\0 signed by " + AUTHOR.encode()),
            _segment(0xED, b"Photoshop 3.0\0" + resource + iptc),
            _segment(0xEF, b""),
            _segment(0xFE, COMMENT.encode()),
            b"\xff\xff",
        ),
        b"\xff\xd8\xff" + THUMBNAIL,
    )


# PNG


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(chunks: Iterable[bytes] = (), tail: bytes = b"") -> bytes:
    """Return a PNG of 4 by 2 points that decoders show."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"\0\0\x40\x80\xff\0\xff\x80\x40\0")
    body = head + b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + tail


def telling_png() -> bytes:
    """Return a PNG with every chunk that says something."""
    return png(
        (
            chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
            chunk(b"tEXt", b"Author\0" + AUTHOR.encode()),
            chunk(b"tEXt", b"Comment\0caf\xe9 " + COMMENT.encode()),
            chunk(b"zTXt", b"Software\0\0" + zlib.compress(SOFTWARE.encode())),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
            chunk(b"iTXt", b"Title\0\0\0en\0Title\0" + COMMENT.encode()),
            chunk(b"eXIf", exif(3)),
            chunk(b"tIME", b"\x07\xea\x0b\x18\x0a\x0b\x0c"),
            chunk(b"caNv", SERIAL.encode()),
        ),
        b"PK after the end " + SERIAL.encode(),
    )


# RIFF


def riff(form: bytes, chunks: Iterable[tuple[bytes, bytes]], tail: bytes = b"") -> bytes:
    """Return a RIFF file."""
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + form + body + tail


def lossless() -> bytes:
    """Return a VP8L picture of 4 by 2 points of one colour."""
    # Width, height, no transparency, version; no transform, colour cache or groups; then five
    # codes of one symbol each: green, red, blue, alpha, distance.
    fields = [(3, 14), (1, 14), (0, 1), (0, 3), (0, 1), (0, 1), (0, 1)]
    for symbol in (0x20, 0x90, 0x60, 0xFF, 0):
        fields += [(1, 1), (0, 1), (1, 1), (symbol, 8)]
    bits = place = 0
    for value, width in fields:
        bits |= value << place
        place += width
    return b"\x2f" + bits.to_bytes(-(-place // 8), "little")


def webp(orientation: int = 1) -> bytes:
    """Return a WebP that decoders show."""
    extended = bytes((0x0C, 0, 0, 0, 3, 0, 0, 1, 0, 0))
    return riff(
        b"WEBP",
        [
            (b"VP8X", extended),
            (b"VP8L", lossless()),
            (b"EXIF", exif(orientation)),
            (b"XMP ", XMP),
            (b"CANA", SERIAL.encode()),
        ],
        COMMENT.encode(),
    )
