"""What a witness's browser opens is what we sealed to her; what was altered on the way is not.

Each hostile file is given to our own reader, too: both open the same files and no others.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from intake.core import canonical
from intake.core import entry as entries
from intake.core.entry import Entry, MessageBody, StubBody
from intake.core.programme import WITNESS
from intake.crypto import age, derive, header, unseal
from intake.crypto.stream import payload_key, seal_payload
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import AgeError, EntryError
from tests.browsercore import scripts
from tests.browsercore.test_sealing import LOW_ORDER, browser, opened_there
from tests.core.samples import DEEP, said, told

KEY = bytes(range(32))
SIZES = [0, 1, 4096, 65535, 65536, 65537, 131072, 1 << 20]
"""Around the size of a chunk, up to the largest entry."""


@dataclass(frozen=True)
class File:
    """A header and its payload, and who should open it."""

    why: str
    header: bytes
    payload: bytes
    seed: bytes
    key: bytes = b""

    def asked(self) -> dict[str, str]:
        """Return it for the browser."""
        return {
            "header": self.header.hex(),
            "payload": self.payload.hex(),
            "seed": self.seed.hex(),
            "key": self.key.hex(),
        }

    def ours(self) -> bytes | None:
        """Return what our reader finds, None where it refuses."""
        try:
            return unseal.open_sealed(self.header, self.payload, (HybridIdentity(self.seed),))
        except AgeError:
            return None


HER, OTHER = generate_hybrid(), generate_hybrid()
FILE_KEY = bytes(range(16))
PLAIN = secrets.token_bytes(4096)
HEADER = age.make_header(FILE_KEY, (OTHER.recipient(), HER.recipient())).encode()
PAYLOAD = seal_payload(FILE_KEY, bytes(16), PLAIN)
LONG = seal_payload(FILE_KEY, bytes(16), bytes(2 * 65536))


def sealed(plain: bytes, why: str = "", key: bytes = b"") -> File:
    """Return a file sealed to an office and to her, as a reply is."""
    file_key = secrets.token_bytes(16)
    made = age.make_header(file_key, (OTHER.recipient(), HER.recipient())).encode()
    payload = seal_payload(file_key, secrets.token_bytes(16), plain)
    return File(why, made, payload, HER.seed, key)


def reply(**changed: object) -> Entry:
    """Return a reply of the office."""
    made = msgspec.structs.replace(
        said("Sí. \u2028 😀\nCome on Tuesday."), kind="reply", direction="out", mac=""
    )
    return derive.authenticate(msgspec.structs.replace(made, **changed), KEY)


def stub() -> Entry:
    """Return what a filing browser seals to itself."""
    body = StubBody({"1e" * 16: "ab" * 32}, {"inv": ("cd" * 32,)})
    return reply(kind="note", direction="own", office=WITNESS, body=body, seen=())


def bad_headers() -> Iterator[tuple[str, bytes]]:
    """Yield headers that are not the one that was sealed."""
    yield "cut before the line feed", HEADER[:-1]
    for at in range(0, len(HEADER), 31):
        yield f"bit flipped at {at}", flipped(HEADER, at)
    stanza, rest = HEADER.split(b"-> ")[1:]
    start = header.VERSION_LINE
    yield "nobody's", start + b"---" + HEADER.partition(b"---")[2]
    yield "stanzas the other way", start + b"-> " + rest.partition(b"---")[0] + b"-> " + stanza
    yield "a stanza twice", HEADER.replace(b"-> ", b"-> " + stanza + b"-> ", 1)
    yield "a stanza taken away", HEADER.replace(b"-> " + stanza, b"", 1)
    yield "trailing line feed", HEADER + b"\n"
    yield "trailing space", HEADER[:-1] + b" \n"
    yield "carriage returns", HEADER.replace(b"\n", b"\r\n")
    yield "byte order mark", b"\xef\xbb\xbf" + HEADER
    yield "version 2", HEADER.replace(b"v1", b"v2", 1)
    yield "padded base64", HEADER.replace(b"\n---", b"=\n---", 1)
    yield "two spaces", HEADER.replace(b"-> mlkem", b"->  mlkem", 1)
    yield "too long", HEADER * 6
    yield "far too long", b"-> " * 1_000_000
    yield "letters of other scripts", HEADER.replace(b"mlkem", "mlkém".encode(), 1)
    for name, change in (("classic", b"-> X25519 "), ("grease", b"-> a-grease ")):
        yield name, HEADER.replace(b"-> mlkem768x25519 ", change)
    # The last letter of 32 bytes in base64 has two bits that no byte holds.
    lines = HEADER.split(b"\n")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[(letters.index(lines[2][-1:]) | 1) : (letters.index(lines[2][-1:]) | 1) + 1]
    yield "another spelling", b"\n".join((*lines[:2], lines[2][:-1] + last, *lines[3:]))
    for place, point in enumerate(LOW_ORDER):
        yield f"low order {place}", low_order(point)


def low_order(point: bytes) -> bytes:
    """Return the header with a share that everybody knows in her stanza, its MAC made anew."""
    parsed = header.Header.parse(HEADER)
    first, hers = parsed.stanzas
    enc = header.unb64(hers.args[0].encode())
    changed = header.Stanza(hers.type, (header.b64(enc[:-32] + point),), hers.body)
    made = header.Header((first, changed), b"")
    return header.Header(made.stanzas, made.expected_mac(FILE_KEY)).encode()


def bad_payloads() -> Iterator[tuple[str, bytes, bytes]]:
    """Yield payloads that are not the one that was sealed, each with its header."""
    for end in (*range(64), *range(64, len(PAYLOAD), 211)):
        yield f"payload cut at {end}", HEADER, PAYLOAD[:end]
    for at in (0, 15, 16, 17, 2000, len(PAYLOAD) - 17, len(PAYLOAD) - 1):
        yield f"payload flipped at {at}", HEADER, flipped(PAYLOAD, at)
    yield "trailing byte", HEADER, PAYLOAD + b"\0"
    yield "a chunk more", HEADER, PAYLOAD + PAYLOAD[16:]
    chunk = 65536 + 16
    yield "last chunk left out", HEADER, LONG[: 16 + chunk]
    yield "empty last chunk", HEADER, LONG + empty_chunk()
    yield "chunks exchanged", HEADER, LONG[:16] + LONG[16 + chunk :] + LONG[16 : 16 + chunk]
    yield "first chunk twice", HEADER, LONG[: 16 + chunk] + LONG[16:]
    yield "another's payload", HEADER, sealed(PLAIN).payload
    yield "too large", HEADER, bytes(2 << 20)


def empty_chunk() -> bytes:
    """Return a last chunk of no bytes, rightly sealed, behind two full ones."""
    key = payload_key(FILE_KEY, bytes(16))
    return ChaCha20Poly1305(key).encrypt((2).to_bytes(11, "big") + b"\1", b"", None)


def flipped(data: bytes, at: int) -> bytes:
    """Return the bytes with one bit another."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


HOSTILE = [
    *(File(why, made, PAYLOAD, HER.seed) for why, made in bad_headers()),
    *(File(why, made, payload, HER.seed) for why, made, payload in bad_payloads()),
    File("another's words", HEADER, PAYLOAD, generate_hybrid().seed),
]

GOOD = [sealed(secrets.token_bytes(size), f"{size} bytes") for size in SIZES]
READ = [
    sealed(entries.encode(reply()), "reply", KEY),
    sealed(entries.encode(stub()), "stub", KEY),
    sealed(entries.encode(msgspec.structs.replace(reply(), office="det")), "forged", KEY),
    sealed(entries.encode(derive.authenticate(reply(), bytes(32))), "another's MAC", KEY),
]


def padded(plain: bytes) -> bytes:
    """Return what a writer of another program pads by the same rule."""
    return plain + b" " * (entries.bucket(len(plain)) - len(plain))


WRITTEN = canonical.encode(reply())
STUB = canonical.encode(stub())


def spoiled(plain: bytes = WRITTEN, **changed: object) -> bytes:
    """Return an entry in which some values are others."""
    return padded(canonical.encode({**json.loads(plain), **changed}))


ENTRIES = {
    "reply": entries.encode(reply()),
    "stub": entries.encode(stub()),
    "message": entries.encode(reply(kind="message", direction="in")),
    "note": entries.encode(reply(kind="note", direction="own")),
    "long": entries.encode(reply(body=MessageBody(("contact", "new"), "é" * 40_000))),
    "leap day": spoiled(date="2028-02-29+14:59"),
    "nothing": b"",
    "only spaces": b" " * 4096,
    "not padded": WRITTEN,
    "a space too few": padded(WRITTEN)[:-1],
    "a bucket too large": padded(WRITTEN) + b" " * 4096,
    "line feeds for spaces": padded(WRITTEN).replace(b" " * 10, b"\n" * 10),
    "a byte behind": padded(WRITTEN)[:-1] + b"\0",
    "not JSON": padded(b"hello"),
    "a list": padded(b"[]"),
    "null": padded(b"null"),
    "deep": padded(b"[" * min(DEEP, 50_000)),
    "not UTF-8": padded(WRITTEN.replace(b"Tuesday", b"Tuesda\xff")),
    "half a letter": padded(WRITTEN.replace(b"Tuesday", b"\\ud800")),
    "escaped letter": padded(WRITTEN.replace(b"Tuesday", b"\\u0054uesday")),
    "a space inside": padded(WRITTEN.replace(b'","', b'", "', 1)),
    "key twice": padded(WRITTEN.replace(b'{"body"', b'{"body":1,"body"', 1)),
    "unknown field": spoiled(extra="x"),
    "prototype": spoiled(__proto__="x"),
    "no field": padded(WRITTEN.replace(b'"mac":', b'"mab":', 1)),
    "unknown field of the body": spoiled(body={"asks": [], "text": "", "type": "text", "x": 1}),
    "text is a number": spoiled(body={"asks": [], "text": 1, "type": "text"}),
    "asks a number": spoiled(body={"asks": [1], "text": "", "type": "text"}),
    "asks a text": spoiled(body={"asks": "new", "text": "", "type": "text"}),
    "another type": spoiled(body={"asks": [], "text": "", "type": "letter"}),
    "no type": spoiled(body={"asks": [], "text": ""}),
    "body is a text": spoiled(body="hello"),
    "body is null": spoiled(body=None),
    "seen is a text": spoiled(seen="1e" * 16),
    "seen is no id": spoiled(seen=["1E" * 16]),
    "seen ends in a line feed": spoiled(seen=["1e" * 16 + "\n"]),
    "case is a number": spoiled(case=1),
    "case is no id": spoiled(case="0c" * 15),
    "id is no id": spoiled(id="zz" * 16),
    "id ends in a line feed": spoiled(id="1e" * 16 + "\n"),
    "office is null": spoiled(office=None),
    "mac is a list": spoiled(mac=[]),
    "another format": spoiled(format="intake/entry/v2"),
    "unknown kind": spoiled(kind="letter"),
    "kind of an object": spoiled(kind="constructor"),
    "unknown direction": spoiled(direction="up"),
    "reply inwards": spoiled(direction="in"),
    "no day": spoiled(date="2026-02-30+01:00"),
    "day of no year": spoiled(date="0000-01-01+01:00"),
    "day without zone": spoiled(date="2026-11-24"),
    "day in another script": spoiled(date="٢٠٢٦-11-24+01:00"),
    "stub of an office": spoiled(STUB, office="inv"),
    "stub as a reply": spoiled(STUB, kind="reply", direction="out"),
    "stub without keys": spoiled(STUB, body={"digests": {}, "type": "stub"}),
    "stub's keys are a text": spoiled(STUB, body={"digests": {}, "keys": "x", "type": "stub"}),
    "stub's key is a text": spoiled(STUB, body={"digests": {}, "keys": {"i": "x"}, "type": "stub"}),
    "stub's digest is a list": spoiled(
        STUB, body={"digests": {"a": []}, "keys": {}, "type": "stub"}
    ),
}


def as_json(entry: Entry) -> Any:  # noqa: ANN401 - JSON
    """Return an entry as JSON reads it."""
    return json.loads(canonical.encode(entry))


def accepted(plain: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what our parser reads, None where it refuses."""
    try:
        return as_json(entries.parse(plain))
    except EntryError:
        return None


@pytest.fixture(
    scope="module",
    params=[
        "fallback in Node",
        "native in Node",
        # Ten seconds each: in make check-all.
        pytest.param("fallback in older Node", marks=pytest.mark.slow),
        pytest.param("fallback in Chromium", marks=[pytest.mark.browser, pytest.mark.slow]),
        pytest.param("native in Chromium", marks=[pytest.mark.browser, pytest.mark.slow]),
    ],
)
def found(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Read everything once with one make of the ciphers, in one place."""
    make, _, *older, place = request.param.split()
    asked: dict[str, object] = {
        "files": [file.asked() for file in (*GOOD, *HOSTILE, *READ)],
        "cuts": [File("", HEADER, PAYLOAD, HER.seed).asked()],
        "plain": [plain.hex() for plain in ENTRIES.values()],
    }
    conditions = ["fallback"] if make == "fallback" else []
    if place == "Chromium":
        asked["conditions"] = conditions
        return dict(scripts.run("inchromium.mjs", asked, INTAKE_CHROMIUM=browser()))
    flags = [f"--conditions={name}" for name in conditions]
    flags += [f"--import={scripts.HERE / 'older.mjs'}"] if older else []
    return dict(scripts.run("innode.mjs", asked, *flags))


def test_browser_opens_what_we_seal(found: dict[str, Any]) -> None:
    """Of every size, though hers is the second of two recipients."""
    wanted = [{"plain": (file.ours() or b"").hex()} for file in GOOD]
    assert found["read"][: len(GOOD)] == wanted


def test_browser_refuses_what_we_refuse(found: dict[str, Any]) -> None:
    """Cut, flipped, exchanged, extended, for another: no byte of it is handed out."""
    results = found["read"][len(GOOD) : len(GOOD) + len(HOSTILE)]
    wrong = [
        file.why
        for file, result in zip(HOSTILE, results, strict=True)
        if file.ours() is not None or result.get("error") != "OpenError"
    ]
    assert wrong == []


def test_header_cut_anywhere_is_refused(found: dict[str, Any]) -> None:
    """At every byte: only the whole one opens."""
    assert found["cut"] == [[len(HEADER)]]


def test_what_is_another_s_and_what_was_altered_are_told_apart(found: dict[str, Any]) -> None:
    """She is told which of the two it is."""
    results = found["read"][len(GOOD) : len(GOOD) + len(HOSTILE)]
    codes = {file.why: result["code"] for file, result in zip(HOSTILE, results, strict=True)}
    assert codes["another's words"] == "closed"
    # Her own stanza is gone, or does not open: nobody can say that it was ever there.
    assert codes["classic"] == codes["trailing byte"] == codes["low order 0"] == "altered"


def test_reply_is_read_and_its_writer_checked(found: dict[str, Any]) -> None:
    """A MAC of another key, or an office that was exchanged, is seen."""
    results = found["read"][-len(READ) :]
    assert [one["isAuthentic"] for one in results] == [True, True, False, False]
    assert results[0]["entry"] == as_json(reply())
    assert results[1]["entry"] == as_json(stub())


def test_browser_parses_what_we_parse(found: dict[str, Any]) -> None:
    """The same entries and no others, with the same values."""
    for (why, plain), result in zip(ENTRIES.items(), found["parsed"], strict=True):
        entry = accepted(plain)
        expected = {"error": "EntryError"} if entry is None else {"entry": entry}
        assert result == expected, why
    assert sum("entry" in result for result in found["parsed"]) == 6


def test_age_encryption_opens_both_headers() -> None:
    """Any age tool opens a reply with her key, and with that of the office."""
    files = [
        (identity.secret_text(), READ[0].header + READ[0].payload) for identity in (HER, OTHER)
    ]
    assert opened_there(files) == [entries.encode(reply())] * 2


def test_report_is_no_reading_of_hers() -> None:
    """Nobody seals one to a witness: our parser reads it, hers does not."""
    plain = entries.encode(told())
    result = scripts.run("innode.mjs", {"plain": [plain.hex()]})
    assert accepted(plain) is not None
    assert result["parsed"] == [{"error": "EntryError"}]
