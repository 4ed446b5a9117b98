"""Bodies in three forms, the shelf of a day, and the scripts of a build."""

import gzip
import hashlib
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
from werkzeug.datastructures import CharsetAccept
from werkzeug.http import parse_accept_header

from intake.web.assets import SCRIPTS, Body, Shelf, read
from tests.support.assets import TEXT, unpacked, write_scripts
from tests.support.site import TODAY


def test_body_has_three_forms_of_the_same_bytes() -> None:
    """Compressed twice, it is the same: no time and no chance in it."""
    body = Body.of(TEXT, "text/plain")
    assert brotli.decompress(body.brotli) == gzip.decompress(body.gzip) == body.plain == TEXT
    assert len(body.brotli) < len(body.gzip) < len(body.plain)
    assert Body.of(TEXT, "text/plain") == body
    assert body.sha256 == hashlib.sha256(TEXT).hexdigest()
    kind, _, digest = body.integrity.partition("-")
    assert (kind, b64decode(digest)) == ("sha256", hashlib.sha256(TEXT).digest())


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("BR", "br"),
        ("br;q=nonsense", ""),
        ("brotli, x-gzip", ""),
        (",;=\x00\udcff q=", ""),
        ("gzip," * 10_000, "gzip"),
    ],
)
def test_browser_gets_only_what_it_can_unpack(asked: str, coding: str) -> None:
    """Also where the header is made to break its reader."""
    body = Body.of(TEXT, "text/plain")
    data, found = body.coded(parse_accept_header(asked, CharsetAccept))
    assert found == coding
    assert unpacked(data, found) == TEXT


def test_shelf_keeps_a_day_and_no_longer() -> None:
    """What was made yesterday is neither found nor kept."""
    shelf, body = Shelf(), Body.of(TEXT, "text/plain")
    assert shelf.find(TODAY, ("show", "en")) is None
    shelf.keep(TODAY, ("show", "en"), body)
    assert shelf.find(TODAY, ("show", "en")) is body
    assert shelf.find(TODAY, ("show", "es")) is None
    tomorrow = TODAY + timedelta(days=1)
    assert shelf.find(tomorrow, ("show", "en")) is None
    shelf.keep(tomorrow, ("show", "es"), body)
    assert shelf.find(TODAY, ("show", "en")) is None
    assert shelf.find(tomorrow, ("show", "es")) is body


def test_only_the_built_scripts_are_read(tmp_path: Path) -> None:
    """A source map or a stray file in the folder is never served."""
    write_scripts(tmp_path / "static")
    (tmp_path / "static" / "app.js.map").write_text("{}")
    found = read(tmp_path / "static")
    assert sorted(found) == [
        "/app.js",
        "/back.js",
        "/files-full.js",
        "/files.js",
        "/later.js",
        "/leave.js",
        "/loader.js",
        "/open-full.js",
        "/open.js",
        "/seal-full.js",
        "/seal.js",
    ]
    assert found["/seal.js"].plain == TEXT + b"seal.js"


@pytest.mark.parametrize("name", SCRIPTS)
def test_half_a_build_is_no_script(tmp_path: Path, name: str) -> None:
    """Where one file is missing, or is a folder, there is none."""
    write_scripts(tmp_path / "static")
    (tmp_path / "static" / name).unlink()
    assert read(tmp_path / "static") == {}
    (tmp_path / "static" / name).mkdir()
    assert read(tmp_path / "static") == {}
    assert read(tmp_path / "nothing") == {}
