"""The ten words on paper and asked back: codes that others read, and the page in Chromium."""

import os
import random
from typing import Any

import pytest

from intake.core import receipt
from intake.wordlists import wordlists
from tests.browsercore import scripts
from tests.browserpage.pages import NUMBERS, WORDS, look

RANDOM = random.Random(1)  # noqa: S311 - the same receipts each time
RECEIPTS = [receipt.make(RANDOM.randbytes(13)) for _ in range(100)]
TEXTS = [" ".join(one.numbers()) for one in RECEIPTS]
EDGES = ["", "0", "01", "012", "9" * 61, " " * 61]
HOSTILE = ["9" * 62, "a", "\uff11", "-1", "\x00", "0\n", "1" * 100_000]
ANSWERS = [
    ("niño", "Niño", "0012", True),
    (" NINO ", "Niño", "0012", True),
    ("nin\u0303o", "Niño", "0012", True),
    ("0012", "Niño", "0012", True),
    ("12", "Niño", "0012", True),
    ("٠٠١٢", "Niño", "0012", True),
    ("۱۲", "Niño", "0012", True),
    ("\uff10\uff10\uff11\uff12", "Niño", "0012", True),
    ("", "Niño", "0012", False),
    ("", "", "0012", False),
    ("   ", "", "0012", False),
    ("0", "Niño", "0012", False),
    ("0013", "Niño", "0012", False),
    ("00012", "Niño", "0012", False),
    ("1e1", "Niño", "0010", False),
    ("nin", "Niño", "0012", False),
    ("Niño duda", "Niño", "0012", False),
    ("\x00" * 1000, "Niño", "0012", False),
    ("\ud800", "Niño", "0012", False),
]


@pytest.fixture(scope="module")
def answers() -> Any:  # noqa: ANN401 - JSON
    """Ask in Node."""
    task = {
        "texts": TEXTS + EDGES,
        "hostile": HOSTILE,
        "answers": [one[:3] for one in ANSWERS],
    }
    return scripts.run("../browserpage/receiptinnode.mjs", task)


def test_code_is_read_by_another_reader(answers: dict[str, Any]) -> None:
    """jsQR, from pixels: a hundred receipts, and the shortest and longest texts."""
    assert answers["read"] == TEXTS + EDGES
    assert answers["shapes"] == [[29]] * len(TEXTS + EDGES)


def test_what_a_phone_reads_can_be_pasted_where_the_words_are_asked() -> None:
    """Ten numbers with spaces between them are a receipt; forty digits in a row are none."""
    lists = {name: receipt.index(words) for name, words in wordlists().items()}
    assert [receipt.parse(text, lists) for text in TEXTS] == RECEIPTS


def test_code_is_read_although_paper_is_stained(answers: dict[str, Any]) -> None:
    """25 modules under ink; half the side under it is too much, so the reader does not guess."""
    assert answers["spoilt"] == TEXTS + EDGES
    assert answers["ruined"] is None


def test_what_is_no_number_makes_no_code(answers: dict[str, Any]) -> None:
    """Nor what is too long: a code that says something else is worse than none."""
    message = "IntakeError: a code holds at most 61 digits and spaces"
    assert answers["refused"] == [message] * len(HOSTILE)


def test_word_or_number_is_accepted_however_it_is_written(answers: dict[str, Any]) -> None:
    """Accents, capitals, noughts and digits of other scripts do not matter; nothing else goes."""
    assert answers["matches"] == [one[3] for one in ANSWERS]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """Walk through the page once. INTAKE_PICTURE names a file for a picture of the paper."""
    task = {"words": WORDS, "numbers": NUMBERS, "picture": os.environ.get("INTAKE_PICTURE", "")}
    return look("receipt.mjs", "receipt", tmp_path_factory.mktemp("receipt"), **task)


@pytest.mark.browser
def test_paper_holds_the_words_their_numbers_and_a_code_and_nothing_else(
    seen: dict[str, Any],
) -> None:
    """No heading, no account, no way to the page; black on white also where the screen is dark."""
    lines = [line.strip() for line in seen["paper"]["text"].split("\n") if line.strip()]
    expected = [f"{word} {number}" for word, number in zip(WORDS, NUMBERS, strict=True)]
    assert lines == expected
    assert seen["paper"]["svg"] is True
    assert seen["paper"]["words"] is False
    assert seen["sheets"] == 1
    assert seen["code"] == " ".join(NUMBERS)
    assert seen["ink"] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", 1]


@pytest.mark.browser
def test_title_says_nothing_while_it_prints(seen: dict[str, Any]) -> None:
    """Browsers print it in the margin, and name a saved file by it."""
    assert seen["paper"]["title"] == "Words"
    assert seen["after1"]["title"] == seen["first"]["title"] == "Report abuse by officers"


@pytest.mark.browser
def test_nothing_of_the_paper_is_on_the_screen_or_stays(seen: dict[str, Any]) -> None:
    """Only Print makes it, each time anew; it goes when printing is over."""
    assert seen["first"]["paper"] == seen["after1"]["paper"] == seen["after2"]["paper"] == 0
    assert seen["printing"]["paper"] == 1
    assert seen["printing"]["svg"] is False
    assert seen["printing"]["text"] == seen["first"]["text"] == seen["after2"]["text"]
    assert seen["printed"] == 2


@pytest.mark.browser
def test_two_different_places_are_asked_each_time_others(seen: dict[str, Any]) -> None:
    """In order, and all of the ten may be asked."""
    for one, other in seen["pairs"]:
        assert 0 <= one < other < 10
    assert len({tuple(pair) for pair in seen["pairs"]}) > 4


@pytest.mark.browser
def test_words_are_hidden_while_they_are_asked(seen: dict[str, Any]) -> None:
    """Until she looks again; and the fields keep nothing and send nothing."""
    assert seen["first"]["words"] is True
    assert seen["asking"]["words"] is False
    assert seen["asking"]["focus"] == "input"
    assert seen["asking"]["buttons"] == ["Print the words", "Check", "Look at the words again"]
    assert seen["again"]["words"] is True
    assert seen["again"]["focus"] == "I have written them down"
    for field in seen["fields"]:
        assert "name" not in field
        assert field["autocomplete"] == field["autocorrect"] == field["autocapitalize"] == "off"
        assert field["spellcheck"] == field["writingsuggestions"] == "false"


@pytest.mark.browser
def test_wrong_answer_is_named_beside_its_field(seen: dict[str, Any]) -> None:
    """Both where both are; the first of them has the focus."""
    error = "This is not the word at this place."
    first, second = seen["asked"]
    assert seen["empty"]["errors"] == [
        {"label": first, "error": error, "hasFocus": True},
        {"label": second, "error": error, "hasFocus": False},
    ]
    assert seen["wrong"]["errors"] == [{"label": second, "error": error, "hasFocus": True}]
    assert seen["before"] is False


@pytest.mark.browser
def test_two_right_answers_confirm(seen: dict[str, Any]) -> None:
    """One as a word, one as its number; the page is the same, and the words stay hidden."""
    assert seen["confirmed"] is True
    assert seen["right"]["status"] == "These are right."
    assert seen["right"]["words"] is False
    assert seen["url"] is True


@pytest.mark.browser
def test_axe_and_the_ruler_find_nothing(seen: dict[str, Any]) -> None:
    """In every state, in light and dark; and the headers stopped nothing."""
    states = ("first", "printing", "asking", "wrong", "right")
    assert seen["axe"] == {name: [] for name in states}
    assert seen["problems"] == []
