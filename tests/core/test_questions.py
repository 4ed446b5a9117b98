"""The questions: one list, short, with a way out of every choice."""

from intake.core import limits, questions
from intake.core.questions import (
    BY_NAME,
    ESCAPES,
    FACETS,
    GROUPS,
    GROUPS_BY_NAME,
    NOTICES,
    REPORT,
    SHORT,
    WITHOUT,
    Kind,
)
from intake.core.report import Report
from intake.paths import shipped


def test_only_what_happened_is_required() -> None:
    """Everything else may stay unanswered."""
    assert [question.name for question in SHORT if question.required] == ["account"]


def test_every_name_is_asked_once() -> None:
    """Names are keys of the answers: on each page once, with one kind and one vocabulary."""
    for group in (REPORT, *GROUPS):
        for asked in (group.questions, group.people, group.per_office):
            assert len({question.name for question in asked}) == len(asked)
            for question in asked:
                known = BY_NAME[question.name]
                assert (known.kind, known.terms) == (question.kind, question.terms)
    assert all(BY_NAME[question.name] is question for question in SHORT)


def test_facets_are_the_choices_and_nothing_else() -> None:
    """Routes never look at a person's words."""
    chosen = [q.name for q in SHORT if q.kind in (Kind.CHOICE, Kind.CHOICES)]
    assert list(FACETS) == chosen
    assert set(FACETS) == {"region", "time", "agency", "child", "custody", "urgency"}


def test_every_question_has_a_limit_that_its_kind_explains() -> None:
    """Texts count letters, a choice counts one."""
    expected = {
        Kind.TEXT: limits.ACCOUNT_CHARACTERS,
        Kind.LINE: limits.LINE_CHARACTERS,
        Kind.CHOICE: 1,
        Kind.CHOICES: limits.CHOICES,
    }
    for question in BY_NAME.values():
        assert question.limit == expected[question.kind]
        assert len(question.terms) + len(ESCAPES) <= limits.CHOICES


def test_three_ways_out_stand_beside_every_question() -> None:
    """Not knowing and not saying are answers, neither is a no; not describing is kept nowhere."""
    assert list(ESCAPES) == [questions.UNKNOWN, questions.DECLINED]
    assert list(WITHOUT) == [*ESCAPES, questions.UNDESCRIBED]
    taken = {term for question in BY_NAME.values() for term, _ in question.terms}
    assert not taken & set(WITHOUT)


def test_every_label_is_asked_in_words() -> None:
    """A label is a question a person can answer; labels go through the catalogs."""
    for question in SHORT:
        assert question.label.endswith("?")
        assert question.hint == "" or question.hint.endswith(".")


def test_every_text_stands_in_the_spanish_catalog() -> None:
    """A new question without its Spanish would show English to somebody in distress."""
    catalog = (shipped("locale") / "es" / "LC_MESSAGES" / "intake.po").read_text(encoding="utf-8")
    joined = catalog.replace('"\n"', "")
    texts = [*WITHOUT.values(), *NOTICES.values(), *(t for g in GROUPS for t in (g.label, g.lead))]
    for question in BY_NAME.values():
        texts += [question.label, *(label for _, label in question.terms)]
        texts += [question.hint] if question.hint else []
    assert [text for text in texts if f'msgid "{text}"' not in joined] == []


def test_notices_are_no_groups() -> None:
    """One name means one thing, wherever it stands in an entry."""
    assert not set(NOTICES) & set(GROUPS_BY_NAME)


def test_answers_are_a_field_of_the_report() -> None:
    """The list feeds the report: no question is a field of its own."""
    assert not set(BY_NAME) & set(Report.__struct_fields__)
