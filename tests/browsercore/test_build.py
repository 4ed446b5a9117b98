"""The scripts that pages load: small, whole, without a library they do not need, the same twice."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

from intake.desk.run import SCRIPTS as DESK
from intake.web.assets import OFFLINE_PAGE, OFFLINE_WORKERS, OPENER, SCRIPTS
from tests.crypto import node

BROWSER = Path(__file__).resolve().parents[2] / "intake" / "browser"
KB = 1000

Scripts = dict[str, bytes]
"""The bundles by name."""


def build(folder: Path) -> Scripts:
    """Return what the build makes into an empty folder."""
    subprocess.run([str(node.NODE), str(BROWSER / "build.mjs"), str(folder)], check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """Build once."""
    return build(tmp_path_factory.mktemp("static"))


def zipped(script: bytes) -> int:
    """Return the size over the wire."""
    return len(gzip.compress(script, 9, mtime=0))


def test_what_the_server_hands_out_is_built_and_nothing_else(scripts: Scripts) -> None:
    """No source map, no style, no chunk that a page would have to fetch; and those of the files."""
    offline = {OFFLINE_PAGE, *OFFLINE_WORKERS.values(), OPENER}
    assert set(scripts) == {*SCRIPTS, *DESK, *offline}
    for script in scripts.values():
        assert not re.search(
            rb"sourceMappingURL|\bimport\(|\brequire\(|\beval\(|\bFunction\(", script
        )


def test_building_twice_gives_the_same_scripts(scripts: Scripts, tmp_path: Path) -> None:
    """Anyone can compare what a server hands out with what the source makes."""
    assert build(tmp_path) == scripts


@pytest.mark.parametrize("name", ["loader.js", "leave.js"])
def test_script_of_a_page_is_too_short_to_be_kept(scripts: Scripts, name: str) -> None:
    """From 1024 characters on Chromium keeps what its engine made of a script, whatever we say."""
    assert len(scripts[name]) < 1024


def test_page_can_hold_its_loader(scripts: Scripts) -> None:
    """Nothing in it ends the element or changes how it is read."""
    text = scripts["loader.js"].decode("ascii")
    assert not re.search(r"</|<!|\r|\0", text)


def test_sealing_is_small(scripts: Scripts) -> None:
    """A phone on a slow line: 12 kB where the browser has the ciphers, 22 kB more where not."""
    small, full = zipped(scripts["seal.js"]), zipped(scripts["seal-full.js"])
    assert small <= 12 * KB
    assert full - small <= 22 * KB


def test_sending_files_is_small(scripts: Scripts) -> None:
    """Most of it reads what files give away; it is loaded once a file is chosen."""
    small, full = zipped(scripts["files.js"]), zipped(scripts["files-full.js"])
    assert small <= 20 * KB
    assert full - small <= 22 * KB


def test_coming_back_is_small(scripts: Scripts) -> None:
    """Loaded where it is used alone: its page's script, and the Worker that opens."""
    small, full = zipped(scripts["open.js"]), zipped(scripts["open-full.js"])
    assert zipped(scripts["back.js"]) <= 12 * KB
    assert small <= 15 * KB
    assert full - small <= 22 * KB


def test_what_seals_does_not_open(scripts: Scripts) -> None:
    """The form pays for no reader."""
    for name in ("seal.js", "app.js", "later.js"):
        assert b'"decrypt"' not in scripts[name]
    assert b'"decrypt"' in scripts["open.js"]


def test_opener_holds_both_makes_of_the_ciphers(scripts: Scripts) -> None:
    """It can fetch no other; and it is small enough to be mailed."""
    assert b"noble" in scripts[OPENER]
    assert b"decapsulateBits" in scripts[OPENER]
    assert len(scripts[OPENER]) <= 100 * KB


@pytest.mark.parametrize("name", ["seal", "open", "files"])
def test_the_library_is_only_in_the_full_script(scripts: Scripts, name: str) -> None:
    """And the browser's own ciphers only in the other."""
    assert b"noble" in scripts[f"{name}-full.js"]
    assert b"encapsulateBits" not in scripts[f"{name}-full.js"]
    assert b"noble" not in scripts[f"{name}.js"]
    assert b"encapsulateBits" in scripts[f"{name}.js"]


def test_npm_lock_names_public_files_with_their_digests() -> None:
    """`npm ci` takes what was locked, from the public registry, or stops."""
    lock = json.loads((BROWSER / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["resolved"].startswith("https://registry.npmjs.org/"), name
        assert entry["integrity"].startswith("sha512-"), name


def test_npm_versions_are_exact() -> None:
    """A cipher that changes by itself is one nobody has read."""
    package = json.loads((BROWSER / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    locked = json.loads((BROWSER / "package-lock.json").read_text())["packages"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


def test_the_sources_pass_the_strict_compiler() -> None:
    """As in make check, so that pytest alone shows it."""
    compiler = BROWSER / "node_modules" / "typescript" / "bin" / "tsc"
    command = [str(node.NODE), str(compiler), "-p", str(BROWSER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
