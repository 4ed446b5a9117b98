"""An office proves that it holds its key, and can be made to open nothing by that."""

import hmac
import io
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.core import entry as entries
from intake.crypto import login, opening
from intake.crypto.age import HYBRID, HYBRID_ENC_SIZE, HYBRID_INFO
from intake.crypto.header import Header, Stanza, b64, unb64
from intake.crypto.keyring import fingerprint
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import decrypt, generate_hybrid
from intake.errors import AgeError, LoginError
from tests.crypto.entries import report

ORIGIN = "https://reports.example.org"
EXPIRY = 1_800_000_000
TOKEN = bytes(range(login.TOKEN))
IDENTITY = generate_hybrid()
NAME = fingerprint(IDENTITY.recipient())
BOUND = login.info(ORIGIN, "inv", NAME, EXPIRY)


def test_the_answer_is_the_proof_the_server_expects() -> None:
    """HMAC-SHA-256 of what the challenge is bound to, under its token."""
    challenge = login.challenge(IDENTITY.recipient(), BOUND, TOKEN)
    answer = opening.answer(IDENTITY, BOUND, challenge)

    assert answer == login.proof(TOKEN, BOUND)
    assert answer == hmac.digest(TOKEN, BOUND, "sha256")


@pytest.mark.parametrize(
    "other",
    [
        login.info("https://evil.example.org", "inv", NAME, EXPIRY),
        login.info(ORIGIN, "det", NAME, EXPIRY),
        login.info(ORIGIN, "inv", NAME[:-1] + "x", EXPIRY),
        login.info(ORIGIN, "inv", NAME, EXPIRY + 1),
        b"",
        HYBRID_INFO,
    ],
)
def test_a_challenge_for_another_login_is_refused(other: bytes) -> None:
    """Other origin, office, key or expiry: a challenge cannot be passed on."""
    challenge = login.challenge(IDENTITY.recipient(), other, TOKEN)

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, challenge)


def test_a_challenge_for_another_key_is_refused() -> None:
    """Only the office that is asked can answer."""
    challenge = login.challenge(generate_hybrid().recipient(), BOUND, TOKEN)

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, challenge)


def test_a_stored_report_sent_as_challenge_is_refused() -> None:
    """A hostile server cannot have a report opened by calling it a challenge."""
    one = seal(Plaintext(entries.encode(report())), [IDENTITY.recipient()])
    (stanza,) = Header.parse(one.header.value).stanzas
    wrapped = unb64(stanza.args[0].encode()) + stanza.body
    for message in (wrapped, one.header.value, one.payload, one.header.value + one.payload):
        for bound in (BOUND, login.info(ORIGIN, "inv", NAME, EXPIRY + 60)):
            with pytest.raises(LoginError):
                opening.answer(IDENTITY, bound, message)


def test_a_challenge_is_no_age_file() -> None:
    """Nor can a challenge be had opened as a report."""
    message = login.challenge(IDENTITY.recipient(), BOUND, TOKEN[:16])
    stanza = Stanza(HYBRID, (b64(message[:HYBRID_ENC_SIZE]),), message[HYBRID_ENC_SIZE:])

    assert IDENTITY.unwrap(stanza) is None
    with pytest.raises(AgeError):
        decrypt(io.BytesIO(message), io.BytesIO(), (IDENTITY,))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_token_of_another_size_is_refused(size: int) -> None:
    """Sixteen bytes would be a file key."""
    challenge = login.challenge(IDENTITY.recipient(), BOUND, bytes(size))

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, challenge)


@pytest.mark.parametrize("size", [0, 1, 1119, 1120, 1135, 1136, 1167, 1169, 100_000])
def test_a_challenge_of_another_size_is_refused(size: int) -> None:
    """Cut, lengthened or made of nothing."""
    challenge = login.challenge(IDENTITY.recipient(), BOUND, TOKEN) + bytes(100_000)

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, challenge[:size])


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 1167), bit=st.integers(0, 7))
def test_an_altered_challenge_is_refused(place: int, bit: int) -> None:
    """Whichever bit is flipped."""
    challenge = bytearray(login.challenge(IDENTITY.recipient(), BOUND, TOKEN))
    challenge[place] ^= 1 << bit

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, bytes(challenge))


def test_a_share_of_low_order_is_refused() -> None:
    """A challenge whose classic half everyone knows."""
    challenge = login.challenge(IDENTITY.recipient(), BOUND, TOKEN)
    low = challenge[: HYBRID_ENC_SIZE - 32] + bytes(32) + challenge[HYBRID_ENC_SIZE:]

    with pytest.raises(LoginError):
        opening.answer(IDENTITY, BOUND, low)


def test_info_starts_with_its_label() -> None:
    """No other use of the key has this label, age's own least of all."""
    assert BOUND.startswith(b"\x00\x00\x00\x0fintake/login/v1")
    assert not HYBRID_INFO.startswith(BOUND[:4])


_text = st.text(st.sampled_from("ab:/1\0"), max_size=4)
_bound = st.tuples(_text, _text, _text, st.integers(0, 12))


@given(one=_bound, other=_bound)
def test_info_is_unambiguous(
    one: tuple[str, str, str, int], other: tuple[str, str, str, int]
) -> None:
    """Two logins have one info only if all their parts are equal."""
    assert (login.info(*one) == login.info(*other)) is (one == other)


def test_a_part_cannot_borrow_from_its_neighbour() -> None:
    """The same letters, cut elsewhere, are another login."""
    letters = "abc"
    cuts = [(letters[:i], letters[i:j], letters[j:], 1) for i, j in combinations(range(4), 2)]

    assert len({login.info(*cut) for cut in cuts}) == len(cuts)
