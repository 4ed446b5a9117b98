"""Identities open what was sealed to them, and nothing that is not authentic."""

import copy
import io
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.crypto import age, unseal
from intake.crypto.age import HYBRID, SCRYPT, X25519, ScryptRecipient
from intake.crypto.header import VERSION_LINE, Header, Stanza, b64, unb64
from intake.crypto.unseal import (
    HybridIdentity,
    ScryptIdentity,
    X25519Identity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
    parse_identities_file,
    parse_identity,
)
from intake.errors import (
    AgeError,
    HeaderError,
    HeaderMacError,
    IntakeError,
    KeyTextError,
    NoMatchError,
)
from tests.crypto.test_age import LOW_ORDER

HYBRID_ONE = generate_hybrid()
CLASSIC_ONE = generate_x25519()
WORDS = ScryptIdentity("correct horse", max_work_factor=4)
BOTH = (HYBRID_ONE, CLASSIC_ONE)
ALL = (*BOTH, WORDS)
FILE_KEY = bytes(range(16))

args = st.binary(max_size=40).map(b64) | st.sampled_from(
    ["1", "2", "4", "5", "20", "99", "01", "-1", "1e1", b64(bytes(16)), b64(bytes(32))]
)
hostile = st.lists(
    st.builds(
        Stanza,
        st.sampled_from([HYBRID, X25519, SCRYPT]),
        st.lists(
            args | st.binary(min_size=1120, max_size=1120).map(b64), min_size=1, max_size=2
        ).map(tuple),
        st.binary(max_size=40) | st.binary(min_size=32, max_size=32),
    ),
    min_size=1,
    max_size=3,
)


def sealed(plain: bytes, identity: HybridIdentity | X25519Identity) -> bytes:
    """Return a file sealed to one identity."""
    out = io.BytesIO()
    age.encrypt(io.BytesIO(plain), out, (identity.recipient(),))
    return out.getvalue()


def no_prompt() -> str:
    """Fail: nothing was to be asked."""
    raise AssertionError("a passphrase was asked for")


@given(hostile)
def test_hostile_stanzas_raise_nothing_else(found: list[Stanza]) -> None:
    """Whatever stands in a header, it is refused by name."""
    header = Header(tuple(found), bytes(32))
    out = io.BytesIO()

    with pytest.raises(AgeError):
        unseal.decrypt(io.BytesIO(header.encode() + bytes(40)), out, ALL)
    assert not out.getvalue()


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    """Hostile bytes raise nothing but IntakeError, with or without the first line."""
    for start in (b"", VERSION_LINE):
        with pytest.raises(IntakeError):
            unseal.decrypt(io.BytesIO(start + data), io.BytesIO(), ALL)


@pytest.mark.parametrize("identity", BOTH, ids=repr)
def test_a_flipped_byte_anywhere_is_refused(identity: HybridIdentity | X25519Identity) -> None:
    """Every byte of a file is authenticated; nothing of it comes out."""
    file = sealed(b"words", identity)

    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 1
        out = io.BytesIO()
        with pytest.raises(AgeError):
            unseal.decrypt(io.BytesIO(bytes(changed)), out, BOTH)
        assert not out.getvalue()


@given(st.data())
def test_a_cut_anywhere_is_refused(choice: st.DataObject) -> None:
    """No part of a file passes for a whole one."""
    file = sealed(b"words", HYBRID_ONE)
    cut = choice.draw(st.integers(0, len(file) - 1))

    with pytest.raises(AgeError):
        unseal.decrypt(io.BytesIO(file[:cut]), io.BytesIO(), BOTH)


def test_a_header_altered_after_sealing_is_told_from_a_wrong_key() -> None:
    """Two kinds of trouble: a file for someone else, and a file that was tampered with."""
    file = sealed(b"words", HYBRID_ONE)
    more = file.replace(VERSION_LINE, VERSION_LINE + b"-> grease\n\n", 1)

    with pytest.raises(HeaderMacError):
        unseal.decrypt(io.BytesIO(more), io.BytesIO(), BOTH)
    with pytest.raises(NoMatchError):
        unseal.decrypt(io.BytesIO(file), io.BytesIO(), (generate_hybrid(), CLASSIC_ONE))
    with pytest.raises(NoMatchError):
        unseal.decrypt(io.BytesIO(file), io.BytesIO(), ())


def test_a_passphrase_beside_another_stanza_is_refused() -> None:
    """Else whoever knows the passphrase could write in the name of whoever holds the key."""
    made = [r.wrap(FILE_KEY) for r in (ScryptRecipient("correct horse", 2), HYBRID_ONE.recipient())]
    header = Header(tuple(made), b"")

    with pytest.raises(HeaderError, match="something else"):
        unseal.file_key_of(header, ALL)


def test_a_passphrase_that_takes_too_long_is_not_tried() -> None:
    """A hostile file cannot stop the machine."""
    header = age.make_header(FILE_KEY, (ScryptRecipient("correct horse", 5),))

    with pytest.raises(HeaderError, match="memory"):
        unseal.file_key_of(header, (WORDS,))
    assert unseal.file_key_of(header, (ScryptIdentity("correct horse", 5),)) == FILE_KEY
    with pytest.raises(NoMatchError):
        unseal.file_key_of(header, (ScryptIdentity("wrong horse", 5),))


@pytest.mark.parametrize("point", LOW_ORDER, ids=bytes.hex)
def test_a_share_of_low_order_is_refused(point: bytes) -> None:
    """Its secret is known to everyone: no honest writer makes such a file."""
    enc = HYBRID_ONE.recipient().wrap(FILE_KEY).args[0]
    hybrid = b64(unb64(enc.encode())[:-32] + point)

    for stanza in (Stanza(X25519, (b64(point),), bytes(32)), Stanza(HYBRID, (hybrid,), bytes(32))):
        with pytest.raises(HeaderError, match="everyone"):
            unseal.file_key_of(Header((stanza,), bytes(32)), BOTH)


@pytest.mark.parametrize("identity", ALL, ids=repr)
def test_a_secret_is_not_shown(identity: object) -> None:
    """No log and no traceback holds a key."""
    shown = f"{identity!r} {identity} {[identity]}"

    for secret in (HYBRID_ONE.secret_text(), CLASSIC_ONE.secret_text(), WORDS.passphrase):
        assert secret not in shown
    assert HYBRID_ONE.seed.hex() not in shown
    assert repr(HYBRID_ONE.seed) not in shown


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("identity", ALL, ids=repr)
def test_a_secret_is_not_copied(copied: Callable[[object], object], identity: object) -> None:
    """A key leaves memory only where it is asked for by name."""
    with pytest.raises(TypeError, match="never pickled"):
        copied(identity)


@pytest.mark.parametrize("make", [generate_hybrid, generate_x25519])
def test_an_identity_survives_as_text(
    make: Callable[[], HybridIdentity | X25519Identity],
) -> None:
    """The text is an identity's only form on disk, in either case of letters."""
    identity = make()
    again = parse_identity(identity.secret_text())

    assert again.secret_text() == identity.secret_text()
    assert again.recipient() == identity.recipient()
    assert make().secret_text() != identity.secret_text()


def test_a_generator_takes_its_randomness_from_outside() -> None:
    """Vectors need the same key twice."""
    assert generate_hybrid(bytes).seed == bytes(32)
    assert generate_x25519(bytes).scalar == bytes(32)


@given(st.binary(max_size=40))
def test_a_secret_of_another_length_is_refused(raw: bytes) -> None:
    """An identity is 32 bytes, or none."""
    for make in (HybridIdentity, X25519Identity):
        if len(raw) != 32:
            with pytest.raises(KeyTextError):
                make(raw)


@given(st.text(max_size=100))
def test_any_text_is_no_identity(text: str) -> None:
    """Hostile text raises nothing but KeyTextError."""
    with pytest.raises(KeyTextError):
        parse_identity(text)
    with pytest.raises(KeyTextError):
        parse_identities_file(text)


def test_a_public_key_or_small_letters_are_no_identity() -> None:
    """An identity has one spelling, in large letters."""
    for text in (str(HYBRID_ONE.recipient()), HYBRID_ONE.secret_text().lower()):
        with pytest.raises(KeyTextError):
            parse_identity(text)


def test_a_wrong_line_is_named_and_not_repeated() -> None:
    """Whoever mends the file finds the line; the message holds nothing of it."""
    secret = HYBRID_ONE.secret_text()
    with pytest.raises(KeyTextError, match="line 2: ") as caught:
        parse_identities_file(f"# ours\n{secret[:-1]}\n")

    assert secret[20:40] not in str(caught.value)


def test_a_plain_file_of_identities_asks_for_nothing() -> None:
    """The passphrase is asked only where one is needed."""
    text = f"# ours\n\n{HYBRID_ONE.secret_text()}\r\n{CLASSIC_ONE.secret_text()}\n"

    found = open_identities_file(text.encode(), no_prompt)
    assert [identity.secret_text() for identity in found] == [
        HYBRID_ONE.secret_text(),
        CLASSIC_ONE.secret_text(),
    ]


@pytest.mark.parametrize("armored", [False, True])
def test_a_sealed_file_of_identities_opens_with_its_passphrase(*, armored: bool) -> None:
    """`age-keygen | age -p` makes such files, armored or not."""
    out = io.BytesIO()
    plain = io.BytesIO(HYBRID_ONE.secret_text().encode())
    age.encrypt(plain, out, (ScryptRecipient("correct horse", 2),), armored=armored)

    (found,) = open_identities_file(out.getvalue(), lambda: "correct horse")
    assert found.secret_text() == HYBRID_ONE.secret_text()
    with pytest.raises(NoMatchError):
        open_identities_file(out.getvalue(), lambda: "wrong horse")


@given(st.binary(max_size=200))
def test_any_file_of_identities_is_opened_or_refused(data: bytes) -> None:
    """Hostile bytes raise nothing but IntakeError."""
    for start in (b"", b"# \xff", VERSION_LINE):
        with pytest.raises(IntakeError):
            open_identities_file(start + data, lambda: "correct horse")
