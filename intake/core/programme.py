"""A programme: offices, vocabularies, routes and languages of one deployment, from TOML.

Rules: unknown keys are refused, every text exists in every language, every name that is
used is defined. A refusal names the key and the mend, and lists all that is wrong at once.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from intake.core import canonical, limits
from intake.core.questions import ESCAPES, FACETS, GROUPS_BY_NAME, VOCABULARIES
from intake.errors import ProgrammeError

Text = dict[str, str]
"""One text in every language of the programme."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""Names of programmes, offices and terms: safe in addresses, file names and HKDF labels."""

WITNESS = "witness"
"""The reader of replies, and the office of what a witness seals to herself: no office's id."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""Language codes (BCP 47): each is the first part of its pages' addresses."""


VERSION = re.compile(r"[\w.-]{1,32}", re.ASCII)
"""Versions stand in reports and on the investigator's terminal."""


KEEP_DAYS = 30
"""The fewest days that something read is kept: an office on holiday must still find it."""
_MOST_DAYS = 36_500
_TEMPLATE = limits.REPLY // 2
"""Bytes of a text: in JSON each may take more, and the entry's other fields some hundreds."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One word of a vocabulary. `department` tells whom an agency belongs to."""

    id: str
    label: Text
    department: str = ""


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An oversight office.

    Keyed: its investigators hold keys. Served: `reader`, a keyed office, reads and passes on.
    `shares` is the sentence a yes is asked to: its department and what it may tell the accused.
    `needs` names the groups of questions without which it can hardly act. `keep_days` is for how
    many days what it has read is kept; 0 is as long as the programme says. `hours` says when a
    keyed office reads; one that says nothing promises nothing.
    """

    id: str
    kind: Literal["keyed", "served"]
    name: Text
    takes: Text
    shares: Text
    reader: str = ""
    agency: str = ""
    department: str = ""
    since: date | None = None
    until: date | None = None
    needs: tuple[str, ...] = ()
    keep_days: int = 0
    hours: Text = msgspec.field(default_factory=dict)

    @property
    def read_by(self) -> str:
        """The keyed office whose investigators open what is sealed for this one."""
        return self.reader or self.id

    def is_open(self, today: date) -> bool:
        """Whether the office takes reports on this day (both ends included)."""
        return (self.since is None or self.since <= today) and (
            self.until is None or today <= self.until
        )


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: where every facet named meets its set, the office is proposed, for this reason."""

    office: str
    match: dict[str, tuple[str, ...]]
    reason: Text


class Help(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Help that comes before the form: what it is for and how to reach it."""

    label: Text
    reach: Text


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that offices send often, in every language of the programme."""

    id: str
    text: Text


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One deployment's subject, parsed and checked; immutable.

    From `asked_from_age` on, a child is asked herself: nobody says yes for her on the form.
    `keep_days` is for how many days the server keeps what an office has read; 0 is for ever.
    `operator` is the keyed office whose people run the server too, if any: the form says so.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    fallback: str
    leave: str
    title: Text
    vocabularies: dict[str, tuple[Term, ...]]
    offices: tuple[Office, ...]
    routes: tuple[Route, ...]
    help: tuple[Help, ...] = ()
    templates: tuple[Template, ...] = ()
    asked_from_age: int = 12
    keep_days: int = 0
    operator: str = ""
    digest: str = ""

    def office(self, name: str) -> Office:
        """Return the office of this id; raises ProgrammeError."""
        for office in self.offices:
            if office.id == name:
                return office
        raise ProgrammeError("the programme has no such office, choose one of its offices")

    def hours(self, name: str, language: str) -> str:
        """Return when what is sealed for an office is read; empty where nothing is promised."""
        return self.office(self.office(name).read_by).hours.get(language, "")

    def terms(self, facet: str) -> tuple[str, ...]:
        """Return the ids that answer a facet, without the two escapes."""
        return tuple(term.id for term in self.vocabularies[facet])

    def label(self, facet: str, term: str, language: str) -> str:
        """Return a term's label in a language; an unknown term is its own label."""
        for known in self.vocabularies.get(facet, ()):
            if known.id == term:
                return known.label[language]
        return term

    def template(self, name: str, language: str) -> str:
        """Return a text that offices send often, in a person's language or the first one.

        Raises ProgrammeError.
        """
        for template in self.templates:
            if template.id == name:
                return template.text.get(language) or template.text[self.languages[0]]
        known = ", ".join(template.id for template in self.templates) or "none"
        raise ProgrammeError(f"the programme has no such template, choose one of: {known}")

    def keeps(self, office: str) -> int:
        """Return for how many days what an office has read is kept; 0 is for ever."""
        return self.office(office).keep_days or self.keep_days

    @property
    def keyed(self) -> tuple[Office, ...]:
        """The offices whose investigators hold keys."""
        return tuple(office for office in self.offices if office.kind == "keyed")


canonical.ready(Programme)


def parse(text: str, name: str = "programme") -> Programme:
    """Return the programme written in TOML `text`; `name` is the file shown in errors.

    Raises ProgrammeError, with one line for each thing that is wrong.
    """
    try:
        digest = hashlib.sha256(text.encode()).hexdigest()
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib lets the errors of int() through
        raise ProgrammeError(f"{name}: {error}, mend the TOML there") from error
    if "digest" in table:
        raise ProgrammeError(f"{name}: digest: computed, not written, remove the key")
    table["digest"] = digest
    try:
        programme = msgspec.convert(table, Programme, strict=True)
    except msgspec.ValidationError as error:
        raise ProgrammeError(f"{name}: {_mend(str(error), table)}") from error
    problems = list(_problems(programme))
    if problems:
        raise ProgrammeError("\n".join(f"{name}: {problem}" for problem in problems))
    return programme


_STRUCTS = (Programme, Office, Route, Term, Help, Template)
_KEYS = {field for struct in _STRUCTS for field in struct.__struct_fields__}


def _mend(message: str, table: Mapping[str, Any]) -> str:
    """Turn msgspec's error into key: what is wrong, what to do."""
    what, _, where = message.partition(" - at ")
    key = where.strip("`").removeprefix("$").removeprefix(".") or "top level"
    if key.startswith("vocabularies[...]"):  # msgspec names no key of a dictionary
        key = key.replace("[...]", f".{_broken(table['vocabularies'])}", 1)
    unknown = re.search(r"unknown field `(.+)`", what)
    if unknown:
        near = get_close_matches(unknown[1], sorted(_KEYS), 1)
        mend = f"did you mean {near[0]}" if near else "remove it"
        return f"{key}: unknown key {unknown[1]}, {mend}"
    missing = re.search(r"missing required field `(.+)`", what)
    if missing:
        return f"{key}: the key {missing[1]} is missing, add it"
    return f"{key}: {what[:1].lower()}{what[1:]}, correct the value"


def _broken(vocabularies: Mapping[str, object]) -> str:
    """Return the first vocabulary whose terms are not of the right form."""
    for facet, terms in vocabularies.items():
        try:
            msgspec.convert(terms, tuple[Term, ...], strict=True)
        except msgspec.ValidationError:
            return facet
    return "[...]"


def _problems(programme: Programme) -> Iterator[str]:
    yield from _names(programme)
    yield from _texts(programme)
    yield from _vocabularies(programme)
    yield from _readers(programme)
    yield from _offices(programme)
    yield from _routes(programme)
    yield from _templates(programme)
    if not VERSION.fullmatch(programme.version):
        yield "version: use at most 32 letters, digits, dots and hyphens"
    yield from _days(programme)
    if programme.operator and programme.operator not in {one.id for one in programme.keyed}:
        yield "operator: must name a keyed office, correct it"
    if not programme.leave.startswith("https://"):
        yield "leave: must be an https:// address of a harmless page, correct it"


def _days(programme: Programme) -> Iterator[str]:
    named = [("keep_days", programme.keep_days)]
    for i, office in enumerate(programme.offices):
        named.append((f"offices[{i}].keep_days", office.keep_days))
        if office.kind == "served" and office.keep_days:
            yield f"offices[{i}].keep_days: its reader's days count, remove it"
    for key, days in named:
        if days and not KEEP_DAYS <= days <= _MOST_DAYS:
            yield f"{key}: write {KEEP_DAYS} to {_MOST_DAYS} days, or 0 to keep for ever"


def _names(programme: Programme) -> Iterator[str]:
    named = [("id", programme.id)]
    named += [(f"offices[{i}].id", office.id) for i, office in enumerate(programme.offices)]
    named += [(f"templates[{i}].id", one.id) for i, one in enumerate(programme.templates)]
    for facet, terms in programme.vocabularies.items():
        named += [(f"vocabularies.{facet}[{i}].id", term.id) for i, term in enumerate(terms)]
    for key, name in named:
        if not NAME.fullmatch(name):
            yield f"{key}: use small letters, digits and hyphens, at most 32, a letter first"
    for i, language in enumerate(programme.languages):
        if not LANGUAGE.fullmatch(language) or language in programme.languages[:i]:
            yield f"languages[{i}]: is no language code or stands twice, correct it"
    offices = [office.id for office in programme.offices]
    if WITNESS in offices:
        yield f"offices: {WITNESS} is the reader of every reply, rename the office"
    for name in sorted({name for name in offices if offices.count(name) > 1}):
        yield f"offices: {name} stands twice, rename one"


def _texts(programme: Programme) -> Iterator[str]:
    if not programme.languages:
        yield "languages: name at least one"
    texts: list[tuple[str, Text]] = [("title", programme.title)]
    for i, office in enumerate(programme.offices):
        for field in ("name", "takes", "shares", *(("hours",) if office.hours else ())):
            texts += [(f"offices[{i}].{field}", getattr(office, field))]
    texts += [(f"routes[{i}].reason", route.reason) for i, route in enumerate(programme.routes)]
    for i, item in enumerate(programme.help):
        texts += [(f"help[{i}].label", item.label), (f"help[{i}].reach", item.reach)]
    texts += [(f"templates[{i}].text", one.text) for i, one in enumerate(programme.templates)]
    for facet, terms in programme.vocabularies.items():
        texts += [(f"vocabularies.{facet}[{i}].label", t.label) for i, t in enumerate(terms)]
    for key, text in texts:
        for language in programme.languages:
            if not text.get(language, "").strip():
                yield f"{key}.{language}: is missing, translate it"


def _vocabularies(programme: Programme) -> Iterator[str]:
    for facet in VOCABULARIES:
        if not programme.vocabularies.get(facet):
            yield f"vocabularies.{facet}: is missing, add its terms"
    for facet, terms in programme.vocabularies.items():
        if facet not in VOCABULARIES:
            known = ", ".join(VOCABULARIES)
            yield f"vocabularies.{facet}: no question of that name, use one of {known}"
        ids = [term.id for term in terms]
        for name in sorted({name for name in ids if ids.count(name) > 1 or name in ESCAPES}):
            yield f"vocabularies.{facet}: {name} stands twice or is built in, rename it"


def _readers(programme: Programme) -> Iterator[str]:
    kinds = {office.id: office.kind for office in programme.offices}
    if kinds.get(programme.fallback) != "keyed":
        yield "fallback: must name a keyed office, correct it"
    for i, office in enumerate(programme.offices):
        if office.kind == "served" and kinds.get(office.reader) != "keyed":
            yield f"offices[{i}].reader: a served office needs a keyed reader, name one"
        if office.kind == "keyed" and office.reader:
            yield f"offices[{i}].reader: a keyed office reads for itself, remove it"
        if office.kind == "served" and office.hours:
            yield f"offices[{i}].hours: its reader has hours, write them there"


def _offices(programme: Programme) -> Iterator[str]:
    for i, office in enumerate(programme.offices):
        for group in office.needs:
            if group not in GROUPS_BY_NAME:
                known = ", ".join(GROUPS_BY_NAME)
                yield f"offices[{i}].needs: {group} is no group, use some of {known}"
        if office.agency and office.agency not in _ids(programme.vocabularies, "agency"):
            yield f"offices[{i}].agency: not in vocabularies.agency, correct it"
        if office.since and office.until and office.since > office.until:
            yield f"offices[{i}].until: lies before since, correct one"
        if office.id == programme.fallback and (office.since or office.until):
            yield f"offices[{i}]: the fallback is always open, remove since and until"


def _routes(programme: Programme) -> Iterator[str]:
    offices = {office.id for office in programme.offices}
    for i, route in enumerate(programme.routes):
        if route.office not in offices:
            yield f"routes[{i}].office: no such office, use one of {', '.join(sorted(offices))}"
        if not route.match:
            yield f"routes[{i}].match: names no facet, name at least one"
        for facet, wanted in route.match.items():
            known = {*_ids(programme.vocabularies, facet), *ESCAPES}
            if facet not in FACETS or not wanted or not set(wanted) <= known:
                yield f"routes[{i}].match.{facet}: has a term no vocabulary knows, correct it"


def _templates(programme: Programme) -> Iterator[str]:
    ids = [template.id for template in programme.templates]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"templates: {name} stands twice, rename one"
    for i, template in enumerate(programme.templates):
        for language, text in template.text.items():
            if language not in programme.languages:
                yield f"templates[{i}].text.{language}: is no language of the programme, remove it"
            if len(text.encode()) > _TEMPLATE:
                yield f"templates[{i}].text.{language}: is longer than one reply, shorten it"


def _ids(vocabularies: Mapping[str, tuple[Term, ...]], facet: str) -> set[str]:
    return {term.id for term in vocabularies.get(facet, ())}
