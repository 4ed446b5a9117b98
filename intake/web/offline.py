"""The offline form: the pages, scripts, keys and words of one programme in one file of HTML.

Rules: the file asks nothing of any line, by its policy and by what it holds; it runs one script,
whose digest stands in the policy, and Workers from its own text; the same programme, keys and day
give the same bytes.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from intake.core import parcel
from intake.core.programme import Programme
from intake.crypto import keyring
from intake.crypto.keyring import Keyring, OfficeKey
from intake.errors import ConfigError, KeyringError, ProgrammeError
from intake.web import forms, sealing
from intake.web.assets import OFFLINE_PAGE, OFFLINE_WORKERS
from intake.web.i18n import Language
from intake.wordlists import wordlist

_POLICY = (
    "default-src 'none'; script-src {script}; worker-src blob:; style-src {style}; "
    "connect-src 'none'; img-src data:; media-src blob:; form-action 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types intake"
)
"""As that of a server's form; nothing may be fetched, and a Worker comes from the file's text."""

BREAKS_OUT = re.compile(r"</script|</style|<!--", re.IGNORECASE)
"""What would end the element that a text stands in, or change how it is read."""


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


TEXTS = {
    "correct": _("Nothing was saved yet. Please correct this:"),
    "sending": _("Sealing it on this device …"),
    "files_left": _("Sealing your files …"),
    "files_many": _(
        "More files are here than fit into one. Nothing was saved. Please leave some out, and add "
        "them afterwards, with your words."
    ),
    "refused": _(
        "It could not be sealed. Nothing was saved, and what you wrote is still here: please press "
        "the button again."
    ),
    "failed": _(
        "It could not be sealed. Nothing was saved, and what you wrote is still here: please press "
        "the button again."
    ),
    "too_long": _(
        "These texts together are too long. Nothing was saved. Please shorten them, and add the "
        "rest afterwards, with your words."
    ),
    "file_sent": _("Sealed."),
    "file_too_large": _("The file is larger than the office's server takes."),
    "file_refused": _("The file could not be sealed. Please choose it again."),
    "file_failed": _("The file could not be sealed. Please choose it again."),
    "ended": _(
        "This form ended on %(day)s. Nothing was sealed, and what you wrote is still here: copy "
        "it, and ask whoever gave you the form for a new one."
    ),
}
"""What the script says here in other words than on a server's page, or here only."""

ROLES = {"working": _("Working key"), "recovery": _("Recovery key")}


@dataclass(frozen=True)
class Named:
    """A key as people compare it: what it is for, and eight English words."""

    role: str
    words: str


@dataclass(frozen=True)
class OfflineForm:
    """What a file is made of; `today` is the day that it begins, `file_bytes` the largest file."""

    programme: Programme
    ring: Keyring
    today: date
    file_bytes: int

    def __post_init__(self) -> None:
        """Raise KeyringError, ProgrammeError where it would lose reports."""
        fallback = self.programme.office(self.programme.fallback).read_by
        if not self.ring.is_open(fallback, self.today):
            raise KeyringError("the fallback office has no key that is valid today, make it one")
        for office in self.programme.keyed:
            if len(office.id) > parcel.READER:
                raise ProgrammeError(
                    f"{office.id}: does not fit into the name of a file, use at most "
                    f"{parcel.READER} characters"
                )

    def ends(self, days: int) -> date:
        """Return the last day of the form: of so many days, of its keys, and of its offices."""
        offices = [o.until for o in self.programme.offices if o.is_open(self.today) and o.until]
        keys = [key.until for held in self.held().values() for key in held if key.until]
        return min([self.today + timedelta(days=days), *offices, *keys])

    def held(self) -> dict[str, tuple[OfficeKey, ...]]:
        """Return the keys that it seals to, by office."""
        return {
            office.id: tuple(
                key for key in self.ring.offices.get(office.id, ()) if key.is_valid(self.today)
            )
            for office in self.programme.keyed
        }

    def render(self, language: Language, scripts: Mapping[str, str], ends: date) -> bytes:
        """Return the file in a language; `scripts` are those of `read`."""
        style = language.render("style.css")
        script = scripts[OFFLINE_PAGE]
        for text in (script, style):
            if BREAKS_OUT.search(text):
                raise ConfigError("a script does not fit into a page, build the scripts anew")
        form = forms.form(self.programme, language, {})
        policy = _POLICY.format(script=source(script), style=source(style))
        try:
            return language.render(
                "offline.html",
                programme=self.programme,
                languages={},
                message="",
                ends=None,
                scripts={},
                form=form,
                carried=(),
                files=(),
                seals=False,
                policy=policy,
                style=style,
                script=script,
                facts=self._facts(language, scripts, ends),
                ends_on=ends,
                keys=self._named(language),
                **sealing.review(self.programme, language),
            ).encode()
        finally:
            forms.forget(form)

    def _facts(self, language: Language, scripts: Mapping[str, str], ends: date) -> str:
        """Return what the script reads of the file, as JSON that no element ends in."""
        found = sealing.facts(self.programme, self.ring, language, self.today, self.file_bytes)
        told = found["texts"]
        assert isinstance(told, dict)
        day = language.environment.filters["day"](ends)
        texts = {name: language.text(text) for name, text in TEXTS.items()}
        found["texts"] = {**told, **texts, "ended": language.text(TEXTS["ended"], day=day)}
        workers = {address: scripts[name] for address, name in OFFLINE_WORKERS.items()}
        facts = {"ends": ends.isoformat(), "programme": found, "scripts": workers}
        return json.dumps(facts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")

    def _named(self, language: Language) -> list[tuple[str, list[Named]]]:
        english = wordlist("en")
        return [
            (
                self.programme.office(office).name[language.code],
                [
                    Named(language.text(ROLES[key.role]), keyring.spoken(key.fingerprint, english))
                    for key in held
                ],
            )
            for office, held in self.held().items()
            if held
        ]


def read(folder: Path) -> dict[str, str]:
    """Return the built scripts of the file by name; raises ConfigError where one is missing."""
    names = (OFFLINE_PAGE, *OFFLINE_WORKERS.values())
    try:
        return {name: (folder / name).read_text("utf-8") for name in names}
    except FileNotFoundError as error:
        raise ConfigError(
            "the scripts are not built, run: node intake/browser/build.mjs"
        ) from error


def source(text: str) -> str:
    """Return the digest of a text as a Content-Security-Policy names it."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
