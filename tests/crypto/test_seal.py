"""Sealing: only what is sealed, to post-quantum keys, gets the type that the store takes."""

import copy
import os
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.core import limits
from intake.crypto.age import Header, Recipient, ScryptRecipient, make_header
from intake.crypto.seal import Plaintext, Sealed, SealedHeader, seal, seal_for
from intake.crypto.unseal import generate_hybrid, generate_x25519, open_sealed
from intake.errors import KeyTextError, NoMatchError, NotSealedError

READERS = [generate_hybrid() for _ in range(5)]
KEYS = [reader.recipient() for reader in READERS]
ONE = seal(Plaintext(b"{}".ljust(4096)), KEYS[:2])
BUCKETS = [4096 << i for i in range(9)]


@pytest.mark.parametrize("size", BUCKETS)
def test_every_bucket_seals_and_opens(size: int) -> None:
    """From 4 KiB to 1 MiB, with one chunk or many."""
    plain = os.urandom(size)
    one = seal(Plaintext(plain), KEYS[:2])

    for reader in READERS[:2]:
        assert open_sealed(one.header.value, one.payload, (reader,)) == plain


@pytest.mark.parametrize("size", [0, 1, 4095, 4097, 6144, 65535, 65537, 2 << 20])
def test_what_is_not_padded_is_refused(size: int) -> None:
    """A length that tells something of the words is never stored."""
    with pytest.raises(NotSealedError):
        seal(Plaintext(bytes(size)), KEYS[:1])


@settings(max_examples=200)
@given(size=st.integers(0, 300_000))
def test_a_payload_has_the_length_of_a_padded_entry(size: int) -> None:
    """All other lengths are refused, at every chunk border."""
    good = {16 + bucket + 16 * -(-bucket // 65536) for bucket in BUCKETS}
    if size in good:
        Sealed(ONE.header, bytes(size))
        return
    with pytest.raises(NotSealedError):
        Sealed(ONE.header, bytes(size))


def test_what_is_not_bytes_is_no_payload() -> None:
    """The type is checked at run time too."""
    for wrong in ("x" * 4128, bytearray(ONE.payload), memoryview(ONE.payload), None, [0] * 4128):
        with pytest.raises(NotSealedError):
            Sealed(ONE.header, wrong)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"{}",
        b"What happened: they came at night",
        b"{}".ljust(4096),
        ONE.payload,
        ONE.header.value + b"\n",
        ONE.header.value + ONE.payload,
        ONE.header.value[:-1],
        ONE.header.value.replace(b"\n", b"\r\n"),
        b"age-encryption.org/v1\n--- " + ONE.header.value[-44:],
        ONE.header.value + b"\0" * limits.HEADER,
    ],
    ids=lambda wrong: f"{len(wrong)} bytes",
)
def test_what_is_no_header_is_refused(wrong: bytes) -> None:
    """Plain words, a whole file or a broken header never become a sealed one."""
    with pytest.raises(NotSealedError) as caught:
        SealedHeader(wrong)
    assert "night" not in str(caught.value)


def test_what_is_not_bytes_is_no_header() -> None:
    """The type is checked at run time too."""
    for wrong in (ONE.header.value.decode(), bytearray(ONE.header.value), None, ONE.header):
        with pytest.raises(NotSealedError):
            SealedHeader(wrong)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    "weak", [generate_x25519().recipient(), ScryptRecipient("passphrase", work_factor=1)]
)
def test_a_header_with_any_weaker_reader_is_refused(weak: Recipient) -> None:
    """Alone or beside a post-quantum one: it would be as weak as its weakest reader."""
    key = bytes(16)
    for stanzas in ([weak.wrap(key)], [KEYS[0].wrap(key), weak.wrap(key)]):
        header = Header(tuple(stanzas), bytes(32))
        signed = Header(header.stanzas, header.expected_mac(key))
        with pytest.raises(NotSealedError):
            SealedHeader(signed.encode())
        with pytest.raises(NotSealedError):
            SealedHeader.of(signed)
    with pytest.raises(KeyTextError):
        make_header(key, (KEYS[0], weak))


def test_a_header_for_the_keys_of_an_office_fits_its_limit() -> None:
    """Four keys, and a fifth beside them, are far below what is refused."""
    one = seal(Plaintext(bytes(4096)), KEYS[: limits.RECIPIENTS_PER_OFFICE + 1])

    assert len(one.header.value) < limits.HEADER


def test_nothing_is_sealed_to_nobody() -> None:
    """An entry without a reader would be lost."""
    with pytest.raises(KeyTextError):
        seal(Plaintext(bytes(4096)), [])


def test_a_file_key_is_used_once() -> None:
    """Each sealing asks for a new file key and a new nonce, and nothing repeats."""
    asked = []

    def random(size: int) -> bytes:
        asked.append(os.urandom(size))
        return asked[-1]

    plain = Plaintext(bytes(4096))
    first, second = seal(plain, KEYS[:1], random), seal(plain, KEYS[:1], random)

    assert [len(value) for value in asked] == [16, 16, 16, 16]
    assert len(set(asked)) == 4
    assert first.payload[:16] == asked[1]
    assert first.header != second.header
    assert first.payload[16:] != second.payload[16:]


def test_a_plaintext_is_neither_shown_nor_pickled_nor_copied() -> None:
    """Whatever prints or stores objects gets no word of it."""
    plain = Plaintext(b"they came at night")

    for shown in (repr(plain), str(plain), f"{plain}", repr([plain])):
        assert "night" not in shown
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never pickled"):
            leak(plain)


def test_what_is_sealed_holds_nothing_plain() -> None:
    """The most obvious rule of all."""
    words = b"they came at night"
    one = seal(Plaintext(words.ljust(4096)), KEYS[:1])

    assert words not in one.header.value + one.payload
    # Eight, since two stand in one of sixteen payloads by chance.
    assert b" " * 8 not in one.payload


def test_sealed_refuses_a_header_that_is_only_bytes() -> None:
    """The header is checked by its own type, at run time too."""
    with pytest.raises(NotSealedError, match="no sealed header"):
        Sealed(b"plain words", bytes(4128))  # type: ignore[arg-type] # the mistake it must catch


def test_one_payload_opens_for_each_of_two_readers() -> None:
    """By a header of its own, in which the other does not stand; not by the other's."""
    witness, office = generate_hybrid(), generate_hybrid()
    plaintext = Plaintext(b"{}".ljust(4096))
    own, hers = seal_for(plaintext, [[office.recipient()], [witness.recipient()]])
    assert own.payload == hers.payload
    for sealed, key, other in ((own, office, witness), (hers, witness, office)):
        assert open_sealed(sealed.header.value, sealed.payload, [key]) == plaintext.value
        assert sealed.header.value.count(b"->") == 1
        with pytest.raises(NoMatchError):
            open_sealed(sealed.header.value, sealed.payload, [other])
