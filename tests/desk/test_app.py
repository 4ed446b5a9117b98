"""Who may come in, what every answer says, and that nothing but the desk's own browser counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from intake.crypto.unseal import seal_identities_file
from intake.desk import app
from intake.desk.home import Home, usual
from intake.vault.vault import ask_to_lock
from intake.web.loopback import HEADERS
from tests.support.webdesk import WebDesk, words

PAGES = ("/", "/?open=1&order=due", "/search?q=x", "/search.json?q=x", "/aside", "/sync")


def stranger(desk: WebDesk) -> WebDesk:
    """Return the same desk for a browser that was not let in."""
    return replace(desk)


def test_every_address_is_in_the_table(desk: WebDesk) -> None:
    """One that is not would be guarded all the same, but nobody would know of it."""
    found = list(desk.app.url_map.iter_rules())
    rules = {(rule.rule, method) for rule in found for method in methods(rule)}
    assert rules == {(one.rule, one.method) for one in app.ADDRESSES}


def methods(rule: object) -> set[str]:
    """Return what a rule answers besides what Flask adds."""
    return set(getattr(rule, "methods", ())) - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("address", [one for one in app.ADDRESSES if not one.is_open])
def test_browser_that_was_not_let_in_sees_nothing(desk: WebDesk, address: app.Address) -> None:
    """Neither by asking nor by sending a form."""
    path = address.rule.replace("<case>", "ab" * 16).replace("<entry>", "ab" * 16)
    other = stranger(desk)
    answer = other.get(path) if address.method == "GET" else other.post(path)
    assert answer.status_code == 403
    assert "not let in" in answer.text


def test_one_time_address_lets_in_once(desk: WebDesk) -> None:
    """A second browser with the same address stays outside."""
    origin = desk.services.door.origin
    path = desk.services.door.address().removeprefix(origin)
    first, second = stranger(desk), stranger(desk)
    assert first.get(path).headers["Location"] == "/"
    cookie = first.client.get_cookie("desk", "127.0.0.1")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Strict", None)
    assert second.get(path).status_code == 403
    assert first.get("/").status_code == 200
    assert second.get("/").status_code == 403


@pytest.mark.parametrize("path", ["/enter/", "/enter/x", "/enter/../", "/enter/" + "a" * 43])
def test_guessed_address_lets_nobody_in(desk: WebDesk, path: str) -> None:
    """It has 256 bits."""
    assert stranger(desk).get(path).status_code in (403, 404)


@pytest.mark.parametrize("host", ["localhost", "evil.example", "127.0.0.1:1", "127.0.0.1", ""])
def test_other_names_of_this_machine_are_not_answered(desk: WebDesk, host: str) -> None:
    """Another site's name that leads to 127.0.0.1 would else be let in with the cookie."""
    answer = desk.client.get("/", base_url=desk.services.door.origin, headers={"Host": host})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_form_of_another_site_does_nothing(desk: WebDesk, headers: dict[str, str]) -> None:
    """Not even lock."""
    answer = desk.client.post("/lock", base_url=desk.services.door.origin, headers=headers)
    assert answer.status_code == 403
    assert not desk.services.vault.is_locked


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_link_of_another_site_leads_nowhere(desk: WebDesk, site: str) -> None:
    """So it cannot have a case marked as shown."""
    assert desk.get("/", **{"Sec-Fetch-Site": site}).status_code == 403
    for own in ("none", "same-origin"):
        assert desk.get("/", **{"Sec-Fetch-Site": own}).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/desk.css", "/case/none"])
def test_every_answer_has_the_headers(desk: WebDesk, path: str) -> None:
    """Nothing is kept, embedded, or loaded from elsewhere; refusals too."""
    answer = desk.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    for name in ("ETag", "Last-Modified", "Set-Cookie", "Server"):
        assert name not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_locked_vault_shows_the_passphrase_page_and_nothing_else(desk: WebDesk, path: str) -> None:
    """By the button, by the terminal, or when nobody used it."""
    desk.post("/lock")
    answer = desk.get(path)
    if path.startswith("/search.json"):
        assert answer.status_code == 401
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/unlock")
    assert "The vault is locked" in desk.text("/unlock")


def test_lock_asked_on_a_terminal_holds_here(desk: WebDesk) -> None:
    """The next page asks for the passphrase."""
    ask_to_lock(desk.services.home.vault)
    assert desk.get("/").headers["Location"] == "/unlock"


def test_unlocks_with_the_identity_file_and_begins_to_sync(desk: WebDesk) -> None:
    """A file without a passphrase needs none."""
    desk.post("/lock")
    assert desk.post("/unlock", passphrase="").headers["Location"] == "/"
    assert desk.services.syncing.state.stage == "done"
    assert desk.get("/").status_code == 200


def test_passphrase_is_asked_only_where_there_is_one(desk: WebDesk) -> None:
    """And a folder that anybody could open is said to be one."""
    desk.post("/lock")
    assert "without a passphrase" in desk.text("/unlock")
    assert 'type="password"' not in desk.get("/unlock").text
    desk.services.home.identity.write_bytes(seal_identities_file(desk.key, "p" * 12))
    assert 'type="password"' in desk.get("/unlock").text
    assert "not its passphrase" in words(desk.post("/unlock", passphrase="wrong").text)
    assert desk.post("/unlock", passphrase="p" * 12).headers["Location"] == "/"


def test_identity_that_is_missing_or_of_another_is_said(desk: WebDesk) -> None:
    """The vault stays locked."""
    desk.post("/lock")
    desk.services.home.identity.write_text("garbage\n")
    answer = desk.post("/unlock", passphrase="x")
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert desk.services.vault.is_locked


def test_what_is_too_long_is_refused_by_name(desk: WebDesk) -> None:
    """Before it is read into memory."""
    answer = desk.post(f"/case/{'ab' * 16}/own", text="x" * (app.BODY + 1))
    assert answer.status_code == 413
    assert "too long for one sending" in answer.text


def test_fault_shows_its_kind_and_no_words(desk: WebDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback would hold what was typed."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("intake.vault.lists.aside", broken)
    answer = desk.get("/aside")
    assert answer.status_code == 500
    assert "RuntimeError" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "/home/ana/.local/share/intake-desk"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/intake-desk"),
        ("darwin", {}, "/home/ana/Library/Application Support/intake-desk"),
        ("win32", {}, "/home/ana/AppData/Local/intake-desk"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/intake-desk"),
    ],
)
def test_home_lies_where_the_system_keeps_such_things(
    platform: str, environ: dict[str, str], folder: str
) -> None:
    """And is there only when identity and vault are."""
    assert usual(environ, platform, Path("/home/ana")) == Path(folder)
    assert not Home(Path(folder)).is_there
