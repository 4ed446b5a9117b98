"""Bech32 has one text for one value, and refuses every other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.crypto import bech32
from intake.errors import KeyTextError

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

# BIP 173, "Test vectors": those whose data is a whole number of bytes.
VALID = {
    "A12UEL5L": ("A", b""),
    "a12uel5l": ("a", b""),
    "?1ezyfcl": ("?", b""),
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs": (
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
        b"",
    ),
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw": (
        "abcdef",
        bytes.fromhex("00443214c74254b635cf84653a56d7c675be77df"),
    ),
    f"11{'q' * 82}c8247j": ("1", bytes(51)),
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": (
        "split",
        bytes.fromhex("c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"),
    ),
}
# The same section: bad characters, lengths, checksums and prefixes; and ours.
INVALID = [
    "\x201nwldj5", "\x7f1axkwrx", "\x801eym55h", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v",
    "li1dgmt3", "de1lg7wt\xff", "A1G7SGD8", "10a06t8", "1qzzfhee", "", "1", "a12uEl5l", "A12uel5l",
    "a12uel5l ", " a12uel5l", "a12uel5l\n", "a\u06612uel5l", "\u017f12uel5l", "\u212a12UEL5L",
]  # fmt: skip

hrps = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20).map(
    str.lower
)


@pytest.mark.parametrize("text", VALID)
def test_valid_vector_is_decoded(text: str) -> None:
    """The vectors of BIP 173, without its limit of 90 characters."""
    assert bech32.decode(text) == VALID[text]
    hrp, data = VALID[text]
    assert bech32.encode(hrp.lower(), data) == text.lower()


@pytest.mark.parametrize("text", INVALID)
def test_invalid_vector_is_refused(text: str) -> None:
    """Each breaks one rule of BIP 173."""
    with pytest.raises(KeyTextError):
        bech32.decode(text)


@pytest.mark.parametrize("hrp", ["", "Age", "a b", "ä", "a\n", "\x7f"])
def test_prefix_that_no_reader_takes_is_not_written(hrp: str) -> None:
    """What we write, we read."""
    with pytest.raises(KeyTextError):
        bech32.encode(hrp, b"")


@given(hrps, st.binary(max_size=100))
def test_bytes_survive_in_either_case(hrp: str, data: bytes) -> None:
    """Recipients are written small, identities large."""
    text = bech32.encode(hrp, data)

    assert bech32.decode(text) == (hrp, data)
    assert bech32.decode(text.upper()) == (hrp.upper(), data)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_wrong_character_is_found(data: bytes, choice: st.DataObject) -> None:
    """A typing error never gives another key."""
    text = bech32.encode("age", data)
    place = choice.draw(st.integers(4, len(text) - 1))
    wrong = choice.draw(st.sampled_from(ALPHABET.replace(text[place], "")))

    with pytest.raises(KeyTextError, match="typing error"):
        bech32.decode(text[:place] + wrong + text[place + 1 :])


@given(st.text(ALPHABET, max_size=60))
def test_a_right_checksum_does_not_save_a_second_spelling(groups: str) -> None:
    """Left-over bits and incomplete groups are refused; what is taken is spelt as we spell it."""
    tail = bech32._checksum("age", (groups + "qqqqqq").encode()) ^ 1
    text = "age1" + groups + "".join(ALPHABET[tail >> 5 * i & 31] for i in range(5, -1, -1))
    try:
        _, data = bech32.decode(text)
    except KeyTextError:
        assert len(groups) * 5 % 8 != 0
        return
    assert bech32.encode("age", data) == text


@given(st.text(max_size=200))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    """Hostile text raises nothing but KeyTextError."""
    try:
        hrp, data = bech32.decode(text)
    except KeyTextError:
        return
    assert bech32.encode(hrp.lower(), data) == text.lower()
