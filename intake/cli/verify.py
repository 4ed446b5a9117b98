"""`intake verify-site`: whether a site answers what its manifest says, with the headers it must.

Rules: each address is asked as three kinds of browser ask, since each could be answered another
body; no redirect is followed; what comes is bounded in size, also unpacked, and in time; nothing
that the site sent is printed.

It proves what the site answered to this machine, now, and nothing about anybody else's visit.
"""

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import click

from intake.cli import manifest as manifests
from intake.cli import settings
from intake.cli.manifest import Manifest
from intake.web.headers import NEVER, headers, place
from intake.web.visitor import Answer, AnswerError, Visited

ASKED = ("identity", "gzip, deflate", "gzip, deflate, br, zstd")
"""What plain programs, browsers without TLS and browsers with it can unpack."""

_OK = 200
_MISSING = 404
_ELSEWHERE = range(300, 400)
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
}
_PAGE = "text/html; charset=utf-8"


@click.command("verify-site")
@click.argument("url")
@click.option(
    "--manifest",
    "manifest_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the site should answer, from `intake manifest` or a release; without it, what "
    "these settings would.",
)
@settings.option
def verify(url: str, manifest_file: Path | None, config_file: Path | None) -> None:
    """Compare each page, script and header of the site at URL with what it should be.

    Exit code 0 where nothing differs. A site can answer others otherwise: ask from several lines.
    """
    site = Visited.at(url)
    if manifest_file:
        expected = manifests.read(manifest_file)
    else:
        expected = manifests.of(settings.read(config_file))
    wrong = 0
    for path in expected.bodies:
        found = problems(site, path, expected)
        if found:
            wrong += 1
            click.echo(f"{path}: {'; '.join(found)}")
    count = len(expected.bodies)
    if not wrong:
        click.echo(f"nothing differs: all {count} addresses answer what the manifest says")
        return
    click.echo(
        f"{wrong} of {count} addresses differ: compare version and settings with the site's "
        "operator, and do not trust it with a report before"
    )
    sys.exit(1)


def problems(site: Visited, path: str, expected: Manifest) -> tuple[str, ...]:
    """Return what is wrong with an address, each once, in words that fit after its path."""
    found: dict[str, None] = {}
    for asked in ASKED:
        try:
            answer = site.ask(path, {"Accept-Encoding": asked})
        except AnswerError as error:
            # Who breaks off once is not asked twice: it could make this last all day.
            found[str(error)] = None
            break
        found |= dict.fromkeys(_problems(answer, path, expected, https=site.https))
    return tuple(found)


def _problems(answer: Answer, path: str, expected: Manifest, *, https: bool) -> Iterator[str]:
    if answer.status != _OK:
        yield _refusal(answer.status)
        return
    if sha256(answer.body).hexdigest() != expected.bodies[path]:
        yield "another body"
    must = headers(place(path, expected.languages), expected.bodies, https=https)
    must["Content-Type"] = _TYPES.get(path.rpartition(".")[2], _PAGE)
    for name, value in must.items():
        sent = answer.headers.get_all(name)
        if sent != [value]:
            yield f"another {name}" if sent else f"no {name}"
    yield from (f"sends {name}" for name in NEVER if name in answer.headers)


def _refusal(status: int) -> str:
    if status == _MISSING:
        return "is missing"
    return "leads elsewhere" if status in _ELSEWHERE else f"answers {status}"
