"""`intake manifest`: the digest of everything that a site answers everybody the same.

Rules: made by asking the site's own program, without keys or database; the same settings give
the same bytes, so two people can compare what each made.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import click
import msgspec

from intake.cli import settings
from intake.core import limits
from intake.core.questions import GROUPS
from intake.errors import ConfigError
from intake.server.app import ADDRESSES, make_app
from intake.server.assemble import assemble
from intake.server.config import Config
from intake.server.services import Services

_OK = 200
_LARGEST = 1024 * limits.KIB
"""The largest file that is read: ten thousand addresses."""

Address = Annotated[str, msgspec.Meta(pattern=r"\A/[A-Za-z0-9._/-]{0,200}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]


Format = Literal["intake/manifest/v1"]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each path of a site with the SHA-256 (hex) of its body before any compression."""

    bodies: Annotated[dict[Address, Digest], msgspec.Meta(min_length=1)]
    format: Format

    @property
    def languages(self) -> frozenset[str]:
        """The languages of its pages: what stands before a second slash."""
        return frozenset(path.split("/")[1] for path in self.bodies if path.count("/") > 1)


@click.command()
@settings.option
def manifest(config_file: Path | None) -> None:
    """Print the SHA-256 of each page, script and stylesheet that is the same for everybody."""
    click.echo(encode(of(settings.read(config_file))), nl=False)


def of(config: Config) -> Manifest:
    """Return what a site of these settings answers; raises IntakeError."""
    with TemporaryDirectory(prefix="intake-manifest-") as nothing:
        services = assemble(replace(config, data=nothing))
        try:
            return made(services)
        finally:
            services.records.close()


def made(services: Services) -> Manifest:
    """Return what the app of these services answers everybody; a refusal is no such answer."""
    client = make_app(services).test_client()
    bodies = {address: body.sha256 for address, body in services.assets.items()}
    for path in _paths(services):
        answer = client.get(path)
        if answer.status_code == _OK:
            bodies[path] = sha256(answer.data).hexdigest()
    return Manifest(dict(sorted(bodies.items())), "intake/manifest/v1")


def encode(found: Manifest) -> bytes:
    """Return a manifest as its file, one path a line."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def read(file: Path) -> Manifest:
    """Return the manifest in a file; raises ConfigError."""
    with file.open("rb") as opened:
        data = opened.read(_LARGEST + 1)
    wrong = ConfigError(f"{file.name}: is no manifest, make it anew: intake manifest")
    if len(data) > _LARGEST:
        raise wrong
    try:
        found = msgspec.json.decode(data, type=Manifest, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise wrong from None
    # One way to write it: no path stands there twice, with two digests.
    if encode(found) != data:
        raise wrong
    return found


def _paths(services: Services) -> Iterator[str]:
    """Yield the addresses that answer everybody the same; without keys, not where they stand."""
    has_keys = bool(services.keyring.offices)
    for address in ADDRESSES:
        if not address.alike or (address.endpoint == "sealing" and not has_keys):
            continue
        languages = services.languages if "<lang>" in address.rule else ("",)
        names = [group.name for group in GROUPS] if "<name>" in address.rule else [""]
        for code in languages:
            rule = address.rule.replace("<lang>", code)
            yield from (rule.replace("<name>", name) for name in names)
