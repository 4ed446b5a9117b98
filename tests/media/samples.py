"""Small files of every kind by name, and what becomes of them under hostile hands."""

import io
import random
import struct
import zipfile

from tests.media.canaries import AUTHOR, COMMENT, SERIAL, SOFTWARE, THUMBNAIL, XMP
from tests.media.movies import chunked, heic, movie
from tests.media.pictures import chunk, jpeg, long_jpeg, png, riff, telling_jpeg, telling_png, webp


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
        "long.jpg": long_jpeg(),
        "long.png": png((chunk(b"tEXt", b"Comment\0" + COMMENT.encode() * 12_000),)),
        "turned.webp": webp(8),
        "upright.webp": webp(),
        "recorder.wav": wav(),
        "unfinished.wav": riff(b"WAVE", [(b"fmt ", bytes(16)), (b"data", b"")], b"sound"),
        "early.mp4": movie(),
        "chunked.mp4": chunked(),
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
