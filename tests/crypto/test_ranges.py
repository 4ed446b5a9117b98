"""A payload opened anywhere: the same bytes as in order, or none."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import example, given
from hypothesis import strategies as st

from intake.crypto.ranges import Payload, ReadAt, plain_length
from intake.crypto.stream import (
    CHUNK_SIZE,
    NONCE_SIZE,
    SEALED_CHUNK_SIZE,
    TAG_SIZE,
    encrypt_chunks,
    open_payload,
    payload_key,
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


def behind(sealed: bytes) -> ReadAt:
    """Return what reads these bytes."""
    return lambda offset, size: sealed[offset : offset + size]


def opened(sealed: bytes, file_key: bytes = FILE_KEY) -> Payload:
    """Return the payload of these bytes."""
    return Payload(file_key, len(sealed), behind(sealed))


def read(payload: Payload, start: int, end: int) -> bytes:
    """Return a range at once."""
    return b"".join(payload.read(start, end))


@given(sizes, st.data())
@example(0, None)
def test_any_range_is_what_the_reader_in_order_gives(size: int, choice: st.DataObject) -> None:
    """From anywhere to anywhere, also outside, and again in the other order."""
    plain = plaintext(size)
    sealed = seal_payload(FILE_KEY, NONCE, plain)
    assert open_payload(FILE_KEY, sealed) == plain
    payload = opened(sealed)
    assert payload.length == size
    assert read(payload, 0, size) == plain
    ends = st.integers(0, size + CHUNK_SIZE)
    for _ in range(4 if choice else 0):
        start, end = choice.draw(ends), choice.draw(ends)
        assert read(payload, start, end) == plain[start:end]


@given(sizes, st.data())
def test_a_cut_anywhere_gives_no_byte(size: int, choice: st.DataObject) -> None:
    """Neither by its size, nor at the border of a chunk, where the size is one of a payload."""
    sealed = seal_payload(FILE_KEY, NONCE, plaintext(size))
    borders = [NONCE_SIZE + n * SEALED_CHUNK_SIZE for n in range(4)]
    cuts = st.sampled_from([cut for cut in borders if cut < len(sealed)] or [0])
    cut = choice.draw(st.integers(0, len(sealed) - 1) | cuts)
    with pytest.raises(PayloadError):
        opened(sealed[:cut])


@given(sizes, st.integers(1, 40) | st.sampled_from([SEALED_CHUNK_SIZE, 2 * SEALED_CHUNK_SIZE]))
def test_something_added_gives_no_byte(size: int, more: int) -> None:
    """The last chunk is opened first, as the last."""
    sealed = seal_payload(FILE_KEY, NONCE, plaintext(size))
    with pytest.raises(PayloadError):
        opened(sealed + bytes(more))


@given(sizes, st.data())
def test_a_flipped_byte_spoils_its_own_chunk_only(size: int, choice: st.DataObject) -> None:
    """The others are what they were; that one gives nothing, nor does a file with its nonce bad."""
    sealed = bytearray(seal_payload(FILE_KEY, NONCE, plaintext(size)))
    place = choice.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= choice.draw(st.integers(1, 255))
    bad = (place - NONCE_SIZE) // SEALED_CHUNK_SIZE
    last = (len(sealed) - NONCE_SIZE - 1) // SEALED_CHUNK_SIZE
    if bad in (-1, last):
        with pytest.raises(PayloadError):
            opened(bytes(sealed))
        return
    payload = opened(bytes(sealed))
    for number in range(last + 1):
        start, end = number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE
        if number == bad:
            with pytest.raises(PayloadError):
                read(payload, start, end)
        else:
            assert read(payload, start, end) == plaintext(size)[start:end]


def _swapped(chunks: list[bytes]) -> list[bytes]:
    return [chunks[1], chunks[0], chunks[2]]


def _twice(chunks: list[bytes]) -> list[bytes]:
    return [chunks[0], chunks[0], chunks[2]]


def _last_in_the_middle(chunks: list[bytes]) -> list[bytes]:
    return [chunks[0], chunks[2], chunks[2]]


@pytest.mark.parametrize("change", [_swapped, _twice, _last_in_the_middle])
def test_chunks_in_another_order_are_refused(change: Callable[[list[bytes]], list[bytes]]) -> None:
    """The place binds each chunk, though every size is right."""
    chunks = list(encrypt_chunks(KEY, [plaintext(3 * CHUNK_SIZE)]))
    payload = opened(NONCE + b"".join(change(chunks)))
    with pytest.raises(PayloadError):
        read(payload, 0, 2 * CHUNK_SIZE)


def test_chunk_marked_last_too_early_or_never_is_refused() -> None:
    """Two payloads behind one another under one key, or one without an end."""
    two = b"".join(encrypt_chunks(KEY, [plaintext(CHUNK_SIZE)]))
    more, _ = encrypt_chunks(KEY, [plaintext(CHUNK_SIZE + 1)])
    assert len(two) == len(more) == SEALED_CHUNK_SIZE
    assert opened(NONCE + two).length == CHUNK_SIZE
    with pytest.raises(PayloadError):
        opened(NONCE + more)
    with pytest.raises(PayloadError):
        read(opened(NONCE + two + more), 0, 1)


def test_an_empty_last_chunk_is_refused() -> None:
    """Though its tag is right: only an empty file has one."""
    full, _ = encrypt_chunks(KEY, [plaintext(CHUNK_SIZE + 1)])
    empty = ChaCha20Poly1305(KEY).encrypt((1).to_bytes(11, "big") + b"\x01", b"", None)
    with pytest.raises(PayloadError, match="size"):
        opened(NONCE + full + empty)


@pytest.mark.parametrize("size", [-1, 0, 16, 31, 33 + SEALED_CHUNK_SIZE - 1, 32 + 65552])
def test_sizes_that_no_payload_has_are_refused_before_anything_is_read(size: int) -> None:
    """Nothing is asked of what cannot be one."""

    def unread(_offset: int, _size: int) -> bytes:
        raise AssertionError("nothing may be read")

    with pytest.raises(PayloadError, match="size"):
        Payload(FILE_KEY, size, unread)


@given(st.integers(0, 10 * CHUNK_SIZE))
def test_plain_length_reverses_the_size(length: int) -> None:
    """Of every payload."""
    size = NONCE_SIZE + length + max(1, -(-length // CHUNK_SIZE)) * TAG_SIZE
    assert plain_length(size) == length


def test_another_key_or_a_short_answer_gives_nothing() -> None:
    """What cannot be read whole is cut off."""
    sealed = seal_payload(FILE_KEY, NONCE, plaintext(2 * CHUNK_SIZE))
    with pytest.raises(PayloadError):
        opened(sealed, bytes(16))
    with pytest.raises(PayloadError, match="cut off"):
        Payload(FILE_KEY, len(sealed), lambda offset, size: sealed[offset : offset + size - 1])


def test_reading_on_opens_each_chunk_once() -> None:
    """A player reads in small steps."""
    sealed = seal_payload(FILE_KEY, NONCE, plaintext(3 * CHUNK_SIZE))
    asked: list[int] = []

    def counted(offset: int, size: int) -> bytes:
        asked.append(offset)
        return sealed[offset : offset + size]

    payload = Payload(FILE_KEY, len(sealed), counted)
    asked.clear()
    for start in range(0, 2 * CHUNK_SIZE, 4096):
        read(payload, start, start + 4096)
    assert len(asked) == 2
