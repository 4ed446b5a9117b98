"""A page of its own for each module of the witness's page, under the real headers."""

import base64
import hashlib
import html
import subprocess
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from intake.paths import shipped
from intake.web.headers import headers, place
from tests.crypto import node
from tests.support.browser import drive
from tests.support.loopback import served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HERE = Path(__file__).parent
WORDS = ("ábaco", "Niño", "cima", "duda", "enero", "faro", "gato", "hilo", "isla", "joya")
NUMBERS = ("0001", "0012", "0123", "1234", "2048", "0777", "0500", "0042", "1999", "0300")
LEFT = "/left"
SLOW_SECONDS = 2
"""How long the other site takes to answer: there is time to look at what is left of a page."""
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

_PAGE = """<!doctype html>
<html lang="en" data-part="{part}" data-leave="{leave}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Report abuse by officers</title>
<link rel="stylesheet" href="/style.css">
<script src="/page.js" integrity="{integrity}" crossorigin="anonymous" defer></script>
</head>
<body>
<header><a class="leave" href="{leave}" rel="noreferrer"><b>Leave this page</b></a></header>
<main>
<h1>Your report</h1>
<label for="account">What happened</label>
<textarea id="account" autocomplete="off">They held us for nine days.</textarea>
<ol class="words">{words}</ol>
<div id="place"></div>
</main>
</body>
</html>
"""


def bundle(folder: Path) -> bytes:
    """Return the script of the pages, bundled as the build bundles."""
    target = folder / "page.js"
    subprocess.run([str(node.NODE), str(HERE / "bundle.mjs"), str(target)], check=True)
    return target.read_bytes()


def style() -> str:
    """Return the style sheet."""
    return shipped("templates/public/style.css").read_text("utf-8")


class Pages:
    """`/en/?PART` shows one module in the place of the form; the way out leads to another host."""

    def __init__(self, script: bytes, origin: str) -> None:
        """Serve a script."""
        self._script = script
        self._leave = origin.replace("127.0.0.1", "localhost") + LEFT

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Any:  # noqa: ANN401 - WSGI's body
        """Answer with the headers of the program."""
        request = Request(environ)
        answer = self._answer(request)
        for name, value in headers(place(request.path, ("en",)), {}, https=False).items():
            answer.headers[name] = value
        return answer(environ, start)

    def _answer(self, request: Request) -> Response:
        if request.path == "/page.js":
            return Response(self._script, mimetype="text/javascript")
        if request.path == "/style.css":
            return Response(style(), mimetype="text/css")
        if request.path == LEFT:
            time.sleep(SLOW_SECONDS)
            return Response("<!doctype html><title>Weather</title><p>Rain.", mimetype="text/html")
        if request.path == "/en/":
            return Response(self._page(request.query_string.decode()), mimetype="text/html")
        # Whatever else a browser asks for: an icon.
        return Response(status=HTTPStatus.NO_CONTENT)

    def _page(self, part: str) -> str:
        digest = base64.b64encode(hashlib.sha384(self._script).digest()).decode()
        return _PAGE.format(
            part=html.escape(part),
            leave=self._leave,
            integrity=f"sha384-{digest}",
            words="".join(
                f"<li><b>{word}</b> <span>{number}</span></li>"
                for word, number in zip(WORDS, NUMBERS, strict=True)
            ),
        )


def _app(script: bytes) -> Callable[[str], "WSGIApplication"]:
    return lambda origin: Pages(script, origin)


def look(script: str, part: str, folder: Path, **task: object) -> Any:  # noqa: ANN401 - JSON
    """Return what a driver of this folder saw on the page of a module."""
    with served(_app(bundle(folder))) as origin:
        given = {"url": f"{origin}/en/?{part}", "profile": str(folder / "profile"), **task}
        return drive(f"../browserpage/{script}", given)
