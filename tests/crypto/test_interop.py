"""Files go both ways between us and three independent implementations of age."""

import base64
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest

from intake.core import entry, limits
from intake.crypto import age, unseal
from intake.crypto.age import Recipient, ScryptRecipient
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import (
    HybridIdentity,
    Identity,
    ScryptIdentity,
    X25519Identity,
    generate_hybrid,
    generate_x25519,
)
from intake.errors import PayloadError
from tests.crypto import node

AGE = shutil.which("age") or ""
needs_age = pytest.mark.skipif(not AGE, reason="age is not installed")
SIZES = (0, 1, 65535, 65536, 65537, 200_000)

GENERATORS: dict[str, Callable[[], HybridIdentity | X25519Identity]] = {
    "post-quantum": generate_hybrid,
    "classic": generate_x25519,
}
PLAINTEXTS = [os.urandom(size) for size in SIZES]

# Reads {key, files} as JSON with base64, writes the results as a JSON list of base64.
_OPEN = """
    import * as age from "age-encryption";
    import { readFileSync } from "node:fs";
    const task = JSON.parse(readFileSync(0, "utf8"));
    const opened = [];
    for (const file of task.files) {
        const decrypter = new age.Decrypter();
        decrypter.addIdentity(task.key);
        opened.push(await decrypter.decrypt(Buffer.from(file, "base64")));
    }
    console.log(JSON.stringify(opened.map((plain) => Buffer.from(plain).toString("base64"))));
"""
_SEAL = """
    import * as age from "age-encryption";
    import { readFileSync } from "node:fs";
    const task = JSON.parse(readFileSync(0, "utf8"));
    const sealed = [];
    for (const file of task.files) {
        const encrypter = new age.Encrypter();
        encrypter.addRecipient(task.key);
        sealed.push(await encrypter.encrypt(Buffer.from(file, "base64")));
    }
    console.log(JSON.stringify(sealed.map((file) => Buffer.from(file).toString("base64"))));
"""
_KEYS = """
    import * as age from "age-encryption";
    const { generateX25519Identity: classic, generateHybridIdentity: hybrid } = age;
    const identity = await { classic, "post-quantum": hybrid }[process.argv[1]]();
    console.log(identity + " " + (await age.identityToRecipient(identity)));
"""


def in_node(script: str, key: str, files: list[bytes]) -> list[bytes]:
    """Return what `age-encryption` makes of all `files` with a key."""
    task = {"key": key, "files": [base64.b64encode(file).decode() for file in files]}
    results = json.loads(node.run(script, data=json.dumps(task).encode()))
    return [base64.b64decode(text) for text in results]


def sealed(plain: bytes, recipient: Recipient, *, armored: bool = False) -> bytes:
    """Return our file."""
    out = io.BytesIO()
    age.encrypt(io.BytesIO(plain), out, (recipient,), armored=armored)
    return out.getvalue()


def opened(file: bytes, identity: Identity) -> bytes:
    """Return what we find in a file."""
    out = io.BytesIO()
    unseal.decrypt(io.BytesIO(file), out, (identity,))
    return out.getvalue()


@pytest.mark.parametrize("kind", GENERATORS)
def test_age_encryption_opens_what_we_seal(kind: str) -> None:
    """The npm library opens files of every size around a chunk, of both kinds."""
    identity = GENERATORS[kind]()
    files = [sealed(plain, identity.recipient()) for plain in PLAINTEXTS]

    assert in_node(_OPEN, identity.secret_text(), files) == PLAINTEXTS


@pytest.mark.parametrize("kind", GENERATORS)
def test_we_open_what_age_encryption_seals(kind: str) -> None:
    """We open the npm library's files of every size around a chunk, of both kinds."""
    identity = GENERATORS[kind]()
    files = in_node(_SEAL, str(identity.recipient()), PLAINTEXTS)

    assert [opened(file, identity) for file in files] == PLAINTEXTS


@pytest.mark.parametrize("kind", GENERATORS)
def test_keys_of_age_encryption_have_the_same_public_half_here(kind: str) -> None:
    """An identity made there is the same key pair here, in the same spelling."""
    secret, public = node.run(_KEYS, kind).decode().split()
    identity = unseal.parse_identity(secret)

    assert str(identity.recipient()) == public
    assert identity.secret_text() == secret


@pytest.mark.parametrize("size", [4096, 8192, 65536, 131072])
def test_header_and_payload_of_an_entry_are_an_age_file(size: int) -> None:
    """Any age tool opens an entry with the key, without us."""
    identity, other = generate_hybrid(), generate_hybrid()
    plain = b"{}".ljust(size)
    one = seal(Plaintext(plain), (other.recipient(), identity.recipient()))

    assert entry.is_bucket(size)
    assert len(one.header.value) < limits.HEADER
    assert in_node(_OPEN, identity.secret_text(), [one.header.value + one.payload]) == [plain]


def test_pyrage_opens_what_we_seal() -> None:
    """The Rust library opens our classic files, armored or not."""
    identity = generate_x25519()
    theirs = pyrage.x25519.Identity.from_str(identity.secret_text())

    for plain in PLAINTEXTS:
        for armored in (False, True):
            file = sealed(plain, identity.recipient(), armored=armored)
            assert pyrage.decrypt(file, [theirs]) == plain


def test_we_open_what_pyrage_seals() -> None:
    """We open the Rust library's classic files, whose headers hold a grease stanza."""
    theirs = pyrage.x25519.Identity.generate()
    identity = unseal.parse_identity(str(theirs))

    assert str(identity.recipient()) == str(theirs.to_public())
    for plain in PLAINTEXTS:
        for armored in (False, True):
            file = pyrage.encrypt(plain, [theirs.to_public()], armored=armored)
            assert opened(file, identity) == plain


def test_passphrases_go_both_ways_with_pyrage() -> None:
    """Identity files are sealed with a passphrase; other tools must open them."""
    words = "correct horse battery staple"

    file = sealed(b"identity", ScryptRecipient(words, work_factor=10))
    assert pyrage.passphrase.decrypt(file, words) == b"identity"
    file = pyrage.passphrase.encrypt(b"identity", words)
    assert opened(file, ScryptIdentity(words)) == b"identity"


@needs_age
def test_files_go_both_ways_with_the_reference(tmp_path: Path) -> None:
    """The age of the distribution opens our classic files, and we open its own."""
    identity = generate_x25519()
    key = tmp_path / "key.txt"
    key.write_text(identity.secret_text() + "\n")

    for plain in PLAINTEXTS:
        for flags in ([], ["-a"]):
            file = sealed(plain, identity.recipient(), armored=bool(flags))
            assert reference("-d", "-i", str(key), data=file) == plain
            file = reference("-r", str(identity.recipient()), *flags, data=plain)
            assert opened(file, identity) == plain


@needs_age
def test_the_reference_refuses_what_we_refuse(tmp_path: Path) -> None:
    """A file cut at the end of a chunk is refused by both."""
    identity = generate_x25519()
    key = tmp_path / "key.txt"
    key.write_text(identity.secret_text() + "\n")
    file = sealed(os.urandom(65536), identity.recipient())[:-16]

    with pytest.raises(subprocess.CalledProcessError):
        reference("-d", "-i", str(key), data=file)
    with pytest.raises(PayloadError):
        opened(file, identity)


def reference(*args: str, data: bytes) -> bytes:
    """Return what `age` writes to standard output."""
    return subprocess.run([AGE, *args], input=data, capture_output=True, check=True).stdout
