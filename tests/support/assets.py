"""Scripts as a build would leave them, and bodies as a browser unpacks them."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import brotli

from intake.server.services import Services
from intake.web.assets import SCRIPTS, read

TEXT = b"const words = ['one', 'two'];\n" * 40


def write_scripts(folder: Path) -> None:
    """Write what a build would leave."""
    folder.mkdir()
    for name in SCRIPTS:
        (folder / name).write_bytes(TEXT + name.encode())


def with_scripts(folder: Path) -> Callable[[Services], Services]:
    """Return a change of services that serves the scripts of a folder."""
    return lambda services: replace(services, assets=read(folder))


def unpacked(data: bytes, coding: str | None) -> bytes:
    """Return a body as a browser reads it."""
    if coding == "br":
        return bytes(brotli.decompress(data))
    return gzip.decompress(data) if coding == "gzip" else data
