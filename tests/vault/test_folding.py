"""Folding: what people type for one another finds one another, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.vault.folding import WORDS, fold, indexed, match
from intake.vault.lists import note
from tests.support.desk import Desk

FOUND = [
    ("José Ángel Núñez", "jose angel nunez"),
    ("jose", "JOSÉ"),
    ("São Paulo, conceição", "sao conceicao"),
    ("l’agent Étienne", "etienne"),
    ("Łódź, Ørsted, Đorđe, Straße", "lodz orsted dorde strasse"),
    ("Алёна и Сергей", "алена СЕРГЕЙ"),
    ("Işık ISTANBUL", "isik istanbul"),
    ("مُحَمَّد", "محمد"),
    ("محمد", "مُحَمَّد"),
    ("أحمد إبراهيم آمنة ٱلله", "احمد ابراهيم امنة الله"),
    ("مـــحـــكـــمـــة", "محكمة"),
    ("هدى", "هدي"),
    ("فاطمة", "فاطمه"),
    ("مؤتمر مسؤول شيئًا", "موتمر مسوول شييا"),
    ("ذهب إلى المحكمة", "محكمة"),
    ("والمحكمة بالمستشفى", "محكمة مستشفى"),
    ("ذهب إلى المحكمة", "المحك"),
    ("رقم ٤٥٦", "456"),
    ("رقم 456", "٤٥٦"),
    ("شماره ۱۲۳", "123"),
    ("پلیس گفت", "پلیس"),
    ("שָׁלוֹם", "שלום"),
    ("हिन्दी में", "हिन्दी"),
    ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("我们在边境被抓", "边境"),
    ("badge B-1234/7", "B-1234/7"),
    ("call +52 555 0100 now", "555 0100"),
    ("Tijuana", "tij"),
    ("Tijuana", "t"),
]
NOT_FOUND = [
    ("Tijuana", "ijuana"),
    ("Tijuana", "tij "),
    ("one two", "one three"),
    ("हिन्दी", "हन्दी"),
    ("nothing of it", '" OR text:*'),
    ("nothing of it", "NOT zebra"),
    ("nothing of it", "nothing) OR (of"),
]


def hits(desk: Desk, text: str, typed: str) -> int:
    """Return how many rows hold what was typed, of one that holds the text."""
    with desk.vault.use() as opened:
        opened.database.run("DELETE FROM words")
        opened.database.run("INSERT INTO words (rowid, text) VALUES (1, ?)", indexed(text))
        return opened.database.number(
            "SELECT count(*) FROM words WHERE words MATCH ?", match(typed)
        )


def test_what_is_the_same_to_a_reader_is_found(desk: Desk) -> None:
    """Accents, case, vowel signs, forms of alef, stretched letters, articles, digits, prefixes."""
    missed = [(text, typed) for text, typed in FOUND if not hits(desk, text, typed)]
    assert missed == []


def test_what_differs_is_not_found(desk: Desk) -> None:
    """Nor does a word of FTS5's own language mean more than itself."""
    found = [(text, typed) for text, typed in NOT_FOUND if hits(desk, text, typed)]
    assert found == []


@pytest.mark.parametrize("typed", ["", "   ", '"', "***", "-- ()", "\x00", "…"])
def test_no_word_is_no_search(typed: str) -> None:
    """An empty query would be an error of FTS5."""
    assert match(typed) == ""


def test_only_so_many_words_count() -> None:
    """More narrow nothing down, and cost."""
    assert match("a " * 1000).count('"') == 2 * WORDS


@given(st.text())
def test_folding_twice_changes_nothing_and_nothing_fails(text: str) -> None:
    """Whatever Unicode holds: half letters, controls, private planes."""
    folded = fold(text)
    assert fold(folded).split() == fold(fold(folded)).split()
    indexed(text).encode()
    match(text).encode()


def test_every_query_is_one_that_the_index_takes(desk: Desk) -> None:
    """Quotes, operators, columns, controls and halves of letters never become an error."""
    with desk.vault.use() as opened:
        note(opened.database, "c", "", "x")
        for typed in (
            '"', 'a"b', "a AND", "OR OR", "NEAR(a b)", "text:a", "^a", "a*b*", "{a}:b", "a\0b",
            "\ud800a", "'; --", "a" * 10_000, "ab\u0301\u0301\u0301", "-1", "\u202eabc", "1/2*",
        ):  # fmt: skip
            query = match(typed)
            if query:
                opened.database.number("SELECT count(*) FROM words WHERE words MATCH ?", query)
