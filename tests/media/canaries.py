"""What a camera, an editor or a phone writes of its owner, and what must be gone."""

import struct

AUTHOR = "Tashi Canary"
SERIAL = "SN-CANARY-4711"
COMMENT = "canary comment of a person"
SOFTWARE = "CanaryCam 3"
PLACE = "27.59160, -86.56400"
PLACE_TEXT = "+27.5916-086.5640/"
GPS = struct.pack(">6I", 27, 1, 35, 1, 29_76, 100)
THUMBNAIL = b"\xff\xd8\xff\xdb canary thumbnail \xff\xd9"
CANARIES = (
    AUTHOR.encode(),
    AUTHOR.encode("utf-16-le"),
    SERIAL.encode(),
    COMMENT.encode(),
    SOFTWARE.encode(),
    PLACE_TEXT.encode(),
    GPS,
    THUMBNAIL,
    b"27,35.496N",
)
"""What stands in no cleaned copy."""

XMP = (
    '<x:xmpmeta><rdf:RDF><rdf:Description exif:GPSLatitude="27,35.496N" '
    f'exif:GPSLongitude="86,33.840W" aux:SerialNumber="{SERIAL}"><dc:creator><rdf:Seq>'
    f"<rdf:li>{AUTHOR}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()


def _directory(start: int, entries: dict[int, tuple[int, bytes]], following: int = 0) -> bytes:
    sizes = {2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    head = struct.pack(">H", len(entries))
    values = b""
    at = start + 2 + 12 * len(entries) + 4
    for tag, (kind, value) in entries.items():
        head += struct.pack(">HHI", tag, kind, len(value) // sizes[kind])
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(">I", at + len(values))
            values += value + b"\0" * (len(value) % 2)
    return head + struct.pack(">I", following) + values


def exif(orientation: int = 6) -> bytes:
    """Return a block in which a camera tells everything it knows."""
    exif_start, gps_start, thumbnail_start = 400, 800, 1000
    picture = {
        0x010F: (2, b"Canarycam\0"),
        0x0110: (2, b"Model C\0"),
        0x0112: (3, struct.pack(">H", orientation)),
        0x0131: (2, SOFTWARE.encode() + b"\0"),
        0x013B: (2, AUTHOR.encode() + b"\0"),
        0x8769: (4, struct.pack(">I", exif_start)),
        0x8825: (4, struct.pack(">I", gps_start)),
        0x9C9D: (7, AUTHOR.encode("utf-16-le") + b"\0\0"),
    }
    inner = {
        0x9003: (2, b"2026:11:24 10:11:12\0"),
        0x927C: (7, SERIAL.encode()),
        0x9286: (7, b"ASCII\0\0\0" + COMMENT.encode()),
        0xA431: (2, SERIAL.encode() + b"\0"),
    }
    gps = {
        1: (2, b"N\0"),
        2: (5, GPS),
        3: (2, b"W\0"),
        4: (5, struct.pack(">6I", 86, 1, 33, 1, 50_40, 100)),
    }
    thumbnail = {0x0201: (4, struct.pack(">I", 1100)), 0x0202: (4, struct.pack(">I", 20))}
    data = b"MM\0*\0\0\0\x08" + _directory(8, picture, thumbnail_start)
    data = data.ljust(exif_start, b"\0") + _directory(exif_start, inner)
    data = data.ljust(gps_start, b"\0") + _directory(gps_start, gps)
    data = data.ljust(thumbnail_start, b"\0") + _directory(thumbnail_start, thumbnail)
    return data.ljust(1100, b"\0") + THUMBNAIL
