"""A page in a real Chromium that gives one file to the Worker as it is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browsercore.test_build import build
from tests.browserfiles.line import Fault, Line, laid
from tests.browserfiles.worker import News, Store
from tests.support.assets import with_scripts
from tests.support.browser import drive
from tests.support.loopback import served
from tests.support.site import Site, make_site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

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
addEventListener("DOMContentLoaded", () => document.body.append(input));
"""
"""A page's script that does no more than start the Worker and pass on."""


@dataclass(frozen=True)
class Account:
    """What was seen: the page's news, the browser's complaints, the Worker's heap at most."""

    news: list[News]
    console: list[str]
    heap: int
    line: Line
    store: Store


def write_scripts(folder: Path) -> None:
    """Write the built scripts, with a page's own of ours."""
    build(folder)
    (folder / "loader.js").write_text(APP)


def send(
    file: Path, script: str, scripts: Path, folder: Path, faults: Sequence[Fault] = ()
) -> Account:
    """Send a file from a page of a new site in a folder."""
    made: list[Site] = []

    def make(origin: str) -> "WSGIApplication":
        made.append(make_site(folder / "site", with_scripts(scripts), origin=origin))
        return made[0].client.application

    with served(make) as origin, laid(int(origin.rpartition(":")[2])) as line:
        line.faults += faults
        task = {
            "url": line.origin,
            "profile": str(folder / "profile"),
            "script": script,
            "file": str(file),
        }
        seen = drive("../browserfiles/inchromium.mjs", task)
    made[0].services.records.close()
    return Account(seen["news"], seen["console"], seen["heap"], line, Store(folder / "site"))
