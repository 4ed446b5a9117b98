"""Answers that are the same for everybody: in every form, made once a day; and the script tag."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from intake.web.assets import SCRIPTS
from tests.server.conftest import MakeSite
from tests.support.assets import unpacked, with_scripts, write_scripts
from tests.support.site import FORM, ORIGIN, TODAY, Page, Site

ALIKE = ["/", "/en/", "/es/", "/en/return", "/es/return", "/style.css"]
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def site(sites: MakeSite, tmp_path: Path) -> Site:
    """Make a site with scripts."""
    write_scripts(tmp_path / "static")
    return sites(with_scripts(tmp_path / "static"))


@pytest.mark.parametrize("path", [*ALIKE, *(f"/{name}" for name in SCRIPTS)])
def test_address_answers_the_same_in_every_form(site: Site, path: str) -> None:
    """Plain, gzip and brotli hold the same bytes; HEAD tells the same without them."""
    plain = site.client.get(path)
    assert plain.status_code == 200
    assert "Content-Encoding" not in plain.headers
    for asked, coding in (("gzip", "gzip"), ("gzip, br", "br")):
        answer = site.client.get(path, headers={"Accept-Encoding": asked})
        assert answer.headers["Content-Encoding"] == coding
        assert answer.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]
        assert unpacked(answer.data, coding) == plain.data
        assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())
        head = site.client.head(path, headers={"Accept-Encoding": asked})
        assert (head.status_code, head.data) == (200, b"")
        assert dict(head.headers) == dict(answer.headers)


def test_pages_have_the_types_that_nosniff_asks_for(site: Site) -> None:
    """A script or stylesheet of another type would not run."""
    types = {path: site.client.get(path).headers["Content-Type"] for path in (*ALIKE, "/app.js")}
    assert types.pop("/app.js") == "text/javascript; charset=utf-8"
    assert types.pop("/style.css") == "text/css; charset=utf-8"
    assert set(types.values()) == {"text/html; charset=utf-8"}


@pytest.mark.parametrize("path", ALIKE)
def test_page_is_made_once_a_day(site: Site, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The second visitor gets what was kept: nothing is rendered for him."""
    first = site.client.get(path, headers=BROWSER).data

    def fails(*_args: object, **_named: object) -> str:
        raise AssertionError("rendered again")

    monkeypatch.setattr("intake.web.i18n.Language.render", fails)
    told = {**BROWSER, "User-Agent": "Other/1", "Cookie": "a=b", "Accept-Language": "ht"}
    assert site.client.get(f"{path}?a=b", headers=told).data == first


def test_page_is_made_anew_on_another_day(sites: MakeSite) -> None:
    """A page that names a day would be wrong on the next."""
    days = [TODAY]

    def clock() -> date:
        return days[-1]

    site = sites(lambda services: replace(services, today=clock))
    site.client.get("/en/")
    kept = site.services.shelf.find(TODAY, ("show", "True", "None", "en"))
    assert kept
    days.append(TODAY + timedelta(days=1))
    assert site.client.get("/en/").data == kept.plain
    assert site.services.shelf.find(TODAY, ("show", "True", "None", "en")) is None
    assert site.services.shelf.find(days[-1], ("show", "True", "None", "en"))


@pytest.mark.parametrize("path", ["/xx/", "/xx/return", "/en/nothing", "/health"])
def test_nothing_else_is_kept_or_compressed(site: Site, path: str) -> None:
    """Made-up languages fill no memory."""
    answer = site.client.get(path, headers=BROWSER)
    assert not {"Content-Encoding", "Vary"} & set(answer.headers.keys())
    assert site.services.shelf._kept[1] == {}


def test_form_that_is_switched_off_is_not_kept(sites: MakeSite) -> None:
    """A refusal is made each time."""
    site = sites(seal_without_script=False)
    answer = site.client.get("/en/", headers=BROWSER)
    assert answer.status_code == 503
    assert "Content-Encoding" not in answer.headers
    assert site.services.shelf._kept[1] == {}


@pytest.mark.parametrize("fields", [[("account", "What happened there.")], []])
def test_what_was_typed_is_never_compressed(site: Site, fields: list[tuple[str, str]]) -> None:
    """The review page holds secret and words, and so may the form that is given back."""
    body = urlencode([*fields, ("end", "1")])
    answer = site.client.post(
        "/en/",
        data=body,
        content_type=FORM,
        headers={"Origin": ORIGIN, "Host": "site.test", **BROWSER},
    )
    assert answer.status_code == (200 if fields else 422)
    assert not {"Content-Encoding", "Vary"} & set(answer.headers.keys())
    assert answer.data.startswith(b"<!doctype html>")


def test_other_services_have_a_shelf_of_their_own(site: Site) -> None:
    """What one programme's pages are is nothing to another."""
    site.client.get("/en/")
    assert site.services.shelf._kept[1]
    assert replace(site.services).shelf._kept[1] == {}


def scripts(text: str) -> list[dict[str, str | None]]:
    """Return the script tags of a page."""
    return [found for tag, found in Page.of(text).tags if tag == "script"]


def tag(site: Site, address: str) -> dict[str, str | None]:
    """Return the one way in which a page names a script."""
    integrity = site.services.assets[address].integrity
    return {"src": address, "integrity": integrity, "crossorigin": "anonymous", "defer": None}


def test_each_page_names_its_script_with_its_digest(site: Site) -> None:
    """The form, empty or given back, those that seal; every other that by which to leave."""
    assets = site.services.assets
    own = [{f"data-{name}": assets[f"/{name}.js"].integrity for name in ("app", "later")}]
    for answer in (site.client.get("/es/"), site.post("/en/", [])):
        text = answer.text
        assert scripts(text) == own
        assert f">{assets['/loader.js'].plain.decode()}</script>" in text
        # After a stylesheet it would wait for it.
        assert text.index("<script") < text.index('<link rel="stylesheet"')
        policy = answer.headers["Content-Security-Policy"]
        for name in ("loader", "app", "later"):
            assert f"'{assets[f'/{name}.js'].integrity}'" in policy
    back = site.client.get("/en/return")
    assert scripts(back.text) == [{"data-back": assets["/back.js"].integrity}]
    for name in ("loader", "back"):
        assert f"'{assets[f'/{name}.js'].integrity}'" in back.headers["Content-Security-Policy"]
    leaving = [tag(site, "/leave.js")]
    for path in ("/", "/en/nothing"):
        assert scripts(site.client.get(path).text) == leaving
    assert scripts(site.post("/en/", [("account", "It happened.")]).text) == leaving


def test_checkout_without_a_build_has_no_script(sites: MakeSite) -> None:
    """No tag, and its addresses are no pages."""
    bare = sites()
    assert scripts(bare.client.get("/en/").text) == []
    for name in SCRIPTS:
        assert bare.client.get(f"/{name}").status_code == 404
