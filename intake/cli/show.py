"""What the command line prints: nothing that could steer a terminal."""

import unicodedata
from collections.abc import Iterator

from intake.core.entry import Entry, MessageBody, ReportBody
from intake.core.programme import Programme
from intake.core.questions import BY_NAME, ESCAPES
from intake.core.report import as_terms

LANGUAGE = "en"
"""The language of the command line; a programme without it shows its first."""

_CONTROL = ("Cc", "Cf", "Cs", "Co")
_BIDI_MARKS = "\u200c\u200d\u200e\u200f"
"""Joiners and marks that scripts need, and that cannot reorder what follows."""


def printable(text: str) -> str:
    """Return text without control characters: a report or a server may hold escape codes."""
    return "".join(c if _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def entry_lines(entry: Entry, programme: Programme) -> Iterator[str]:
    """Yield an opened entry as a person reads it, line by line."""
    yield f"Case {entry.case}, {entry.kind} {entry.id}"
    yield f"Written {entry.date}, for {_office(entry.office, programme)}"
    if isinstance(entry.body, ReportBody):
        yield from _report(entry.body, programme)
    else:
        yield from _message(entry.body)


def _report(body: ReportBody, programme: Programme) -> Iterator[str]:
    if body.unscripted:
        yield "Sealed by the server, in memory: the page was used without JavaScript"
    if body.digest != programme.digest:
        version = printable(body.version)
        yield f"Answered under version {version} of the programme, shown with another"
    for name, question in BY_NAME.items():
        yield ""
        yield question.label
        if name not in body.answers:
            yield "  (not asked)"
        elif question.is_choice:
            for term in as_terms(body.answers[name]):
                yield f"  {_term(name, term, programme)}"
        else:
            yield from _text(str(body.answers[name]))
    if body.contact:
        yield ""
        yield "How this office alone may reach the person"
        yield from _text(body.contact)


def _message(body: MessageBody) -> Iterator[str]:
    yield ""
    yield from _text(body.text)


def _text(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"  {printable(line)}"


def _office(name: str, programme: Programme) -> str:
    for office in programme.offices:
        if office.id == name:
            return printable(office.name.get(LANGUAGE) or next(iter(office.name.values())))
    return printable(name)


def _term(facet: str, term: str, programme: Programme) -> str:
    if term in ESCAPES:
        return ESCAPES[term]
    language = LANGUAGE if LANGUAGE in programme.languages else programme.languages[0]
    return printable(programme.label(facet, term, language))


def _is_harmless(character: str) -> bool:
    if character in "\n\t" or character in _BIDI_MARKS:
        return True
    return unicodedata.category(character) not in _CONTROL
