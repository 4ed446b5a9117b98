"""The receipt: ten words bring a witness back, in any list or in numbers, and nobody else."""

import hashlib
import pickle
import random
import secrets
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import receipt
from intake.core.receipt import Receipt
from intake.errors import ReceiptError
from intake.wordlists import LANGUAGES, wordlist, wordlists
from tests.core.samples import CANARY, assert_silent, vectors

LISTS = wordlists()
INDEXES = {wordlist: receipt.index(wordlist) for wordlist in LISTS.values()}
BYTES = st.binary(min_size=13, max_size=13)
VECTORS = vectors("receipt")
SAMPLE = receipt.make(bytes(range(13)))
ENGLISH = " ".join(SAMPLE.words(LISTS["en"]))


def parse(text: str, lists: Mapping[str, tuple[str, ...]]) -> Receipt:
    """Read a receipt against word lists."""
    indexes = {name: INDEXES.get(words) or receipt.index(words) for name, words in lists.items()}
    return receipt.parse(text, indexes)


def independent(data: bytes) -> tuple[int, ...]:
    """Return the places by strings of bits, as the format's description reads."""
    bits = "".join(f"{byte:08b}" for byte in data)[:102]
    check = hashlib.sha256(b"intake/receipt/v1" + int(bits, 2).to_bytes(13, "big")).digest()[0]
    bits += f"{check:08b}"
    return tuple(int(bits[i : i + 11], 2) for i in range(0, 110, 11))


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda vector: vector["random"][:8])
def test_the_shared_vectors_hold(vector: dict[str, object]) -> None:
    """The browser runs the same file; a change here loses every receipt that was noted."""
    made = receipt.make(bytes.fromhex(str(vector["random"])))
    assert (
        list(made.places)
        == vector["places"]
        == list(independent(bytes.fromhex(str(vector["random"]))))
    )
    assert made.secret.hex() == vector["secret"]
    assert list(made.numbers()) == vector["numbers"]
    assert {name: list(made.words(LISTS[name])) for name in LANGUAGES} == vector["words"]


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda vector: vector["random"][:8])
def test_the_shared_vectors_are_read_back(vector: dict[str, Any]) -> None:
    """By number and in each language; the first and the last word of a list included."""
    typed = [vector["numbers"], *vector["words"].values()]
    assert {parse(" ".join(words), LISTS).secret.hex() for words in typed} == {vector["secret"]}


@pytest.mark.parametrize("vector", VECTORS["typed"], ids=lambda vector: vector["why"])
def test_the_shared_spellings_are_read(vector: dict[str, str]) -> None:
    """As people type from paper, on their own keyboards."""
    assert parse(vector["text"], LISTS).secret.hex() == vector["secret"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_the_shared_mistakes_are_refused(vector: dict[str, object]) -> None:
    """With the code and the places that the page shows."""
    with pytest.raises(ReceiptError) as caught:
        parse(str(vector["text"]), LISTS)
    assert caught.value.code == vector["code"]
    assert list(caught.value.places) == vector["places"]


@given(BYTES)
def test_make_is_the_format_read_bit_by_bit(data: bytes) -> None:
    """102 bits, then the first byte of a labelled SHA-256."""
    assert receipt.make(data).places == independent(data)


@given(BYTES, st.sampled_from(sorted(LANGUAGES)))
def test_words_of_every_list_come_back(data: bytes, language: str) -> None:
    """Whatever was noted opens, tried against every list."""
    made = receipt.make(data)
    try:
        assert parse(" ".join(made.words(LISTS[language])), LISTS) == made
    except ReceiptError as error:
        assert error.code == "language"  # noqa: PT017 - the one refusal that may happen


@given(BYTES)
def test_numbers_come_back(data: bytes) -> None:
    """For the languages that have no list."""
    made = receipt.make(data)
    assert parse(" ".join(made.numbers()), {}) == made


@given(
    BYTES, st.sampled_from(sorted(LANGUAGES)), st.sampled_from([" ", "\n", ", ", " - ", "\u200b"])
)
def test_capitals_and_punctuation_do_not_matter(data: bytes, language: str, between: str) -> None:
    """Read against its own list alone, so that no other list can pass as well."""
    made = receipt.make(data)
    typed = between.join(made.words(LISTS[language])).upper()
    assert parse(f"  {typed}.", {language: LISTS[language]}) == made


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_two_words_of_a_list_become_the_same_without_accents(language: str) -> None:
    """Or folding would make a good receipt unreadable."""
    folded = [receipt.fold(word) for word in wordlist(language)]
    assert len(set(folded)) == receipt.LIST_WORDS
    assert all(word.isascii() and word.isalpha() for word in folded)


def test_make_ignores_the_last_two_bits_only() -> None:
    """13 bytes are 104 bits, of which 102 count."""
    one, two, three = (receipt.make(bytes(12) + bytes([last])) for last in (0, 3, 4))
    assert one == two
    assert one != three


@pytest.mark.parametrize("length", [0, 12, 14, 16])
def test_make_refuses_another_amount_of_randomness(length: int) -> None:
    """Less would be guessable, more would be thrown away in silence."""
    with pytest.raises(ReceiptError):
        receipt.make(bytes(length))


def test_a_wrong_word_passes_once_in_two_hundred_and_fifty_six() -> None:
    """The check byte promises 1/256; of 20,000 wrong words 78 are expected, 50 to 110 allowed."""
    chance = random.Random(1)  # noqa: S311 - repeatable, no secret
    passed = 0
    for _ in range(20_000):
        places = list(receipt.make(chance.randbytes(13)).places)
        spoiled = chance.randrange(receipt.WORDS)
        places[spoiled] = (places[spoiled] + chance.randrange(1, receipt.LIST_WORDS)) % 2048
        numbers = " ".join(Receipt(tuple(places)).numbers())
        try:
            parse(numbers, {})
        except ReceiptError:
            continue
        passed += 1
    assert 50 <= passed <= 110


def test_swapped_neighbours_pass_as_rarely() -> None:
    """The commonest slip after a wrong word; of some 9,000 swaps 35 are expected."""
    chance = random.Random(2)  # noqa: S311 - repeatable, no secret
    passed = 0
    for _ in range(1000):
        places = receipt.make(chance.randbytes(13)).places
        for i, (left, right) in enumerate(pairwise(places)):
            swapped = Receipt((*places[:i], right, left, *places[i + 2 :]))
            passed += left != right and receipt._checked(swapped.places) is not None
    assert passed < 70


def test_the_places_that_fit_no_list_are_named() -> None:
    """So the page marks the words, not the whole answer."""
    words = ENGLISH.split()
    words[2] = words[6] = "zzzz"
    with pytest.raises(ReceiptError) as caught:
        parse(" ".join(words), LISTS)
    assert (caught.value.code, caught.value.places) == ("unknown", (3, 7))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_places_named_are_those_of_the_list_that_fits_best(language: str) -> None:
    """Somebody who noted Portuguese words is not told that nine of ten are wrong."""
    words = list(SAMPLE.words(LISTS[language]))
    words[4] = "zzzz"
    with pytest.raises(ReceiptError) as caught:
        parse(" ".join(words), LISTS)
    assert caught.value.places == (5,)


def test_words_that_are_receipts_in_two_lists_ask_for_the_language() -> None:
    """Guessing would open a stranger's mailbox, or none."""
    lists = {"one": wordlist("en"), "two": (*wordlist("en")[1:], wordlist("en")[0])}
    for number in range(10_000):
        made = receipt.make(number.to_bytes(13, "big"))
        typed = " ".join(made.words(lists["one"]))
        other = tuple((place - 1) % receipt.LIST_WORDS for place in made.places)
        if receipt._checked(other) is not None:
            break
    with pytest.raises(ReceiptError) as caught:
        parse(typed, lists)
    assert caught.value.code == "language"
    assert parse(typed, {"one": lists["one"]}) == made
    assert parse(typed, {"two": lists["two"]}) == Receipt(other)


def test_equal_words_at_equal_places_of_two_lists_are_no_doubt() -> None:
    """Two lists that read the same receipt agree."""
    lists = {"one": wordlist("en"), "two": wordlist("en")}
    assert parse(ENGLISH, lists) == SAMPLE


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\uff10"])
def test_digits_of_other_keyboards_are_digits(zero: str) -> None:
    """Arabic has no list: its readers note numbers, and type them as their keyboard does."""
    typed = " ".join(SAMPLE.numbers())
    local = typed.translate({ord("0") + i: ord(zero) + i for i in range(10)})
    assert parse(local, LISTS) == SAMPLE


def test_a_copied_list_of_words_and_numbers_is_read() -> None:
    """The page shows a number beside each word, and a copied list brings its own count."""
    rows = zip(SAMPLE.words(LISTS["en"]), SAMPLE.numbers(), strict=True)
    copied = "\n".join(f"{i}. {word} {number}" for i, (word, number) in enumerate(rows, 1))
    assert parse(copied, LISTS) == SAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abandon",
        "abandon " * 9,
        "abandon " * 11,
        "abandon " * 12,
        "abandon " * 24,
        "abandon " * 100_000,
        "\x00" * 100,
        "\ud800" * 10,
        "\ud800 " * 10,
        "0000 " * 10,
        "2049 " * 10,
        "1 " * 10,
        "00001 " * 10,
        "9" * 5000,
        ("9" * 5000 + " ") * 10,
        "²³¹¹ " * 10,
        "-001 " * 10,
        "१२३४ " * 10,
        "፩፩፩፩ " * 10,
        "一 " * 10,
        "_ " * 10,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_hostile_input_is_refused_as_no_receipt(text: str) -> None:
    """Whatever arrives, the answer is the one error with a code the page knows."""
    with pytest.raises(ReceiptError) as caught:
        parse(text, LISTS)
    assert caught.value.code in {"count", "unknown"}
    assert all(1 <= place <= receipt.WORDS for place in caught.value.places)


@given(st.text(max_size=80) | st.text("0123456789 ", max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    """Nor is a receipt found by chance in short noise without being one."""
    try:
        found = parse(text, LISTS)
    except ReceiptError:
        return
    assert receipt._checked(found.places) == found


@pytest.mark.parametrize("text", [CANARY, f"{CANARY} " * 10, f"{ENGLISH} {CANARY}"])
def test_no_refusal_quotes_what_was_typed(text: str) -> None:
    """Nine right words in a log are nearly a receipt."""
    assert_silent(lambda: parse(text, LISTS), ReceiptError)


def test_a_receipt_hides_its_words_and_places() -> None:
    """Its `repr` ends up in tracebacks."""
    assert not any(str(place) in repr(SAMPLE) for place in SAMPLE.places if place > 99)


def test_a_receipt_is_not_pickled() -> None:
    """It is the key to everything a witness wrote."""
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(SAMPLE)


def test_ten_words_are_never_a_wallet() -> None:
    """Twelve or twenty-four words of these lists would be taken for money."""
    assert receipt.WORDS not in {12, 15, 18, 21, 24}
    assert receipt.RANDOM_BITS + receipt.CHECK_BITS == receipt.WORDS * receipt.WORD_BITS


def test_real_randomness_makes_different_receipts() -> None:
    """No two of a thousand are alike."""
    made = {receipt.make(secrets.token_bytes(13)).places for _ in range(1000)}
    assert len(made) == 1000
