"""New words: two halves that tell nothing alone, joined by the keeper, sealed to the new words."""

import os
import pickle
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import receipt
from intake.crypto import keeper
from intake.crypto.derive import WitnessKeys
from intake.crypto.keeper import Trust
from intake.crypto.opening import unwrap, witness_identity
from intake.crypto.unseal import decrypt, generate_hybrid
from intake.errors import AgeError, EntryError

LOST = WitnessKeys(bytes(range(32)))
NEW = WitnessKeys.of(receipt.make(bytes(13)), "small")
REPORT = LOST.entry("report", "inv")


def test_both_halves_give_what_the_lost_words_gave() -> None:
    """And what was sealed to the new words opens with them, by any age tool too."""
    trust, deposit = keeper.entrust(LOST, os.urandom)
    joined = keeper.join(Trust.parse(trust.text), deposit.half, "inv", REPORT)
    wrapped = keeper.wrap(joined, NEW.recipient(), os.urandom)
    assert unwrap(wrapped, NEW) == LOST
    plain = BytesIO()
    decrypt(BytesIO(wrapped), plain, [witness_identity(NEW)])
    assert plain.getvalue() == keeper.WRAPPED + LOST.secret


def test_neither_half_holds_the_secret_and_no_two_are_alike() -> None:
    """A one-time pad, drawn anew for each keeper."""
    pairs = [keeper.entrust(LOST, os.urandom) for _ in range(3)]
    halves = [half for trust, deposit in pairs for half in (trust.half, deposit.half)]
    assert len({LOST.secret, *halves}) == 7
    assert len({trust.token for trust, _ in pairs}) == 3
    assert all(deposit.token_hash != trust.token for trust, deposit in pairs)


@given(st.binary(max_size=40))
def test_another_half_is_refused(half: bytes) -> None:
    """A server that gives another case's half, or none, gets no new words made of it."""
    trust, _ = keeper.entrust(LOST, os.urandom)
    with pytest.raises(EntryError):
        keeper.join(trust, half, "inv", REPORT)


def test_halves_of_another_case_or_office_are_refused() -> None:
    """The first entry of the keeper itself says whose words they are."""
    trust, deposit = keeper.entrust(LOST, os.urandom)
    for office, report in (("det", REPORT), ("inv", NEW.entry("report", "inv"))):
        with pytest.raises(EntryError, match="not that of this case"):
            keeper.join(trust, deposit.half, office, report)


@pytest.mark.parametrize("text", ["", "zz" * 64, "ab" * 63, "ab" * 65, "AB" * 64, " " + "ab" * 64])
def test_trust_that_is_none_is_refused(text: str) -> None:
    """As an addition that makes nobody a keeper."""
    with pytest.raises(EntryError, match="keeper"):
        Trust.parse(text)


def test_what_is_sealed_to_others_or_altered_or_is_something_else_gives_nothing() -> None:
    """The server keeps it, and could change it."""
    trust, deposit = keeper.entrust(LOST, os.urandom)
    joined = keeper.join(trust, deposit.half, "inv", REPORT)
    wrapped = keeper.wrap(joined, NEW.recipient(), os.urandom)
    strange = keeper.wrap(joined, generate_hybrid().recipient(), os.urandom)
    for hostile in (strange, b"", wrapped[:-1], wrapped + b"x", wrapped[:100]):
        with pytest.raises(AgeError):
            unwrap(hostile, NEW)
    for plain in (b"", LOST.secret, keeper.WRAPPED + b"short", b"intake/words/v2" + bytes(32)):
        with pytest.raises(EntryError):
            keeper.unwrapped(plain)


def test_trust_is_not_pickled_or_shown() -> None:
    """Whoever has it can take the words away."""
    trust, deposit = keeper.entrust(LOST, os.urandom)
    assert trust.text[:64] not in repr(trust)
    assert deposit.half.hex() not in repr(deposit)
    with pytest.raises(TypeError):
        pickle.dumps(trust)
