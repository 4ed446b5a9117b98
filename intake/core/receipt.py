"""The receipt: ten words by which a witness comes back.

102 random bits and 8 check bits make ten places in a list of 2048 words, each also a
four-digit number (0001 to 2048) for languages without a list. Ten, never twelve or
twenty-four: a code that looks like a wallet's recovery phrase gets people robbed.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from intake.errors import ReceiptError

WORDS = 10
RANDOM_BITS = 102
CHECK_BITS = 8
WORD_BITS = 11
LIST_WORDS = 1 << WORD_BITS

_LABEL = b"intake/receipt/v1"
_NUMBER_DIGITS = 4

ENOUGH = 4
"""Letters that tell a word from every other of its list: so each of the lists was made."""

_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
"""What Arabic and Persian keyboards type for the digits of a number; NFKD keeps them."""


Index = Mapping[str, int]
"""The place (from 0) of each word of a list, without accents and capitals, and of its beginnings.
"""


@dataclass(frozen=True, repr=False)
class Receipt:
    """Ten places (0 to 2047) whose last eight bits check the others."""

    places: tuple[int, ...]

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a receipt is never pickled")

    @property
    def secret(self) -> bytes:
        """The 110 bits, big-endian in 14 bytes: what every key of the witness derives from."""
        value = 0
        for place in self.places:
            value = value << WORD_BITS | place
        return value.to_bytes(14, "big")

    def words(self, wordlist: Sequence[str]) -> tuple[str, ...]:
        """Return the words of one language's list."""
        return tuple(wordlist[place] for place in self.places)

    def numbers(self) -> tuple[str, ...]:
        """Return the four-digit numbers, the same in every language."""
        return tuple(f"{place + 1:04}" for place in self.places)


def make(random: bytes) -> Receipt:
    """Return the receipt of 13 random bytes, of which the first 102 bits count."""
    if len(random) != 13:  # noqa: PLR2004 - stated in the line below
        raise ReceiptError("a receipt needs 13 random bytes", "count")
    value = int.from_bytes(random, "big") >> (len(random) * 8 - RANDOM_BITS)
    bits = value << CHECK_BITS | _check(value)
    places = tuple(bits >> WORD_BITS * i & LIST_WORDS - 1 for i in reversed(range(WORDS)))
    return Receipt(places)


def parse(text: str, lists: Mapping[str, Index]) -> Receipt:
    """Return the receipt typed as ten words of any list, or ten numbers.

    The first four letters of a word are enough. Accents, capitals and punctuation do not matter,
    nor numbers beside ten words, as the page shows them and people copy them. Raises
    ReceiptError, with the places that fit no list, or asking for the language where two lists both
    pass their check.
    """
    typed = re.findall(r"[^\W_]+", fold(text).translate(_ARABIC_DIGITS))
    words = [word for word in typed if not word.isdecimal()]
    typed = words if len(words) == WORDS else typed
    if len(typed) != WORDS:
        raise ReceiptError(f"{len(typed)} words were typed, a receipt has {WORDS}", "count")
    if all(word.isascii() and word.isdigit() for word in typed):
        return _by_number(typed)
    readings = {name: _places(typed, index) for name, index in lists.items()}
    found = {_checked(places) for places in readings.values() if -1 not in places} - {None}
    if len(found) > 1:
        raise ReceiptError(
            "the words fit two languages, choose the language they were given in", "language"
        )
    for receipt in found:
        if receipt is not None:
            return receipt
    nearest = min(readings.values(), key=lambda places: places.count(-1), default=())
    unknown = tuple(i for i, place in enumerate(nearest, 1) if place < 0)
    raise ReceiptError(
        "the words are no receipt, compare them with what was noted", "unknown", unknown
    )


def fold(text: str) -> str:
    """Return text without accents and capitals, as people type words from paper."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def index(wordlist: Sequence[str]) -> Index:
    """Return where each word of a list stands, as people type it. Takes 5 ms: make it once."""
    places: dict[str, int] = {}
    for place, word in enumerate(map(fold, wordlist)):
        for letters in range(min(ENOUGH, len(word)), len(word) + 1):
            places[word[:letters]] = place
    return places


def _places(typed: Sequence[str], index: Index) -> tuple[int, ...]:
    return tuple(index.get(word, -1) for word in typed)


def _by_number(typed: Sequence[str]) -> Receipt:
    places = tuple(
        int(word) - 1 if len(word) == _NUMBER_DIGITS and 1 <= int(word) <= LIST_WORDS else -1
        for word in typed
    )
    unknown = tuple(i for i, place in enumerate(places, 1) if place < 0)
    receipt = None if unknown else _checked(places)
    if receipt is None:
        raise ReceiptError(
            "the numbers are no receipt, compare them with what was noted", "unknown", unknown
        )
    return receipt


def _checked(places: tuple[int, ...]) -> Receipt | None:
    receipt = Receipt(places)
    bits = int.from_bytes(receipt.secret, "big")
    good = _check(bits >> CHECK_BITS) == bits & (1 << CHECK_BITS) - 1
    return receipt if good else None


def _check(value: int) -> int:
    return hashlib.sha256(_LABEL + value.to_bytes(13, "big")).digest()[0]
