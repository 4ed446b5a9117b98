"""What the browser seals and derives is what we open and derive, with either make of ciphers."""

import base64
import hashlib
import io
import json
import secrets
import shutil
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from intake.core import entry as entries
from intake.core.receipt import Receipt
from intake.crypto import derive, unseal
from intake.crypto.derive import FilingSecret, WitnessKeys
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import NoMatchError
from tests.browsercore import scripts
from tests.core.samples import said, told, vectors
from tests.crypto import node

SIZES = [0, 1, 65535, 65536, 65537, 200_000, 2_500_000]
MESSAGES = [bytes(range(size % 256)) * (size // 256 + 1) for size in (0, 1, 32, 134, 135, 136, 255)]
VECTORS = vectors("sealing")["files"]
MAILBOXES = vectors("mailbox")["cases"]
FILINGS = [bytes(32), bytes([255] * 32), *(secrets.token_bytes(32) for _ in range(4))]
PROGRAMMES = ["small", "default", "ñandú", "x"]
ENTRIES = [told(), said("Sí.\n😀"), said("x" * 100_000)]

# Points of low order (RFC 7748, section 7): whatever is shared with them is zero.
LOW_ORDER = [
    bytes(32),
    bytes([1, *[0] * 31]),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]

_OPEN = """
    import * as age from "age-encryption";
    import { readFileSync } from "node:fs";
    const opened = [];
    for (const { key, file } of JSON.parse(readFileSync(0, "utf8"))) {
        const decrypter = new age.Decrypter();
        decrypter.addIdentity(key);
        const plain = await decrypter.decrypt(Buffer.from(file, "base64"));
        opened.push(Buffer.from(plain).toString("base64"));
    }
    console.log(JSON.stringify(opened));
"""


@dataclass(frozen=True)
class Done:
    """What the browser's modules made, and who opens it."""

    found: dict[str, Any]
    readers: tuple[HybridIdentity, HybridIdentity]
    seeds: list[bytes]
    is_native: bool
    is_older: bool
    """Whether the place lacks what the oldest browsers that we build for lack."""

    def files(self) -> list[bytes]:
        """Return the sealed evidence."""
        return [bytes.fromhex(one["file"]) for one in self.found["evidence"]]


def task(readers: tuple[HybridIdentity, ...], seeds: list[bytes]) -> dict[str, object]:
    """Return all that is asked of either make, hostile recipients included."""
    recipients = [reader.recipient().raw for reader in readers]
    good = recipients[0]
    refused = [good[:-32] + point for point in LOW_ORDER]
    # Coefficients beyond the modulus; a byte missing, a byte too many; nothing.
    refused += [b"\xff" * 1184 + good[-32:], good[:-1], good + b"\0", b""]
    witnesses = zip(FILINGS, PROGRAMMES * 2, strict=False)
    return {
        "messages": [message.hex() for message in MESSAGES],
        "filings": [secret.hex() for secret in FILINGS],
        "witnesses": [
            {"filing": secret.hex(), "programme": name, "entry": msgspec.to_builtins(ENTRIES[1])}
            for secret, name in witnesses
        ],
        "entries": [
            {"entry": msgspec.to_builtins(entry), "recipients": [raw.hex() for raw in recipients]}
            for entry in ENTRIES
        ],
        "evidence": [
            {"size": size, "seed": seed.hex()} for size, seed in zip(SIZES, seeds, strict=True)
        ],
        "counted": VECTORS,
        "mailboxes": [vector["mailbox"] for vector in MAILBOXES],
        "refused": [raw.hex() for raw in refused],
    }


def browser() -> str:
    """Return the Chromium of this machine."""
    return next(p for p in map(shutil.which, ("chromium", "google-chrome-stable")) if p)


@pytest.fixture(
    scope="module",
    params=[
        "fallback in Node",
        "fallback in older Node",
        "native in Node",
        pytest.param("fallback in Chromium", marks=pytest.mark.browser),
        pytest.param("native in Chromium", marks=pytest.mark.browser),
    ],
)
def done(request: pytest.FixtureRequest) -> Done:
    """Run everything once with one make of the ciphers, in one place."""
    make, _, *older, place = request.param.split()
    readers = (generate_hybrid(), generate_hybrid())
    seeds = [secrets.token_bytes(32) for _ in SIZES]
    asked = task(readers, seeds)
    conditions = ["fallback"] if make == "fallback" else []
    if place == "Node":
        flags = [f"--conditions={name}" for name in conditions]
        flags += [f"--import={scripts.HERE / 'older.mjs'}"] if older else []
        found = scripts.run("innode.mjs", asked, *flags)
    else:
        asked["conditions"] = conditions
        found = scripts.run("inchromium.mjs", asked, INTAKE_CHROMIUM=browser())
    return Done(found, readers, seeds, is_native=make == "native", is_older=bool(older))


def plaintext(size: int) -> bytes:
    """Return the bytes of a file of evidence, as the script makes them."""
    return bytes((at * 31 + 7) >> 3 & 255 for at in range(size))


def opened(file: bytes, identity: HybridIdentity) -> bytes:
    """Return what we find in a file."""
    out = io.BytesIO()
    unseal.decrypt(io.BytesIO(file), out, (identity,))
    return out.getvalue()


def opened_there(files: list[tuple[str, bytes]]) -> list[bytes]:
    """Return what npm's `age-encryption` finds in files, each with its key."""
    asked = [{"key": key, "file": base64.b64encode(file).decode()} for key, file in files]
    results = json.loads(node.run(_OPEN, data=json.dumps(asked).encode()))
    return [base64.b64decode(text) for text in results]


def test_the_primitives_work_here(done: Done) -> None:
    """Both makes give the known answers, and an older browser is told to load the library."""
    assert done.found["works"] is True
    assert done.found["opens"] is True
    assert done.found["detect"] is not done.is_older


def test_a_make_that_is_wrong_once_does_not_pass(done: Done) -> None:
    """A browser that has a name but not the cipher loads the library."""
    assert done.found["spoiled"] == [False] * 9
    assert done.found["mayOpen"] == [False] * 4


def test_sha3_and_shake_are_those_of_hashlib(done: Done) -> None:
    """Around the size of a block, where padding goes wrong."""
    assert done.found["sha3"] == [hashlib.sha3_256(one).hexdigest() for one in MESSAGES]
    assert done.found["shake256"] == [hashlib.shake_256(one).hexdigest(96) for one in MESSAGES]


def test_a_filing_derives_what_ours_derives(done: Done) -> None:
    """Sent twice, once with script and once without, it is the same case."""
    for value, result in zip(FILINGS, done.found["filings"], strict=True):
        secret = FilingSecret(value)
        assert result == {
            "case": secret.case(),
            "receipt": list(secret.receipt().places),
            "digest": secret.digest(b"form", b"", "é".encode()).hex(),
            "nothing": secret.digest().hex(),
            "noMailbox": secret.no_mailbox().hex(),
            "noteKey": secret.note_key("inv").hex(),
        }


def test_ten_words_give_what_they_give_us(done: Done) -> None:
    """Whoever filed with script comes back without it, and the reverse."""
    witnesses = zip(FILINGS, PROGRAMMES * 2, done.found["witnesses"], strict=False)
    for value, programme, result in witnesses:
        words: Receipt = FilingSecret(value).receipt()
        keys = WitnessKeys.of(words, programme)
        identity = HybridIdentity(derive.derive(keys.secret, "identity"))
        token = derive.derive(keys.secret, "mailbox")
        key = keys.message_key("inv")
        assert hashlib.sha256(token).digest() == keys.mailbox()
        assert result == {
            "entry": keys.entry("report", "inv"),
            "addition": keys.addition("new", 12),
            "digest": keys.digest(b"one", b"two").hex(),
            "token": token.hex(),
            "mailbox": keys.mailbox().hex(),
            "recipient": keys.recipient().raw.hex(),
            "identity": identity.secret_text(),
            "stub": keys.stub(),
            "messageKey": key.hex(),
            "mac": derive.authenticate(ENTRIES[1], key).mac,
        }


def test_a_mailbox_has_the_case_of_the_shared_vectors(done: Done) -> None:
    """What the offline form binds, `import` finds bound."""
    wanted = [vector["case"] for vector in MAILBOXES]
    assert done.found["bound"] == wanted
    assert [derive.case_of(bytes.fromhex(one["mailbox"])) for one in MAILBOXES] == wanted


def test_we_open_an_entry_for_each_of_its_readers(done: Done) -> None:
    """Header and payload apart are what our store takes, and together what our reader opens."""
    for entry, result in zip(ENTRIES, done.found["sealed"], strict=True):
        header, payload = bytes.fromhex(result["header"]), bytes.fromhex(result["payload"])
        assert Sealed(SealedHeader(header), payload)
        for reader in done.readers:
            assert entries.parse(opened(header + payload, reader)) == entry
        with pytest.raises(NoMatchError):
            opened(header + payload, generate_hybrid())


def test_age_encryption_opens_an_entry_for_each_of_its_readers(done: Done) -> None:
    """Any age tool opens it with the key, without us."""
    wanted = []
    files = []
    for entry, result in zip(ENTRIES, done.found["sealed"], strict=True):
        for reader in done.readers:
            file = bytes.fromhex(result["header"] + result["payload"])
            wanted.append(entries.encode(entry))
            files.append((reader.secret_text(), file))
    assert opened_there(files) == wanted


def test_files_are_the_shared_ones_where_randomness_is_given(done: Done) -> None:
    """Byte for byte; with the browser's own ML-KEM, which draws its own, payloads only."""
    names = ["payload"] if done.is_native else ["header", "payload"]
    wanted = [{name: vector[name] for name in names} for vector in VECTORS]
    assert [{name: one[name] for name in names} for one in done.found["counted"]] == wanted


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["why"])
def test_we_open_the_shared_files(vector: dict[str, Any]) -> None:
    """Each of their readers, with the keys that the vectors name."""
    file = vector["header"].encode() + bytes.fromhex(vector["payload"])
    for seed in vector["seeds"]:
        identity = HybridIdentity(bytes.fromhex(seed))
        assert opened(file, identity) == vector["plaintext"].encode()


def test_we_and_age_encryption_open_evidence_of_every_size(done: Done) -> None:
    """Around the size of a chunk, and of many."""
    identities = [HybridIdentity(seed) for seed in done.seeds]
    wanted = [plaintext(size) for size in SIZES]
    assert [opened(*pair) for pair in zip(done.files(), identities, strict=True)] == wanted
    keys = [identity.secret_text() for identity in identities]
    assert opened_there(list(zip(keys, done.files(), strict=True))) == wanted


def test_the_digest_of_evidence_is_over_its_pieces(done: Done) -> None:
    """SHA-256 over the SHA-256s of its pieces of 1 MiB; an empty file has none."""
    for size, result in zip(SIZES, done.found["evidence"], strict=True):
        data = plaintext(size)
        pieces = [data[at : at + 1024 * 1024] for at in range(0, size, 1024 * 1024)]
        digests = b"".join(hashlib.sha256(piece).digest() for piece in pieces)
        assert result["digest"] == hashlib.sha256(digests).hexdigest()


def test_sealing_holds_two_chunks_and_no_file(done: Done) -> None:
    """A film of a gigabyte does not fit into a phone's memory."""
    # Four halves are two chunks; a fifth is the half taken to see whether anything follows.
    assert done.found["held"] <= 5


def test_recipients_that_everyone_opens_or_nobody_are_refused(done: Done) -> None:
    """A hostile key must stop the page, not seal to nothing."""
    assert set(done.found["refused"]) == {"KeyTextError"}
    assert len(done.found["refused"]) == len(LOW_ORDER) + 4
    assert done.found["nobody"] == "KeyTextError"


def test_secrets_of_a_wrong_length_are_refused(done: Done) -> None:
    """Or a cut-off secret would derive something all the same."""
    assert done.found["shortSecret"] == "ReportError"
    assert done.found["shortSeed"] == ["KeyTextError", "KeyTextError"]
