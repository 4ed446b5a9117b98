"""`intake manifest` and `intake verify-site`: what differs is named, whatever the site sends."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server, socket
from typing import TYPE_CHECKING

import brotli
import pytest
from click.testing import CliRunner, Result
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from intake.cli import intake as command
from intake.cli.manifest import Manifest, encode, made, of, read
from intake.cli.verify import ASKED, problems
from intake.core.questions import GROUPS
from intake.errors import ConfigError, IntakeError, ServerError
from intake.paths import PACKAGE
from intake.server.config import Config
from intake.web.visitor import AnswerError, Visited
from tests.support.assets import TEXT, with_scripts, write_scripts
from tests.support.loopback import served
from tests.support.server import free_port
from tests.support.site import Site, make_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGES = ["/", "/en/", "/en/return", "/es/", "/es/return"]
LATER = [f"/{lang}/group/{group.name}" for lang in ("en", "es") for group in GROUPS]
LATER += [f"/{lang}/{name}" for lang in ("en", "es") for name in ("back", "parts", "sealing.json")]
SCRIPTS = [f"/{name}.js" for name in ("app", "files", "files-full", "later", "leave")]
SCRIPTS += [f"/{name}.js" for name in ("back", "loader", "open", "open-full", "seal", "seal-full")]
PATHS = sorted([*PAGES, *LATER, *SCRIPTS, "/style.css", "/words.json"])
ZEROS = bytes(64 * 1024 * 1024)
DIGEST = "0" * 64

Change = Callable[[Response, "WSGIEnvironment"], None]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Make a site with scripts; it is only looked at."""
    folder = tmp_path_factory.mktemp("site")
    write_scripts(folder / "static")
    site = make_site(folder, with_scripts(folder / "static"))
    yield site
    site.services.records.close()


@pytest.fixture(scope="module")
def good(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the manifest of the site."""
    path = tmp_path_factory.mktemp("manifest") / "manifest.json"
    path.write_bytes(encode(made(site.services)))
    return path


def run(*arguments: str) -> Result:
    """Return what a command gave."""
    return CliRunner().invoke(command, arguments)


def verified(origin: str, manifest: Path) -> Result:
    """Return what `intake verify-site` gave."""
    return run("verify-site", origin, "--manifest", str(manifest))


def between(site: Site, change: Change) -> Callable[[str], "WSGIApplication"]:
    """Return a maker of the site's app, each answer changed on its way."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> object:
        pieces, status, headers = run_wsgi_app(site.client.application, environ)
        changed = Response(b"".join(pieces), status, headers)
        change(changed, environ)
        return changed(environ, start)

    return lambda _origin: answer  # type: ignore[return-value] # WSGI's body, by the line above


def test_manifest_names_every_address_that_is_alike(site: Site) -> None:
    """Pages in each language, the stylesheet, the scripts; made twice, the same bytes."""
    found = made(site.services)
    assert list(found.bodies) == PATHS
    assert found.bodies["/app.js"] == site.services.assets["/app.js"].sha256
    assert found.languages == {"en", "es"}
    assert encode(made(replace(site.services))) == encode(found)


@pytest.mark.slow
def test_manifest_command_needs_neither_keys_nor_database(tmp_path: Path) -> None:
    """For the settings at hand: another programme has other pages."""
    printed = run("manifest")
    assert printed.exit_code == 0, printed.output
    (tmp_path / "manifest.json").write_text(printed.output)
    found = read(tmp_path / "manifest.json")
    assert set(PAGES) <= set(found.bodies)
    assert found == of(Config())
    off = of(Config(seal_without_script=False))
    assert "/en/sealing.json" not in found.bodies
    assert "/en/return" in off.bodies


def manifest_text(change: Callable[[dict[str, object]], object] = lambda _: None) -> bytes:
    """Return a manifest of one path, changed."""
    made: dict[str, object] = {"bodies": {"/": DIGEST}, "format": "intake/manifest/v1"}
    change(made)
    return json.dumps(made, indent=1).encode() + b"\n"


HOSTILE = {
    "empty": b"",
    "not JSON": b"<html>",
    "not text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "too large": b" " * (1024 * 1024) + manifest_text(),
    "other format": manifest_text(lambda m: m.update(format="intake/manifest/v2")),
    "unknown key": manifest_text(lambda m: m.update(more=1)),
    "no bodies": manifest_text(lambda m: m.update(bodies={})),
    "short digest": manifest_text(lambda m: m.update(bodies={"/": "00"})),
    "capitals": manifest_text(lambda m: m.update(bodies={"/": "A" * 64})),
    "other host": manifest_text(lambda m: m.update(bodies={"http://elsewhere.test/": DIGEST})),
    "line end in a path": manifest_text(lambda m: m.update(bodies={"/\r\nHost: x": DIGEST})),
    "escape in a path": manifest_text(lambda m: m.update(bodies={"/\x1b[2J": DIGEST})),
    "path twice": manifest_text().replace(b'"/":', b'"/": "' + b"1" * 64 + b'",\n  "/":'),
    "trailing bytes": manifest_text() + b" ",
}


def test_manifest_is_read_as_it_is_written(tmp_path: Path) -> None:
    """The text that the hostile ones are made from is good."""
    (tmp_path / "m.json").write_bytes(manifest_text())
    assert read(tmp_path / "m.json") == Manifest({"/": DIGEST}, "intake/manifest/v1")


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_manifest_is_refused(tmp_path: Path, case: str) -> None:
    """Before anything is asked of the site."""
    (tmp_path / "m.json").write_bytes(HOSTILE[case])
    with pytest.raises(ConfigError, match="is no manifest"):
        read(tmp_path / "m.json")


def test_site_as_it_should_be_is_said_so(site: Site, good: Path) -> None:
    """Nothing differs: one sentence, exit code 0."""
    with served(lambda _origin: site.client.application) as origin:
        found = verified(f"{origin}/", good)
    assert found.exit_code == 0, found.output
    said = f"nothing differs: all {len(PATHS)} addresses answer what the manifest says\n"
    assert found.output == said


@pytest.mark.slow
def test_without_a_manifest_the_settings_at_hand_say_what_is_right(tmp_path: Path) -> None:
    """The operator's own check, with and without the form that the server seals."""
    site = make_site(tmp_path / "site", with_scripts(PACKAGE / "static"))
    settings = tmp_path / "intake.toml"
    settings.write_text("seal_without_script = false\n")
    count = len(of(Config()).bodies)
    with served(lambda _origin: site.client.application) as origin:
        same = run("verify-site", origin)
        off = run("verify-site", origin, "--config", str(settings))
    site.services.records.close()
    assert (same.exit_code, off.exit_code) == (0, 1)
    assert same.output.startswith(f"nothing differs: all {count} addresses")
    assert off.output.startswith("/en/: another body")


def flip(answer: Response, environ: "WSGIEnvironment") -> None:
    """Change a byte of the form."""
    if environ["PATH_INFO"] == "/en/":
        answer.data = answer.data[:-1] + b"!"


def to_browsers_only(answer: Response, environ: "WSGIEnvironment") -> None:
    """Change the script for who takes brotli: a program that asks plainly sees nothing."""
    if environ["PATH_INFO"] == "/app.js" and answer.headers.get("Content-Encoding") == "br":
        answer.data = brotli.compress(TEXT + b"steal()")


def to_run_more(answer: Response, environ: "WSGIEnvironment") -> None:
    """Let the form run one text more."""
    if environ["PATH_INFO"] == "/en/":
        policy = answer.headers[CSP].replace("script-src 'self'", f"script-src 'self' {OTHER}")
        answer.headers[CSP] = policy


def headed(change: Callable[[Headers], object]) -> Change:
    """Change the headers of the page of return."""

    def one(answer: Response, environ: "WSGIEnvironment") -> None:
        if environ["PATH_INFO"] == "/es/return":
            change(answer.headers)

    return one


def answered(path: str, status: int, **headers: str) -> Change:
    """Answer an address with another status."""

    def one(answer: Response, environ: "WSGIEnvironment") -> None:
        if environ["PATH_INFO"] == path:
            answer.status_code = status
            answer.headers.update(headers)

    return one


def packed(data: bytes, coding: str) -> Change:
    """Answer the stylesheet with these bytes, said to be packed so."""

    def one(answer: Response, environ: "WSGIEnvironment") -> None:
        accepted = environ["HTTP_ACCEPT_ENCODING"]
        if environ["PATH_INFO"] == "/style.css" and (coding in accepted or coding == "zz"):
            answer.data = data
            answer.headers["Content-Encoding"] = coding

    return one


CSP = "Content-Security-Policy"
OTHER = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
DIFFERENT: dict[str, tuple[Change, str]] = {
    "byte": (flip, "/en/: another body"),
    "script for browsers": (to_browsers_only, "/app.js: another body"),
    "script more": (to_run_more, f"/en/: another {CSP}"),
    "missing page": (answered("/", 404), "/: is missing"),
    "refusal": (answered("/", 503), "/: answers 503"),
    "redirect": (answered("/", 302, Location="http://127.0.0.1:1/"), "/: leads elsewhere"),
    "no CSP": (headed(lambda h: h.remove(CSP)), f"/es/return: no {CSP}"),
    "looser CSP": (headed(lambda h: h.set(CSP, "default-src *")), f"/es/return: another {CSP}"),
    "two policies": (headed(lambda h: h.add(CSP, "x")), f"/es/return: another {CSP}"),
    "cookie": (headed(lambda h: h.add("Set-Cookie", "a=b")), "/es/return: sends Set-Cookie"),
    "preload": (headed(lambda h: h.add("Link", "</x>; rel=preload")), "/es/return: sends Link"),
    "type": (
        headed(lambda h: h.set("Content-Type", "text/plain")),
        "/es/return: another Content-Type",
    ),
    "gzip bomb": (packed(gzip.compress(ZEROS), "gzip"), "/style.css: is too large"),
    "brotli bomb": (
        packed(brotli.compress(ZEROS, quality=5), "br"),
        "/style.css: is too large",
    ),
    "large": (packed(ZEROS[: 5 * 1024 * 1024], "identity"), "/style.css: is too large"),
    "not gzip": (packed(b"\x1f\x8bnonsense", "gzip"), "/style.css: cannot be unpacked"),
    "cut gzip": (packed(gzip.compress(TEXT)[:-5], "gzip"), "/style.css: cannot be unpacked"),
    "more after gzip": (packed(gzip.compress(b"") * 2, "gzip"), "/style.css: cannot be unpacked"),
    "not brotli": (packed(b"\xff" * 99, "br"), "/style.css: cannot be unpacked"),
    "cut brotli": (packed(brotli.compress(TEXT)[:-5], "br"), "/style.css: cannot be unpacked"),
    "strange packing": (packed(b"", "zz"), "/style.css: is packed in a way"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_difference_is_named_with_its_address(site: Site, good: Path, case: str) -> None:
    """One line for the address, none for the others, a sentence at the end, exit code 1."""
    change, said = DIFFERENT[case]
    with served(between(site, change)) as origin:
        found = verified(origin, good)
    assert found.exit_code == 1
    lines = found.output.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(said)
    assert lines[1].startswith(f"1 of {len(PATHS)} addresses differ: ")


def test_https_site_must_say_so(site: Site) -> None:
    """HSTS is asked of a site that is reached by HTTPS, here over a plain line."""
    expected = made(site.services)
    with served(lambda _origin: site.client.application) as origin:
        plain = Visited.at(origin)
        secure = Visited("https://site.test", plain.connect)
        assert problems(plain, "/", expected) == ()
        assert problems(secure, "/", expected) == ("no Strict-Transport-Security",)


def test_other_site_differs_everywhere(good: Path) -> None:
    """Not ours at all: each address is named."""
    with served(lambda _origin: Response("welcome")) as origin:
        found = verified(origin, good)
    assert found.exit_code == 1
    assert found.output.count("another body") == len(PATHS)
    assert f"{len(PATHS)} of {len(PATHS)} addresses differ" in found.output


@pytest.mark.parametrize(
    "url",
    [
        "site.test",
        "ftp://site.test",
        "https://",
        "https://site.test/en/",
        "https://site.test?x",
        "https://site.test#x",
        "https://name:word@site.test",
        "https://site.test:port",
        "http://[",
        "",
    ],
)
def test_address_is_refused_before_anything_is_asked(good: Path, url: str) -> None:
    """It is written as scheme and host."""
    found = verified(url, good)
    assert isinstance(found.exception, ConfigError)
    assert "written https://host" in str(found.exception)


def test_site_that_nobody_answers_for_is_said_so(good: Path) -> None:
    """Neither good nor different: an error."""
    found = verified(f"http://127.0.0.1:{free_port()}", good)
    assert isinstance(found.exception, ServerError)
    assert "cannot be reached" in str(found.exception)


@contextmanager
def talking(talk: Callable[[socket], None]) -> Iterator[Visited]:
    """Serve whatever `talk` says on each line, to a visitor of one second's patience."""
    listener = create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            line, _ = listener.accept()
            with line:
                line.settimeout(5)
                try:
                    talk(line)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Visited(
            f"http://127.0.0.1:{port}",
            lambda: HTTPConnection("127.0.0.1", port, timeout=5),
            seconds=1,
        )
    finally:
        ended.set()
        create_connection_to(port)
        thread.join()
        listener.close()


def create_connection_to(port: int) -> None:
    """Wake a listener that waits."""
    with socket() as line:
        line.connect(("127.0.0.1", port))


def drip(start: bytes, piece: bytes) -> Callable[[socket], None]:
    """Say a start, then a piece again and again, never silent for long."""

    def talk(line: socket) -> None:
        line.recv(4096)
        line.sendall(start)
        while True:
            line.sendall(piece)
            time.sleep(0.05)

    return talk


def say(text: bytes) -> Callable[[socket], None]:
    """Say one text and hang up."""

    def talk(line: socket) -> None:
        line.recv(4096)
        line.sendall(text)

    return talk


OK = b"HTTP/1.1 200 OK\r\n"
BROKEN = {
    "dripping headers": (drip(OK + b"X-Long: ", b"a"), "takes too long"),
    "endless interim answers": (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "takes too long"),
    "dripping body": (drip(OK + b"Content-Length: 9999\r\n\r\n", b"a"), "takes too long"),
    "dripping body without a length": (drip(OK + b"\r\n", b"a"), "takes too long"),
    "dripping chunks": (
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        "takes too long",
    ),
    "hangs up": (say(b""), "breaks off"),
    "not HTTP": (say(b"SSH-2.0-x\r\n\x1b]0;x\x07\r\n"), "breaks off"),
    "hangs up in the body": (say(OK + b"Content-Length: 99\r\n\r\nabc"), "breaks off"),
    "many headers": (say(OK + b"X: y\r\n" * 500 + b"\r\n"), "breaks off"),
    "long header": (say(OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "breaks off"),
    "endless body": (drip(OK + b"\r\n", ZEROS[: 1024 * 1024]), "is too large"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_answer_that_cannot_be_read_ends_in_time(case: str) -> None:
    """Whatever the site says, and however slowly; it is not asked again for that address."""
    talk, said = BROKEN[case]
    began = time.monotonic()
    with talking(talk) as visited:
        with pytest.raises(AnswerError, match=said):
            visited.ask("/", {"Accept-Encoding": ASKED[-1]})
        expected = Manifest({"/": DIGEST}, "intake/manifest/v1")
        assert problems(visited, "/", expected) == (said,)
    assert time.monotonic() - began < 10


def test_nothing_that_the_site_sent_is_printed(good: Path) -> None:
    """Escape codes in status line, headers and body steer no terminal."""

    def hostile(_environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        start("200 \x1b]0;x\x07", [("Content-Type", "\x1b[2J"), ("X", "\x1b[2J")])
        return [b"\x1b[2J"]

    with served(lambda _origin: hostile) as origin:
        found = verified(origin, good)
    assert found.exit_code == 1
    assert "\x1b" not in found.output
    assert not isinstance(found.exception, IntakeError)
