"""What the page's script works with: the programme's outline, keys, words, texts, later pages.

Rules: the same bytes for everybody; the keys of all offices stand in one file, so that fetching
it betrays no choice; a later page is fetched empty, and filled in the browser.
"""

from base64 import b64encode
from dataclasses import dataclass

from flask import Response
from werkzeug.exceptions import NotFound

from intake.core import limits
from intake.core.outline import outline
from intake.core.questions import GROUPS, GROUPS_BY_NAME, REPORT
from intake.crypto.age import HybridRecipient
from intake.server import api
from intake.server.group import Filled, own_part, person_part
from intake.server.services import services
from intake.server.visit import language_of, name_of, page, reader_of
from intake.web import findings, forms, scripts
from intake.web.forms import Part
from intake.web.i18n import Language
from intake.wordlists import wordlist


@dataclass(frozen=True)
class _Empty:
    """A draft in which nothing was chosen but the fallback."""

    offices: tuple[str, ...]

    @property
    def originals(self) -> tuple[str, ...]:
        return self.offices

    def contact(self, _office: str) -> str:
        return ""


def sealing(lang: str) -> Response:
    """Return everything that sealing needs, in one file."""
    language, programme, today = language_of(lang), services().programme, services().today()
    ring = services().keyring
    is_open = {office.id for office in programme.offices if office.is_open(today)}
    taking = [o.id for o in programme.offices if o.id in is_open and ring.is_open(o.read_by, today)]
    keyed = [office.id for office in programme.keyed if ring.is_open(office.id, today)]
    made = outline(programme, lang, taking)
    made["keys"] = {
        office: [_text(key) for key in ring.recipients(office, today)] for office in keyed
    }
    made["words"] = " ".join(wordlist(lang))
    counted = language.translations.ngettext
    made["texts"] = {
        **{name: language.text(text) for name, text in scripts.TEXTS.items()},
        "added_once": counted("added", "added %(num)s times", 1),
        "added_often": counted("added", "added %(num)s times", 2),
        **{f"problem_{name}": language.text(text) for name, text in forms.PROBLEMS.items()},
        **{f"found_{name}": language.text(text) for name, text in findings.FINDINGS.items()},
        **{f"warning_{name}": language.text(text) for name, text in findings.WARNINGS.items()},
    }
    made["file_bytes"] = services().config.file_bytes
    return api.answer(made)


def parts(lang: str) -> Response:
    """Return the pages that follow the form, with everything that any report may need of them."""
    language, programme = language_of(lang), services().programme
    proposals = [
        {
            "office": office,
            "reasons": [
                (place, rule.reason)
                for place, rule in enumerate(programme.routes)
                if rule.office == office.id
            ],
        }
        for office in sorted(programme.offices, key=lambda o: o.id != programme.fallback)
    ]
    offices = [
        (o.id, name_of(o.id, language), reader_of(o.id, language)) for o in programme.offices
    ]
    groups = [(group.name, language.text(group.label), 0) for group in GROUPS]
    return page(
        language,
        "scripted.html",
        proposals=proposals,
        empty=_Empty((programme.fallback,)),
        offices=offices,
        groups=groups,
    )


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


def _text(key: HybridRecipient) -> str:
    return b64encode(key.raw).decode()
