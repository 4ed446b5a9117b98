"""An opened entry laid out for reading: labels, answers, and what a reader must know of them.

Rules: pure, and without markup; texts are as they were written, so whoever shows them makes them
harmless; what is left open is "not asked", never "no".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.programme import Programme
from intake.core.questions import (
    BY_NAME,
    ESCAPES,
    GROUPS_BY_NAME,
    NOTICES,
    SHORT,
    Question,
)
from intake.core.report import Answer, as_terms
from intake.core.work import STATUSES, WorkBody

LANGUAGE = "en"
"""The language of investigators' programs; a programme without it is shown in its first."""


@dataclass(frozen=True, repr=False)
class Line:
    """A question with its answer; no `texts` where it was not asked. `clock`: a date counts."""

    label: str
    texts: tuple[str, ...]
    clock: bool = False


@dataclass(frozen=True, repr=False)
class Part:
    """Lines that belong together, of one person where it has a title, and what was not asked."""

    title: str
    lines: tuple[Line, ...]
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Reading:
    """What stands over an entry, what its reader must know first, and what it says.

    `asks` are the labels of what a reply asks for.
    """

    title: str
    notices: tuple[str, ...]
    parts: tuple[Part, ...]
    asks: tuple[str, ...] = ()


def read(entry: Entry, programme: Programme) -> Reading:
    """Return an entry laid out for reading."""
    body = entry.body
    if isinstance(body, ReportBody):
        return _report(body, programme)
    if isinstance(body, AdditionBody):
        return _addition(body, programme)
    if isinstance(body, MessageBody):
        asks = tuple(_group_label(name) for name in body.asks)
        return Reading("", (), (Part("", (Line("", (body.text,)),)),), asks)
    if isinstance(body, WorkBody):
        return _work(body)
    said = "What a witness sealed to herself, to see later whether keys were exchanged"
    return Reading(said, (), ())


def office_name(name: str, programme: Programme) -> str:
    """Return an office's name, or its id where the programme has none such."""
    for office in programme.offices:
        if office.id == name:
            return office.name.get(LANGUAGE) or next(iter(office.name.values()))
    return name


def _report(body: ReportBody, programme: Programme) -> Reading:
    notices = _circumstances(body, programme)
    if not body.reply_to:
        notices.append("There is no way back to this person: none was wanted")
    asked = {question.name for question in SHORT} | body.answers.keys()
    lines = [
        _line(question, body.answers.get(name), programme)
        for name, question in BY_NAME.items()
        if name in asked
    ]
    lines += _strange(body.answers, BY_NAME)
    if body.contact:
        lines.append(Line("How this office alone may reach the person", (body.contact,)))
    return Reading("", tuple(notices), (Part("", tuple(lines)),))


def _addition(body: AdditionBody, programme: Programme) -> Reading:
    group = GROUPS_BY_NAME.get(body.group)
    notices = _circumstances(body, programme)
    if body.keeper:
        notices.append(
            "Your office can give this person new words if she loses hers: intake reissue"
        )
    if body.refer:
        offices = ", ".join(office_name(name, programme) for name in body.refer)
        notices.append(f"The person wants what you hold passed on to: {offices}")
    if group and group.per_office:
        notices.append("The person answered this for this office alone; “it” is this office")
    questions = (*group.questions, *group.per_office) if group else ()
    parts = [_part("", questions, body.answers, programme)]
    for number, person in enumerate(body.people, 1):
        title = f"Person {number} of {len(body.people)}"
        parts.append(_part(title, group.people if group else (), person, programme))
    return Reading(f"Added: {_group_label(body.group)}", tuple(notices), tuple(parts))


def _work(body: WorkBody) -> Reading:
    lines = [
        Line(name.capitalize(), (STATUSES.get(value, value) if name == "status" else value,))
        for name, value in body.sets.items()
    ]
    lines += [
        Line("Tag added" if is_there else "Tag taken away", (tag,))
        for tag, is_there in body.tags.items()
    ]
    if body.text:
        lines.append(Line("", (body.text,)))
    return Reading(f"Note of the office, by {body.who}", (), (Part("", tuple(lines)),))


def _part(
    title: str, questions: Sequence[Question], answers: Mapping[str, Answer], programme: Programme
) -> Part:
    """Return what was answered; the rest by its labels alone."""
    lines = [
        _line(question, answers[question.name], programme)
        for question in questions
        if question.name in answers
    ]
    unasked = tuple(question.label for question in questions if question.name not in answers)
    lines += _strange(answers, {question.name for question in questions})
    return Part(title, tuple(lines), unasked)


def _circumstances(body: ReportBody | AdditionBody, programme: Programme) -> list[str]:
    notices = []
    if body.unscripted:
        notices.append("Sealed by the server, in memory: the page was used without JavaScript")
    if body.digest != programme.digest:
        said = f"Answered under version {body.version} of the programme, shown with another"
        notices.append(said)
    return notices


def _line(question: Question, answer: Answer | None, programme: Programme) -> Line:
    clock = question.clock and bool(answer)
    if answer is None:
        return Line(question.label, (), clock)
    if isinstance(answer, str) and not question.is_choice:
        return Line(question.label, (answer,), clock)
    terms = tuple(_term(question, term, programme) for term in as_terms(answer))
    return Line(question.label, terms, clock)


def _strange(
    answers: Mapping[str, Answer], known: Mapping[str, Question] | set[str]
) -> Iterator[Line]:
    """Yield answers to questions that this version does not know."""
    for name in sorted(answers.keys() - set(known)):
        yield Line(name, tuple(as_terms(answers[name])))


def _group_label(name: str) -> str:
    group = GROUPS_BY_NAME.get(name)
    return group.label if group else NOTICES.get(name, name)


def _term(question: Question, term: str, programme: Programme) -> str:
    known = {**ESCAPES, **dict(question.terms)}
    if term in known:
        return known[term]
    language = LANGUAGE if LANGUAGE in programme.languages else programme.languages[0]
    return programme.label(question.name, term, language)
