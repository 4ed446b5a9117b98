"""The page's script in a real Chromium under the real headers: it runs as built, or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from intake.paths import shipped
from tests.support.assets import with_scripts, write_scripts
from tests.support.browser import drive
from tests.support.loopback import served
from tests.support.site import Site, make_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.browser

PAGE = """
"use strict";
const OTHER = "document.documentElement.dataset.other = 'ran'";
const say = (name, value) => { document.documentElement.dataset[name] = String(value); };
const attempt = (name, act) => {
  try { act(); say(name, "done"); } catch (error) { say(name, error.name); }
};
say("ready", document.readyState);
const policy = trustedTypes.createPolicy("intake", {
  createScript: (text) => text,
  createScriptURL: (path) => {
    if (!["/seal.js", "/seal-full.js"].includes(path)) throw new TypeError("no script of ours");
    return path;
  },
});
const run = (text) => {
  const script = document.createElement("script");
  script.text = text;
  document.head.append(script);
};
attempt("secondPolicy", () => trustedTypes.createPolicy("intake", {}));
attempt("otherPolicy", () => trustedTypes.createPolicy("other", {}));
attempt("markup", () => { document.createElement("p").innerHTML = "<b>bold</b>"; });
attempt("text", () => new Worker("/seal.js"));
attempt("script", () => run(OTHER));
attempt("eval", () => setTimeout("1"));
attempt("foreign", () => new Worker(policy.createScriptURL("https://elsewhere.test/x.js")));
say("microphone", document.featurePolicy.allowsFeature("microphone"));
say("camera", document.featurePolicy.allowsFeature("camera"));

const bare = () => new Promise((answer) => {
  const script = document.createElement("script");
  script.src = policy.createScriptURL("/seal.js");
  script.onload = () => answer("ran");
  script.onerror = () => answer("blocked");
  document.head.append(script);
});
const ask = (path, options) => new Promise((answer) => {
  const worker = new Worker(policy.createScriptURL(path), options);
  worker.onmessage = (event) => answer(event.data);
  worker.onerror = () => answer("error");
  worker.postMessage("said");
});
const silence = () => {
  const size = 8000;
  const view = new DataView(new ArrayBuffer(44 + size));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + size, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true); view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true); view.setUint16(34, 8, true);
  text(36, "data"); view.setUint32(40, size, true);
  return new Blob([view], { type: "audio/wav" });
};
const hear = () => new Promise((answer) => {
  const audio = new Audio(URL.createObjectURL(silence()));
  audio.oncanplaythrough = () => answer("heard");
  audio.onerror = () => answer("error");
});
run(policy.createScript(OTHER));
const app = fetch("/app.js").then((answer) => answer.text());
app.then((text) => run(policy.createScript(text)));
Promise.all([ask("/seal.js"), ask("/seal-full.js", { type: "module" }), hear(), bare(), app])
  .then((all) => {
    ["worker", "module", "voice", "bare"].forEach((name, i) => say(name, all[i]));
    say("done", "yes");
  });
"""
RAN = "document.documentElement.dataset.app = 'ran';\n"
SEAL = """
onmessage = async (event) => {
  const there = await fetch("/health").then((answer) => answer.text());
  let imported = "done";
  try {
    const policy = trustedTypes.createPolicy("intake", { createScriptURL: (path) => path });
    importScripts(policy.createScriptURL("/seal-full.js"));
  } catch (error) { imported = error.name; }
  postMessage(`${event.data} ${there.trim()} ${imported}`);
};
"""
STOPPED = ("secondPolicy", "otherPolicy", "markup", "text", "script", "eval", "foreign")
"""What the page's script tries and may not: only its one policy makes a script of an address or
of a text."""
FULL = "onmessage = (event) => postMessage(`full ${event.data}`);\n"

ACCOUNT = "They held us for nine days. Nobody said why."


class Changed:
    """Between site and browser: one byte more at the end of one address."""

    def __init__(self, app: "WSGIApplication", path: str) -> None:
        """Stand before an app."""
        self._app = app
        self._path = path

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Any:  # noqa: ANN401 - WSGI's body
        """Answer as the app does, or nearly."""
        if environ["PATH_INFO"] != self._path:
            return self._app(environ, start)
        environ["HTTP_ACCEPT_ENCODING"] = "identity"
        pieces, status, headers = run_wsgi_app(self._app, environ)
        answer = Response(b"".join(pieces) + b"\n", status, headers)
        answer.content_length = len(answer.data)
        return answer(environ, start)


Look = Callable[..., dict[str, Any]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return what Chromium saw of a site with these scripts, or of the loader as built."""
    folder = tmp_path / "static"
    write_scripts(folder)
    for name, text in (("app.js", RAN), ("seal.js", SEAL), ("seal-full.js", FULL)):
        (folder / name).write_text(text)

    def one(changed: str = "") -> dict[str, Any]:
        loader = shipped("static/loader.js").read_text() if changed else PAGE
        (folder / "loader.js").write_text(loader)
        made: list[Site] = []

        def make(origin: str) -> "WSGIApplication":
            made.append(make_site(tmp_path / "site", with_scripts(folder), origin=origin))
            app = made[0].client.application
            return Changed(app, changed) if changed else app

        with served(make) as origin:
            task = {
                "url": origin,
                "profile": str(tmp_path / "profile"),
                "account": ACCOUNT,
                "runs": not changed,
            }
            seen: dict[str, Any] = drive("script.mjs", task)
        made[0].services.records.close()
        return seen

    return one


def test_script_workers_and_voice_run_under_the_headers(look: Look) -> None:
    """All of it runs: what the page holds, the text meant, both Workers, a recording; no other."""
    seen = look()
    assert seen["data"] == {
        "ready": "loading",
        "app": "ran",
        **dict.fromkeys(STOPPED, "TypeError"),
        "bare": "blocked",
        "microphone": "true",
        "camera": "false",
        "worker": "said ok done",
        "module": "full said",
        "voice": "heard",
        "done": "yes",
    }
    assert seen["isolated"] is True
    assert seen["status"] == 200
    assert ACCOUNT in seen["review"]


def test_browser_gets_pages_and_scripts_by_brotli_and_what_was_typed_plain(look: Look) -> None:
    """What holds a secret and words of hers is not compressed."""
    codings = look()["codings"]
    alike = ("GET /en/", "GET /app.js", "GET /seal.js", "GET /seal-full.js", "GET /style.css")
    assert {codings[address] for address in alike} == {"br"}
    assert codings["POST /en/"] == ""


def test_changed_script_is_refused_and_the_form_works(look: Look) -> None:
    """One byte more on the way: the browser runs none of it, and the report goes its old way."""
    seen = look("/app.js")
    assert seen["data"] == {}
    assert any("digest" in text and "/app.js" in text for text in seen["console"])
    assert seen["status"] == 200
    assert ACCOUNT in seen["review"]
