"""What the opener is made of reads what our own reader reads, and refuses what it refuses."""

import io
import json
import os
import random
import secrets
import tarfile
from functools import cache
from typing import Any

import msgspec
import pytest

from intake.cli.files import harmless
from intake.core import canonical, ustar
from intake.core import entry as entries
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.evidence import Evidence
from intake.core.plain import inline, printable
from intake.core.thread import thread
from intake.core.work import WorkBody
from intake.crypto import age, opening
from intake.crypto.age import ScryptRecipient
from intake.crypto.header import Header, Stanza, b64
from intake.crypto.stream import seal_payload
from intake.crypto.unseal import (
    HybridIdentity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
)
from intake.errors import AgeError, EntryError, IntakeError, KeyTextError
from tests.browsercore import scripts
from tests.browsercore.test_reading import ENTRIES, padded
from tests.core.samples import said, told
from tests.support.keys import CHEAP, PASSPHRASE
from tests.support.sealed import sealed_file

KEY, OTHER, CLASSIC = generate_hybrid(), generate_hybrid(), generate_x25519()
TEXT = KEY.secret_text()
LINE = f"# made for a test\n\n{TEXT}\n"


def asked(**task: object) -> dict[str, Any]:
    """Return what the functions give in Node, with the ciphers that work there."""
    found: dict[str, Any] = scripts.run("opening.mjs", task, "--conditions=either")
    return found


def locked(plain: bytes, *, armored: bool = False, work: int = CHEAP) -> bytes:
    """Return bytes sealed with the passphrase."""
    out = io.BytesIO()
    age.encrypt(io.BytesIO(plain), out, [ScryptRecipient(PASSPHRASE, work)], armored=armored)
    return out.getvalue()


def flipped(data: bytes, at: int) -> bytes:
    """Return bytes with one bit another."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at:][1:]


def respelled(data: bytes, at: int) -> bytes:
    """Return bytes with one letter of base64 another."""
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


def claiming(work: str) -> bytes:
    """Return a file that claims a work which nobody did, its MAC right under its file key."""
    file_key = bytes(16)
    stanza = Stanza("scrypt", (b64(bytes(16)), work), bytes(32))
    made = Header((stanza,), b"")
    whole = Header(made.stanzas, made.expected_mac(file_key))
    return whole.encode() + seal_payload(file_key, bytes(16), b"x")


LOCKED, ARMORED = locked(LINE.encode()), locked(LINE.encode(), armored=True)
TWO = locked(f"{TEXT}\n{OTHER.secret_text()}\n".encode())
TO_KEY = io.BytesIO()
age.encrypt(io.BytesIO(b"x"), TO_KEY, [KEY.recipient()])
END = LOCKED.index(b"\n---") + 1

IDENTITIES: dict[str, tuple[bytes, str, str]] = {
    "plain": (LINE.encode(), "", ""),
    "plain, of Windows": (LINE.replace("\n", "\r\n").encode(), "", ""),
    "plain, no line feed": (TEXT.encode(), "", ""),
    "plain, lower case is no identity": (TEXT.lower().encode(), "", "identity_line"),
    "sealed": (LOCKED, PASSPHRASE, ""),
    "sealed, as text": (ARMORED, PASSPHRASE, ""),
    "sealed, as text of Windows": (ARMORED.replace(b"\n", b"\r\n"), PASSPHRASE, ""),
    "sealed, white space around": (b"\n\n" + ARMORED + b"\n \n", PASSPHRASE, ""),
    "two": (TWO, PASSPHRASE, ""),
    "beside a classic one": (f"{CLASSIC.secret_text()}\n{TEXT}".encode(), "", ""),
    "classic": (f"{CLASSIC.secret_text()}\n".encode(), "", "classic"),
    "wrong passphrase": (LOCKED, f"{PASSPHRASE} ", "passphrase_wrong"),
    "passphrase of half a letter": (LOCKED, "\ud800", "passphrase_wrong"),
    "no passphrase": (LOCKED, "", "passphrase_needed"),
    "empty": (b"", "", "identity_none"),
    "only a comment": (b"# nothing here\n", "", "identity_none"),
    "sealed comment": (locked(b"# nothing here\n"), PASSPHRASE, "identity_none"),
    "sealed bytes": (locked(b"\xff\xfe"), PASSPHRASE, "identity_text"),
    "a letter": (b"Dear colleague,\n", "", "identity_text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff", "", "identity_text"),
    "a public key": (str(KEY.recipient()).encode(), "", "identity_text"),
    "typing error": (TEXT.replace("Q", "P", 2).encode(), "", "identity_line"),
    "cut key": (TEXT[:-3].encode(), "", "identity_line"),
    "a key twice in a line": (f"{TEXT} {TEXT}".encode(), "", "identity_line"),
    "a wrong line after a right one": (f"{TEXT}\nhello\n".encode(), "", "identity_text"),
    "mixed case": (TEXT.replace("KEY", "key").encode(), "", "identity_line"),
    "too large": (b"#" * ((1 << 20) + 1), "", "identity_large"),
    "sealed to a key": (TO_KEY.getvalue(), PASSPHRASE, "identity_other"),
    "cut in its header": (LOCKED[:60], PASSPHRASE, "identity_damaged"),
    "cut after its header": (LOCKED[: LOCKED.index(b"\n---") + 49], PASSPHRASE, "identity_damaged"),
    "cut in its payload": (LOCKED[:-5], PASSPHRASE, "identity_damaged"),
    "header altered": (flipped(LOCKED, END + 10), PASSPHRASE, "identity_damaged"),
    "salt altered": (respelled(LOCKED, 35), PASSPHRASE, "passphrase_wrong"),
    "payload altered": (flipped(LOCKED, len(LOCKED) - 3), PASSPHRASE, "identity_damaged"),
    "something behind": (LOCKED + b"x", PASSPHRASE, "identity_damaged"),
    "work of 21": (claiming("21"), PASSPHRASE, "work"),
    "work of 99": (claiming("99"), PASSPHRASE, "work"),
    "work of 0": (claiming("0"), PASSPHRASE, "identity_damaged"),
    "work of 010": (claiming("010"), PASSPHRASE, "identity_damaged"),
    "work of 1e3": (claiming("1e3"), PASSPHRASE, "identity_damaged"),
    "work that nobody did": (claiming("2"), PASSPHRASE, "passphrase_wrong"),
    "armor without an end": (ARMORED[:-20], PASSPHRASE, "identity_damaged"),
    "armor with a short line": (
        ARMORED.replace(b"\n", b"\nAA\n", 2),
        PASSPHRASE,
        "identity_damaged",
    ),
    "armor of something else": (
        ARMORED.replace(b"AGE ENCRYPTED FILE", b"PGP MESSAGE"),
        PASSPHRASE,
        "identity_damaged",
    ),
    "armor with a stranger behind": (ARMORED + b"x", PASSPHRASE, "identity_damaged"),
    "armor of much white space": (ARMORED + b"\n" * 5000, PASSPHRASE, "identity_damaged"),
    "the first line alone": (b"age-encryption.org/v1\n", PASSPHRASE, "identity_damaged"),
}


def ours(data: bytes, passphrase: str) -> list[str] | None:
    """Return the seeds that our reader finds, None where it refuses."""
    try:
        found = open_identities_file(data, lambda: passphrase)
    except (AgeError, KeyTextError, UnicodeEncodeError):
        return None
    return [one.seed.hex() for one in found if isinstance(one, HybridIdentity)] or None


def test_identity_files_are_read_and_refused_alike() -> None:
    """Plain, sealed, armored; and each wrong one with its own reason."""
    task = [
        {"data": data.hex(), "passphrase": passphrase}
        for data, passphrase, _ in IDENTITIES.values()
    ]
    found = asked(identities=task)["identities"]
    for (why, (data, passphrase, code)), result in zip(IDENTITIES.items(), found, strict=True):
        if code:
            assert result == {"error": code}, why
        else:
            assert result == {"seeds": ours(data, passphrase)}, why
        # `passphrase` is never empty there: whoever types none is asked again.
        if code != "identity_large":
            assert (ours(data, passphrase) is None) == bool(code), why


FILE = sealed_file(os.urandom(200_000))
TOLD = msgspec.structs.replace(FILE.told, id="0d" * 16)
BODY = told().body
assert isinstance(BODY, ReportBody)
REPORT = msgspec.structs.replace(
    told(), body=msgspec.structs.replace(BODY, evidence=(TOLD,), reply_to=bytes(1216))
)
ADDED = msgspec.structs.replace(
    said("x"),
    body=AdditionBody(
        answers={"acts": ("a", "b"), "__proto__": "x", "constructor": ("y",)},
        digest="",
        evidence=(msgspec.structs.replace(TOLD, of="0e" * 16, name="ñandú 😀.jpg"),),
        group="persons",
        keeper="",
        language="es",
        people=({"alias": "A"}, {}),
        refer=("det",),
        unscripted=True,
        version="1",
    ),
)


NOTE = msgspec.structs.replace(
    said("x"),
    kind="note",
    direction="own",
    body=WorkBody(3, {"status": "acting", "assigned": "Ana"}, {"urgent": True}, "ours\n", "Luz"),
)


def works() -> dict[str, bytes]:
    """Return plaintexts of an office's notes, right ones and wrong ones."""
    changes: dict[str, dict[str, object]] = {
        "nothing": {"sets": {}, "tags": {}, "text": ""},
        "only text": {"sets": {}, "tags": {}},
        "nobody": {"who": ""},
        "at nought": {"at": 0},
        "at a text": {"at": "1"},
        "at true": {"at": True},
        "at the last": {"at": 2**53 - 1},
        "at after the last": {"at": 2**53},
        "sets a number": {"sets": {"assigned": 1}},
        "sets a list": {"sets": []},
        "two lines": {"sets": {"reason": "a\nb"}},
        "line separator": {"sets": {"reason": "a\u2028b"}},
        "override": {"who": "\u202eana"},
        "spaces around": {"who": " ana"},
        "space of no break": {"who": "\u00a0ana"},
        "long": {"who": "x" * 301},
        "long letters": {"who": "😀" * 300},
        "tag of a number": {"tags": {"a": 1}},
        "tag of null": {"tags": {"a": None}},
        "empty tag": {"tags": {"": True}},
        "fifty-one tags": {"tags": {f"t{at}": True for at in range(51)}},
        "fifty tags": {"tags": {f"t{at}": False for at in range(50)}},
        "text is null": {"text": None},
        "a field more": {"extra": "x"},
    }
    return {
        "work": entries.encode(NOTE),
        "note as a message": padded(
            canonical.encode(msgspec.structs.replace(NOTE, kind="message", direction="in"))
        ),
        "note of a witness": padded(
            canonical.encode(msgspec.structs.replace(NOTE, office="witness"))
        ),
        **{f"note: {why}": with_body(NOTE, **how) for why, how in changes.items()},
    }


def with_body(entry: Entry, **changes: object) -> bytes:
    """Return the plaintext of an entry in which some values of the body are others."""
    plain = msgspec.json.decode(canonical.encode(entry))
    body = {**plain["body"], **changes}
    return padded(canonical.encode({**plain, "body": body}))


def with_file(**changes: object) -> bytes:
    """Return the plaintext of a report in which some values of its file are others."""
    file = msgspec.json.decode(canonical.encode(TOLD))
    return with_body(REPORT, evidence=[{**file, **changes}])


def bodies() -> dict[str, bytes]:
    """Return plaintexts of reports and additions, right ones and wrong ones."""
    written = msgspec.json.decode(canonical.encode(REPORT))["body"]["evidence"]
    named = {
        name: with_file(name=name)
        for name in ("", "a/b", "a\nb", "\u202egpj.exe", "\u2028", "a\u00a0b", " ", "x" * 201)
    }
    return {
        **{f"name {name!r}": plain for name, plain in named.items()},
        "report": entries.encode(REPORT),
        "addition": entries.encode(ADDED),
        "report as a message": padded(
            canonical.encode(msgspec.structs.replace(REPORT, kind="message"))
        ),
        "addition as a note": padded(
            canonical.encode(msgspec.structs.replace(ADDED, kind="note", direction="own"))
        ),
        "text as a report": padded(
            canonical.encode(msgspec.structs.replace(REPORT, body=MessageBody((), "x")))
        ),
        "answers are a list": with_body(REPORT, answers=[]),
        "an answer is a number": with_body(REPORT, answers={"account": 1}),
        "an answer is null": with_body(REPORT, answers={"account": None}),
        "an answer holds a number": with_body(REPORT, answers={"account": ["a", 1]}),
        "an answer is an object": with_body(REPORT, answers={"account": {}}),
        "unknown answers": with_body(REPORT, answers={"constructor": "x", "toString": ["y"]}),
        "contact is null": with_body(REPORT, contact=None),
        "unscripted is a text": with_body(REPORT, unscripted="no"),
        "reply_to is no base64": with_body(REPORT, reply_to="é"),
        "reply_to is spelt otherwise": with_body(REPORT, reply_to="AB=="),
        "reply_to is short": with_body(REPORT, reply_to="AA=="),
        "evidence is null": with_body(REPORT, evidence=None),
        "evidence is a text": with_body(REPORT, evidence="x"),
        "a file is a text": with_body(REPORT, evidence=["x"]),
        "a file twice": with_body(REPORT, evidence=written * 2),
        "forty-one files": with_body(
            REPORT, evidence=[{**written[0], "id": f"{at:032x}"} for at in range(41)]
        ),
        "forty files": with_body(
            REPORT, evidence=[{**written[0], "id": f"{at:032x}"} for at in range(40)]
        ),
        "a file more": with_file(extra="x"),
        "an id of another form": with_file(id="0D" * 16),
        "a copy of itself": with_file(of=TOLD.id),
        "a key of another kind": with_file(key=CLASSIC.secret_text()),
        "a digest too short": with_file(digest="ab"),
        "a length below nothing": with_file(length=-1),
        "a length that is a text": with_file(length="1"),
        "a length that is true": with_file(length=True),
        "a length of two TiB": with_file(length=1 << 41),
        "a type with a parameter": with_file(type="text/html; charset=x"),
        "a type in capitals": with_file(type="Image/png"),
        "a long name": with_file(name="😀" * 200),
        "a person is a list": with_body(ADDED, people=[[]]),
        "people are null": with_body(ADDED, people=None),
        "refer is a text": with_body(ADDED, refer="det"),
        "group is a list": with_body(ADDED, group=[]),
        "keeper is null": with_body(ADDED, keeper=None),
    }


def accepted(plain: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what our parser reads, None where it refuses."""
    try:
        return json.loads(canonical.encode(entries.parse(plain)))
    except EntryError:
        return None


def test_entries_are_read_and_refused_alike() -> None:
    """Of every kind; what a newer program made is known for it, and that alone."""
    newer = {
        "another type": ENTRIES["another type"],
        "newer note": with_body(said("x"), type="task", status="open", tags=["a"]),
        "unknown status": with_body(NOTE, sets={"status": "archived"}),
        "sets what is unknown": with_body(NOTE, sets={"colour": "red"}),
    }
    plains = {**ENTRIES, **bodies(), **works(), **newer}
    found = asked(entries=[plain.hex() for plain in plains.values()])["entries"]
    read = 0
    for (why, plain), result in zip(plains.items(), found, strict=True):
        wanted = accepted(plain)
        if why in newer:
            assert wanted is None
            written = json.loads(plain)
            assert result["entry"]["written"] == written, why
            assert result["entry"]["body"] == {"type": ""}, why
        elif wanted is None:
            assert result == {"error": "EntryError"}, why
        else:
            # `__proto__` is a member as any other.
            assert result["entry"]["written"] == wanted, why
            assert result["entry"]["body"] == wanted["body"], why
            read += 1
    assert read == 19


def test_evidence_is_opened_and_refused_alike() -> None:
    """Cut, longer, altered, another's, of another length or digest: each by its own name."""
    one, chunks = FILE.data, filled(2 * 65536)
    start = one.index(b"\n---") + 49
    first = one[start + 16 :][: 65536 + 16]
    cases: dict[str, tuple[Evidence, bytes, str]] = {
        "whole": (TOLD, one, ""),
        "nothing in it": (*filled(0), ""),
        "of just two chunks": (*filled(2 * 65536), ""),
        "of two chunks, cut to one": (chunks[0], chunks[1][: -65536 - 16], "file_cut"),
        "cut": (TOLD, one[:-1], "file_cut"),
        "cut at a chunk": (TOLD, one[: start + 16 + len(first)], "file_cut"),
        "cut in its header": (TOLD, one[:500], "file_cut"),
        "empty": (TOLD, b"", "file_cut"),
        "longer": (TOLD, one + b"x", "file_long"),
        "altered": (TOLD, flipped(one, len(one) - 20), "file_altered"),
        "header altered": (TOLD, flipped(one, start - 5), "file_altered"),
        "no age file": (TOLD, b"hello" * 1000, "file_altered"),
        "another's": (TOLD, sealed_file(bytes(200_000)).data, "file_other"),
        "length too short": (changed(length=199_000), one, "file_long"),
        "length too long": (changed(length=200_704), one, "file_digest"),
        "length much too long": (changed(length=1 << 40), one, "file_cut"),
        "digest of another": (changed(digest="ab" * 32), one, "file_digest"),
        "key with a typing error": (changed(key=typed_wrong(TOLD.key)), one, "file_other"),
    }
    task = [
        {"told": json.loads(canonical.encode(about)), "sealed": data.hex()}
        for about, data, _ in cases.values()
    ]
    found = asked(evidence=task)["evidence"]
    for (why, (about, data, code)), result in zip(cases.items(), found, strict=True):
        out = io.BytesIO()
        try:
            opening.open_evidence(about, io.BytesIO(data), out)
        except IntakeError:
            assert result == {"error": code}, why
        else:
            assert not code, why
            assert result == {"plain": out.getvalue().hex()}, why


@cache
def filled(size: int) -> tuple[Evidence, bytes]:
    """Return a file of so many bytes."""
    made = sealed_file(bytes(size))
    return msgspec.structs.replace(made.told, id="0f" * 16), made.data


def typed_wrong(key: str) -> str:
    """Return the text of an identity with its last letter another."""
    return key[:-1] + ("P" if key.endswith("Q") else "Q")


def changed(**changes: object) -> Evidence:
    """Return what is told of the file, with some values others."""
    return msgspec.structs.replace(TOLD, **changes)


def ours_tar(*members: tuple[str, bytes]) -> bytes:
    """Return a tar as the form saves it."""
    parts = [
        ustar.header(name, len(data)) + data + bytes(ustar.padding(len(data)))
        for name, data in members
    ]
    return b"".join((*parts, ustar.END))


def foreign(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar as Python's library writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """Return a member's header."""
    made = tarfile.TarInfo(name)
    made.type = kind
    made.linkname = "../../etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return made


def with_size(data: bytes, digits: bytes) -> bytes:
    """Return a tar whose first header states another size, with a right sum."""
    block = bytearray(data[:512])
    block[124:136] = digits
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data[512:]


ONE, TWO_FILES = ("a.age", b"one"), (("a.age", b"one"), ("b.age", bytes(1000)))
LONG_NAME = "long" * 60 + ".age"
TARS: dict[str, tuple[bytes, list[tuple[str, bytes]], str]] = {
    "of the form": (ours_tar(*TWO_FILES), [*TWO_FILES], ""),
    "empty file": (ours_tar(("a.age", b"")), [("a.age", b"")], ""),
    "GNU": (foreign((info("dir/a.age"), b"one"), kind=tarfile.GNU_FORMAT), [ONE], ""),
    "pax": (foreign((info("x/a.age"), b"one")), [ONE], ""),
    "ustar with a folder": (
        foreign((info("x", tarfile.DIRTYPE), b""), (info("a.age"), b"one")),
        [ONE],
        "",
    ),
    "path upwards": (foreign((info("../../a.age"), b"one")), [ONE], ""),
    "link": (
        foreign((info("l", tarfile.SYMTYPE), b""), (info("a.age"), b"one")),
        [ONE],
        "tar_strange",
    ),
    "hard link": (foreign((info("l", tarfile.LNKTYPE), b"")), [], "tar_strange"),
    "device": (foreign((info("d", tarfile.CHRTYPE), b"")), [], "tar_strange"),
    "cut in a content": (ours_tar(*TWO_FILES)[:1600], [ONE], "tar_cut"),
    "cut in a header": (ours_tar(*TWO_FILES)[:1100], [ONE], "tar_cut"),
    "without its end": (ours_tar(*TWO_FILES)[:-1024], [*TWO_FILES], "tar_cut"),
    "garbage in place of a header": (
        ours_tar(ONE)[:-1024] + b"\xff" * 1024,
        [ONE],
        "tar_strange",
    ),
    "something behind": (ours_tar(ONE) + b"\xff" * 700, [ONE], ""),
    "size of 8 GiB": (with_size(ours_tar(ONE), b"77777777777\0"), [], "tar_cut"),
    "size below nothing": (with_size(ours_tar(ONE), b"-0000000001\0"), [], "tar_strange"),
    "size in base 256": (with_size(ours_tar(ONE), b"\x80" + bytes(10) + b"\3"), [], "tar_strange"),
    "size of nothing": (with_size(ours_tar(ONE), bytes(12)), [], "tar_strange"),
    "no tar": (b"x" * 2000, [], "no tar"),
    "zeros": (bytes(2000), [], "no tar"),
    "short": (b"short", [], "no tar"),
    "many": (ours_tar(*[("a", b"")] * 10_001), [("a", b"")] * 10_000, "many"),
}


def test_tar_gives_its_files_and_no_more() -> None:
    """What came before something wrong is used; nothing is followed, nothing has a path."""
    found = asked(tars=[data.hex() for data, _, _ in TARS.values()])["tars"]
    for (why, (_, members, problem)), result in zip(TARS.items(), found, strict=True):
        if problem == "no tar":
            assert result == {"error": problem}, why
        else:
            wanted = [[name, data.hex()] for name, data in members]
            assert result == {"members": wanted, "problem": problem}, why


def conversations(count: int) -> list[list[Entry]]:
    """Return conversations in any order: with gaps, circles, entries twice, and several reports."""
    chance = random.Random(7)  # noqa: S311 - repeatable, no secret
    made: list[list[Entry]] = []
    for _ in range(count):
        ids = [f"{chance.randrange(6):032x}" for _ in range(chance.randrange(8))]
        made.append(
            [
                msgspec.structs.replace(
                    told() if chance.random() < 0.2 else said("x"),
                    id=name,
                    date=f"2026-11-2{chance.randrange(3)}+00:00",
                    seen=tuple(f"{chance.randrange(8):032x}" for _ in range(chance.randrange(3))),
                )
                for name in ids
            ]
        )
    return made


def test_conversation_has_the_same_order_and_gaps() -> None:
    """As our own, for a thousand of them."""
    made = conversations(1000)
    task = [[json.loads(canonical.encode(one)) for one in case] for case in made]
    found = asked(threads=task)["threads"]
    for case, result in zip(made, found, strict=True):
        wanted = thread(case)
        assert result["order"] == [entry.id for entry in wanted.entries]
        assert result["missing"] == [
            # Whoever names one twice lacks it once.
            len(set(wanted.missing.get(entry.id, ())))
            for entry in wanted.entries
        ]
        assert sorted(set(result["repeated"])) == sorted(wanted.repeated)


TEXTS = [
    "",
    "plain",
    "two\nlines\tand a tab",
    "\u202egpj.exe",
    "\u2066x\u2069 \u200e\u200f\u200d",
    "\x1b[31mred\x07\x00\x7f\x85",
    "\ufeff\U000e0041\ue000",
    "..",
    " .hidden. ",
    'a<b>c:d"e/f\\g|h?i*j',
    "ñandú 😀",
    "\N{ARABIC LETTER BEH}" * 196 + ".jpg",
    "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 196 + ".jpg",
    "long" * 60 + ".jpg",
    "😀" * 60,
]


def test_texts_and_names_are_made_harmless_alike() -> None:
    """As on a terminal, and in a folder."""
    found = asked(texts=TEXTS)["texts"]
    for text, (shown, line, name) in zip(TEXTS, found, strict=True):
        assert (shown, line) == (printable(text), inline(text))
        assert name == harmless(text)


def test_half_a_letter_is_a_mark() -> None:
    """JSON can hold one; no page shows it, no file has it in its name."""
    (found,) = asked(texts=["a\ud800b"])["texts"]
    assert found == ["a\ufffdb"] * 3


@pytest.mark.slow
def test_identity_of_the_usual_work_opens() -> None:
    """256 MiB and some seconds, as `age -p` asks for."""
    data = locked(LINE.encode(), work=18)
    (found,) = asked(identities=[{"data": data.hex(), "passphrase": PASSPHRASE}])["identities"]
    assert found == {"seeds": [KEY.seed.hex()]}


def test_random_bytes_are_no_identity_and_no_tar() -> None:
    """Nothing breaks but in the ways foreseen."""
    blobs = [secrets.token_bytes(size) for size in (1, 100, 511, 512, 513, 5000) for _ in range(20)]
    found = asked(
        identities=[{"data": data.hex(), "passphrase": "x"} for data in blobs],
        tars=[data.hex() for data in blobs],
        entries=[data.hex() for data in blobs],
    )
    assert {one["error"] for one in found["identities"]} <= {"identity_text", "identity_none"}
    assert {one["error"] for one in found["tars"]} == {"no tar"}
    assert {one["error"] for one in found["entries"]} == {"EntryError"}
