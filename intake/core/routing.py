"""Which offices a report may go to, and why. Declarative: the programme's routes decide.

Rules: every route that matches proposes its office with its reason; the fallback is always
proposed and alone preselected; closed offices are named, not proposed; a conflict is data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from intake.core.programme import Office, Programme, Route, Text


class Conflict(Enum):
    """How an office stands to the agencies complained of."""

    SAME_AGENCY = "same-agency"
    SAME_DEPARTMENT = "same-department"
    INDEPENDENT = "independent"


@dataclass(frozen=True)
class Proposal:
    """An office that could receive the report. Preselected is only the fallback."""

    office: Office
    reasons: tuple[Text, ...]
    conflict: Conflict
    preselected: bool


@dataclass(frozen=True)
class Routing:
    """What the routes say: proposals in the programme's order, the fallback first."""

    proposals: tuple[Proposal, ...]
    closed: tuple[Office, ...]

    @property
    def offices(self) -> tuple[str, ...]:
        """The ids of the offices proposed."""
        return tuple(proposal.office.id for proposal in self.proposals)


def route(programme: Programme, facets: Mapping[str, tuple[str, ...]], today: date) -> Routing:
    """Return the offices that the facets lead to on this day."""
    reasons: dict[str, list[Text]] = {programme.fallback: []}
    for rule in programme.routes:
        if matches(rule, facets):
            reasons.setdefault(rule.office, []).append(rule.reason)
    named = [office for office in programme.offices if office.id in reasons]
    named.sort(key=lambda office: office.id != programme.fallback)
    proposals = tuple(
        Proposal(
            office,
            tuple(reasons[office.id]),
            conflict(programme, office, facets.get("agency", ())),
            office.id == programme.fallback,
        )
        for office in named
        if _is_open(programme, office, today)
    )
    closed = tuple(office for office in named if not _is_open(programme, office, today))
    return Routing(proposals, closed)


def matches(rule: Route, facets: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every facet the rule names has an answer in its set."""
    return all(set(facets.get(facet, ())) & set(wanted) for facet, wanted in rule.match.items())


def conflict(programme: Programme, office: Office, agencies: tuple[str, ...]) -> Conflict:
    """Return how the office stands to the agencies complained of."""
    if office.agency and office.agency in agencies:
        return Conflict.SAME_AGENCY
    departments = {
        term.department for term in programme.vocabularies["agency"] if term.id in agencies
    } - {""}
    if office.department in departments:
        return Conflict.SAME_DEPARTMENT
    return Conflict.INDEPENDENT


def _is_open(programme: Programme, office: Office, today: date) -> bool:
    """A served office is open while its reader is."""
    return office.is_open(today) and programme.office(office.read_by).is_open(today)
