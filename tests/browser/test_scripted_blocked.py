"""The page where its script is blocked, broken or half there: the form works, and says how.

Nothing typed is lost, and no words leave in clear from a page that promises to seal them.
"""

import secrets
from pathlib import Path

import pytest

from tests.browser.between import Between, Rule, said
from tests.browser.scripted import MORE, NEXT, SEND, Browser, Tab, told
from tests.support.server import DemoServer, started

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

HTML = "text/html"
SCRIPT = "text/javascript"
JSON = "application/json"
SEALS = ("GET /seal.js", "GET /seal-full.js")
OOPS = said("500 Internal Server Error", b"<p>oops", HTML)
THROWS = said("200 OK", b"throw new Error('no');", SCRIPT)
CUT = said("200 OK", b"(()=>{const a=", SCRIPT)
DEAF = said("200 OK", b"onmessage = ({data}) => postMessage({id: data.id, answer: false});", SCRIPT)
FAILS = said(
    "200 OK", b"onmessage = ({data}) => postMessage({id: data.id, failed: 'failed'});", SCRIPT
)
BREAKS_OFF = THROWS[:-1]
WRONG = said("200 OK", b"onmessage = () => 0;", HTML)

OTHER = "document.title = 'other'"

BLOCKED = {
    "seal-500": [(seal, OOPS) for seal in SEALS],
    "seal-of-another-type": [(seal, WRONG) for seal in SEALS],
    "seal-cut": [(seal, CUT) for seal in SEALS],
    "seal-throws": [(seal, THROWS) for seal in SEALS],
    "seal-cannot": [(seal, DEAF) for seal in SEALS],
    "seal-fails": [(seal, FAILS) for seal in SEALS],
    "parts-500": [("GET /en/parts", OOPS)],
    "parts-empty": [("GET /en/parts", said("200 OK", b"<p>log in to this network", HTML))],
    "parts-of-another-type": [("GET /en/parts", said("200 OK", b"{}", JSON))],
    "programme-500": [("GET /en/sealing.json", OOPS)],
    "programme-busy": [
        ("GET /en/sealing.json", said("503 Busy", b'{"code":"busy","message":""}', JSON))
    ],
    "programme-garbage": [("GET /en/sealing.json", said("200 OK", b"\xff{", JSON))],
    "programme-null": [("GET /en/sealing.json", said("200 OK", b"null", JSON))],
    "programme-empty": [("GET /en/sealing.json", said("200 OK", b"{}", JSON))],
    "app-500": [("GET /app.js", OOPS)],
    "app-breaks-off": [("GET /app.js", BREAKS_OFF)],
}


def mark() -> str:
    """Return what one witness tells and no other."""
    return f"They kept our papers {secrets.token_hex(6)}"


def goes_by_the_server(tab: Tab, server: DemoServer) -> None:
    """Check that a report is filed as without script, and that the page says so."""
    account = mark()
    tab.type("#account", account).press("[name=child][value=yes]")
    assert tab.seen["shown"] == ["server"]
    tab.tell("post", selector=NEXT).tell("post", selector=SEND)
    (entry,) = told(server, "investigators", account)
    assert entry["body"]["unscripted"] is True
    assert entry["body"]["answers"]["child"] == "yes"


def goes_sealed(tab: Tab, server: DemoServer) -> None:
    """Check that this device seals a report, and that the page says so."""
    account = mark()
    tab.ready().type("#account", account)
    assert set(tab.seen["shown"]) == {"script"}
    tab.read_over().send()
    (entry,) = told(server, "investigators", account)
    assert entry["body"]["unscripted"] is False


@pytest.mark.parametrize("answers", BLOCKED.values(), ids=BLOCKED)
def test_form_works_where_the_script_is_blocked(
    server: DemoServer, browser: Browser, between: Between, answers: list[tuple[str, bytes]]
) -> None:
    """Pressed at once or later, the report goes its old way, and the page promises no more."""
    between.rules = [Rule(request, answer=answer) for request, answer in answers]
    tab = browser.open(f"{between.origin}/en/")
    goes_by_the_server(tab, server)
    assert {request for request, _ in answers} <= set(between.requests)


def test_changed_script_of_the_page_does_not_run(
    server: DemoServer, browser: Browser, between: Between
) -> None:
    """One byte more: the browser refuses it, and the form is as it was."""
    answer = server.request("GET", "/app.js")
    changed = answer.text.encode() + b"\n"
    between.rules = [Rule("GET /app.js", answer=said("200 OK", changed, SCRIPT))]
    tab = browser.open(f"{between.origin}/en/")
    goes_by_the_server(tab, server)
    assert any("digest" in text for text in tab.seen["noted"])
    assert "GET /en/sealing.json" not in between.requests


def test_other_text_does_not_run_where_nothing_compares_its_digest(
    server: DemoServer, browser: Browser
) -> None:
    """The page's policy names the texts that it runs, whatever `fetch` has let through."""
    before = f"""
    const ask = fetch;
    window.fetch = (address, ...how) =>
      address === "/app.js" ? Promise.resolve(new Response("{OTHER}")) : ask(address, ...how);
    """
    tab = browser.open(f"{server.origin}/en/", before=before)
    goes_by_the_server(tab, server)
    assert any("Content Security Policy" in text for text in tab.seen["noted"])


def test_report_is_sealed_where_what_follows_it_cannot_be_fetched(
    server: DemoServer, browser: Browser, between: Between
) -> None:
    """What is added later, and a voice, are not offered; the words and the readers are shown."""
    between.rules = [Rule("GET /later.js", answer=OOPS)]
    account = mark()
    tab = browser.open(f"{between.origin}/en/").ready().type("#account", account)
    tab.read_over().press(SEND).until("[data-filed]")
    assert tab.found(MORE) == []
    assert len(tab.words) == 10
    (entry,) = told(server, "investigators", account)
    assert entry["body"]["unscripted"] is False
    assert between.requests.count("GET /later.js") > 1


def test_browser_without_cryptography_uses_the_server(
    server: DemoServer, browser: Browser, between: Between
) -> None:
    """An old browser, or an address without HTTPS, has no `subtle`."""
    before = "delete Crypto.prototype.subtle;"
    tab = browser.open(f"{between.origin}/en/", before=before)
    goes_by_the_server(tab, server)
    assert "GET /en/sealing.json" not in between.requests


def test_browser_without_workers_uses_the_server(
    server: DemoServer, browser: Browser, between: Between
) -> None:
    """What cannot be started is not waited for."""
    before = "window.Worker = class { constructor() { throw new TypeError('no'); } };"
    goes_by_the_server(browser.open(f"{between.origin}/en/", before=before), server)


@pytest.mark.parametrize("answer", [OOPS, THROWS, DEAF], ids=["500", "throws", "cannot"])
def test_other_make_seals_where_the_first_does_not(
    server: DemoServer, browser: Browser, between: Between, answer: bytes
) -> None:
    """One of the two Workers is enough."""
    between.rules = [Rule("GET /seal.js", answer=answer)]
    goes_sealed(browser.open(f"{between.origin}/en/"), server)
    assert between.requests.count("GET /seal-full.js") == 1


def test_browser_without_the_new_ciphers_seals_with_ours(
    server: DemoServer, browser: Browser, between: Between
) -> None:
    """A browser that knows neither ML-KEM nor ChaCha20 seals by the library's, files too."""
    lacks = """
    const know = SubtleCrypto.prototype.importKey;
    SubtleCrypto.prototype.importKey = function (form, key, algorithm, ...more) {
      const name = String(algorithm.name ?? algorithm);
      return /ML-KEM|ChaCha|X25519/.test(name)
        ? Promise.reject(new DOMException("unknown", "NotSupportedError"))
        : know.call(this, form, key, algorithm, ...more);
    };
    """
    rules = []
    for name in ("seal.js", "seal-full.js"):
        real = server.request("GET", f"/{name}").text
        answer = said("200 OK", (lacks + real).encode(), SCRIPT)
        rules.append(Rule(f"GET /{name}", answer=answer))
    between.rules = rules
    goes_sealed(browser.open(f"{between.origin}/en/"), server)
    assert between.requests.count("GET /seal-full.js") == 1


def test_server_that_never_seals_takes_what_the_script_sealed(base: Path, browser: Browser) -> None:
    """Without script the button is dead and the page says why; with script all of it works."""
    settings = {"INTAKE_SEAL_WITHOUT_SCRIPT": "false"}
    with started(settings, folder=base / "strict") as strict:
        off = browser.open(f"{strict.origin}/en/", script=False)
        assert "takes only what your device has sealed itself" in off.seen["text"]
        assert off.found(f"{NEXT}:disabled") == ["Next: read it over"]
        assert strict.post("/en/", [("account", mark())]).status == 503
        on = browser.open(f"{strict.origin}/en/")
        goes_sealed(on, strict)
        on.ask("incident").type("#facility", "the bridge").add()
