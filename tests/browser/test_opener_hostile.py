"""The opener in a real browser, given what harms: each is named, none runs or stops others."""

import io
import struct
import time
import zlib

import msgspec
import pytest

from intake.core import canonical
from intake.core import entry as entries
from intake.core.entry import Entry, MessageBody, ReportBody
from intake.crypto import age
from intake.crypto.age import ScryptRecipient
from intake.crypto.unseal import (
    generate_hybrid,
    generate_x25519,
)
from tests.browser.opening import (
    ACCOUNT,
    ANSWERS,
    ASIDE,
    OFFICE,
    PICTURE,
    PROGRAMME,
    Given,
    Office,
    Opener,
    addition,
    following,
    given,
    padded,
    report,
    sealed,
    spoiled,
    tar,
    whole,
)
from tests.media import samples
from tests.media.pictures import jpeg, telling_jpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60
"""Seconds: ten times what it takes alone; a page that was stopped would take for ever."""


def flipped(data: bytes, at: int) -> bytes:
    """Return bytes with one bit another."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def respelled(data: bytes, at: int) -> bytes:
    """Return bytes with one letter of base64 another."""
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG of very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 4000)), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


CODE = "globalThis.hacked = true; alert(1)"

MARKUP = (
    f"<script>{CODE}</script><img src=x onerror='{CODE}'><svg onload='{CODE}'>"
    f"<iframe srcdoc='<script>parent.{CODE}</script>'></iframe><a href='javascript:{CODE}'>x</a>"
    f"</pre></dd></script><style>*{{display:none}}</style><base href='https://example.org/'>"
    f"<meta http-equiv=refresh content='0;url=https://example.org/'><form action=//example.org>"
)


def hostile_files(office: Office, good: Entry) -> dict[str, tuple[bytes, str]]:
    """Return files by name, each with the sentence that it deserves."""
    data = sealed(entries.encode(good), office.key)
    start = data.index(b"\n---") + 49
    named = f"{good.case}.report.{OFFICE}.{good.id}.age"
    classic, locked = io.BytesIO(), io.BytesIO()
    age.encrypt(io.BytesIO(b"x"), classic, [generate_x25519().recipient()])
    age.encrypt(io.BytesIO(b"x"), locked, [ScryptRecipient("x", 1)])
    cut, altered = "It is not whole", "It was altered after it was sealed"
    none, no_entry = "This is no sealed file", "It opens, but what it holds is no report"
    misplaced = "Case, kind or id inside it are other ones"

    def opens(plain: bytes) -> bytes:
        return sealed(plain, office.key)

    def body(**changes: object) -> bytes:
        plain = msgspec.json.decode(canonical.encode(good))["body"]
        return opens(spoiled(good, body={**plain, **changes}))

    deep = b"[" * 100_000 + b"]" * 100_000
    return {
        "nothing.age": (b"", "The file is empty"),
        "nonsense.age": (b"\x00\xff nonsense", none),
        "page.html": (b"<!doctype html><script>alert(1)</script>", none),
        "a picture.jpg": (telling_jpeg(), none),
        "armored.age": (b"-----BEGIN AGE ENCRYPTED FILE-----\n", none),
        "half a line.age": (data[:10], cut),
        "cut in header.age": (data[:1000], cut),
        "cut after header.age": (data[:start], cut),
        "cut in nonce.age": (data[: start + 10], cut),
        "cut.age": (data[:-1], cut),
        "longer.age": (data + b"x", cut),
        "altered header.age": (flipped(data, start - 20), altered),
        "altered stanza.age": (respelled(data, 60), "It was sealed to another key"),
        "altered nonce.age": (flipped(data, start + 2), altered),
        "altered.age": (flipped(data, -20), altered),
        "CRLF.age": (data.replace(b"\n", b"\r\n"), none),
        "long header.age": (b"age-encryption.org/v1\n" + b"-> x\n\n" * 10_000, altered),
        "strange stanza.age": (data.replace(b"-> mlkem768x25519", b"-> grease", 1), altered),
        "another's.age": (sealed(entries.encode(good), generate_hybrid()), "sealed to another key"),
        "classic.age": (classic.getvalue(), "sealed to a key of the older, classic kind"),
        "locked.age": (locked.getvalue(), "It is sealed with a passphrase"),
        f"{'0' * 32}{named[32:]}": (data, misplaced),
        named.replace("report", "message"): (data, misplaced),
        named.replace(good.id, "ab" * 16): (data, misplaced),
        named.replace(OFFICE, "children"): (data, "sealed for another office"),
        named.replace(OFFICE, "constructor"): (data, "sealed for another office"),
        f"{good.case}.report.{OFFICE}.{'ee' * 16}.age": (
            opens(spoiled(good, programme="other", id="ee" * 16)),
            "It belongs to another programme",
        ),
        "empty inside.age": (opens(b""), no_entry),
        "spaces.age": (opens(b" " * 4096), no_entry),
        "no JSON.age": (opens(padded(MARKUP.encode())), no_entry),
        "deep.age": (opens(padded(deep)), no_entry),
        "half a letter.age": (
            opens(entries.encode(good).replace(b"night", b"\\ud800", 1)[:4096].ljust(4096)),
            no_entry,
        ),
        "no UTF-8.age": (opens(entries.encode(good).replace(b"night", b"nigh\xff")), no_entry),
        "key twice.age": (
            opens(padded(canonical.encode(good).replace(b'{"body"', b'{"body":1,"body"', 1))),
            no_entry,
        ),
        "unknown field.age": (opens(spoiled(good, extra=MARKUP)), no_entry),
        "prototype.age": (opens(spoiled(good, __proto__={"a": "b"})), no_entry),
        "no day.age": (opens(spoiled(good, date="2026-02-30+00:00")), no_entry),
        "answers a list.age": (body(answers=[]), no_entry),
        "half a name.age": (body(evidence=[{"name": "x"}]), no_entry),
        "large.age": (opens(bytes(3 << 20)), no_entry),
        "a message forged.age": (
            opens(spoiled(following(good, MessageBody((), "x"), "message"), mac="00" * 32)),
            "It was not written by who it says",
        ),
        "cut.tar": (tar(("a.age", b"x" * 2000))[:1000], "The parcel is cut off"),
        "strange.tar": (tar(("a.txt", b"x"))[:1024] + b"\xff" * 512, "no parcel holds"),
        "many.tar": (tar(*[("filing.json", b"")] * 10_001), "more files than any parcel"),
        f"{'0d' * 16}.age": (PICTURE.data, "No report that was opened names this file"),
        "\u202egpj.age": (b"x", none),
        "<img src=x onerror=alert(1)>.age": (b"x", none),
    }


def test_hostile_files_block_nothing_and_are_each_named(opener: Opener, office: Office) -> None:
    """Some fifty at once, in the midst of which a good report is opened, in a few seconds."""
    good = report(ANSWERS)
    files = hostile_files(office, good)
    folder = office.folder / "hostile"
    folder.mkdir()
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    chosen = [folder / name for name in files]
    chosen.insert(len(chosen) // 2, office.filed(good))
    begun = time.monotonic()
    page = opener.open(office.plain, *chosen)
    assert time.monotonic() - begun < PATIENCE
    assert ACCOUNT in page.text
    # The name of a good one is that of a bad one, too: it came in the right place.
    said = {line.split(" ", 1)[0] if line[:32].isalnum() else line: line for line in opener.aside}
    lines = list(said.values())
    for name, (_, sentence) in files.items():
        shown = name.replace("\u202e", "\ufffd")
        assert any(line.startswith(shown) and sentence in line for line in lines), (name, lines)
    inner = "a.txt This is no sealed file. Choose the files that were sent to your office."
    assert inner in lines
    assert_untouched(opener)


def assert_untouched(opener: Opener) -> None:
    """Assert that nothing ran, nothing was made of markup, and nothing was asked."""
    seen = opener.page.tell(
        "run",
        text="""({
            hacked: "hacked" in globalThis,
            scripts: document.querySelectorAll("script").length,
            strange: document.querySelectorAll(
                "img, svg, iframe, object, embed, base, link:not([rel=icon]), main a, form form"
            ).length,
            styles: document.querySelectorAll("style").length,
            title: document.title,
        })""",
    ).seen
    assert seen["found"] == {
        "hacked": False,
        "scripts": 2,
        "strange": 0,
        "styles": 1,
        "title": PROGRAMME.title["en"],
    }
    assert {one.partition(":")[0] for one in seen["asked"]} <= {"file", "blob", "data"}
    assert seen["noted"] == []


HOSTILE = {
    "markup": MARKUP,
    "overrides": "\u202eevil\u202d \u2066x \u2067y \u200eok\u200f",
    "escapes": "\x1b[2J\x9b31m\x00\x07\x7f\u2028line\u2029",
    "combining": "Z" + "\u0351\u0321" * 20_000,
    "long word": "a" * 90_000,
    "lines": "\n" * 90_000,
    "arabic": "\N{ARABIC LETTER BEH}" * 1000,
}


@pytest.mark.parametrize("why", HOSTILE)
def test_hostile_text_is_text(why: str, opener: Opener, office: Office) -> None:
    """In every place where a report holds one; what follows it stands as it would without."""
    text = HOSTILE[why]
    body = report({"account": text, text[:40]: (text[:300],), "agency": (text[:60],)}).body
    assert isinstance(body, ReportBody)
    answers = {name: value for name, value in body.answers.items() if name.isascii()}
    first = msgspec.structs.replace(
        report(ANSWERS), body=msgspec.structs.replace(body, answers=answers, version=text[:60])
    )
    added = addition(text[:50], {"x": text[:5000]})
    message = following(first, added, "message")
    page = opener.open(office.plain, office.filed(first), office.filed(message))
    assert "Opened: 2. Set aside: 0." in page.text
    assert "ask at the bakery" in page.text
    assert not set(page.text) & set("\u202e\u202d\u2066\u2067\x1b\x9b\x00\x07\x7f")
    isolated = """[...document.querySelectorAll("dd, dt, .said, bdi, pre, li > b")].every(
        (one) => one.dir === "auto" || one.closest("[dir=auto], bdi") !== null)"""
    assert page.tell("run", text=isolated).seen["found"] is True
    assert page.tell("run", text="document.documentElement.scrollWidth <= innerWidth").seen["found"]
    assert_untouched(opener)


def test_report_of_very_many_answers_stops_nothing(opener: Opener, office: Office) -> None:
    """A hundred thousand, and as many persons: the rest of them is one text."""
    first = report({"account": ACCOUNT, **{f"q{at:05}": "x" for at in range(60_000)}})
    crowd = msgspec.structs.replace(addition("persons", {}), people=({},) * 200_000)
    many = following(first, crowd, "message")
    begun = time.monotonic()
    page = opener.open(office.plain, office.filed(first), office.filed(many))
    assert time.monotonic() - begun < PATIENCE
    count = page.tell("run", text="document.querySelectorAll('article *').length").seen["found"]
    assert count < 5000
    assert "q59999: x" in page.text


LYING = {
    "page.png": (b"<!doctype html><script>alert(1)</script>", "image/png", "is text/plain"),
    "program.jpg": (b"MZ\x90\x00" + bytes(5000), "image/jpeg", "application/octet-stream"),
    "half.jpg": (jpeg()[:60], "image/jpeg", "The picture cannot be drawn"),
    "no size.png": (bomb(1, 1)[:20] + bytes(50), "image/png", "The picture cannot be drawn"),
    "bomb.png": (bomb(60_000, 60_000), "image/png", "too many pixels"),
    "wide.png": (bomb(1 << 30, 1), "image/png", "too many pixels"),
    "vector.svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "image/svg+xml",
        "is text/plain",
    ),
    "zip.docx": (
        samples.office("word"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Whole and unaltered.",
    ),
    "empty.txt": (b"", "text/plain", "Whole and unaltered."),
    "huge.txt": (b"word " * 100_000, "text/plain", "Whole and unaltered."),
}


def test_evidence_that_lies_is_only_shown_where_that_is_safe(
    opener: Opener, office: Office
) -> None:
    """By what it holds; what cannot be drawn says so, and the others can be saved."""
    files = [given(data, name, kind) for name, (data, kind, _) in LYING.items()]
    paths = [one.at(office.folder) for one in files]
    page = opener.open(office.plain, office.filed(report(ANSWERS, *files)), *paths)
    for number in range(1, len(files) + 1):
        whole(opener, number)
    presses = "[...document.querySelectorAll('.files button')].filter((one) => {0}).map({1})"
    pictures = presses.format("one.textContent.startsWith('Show')", "(one) => one.click()")
    page.tell("run", text=f"{pictures}.length")
    page.until(".files li:nth-child(5)", "too many pixels", seconds=30)
    page.until(".files li:nth-child(10)", "The text goes on in the file")
    shown = opener.looked_at(".files li")
    for (name, (_, _, sentence)), text in zip(LYING.items(), shown, strict=True):
        assert sentence in text, (name, text)
    assert page.tell("run", text="document.querySelectorAll('canvas').length").seen["found"] == 0
    assert_untouched(opener)


def test_evidence_that_is_not_what_is_told_is_said(opener: Opener, office: Office) -> None:
    """Missing, cut, altered, longer, another's, of another content: each says what to do."""
    made = [
        given(bytes([at]) * 100_000, f"{at}.bin", "application/octet-stream") for at in range(6)
    ]
    lie = msgspec.structs.replace(made[5].told, digest="ab" * 32)
    made[5] = Given(lie, made[5].data)
    sentences = [
        "The sealed file is not here: choose it too",
        "The sealed file is not whole",
        "The sealed file was altered after it was sealed",
        "The file is longer than the report says",
        "the key in the report does not open it",
        "What it holds is not the file that the report names",
    ]
    changes = [None, made[1].data[:-30], flipped(made[2].data, -30), made[3].data + b"x"]
    changes += [PICTURE.data, made[5].data]
    paths = [
        office.write(f"{one.told.id}.age", data)
        for one, data in zip(made, changes, strict=True)
        if data is not None
    ]
    page = opener.open(office.plain, office.filed(report(ANSWERS, *made)), *paths)
    page.until(".files li:nth-child(6)", sentences[5])
    shown = opener.looked_at(".files li")
    assert [said for said, text in zip(sentences, shown, strict=True) if said not in text] == []
    assert opener.looked_at(".files button") == []
    assert opener.looked_at(ASIDE) == []
    page.tell("give", selector="#sealed", files=[str(made[0].at(office.folder))])
    page.press("#open > button").until(".files li:nth-child(1)", "Whole and unaltered.")
