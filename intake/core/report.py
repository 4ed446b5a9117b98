"""A report: the answers to the questions, plain, as the form, the page and the entry hold it.

An addition is a report of another group. The wire form is canonical JSON. `parse` is the only
way in, whoever sent it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

from intake.core import canonical, limits
from intake.core.evidence import Evidence, check
from intake.core.programme import VERSION, Programme
from intake.core.questions import (
    ESCAPES,
    FACETS,
    GROUPS_BY_NAME,
    REPORT,
    Group,
    Kind,
    Question,
)
from intake.errors import EvidenceError, ReportError

Answer = str | tuple[str, ...]
"""A text, a single choice, several choices; to a text also one of the escapes, as a tuple."""

Answers = Mapping[str, Answer]


_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of surrogate pairs."""


_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer; `person` counts from 0, -1 is none; `office` is whose own.

    A problem of the whole page has no question. Codes: `required`, `too_long`, `not_offered`,
    `not_text`; `not_yours`: only somebody else can say yes to this; `too_many`
    persons; `nothing` was answered at all.
    """

    question: str
    code: str
    limit: int = 0
    person: int = -1
    office: str = ""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers with the programme they were given to. `repr` hides them.

    `group` names the questions asked; `people` holds the answers for each person concerned;
    `evidence` the files sent with them, each also as a copy that tells less, where there is one.
    """

    answers: dict[str, Answer]
    digest: str
    evidence: tuple[Evidence, ...]
    group: str
    language: str
    people: tuple[dict[str, Answer], ...]
    programme: str
    version: str

    def __repr__(self) -> str:
        """Hide the answers: they are a person's words."""
        return f"Report({len(self.answers)} answers withheld)"

    def __reduce__(self) -> str:
        """Refuse to be pickled: plaintext never leaves memory by accident."""
        raise TypeError("a report is never pickled")

    def facets(self) -> dict[str, tuple[str, ...]]:
        """Return what the routes look at; an unanswered facet is absent."""
        return {name: as_terms(self.answers[name]) for name in FACETS if name in self.answers}


canonical.ready(Report)


def as_terms(answer: Answer) -> tuple[str, ...]:
    """Return a choice or several as a tuple."""
    return (answer,) if isinstance(answer, str) else answer


def make(  # noqa: PLR0913, PLR0917 - the parts of a report
    answers: Answers,
    programme: Programme,
    language: str,
    group: str = REPORT.name,
    people: Iterable[Answers] = (),
    evidence: tuple[Evidence, ...] = (),
) -> Report:
    """Return the report of these answers, empty ones left out; raises ReportError."""
    report = Report(
        _kept(answers),
        programme.digest,
        evidence,
        group,
        language,
        tuple(_kept(person) for person in people if _kept(person)),
        programme.id,
        programme.version,
    )
    _refuse(report, programme)
    return report


def _kept(answers: Answers) -> dict[str, Answer]:
    return {name: answer for name, answer in answers.items() if answer}


def encode(report: Report) -> bytes:
    """Return the canonical JSON of a report."""
    return canonical.encode(report)


def parse(data: bytes, programme: Programme) -> Report:
    """Return the report in `data`, checked against the programme; raises ReportError.

    A report begun under another version of the programme is taken if its answers still fit.
    """
    report = canonical.decode(data, Report, ReportError, "the report")
    if report.programme != programme.id or report.language not in programme.languages:
        raise ReportError("the report belongs to another programme, fill in the form again")
    _refuse(report, programme)
    return report


def problems(
    answers: Answers,
    programme: Programme,
    group: Group = REPORT,
    people: Iterable[Answers] = (),
    evidence: Iterable[Evidence] = (),
) -> Iterator[Problem]:
    """Yield everything that is wrong with the answers, in the order of the questions.

    What must be told may also be spoken: then a voice is among the evidence.
    """
    persons = list(people)
    is_spoken = any(file.is_voice for file in evidence)
    for problem in _answers(group.questions, answers, programme):
        if not (is_spoken and problem.code == "required"):
            yield problem
    if len(persons) > limits.PEOPLE:
        yield Problem("", "too_many", limits.PEOPLE)
        return
    for number, person in enumerate(persons):
        wrong = [*_answers(group.people, person, programme), *_consent(person, programme)]
        yield from (replace(problem, person=number) for problem in wrong)


def office_problems(
    office: str, answers: Answers, programme: Programme, group: Group
) -> Iterator[Problem]:
    """Yield what is wrong with the answers meant for one office alone."""
    for problem in _answers(group.per_office, answers, programme):
        yield replace(problem, office=office)


def offered(question: Question, programme: Programme) -> tuple[str, ...]:
    """Return the ids that answer a choice, without what stands beside every question."""
    if question.terms:
        return tuple(term for term, _ in question.terms)
    return programme.terms(question.name)


def _answers(
    questions: Iterable[Question], answers: Answers, programme: Programme
) -> Iterator[Problem]:
    for question in questions:
        answer = answers.get(question.name, "")
        if answer and question.is_choice:
            yield from _choice(question, answer, programme)
        elif answer and isinstance(answer, str):
            yield from _text(question, answer)
        elif answer and (len(answer) != 1 or answer[0] not in ESCAPES):
            yield Problem(question.name, "not_offered")
        if question.required and not (isinstance(answer, str) and answer.strip()):
            yield Problem(question.name, "required")


def _consent(person: Answers, programme: Programme) -> Iterator[Problem]:
    """Yes is asked for the person herself and for small children in her care, for nobody else.

    From the programme's `asked_from_age` on, a child is asked herself; an age that is no number
    is not known to be below.
    """
    agreed = set(as_terms(person.get("agrees", ()))) - {*ESCAPES, "nothing"}
    relation, age = person.get("relation"), person.get("age", "")
    is_small = isinstance(age, str) and _is_below(age, programme.asked_from_age)
    if agreed and relation != "self" and not (relation == "in-my-care" and is_small):
        yield Problem("agrees", "not_yours", programme.asked_from_age)


def _is_below(age: str, limit: int) -> bool:
    """Whether an age is written with numbers, all of them below the limit."""
    numbers = re.findall(r"\d+", age)
    return bool(numbers) and all(len(n) <= len("99") and int(n) < limit for n in numbers)


def _refuse(report: Report, programme: Programme) -> None:
    if not _DIGEST.fullmatch(report.digest) or not VERSION.fullmatch(report.version):
        raise ReportError("the report names no version of a programme, fill in the form again")
    group = GROUPS_BY_NAME.get(report.group)
    if group is None:
        raise ReportError("the report names no group of questions, fill in the form again")
    try:
        check(report.evidence)
    except EvidenceError as error:
        raise ReportError("a file is not described as it must be, choose it again") from error
    wrong = list(problems(report.answers, programme, group, report.people, report.evidence))
    parts = [(report.answers, group.questions), *((p, group.people) for p in report.people)]
    for answers, questions in parts:
        known = {question.name for question in questions}
        if wrong or not answers.keys() <= known or not all(answers.values()):
            raise ReportError("an answer does not fit its question, go back and correct it")


def _text(question: Question, answer: str) -> Iterator[Problem]:
    if len(answer) > question.limit:
        yield Problem(question.name, "too_long", question.limit)
    if not _is_text(answer):
        yield Problem(question.name, "not_text")


def _is_text(answer: str) -> bool:
    """Whether the string can be encoded and holds no control but tab and line ends."""
    return _NOT_TEXT.search(answer) is None


def _choice(question: Question, answer: Answer, programme: Programme) -> Iterator[Problem]:
    chosen = as_terms(answer)
    known = (*offered(question, programme), *ESCAPES)
    fits = set(chosen) <= set(known) and len(set(chosen)) == len(chosen) <= question.limit
    if not fits or (question.kind is Kind.CHOICE) != isinstance(answer, str):
        yield Problem(question.name, "not_offered")


def fits_line(text: str) -> bool:
    """Whether a text is one line of an answer, within its limit."""
    return len(text) <= limits.LINE_CHARACTERS and _is_text(text) and not set(text) & set("\r\n")
