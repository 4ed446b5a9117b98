"""A report: the answers to the questions, plain, as the form, the page and the entry hold it.

The wire form is canonical JSON. `parse` is the only way in, whoever sent it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from intake.core import canonical, limits
from intake.core.programme import VERSION, Programme
from intake.core.questions import BY_NAME, ESCAPES, FACETS, SHORT, Kind, Question
from intake.errors import ReportError

Answer = str | tuple[str, ...]
"""A text, a single choice, or several choices."""


_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of surrogate pairs."""


_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer: `required`, `too_long`, `not_offered` or `not_text`."""

    question: str
    code: str
    limit: int = 0


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers with the programme they were given to. `repr` hides them."""

    answers: dict[str, Answer]
    digest: str
    language: str
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


def as_terms(answer: Answer) -> tuple[str, ...]:
    """Return a choice or several as a tuple."""
    return (answer,) if isinstance(answer, str) else answer


def make(answers: Mapping[str, Answer], programme: Programme, language: str) -> Report:
    """Return the report of these answers, empty ones left out; raises ReportError."""
    kept = {name: answer for name, answer in answers.items() if answer}
    report = Report(kept, programme.digest, language, programme.id, programme.version)
    _refuse(report, programme)
    return report


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


def problems(answers: Mapping[str, Answer], programme: Programme) -> Iterator[Problem]:
    """Yield everything that is wrong with the answers, in the order of the questions."""
    for question in SHORT:
        answer = answers.get(question.name, "")
        if answer and question.is_choice:
            yield from _choice(question, answer, programme)
        elif answer and isinstance(answer, str):
            yield from _text(question, answer)
        elif answer:
            yield Problem(question.name, "not_text")
        if question.required and not (isinstance(answer, str) and answer.strip()):
            yield Problem(question.name, "required")


def _refuse(report: Report, programme: Programme) -> None:
    if not _DIGEST.fullmatch(report.digest) or not VERSION.fullmatch(report.version):
        raise ReportError("the report names no version of a programme, fill in the form again")
    wrong = list(problems(report.answers, programme))
    if wrong or not set(report.answers) <= set(BY_NAME) or not all(report.answers.values()):
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
    offered = (*programme.terms(question.name), *ESCAPES)
    fits = set(chosen) <= set(offered) and len(set(chosen)) == len(chosen) <= question.limit
    if not fits or (question.kind is Kind.CHOICE) != isinstance(answer, str):
        yield Problem(question.name, "not_offered")


def fits_line(text: str) -> bool:
    """Whether a text is one line of an answer, within its limit."""
    return len(text) <= limits.LINE_CHARACTERS and _is_text(text) and not set(text) & set("\r\n")
