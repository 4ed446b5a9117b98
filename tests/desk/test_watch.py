"""The self-watch: other keys than the office's own are seen, whoever they are shown to."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from intake.core import canonical
from intake.crypto import keyring
from intake.crypto.age import HybridRecipient
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import generate_hybrid
from intake.desk.watch import (
    SETTING,
    Finding,
    Offered,
    Own,
    Watched,
    What,
    compare,
    keep,
    kept,
    parse,
    sentences,
    watch,
)
from intake.errors import ProgrammeError, VaultDamagedError, WireError
from intake.socks import Proxy
from intake.web.visitor import Visited
from intake.wordlists import wordlist
from tests.support.assets import unpacked
from tests.support.desk import Desk
from tests.support.loopback import served
from tests.support.server import free_port
from tests.support.site import TODAY, Site, make_site
from tests.support.socks import Tor, listening

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OFFICE = "investigators"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = "2026-11-25T12:00:00Z"
OTHER = generate_hybrid().recipient()
ANOTHER = generate_hybrid().recipient()

Facts = dict[str, Any]
Change = Callable[[Facts], object]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Make a site; it is only looked at."""
    site = make_site(tmp_path_factory.mktemp("site"))
    yield site
    site.services.records.close()


@pytest.fixture
def own(site: Site) -> Own:
    """Return what an office of it knows of itself."""
    services = site.services
    return Own(OFFICE, services.keyring.offices[OFFICE], services.programme)


@dataclass
class Between:
    """The site's app, with what it tells of its keys changed where `is_for` says so."""

    site: Site
    change: Change = lambda _: None
    is_for: "Callable[[WSGIEnvironment], bool]" = lambda _: True
    asked: list[tuple[str, str, str]] | None = None

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> object:
        """Answer."""
        path = environ["PATH_INFO"]
        if self.asked is not None:
            agent = environ.get("HTTP_USER_AGENT", "")
            self.asked.append((path, agent, environ.get("HTTP_ACCEPT_LANGUAGE", "")))
        pieces, status, headers = run_wsgi_app(self.site.client.application, environ)
        answer = Response(b"".join(pieces), status, headers)
        if path.endswith("/sealing.json") and self.is_for(environ):
            coding = answer.headers.pop("Content-Encoding", None)
            facts = json.loads(unpacked(answer.data, coding))
            self.change(facts)
            answer.data = json.dumps(facts).encode()
        return answer(environ, start)


def seen(app: object, own: Own) -> Watched:
    """Return what a watch of an app sees."""
    with served(lambda _origin: app) as origin:  # type: ignore[arg-type,return-value] # an app
        return watch(partial(Visited.at, origin), own, NOW, lambda: None)


def whats(watched: Watched) -> list[tuple[What, str]]:
    """Return what was found, about which offices."""
    return [(one.what, one.office) for one in watched.findings]


def text_of(key: HybridRecipient) -> str:
    """Return a key as `sealing.json` has it."""
    return b64encode(key.raw).decode()


def test_honest_site_hands_out_the_offices_own_keys(site: Site, own: Own) -> None:
    """Two visits, by two browsers, in two languages; form first, then keys."""
    app = Between(site, asked=[])
    assert seen(app, own) == Watched(AT, ())
    assert app.asked is not None
    paths = [path for path, _, _ in app.asked]
    assert paths == ["/en/", "/en/sealing.json", "/es/", "/es/sealing.json"]
    assert len({agent for _, agent, _ in app.asked}) == 2
    assert all("Mozilla" in agent for _, agent, _ in app.asked)
    assert [language[:2] for _, _, language in app.asked] == ["en", "en", "es", "es"]


def test_foreign_key_beside_the_own_is_seen(site: Site, own: Own) -> None:
    """Whoever holds it reads all that is sealed from then on; told once, with its words."""
    watched = seen(Between(site, lambda f: f["keys"][OFFICE].append(text_of(OTHER))), own)
    assert whats(watched) == [(What.FOREIGN, OFFICE)]
    words = keyring.spoken(keyring.fingerprint(OTHER), wordlist("en"))
    assert all(words in sentence for sentence in sentences(watched))


def test_foreign_key_in_place_of_an_own_is_two_findings(site: Site, own: Own) -> None:
    """One comes, one goes."""

    def change(facts: Facts) -> None:
        facts["keys"][OFFICE][0] = text_of(OTHER)

    found = whats(seen(Between(site, change), own))
    assert found == [(What.FOREIGN, OFFICE), (What.MISSING, OFFICE)]


def test_key_that_one_visitor_alone_is_shown_is_seen(site: Site, own: Own) -> None:
    """A site that lies to telephones only."""
    app = Between(
        site,
        lambda f: f["keys"][OFFICE].append(text_of(OTHER)),
        lambda environ: "iPhone" in environ.get("HTTP_USER_AGENT", ""),
    )
    found = {what for what, _ in whats(seen(app, own))}
    assert found == {What.FOREIGN, What.DISAGREE}


def test_other_keys_of_another_office_for_one_visitor_disagree(site: Site, own: Own) -> None:
    """Its keys are not ours to judge; that two visitors see different ones is told."""
    other = next(one.id for one in own.programme.keyed if one.id != OFFICE)
    app = Between(
        site,
        lambda f: f["keys"][other].append(text_of(OTHER)),
        lambda environ: environ["PATH_INFO"].startswith("/es/"),
    )
    assert whats(seen(app, own)) == [(What.DISAGREE, "")]


def test_foreign_key_of_an_office_that_is_read_for_is_seen(site: Site, own: Own) -> None:
    """Another reader with other keys, where ours should read."""

    def change(facts: Facts) -> None:
        facts["keys"]["other"] = [text_of(OTHER)]
        served = next(one for one in facts["offices"] if one["reader"] == OFFICE != one["id"])
        served["reader"] = "other"

    found = seen(Between(site, change), own).findings
    assert {one.what for one in found} == {What.OTHER_READER, What.FOREIGN, What.MISSING}
    assert OFFICE not in {one.office for one in found}


def close(facts: Facts) -> None:
    """Offer the office to nobody."""
    for office in facts["offices"]:
        office["open"] = office["open"] and office["id"] != OFFICE


def read_elsewhere(facts: Facts) -> None:
    """Let somebody else read for the offices that ours reads for."""
    facts["keys"]["other"] = facts["keys"][OFFICE]
    for office in facts["offices"]:
        if office["reader"] == OFFICE and office["id"] != OFFICE:
            office["reader"] = "other"


CHANGES: dict[str, tuple[Change, set[What]]] = {
    "missing key": (lambda f: f["keys"][OFFICE].pop(), {What.MISSING}),
    "no key": (lambda f: f["keys"].pop(OFFICE), {What.NOT_OFFERED}),
    "empty keys": (lambda f: f["keys"].update({OFFICE: []}), {What.NOT_OFFERED}),
    "closed": (close, {What.NOT_OFFERED}),
    "no offices": (lambda f: f.update(offices=[]), {What.NOT_OFFERED}),
    "other reader": (read_elsewhere, {What.OTHER_READER}),
    "other digest": (lambda f: f.update(digest="0" * 64), {What.PROGRAMME}),
    "other programme": (lambda f: f.update(programme="other"), {What.PROGRAMME}),
    "office twice": (lambda f: f["offices"].append(f["offices"][0]), {What.NO_FORM}),
    "other language": (lambda f: f.update(language="xx"), {What.NO_FORM}),
    "classic key": (lambda f: f["keys"][OFFICE].append("AAAA"), {What.NO_FORM}),
    "no base64": (lambda f: f["keys"][OFFICE].append("\u00e9~"), {What.NO_FORM}),
    "key of a number": (lambda f: f["keys"].update({OFFICE: [7]}), {What.NO_FORM}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_differs_is_named(site: Site, own: Own, case: str) -> None:
    """Each by its own name, once for an office."""
    change, expected = CHANGES[case]
    watched = seen(Between(site, change), own)
    assert {what for what, _ in whats(watched)} == expected
    assert len(set(watched.findings)) == len(watched.findings)
    assert all(sentence.isprintable() for sentence in sentences(watched))


def answering(body: bytes, status: int = 200, **headers: str) -> Response:
    """Return an app that answers everything alike."""
    return Response(body, status, {"Content-Type": "text/html; charset=utf-8", **headers})


FORM = b'<form data-group="report">'
GARBAGE = {
    "nothing": answering(b""),
    "another page": answering(b"<p>This domain is for sale \x1b[2J</p>"),
    "a form, and no keys": answering(FORM),
    "an error": answering(FORM, 503),
    "redirect": answering(FORM, 302, Location="http://127.0.0.1:1/"),
    "a bomb": answering(b"\x00" * (5 * 1024 * 1024)),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_site_that_shows_no_form_is_said_so(own: Own, case: str) -> None:
    """Nothing that it sent is shown."""
    watched = seen(GARBAGE[case], own)
    assert whats(watched) == [(What.NO_FORM, "")]


def test_site_that_marks_its_visitors_shows_no_form_of_ours(site: Site, own: Own) -> None:
    """The form sets no cookie."""

    def marking(environ: "WSGIEnvironment", start: "StartResponse") -> object:
        pieces, status, headers = run_wsgi_app(site.client.application, environ)
        answer = Response(b"".join(pieces), status, headers)
        answer.headers["Set-Cookie"] = "a=b"
        return answer(environ, start)

    assert whats(seen(marking, own)) == [(What.NO_FORM, "")]


def test_site_that_nobody_answers_for_is_unreachable(own: Own) -> None:
    """Neither good nor hostile."""
    site = partial(Visited.at, f"http://127.0.0.1:{free_port()}")
    assert whats(watch(site, own, NOW, lambda: None)) == [(What.UNREACHABLE, "")]


@contextmanager
def through_tor(app: object, name: str) -> Iterator[tuple[Tor, int]]:
    """Serve an app under a name that only the proxy knows."""
    with served(lambda _origin: app) as origin:  # type: ignore[arg-type,return-value] # an app
        tor = Tor({name: int(origin.rpartition(":")[2])})
        with listening(tor) as port:
            yield tor, port


def test_watch_through_tor_takes_a_circuit_for_each_visit(site: Site, own: Own) -> None:
    """Names are resolved there; both visits see the keys."""
    circuits = iter(("first", "second"))
    with through_tor(Between(site), "abc.onion") as (tor, port):

        def visitor() -> Visited:
            return Visited.at("http://abc.onion", Proxy("127.0.0.1", port, next(circuits)))

        assert watch(visitor, own, NOW, lambda: None) == Watched(AT, ())
    assert set(tor.asked) == {("abc.onion", 80)}
    assert tor.circuits == ["first", "first", "second", "second"]


def test_proxy_that_leads_nowhere_is_unreachable(own: Own) -> None:
    """As a site that is down."""
    with listening(Tor({})) as port:
        site = partial(Visited.at, "http://abc.onion", Proxy("127.0.0.1", port))
        assert whats(watch(site, own, NOW, lambda: None)) == [(What.UNREACHABLE, "")]


def test_office_of_no_programme_is_refused(own: Own) -> None:
    """The desk's own settings are wrong: nothing is asked of the site."""
    nowhere = partial(Visited.at, "http://127.0.0.1:1")
    with pytest.raises(ProgrammeError):
        watch(nowhere, replace(own, office="nobody"), NOW, lambda: None)


def offered(own: Own, *keys: HybridRecipient) -> Offered:
    """Return what a site offers that seals to these keys."""
    programme = own.programme
    return Offered(
        programme.id,
        programme.digest,
        {office.id: (office.read_by, True) for office in programme.offices},
        {OFFICE: frozenset(keys)},
    )


def test_days_of_a_key_are_judged_with_a_day_to_spare(own: Own) -> None:
    """The server's day may be another; what ended long ago must not be handed out."""
    old = OfficeKey(OTHER, "working", None, TODAY - timedelta(days=1))
    new = OfficeKey(ANOTHER, "working", TODAY, None)
    ours = replace(own, keys=(old, new))
    for day in (TODAY - timedelta(days=1), TODAY):
        for keys in ((OTHER,), (ANOTHER,), (OTHER, ANOTHER)):
            assert list(compare(offered(ours, *keys), ours, day)) == []
    later = TODAY + timedelta(days=2)
    found = {one.what for one in compare(offered(ours, OTHER), ours, later)}
    assert found == {What.ENDED, What.MISSING}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"keys":' * 100_000,
        b'{"digest":"","keys":{},"language":"en","offices":[{}],"programme":""}',
        b'{"digest":"","keys":[],"language":"en","offices":[],"programme":""}',
        b'{"digest":"\\ud800","keys":{},"language":"en","offices":[],"programme":""}x',
    ],
)
def test_garbage_for_the_keys_is_refused_by_name(data: bytes) -> None:
    """Nothing of it is quoted."""
    with pytest.raises(WireError, match="cannot be read"):
        parse(data, "en")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Parsed, or refused by name."""
    with pytest.raises(WireError):
        parse(data, "en")


def test_last_watch_is_kept_in_the_vault(desk: Desk) -> None:
    """A page can show it; the newest replaces the one before."""
    with desk.vault.use() as opened:
        assert kept(opened) is None
        keep(opened, Watched(AT, ()))
        last = Watched(AT, (Finding("0a" * 32, OFFICE, What.FOREIGN),))
        keep(opened, last)
        assert kept(opened) == last
        text = canonical.encode(last).decode().replace("foreign", "friendly")
        with opened.database.write():
            opened.database.run("UPDATE settings SET value = ? WHERE name = ?", text, SETTING)
        with pytest.raises(VaultDamagedError, match="last watch"):
            kept(opened)


def test_every_finding_has_its_sentence() -> None:
    """And none is missing its key's words."""
    for what in What:
        (said,) = sentences(Watched(AT, (Finding("0a" * 32, OFFICE, what),)))
        assert said.startswith(f"office {OFFICE}: ")
        assert "{" not in said
    (good,) = sentences(Watched(AT, ()))
    assert "own keys" in good


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Make a vault."""
    return Desk(tmp_path / "vault")
