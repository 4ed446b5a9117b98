"""The opener: one file of HTML that opens sealed files where nothing can be installed.

Rules: the file asks nothing of any line, by its policy and by what it holds; it runs one script,
whose digest stands in the policy, and no other; it holds no key; the same programme gives the same
bytes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from intake.core.programme import Programme
from intake.core.questions import BY_NAME, ESCAPES, GROUPS, NOTICES, REPORT, Group, Question
from intake.errors import ConfigError
from intake.web import forms
from intake.web.assets import OPENER
from intake.web.i18n import Language
from intake.web.offline import BREAKS_OUT, source
from intake.web.opener_texts import TEXTS

_POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; connect-src 'none'; "
    "img-src data:; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
"""Nothing may be fetched or run but the file's own script; the only image is the empty icon.
A picture is drawn from memory, for which no address is needed."""


@dataclass(frozen=True)
class Opener:
    """What a file is made of: the labels of one programme, for its reports."""

    programme: Programme

    def render(self, language: Language, script: str) -> bytes:
        """Return the file in a language; `script` is that of `read`. Raises ConfigError."""
        style = language.render("style.css") + language.render("opener.css")
        for text in (script, style):
            if BREAKS_OUT.search(text):
                raise ConfigError("a script does not fit into a page, build the scripts anew")
        policy = _POLICY.format(script=source(script), style=source(style))
        return language.render(
            "opener.html",
            programme=self.programme,
            languages={},
            ends=None,
            scripts={},
            forgetful=forms.FORGETFUL,
            policy=policy,
            style=style,
            script=script,
            facts=self._facts(language),
        ).encode()

    def _facts(self, language: Language) -> str:
        """Return what the script reads of the file, as JSON that no element ends in."""
        programme = self.programme
        facts = {
            "programme": programme.id,
            "digest": programme.digest,
            "offices": [
                {"id": office.id, "name": office.name[language.code], "reader": office.read_by}
                for office in programme.offices
            ],
            "questions": [_question(one, programme, language) for one in BY_NAME.values()],
            "groups": [_group(group, language) for group in (REPORT, *GROUPS)],
            "notices": _labels(NOTICES.items(), language),
            "escapes": _labels(ESCAPES.items(), language),
            "texts": {name: language.text(text) for name, text in TEXTS.items()},
        }
        return json.dumps(facts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def read(folder: Path) -> str:
    """Return the built script of a folder; raises ConfigError where it is missing."""
    try:
        return (folder / OPENER).read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            "the scripts are not built, run: node intake/browser/build.mjs"
        ) from error


def _question(question: Question, programme: Programme, language: Language) -> dict[str, object]:
    # A programme made for a test may lack a vocabulary.
    is_known = not question.in_programme or question.name in programme.vocabularies
    offered = question.is_choice and is_known
    return {
        "name": question.name,
        "label": language.text(question.label),
        "clock": question.clock,
        "choice": question.is_choice,
        "terms": forms.terms(question, programme, language) if offered else [],
    }


def _group(group: Group, language: Language) -> dict[str, object]:
    return {
        "name": group.name,
        "label": language.text(group.label),
        "questions": [question.name for question in group.questions],
        "people": [question.name for question in group.people],
        "per_office": [question.name for question in group.per_office],
    }


def _labels(terms: Iterable[tuple[str, str]], language: Language) -> list[tuple[str, str]]:
    return [(name, language.text(label)) for name, label in terms]
