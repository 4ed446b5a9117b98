"""What the page's script works with: the programme's outline, keys, words, texts, later pages.

Rules: the same bytes for everybody; a later page is fetched empty, and filled in the browser.
"""

from flask import Response
from werkzeug.exceptions import NotFound

from intake.core import limits
from intake.core.questions import GROUPS, GROUPS_BY_NAME, REPORT
from intake.server import api
from intake.server.group import Filled, own_part, person_part
from intake.server.services import services
from intake.server.visit import hours_of, language_of, name_of, page, reader_of
from intake.web import forms, scripts
from intake.web.forms import Part
from intake.web.i18n import Language
from intake.web.sealing import facts, review
from intake.wordlists import wordlists


def sealing(lang: str) -> Response:
    """Return everything that sealing needs, in one file."""
    language, ring, today = language_of(lang), services().keyring, services().today()
    file_bytes = services().config.file_bytes
    return api.answer(facts(services().programme, ring, language, today, file_bytes))


def parts(lang: str) -> Response:
    """Return the pages that follow the form, with everything that any report may need of them."""
    language = language_of(lang)
    groups = [(group.name, language.text(group.label), 0) for group in GROUPS]
    context = review(services().programme, language)
    return page(language, "scripted.html", groups=groups, **context)


def back(lang: str) -> Response:
    """Return the pages of a case that was opened on a device, empty, and what is said there."""
    language, programme = language_of(lang), services().programme
    proposals = review(programme, language)["proposals"]
    offices = [
        {
            "id": office.id,
            "name": name_of(office.id, language),
            "reader": reader_of(office.id, language),
            "hours": hours_of(office.id, language),
        }
        for office in programme.offices
    ]
    days = limits.DELETION_DAYS
    texts = {name: language.text(text) for name, text in scripts.BACK.items()}
    texts["stop_delete"] = language.text(scripts.BACK["stop_delete"], days=days)
    return page(
        language,
        "back.html",
        offices=offices,
        groups=[(group.name, language.text(group.label)) for group in GROUPS],
        proposals=proposals,
        texts=texts,
        days=days,
    )


def words() -> Response:
    """Return the list of words of every language that has one."""
    return api.answer({name: " ".join(words) for name, words in wordlists().items()})


def group(lang: str, name: str) -> Response:
    """Return the page of a group, empty, with one person and every office."""
    language, programme = language_of(lang), services().programme
    asked = GROUPS_BY_NAME.get(name)
    if asked is None or asked is REPORT:
        raise NotFound
    offices = [one for one in _offices(language) if not (asked.keeper and one[2])]
    named = [Part(asked.questions), *([person_part(asked, 0)] if asked.people else [])]
    form, *people = (forms.form(programme, language, {}, (), part) for part in named)
    own = [
        (*office, forms.form(programme, language, {}, (), own_part(asked, office[0])))
        for office in (offices if asked.per_office else ())
    ]
    try:
        return page(
            language,
            "group.html",
            group=asked,
            form=form,
            people=people,
            own=own,
            offices=offices,
            filled=Filled(asked, 0, "", {}, (), {}, ()),
            files=(),
            spared=False,
            problems=[],
            proposals=(),
            words="",
            people_most=limits.PEOPLE,
        )
    finally:
        for one in (form, *people, *(office[-1] for office in own)):
            forms.forget(one)


def _offices(language: Language) -> list[tuple[str, str, str]]:
    """Return every office with its name, and the name of who reads for it."""
    ids = [office.id for office in services().programme.offices]
    return [(one, name_of(one, language), reader_of(one, language)) for one in ids]
