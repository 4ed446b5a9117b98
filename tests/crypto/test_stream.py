"""The payload: nothing is handed out that is not authentic, and nothing may be missing."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import example, given
from hypothesis import strategies as st

from intake.crypto.stream import (
    CHUNK_SIZE,
    NONCE_SIZE,
    SEALED_CHUNK_SIZE,
    decrypt_chunks,
    encrypt_chunks,
    open_payload,
    payload_key,
    regroup,
    seal_payload,
)
from intake.errors import PayloadError

FILE_KEY = bytes(range(16))
NONCE = bytes(range(16, 32))
KEY = payload_key(FILE_KEY, NONCE)
# Around the borders of a chunk, where a last chunk is full, or one more is not written.
sizes = st.builds(
    lambda chunks, off: max(0, chunks * CHUNK_SIZE + off), st.integers(0, 3), st.integers(-17, 17)
)


def plaintext(size: int) -> bytes:
    """Return bytes without a period of a chunk."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def released(payload: bytes) -> tuple[bytes, bool]:
    """Return what was handed out, and whether the end was reached."""
    out = b""
    try:
        for chunk in decrypt_chunks(KEY, [payload[NONCE_SIZE:]]):
            out += chunk
    except PayloadError:
        return out, False
    return out, True


@given(sizes)
@example(0)
@example(CHUNK_SIZE)
@example(2 * CHUNK_SIZE)
def test_any_size_survives(size: int) -> None:
    """What is sealed opens, and has one tag a chunk, at least one."""
    payload = seal_payload(FILE_KEY, NONCE, plaintext(size))

    assert open_payload(FILE_KEY, payload) == plaintext(size)
    assert len(payload) == NONCE_SIZE + size + 16 * max(1, -(-size // CHUNK_SIZE))


@given(sizes, st.lists(st.integers(1, 100_000), min_size=1, max_size=5))
def test_pieces_of_any_size_give_the_same_payload(size: int, steps: list[int]) -> None:
    """A pipe gives what it has; the file does not depend on it."""
    plain = plaintext(size)
    pieces: list[bytes] = []
    at = 0
    while at < size:
        step = steps[len(pieces) % len(steps)]
        pieces.append(plain[at : at + step])
        at += step

    sealed = list(encrypt_chunks(KEY, pieces))
    assert NONCE + b"".join(sealed) == seal_payload(FILE_KEY, NONCE, plain)
    assert all(len(chunk) == SEALED_CHUNK_SIZE for chunk in sealed[:-1])


@given(sizes, st.data())
def test_a_flipped_byte_is_refused_and_releases_only_whole_chunks(
    size: int, choice: st.DataObject
) -> None:
    """Whatever comes out before the refusal is the true beginning, in whole chunks."""
    payload = bytearray(seal_payload(FILE_KEY, NONCE, plaintext(size)))
    place = choice.draw(st.integers(NONCE_SIZE, len(payload) - 1))
    payload[place] ^= choice.draw(st.integers(1, 255))

    out, complete = released(bytes(payload))

    assert not complete
    assert out == plaintext((place - NONCE_SIZE) // SEALED_CHUNK_SIZE * CHUNK_SIZE)


@given(sizes, st.data())
def test_a_cut_anywhere_is_refused(size: int, choice: st.DataObject) -> None:
    """No part of a file passes for a whole one, not even at the border of a chunk."""
    payload = seal_payload(FILE_KEY, NONCE, plaintext(size))
    border = NONCE_SIZE + SEALED_CHUNK_SIZE
    cut = choice.draw(
        st.integers(0, len(payload) - 1)
        | st.sampled_from([min(border, len(payload) - 1), len(payload) - 16, NONCE_SIZE, 0])
    )

    with pytest.raises(PayloadError):
        open_payload(FILE_KEY, payload[:cut])


@given(sizes, st.binary(min_size=1, max_size=40))
def test_something_added_is_refused(size: int, more: bytes) -> None:
    """Nothing may follow the last chunk."""
    payload = seal_payload(FILE_KEY, NONCE, plaintext(size))

    with pytest.raises(PayloadError):
        open_payload(FILE_KEY, payload + more)


def test_chunks_in_another_order_are_refused() -> None:
    """The counter binds each chunk to its place."""
    first, second, last = encrypt_chunks(KEY, [plaintext(3 * CHUNK_SIZE)])

    for order in ([second, first, last], [first, last], [first, first, last], [last]):
        with pytest.raises(PayloadError):
            list(decrypt_chunks(KEY, order))


def test_an_empty_last_chunk_is_refused() -> None:
    """A writer that seals nothing after a full chunk is no age writer, though its tag is right."""
    full, _ = encrypt_chunks(KEY, [plaintext(CHUNK_SIZE + 1)])
    empty = ChaCha20Poly1305(KEY).encrypt((1).to_bytes(11, "big") + b"\x01", b"", None)

    chunks = decrypt_chunks(KEY, [full, empty])
    assert next(chunks) == plaintext(CHUNK_SIZE)
    with pytest.raises(PayloadError, match="empty"):
        next(chunks)


@pytest.mark.parametrize("change", ["file key", "nonce"])
def test_a_payload_opens_with_its_own_key_and_nonce_only(change: str) -> None:
    """The payload's key comes from both."""
    payload = seal_payload(FILE_KEY, NONCE, b"words")
    file_key = bytes(16) if change == "file key" else FILE_KEY
    nonce = bytes(16) if change == "nonce" else NONCE

    with pytest.raises(PayloadError):
        open_payload(file_key, nonce + payload[16:])


@given(st.lists(st.binary(max_size=30)), st.integers(1, 20))
def test_regrouped_bytes_are_the_same(pieces: list[bytes], size: int) -> None:
    """Every piece but the last has the size asked for; none is empty."""
    groups = list(regroup(pieces, size))

    assert b"".join(groups) == b"".join(pieces)
    assert all(len(group) == size for group in groups[:-1])
    assert all(groups)


class Counting:
    """Sealed chunks, and how many were asked for."""

    def __init__(self) -> None:
        self.taken = 0
        self._chunks = encrypt_chunks(KEY, [plaintext(4 * CHUNK_SIZE)])

    def __iter__(self) -> "Counting":
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next chunk."""
        self.taken += 1
        return next(self._chunks)


def test_a_chunk_is_handed_out_before_more_are_read() -> None:
    """Memory stays constant: at most two chunks are held."""
    source = Counting()

    assert next(decrypt_chunks(KEY, source)) == plaintext(CHUNK_SIZE)
    assert source.taken <= 2
