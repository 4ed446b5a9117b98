"""Afterwards: log in as the offices, open every entry and every file, compare with who filed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from intake.cli.files import Pieces
from intake.client import Office, Server
from intake.core import wire
from intake.core.entry import Outer, ReportBody
from intake.crypto.opening import open_entry, open_evidence
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import HybridIdentity, parse_identities_file
from intake.errors import IntakeError
from tests.faults.people import Person
from tests.support.filing import OFFICES, PROGRAMME
from tests.support.server import DemoServer

ORIGINALS = OFFICES[0]
"""The office that gets each file as it was made; the other gets the copy where there is one."""


@dataclass(frozen=True)
class Opened:
    """A case as one office opens it, with the bytes of its files."""

    case: str
    files: tuple[bytes, ...]


@dataclass
class Seen:
    """What was found: accounts that opened at every office, that are lost, that are there twice."""

    opened: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def look(server: DemoServer, kept: Sequence[Person], withdrawn: Sequence[Person] = ()) -> Seen:
    """Return what became of those who were told that it is kept.

    `withdrawn` took theirs back from the second office.
    """
    seen = Seen()
    gone = {person.account for person in withdrawn}
    for office in OFFICES:
        found = _all_of(server, office, seen)
        seen.doubled |= {account for account, cases in found.items() if len(cases) > 1}
        for person in kept:
            is_there = _fits(found.get(person.account, []), person, office)
            if office != ORIGINALS and person.account in gone:
                is_there = person.account not in found
            if not is_there:
                seen.lost.add(person.account)
                seen.problems.append(f"{office}: not there as it was sent: {person.account}")
    seen.opened = {person.account for person in kept} - seen.lost
    return seen


def _fits(cases: Sequence[Opened], person: Person, office: str) -> bool:
    """Whether one of these is her case, with her file whole, or its copy."""
    size = len(person.data)
    return any(
        one.case == person.secret.case()
        and one.files != ()
        and all(len(data) == size for data in one.files)
        and (office != ORIGINALS or person.data in one.files)
        for one in cases
    )


def _all_of(server: DemoServer, office: str, seen: Seen) -> dict[str, list[Opened]]:
    """Return every case that an office opens, by account; one that fails stops no other."""
    (identity,) = parse_identities_file(server.identity(office).read_text())
    assert isinstance(identity, HybridIdentity)
    session = Server.at(server.origin).log_in(office, identity)
    found = defaultdict(list)
    for name in session.items():
        try:
            account, one = _open(session, session.entry(name), identity)
            found[account].append(one)
        except IntakeError as error:
            seen.problems.append(f"{office}: an entry does not open: {error}")
    return found


def _open(session: Office, sealed: wire.Sealed, identity: HybridIdentity) -> tuple[str, Opened]:
    whole = Sealed(SealedHeader(sealed.header), sealed.payload)
    outer = Outer(sealed.case, sealed.kind, session.name, sealed.entry)
    body = open_entry(whole, [identity], outer, PROGRAMME).body
    assert isinstance(body, ReportBody)
    return str(body.answers["account"]), Opened(sealed.case, tuple(_files(session, body)))


def _files(session: Office, body: ReportBody) -> Iterator[bytes]:
    """Yield each file, after its digest and length agreed with what the entry tells of it."""
    for told in body.evidence:
        out = BytesIO()
        open_evidence(told, Pieces(session.evidence(told.id)), out)
        yield out.getvalue()
