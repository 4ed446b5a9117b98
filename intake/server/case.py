"""The pages of a case: come back with the words, add, take back, end. Without script.

Rules: the words are in the body of each form, never in an address; what was added is shown by
the names of its groups only, since somebody else may hold the words; what was typed comes back
with every refusal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from intake.core import limits, receipt, report
from intake.core.questions import GROUPS, GROUPS_BY_NAME, REPORT, Group
from intake.core.report import Answer, Problem
from intake.errors import ConflictError, NotFoundError, ReceiptError, ReportError
from intake.server import additions
from intake.server.additions import Draft, Opened
from intake.server.services import services
from intake.server.visit import (
    NOTHING,
    UNFIT,
    Refused,
    Said,
    carry_words,
    kept,
    language_of,
    page,
    read,
    receive,
    refuse_switched_off,
)
from intake.web import forms, messages
from intake.web.forms import Part
from intake.web.i18n import Language
from intake.web.typed import Typed
from intake.wordlists import LIST_NAMES

_ASK = ("words", "group")
_STOP = ("words", "what", "office", "number")
_PEOPLE_READ = 4 * limits.PEOPLE
"""Persons looked for on a page: so many too many are counted, more are strange fields."""


@dataclass(frozen=True, repr=False)
class Filled:
    """A group's page as it was filled in: the answers, for whom, and what is wrong with them."""

    group: Group
    number: int
    answers: Mapping[str, Answer]
    people: tuple[Mapping[str, Answer], ...]
    own: Mapping[str, Mapping[str, Answer]]
    offices: tuple[str, ...]
    joining: tuple[str, ...] = ()
    asked: bool = False


def come_back(lang: str) -> Response:
    """Show the page that takes the ten words."""
    return _return(language_of(lang))


def look(lang: str) -> Response:
    """Show a case: since when, who holds it, what was added by name, what could be added."""
    language = language_of(lang)
    return _case(language, _opened(receive(("words", "list"))))


def ask(lang: str) -> Response:
    """Show the empty page of one group of questions."""
    language = language_of(lang)
    sent = receive(_ASK)
    refuse_switched_off()
    return _group(language, _opened(sent), _empty(_opened(sent), _group_of(sent)))


def add(lang: str) -> Response:
    """Take what a group's page holds: one more person, or the addition itself."""
    language = language_of(lang)
    group = _group_of(read())
    sent = receive(_fields(group))
    refuse_switched_off()
    opened = _opened(sent)
    filled = _filled(group, opened, sent)
    if sent.one("do") != "send":
        return _group(language, opened, filled)
    wrong = list(_problems(filled))
    if wrong:
        return _group(language, opened, filled, wrong, Said(status=UNFIT))
    return _add(language, opened, filled, spared=forms.is_spared(sent))


def stop(lang: str) -> Response:
    """Show what can be taken back or ended, and what cannot be undone any more."""
    language = language_of(lang)
    return _stop(language, _opened(receive(_STOP)))


def end(lang: str) -> Response:
    """Take the case back from an office, delete it, keep it after all, or close it."""
    language = language_of(lang)
    sent = receive(_STOP)
    refuse_switched_off()
    number, office = _number(sent), sent.one("office")
    try:
        code = _end(_opened(sent), sent.one("what"), office, number, language.code)
    except ConflictError as error:
        raise Refused("stop_again", 409) from error
    except ReportError as error:
        raise Refused("stop_choose", UNFIT) from error
    said = Said(good=messages.text(language, code, {"days": limits.DELETION_DAYS}))
    if code == "stop_exposed":
        return page(language, "closed.html", said)
    return _stop(language, _opened(sent), said)


def again(lang: str) -> AnyResponse:
    """Answer a reload or Back to an address that only takes forms: start at the words."""
    language_of(lang)
    return redirect(f"/{lang}/return", 303)


def _opened(sent: Typed) -> Opened:
    """Return the case behind the words that were typed or carried, or give the form back."""
    lists = services().words
    chosen = {sent.one("list"): lists[sent.one("list")]} if sent.one("list") in lists else lists
    try:
        words = receipt.parse(sent.one("words"), chosen)
    except ReceiptError as error:
        places = ", ".join(str(place) for place in error.places)
        code = "words_places" if places else f"words_{error.code}"
        raise Refused(code, UNFIT, {"places": places}) from error
    try:
        return additions.come_back(services(), words)
    except NotFoundError as error:
        raise Refused("words_nothing", 404) from error


def _group_of(sent: Typed) -> Group:
    group = GROUPS_BY_NAME.get(sent.one("group"))
    if group is None or group is REPORT:
        raise Refused("group", 400)
    return group


def _number(sent: Typed) -> int:
    text = sent.one("number")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(limits.ADDITIONS))):
        raise Refused("damaged", 400)
    return int(text)


def _person(group: Group, number: int) -> Part:
    return Part(group.people, f"person-{number}-")


def _own(group: Group, office: str) -> Part:
    return Part(group.per_office, f"{office}-")


def _fields(group: Group) -> Iterator[str]:
    """Yield the fields of a group's page; a person too many is told so, not a strange field."""
    yield from (*_ASK, "number", "do", "office", "joining", "asked")
    yield from Part(group.questions).names()
    for person in range(_PEOPLE_READ if group.people else 0):
        yield from _person(group, person).names()
    for office in services().programme.offices:
        yield from _own(group, office.id).names()


def _people(group: Group, sent: Typed) -> list[dict[str, Answer]]:
    """Return the persons on the page, after one was added or taken away."""
    people: list[dict[str, Answer]] = []
    for number in range(_PEOPLE_READ if group.people else 0):
        part = _person(group, number)
        if not any(name in sent.fields for name in part.names()):
            break
        people.append(forms.answers(sent, services().programme, part))
    action, _, place = sent.one("do").partition("-")
    if action == "more":
        people.append({})
    if action == "drop" and place.isascii() and place.isdigit() and int(place) < len(people):
        del people[int(place)]
    return people


def _filled(group: Group, opened: Opened, sent: Typed) -> Filled:
    programme, holders = services().programme, opened.holders
    own = {
        office: forms.answers(sent, programme, _own(group, office))
        for office in (holders if group.per_office else ())
    }
    own = {office: {k: a for k, a in given.items() if a} for office, given in own.items()}
    offered = [office.id for office in programme.offices]
    told = [office for office, given in own.items() if given]
    told = told if group.per_office else sent.all("office")
    return Filled(
        group,
        _number(sent),
        forms.answers(sent, programme, Part(group.questions)),
        tuple(_people(group, sent)),
        {office: given for office, given in own.items() if given},
        tuple(office for office in offered if office in told),
        tuple(office for office in offered if office in sent.all("joining")),
        asked=sent.one("asked") == "1",
    )


def _empty(opened: Opened, group: Group) -> Filled:
    """Return a page to be filled in; what is private is preselected for the fallback alone."""
    fallback = services().programme.fallback
    told = [office for office in opened.holders if not group.private or office == fallback]
    people: tuple[Mapping[str, Answer], ...] = ({},) if group.people else ()
    return Filled(group, opened.numbers[group.name], {}, people, {}, tuple(told))


def _problems(filled: Filled) -> Iterator[Problem]:
    programme, group = services().programme, filled.group
    yield from report.problems(filled.answers, programme, group, filled.people)
    for told in filled.own.values():
        yield from report.office_problems(told, programme, group)
    parts = [filled.answers, *filled.people, *filled.own.values()]
    if not any(answer for part in parts for answer in part.values()):
        yield Problem("", "nothing")


def _add(language: Language, opened: Opened, filled: Filled, *, spared: bool) -> Response:
    """Keep the addition, or first ask about the offices that it makes possible."""
    programme, group = services().programme, filled.group
    answered = report.make(filled.answers, programme, language.code, group.name, filled.people)
    if not filled.asked and additions.proposals(services(), opened, answered):
        return _group(language, opened, filled, proposing=True)
    draft = Draft(answered, filled.number, filled.offices, filled.joining, filled.own)
    try:
        grown = additions.add(services(), opened, draft)
    except ConflictError:
        said = Said(messages.text(language, "added_meanwhile"), 409)
        return _give_back_group(language, said)
    except ReportError:
        said = Said(messages.text(language, "add_offices"), UNFIT)
        return _group(language, opened, filled, said=said, proposing=filled.asked)
    text = messages.text(language, "added", {"group": language.text(group.label)})
    return _case(language, grown, Said(good=text), spared=spared)


def _end(opened: Opened, what: str, office: str, number: int, language: str) -> str:
    """Do what was chosen; return the name of what to say."""
    match what:
        case "withdraw" if opened.is_withdrawn(office):
            return "stop_done"
        case "withdraw":
            was_read = additions.withdraw(services(), opened, office, number, language)
            return "stop_read" if was_read else "stop_unread"
        case "delete":
            additions.ask_deletion(services(), opened, number, language)
            return "stop_delete"
        case "keep":
            additions.cancel_deletion(services(), opened, number, language)
            return "stop_keep"
        case "exposed":
            additions.close(services(), opened, language)
            return "stop_exposed"
    raise ReportError("nothing was chosen, choose again")


def _return(language: Language, words: str = "", said: Said = NOTHING) -> Response:
    return page(language, "return.html", said, words=words, lists=LIST_NAMES)


def _case(
    language: Language, opened: Opened, said: Said = NOTHING, *, spared: bool = False
) -> Response:
    groups = [(g.name, language.text(g.label), opened.numbers[g.name]) for g in GROUPS]
    lacking = [
        (_name(office, language), [language.text(GROUPS_BY_NAME[group].label) for group in needed])
        for office, needed in additions.missing(services(), opened).items()
    ]
    return page(
        language,
        "case.html",
        said,
        case=opened.case,
        readers=_readers(language, opened),
        groups=groups,
        lacking=lacking,
        spared=spared,
        words=carry_words(opened.words),
    )


def _group(  # noqa: PLR0913 - what one page shows
    language: Language,
    opened: Opened,
    filled: Filled,
    wrong: list[Problem] | None = None,
    said: Said = NOTHING,
    *,
    proposing: bool = False,
) -> Response:
    """Show a group's page, filled; with the offices that it makes possible, if it was asked."""
    programme, group = services().programme, filled.group
    questions = forms.form(
        programme, language, filled.answers, _of(wrong, -1), Part(group.questions)
    )
    people = [
        forms.form(programme, language, given, _of(wrong, number), _person(group, number))
        for number, given in enumerate(filled.people)
    ]
    own = [
        (
            _name(office, language),
            forms.form(programme, language, filled.own.get(office, {}), (), _own(group, office)),
        )
        for office in (opened.holders if group.per_office else ())
    ]
    whole = [forms.PROBLEMS[p.code] for p in wrong or () if p.question in ("", "people")]
    try:
        return page(
            language,
            "group.html",
            said,
            group=group,
            form=questions,
            people=people,
            own=own,
            offices=[(office, _name(office, language)) for office in opened.holders],
            filled=filled,
            problems=[language.text(text, limit=limits.PEOPLE) for text in whole],
            proposals=_proposals(language, opened, filled) if proposing else (),
            words=carry_words(opened.words),
        )
    finally:
        for form in (questions, *people, *(form for _, form in own)):
            forms.forget(form)


def _of(wrong: list[Problem] | None, person: int) -> list[Problem]:
    return [p for p in wrong or () if p.person == person and p.question not in ("", "people")]


def _proposals(language: Language, opened: Opened, filled: Filled) -> tuple[Any, ...]:
    answered = report.make(
        filled.answers, services().programme, language.code, filled.group.name, filled.people
    )
    return additions.proposals(services(), opened, answered)


def _stop(language: Language, opened: Opened, said: Said = NOTHING) -> Response:
    return page(
        language,
        "stop.html",
        said,
        case=opened.case,
        readers=_readers(language, opened),
        numbers=opened.numbers,
        days=limits.DELETION_DAYS,
        words=carry_words(opened.words),
    )


def _readers(language: Language, opened: Opened) -> list[dict[str, object]]:
    """Return each office that holds the case or held it, with what became of it."""
    found: list[dict[str, object]] = []
    for office in services().programme.offices:
        held = opened.held(office.id)
        if held or opened.is_withdrawn(office.id):
            reader = _name(office.read_by, language) if office.kind == "served" else ""
            found.append(
                {
                    "id": office.id,
                    "name": _name(office.id, language),
                    "reader": reader,
                    "fetched": held.fetched if held else None,
                    "withdrawn": held is None,
                }
            )
    return found


def _name(office: str, language: Language) -> str:
    return services().programme.office(office).name[language.code]


def _give_back_return(language: Language, said: Said) -> Response:
    return _return(language, read().one("words"), said)


def _give_back_group(language: Language, said: Said) -> Response:
    """Give a group's page back; what cannot be shown in it comes back as it was typed."""
    sent = read()
    try:
        opened, group = _opened(sent), _group_of(sent)
        filled = _filled(group, opened, sent)
    except (Refused, ReportError):
        return kept(language, said)
    # Another page added to this group meanwhile: this one is the next.
    number = opened.numbers[group.name] if said.status == 409 else filled.number  # noqa: PLR2004
    renewed = Filled(**{**vars(filled), "number": number})
    return _group(language, opened, renewed, said=said)


def _give_back_ask(language: Language, said: Said) -> Response:
    try:
        return _case(language, _opened(read()), said)
    except Refused:
        return _give_back_return(language, said)


def _give_back_stop(language: Language, said: Said) -> Response:
    try:
        return _stop(language, _opened(read()), said)
    except Refused:
        return _give_back_return(language, said)


GIVE_BACK = {
    "look": _give_back_return,
    "ask": _give_back_ask,
    "add": _give_back_group,
    "stop": _give_back_stop,
    "end": _give_back_stop,
}
"""How each address gives back a form that was refused."""
