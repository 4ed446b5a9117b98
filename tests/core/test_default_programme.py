"""The programme we ship: it parses, each route and office is reached, and its words are plain."""

import gzip
import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from intake.core import routing
from intake.core.programme import Route
from intake.core.questions import ESCAPES, FACETS
from intake.core.routing import Conflict
from intake.paths import shipped
from tests.core.samples import DEFAULT_TEXT, default

TODAY = date(2026, 11, 24)
PROGRAMME = default()
KEYED = {"investigators", "detention", "children", "legal-aid"}
SERVED = {"dhs-crcl", "dhs-oig", "oido", "un-special-procedures", "iachr"}
FOUNDING = {
    "agency": ("cbp", "group"),
    "region": ("mx-border",),
    "time": ("ongoing",),
    "urgency": ("life",),
    "child": ("yes",),
}
"""Sent back to a border town, attacked there, with a child."""

FAMILIAR = r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|llama)\b"
"""What would speak to her as to a child."""

WORDS_OF_A_SENTENCE = 30
"""A longer sentence is read twice by somebody who is eleven or afraid."""


def texts() -> list[tuple[str, str, str]]:
    """Return every text of the programme: where, language, words."""
    found = []
    for office in PROGRAMME.offices:
        for field in ("name", "takes", "shares"):
            found += [(f"{office.id} {field}", *item) for item in getattr(office, field).items()]
    for rule in PROGRAMME.routes:
        found += [(f"{rule.office} reason", *item) for item in rule.reason.items()]
    for item in PROGRAMME.help:
        found += [("help label", *text) for text in item.label.items()]
        found += [("help reach", *text) for text in item.reach.items()]
    for facet, terms in PROGRAMME.vocabularies.items():
        found += [(f"{facet} {term.id}", *text) for term in terms for text in term.label.items()]
    return found


def test_it_is_what_other_parts_rely_on() -> None:
    """Names that receipts, key files and addresses are bound to."""
    assert (PROGRAMME.id, PROGRAMME.languages) == ("human-rights", ("en", "es"))
    assert PROGRAMME.fallback == "investigators"
    assert {office.id for office in PROGRAMME.keyed} == KEYED
    assert {office.id for office in PROGRAMME.offices} == KEYED | SERVED


@pytest.mark.parametrize("rule", PROGRAMME.routes, ids=lambda rule: rule.reason["en"])
def test_each_route_can_be_reached(rule: Route) -> None:
    """By answers that the form offers, and then it gives its reason."""
    for wanted, facet in ((rule.match[name], name) for name in rule.match):
        assert set(wanted) <= {*PROGRAMME.terms(facet), *ESCAPES}
    facets = {facet: (wanted[0],) for facet, wanted in rule.match.items()}
    reached = {p.office.id: p.reasons for p in routing.route(PROGRAMME, facets, TODAY).proposals}
    assert rule.reason in reached[rule.office]


def test_every_office_but_the_fallback_is_reached_by_a_route() -> None:
    """An office that nothing leads to is never proposed."""
    led_to = {rule.office for rule in PROGRAMME.routes}
    assert led_to == (KEYED | SERVED) - {PROGRAMME.fallback}


@pytest.mark.parametrize("custody", ["yes", "no", "unknown"])
def test_the_founding_case_leads_to_many_offices(custody: str) -> None:
    """Held or not, with a child: own investigators, lawyers, children, and those of the state."""
    found = routing.route(PROGRAMME, {**FOUNDING, "custody": (custody,)}, TODAY)
    assert found.offices[0] == "investigators"
    expected = {"children", "legal-aid", "dhs-crcl", "dhs-oig", "un-special-procedures", "iachr"}
    assert expected <= set(found.offices)
    assert ({"detention", "oido"} <= set(found.offices)) == (custody == "yes")


def test_the_founding_case_warns_of_the_department_it_accuses() -> None:
    """Offices of the DHS are marked, and no other."""
    found = routing.route(PROGRAMME, {**FOUNDING, "custody": ("yes",)}, TODAY)
    marked = {p.office.id for p in found.proposals if p.conflict is not Conflict.INDEPENDENT}
    assert marked == {"dhs-crcl", "dhs-oig", "oido"}


@pytest.mark.parametrize("agency", sorted(set(PROGRAMME.terms("agency")) - {"group"}))
def test_every_government_named_leads_to_somebody_besides_us(agency: str) -> None:
    """Also the Mexican ones and those of other countries."""
    assert len(routing.route(PROGRAMME, {"agency": (agency,)}, TODAY).offices) > 1


def test_the_ombudsman_is_proposed_only_for_those_held() -> None:
    """It takes nothing else, and a useless office is a useless risk."""
    for agency in PROGRAMME.terms("agency"):
        for custody in ("no", *ESCAPES):
            facets = {"agency": (agency,), "custody": (custody,), "region": ("us-inland",)}
            assert "oido" not in routing.route(PROGRAMME, facets, TODAY).offices


@pytest.mark.parametrize("agency", ["inm", "mx-forces", "mx-police", "us-local", "other-state"])
def test_nothing_against_others_is_sent_to_the_dhs(agency: str) -> None:
    """It has no say over them."""
    facets = {"agency": (agency,), "custody": ("yes",), "urgency": ("life",)}
    found = routing.route(PROGRAMME, facets, TODAY)
    assert not {"dhs-crcl", "dhs-oig", "oido"} & set(found.offices)


def test_served_offices_say_whom_they_belong_to() -> None:
    """The sentence a yes is asked to names department or organization."""
    for office in PROGRAMME.offices:
        if office.kind == "served":
            assert re.search(r"belongs? to the (DHS|United Nations|Organ)", office.shares["en"])
            assert ("DHS" in office.shares["en"]) == (office.department == "dhs")
        else:
            assert "no government" in office.shares["en"]


def test_no_office_promises_to_hide_the_person_harmed() -> None:
    """A letter about her names her: only who told can be kept back from the accused."""
    for where, _, text in texts():
        assert not re.search(r"hides? your name|oculta[rn]? su nombre", text), where
    for name in ("un-special-procedures", "iachr"):
        shares = PROGRAMME.office(name).shares
        assert re.search(r"to whom|who was harmed", shares["en"])
        assert "a quién" in shares["es"]


@pytest.mark.parametrize("name", ["dhs-crcl", "dhs-oig"])
def test_an_office_of_the_accused_department_says_that_it_may_pass_the_complaint(name: str) -> None:
    """Both refer complaints to the agency complained of: a yes must know that."""
    shares = PROGRAMME.office(name).shares
    assert re.search(r"may send .+ the complaint|may send the complaint to", shares["en"])
    assert re.search(r"[Pp]uede enviar(les)? la queja", shares["es"])


def test_no_office_repeats_what_the_page_says() -> None:
    """Who reads and passes on stands on the page already."""
    assert not [text for _, _, text in texts() if "passes it to" in text]


def test_every_number_to_call_is_one_we_know() -> None:
    """An invented number costs somebody the only call she has."""
    known = {"911", "72", "988", "800 911 2000", "2"}
    for item in PROGRAMME.help:
        for text in item.reach.values():
            numbers = re.findall(r"\d[\d ]*\d|\d", text)
            assert set(numbers) <= known


@pytest.mark.parametrize("language", ["en", "es"])
def test_sentences_are_short(language: str) -> None:
    """For a reader who is eleven, tired or afraid."""
    for where, spoken, text in texts():
        if spoken == language:
            sentences = re.split(r"[.:;?!] ", text)
            longest = max(len(sentence.split()) for sentence in sentences)
            assert longest <= WORDS_OF_A_SENTENCE, where


def test_labels_are_short() -> None:
    """A choice fits one or two lines of a small phone."""
    for terms in PROGRAMME.vocabularies.values():
        assert all(len(text) <= 64 for term in terms for text in term.label.values())
    assert all(len(text) <= 60 for o in PROGRAMME.offices for text in o.name.values())


def test_spanish_speaks_to_a_person_with_respect() -> None:
    """Usted throughout, and no sentence left in English."""
    for where, language, text in texts():
        if language == "es":
            assert not re.search(FAMILIAR, text.lower()), where
            assert not re.search(r"\b(the|and|you|with)\b", text.lower()), where


def test_the_labels_take_little_of_the_page() -> None:
    """The whole first page has 15 kB, compressed."""
    shown = "".join(
        term.label["es"] for terms in PROGRAMME.vocabularies.values() for term in terms
    ) + "".join(item.label["es"] + item.reach["es"] for item in PROGRAMME.help)
    assert len(gzip.compress(shown.encode())) < 2048


def test_the_exit_and_the_title_give_nobody_away() -> None:
    """They stand in the browser's history."""
    assert urlsplit(PROGRAMME.leave).hostname == "www.weather.gov"
    assert len("".join(PROGRAMME.title.values())) < 20


def test_the_readme_explains_every_key_and_vocabulary() -> None:
    """Whoever writes her own programme needs no source code."""
    readme = (shipped("programmes") / "README.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"^([a-z]+)(?:\.[a-z]+)? =", DEFAULT_TEXT, re.MULTILINE))
    keys |= {"since", "until", "agency", "department", *FACETS, *ESCAPES}
    assert [
        key for key in sorted(keys) if f"`{key}`" not in readme and f"{key}." not in readme
    ] == []
