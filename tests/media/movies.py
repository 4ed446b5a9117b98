"""Small files of boxes, as far as they are read: movies, and pictures of items."""

import struct

from tests.media.canaries import AUTHOR, COMMENT, PLACE_TEXT, SERIAL, SOFTWARE, THUMBNAIL, XMP, exif


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


def chunked() -> bytes:
    """Return a movie with a track of positions in three chunks of three lengths, 64-bit offsets.

    Between the chunks stands what another track would hold.
    """
    parts = [PLACE_TEXT.encode(), b"kept", PLACE_TEXT.encode() * 2, b"kept", PLACE_TEXT.encode()]
    head = box(b"ftyp", b"isom", bytes(4))
    size = len(PLACE_TEXT)
    starts = [len(head) + 8 + sum(map(len, parts[:index])) for index in (0, 2, 4)]
    tables = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), box(b"gpmd", bytes(8))),
        full(b"stsc", struct.pack(">I9I", 3, 1, 1, 1, 2, 2, 1, 3, 1, 1)),
        full(b"stsz", struct.pack(">II", size, 4)),
        full(b"co64", struct.pack(">I3Q", 3, *starts)),
    )
    mdia = box(b"mdia", _handler(b"meta", b"\0"), box(b"minf", tables))
    return head + box(b"mdat", *parts) + box(b"moov", box(b"trak", mdia))


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
