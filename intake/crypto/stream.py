"""The payload of an age file: a nonce, then chunks of 64 KiB under ChaCha20-Poly1305.

Source: C2SP age specification, section "Payload" (the STREAM construction).

Rules kept here:
- No byte of a chunk is handed out before that chunk is authenticated.
- Exactly one chunk is marked as the last, and nothing follows it.
- The last chunk is empty only if the whole payload is.
- One chunk of each kind is held in memory at a time.
- One file key seals one payload, ever: a caller makes a new key for each.
"""

import hmac
from collections.abc import Iterable, Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from intake.errors import PayloadError

# All from the specification, section "Payload".
CHUNK_SIZE = 64 * 1024
TAG_SIZE = 16
SEALED_CHUNK_SIZE = CHUNK_SIZE + TAG_SIZE
NONCE_SIZE = 16
FILE_KEY_SIZE = 16
_PAYLOAD_INFO = b"payload"
_COUNTER_SIZE = 11
_MORE = b"\x00"
_LAST = b"\x01"
# HKDF's output and ChaCha20-Poly1305's key, RFC 8439.
KEY_SIZE = 32


class ByteReader(Protocol):
    """What is read from: any binary file, pipe or buffer."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none only at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, or its first `size` bytes."""
        ...


class ByteWriter(Protocol):
    """What is written to: any binary file, pipe or buffer."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


def derive_key(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA-256 (RFC 5869), as every key in age and every name is derived.

    One block, written out: a page of a case derives some forty names.
    """
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")


def payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """Return the key of the payload that starts with `nonce`, 16 bytes."""
    return derive_key(file_key, nonce, _PAYLOAD_INFO)


def read_pieces(reader: ByteReader, size: int = CHUNK_SIZE) -> Iterator[bytes]:
    """Yield what `reader` holds in pieces of at most `size` bytes."""
    while piece := reader.read(size):
        yield piece


def regroup(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of exactly `size`, only the last one shorter.

    A piece that already has the size passes without a copy.
    """
    rest = bytearray()
    for piece in pieces:
        if not rest and len(piece) == size:
            yield piece
            continue
        rest += piece
        while len(rest) >= size:
            yield bytes(rest[:size])
            del rest[:size]
    if rest:
        yield bytes(rest)


class ChunkSealer:
    """Seals a plaintext that is pushed in, in pieces of any size; holds less than two chunks.

    `key` is the 32 bytes of `payload_key`, and never used twice.
    """

    def __init__(self, key: bytes) -> None:
        """Begin with the first chunk."""
        self._cipher = ChaCha20Poly1305(key)
        self._counter = 0
        self._rest = b""

    def update(self, data: bytes) -> list[bytes]:
        """Return the chunks that are full, and that others follow.

        Pieces of just a chunk pass without a copy.
        """
        sealed = []
        taken = 0
        if self._rest:
            taken = CHUNK_SIZE - len(self._rest)
            if taken:
                self._rest += data[:taken]
            if taken >= len(data):
                return []
            sealed.append(self._seal(self._rest))
        view = memoryview(data)[taken:]
        while len(view) > CHUNK_SIZE:
            sealed.append(self._seal(view[:CHUNK_SIZE]))
            view = view[CHUNK_SIZE:]
        self._rest = data if len(view) == len(data) else bytes(view)
        return sealed

    def _seal(self, chunk: bytes | memoryview) -> bytes:
        nonce = _nonce(self._counter, _MORE)
        self._counter += 1
        return self._cipher.encrypt(nonce, chunk, None)

    def finish(self) -> bytes:
        """Return the last chunk."""
        return self._cipher.encrypt(_nonce(self._counter, _LAST), self._rest, None)


def encrypt_chunks(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed chunks of the plaintext in `pieces`, which may have any sizes.

    `key` is the 32 bytes of `payload_key`, and never used twice.
    """
    sealer = ChunkSealer(key)
    for piece in pieces:
        yield from sealer.update(piece)
    yield sealer.finish()


def decrypt_chunks(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the plaintext chunks of the sealed `pieces`, each only once it is authentic.

    1. A full chunk is opened as one that others follow; only if that fails, as the last one.
       So a file that was cut off and one that goes on too long are told apart, and what was
       authentic is handed out in both, as the reference implementation does.
    2. A short chunk can only be the last.
    3. The last chunk is empty only if it is the first.
    4. Nothing may follow the last chunk.

    Raises PayloadError; what was yielded before it is authentic, but not complete.
    """
    cipher = ChaCha20Poly1305(key)
    chunks = regroup(pieces, SEALED_CHUNK_SIZE)
    counter = 0
    for sealed in chunks:
        last = len(sealed) < SEALED_CHUNK_SIZE
        chunk = b""
        if not last:
            # 1.
            try:
                chunk = cipher.decrypt(_nonce(counter, _MORE), sealed, None)
            except InvalidTag:
                last = True
        if not last:
            yield chunk
            counter += 1
            continue
        # 1. and 2.
        yield _open_last(cipher, counter, sealed)
        # 4.
        if next(chunks, None) is not None:
            raise PayloadError("something was added after the end of the file, get it again")
        return
    raise PayloadError("the file was cut off, get it again")


class ChunkOpener:
    """Opens the chunks of a payload in any order; `key` is that of `payload_key`."""

    def __init__(self, key: bytes) -> None:
        """Hold the key."""
        self._cipher = ChaCha20Poly1305(key)

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        """Return the plaintext of the chunk of a number, from 0; raises PayloadError."""
        try:
            return self._cipher.decrypt(_nonce(number, _LAST if is_last else _MORE), sealed, None)
        except InvalidTag as error:
            raise PayloadError("the file was cut off or altered, get it again") from error


def seal_payload(file_key: bytes, nonce: bytes, plaintext: bytes) -> bytes:
    """Return the payload of one small file: `nonce`, 16 random bytes, and its sealed chunks."""
    return b"".join((nonce, *encrypt_chunks(payload_key(file_key, nonce), (plaintext,))))


def open_payload(file_key: bytes, payload: bytes) -> bytes:
    """Return the plaintext of one small file, all of it or nothing.

    Raises PayloadError.
    """
    if len(payload) < NONCE_SIZE:
        raise PayloadError("the file was cut off, get it again")
    key = payload_key(file_key, payload[:NONCE_SIZE])
    return b"".join(decrypt_chunks(key, (payload[NONCE_SIZE:],)))


def _open_last(cipher: ChaCha20Poly1305, counter: int, sealed: bytes) -> bytes:
    # 3.
    if counter and len(sealed) == TAG_SIZE:
        raise PayloadError("the last part of the file is empty, which no age file ends with")
    try:
        return cipher.decrypt(_nonce(counter, _LAST), sealed, None)
    except InvalidTag as error:
        raise PayloadError("the file was cut off or altered, get it again") from error


def _nonce(counter: int, flag: bytes) -> bytes:
    return counter.to_bytes(_COUNTER_SIZE, "big") + flag
