"""What a page's script works with, whoever hands it out: a server, or the offline form.

Rules: the same for everybody; the keys of all offices stand together, so that having them betrays
no choice; the pages that follow the form are empty, and filled in the browser.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from typing import Any

from intake.core.outline import outline
from intake.core.programme import Programme
from intake.crypto.keyring import Keyring
from intake.web import findings, forms, scripts
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


def facts(
    programme: Programme, ring: Keyring, language: Language, today: date, file_bytes: int
) -> dict[str, object]:
    """Return everything that sealing needs; as `intake/browser/core/programme.ts` reads it."""
    is_open = {office.id for office in programme.offices if office.is_open(today)}
    taking = [o.id for o in programme.offices if o.id in is_open and ring.is_open(o.read_by, today)]
    keyed = [office.id for office in programme.keyed if ring.is_open(office.id, today)]
    made = outline(programme, language.code, taking)
    made["keys"] = {
        office: [b64encode(key.raw).decode() for key in ring.recipients(office, today)]
        for office in keyed
    }
    made["words"] = " ".join(wordlist(language.code))
    counted = language.translations.ngettext
    made["texts"] = {
        **{name: language.text(text) for name, text in scripts.TEXTS.items()},
        "added_once": counted("added", "added %(num)s times", 1),
        "added_often": counted("added", "added %(num)s times", 2),
        **{f"problem_{name}": language.text(text) for name, text in forms.PROBLEMS.items()},
        **{f"found_{name}": language.text(text) for name, text in findings.FINDINGS.items()},
        **{f"warning_{name}": language.text(text) for name, text in findings.WARNINGS.items()},
    }
    made["file_bytes"] = file_bytes
    return made


def review(programme: Programme, language: Language) -> dict[str, Any]:
    """Return what the empty page on which a report is read over is rendered with."""
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
    names = {office.id: office.name[language.code] for office in programme.offices}
    return {
        "proposals": proposals,
        "empty": _Empty((programme.fallback,)),
        "offices": [
            (o.id, names[o.id], names[o.reader] if o.reader else "") for o in programme.offices
        ],
    }
