"""Identities of age files: the secret side, which opens.

Source: C2SP age specification, the same sections as `age`.

Rules kept here:
- A secret has no repr, no text but through `secret_text`, and cannot be pickled or copied.
- Every failure is an error: nothing that is not authentic is returned or written.
- Security steps, in this order (`file_key_of`, `decrypt`):
  1. The header's grammar, to the byte.
  2. A passphrase stands alone.
  3. A stanza of a kind we hold is well formed: arguments, lengths, no share of low order.
  4. Some stanza opens with some identity, and the file key is 16 bytes.
  5. The MAC over the whole header is right under that file key.
  6. The payload's key comes from the file key and the payload's own nonce.
  7. Each chunk is authentic before any of it is written, and exactly one is the last.
"""

import hmac
import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from intake.crypto import age, armor, bech32
from intake.crypto.age import HybridRecipient, ScryptRecipient, X25519Recipient, encrypt
from intake.crypto.header import VERSION_LINE, Header, Stanza, parse_header, unb64
from intake.crypto.stream import (
    NONCE_SIZE,
    SEALED_CHUNK_SIZE,
    ByteReader,
    ByteWriter,
    decrypt_chunks,
    derive_key,
    open_payload,
    payload_key,
    read_pieces,
)
from intake.errors import HeaderError, HeaderMacError, KeyTextError, NoMatchError

# The specification; written in upper case.
_X25519_HRP = "AGE-SECRET-KEY-"

# 1 GiB of memory and some seconds, four times what a new file takes: above it, a hostile file
# would stop the machine. The same limit as in `age-encryption`.
MAX_WORK_FACTOR = 20
_WORK_FACTOR = re.compile(r"[1-9][0-9]?")

# As much white space as armor lets pass, and its first line after it.
_FIRST_LINE = 1024 + len(armor.BEGIN + b"\r\n")


class Identity(Protocol):
    """Whoever can open files."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises HeaderError where it is of this identity's kind and malformed.
        """
        ...


class _Secret:
    """What is never shown, pickled or copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class HybridIdentity(_Secret):
    """A post-quantum identity, `AGE-SECRET-KEY-PQ-1…`."""

    seed: bytes
    private_key: MLKEM768X25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        """Expand the seed once. Raises KeyTextError where it is not 32 bytes."""
        key = MLKEM768X25519PrivateKey(*age.hybrid_keys_of(self.seed))
        object.__setattr__(self, "private_key", key)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises HeaderError.
        """
        if stanza.type != age.HYBRID:
            return None
        # 3.
        enc = _only_argument(stanza, age.HYBRID_ENC_SIZE)
        _check_body(stanza)
        _shared_point(enc[-age.POINT_SIZE :])
        # 4.
        try:
            return age.HYBRID_SUITE.decrypt(enc + stanza.body, self.private_key, age.HYBRID_INFO)
        except InvalidTag:
            return None

    def recipient(self) -> HybridRecipient:
        """Return the public half."""
        return age.hybrid_recipient_of(self.seed)

    def secret_text(self) -> str:
        """Return the line of an identity file."""
        return age.hybrid_identity_text(self.seed)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class X25519Identity(_Secret):
    """A classic identity, `AGE-SECRET-KEY-1…`."""

    scalar: bytes
    _key: X25519PrivateKey = field(init=False)
    _public: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Make the key objects once. Raises KeyTextError where the scalar is not 32 bytes."""
        if len(self.scalar) != age.POINT_SIZE:
            raise KeyTextError("the identity has a wrong length, copy it again")
        key = X25519PrivateKey.from_private_bytes(self.scalar)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_public", key.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises HeaderError.
        """
        if stanza.type != age.X25519:
            return None
        # 3.
        share = _only_argument(stanza, age.POINT_SIZE)
        _check_body(stanza)
        point = _shared_point(share)
        # 4.
        secret = self._key.exchange(point)
        return _open(derive_key(secret, share + self._public, age.X25519_INFO), stanza.body)

    def recipient(self) -> X25519Recipient:
        """Return the public half."""
        return X25519Recipient.from_bytes(self._public)

    def secret_text(self) -> str:
        """Return the line of an identity file."""
        return bech32.encode(_X25519_HRP.lower(), self.scalar).upper()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ScryptIdentity(_Secret):
    """Whoever knows a passphrase."""

    passphrase: str
    max_work_factor: int = MAX_WORK_FACTOR

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the passphrase is not this one.

        Raises HeaderError.
        """
        if stanza.type != age.SCRYPT:
            return None
        # 3.
        salt, work_factor = scrypt_arguments(stanza)
        if work_factor > self.max_work_factor:
            raise HeaderError("the passphrase would take too much memory to try")
        # 4.
        return _open(age.scrypt_key(self.passphrase, salt, work_factor), stanza.body)

    def recipient(self) -> age.ScryptRecipient:
        """Return what seals to the same passphrase, at the usual work factor."""
        return age.ScryptRecipient(self.passphrase)


def scrypt_arguments(stanza: Stanza) -> tuple[bytes, int]:
    """Return the salt, 16 bytes, and the work factor of a scrypt stanza. Raises HeaderError."""
    if len(stanza.args) != 2 or not _WORK_FACTOR.fullmatch(stanza.args[1]):  # noqa: PLR2004  # the two arguments returned here
        raise HeaderError("the header has a malformed passphrase entry, get the file again")
    salt = unb64(stanza.args[0].encode("ascii"), age.SCRYPT_SALT_SIZE)
    _check_body(stanza)
    return salt, int(stanza.args[1])


def parse_identity(text: str) -> HybridIdentity | X25519Identity:
    """Return the identity written as `text`. Raises KeyTextError."""
    hrp, secret = bech32.decode(text)
    if hrp == age.HYBRID_IDENTITY_HRP:
        return HybridIdentity(secret)
    if hrp == _X25519_HRP:
        return X25519Identity(secret)
    raise KeyTextError("this is no identity that intake knows, it starts AGE-SECRET-KEY-PQ-1")


def parse_identities_file(text: str) -> list[HybridIdentity | X25519Identity]:
    """Return the identities of a file with one a line, empty lines and `#` comments.

    Raises KeyTextError, which names the line.
    """
    identities = []
    for number, line in age.key_lines(text):
        try:
            identities.append(parse_identity(line))
        except KeyTextError as error:
            raise KeyTextError(f"line {number}: {error}") from error
    if not identities:
        raise KeyTextError("the file holds no identity, make one with intake age keygen")
    return identities


def open_identities_file(
    data: bytes, passphrase: Callable[[], str]
) -> list[HybridIdentity | X25519Identity]:
    """Return the identities of a file that may itself be sealed with a passphrase.

    `passphrase` is asked only then. Raises KeyTextError and AgeError.
    """
    if needs_passphrase(data):
        plain = io.BytesIO()
        decrypt(io.BytesIO(data), plain, (ScryptIdentity(passphrase()),))
        data = plain.getvalue()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise KeyTextError("this is no file of identities, give the right one") from error
    return parse_identities_file(text)


def needs_passphrase(data: bytes) -> bool:
    """Whether a file of identities is itself sealed."""
    return data[:_FIRST_LINE].lstrip().startswith((VERSION_LINE, armor.BEGIN))


def seal_identities_file(key: "HybridIdentity", passphrase: str) -> bytes:
    """Return an identity sealed with a passphrase, as `age-keygen -pq | age -p` makes it."""
    return seal_identities([key], passphrase)


def seal_identities(keys: Sequence[HybridIdentity | X25519Identity], passphrase: str) -> bytes:
    """Return identities sealed with one passphrase."""
    lines = (f"# public key: {key.recipient()}\n{key.secret_text()}\n" for key in keys)
    plain = "".join(lines).encode()
    sealed = io.BytesIO()
    encrypt(io.BytesIO(plain), sealed, (ScryptRecipient(passphrase),), armored=True)
    return sealed.getvalue()


def generate_hybrid(random_bytes: Callable[[int], bytes] = os.urandom) -> HybridIdentity:
    """Return a new post-quantum identity."""
    return HybridIdentity(random_bytes(age.SEED_SIZE))


def generate_x25519(random_bytes: Callable[[int], bytes] = os.urandom) -> X25519Identity:
    """Return a new classic identity."""
    return X25519Identity(random_bytes(age.POINT_SIZE))


def file_key_of(header: Header, identities: Sequence[Identity]) -> bytes:
    """Return the 16-byte file key of a header whose grammar was checked when it was parsed.

    Raises HeaderError, NoMatchError and HeaderMacError.
    """
    # 2.
    if len(header.stanzas) > 1 and any(s.type == age.SCRYPT for s in header.stanzas):
        raise HeaderError("a passphrase and something else open this file, which must not be")
    # 3. and 4.
    file_key = _unwrap(header, identities)
    # 5.
    if not hmac.compare_digest(header.expected_mac(file_key), header.mac):
        raise HeaderMacError("the header was altered after it was sealed, get the file again")
    return file_key


def decrypt(
    reader: ByteReader,
    writer: ByteWriter,
    identities: Sequence[Identity],
    *,
    armored: bool | None = None,
) -> None:
    """Open the age file in `reader` and write its plaintext to `writer`.

    `armored` None detects armor. Memory stays constant. Raises AgeError; what was written before
    a PayloadError or an ArmorError is authentic, but not all of the file.
    """
    start = reader.readline(_FIRST_LINE)
    if armored or (armored is None and armor.looks_armored(start)):
        reader, start = armor.decode_stream(reader, start), b""
    # 1.
    header = parse_header(reader, start)
    # 2. to 5.
    file_key = file_key_of(header, identities)
    # 6.
    nonce = _read_nonce(reader)
    key = payload_key(file_key, nonce)
    # 7.
    for chunk in decrypt_chunks(key, read_pieces(reader, SEALED_CHUNK_SIZE)):
        writer.write(chunk)


def open_sealed(header: bytes, payload: bytes, identities: Sequence[Identity]) -> bytes:
    """Return the plaintext of a small file whose header and payload are kept apart.

    All of it or nothing. Raises AgeError.
    """
    # 1. to 5.
    file_key = file_key_of(Header.parse(header), identities)
    # 6. and 7.
    return open_payload(file_key, payload)


def _read_nonce(reader: ByteReader) -> bytes:
    nonce = b""
    while len(nonce) < NONCE_SIZE:
        piece = reader.read(NONCE_SIZE - len(nonce))
        if not piece:
            raise HeaderError("the file ends after its header, get it again")
        nonce += piece
    return nonce


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        for stanza in header.stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    raise NoMatchError("none of the identities opens this file, give the one it was sealed to")


def _only_argument(stanza: Stanza, size: int) -> bytes:
    if len(stanza.args) != 1:
        raise HeaderError("a recipient has a wrong number of arguments, get the file again")
    return unb64(stanza.args[0].encode("ascii"), size)


def _check_body(stanza: Stanza) -> None:
    # 4. Before it is opened: else one tag could be right under several keys.
    if len(stanza.body) != age.WRAPPED_SIZE:
        raise HeaderError("a recipient wraps a key of a wrong length, get the file again")


def _shared_point(share: bytes) -> X25519PublicKey:
    point = X25519PublicKey.from_public_bytes(share)
    if age.is_low_order(point):
        raise HeaderError("a recipient is wrapped with a key everyone knows, trust no such file")
    return point


def _open(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(age.WRAP_NONCE, body, None)
    except InvalidTag:
        return None
