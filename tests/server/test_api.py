"""Offices at the server: they prove their key, get what is theirs, and open nothing for it."""

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import cast

import pytest

from intake.client import Server
from intake.core import limits, wire
from intake.core.entry import Outer, ReportBody
from intake.crypto import opening
from intake.crypto.header import Header, unb64
from intake.crypto.keyring import fingerprint
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import generate_hybrid
from intake.errors import (
    IntakeError,
    KeyExpiredError,
    KeyringError,
    LoginError,
    ServerError,
    WireError,
)
from intake.server.app import make_app
from intake.server.services import Services
from tests.server.conftest import MakeSite
from tests.server.test_pages import ANSWERS, CANARY, sendable
from tests.support.sealed import filing, message
from tests.support.site import KEYS_UNTIL, ORIGIN, TODAY, Page, Site

OFFICES = ("investigators", "children", "dhs-oig")


class FakeAnswer(io.BytesIO):
    """What `http.client` would return."""

    will_close = True

    def __init__(self, status: int, data: bytes) -> None:
        """Answer with a status and a body."""
        super().__init__(data)
        self.status = status
        self.length = 0


class FakeConnection:
    """A connection to a site in this process."""

    def __init__(self, site: Site) -> None:
        """Speak to this site."""
        self.site = site
        self.answer = FakeAnswer(500, b"")

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> None:
        """Send a request."""
        answer = self.site.client.open(path, method=method, data=body, headers=dict(headers))
        self.answer = FakeAnswer(answer.status_code, answer.data)

    def getresponse(self) -> FakeAnswer:
        """Return its answer."""
        return self.answer

    def close(self) -> None:
        """Do nothing."""


def at(site: Site, origin: str = ORIGIN) -> Server:
    """Return a client of a site that believes in an origin."""
    return Server(origin, lambda: cast("HTTPConnection", FakeConnection(site)))


def filed(site: Site) -> list[str]:
    """File a report to three offices and return its words."""
    review = site.review(ANSWERS)
    fields = [f for f in sendable(review, OFFICES) if not f[0].startswith("contact-")]
    contacts = [(f"contact-{office}", f"only for {office}") for office in OFFICES]
    assert site.post("/en/send", [*contacts, *fields]).status_code == 200
    return review.words


def test_office_opens_what_was_filed_to_it_and_nothing_else(site: Site) -> None:
    """Each entry opens for its reader only, whole, with the contact meant for that office alone."""
    filed(site)
    seen: dict[str, str] = {}
    for office, identity in site.identities.items():
        for sealed in at(site).log_in(office, identity).entries():
            outer = Outer(sealed.case, sealed.kind, office, sealed.entry)
            entry = Sealed(SealedHeader(sealed.header), sealed.payload)
            opened = opening.open_entry(entry, [identity], outer, site.services.programme)
            assert isinstance(opened.body, ReportBody)
            assert CANARY in str(opened.body.answers["account"])
            assert opened.body.contact == f"only for {opened.office}"
            seen[opened.office] = opened.body.message_key
            for other, key in site.identities.items():
                if other != office:
                    with pytest.raises(IntakeError):
                        opening.open_entry(entry, [key], outer, site.services.programme)
    assert set(seen) == set(OFFICES)
    assert len(set(seen.values())) == 3


def test_fetching_is_told_to_the_witness(site: Site) -> None:
    """After an office fetched, her page says so, with the day."""
    words = filed(site)
    list(at(site).log_in("children", site.identities["children"]).entries())
    text = Page.of(site.post("/en/return", [("words", " ".join(words))]).text).text
    assert text.count("Fetched on November 24, 2026.") == 1
    assert text.count("Not fetched yet.") == 2


def test_office_cannot_fetch_what_another_was_granted(site: Site) -> None:
    """An entry's id alone opens no door."""
    filed(site)
    children = at(site).log_in("children", site.identities["children"])
    foreign = next(at(site).log_in("investigators", site.identities["investigators"]).entries())
    with pytest.raises(ServerError, match="no such entry"):
        children.entry(foreign.entry)


def test_key_of_nobody_cannot_log_in(site: Site) -> None:
    """A key that is not in the office's file gets no challenge."""
    with pytest.raises(KeyringError, match="not one of the office's keys"):
        at(site).log_in("children", generate_hybrid())


def test_key_of_another_office_cannot_log_in(site: Site) -> None:
    """A key opens its own office only."""
    with pytest.raises(KeyringError):
        at(site).log_in("children", site.identities["detention"])


def test_expired_key_is_named_as_such(sites: MakeSite) -> None:
    """A key out of date is refused as a key out of date."""
    next_day = KEYS_UNTIL + timedelta(days=1)

    def later(services: Services) -> Services:
        return replace(services, today=lambda: next_day)

    site = sites(later)
    site = replace(
        site, services=replace(site.services, today=lambda: KEYS_UNTIL + timedelta(days=1))
    )
    expired = make_later(site)
    with pytest.raises(KeyExpiredError):
        at(expired).log_in("children", site.identities["children"])


def make_later(site: Site) -> Site:
    """Return the site one day later."""
    return replace(site, client=make_app(site.services).test_client())


def test_login_is_bound_to_the_origin_the_office_knows(site: Site) -> None:
    """A server that passes on another server's challenge gets no answer."""
    with pytest.raises(LoginError, match="do not trust it"):
        at(site, "http://other.test").log_in("children", site.identities["children"])


def test_challenge_is_answered_once(site: Site) -> None:
    """The same answer a second time opens no session."""
    said: list[bytes] = []

    class Recording(FakeConnection):
        def request(
            self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
        ) -> None:
            if path.endswith("/session"):
                said.append(body or b"")
            super().request(method, path, body, headers)

    server = Server(ORIGIN, lambda: cast("HTTPConnection", Recording(site)))
    server.log_in("children", site.identities["children"])
    with pytest.raises(LoginError, match="used or is too old"):
        server.call("POST", "/session", said[0], "")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "challenge", b"{", 400),
        ("POST", "challenge", b"\xff\xfe", 400),
        ("POST", "challenge", b"[" * 9000, 400),
        ("POST", "challenge", b'{"office":"children","key":1}', 400),
        ("POST", "challenge", b'{"office":"children","key":"a","more":1}', 400),
        ("POST", "challenge", b"x" * 20_000, 400),
        ("POST", "challenge", b'{"office":"nobody","key":"a"}', 403),
        ("POST", "session", b'{"id":"a","proof":"AAAA"}', 401),
        ("GET", "days", None, 401),
        ("GET", "days/2026-11-24", None, 401),
        ("GET", "entries/abc", None, 401),
        ("GET", "programme/abc", None, 404),
    ],
)
def test_bad_call_is_refused_with_a_code_and_a_sentence(
    site: Site, method: str, path: str, body: bytes | None, status: int
) -> None:
    """JSON with a stable code; never what was sent."""
    answer = site.client.open(f"/api/v1/{path}", method=method, data=body)
    assert answer.status_code == status
    refusal = wire.parse(answer.data, wire.Refusal)
    assert refusal.code
    assert refusal.message


def test_bearer_of_another_form_is_refused(site: Site) -> None:
    """A made-up token is no session."""
    answer = site.client.get("/api/v1/days", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_programme_is_published_by_its_digest(site: Site) -> None:
    """Whoever reads a report can get the labels of its version."""
    digest = site.services.programme.digest
    answer = site.client.get(f"/api/v1/programme/{digest}")
    assert answer.text == site.services.programme_text


def test_programme_of_today_is_published_without_a_digest(site: Site) -> None:
    """A desk that begins knows no digest yet, and no key; it compares what it got by voice."""
    assert at(site).programme() == site.services.programme_text


class OracleConnection(FakeConnection):
    """A hostile server: it sends a stored report where a challenge belongs."""

    report = b""
    heard: list[bytes]

    def request(
        self,
        method: str,  # noqa: ARG002 - as inherited
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],  # noqa: ARG002 - as inherited
    ) -> None:
        """Answer the login with the report, and remember what the office says next."""
        if path.endswith("/challenge"):
            challenge = wire.Challenge("a" * 32, type(self).report, 2_000_000_000)
            near = replace_expiry(challenge)
            self.answer = FakeAnswer(200, wire.encode(near))
        else:
            type(self).heard.append(body or b"")
            self.answer = FakeAnswer(401, wire.encode(wire.Refusal("login", "thank you")))


def replace_expiry(challenge: wire.Challenge) -> wire.Challenge:
    """Return the challenge with a believable expiry."""
    return wire.Challenge(challenge.id, challenge.message, int(time.time()) + 30)


def stanza_message(sealed: wire.Sealed) -> bytes:
    """Return the HPKE message inside the first stanza: what an attacker would try."""
    stanza = Header.parse(sealed.header).stanzas[0]
    return unb64(stanza.args[0].encode()) + stanza.body


@pytest.mark.parametrize(
    "dress",
    [
        lambda sealed: sealed.header + sealed.payload,
        lambda sealed: sealed.payload,
        stanza_message,
    ],
    ids=["whole file", "payload", "wrapped file key"],
)
def test_server_that_sends_a_report_as_challenge_gets_nothing_opened(
    site: Site, dress: Callable[[wire.Sealed], bytes]
) -> None:
    """The office refuses, and answers nothing at all: neither plaintext nor proof."""
    filed(site)
    identity = site.identities["investigators"]
    sealed = next(at(site).log_in("investigators", identity).entries())
    OracleConnection.report = dress(sealed)
    OracleConnection.heard = []
    server = Server(ORIGIN, lambda: cast("HTTPConnection", OracleConnection(site)))
    with pytest.raises(LoginError, match="do not trust it"):
        server.log_in("investigators", identity)
    assert OracleConnection.heard == []


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b'{"id":1}', b"\xff", json.dumps({"id": "a"}).encode()]
)
def test_hostile_answers_to_the_client_are_named_errors(site: Site, data: bytes) -> None:
    """Whatever a server answers, the client raises an error of ours."""

    class Hostile(FakeConnection):
        def request(self, *_args: object) -> None:
            self.answer = FakeAnswer(200, data)

    server = Server(ORIGIN, lambda: cast("HTTPConnection", Hostile(site)))
    with pytest.raises((WireError, ServerError)):
        server.log_in("children", site.identities["children"])


def test_wrong_proof_opens_no_session(site: Site) -> None:
    """Whoever cannot open the challenge gets nothing, whatever is answered."""
    identity = site.identities["children"]
    key = fingerprint(identity.recipient())
    for proof in (b"", bytes(32), b"x" * 32):
        asked = at(site).call("POST", "/challenge", wire.encode(wire.Ask("children", key)), "")
        challenge = wire.parse(asked, wire.Challenge)
        with pytest.raises(LoginError, match="is wrong"):
            at(site).call("POST", "/session", wire.encode(wire.Answer(challenge.id, proof)), "")


def test_late_answer_and_ended_session_are_refused(sites: MakeSite) -> None:
    """A challenge lives a minute, a session a quarter of an hour, by the server's clock."""
    clock = [time.time()]

    def with_clock(services: Services) -> Services:
        return replace(services, now=lambda: clock[0])

    site = sites(with_clock)
    office = at(site).log_in("children", site.identities["children"])
    assert list(office.items()) == []
    clock[0] += limits.SESSION_SECONDS + 1
    with pytest.raises(LoginError, match="session has ended"):
        list(office.items())

    class Late(FakeConnection):
        def request(
            self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
        ) -> None:
            if path.endswith("/session"):
                clock[0] += limits.LOGIN_SECONDS + 1
            super().request(method, path, body, headers)

    clock[0] = time.time()
    server = Server(ORIGIN, lambda: cast("HTTPConnection", Late(site)))
    with pytest.raises(LoginError, match="too old"):
        server.log_in("children", site.identities["children"])


def test_entry_is_the_one_that_was_asked_for(site: Site) -> None:
    """A server that sends another entry, or names one by a path, is not believed."""
    filed(site)
    office = at(site).log_in("investigators", site.identities["investigators"])
    first, second = list(office.items())

    class Swapping(FakeConnection):
        def request(
            self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
        ) -> None:
            super().request(method, path.replace(first, second), body, headers)

    swapped = replace(office, server=Server(ORIGIN, lambda: cast("HTTPConnection", Swapping(site))))
    with pytest.raises(WireError, match="another entry"):
        swapped.entry(first)
    with pytest.raises(WireError, match="by no id"):
        office.entry("../../health")


def several(site: Site, sent: object, office: str = "investigators") -> tuple[int, bytes]:
    """Ask for several entries in an office's session."""
    token = at(site).log_in(office, site.identities[office]).token
    data = sent if isinstance(sent, bytes) else wire.encode(sent)
    headers = {"Authorization": f"Bearer {token}"}
    answer = site.client.post("/api/v1/entries/fetch", data=data, headers=headers)
    return answer.status_code, answer.data


def test_several_entries_are_given_in_the_order_asked(site: Site) -> None:
    """Each as it is given alone; what another office reads is missing, as what nobody has."""
    filed(site)
    office = at(site).log_in("investigators", site.identities["investigators"])
    foreign = next(at(site).log_in("children", site.identities["children"]).items())
    first, second = office.items()
    names = (second, foreign, first, "ff" * 16)
    status, data = several(site, wire.Wanted(names))
    assert status == 200
    given = wire.parse(data, wire.Given)
    assert given == wire.Given((office.entry(second), office.entry(first)), (foreign, "ff" * 16))
    found = office.several(names)
    assert list(found) == list(names)
    assert [name for name in found if found[name] is None] == [foreign, "ff" * 16]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[]",
        b'{"entries":["\\ud800"]}',
        b'{"entries":[1]}',
        b'{"entries":["a"],"more":1}',
        b"[" * 9000,
        wire.Wanted(()),
        wire.Wanted(("aa" * 16,) * 2),
        wire.Wanted(tuple(f"{number:032x}" for number in range(limits.FETCH_ENTRIES + 1))),
        wire.Wanted(("x" * 20_000,)),
    ],
)
def test_hostile_question_for_several_is_refused_by_name(site: Site, sent: object) -> None:
    """None, one twice, more than fit: a code and a sentence."""
    status, data = several(site, sent)
    assert status == 400
    assert wire.parse(data, wire.Refusal).code == "wire"


def test_strange_names_among_several_are_missing(site: Site) -> None:
    """They reach no query."""
    names = ("", "../../health", "' OR 1=1", "\x00", "AA" * 16)
    status, data = several(site, wire.Wanted(names))
    assert (status, wire.parse(data, wire.Given)) == (200, wire.Given((), names))


def test_several_are_asked_for_in_a_session_only(site: Site) -> None:
    """As one alone."""
    sent = wire.encode(wire.Wanted(("aa" * 16,)))
    assert site.client.post("/api/v1/entries/fetch", data=sent).status_code == 401


def test_office_keeps_its_case_from_age(site: Site) -> None:
    """By its id; not that of another, and not without a session."""
    draft = filing(site, offices=("investigators",))
    assert site.client.post("/api/v1/cases", data=wire.encode(message(site, draft))).is_json
    mine = at(site).log_in("investigators", site.identities["investigators"])
    (sealed,) = mine.entries()
    mine.hold(sealed.case)
    later = TODAY + timedelta(days=400)
    cases = site.services.cases
    assert cases.expire("investigators", later, later) == 0
    mine.hold(sealed.case, release=True)
    other = at(site).log_in("children", site.identities["children"])
    with pytest.raises(ServerError, match="no such case"):
        other.hold(sealed.case)
    with pytest.raises(WireError):
        mine.hold("../days")
    assert site.client.put(f"/api/v1/holds/{sealed.case}").status_code == 401
    assert site.client.put("/api/v1/holds/nothing").status_code == 404
    assert cases.expire("investigators", later, later) == 1
