"""Routing: who is proposed and why; only the fallback is chosen before she chooses."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import programme as programmes
from intake.core import routing
from intake.core.programme import Office, Programme, Route, Term
from intake.core.questions import ESCAPES, FACETS
from intake.core.routing import Conflict
from tests.core.samples import SMALL, default, vectors
from tests.support.programmes import SMALL as SMALL_TEXT

TODAY = date(2026, 11, 24)
DEFAULT = default()
SETS = vectors("routing")["sets"]
CASES = [(group, case) for group in SETS for case in group["cases"]]


def written(plain: dict[str, Any]) -> Programme:
    """Return the programme of a set of vectors, which holds only what routes need."""
    nothing = {"en": "x"}
    offices = tuple(
        Office(
            **{**office, "since": _day(office["since"]), "until": _day(office["until"])},
            name=nothing,
            takes=nothing,
            shares=nothing,
        )
        for office in plain["offices"]
    )
    routes = tuple(
        Route(
            rule["office"],
            {facet: tuple(terms) for facet, terms in rule["match"].items()},
            {"en": rule["reason"]},
        )
        for rule in plain["routes"]
    )
    agencies = tuple(Term(term["id"], nothing, term["department"]) for term in plain["agency"])
    return Programme(
        id="vectors",
        version="1",
        languages=("en",),
        fallback=plain["fallback"],
        leave="https://example.org/",
        title=nothing,
        vocabularies={"agency": agencies},
        offices=offices,
        routes=routes,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("group", "case"), CASES, ids=[f"{group['name']}: {case['why']}" for group, case in CASES]
)
def test_the_shared_vectors_hold(group: dict[str, Any], case: dict[str, Any]) -> None:
    """The browser runs the same file, so both propose the same offices in the same order."""
    facets = {facet: tuple(terms) for facet, terms in case["facets"].items()}
    found = routing.route(written(group["programme"]), facets, date.fromisoformat(case["today"]))
    assert [
        {
            "office": proposal.office.id,
            "conflict": proposal.conflict.value,
            "preselected": proposal.preselected,
            "reasons": [reason["en"] for reason in proposal.reasons],
        }
        for proposal in found.proposals
    ] == case["proposals"]
    assert [office.id for office in found.closed] == case["closed"]


def facets_of(programme: Programme) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    """Any answers to the choices of a programme, and some that no form sends."""
    return st.fixed_dictionaries(
        {},
        optional={
            facet: st.lists(
                st.sampled_from((*programme.terms(facet), *ESCAPES, "strange")), max_size=3
            ).map(tuple)
            for facet in FACETS
        },
    )


def dated(**days: dict[str, str]) -> Programme:
    """Return the small programme in which offices open and close."""
    text = SMALL_TEXT
    for office, ends in days.items():
        keys = "".join(f"{key} = {day}\n" for key, day in ends.items())
        text = text.replace(f'id = "{office}"\n', f'id = "{office}"\n{keys}')
    return programmes.parse(text)


DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
DATED = dated(det={"since": "2026-03-01", "until": "2026-09-30"}, oig={"since": "2026-06-01"})


@given(facets_of(DEFAULT), DAYS)
def test_the_fallback_is_first_and_alone_preselected(
    facets: dict[str, tuple[str, ...]], today: date
) -> None:
    """Whatever was answered, somebody reads it, and nobody else without a yes."""
    found = routing.route(DEFAULT, facets, today)
    assert found.offices[0] == DEFAULT.fallback
    assert [proposal.preselected for proposal in found.proposals] == [
        True,
        *[False] * (len(found.proposals) - 1),
    ]


@given(facets_of(DATED), DAYS)
def test_closed_offices_are_named_and_never_proposed(
    facets: dict[str, tuple[str, ...]], today: date
) -> None:
    """An office that takes nothing would let a report lie unread."""
    found = routing.route(DATED, facets, today)
    for proposal in found.proposals:
        assert proposal.office.is_open(today)
        assert DATED.office(proposal.office.read_by).is_open(today)
    assert not {office.id for office in found.closed} & set(found.offices)
    assert DATED.fallback in found.offices


@given(facets_of(DEFAULT), DAYS)
def test_routing_is_the_same_each_time_and_each_office_stands_once(
    facets: dict[str, tuple[str, ...]], today: date
) -> None:
    """Page, review and browser compute it apart."""
    found = routing.route(DEFAULT, facets, today)
    turned = {facet: tuple(reversed(facets[facet])) for facet in reversed(list(facets))}
    assert routing.route(DEFAULT, turned, today) == found
    assert len(set(found.offices)) == len(found.offices)


@given(facets_of(DEFAULT), facets_of(DEFAULT))
def test_saying_more_never_takes_an_office_away(
    facets: dict[str, tuple[str, ...]], more: dict[str, tuple[str, ...]]
) -> None:
    """Routes only add: no answer silently closes a door."""
    both = {name: facets.get(name, ()) + more.get(name, ()) for name in {**facets, **more}}
    few = routing.route(DEFAULT, facets, TODAY).offices
    assert set(few) <= set(routing.route(DEFAULT, both, TODAY).offices)


@given(facets_of(DEFAULT))
def test_every_proposal_but_the_fallback_has_a_reason(facets: dict[str, tuple[str, ...]]) -> None:
    """A yes without a why is no consent."""
    for proposal in routing.route(DEFAULT, facets, TODAY).proposals:
        assert proposal.reasons or proposal.preselected


def test_a_route_matches_only_where_every_facet_does() -> None:
    """One of two is not enough; an unanswered facet matches nothing."""
    rule = Route("det", {"custody": ("yes",), "agency": ("border", "police")}, {})
    assert routing.matches(rule, {"custody": ("yes",), "agency": ("x", "police")})
    assert not routing.matches(rule, {"custody": ("yes",)})
    assert not routing.matches(rule, {"custody": ("yes",), "agency": ()})
    assert not routing.matches(rule, {"custody": ("no",), "agency": ("police",)})


def test_route_falls_back_to_the_investigators() -> None:
    """No answer is needed to be heard."""
    found = routing.route(SMALL, {}, TODAY)
    assert found.offices == ("inv",)
    assert found.proposals[0].reasons == ()


def test_the_fallback_comes_first_wherever_it_is_written() -> None:
    """The others keep the order of the programme."""
    for order in ((1, 2, 0), (2, 0, 1), (2, 1, 0)):
        offices = tuple(SMALL.offices[i] for i in order)
        programme = msgspec.structs.replace(SMALL, offices=offices)
        found = routing.route(programme, {"agency": ("border",), "custody": ("yes",)}, TODAY)
        assert found.offices == ("inv", *(o.id for o in offices if o.id != "inv"))


def test_every_match_adds_its_reason_in_the_order_of_the_routes() -> None:
    """An office is proposed once, for all that speaks for it."""
    facets = {"urgency": ("life",), "agency": ("us-court",)}
    found = {p.office.id: p.reasons for p in routing.route(DEFAULT, facets, TODAY).proposals}
    assert [reason["en"] for reason in found["legal-aid"]] == [
        rule.reason["en"]
        for rule in DEFAULT.routes
        if rule.office == "legal-aid" and routing.matches(rule, facets)
    ]
    assert len(found["legal-aid"]) == 2


def test_an_office_is_open_on_both_its_ends() -> None:
    """The last day counts."""
    office = DATED.office("det")
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 9, 30), date(2026, 10, 1))
    assert [office.is_open(day) for day in days] == [False, True, True, False]


def test_a_served_office_closes_with_its_reader() -> None:
    """Nobody would open what is sealed for it."""
    text = SMALL_TEXT.replace('reader = "inv"', 'reader = "det"')
    text = text.replace('id = "det"\n', 'id = "det"\nuntil = 2026-09-30\n')
    programme = programmes.parse(text)
    facets = {"agency": ("border",)}
    assert "oig" in routing.route(programme, facets, date(2026, 9, 30)).offices
    after = routing.route(programme, facets, date(2026, 10, 1))
    assert after.offices == ("inv",)
    assert [office.id for office in after.closed] == ["oig"]


def test_a_closed_office_that_no_route_names_is_not_mentioned() -> None:
    """What was never proposed is not missed."""
    assert routing.route(DATED, {}, date(2027, 1, 1)).closed == ()


@pytest.mark.parametrize(
    ("agencies", "expected"),
    [
        ((), Conflict.INDEPENDENT),
        (("police",), Conflict.INDEPENDENT),
        (("unknown",), Conflict.INDEPENDENT),
        (("",), Conflict.INDEPENDENT),
        (("border",), Conflict.SAME_AGENCY),
        (("police", "border"), Conflict.SAME_AGENCY),
    ],
)
def test_an_office_of_the_accused_agency_is_marked(
    agencies: tuple[str, ...], expected: Conflict
) -> None:
    """A complaint sent to the accused is what these people fear most."""
    assert routing.conflict(SMALL, SMALL.office("oig"), agencies) is expected


def test_an_office_of_the_same_department_is_marked() -> None:
    """And one of another department is not."""
    office = DEFAULT.office("dhs-oig")
    assert routing.conflict(DEFAULT, office, ("group", "cbp")) is Conflict.SAME_DEPARTMENT
    assert routing.conflict(DEFAULT, office, ("us-court",)) is Conflict.INDEPENDENT


def test_no_department_is_no_common_department() -> None:
    """Two empty fields are not the same ministry, nor the same agency."""
    for office in DEFAULT.keyed:
        for agency in (*DEFAULT.terms("agency"), ""):
            assert routing.conflict(DEFAULT, office, (agency,)) is Conflict.INDEPENDENT
