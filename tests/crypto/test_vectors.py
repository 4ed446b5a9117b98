"""Every public vector of C2SP/CCTV has the result that the age project expects."""

import hashlib
import io
import zlib
from collections import defaultdict
from dataclasses import dataclass

import pytest

from intake.crypto import armor, unseal
from intake.crypto.age import parse_header
from intake.crypto.stream import NONCE_SIZE, open_payload, seal_payload
from intake.crypto.unseal import Identity, ScryptIdentity, parse_identity
from intake.errors import (
    AgeError,
    ArmorError,
    HeaderError,
    HeaderMacError,
    NoMatchError,
    PayloadError,
)
from tests.crypto import node

FAILURES: dict[str, type[AgeError]] = {
    "no match": NoMatchError,
    "HMAC failure": HeaderMacError,
    "header failure": HeaderError,
    "payload failure": PayloadError,
    "armor failure": ArmorError,
}
KEYS = {
    "expect", "compressed", "payload", "identity", "passphrase", "armored", "file key", "comment",
}  # fmt: skip
NAMES = sorted(node.vectors())


@dataclass(frozen=True)
class Vector:
    """One vector: what it says about itself, and the age file."""

    says: dict[str, list[str]]
    file: bytes

    @classmethod
    def named(cls, name: str) -> "Vector":
        """Read a vector."""
        head, file = node.vectors()[name].split(b"\n\n", 1)
        says: dict[str, list[str]] = defaultdict(list)
        for line in head.decode().splitlines():
            key, value = line.split(": ", 1)
            says[key].append(value)
        assert says.keys() <= KEYS
        return cls(dict(says), zlib.decompress(file) if "compressed" in says else file)

    @property
    def expect(self) -> str:
        """The result that is right."""
        return self.says["expect"][0]

    @property
    def armored(self) -> bool:
        """Whether the file is meant to be armored."""
        return "armored" in self.says

    @property
    def identities(self) -> list[Identity]:
        """Whoever opens it."""
        keys: list[Identity] = [parse_identity(text) for text in self.says.get("identity", [])]
        return keys + [ScryptIdentity(text) for text in self.says.get("passphrase", [])]

    def unarmored(self) -> io.BytesIO:
        """Return the binary file."""
        raw = io.BytesIO(self.file)
        if not self.armored:
            return raw
        reader = armor.decode_stream(raw)
        return io.BytesIO(b"".join(iter(lambda: reader.read(4096), b"")))


def test_all_vectors_are_there() -> None:
    """The suite of 2025 has 143 vectors; fewer would mean that some are not run."""
    assert len(NAMES) == 143
    assert {Vector.named(name).expect for name in NAMES} == {"success", *FAILURES}


@pytest.mark.parametrize("name", NAMES)
def test_vector_has_the_expected_result(name: str) -> None:
    """The error is of the expected kind, and only authentic plaintext was written."""
    vector = Vector.named(name)
    out = io.BytesIO()
    raised: type[AgeError] | None = None
    try:
        unseal.decrypt(io.BytesIO(vector.file), out, vector.identities, armored=vector.armored)
    except AgeError as error:
        raised = type(error)

    assert raised is FAILURES.get(vector.expect)
    if "payload" in vector.says:
        assert hashlib.sha256(out.getvalue()).hexdigest() == vector.says["payload"][0]
    else:
        assert not out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_armor_is_found_without_being_told(name: str) -> None:
    """Whoever opens a file need not know whether it is armored; the outcome is as good."""
    vector = Vector.named(name)
    out = io.BytesIO()
    if vector.expect == "success":
        unseal.decrypt(io.BytesIO(vector.file), out, vector.identities)
        assert hashlib.sha256(out.getvalue()).hexdigest() == vector.says["payload"][0]
        return
    with pytest.raises(AgeError):
        unseal.decrypt(io.BytesIO(vector.file), out, vector.identities)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if Vector.named(n).expect not in {"header failure", "armor failure"}]
)
def test_header_is_encoded_to_the_bytes_it_came_from(name: str) -> None:
    """One header has one spelling, so the MAC may be taken over the encoding."""
    file = Vector.named(name).unarmored().read()
    reader = io.BytesIO(file)

    assert parse_header(reader).encode() == file[: reader.tell()]


@pytest.mark.parametrize("name", [n for n in NAMES if Vector.named(n).expect == "success"])
def test_payload_is_sealed_to_the_bytes_it_came_from(name: str) -> None:
    """Given the file key and the nonce, a plaintext has one payload."""
    vector = Vector.named(name)
    reader = vector.unarmored()
    parse_header(reader)
    payload = reader.read()
    file_key = bytes.fromhex(vector.says["file key"][0])

    plain = open_payload(file_key, payload)

    assert seal_payload(file_key, payload[:NONCE_SIZE], plain) == payload


@pytest.mark.parametrize(
    "name",
    [n for n in NAMES if Vector.named(n).armored and Vector.named(n).expect == "success"],
)
def test_armor_is_encoded_to_the_text_it_came_from(name: str) -> None:
    """But for white space around it and the ends of lines, a file has one armor."""
    vector = Vector.named(name)
    text = b"".join(armor.encode_stream([vector.unarmored().read()]))

    assert text.strip() == vector.file.replace(b"\r\n", b"\n").strip()
