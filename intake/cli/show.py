"""What the command line prints: nothing that could steer a terminal."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

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
"""The language of the command line; a programme without it shows its first."""

_CONTROL = ("Cc", "Cf", "Cs", "Co")
_BIDI_MARKS = "\u200c\u200d\u200e\u200f"
"""Joiners and marks that scripts need, and that cannot reorder what follows."""


def printable(text: str) -> str:
    """Return text without control characters: a report or a server may hold escape codes."""
    return "".join(c if _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def inline(text: str) -> str:
    """Return text for one line: a line end in a name could begin an entry of its own."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def entry_lines(entry: Entry, programme: Programme) -> Iterator[str]:
    """Yield an opened entry as a person reads it, line by line."""
    yield f"Case {entry.case}, {entry.kind} {entry.id}"
    yield f"Written {entry.date}, for {_office(entry.office, programme)}"
    if isinstance(entry.body, ReportBody):
        yield from _report(entry.body, programme)
    elif isinstance(entry.body, AdditionBody):
        yield from _addition(entry.body, programme)
    elif isinstance(entry.body, MessageBody):
        yield from _message(entry.body)
    elif isinstance(entry.body, WorkBody):
        yield from _work(entry.body)
    else:
        yield "What a witness sealed to herself, to see later whether keys were exchanged"


def _report(body: ReportBody, programme: Programme) -> Iterator[str]:
    yield from _circumstances(body, programme)
    if not body.reply_to:
        yield "There is no way back to this person: none was wanted"
    asked = {question.name for question in SHORT} | body.answers.keys()
    for name, question in BY_NAME.items():
        if name in asked:
            yield from _answer(question, body.answers.get(name), programme)
    for name in sorted(body.answers.keys() - BY_NAME.keys()):
        yield from _strange(name, body.answers[name])
    if body.contact:
        yield ""
        yield "How this office alone may reach the person"
        yield from _text(body.contact)


def _addition(body: AdditionBody, programme: Programme) -> Iterator[str]:
    group = GROUPS_BY_NAME.get(body.group)
    label = group.label if group else NOTICES.get(body.group, body.group)
    yield f"Added: {inline(label)}"
    yield from _circumstances(body, programme)
    if body.keeper:
        yield "Your office can give this person new words if she loses hers: intake reissue"
    if body.refer:
        offices = ", ".join(_office(name, programme) for name in body.refer)
        yield f"The person wants what you hold passed on to: {offices}"
    questions = (*group.questions, *group.per_office) if group else ()
    if group and group.per_office:
        yield "The person answered this for this office alone; “it” is this office"
    yield from _answers(questions, body.answers, programme)
    for name in sorted(body.answers.keys() - {question.name for question in questions}):
        yield from _strange(name, body.answers[name])
    for number, person in enumerate(body.people, 1):
        yield ""
        yield f"--- Person {number} of {len(body.people)} ---"
        asked = group.people if group else ()
        yield from _answers(asked, person, programme)
        for name in sorted(person.keys() - {question.name for question in asked}):
            yield from _strange(name, person[name])


def _answers(
    questions: Sequence[Question], answers: Mapping[str, Answer], programme: Programme
) -> Iterator[str]:
    """Yield what was answered, and in one line what was not asked."""
    for question in questions:
        if question.name in answers:
            yield from _answer(question, answers[question.name], programme)
    left = [question.label for question in questions if question.name not in answers]
    if left:
        yield ""
        yield f"Not asked: {'; '.join(left)}"


def _circumstances(body: ReportBody | AdditionBody, programme: Programme) -> Iterator[str]:
    if body.unscripted:
        yield "Sealed by the server, in memory: the page was used without JavaScript"
    if body.digest != programme.digest:
        version = inline(body.version)
        yield f"Answered under version {version} of the programme, shown with another"


def _answer(question: Question, answer: Answer | None, programme: Programme) -> Iterator[str]:
    """Yield a question and its answer; a date after which it is too late is marked."""
    yield ""
    yield f"{'! ' if question.clock and answer else ''}{question.label}"
    if answer is None:
        yield "  (not asked)"
    elif isinstance(answer, str) and not question.is_choice:
        yield from _text(answer)
    else:
        for term in as_terms(answer):
            yield f"  {_term(question, term, programme)}"


def _strange(name: str, answer: Answer) -> Iterator[str]:
    """Yield an answer to a question that this version does not know."""
    yield ""
    yield inline(name)
    for text in as_terms(answer):
        yield from _text(text)


def _message(body: MessageBody) -> Iterator[str]:
    yield ""
    yield from _text(body.text)
    for name in body.asks:
        group = GROUPS_BY_NAME.get(name)
        yield f"Asks for: {inline(group.label if group else name)}"


def _work(body: WorkBody) -> Iterator[str]:
    yield f"Note of the office, by {inline(body.who)}"
    for name, value in body.sets.items():
        yield f"  {name}: {inline(STATUSES.get(value, value) if name == 'status' else value)}"
    for tag, is_there in body.tags.items():
        yield f"  tag {'added' if is_there else 'taken away'}: {inline(tag)}"
    yield from _text(body.text)


def _text(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"  {printable(line)}"


def _office(name: str, programme: Programme) -> str:
    for office in programme.offices:
        if office.id == name:
            return inline(office.name.get(LANGUAGE) or next(iter(office.name.values())))
    return inline(name)


def _term(question: Question, term: str, programme: Programme) -> str:
    known = {**ESCAPES, **dict(question.terms)}
    if term in known:
        return known[term]
    language = LANGUAGE if LANGUAGE in programme.languages else programme.languages[0]
    return inline(programme.label(question.name, term, language))


def _is_harmless(character: str) -> bool:
    if character in "\n\t" or character in _BIDI_MARKS:
        return True
    return unicodedata.category(character) not in _CONTROL
