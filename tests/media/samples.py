"""Small files of every kind, made byte by byte, with what they must not give away."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable

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


# Exif


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


def wav() -> bytes:
    """Return a WAV with the notes of a recorder."""
    info = b"INFO" + b"IART" + struct.pack("<I", len(AUTHOR)) + AUTHOR.encode()
    info += b"ISFT" + struct.pack("<I", len(SOFTWARE)) + SOFTWARE.encode()
    note = COMMENT.encode().ljust(256, b"\0") + AUTHOR.encode().ljust(32, b"\0")
    note += SERIAL.encode().ljust(32, b"\0") + b"2026-11-2410:11:12".ljust(30, b"\0")
    return riff(
        b"WAVE",
        [
            (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)),
            (b"bext", note),
            (b"LIST", info),
            (b"data", b"\x80\x90\x80\x70"),
            (b"id3 ", SERIAL.encode()),
        ],
    )


# Boxes


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box."""
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + kind + data


def full(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    """Return a box with version and flags."""
    return box(kind, bytes((version, 0, 0, 0)), *parts)


def _handler(kind: bytes, name: bytes) -> bytes:
    return full(b"hdlr", bytes(4), kind, b"appl" + bytes(8), name)


def _track(kind: bytes, entry: bytes, offset: int, size: int, *more: bytes) -> bytes:
    description = full(b"stsd", struct.pack(">I", 1), entry)
    tables = box(
        b"stbl",
        description,
        full(b"stsc", struct.pack(">IIII", 1, 1, 2, 1)),
        full(b"stsz", struct.pack(">IIII", 0, 2, size // 2, size - size // 2)),
        full(b"stco", struct.pack(">II", 1, offset)),
    )
    paths = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"alis", COMMENT.encode())))
    return box(
        b"trak",
        full(b"tkhd", struct.pack(">II", 3_877_000_000, 3_877_000_001) + bytes(72)),
        box(
            b"mdia",
            full(b"mdhd", struct.pack(">QQ", 3_877_000_000, 9) + bytes(16), version=1),
            _handler(kind, SOFTWARE.encode() + b"\0"),
            box(b"minf", full(b"nmhd"), paths, tables),
        ),
        *more,
    )


def _picture_entry() -> bytes:
    fixed = bytes(6) + b"\0\1" + bytes(4) + b"appl" + bytes(26)
    return box(
        b"avc1", fixed + bytes((len(SOFTWARE),)) + SOFTWARE.encode().ljust(31, b"\0") + bytes(4)
    )


def movie(brand: bytes = b"isom", *, late: bool = False, fragmented: bool = False) -> bytes:
    """Return a movie whose picture stays and whose track of positions does not.

    `late` puts the samples behind the description, in a box of 64 bits.
    """
    telling = b"positions " + PLACE_TEXT.encode()
    picture = b"the picture itself"
    head = box(b"ftyp", brand, bytes(4), brand)
    text = struct.pack(">HH", len(PLACE_TEXT), 0x15C7) + PLACE_TEXT.encode()
    data = full(b"data", bytes(4), AUTHOR.encode(), version=0).replace(bytes(4), b"\0\0\0\1", 1)
    ilst = box(b"ilst", box(b"\xa9ART", data), box(b"covr", box(b"data", THUMBNAIL)))
    user = box(
        b"udta",
        box(b"\xa9xyz", text),
        box(b"\xa9mod", struct.pack(">HH", 7, 0), b"Model C"),
        full(b"loci", b"\0\0", b"Kathmandu\0\0", struct.pack(">iii", -5_673_058, 1_808_243, 0)),
        full(b"meta", _handler(b"mdir", b"\0"), ilst),
        box(b"GPMF", SERIAL.encode()),
        bytes(4),
    )
    keys = full(
        b"keys",
        struct.pack(">I", 2),
        box(b"mdta", b"com.apple.quicktime.location.ISO6709"),
        box(b"mdta", b"com.apple.quicktime.make"),
    )
    values = [
        box(struct.pack(">I", i), box(b"data", struct.pack(">II", 1, 0), value))
        for i, value in enumerate((PLACE_TEXT.encode(), b"Canarycam"), 1)
    ]
    quicktime = box(b"meta", _handler(b"mdta", b""), keys, box(b"ilst", *values))
    xmp_id = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

    def moov(at: int) -> bytes:
        return box(
            b"moov",
            full(b"mvhd", struct.pack(">II", 3_877_000_000, 3_877_000_001) + bytes(88)),
            _track(
                b"vide", _picture_entry(), at, len(picture), box(b"tref", box(b"cdsc", bytes(4)))
            ),
            _track(b"meta", box(b"mebx", SERIAL.encode()), at + len(picture), len(telling)),
            user,
            quicktime,
            box(b"uuid", xmp_id, XMP),
            box(b"free", COMMENT.encode()),
        )

    samples = picture + telling
    notes = box(b"uuid", bytes(16), SERIAL.encode())
    if not late:
        return head + box(b"mdat", samples) + moov(len(head) + 8) + notes + AUTHOR.encode()
    fragment = box(b"moof", full(b"mfhd", bytes(4))) if fragmented else b""
    described = head + moov(len(head) + len(moov(0)) + 16)
    return (
        described + struct.pack(">I4sQ", 1, b"mdat", len(samples) + 16) + samples + fragment + notes
    )


def heic(brand: bytes = b"heic") -> bytes:
    """Return a picture of items, its Exif among the data of the file and its XMP in `idat`."""
    block = bytes(4) + exif()
    picture = b"the picture itself"
    head = box(b"ftyp", b"mif1", bytes(4), b"mif1", brand)
    kinds = (b"hvc1\0", b"Exif" + SOFTWARE.encode() + b"\0", b"mime\0application/rdf+xml\0")
    entries = [
        full(b"infe", struct.pack(">HH", i, 0), kind, version=2) for i, kind in enumerate(kinds, 1)
    ]

    def meta(at: int) -> bytes:
        half = len(block) // 2
        places = struct.pack(">HHHHII", 1, 0, 0, 1, at, len(picture))
        at += len(picture)
        places += struct.pack(">HHHHIIII", 2, 0, 0, 2, at, half, at + half, len(block) - half)
        places += struct.pack(">HHHHII", 3, 1, 0, 1, 0, len(XMP))
        return full(
            b"meta",
            _handler(b"pict", SOFTWARE.encode() + b"\0"),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iloc", b"\x44\0", struct.pack(">H", 3), places, version=1),
            full(b"iinf", struct.pack(">H", 3), *entries),
            box(b"iprp", box(b"ipco", box(b"irot", b"\1"), full(b"udes", COMMENT.encode()))),
            box(b"idat", XMP),
            box(b"uuid", SERIAL.encode()),
        )

    described = head + meta(len(head) + len(meta(0)) + 8)
    return described + box(b"mdat", picture, block) + box(b"sefd", SERIAL.encode())


# Sound and documents


def mp3() -> bytes:
    """Return an MP3 with a tag before and one behind."""
    frames = b""
    for name, value in (
        (b"TPE1", b"\1\xff\xfe" + AUTHOR.encode("utf-16-le")),
        (b"TSSE", b"\0" + SOFTWARE.encode()),
        (b"COMM", b"\0eng\0" + COMMENT.encode()),
        (b"PRIV", SERIAL.encode()),
    ):
        frames += name + struct.pack(">IH", len(value), 0) + value
    frames += bytes(10)
    tag = b"ID3\3\0\0" + bytes((0, 0, len(frames) >> 7, len(frames) & 127)) + frames
    sound = b"\xff\xfb\x90\0" + bytes(60)
    old = b"TAG" + bytes(30) + AUTHOR.encode().ljust(30, b"\0") + bytes(65)
    return tag + sound + old


def ogg() -> bytes:
    """Return the first pages of an Opus file, as far as they are read."""
    words = f"ARTIST={AUTHOR}".encode()
    tags = b"OpusTags" + struct.pack("<I", len(SOFTWARE)) + SOFTWARE.encode()
    tags += struct.pack("<II", 1, len(words)) + words
    return b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(11) + b"OggS" + bytes(24) + tags


def pdf() -> bytes:
    """Return a PDF with plain information."""
    wide = (b"\xfe\xff" + AUTHOR.encode("utf-16-be")).hex().encode()
    info = b"/Author <" + wide + b"> /Creator (Canary \\(Writer\\)) /Title(\\303\\251t\\303\\251)"
    return b"%PDF-1.7\n\xe2\xe3\1 0 obj << " + info + b" >> endobj\n" + XMP + b"\n%%EOF\n"


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive, always the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in parts.items():
            made.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def office(folder: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a docx, xlsx or pptx as far as it is read."""
    core = f"<cp:coreProperties><dc:creator>{AUTHOR}</dc:creator></cp:coreProperties>".encode()
    parts = {"[Content_Types].xml": b"<Types/>", f"{folder}/main.xml": b"<w/>" * 40}
    return archive(parts | {"docProps/core.xml": core}, method)


def mutated(rng: random.Random, data: bytes) -> bytes:
    """Return a sample with a few bytes changed, numbers made absurd, pieces cut or copied."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 2)):
        place = rng.randrange(len(made) + 1)
        absurd = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\0\0\0\x08", rng.randbytes(4))
        match rng.randrange(5):
            case 0:
                made[place : place + 1] = rng.choice((b"\0", b"\xff", rng.randbytes(1)))
            case 1:
                made[place : place + 4] = rng.choice(absurd)
            case 2:
                del made[place:]
            case 3:
                del made[place : place + rng.randint(1, 40)]
            case _:
                start = rng.randrange(len(made) + 1)
                made[place:place] = made[start : start + rng.randint(1, 60)]
    return bytes(made)


def every() -> dict[str, bytes]:
    """Return all samples by name."""
    opened = "application/vnd.oasis.opendocument.text"
    meta = f"<meta><meta:initial-creator>{AUTHOR}</meta:initial-creator></meta>".encode()
    return {
        "telling.jpg": telling_jpeg(),
        "plain.jpg": jpeg(),
        "cut.jpg": telling_jpeg()[: -len(THUMBNAIL) - 8],
        "telling.png": telling_png(),
        "plain.png": png(),
        "turned.webp": webp(8),
        "upright.webp": webp(),
        "recorder.wav": wav(),
        "unfinished.wav": riff(b"WAVE", [(b"fmt ", bytes(16)), (b"data", b"")], b"sound"),
        "early.mp4": movie(),
        "late.mov": movie(b"qt  ", late=True),
        "phone.3gp": movie(b"3gp4", late=True),
        "voice.m4a": movie(b"M4A "),
        "pieces.mp4": movie(late=True, fragmented=True),
        "picture.heic": heic(),
        "picture.avif": heic(b"avif"),
        "song.mp3": mp3(),
        "ape.mp3": b"\xff\xfb\x90\0" + bytes(60) + b"APETAGEX" + bytes(24),
        "voice.ogg": ogg(),
        "voice.amr": b"#!AMR\n" + bytes(9),
        "film.webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\x82\x84webm" + bytes(20),
        "film.mkv": b"\x1aE\xdf\xa3\x93B\x82\x88matroska" + bytes(20),
        "moving.gif": b"GIF89a\1\0\1\0\0\0\0;",
        "letter.pdf": pdf(),
        "letter.docx": office("word"),
        "table.xlsx": office("xl", zipfile.ZIP_STORED),
        "slides.pptx": office("ppt"),
        "letter.odt": archive({"mimetype": opened.encode(), "meta.xml": meta}, zipfile.ZIP_STORED),
        "parts.zip": archive({"a": b"b"}),
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
        "words.txt": "what happened, संक्षेपमा\n".encode(),
        "latin.txt": b"caf\xe9",
        "empty": b"",
        "unknown": bytes(range(256)),
    }
