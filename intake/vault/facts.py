"""What lists and searches need of an opened entry. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intake.core.clocks import day_in
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.evidence import Evidence
from intake.core.questions import BY_NAME, ESCAPES, GROUPS_BY_NAME, NOTICES
from intake.core.report import Answer, as_terms
from intake.core.work import WorkBody

TITLE = 120
"""Characters of a title: one line of a list."""
_NOT_URGENT = {"none", *ESCAPES}


@dataclass(frozen=True)
class Facts:
    """Of one entry. `limit_on` is the earliest day that it names as too late.

    `limit_text` says that such an answer names no day, so a person must read it herself.
    `answerable`: a report with a way back.
    """

    title: str
    language: str
    urgent: bool
    child: bool
    custody: bool
    notice: str
    limit_on: date | None
    limit_text: bool
    answerable: bool

    def __repr__(self) -> str:
        """Hide the words."""
        return "Facts(withheld)"


def facts(entry: Entry) -> Facts:
    """Return the facts of an entry."""
    answers = list(_answers(entry))
    # An escape ("I don't know") is a tuple, and names no day.
    said = [answer for name, answer in answers if _is_clock(name) and isinstance(answer, str)]
    days = [day for day in map(day_in, said) if day]
    terms = {(name, term) for name, answer in answers for term in as_terms(answer)}
    body = entry.body
    notice = body.group if isinstance(body, AdditionBody) and body.group in NOTICES else ""
    return Facts(
        title=_title(answers) if _is_public(body) else "",
        language=body.language if isinstance(body, ReportBody | AdditionBody) else "",
        urgent=any(name == "urgency" and term not in _NOT_URGENT for name, term in terms),
        child=bool(terms & {("child", "yes"), ("needs", "child")}),
        custody=bool(terms & {("custody", "yes"), ("held", "yes")}),
        notice=notice,
        limit_on=min(days, default=None),
        limit_text=len(days) < len(said),
        answerable=isinstance(body, ReportBody) and bool(body.reply_to),
    )


def words(entry: Entry) -> str:
    """Return everything that a person wrote in an entry, for the index."""
    body = entry.body
    if isinstance(body, MessageBody | WorkBody):
        return body.text
    parts = [
        answer
        for name, answer in _answers(entry)
        if isinstance(answer, str) and not _is_choice(name)
    ]
    if isinstance(body, ReportBody):
        parts.append(body.contact)
    parts += [file.name for file in files(entry)]
    return "\n".join(part for part in parts if part)


def files(entry: Entry) -> tuple[Evidence, ...]:
    """Return the files that an entry names."""
    return entry.body.evidence if isinstance(entry.body, ReportBody | AdditionBody) else ()


def _answers(entry: Entry) -> Iterator[tuple[str, Answer]]:
    body = entry.body
    if isinstance(body, ReportBody | AdditionBody):
        yield from body.answers.items()
    if isinstance(body, AdditionBody):
        for person in body.people:
            yield from person.items()


def _title(answers: list[tuple[str, Answer]]) -> str:
    """Return the first line that somebody wrote."""
    for name, answer in answers:
        if isinstance(answer, str) and not _is_choice(name) and answer.strip():
            return _cut(answer.strip().splitlines()[0])
    return ""


def _cut(line: str) -> str:
    """Return a line that fits, cut between words where it has some."""
    if len(line) <= TITLE:
        return line
    head, space, _ = line[:TITLE].rpartition(" ")
    return f"{head if space else line[: TITLE - 1]}…"


def _is_public(body: object) -> bool:
    """Whether a line of it may stand in a list: no name, and no way to reach somebody."""
    group = GROUPS_BY_NAME.get(body.group) if isinstance(body, AdditionBody) else None
    return isinstance(body, ReportBody) or bool(group and not group.private)


def _is_choice(name: str) -> bool:
    question = BY_NAME.get(name)
    return question is not None and question.is_choice


def _is_clock(name: str) -> bool:
    question = BY_NAME.get(name)
    return question is not None and question.clock
