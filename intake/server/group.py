"""The page of one group of questions: asked, filled in, sent as an addition. Without script.

Rules: what was typed comes back with every refusal; persons are added and taken away by buttons
of the form; a page carries a random token, so that nobody with the words can try what was
written by sending it again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import Response
from wtforms import Form

from intake.core import limits, report
from intake.core.evidence import Evidence, Taken
from intake.core.questions import GROUPS_BY_NAME, REPORT, Group
from intake.core.report import Answer, Problem, Report
from intake.core.routing import Proposal
from intake.errors import ConflictError, EntryError, EvidenceError, ReportError
from intake.server import additions, nojs
from intake.server.additions import Draft, Opened
from intake.server.case import number_of, opened_by, show_case
from intake.server.services import services
from intake.server.visit import (
    NOTHING,
    UNFIT,
    Refused,
    Said,
    carry_words,
    files_of,
    kept,
    language_of,
    name_of,
    originals_of,
    page,
    read,
    readable_files,
    reader_of,
    receive,
    refuse_many,
    refuse_switched_off,
    show_files,
)
from intake.web import forms, messages
from intake.web.forms import Part
from intake.web.i18n import Language
from intake.web.typed import Typed

_ASK = ("words", "group")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_TOKEN_BYTES = 16
_CONFLICT = 409
_PEOPLE_READ = limits.PEOPLE + 2


@dataclass(frozen=True, repr=False)
class Filled:
    """A group's page as it was filled in: the answers, and for whom.

    `own` holds what is told to one office alone; `originals` are offices that get each file as it
    is, too; `asked` says that the offices which the answers
    make possible were shown; `spared` that something need not be described.
    """

    group: Group
    number: int
    token: str
    answers: Mapping[str, Answer]
    people: tuple[Mapping[str, Answer], ...]
    own: Mapping[str, Mapping[str, Answer]]
    offices: tuple[str, ...]
    joining: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    files: tuple[Taken, ...] = ()
    asked: bool = False
    spared: bool = False

    def report(self, language: Language) -> Report:
        """Return the answers as a report; raises ReportError."""
        programme = services().programme
        group, told = self.group.name, tuple(self.told)
        return report.make(self.answers, programme, language.code, group, self.people, told)

    @property
    def told(self) -> list[Evidence]:
        """Return the files and their copies."""
        return [file for one in self.files for file in one.files]


def ask(lang: str) -> Response:
    """Show the empty page of one group of questions, for the one office that asked for it."""
    language = language_of(lang)
    sent = receive((*_ASK, "office"))
    refuse_switched_off()
    services().door.refuse_addition()
    opened = opened_by(sent)
    return _group(language, opened, _empty(opened, _group_of(sent), sent.one("office")))


def add(lang: str) -> Response:
    """Take what a group's page holds: one more person, or the addition itself."""
    language = language_of(lang)
    group = _group_of(read())
    sent = receive(_fields(group))
    refuse_switched_off()
    services().door.refuse_addition()
    opened = opened_by(sent)
    filled = _filled(group, opened, sent, files_of(sent))
    refuse_many(filled.files)
    if sent.one("do") != "send":
        return _group(language, opened, filled)
    if sent.all("new"):  # what each tells is shown before it is sent on
        shown = messages.text(language, "files_here")
        return _group(language, opened, filled, said=Said(good=shown))
    wrong = list(_problems(filled))
    if filled.spared and [problem.code for problem in wrong] == ["nothing"]:
        return show_case(language, opened, spared=True)
    if wrong:
        return _group(language, opened, filled, wrong, Said(status=UNFIT))
    return _add(language, opened, filled)


def _group_of(sent: Typed) -> Group:
    group = GROUPS_BY_NAME.get(sent.one("group"))
    if group is None or group is REPORT:
        raise Refused("group", 400)
    return group


def person_part(group: Group, number: int) -> Part:
    """Return the questions about one person, numbered from 0."""
    return Part(group.people, f"person-{number}-")


def own_part(group: Group, office: str) -> Part:
    """Return the questions whose answers one office alone is told."""
    return Part(group.per_office, f"{office}-")


def _fields(group: Group) -> Iterator[str]:
    """Yield the fields of a group's page, with those of two persons too many."""
    yield from (*_ASK, "number", "token", "do", "office", "joining", "asked")
    if group.files:
        yield from ("file", "new", "drop", "original")
    yield from Part(group.questions).names()
    for number in range(_PEOPLE_READ if group.people else 0):
        yield from person_part(group, number).names()
    for office in services().programme.offices:
        yield from own_part(group, office.id).names()


def _people(group: Group, sent: Typed) -> list[dict[str, Answer]]:
    """Return the persons on the page, after one was added or taken away.

    One too many is shown, to be taken away again. A page with more is given back as it was typed:
    each person costs as much as a short form.
    """
    people: list[dict[str, Answer]] = []
    for number in range(_PEOPLE_READ if group.people else 0):
        part = person_part(group, number)
        if not any(name in sent.fields for name in part.names()):
            break
        people.append(forms.answers(sent, services().programme, part))
    if len(people) == _PEOPLE_READ:
        raise Refused("add_too_many", UNFIT)
    action, _, place = sent.one("do").partition("-")
    if action == "more" and len(people) <= limits.PEOPLE:
        people.append({})
    if action == "drop" and place in map(str, range(len(people))):
        del people[int(place)]
    return people


def _filled(group: Group, opened: Opened, sent: Typed, files: tuple[Taken, ...]) -> Filled:
    """Return what a page holds, or give it back where its hidden fields are damaged."""
    programme, holders = services().programme, opened.holders
    if not _TOKEN.fullmatch(sent.one("token")):
        raise Refused("damaged", 400)
    own = {}
    for office in holders if group.per_office else ():
        answers = forms.answers(sent, programme, own_part(group, office))
        if any(answers.values()):
            own[office] = {name: answer for name, answer in answers.items() if answer}
    told = list(own) if group.per_office else sent.all("office")
    offices = [office.id for office in programme.offices]
    return Filled(
        group,
        number_of(sent),
        sent.one("token"),
        forms.answers(sent, programme, Part(group.questions)),
        tuple(_people(group, sent)),
        own,
        tuple(office for office in offices if office in told),
        tuple(office for office in offices if office in sent.all("joining")),
        originals_of(sent),
        files if group.files else (),
        asked=sent.one("asked") == "1",
        spared=forms.is_spared(sent),
    )


def _empty(opened: Opened, group: Group, asked_by: str = "") -> Filled:
    """Return a page to be filled in; what is private is preselected for the fallback alone.

    Where an office asked for it, that office alone is preselected.
    """
    fallback = services().programme.fallback
    told = [office for office in opened.holders if not group.private or office == fallback]
    told = [asked_by] if asked_by in opened.holders else told
    told = [] if group.keeper else told
    people: tuple[Mapping[str, Answer], ...] = ({},) if group.people else ()
    token = nojs.as_text(services().random(_TOKEN_BYTES))
    as_made = tuple(office for office in told if office == fallback)
    number = opened.numbers[group.name]
    return Filled(group, number, token, {}, people, {}, tuple(told), originals=as_made)


def _problems(filled: Filled) -> Iterator[Problem]:
    programme, group = services().programme, filled.group
    yield from report.problems(filled.answers, programme, group, filled.people, filled.told)
    for office, told in filled.own.items():
        yield from report.office_problems(office, told, programme, group)
    parts = [filled.answers, *filled.people, *filled.own.values()]
    is_empty = not any(answer for part in parts for answer in part.values())
    if is_empty and not filled.files and not group.keeper:
        yield Problem("", "nothing")
    elif group.per_office and not filled.own:
        yield Problem("", "no_office")
    if group.keeper and len(filled.offices) != 1:
        yield Problem("", "no_keeper")


def _add(language: Language, opened: Opened, filled: Filled) -> Response:
    """Keep the addition, or first ask about the offices that it makes possible."""
    answered = filled.report(language)
    if not filled.asked and additions.proposals(services(), opened, answered):
        return _group(language, opened, replace(filled, asked=True))
    draft = Draft(
        answered,
        filled.number,
        filled.offices,
        filled.joining,
        filled.own,
        filled.originals,
        filled.token,
    )
    try:
        grown = additions.add(services(), opened, draft)
    except ConflictError as error:
        raise Refused("added_meanwhile", _CONFLICT) from error
    except ReportError as error:
        raise Refused("add_offices", UNFIT) from error
    except EntryError as error:
        raise Refused("add_too_long", UNFIT) from error
    except EvidenceError as error:
        raise Refused("files_gone", _CONFLICT) from error
    text = messages.text(language, "added", {"group": language.text(filled.group.label)})
    return show_case(language, grown, Said(good=text), spared=filled.spared)


def _group(
    language: Language,
    opened: Opened,
    filled: Filled,
    wrong: list[Problem] | None = None,
    said: Said = NOTHING,
) -> Response:
    """Show a group's page, filled; with the offices that it makes possible, once asked."""
    group = filled.group
    form = _form(language, filled.answers, Part(group.questions), _of(wrong))
    people = [
        _form(language, given, person_part(group, number), _of(wrong, person=number))
        for number, given in enumerate(filled.people)
    ]
    own = [
        _form(
            language, filled.own.get(office, {}), own_part(group, office), _of(wrong, office=office)
        )
        for office in (opened.holders if group.per_office else ())
    ]
    offices = [(o, name_of(o, language), reader_of(o, language)) for o in opened.holders]
    if group.keeper:  # who reads for another cannot give words for it
        offices = [one for one in offices if not one[2]]
    whole = [forms.PROBLEMS[problem.code] for problem in wrong or () if not problem.question]
    try:
        return page(
            language,
            "group.html",
            said,
            group=group,
            form=form,
            people=people,
            own=[(*office, one) for office, one in zip(offices, own, strict=False)],
            offices=offices,
            filled=filled,
            files=show_files(language, filled.files),
            spared=filled.spared,
            problems=[language.text(text) for text in whole],
            proposals=_proposals(language, opened, filled),
            words=carry_words(opened.words),
        )
    finally:
        for one in (form, *people, *own):
            forms.forget(one)


def _form(
    language: Language, given: Mapping[str, Answer], part: Part, wrong: list[Problem]
) -> Form:
    return forms.form(services().programme, language, given, wrong, part)


def _of(wrong: list[Problem] | None, person: int = -1, office: str = "") -> list[Problem]:
    """Return the problems of one part of the page; those of the whole page have no question."""
    parts = [problem for problem in wrong or () if problem.question]
    return [p for p in parts if (p.person, p.office) == (person, office)]


def _proposals(language: Language, opened: Opened, filled: Filled) -> tuple[Proposal, ...]:
    """Return the offices to be asked about; none where the answers do not fit their questions."""
    if not filled.asked:
        return ()
    try:
        return additions.proposals(services(), opened, filled.report(language))
    except ReportError:
        return ()


def _give_back_group(language: Language, said: Said) -> Response:
    """Give a group's page back; what cannot be shown in it comes back as it was typed."""
    sent = read()
    try:
        opened, group = opened_by(sent), _group_of(sent)
        filled = _filled(group, opened, sent, readable_files(sent))
    except (Refused, ReportError):
        return kept(language, said)
    if said.status == _CONFLICT:  # another page added to this group meanwhile: this is the next
        filled = replace(filled, number=opened.numbers[group.name])
    return _group(language, opened, filled, said=said)


def _give_back_ask(language: Language, said: Said) -> Response:
    try:
        return show_case(language, opened_by(read()), said)
    except Refused:
        return kept(language, said)


GIVE_BACK = {
    "ask": _give_back_ask,
    "add": _give_back_group,
}
"""How each address gives back a form that was refused."""
