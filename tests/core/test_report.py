"""A report: whatever a person typed is kept, whatever a stranger sends is checked."""

import json
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import canonical, limits
from intake.core import report as reports
from intake.core.programme import Term
from intake.core.questions import BY_NAME, ESCAPES, FACETS, SHORT
from intake.core.report import Answer, Problem
from intake.errors import ReportError
from tests.core.samples import CANARY, DEEP, SMALL, assert_silent, default, filed

PLAIN = reports.encode(filed())
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n"), max_size=60
)


def spoiled(**changed: object) -> bytes:
    """Return the report in which some values are others."""
    return canonical.encode({**json.loads(PLAIN), **changed})


def answered(**changed: object) -> bytes:
    """Return the report with other answers."""
    return spoiled(answers={"account": "x", **changed})


@st.composite
def given_answers(draw: st.DrawFn) -> dict[str, Answer]:
    """Any good answers to the questions of the small programme."""
    answers: dict[str, Answer] = {"account": draw(WORDS.filter(str.strip))}
    for name in ("place", "date"):
        answers[name] = draw(WORDS)
    for facet in FACETS:
        terms = st.sampled_from((*SMALL.terms(facet), *ESCAPES))
        if facet == "agency":
            answers[facet] = tuple(draw(st.lists(terms, unique=True)))
        else:
            answers[facet] = draw(terms | st.just(""))
    return answers


@given(given_answers())
def test_what_make_takes_parse_takes_and_gives_back(answers: dict[str, Answer]) -> None:
    """The form, the hidden field and the page agree on what is a report."""
    made = reports.make(answers, SMALL, "es")
    assert reports.parse(reports.encode(made), SMALL) == made
    assert made.answers == {name: answer for name, answer in answers.items() if answer}


def test_make_leaves_out_what_was_not_answered() -> None:
    """Not asked is no answer, never a no."""
    made = reports.make({"account": "x", "place": "", "agency": (), "child": ""}, SMALL, "en")
    assert made.answers == {"account": "x"}
    assert made.facets() == {}


def test_a_report_names_its_programme_version_and_digest() -> None:
    """Or old answers lose their labels."""
    made = filed()
    assert (made.programme, made.version, made.digest) == ("small", "1", SMALL.digest)


def test_every_question_may_be_answered() -> None:
    """All of them in one report."""
    answers: dict[str, Answer] = {
        q.name: ("border",) if q.name == "agency" else "yes" for q in SHORT
    }
    made = reports.make(answers, SMALL, "en")
    assert set(made.answers) == {q.name for q in SHORT}
    assert set(made.facets()) == set(FACETS)


def test_facets_are_the_choices_as_sets_and_no_words() -> None:
    """Routes see what was chosen, never what was written."""
    assert filed().facets() == {
        "agency": ("border", "police"),
        "child": ("declined",),
        "custody": ("yes",),
    }


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, Problem("account", "required")),
        ({"account": ""}, Problem("account", "required")),
        ({"account": " \n\t "}, Problem("account", "required")),
        ({"account": "x" * 100_001}, Problem("account", "too_long", 100_000)),
        ({"account": "a\x00b"}, Problem("account", "not_text")),
        ({"account": "a\x1bb"}, Problem("account", "not_text")),
        ({"account": "\ud800"}, Problem("account", "not_text")),
        ({"account": "x", "place": "x" * 301}, Problem("place", "too_long", 300)),
        ({"account": "x", "place": ("x",)}, Problem("place", "not_offered")),
        ({"account": "x", "region": "mars"}, Problem("region", "not_offered")),
        ({"account": "x", "region": ("yes",)}, Problem("region", "not_offered")),
        ({"account": "x", "agency": "border"}, Problem("agency", "not_offered")),
        ({"account": "x", "agency": ("border", "mars")}, Problem("agency", "not_offered")),
        ({"account": "x", "agency": ("border", "border")}, Problem("agency", "not_offered")),
        ({"account": "x", "agency": ("",)}, Problem("agency", "not_offered")),
        ({"account": "x", "child": "Yes"}, Problem("child", "not_offered")),
        ({"account": "x", "child": "yes\n"}, Problem("child", "not_offered")),
    ],
)
def test_each_problem_names_its_question_and_code(
    answers: dict[str, Answer], problem: Problem
) -> None:
    """The page marks the field; and neither way in lets it pass."""
    assert list(reports.problems(answers, SMALL)) == [problem]
    with pytest.raises(ReportError):
        reports.make(answers, SMALL, "en")


def test_all_problems_are_told_at_once_in_the_order_of_the_questions() -> None:
    """Nobody corrects a form five times."""
    wrong: dict[str, Answer] = {"urgency": "x", "agency": ("x",), "place": "\x00" + "x" * 300}
    found = [(p.question, p.code) for p in reports.problems(wrong, SMALL)]
    assert found == [
        ("account", "required"),
        ("place", "too_long"),
        ("place", "not_text"),
        ("agency", "not_offered"),
        ("urgency", "not_offered"),
    ]


def test_the_longest_answers_are_taken() -> None:
    """A limit includes itself, in letters, not bytes."""
    answers: dict[str, Answer] = {"account": "😀" * limits.ACCOUNT_CHARACTERS, "place": "é" * 300}
    assert not list(reports.problems(answers, SMALL))


@pytest.mark.parametrize(
    "text", ["a\tb\r\nc", "a\u2028b", "שלום", "ተማሪ", "👩🏽‍👧", "e\u0301", "\u202eabc"]
)
def test_any_writing_is_text(text: str) -> None:
    """In any language, as it was typed: nothing is normalized or trimmed."""
    made = reports.make({"account": text}, SMALL, "en")
    assert reports.parse(reports.encode(made), SMALL).answers["account"] == text


HOSTILE = {
    "nothing": b"",
    "bad UTF-8": PLAIN.replace(b"took", b"\xff"),
    "surrogate in UTF-8": PLAIN.replace(b"took", b"\xed\xa0\x80"),
    "lone surrogate": PLAIN.replace(b"took", b"\\ud800"),
    "escaped NUL": PLAIN.replace(b"took", b"\\u0000"),
    "raw NUL": PLAIN.replace(b"took", b"\x00"),
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"answers":' * DEEP,
    "deep answer": PLAIN.replace(b'"They took her."', b"[" * DEEP),
    "key twice": PLAIN.replace(b'"language"', b'"language":"es","language"'),
    "answer twice": PLAIN.replace(b'"account"', b'"account":"x","account"'),
    "unknown key": spoiled(zeal=1),
    "huge integer": PLAIN.replace(b'"They took her."', b"9" * 5000),
    "answers are a list": spoiled(answers=[]),
    "answers are null": spoiled(answers=None),
    "no answers": spoiled(answers={}),
    "number answered": answered(place=1),
    "list in a list": answered(agency=[["border"]]),
    "object answered": answered(place={"x": "y"}),
    "null answered": answered(place=None),
    "empty answer": answered(place=""),
    "empty list": answered(agency=[]),
    "unknown question": answered(shoe="42"),
    "question by prototype": answered(__proto__="x"),
    "not offered": answered(region="mars"),
    "list for one choice": answered(region=["yes"]),
    "one for a list": answered(agency="border"),
    "21 choices": answered(agency=["border"] * 21),
    "list for the account": spoiled(answers={"account": ["x"]}),
    "no digest": spoiled(digest=""),
    "digest in capitals": spoiled(digest="AB" * 32),
    "digest too long": spoiled(digest="a" * 65),
    "digest with a line end": spoiled(digest="a" * 64 + "\n"),
    "digest in other digits": spoiled(digest="\u0660" * 64),
    "no version": spoiled(version=""),
    "version for a terminal": spoiled(version="1\x1b[2J"),
    "version with a line end": spoiled(version="1\n"),
    "version too long": spoiled(version="1" * 33),
    "version in other letters": spoiled(version="é"),
    "other programme": spoiled(programme="large"),
    "other language": spoiled(language="xx"),
    "space behind": PLAIN + b" ",
    "line end behind": PLAIN + b"\n",
    "second report": PLAIN + PLAIN,
    "space within": PLAIN.replace(b":", b": ", 1),
    "another order": json.dumps(dict(reversed(json.loads(PLAIN).items()))).encode(),
    "needless escape": PLAIN.replace(b"took", b"\\u0074ook"),
    "byte order mark": b"\xef\xbb\xbf" + PLAIN,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_parse_refuses_what_the_form_cannot_send(data: bytes) -> None:
    """The hidden field comes back from a stranger's machine."""
    with pytest.raises(ReportError):
        reports.parse(data, SMALL)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Only the one error of a report."""
    with pytest.raises(ReportError):
        reports.parse(data, SMALL)


@pytest.mark.parametrize(
    "data",
    [
        spoiled(**{CANARY: 1}),
        spoiled(programme=CANARY),
        spoiled(digest=CANARY),
        spoiled(version=f"{CANARY} {CANARY}"),
        spoiled(language=CANARY),
        spoiled(answers=CANARY),
        answered(**{CANARY: "x"}),
        answered(region=CANARY),
        answered(agency=[CANARY, 1]),
        answered(place=f"{CANARY}\x00"),
        PLAIN.replace(b"took", CANARY.encode() + b"\xff"),
        PLAIN.replace(b"took", CANARY.encode() + b"\\ud800"),
        PLAIN.replace(b"took", CANARY.encode()) + b" ",
        CANARY.encode(),
    ],
)
def test_no_refusal_quotes_what_was_sent(data: bytes) -> None:
    """Neither the error, nor its cause, nor its traceback."""
    assert_silent(lambda: reports.parse(data, SMALL), ReportError)


@pytest.mark.parametrize(
    "answers",
    [
        {"account": f"{CANARY}\x00"},
        {"account": "x", CANARY: CANARY},
        {"account": f"{CANARY}\ud800"},
    ],
)
def test_no_refusal_quotes_what_was_typed(answers: dict[str, Answer]) -> None:
    """The same on the way from the form."""
    assert_silent(lambda: reports.make(answers, SMALL, "en"), ReportError)


def test_at_most_twenty_agencies_are_chosen() -> None:
    """A programme may list more; nobody means them all, and a report stays small."""
    terms = tuple(Term(f"a{i}", {"en": "x", "es": "x"}) for i in range(21))
    many = msgspec.structs.replace(SMALL, vocabularies={**SMALL.vocabularies, "agency": terms})
    names = tuple(term.id for term in terms)
    assert reports.make({"account": "x", "agency": names[:20]}, many, "en")
    with pytest.raises(ReportError):
        reports.make({"account": "x", "agency": names}, many, "en")


def test_a_report_of_another_version_is_taken_if_its_answers_fit() -> None:
    """The programme changed while she wrote: her words are not lost."""
    assert reports.parse(spoiled(version="0", digest="0" * 64), SMALL).version == "0"


def test_a_report_hides_its_words_and_is_not_pickled() -> None:
    """Tracebacks and caches never hold them."""
    made = reports.make({"account": CANARY}, SMALL, "en")
    assert CANARY not in repr(made)
    assert CANARY not in f"{[made]}"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(made)


@pytest.mark.parametrize("text", ["", "ask at the bakery", "é" * 300, "a\tb"])
def test_a_line_fits(text: str) -> None:
    """A contact may be empty and in any language."""
    assert reports.fits_line(text)


@pytest.mark.parametrize("text", ["x" * 301, "a\nb", "a\rb", "a\n", "\x00", "\ud800", "\x1b[2J"])
def test_what_is_no_line_does_not_fit(text: str) -> None:
    """Longer, broken, or with controls that a terminal would obey."""
    assert not reports.fits_line(text)


def test_a_report_to_the_programme_we_ship_comes_back() -> None:
    """Each of its terms can be answered."""
    programme = default()
    for facet in FACETS:
        for term in (*programme.terms(facet), *ESCAPES):
            one: Any = (term,) if facet == "agency" else term
            made = reports.make({"account": "x", facet: one}, programme, "es")
            assert reports.parse(reports.encode(made), programme) == made
    every = reports.make({"account": "x", "agency": programme.terms("agency")}, programme, "en")
    assert len(every.answers["agency"]) <= BY_NAME["agency"].limit
