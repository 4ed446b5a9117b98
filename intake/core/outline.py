"""What a browser is told of a programme: enough to see what is wrong and where a report may go.

Rules: the same for everybody; labels stand in the pages, here are ids only. The types are
`intake/browser/core/programme.ts`.
"""

from collections.abc import Iterable
from datetime import date

from intake.core.programme import Programme
from intake.core.questions import GROUPS, NOTICES, REPORT, Group, Question
from intake.core.report import offered


def outline(programme: Programme, language: str, open_today: Iterable[str]) -> dict[str, object]:
    """Return the outline in a language; `open_today` names the offices that take reports."""
    taking = frozenset(open_today)
    return {
        "programme": programme.id,
        "version": programme.version,
        "digest": programme.digest,
        "language": language,
        "fallback": programme.fallback,
        "offices": [
            {
                "id": office.id,
                "name": office.name[language],
                "reader": office.reader,
                "agency": office.agency,
                "department": office.department,
                "open": office.id in taking,
                "needs": office.needs,
            }
            for office in programme.offices
        ],
        "routes": [{"office": rule.office, "match": rule.match} for rule in programme.routes],
        "departments": {
            term.id: term.department for term in programme.vocabularies["agency"] if term.department
        },
        "asked_from_age": programme.asked_from_age,
        "groups": [_group(group, programme) for group in (REPORT, *GROUPS)],
        "notices": tuple(NOTICES),
    }


def open_on(programme: Programme, today: date) -> tuple[str, ...]:
    """Return the offices whose own dates let them take reports on a day."""
    return tuple(office.id for office in programme.offices if office.is_open(today))


def _group(group: Group, programme: Programme) -> dict[str, object]:
    return {
        "name": group.name,
        "questions": [_question(question, programme) for question in group.questions],
        "people": [_question(question, programme) for question in group.people],
        "per_office": [_question(question, programme) for question in group.per_office],
        "reroutes": group.reroutes,
        "private": group.private,
        "keeper": group.keeper,
        "files": group.files,
    }


def _question(question: Question, programme: Programme) -> dict[str, object]:
    return {
        "name": question.name,
        "kind": question.kind.value,
        "limit": question.limit,
        "required": question.required,
        "terms": _terms(question, programme) if question.is_choice else (),
    }


def _terms(question: Question, programme: Programme) -> tuple[str, ...]:
    # A programme made for a test may lack a vocabulary that no route of it needs.
    if question.in_programme and question.name not in programme.vocabularies:
        return ()
    return offered(question, programme)
