"""Recipients of age files: the public side, which seals and cannot open.

Source: C2SP age specification, sections "The X25519 recipient type", "The scrypt recipient type"
and "The hybrid post-quantum recipient type"; RFC 9180 (HPKE).

Rules kept here:
- Kinds are never mixed: whoever adds a classic recipient to a post-quantum file makes it as weak
  as the classic one, and a passphrase stands alone, or its file would not be authenticated.
- A point of low order, whose shared secret everyone knows, is refused as a recipient.
- Nothing here imports `unseal`.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import ClassVar, NoReturn, Protocol, Self

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from intake.crypto import armor, bech32
from intake.crypto.header import Header, Stanza, b64, parse_header
from intake.crypto.stream import (
    FILE_KEY_SIZE,
    KEY_SIZE,
    NONCE_SIZE,
    TAG_SIZE,
    ByteReader,
    ByteWriter,
    derive_key,
    encrypt_chunks,
    payload_key,
    read_pieces,
)
from intake.errors import KeyTextError

# Headers are part of what this module offers, though their grammar has a module of its own.
__all__ = [
    "HYBRID_SUITE",
    "Header",
    "HybridRecipient",
    "Recipient",
    "ScryptRecipient",
    "Stanza",
    "X25519Recipient",
    "encrypt",
    "hybrid_recipient_of",
    "make_header",
    "parse_header",
    "parse_recipient",
    "parse_recipients_file",
    "x25519_recipient_of",
]

# The kinds of stanza, each by its section.
HYBRID = "mlkem768x25519"
X25519 = "X25519"
SCRYPT = "scrypt"
WRAPPED_SIZE = FILE_KEY_SIZE + TAG_SIZE

# Section "The hybrid post-quantum recipient type"; the sizes are those of FIPS 203 and RFC 7748.
HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
HYBRID_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
HYBRID_ENC_SIZE = 1120
SEED_SIZE = 32
_HYBRID_HRP = "age1pq"
HYBRID_IDENTITY_HRP = "AGE-SECRET-KEY-PQ-"
_MLKEM_PUBLIC_SIZE = 1184
_MLKEM_SEED_SIZE = 64

# Section "The X25519 recipient type".
X25519_INFO = b"age-encryption.org/v1/X25519"
POINT_SIZE = 32
_X25519_HRP = "age"
# A key wraps one file key, ever: it is derived from a share or salt that is used once.
WRAP_NONCE = bytes(12)

# Section "The scrypt recipient type".
SCRYPT_SALT_LABEL = b"age-encryption.org/v1/scrypt"
SCRYPT_SALT_SIZE = 16
_SCRYPT_BLOCK = 8
_SCRYPT_LANES = 1
# About a second and 256 MiB: what the reference implementation takes for a new file.
SCRYPT_WORK_FACTOR = 18

# More than the keys of all offices of any programme, a working and a recovery key each.
RECIPIENTS_HELD = 512

# Any scalar: RFC 7748 clamps it to a multiple of eight, which takes just the points of low order
# to zero. It is no secret.
_PROBE = X25519PrivateKey.from_private_bytes(bytes(range(POINT_SIZE)))


def is_low_order(point: X25519PublicKey) -> bool:
    """Return whether any secret shared with `point` would be zero, known to everyone."""
    try:
        _PROBE.exchange(point)
    except ValueError:
        return True
    return False


def seal_file_key(key: bytes, file_key: bytes) -> bytes:
    """Return the 32 bytes that classic and scrypt stanzas carry; `key` is used once."""
    return ChaCha20Poly1305(key).encrypt(WRAP_NONCE, file_key, None)


def scrypt_key(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    """Return the 32-byte wrapping key; takes 2 ** (`work_factor` + 10) bytes of memory."""
    scrypt = Scrypt(
        SCRYPT_SALT_LABEL + salt, KEY_SIZE, 1 << work_factor, _SCRYPT_BLOCK, _SCRYPT_LANES
    )
    return scrypt.derive(passphrase.encode("utf-8"))


class Recipient(Protocol):
    """Whoever a file can be sealed to."""

    @property
    def kind(self) -> str:
        """The kind of its stanzas."""
        ...

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza in which this recipient finds `file_key`, 16 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """A post-quantum recipient, `age1pq1…`: ML-KEM-768 and X25519 together."""

    raw: bytes
    public_key: MLKEM768X25519PublicKey = field(repr=False, compare=False)
    kind: ClassVar[str] = HYBRID

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return the recipient of 1184 bytes of ML-KEM-768 and 32 of X25519.

        Raises KeyTextError.
        """
        if len(raw) != _MLKEM_PUBLIC_SIZE + POINT_SIZE:
            raise KeyTextError("the recipient has a wrong length, copy it again")
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_SIZE])
        except ValueError as error:
            raise KeyTextError("the recipient is no ML-KEM-768 key, ask for it again") from error
        point = _point(raw[_MLKEM_PUBLIC_SIZE:])
        return cls(raw, MLKEM768X25519PublicKey(mlkem, point))

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza in which this recipient finds `file_key`, 16 bytes."""
        sealed = HYBRID_SUITE.encrypt(file_key, self.public_key, HYBRID_INFO)
        return Stanza(HYBRID, (b64(sealed[:HYBRID_ENC_SIZE]),), sealed[HYBRID_ENC_SIZE:])

    def __str__(self) -> str:
        """Return the text others write it with."""
        return bech32.encode(_HYBRID_HRP, self.raw)


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """A classic recipient, `age1…`, which a large quantum computer will be able to open."""

    text: str
    _key: X25519PublicKey = field(repr=False, compare=False)
    kind: ClassVar[str] = X25519

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return the recipient of the 32 bytes of a point. Raises KeyTextError."""
        if len(raw) != POINT_SIZE:
            raise KeyTextError("the recipient has a wrong length, copy it again")
        return cls(bech32.encode(_X25519_HRP, raw), _point(raw))

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza in which this recipient finds `file_key`, 16 bytes."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        salt = share + self._key.public_bytes_raw()
        key = derive_key(ephemeral.exchange(self._key), salt, X25519_INFO)
        return Stanza(X25519, (b64(share),), seal_file_key(key, file_key))

    def __str__(self) -> str:
        """Return the text others write it with."""
        return self.text


@dataclass(frozen=True, slots=True)
class ScryptRecipient:
    """Whoever knows a passphrase; `work_factor` is the power of two of its rounds."""

    passphrase: str = field(repr=False)
    work_factor: int = SCRYPT_WORK_FACTOR
    kind: ClassVar[str] = SCRYPT

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza in which the passphrase finds `file_key`, 16 bytes."""
        salt = os.urandom(SCRYPT_SALT_SIZE)
        key = scrypt_key(self.passphrase, salt, self.work_factor)
        return Stanza(SCRYPT, (b64(salt), str(self.work_factor)), seal_file_key(key, file_key))

    def __reduce__(self) -> NoReturn:
        """Refuse: a passphrase is not written anywhere by accident."""
        raise TypeError("a passphrase is never pickled")


@lru_cache(maxsize=RECIPIENTS_HELD)
def parse_recipient(text: str) -> HybridRecipient | X25519Recipient:
    """Return the recipient written as `text`, once parsed the same object. Raises KeyTextError."""
    hrp, raw = bech32.decode(text)
    if hrp == _HYBRID_HRP:
        return HybridRecipient.from_bytes(raw)
    if hrp == _X25519_HRP:
        return X25519Recipient.from_bytes(raw)
    if hrp.startswith("AGE-"):
        raise KeyTextError("this is a secret key, give the public one")
    raise KeyTextError("this is a kind of recipient that intake does not know, use age1pq")


def parse_recipients_file(text: str) -> list[HybridRecipient | X25519Recipient]:
    """Return the recipients of a file with one a line, empty lines and `#` comments.

    Raises KeyTextError, which names the line.
    """
    recipients = []
    for number, line in key_lines(text):
        try:
            recipients.append(parse_recipient(line))
        except KeyTextError as error:
            raise KeyTextError(f"line {number}: {error}") from error
    if not recipients:
        raise KeyTextError("the file holds no recipient, write one a line")
    return recipients


def key_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file of keys that hold one, with their number from 1.

    A line ends with a line feed only, as in other tools: `splitlines` also ends it at a dozen
    characters that nobody sees, behind which a key would hide in a comment.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()


def hybrid_keys_of(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Return the two secret keys that a 32-byte `seed` stands for."""
    if len(seed) != SEED_SIZE:
        raise KeyTextError("the identity has a wrong length, copy it again")
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_SIZE + POINT_SIZE)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:]),
    )


def hybrid_recipient_of(seed: bytes) -> HybridRecipient:
    """Return the public half of the post-quantum identity `seed`, 32 bytes."""
    mlkem, x25519 = hybrid_keys_of(seed)
    return HybridRecipient.from_bytes(
        mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    )


def hybrid_identity_text(seed: bytes) -> str:
    """Return the line of an identity file that holds `seed`, 32 bytes: it opens what is sealed."""
    return bech32.encode(HYBRID_IDENTITY_HRP.lower(), seed).upper()


def x25519_recipient_of(scalar: bytes) -> X25519Recipient:
    """Return the public half of the classic identity `scalar`, 32 bytes."""
    secret = X25519PrivateKey.from_private_bytes(scalar)
    return X25519Recipient.from_bytes(secret.public_key().public_bytes_raw())


def make_header(file_key: bytes, recipients: Sequence[Recipient]) -> Header:
    """Return the header that gives `file_key`, 16 bytes, to `recipients`.

    Raises KeyTextError where there is none, or where kinds would be mixed.
    """
    assert len(file_key) == FILE_KEY_SIZE
    if not recipients:
        raise KeyTextError("there is no recipient, name one")
    kinds = {recipient.kind for recipient in recipients}
    if SCRYPT in kinds and len(recipients) > 1:
        raise KeyTextError("a passphrase must be the only recipient, make a second file")
    if len(kinds) > 1:
        raise KeyTextError("post-quantum and classic recipients do not mix, make a second file")
    header = Header(tuple(recipient.wrap(file_key) for recipient in recipients), b"")
    return replace(header, mac=header.expected_mac(file_key))


def encrypt(
    reader: ByteReader,
    writer: ByteWriter,
    recipients: Sequence[Recipient],
    *,
    armored: bool = False,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> None:
    """Seal all of `reader` to `recipients` and write the file to `writer`.

    Memory stays constant. Raises KeyTextError, before anything is written.
    """
    file_key = random_bytes(FILE_KEY_SIZE)
    header = make_header(file_key, recipients)
    nonce = random_bytes(NONCE_SIZE)
    chunks = encrypt_chunks(payload_key(file_key, nonce), read_pieces(reader))
    pieces: Iterable[bytes] = chain((header.encode(), nonce), chunks)
    for piece in armor.encode_stream(pieces) if armored else pieces:
        writer.write(piece)


def _point(raw: bytes) -> X25519PublicKey:
    point = X25519PublicKey.from_public_bytes(raw)
    if is_low_order(point):
        raise KeyTextError("the recipient is a key everyone could open, ask for another")
    return point
