"""What a page is told about its programme: the data that routing and problems are computed from."""

from datetime import date

from intake.core.programme import Programme
from intake.core.questions import GROUPS, REPORT, Group, Question
from intake.core.report import offered


def data(programme: Programme, today: date, language: str = "en") -> dict[str, object]:
    """Return the programme as JSON, without keys and words."""
    return {
        "programme": programme.id,
        "version": programme.version,
        "digest": programme.digest,
        "language": language,
        "fallback": programme.fallback,
        "offices": [
            {
                "id": office.id,
                "reader": office.reader,
                "agency": office.agency,
                "department": office.department,
                "open": office.is_open(today),
            }
            for office in programme.offices
        ],
        "keys": {},
        "routes": [
            {"office": rule.office, "match": {name: list(rule.match[name]) for name in rule.match}}
            for rule in programme.routes
        ],
        "departments": {
            term.id: term.department for term in programme.vocabularies["agency"] if term.department
        },
        "asked_from_age": programme.asked_from_age,
        "groups": [_group(group, programme) for group in (REPORT, *GROUPS)],
        "words": "",
    }


def _group(group: Group, programme: Programme) -> dict[str, object]:
    return {
        "name": group.name,
        "questions": [_question(question, programme) for question in group.questions],
        "people": [_question(question, programme) for question in group.people],
        "per_office": [_question(question, programme) for question in group.per_office],
        "reroutes": group.reroutes,
        "private": group.private,
    }


def _question(question: Question, programme: Programme) -> dict[str, object]:
    return {
        "name": question.name,
        "kind": question.kind.value,
        "limit": question.limit,
        "required": question.required,
        "terms": list(_terms(question, programme)) if question.is_choice else [],
    }


def _terms(question: Question, programme: Programme) -> tuple[str, ...]:
    # A set of vectors holds only the vocabularies that its routes need.
    if question.in_programme and question.name not in programme.vocabularies:
        return ()
    return offered(question, programme)
