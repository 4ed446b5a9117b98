"""The Worker as it is built, in a real Chromium under the real headers, with either ciphers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.media.draft import apply
from intake.media.inspect import inspect
from tests.browsercore.test_build import build
from tests.browserfiles.line import Fault, laid
from tests.browserfiles.worker import Store, described, photograph
from tests.media import samples
from tests.support.assets import with_scripts
from tests.support.browser import drive
from tests.support.loopback import served
from tests.support.site import Site, make_site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

pytestmark = pytest.mark.browser

APP = """
"use strict";
const policy = trustedTypes.createPolicy("intake", { createScriptURL: (path) => path });
const news = [];
let awaited = null;
let worker = null;
window.begin = (script) => {
  worker = new Worker(policy.createScriptURL(script));
  worker.onmessage = ({ data }) => { news.push(data); awaited?.(); };
  worker.onerror = ({ message }) => console.error(message);
};
window.take = () => {
  const [file] = document.querySelector("#chosen").files;
  worker.postMessage({ do: "take", id: 7, file, name: file.name, original: true, copy: true });
};
window.next = async () => {
  while (news.length === 0) await new Promise((come) => { awaited = come; });
  return news.shift();
};
const input = document.createElement("input");
input.type = "file";
input.id = "chosen";
document.body.append(input);
"""
"""A page's script that does no more than start the Worker and pass on."""

PICTURE = photograph(3_000_000)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built scripts, with a page's own of this test."""
    folder = tmp_path_factory.mktemp("static")
    build(folder)
    (folder / "app.js").write_text(APP)
    return folder


@pytest.mark.parametrize("name", ["files.js", "files-full.js"])
def test_a_photograph_arrives_from_a_page(tmp_path: Path, scripts: Path, name: str) -> None:
    """Over a line that breaks, told to go on by the browser alone; nothing passes in clear."""
    picture = tmp_path / "Canary at home.jpg"
    picture.write_bytes(PICTURE)
    made: list[Site] = []

    def make(origin: str) -> "WSGIApplication":
        made.append(make_site(tmp_path / "site", with_scripts(scripts), origin=origin))
        return made[0].client.application

    with served(make) as origin, laid(int(origin.rpartition(":")[2])) as line:
        line.faults += [Fault("PATCH"), Fault("PATCH", cut=100_000), Fault("PATCH", lost=True)]
        task = {
            "url": line.origin,
            "profile": str(tmp_path / "profile"),
            "script": f"/{name}",
            "file": str(picture),
        }
        seen: dict[str, Any] = drive("../browserfiles/inchromium.mjs", task)
    made[0].services.records.close()
    first, *_, last = seen["news"]
    expected = ("net::ERR_", "'data:,'")
    # Lines that were cut, the page's empty icon, and nothing of Trusted Types or of scripts.
    assert [text for text in seen["console"] if not any(one in text for one in expected)] == []
    assert (first["event"], first["copied"], last["event"]) == ("seen", True, "whole")
    assert line.faults == []
    original, copy = described(last["files"])
    store = Store(tmp_path / "site")
    patches = inspect(lambda at, size: PICTURE[at : at + size], len(PICTURE)).patches
    assert store.opened(original) == PICTURE
    assert store.opened(copy) == apply(patches, 0, PICTURE)
    assert (original.name, copy.of) == (picture.name, original.id)
    passed = b"".join(line.seen)
    hidden = [*samples.CANARIES, b"Canary", b"image/jpeg", original.key.encode()]
    assert len(passed) > 2 * len(PICTURE)
    assert [text for text in hidden if text in passed] == []
