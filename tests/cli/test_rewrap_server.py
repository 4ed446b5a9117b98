"""A rotation at a real server, by the commands that an office and an operator type."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.crypto.keyring import fingerprint as fingerprint_of
from intake.crypto.unseal import HybridIdentity, parse_identities_file
from tests.support.filing import Witness
from tests.support.server import DemoServer, started

pytestmark = pytest.mark.slow
OFFICE = "investigators"
PASSPHRASE = "a passphrase of five words"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """Run a server with fresh keys."""
    with started(folder=tmp_path / "demo") as running:
        yield running


def typed(*arguments: str | Path) -> str:
    """Return what a command prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "intake", *map(str, arguments)],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def accounts(server: DemoServer, folder: Path, identity: Path) -> str:
    """Return what an identity opens of everything at the server."""
    words = folder / "passphrase"
    words.write_text(PASSPHRASE)
    asked = ("--server", server.origin, "--office", OFFICE, "--passphrase-file", words)
    return typed("open", "-i", identity, *asked)


def hybrid(path: Path) -> HybridIdentity:
    """Return the identity in a plain file."""
    (key,) = parse_identities_file(path.read_text())
    assert isinstance(key, HybridIdentity)
    return key


def test_rotation_with_old_and_new_keys_in_one_run(server: DemoServer, tmp_path: Path) -> None:
    """What was filed before and after opens with the new key, once what is open was sealed anew."""
    keys, old, new = server.folder / "keys", server.identity(OFFICE), tmp_path / "new.age"
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    first, second = Witness(1), Witness(2)
    assert first.send(server) == 200
    common = ("--keys", keys, "--passphrase-file", passphrase)
    typed("keys", "rotate", OFFICE, "--identity", new, *common)
    server.stop()
    server.start()
    assert second.send(server) == 200
    assert first.account in accounts(server, tmp_path, old)
    assert second.account in accounts(server, tmp_path, old)

    asked = ("--server", server.origin, "--office", OFFICE, "-i", old, "-i", new)
    assert "2 sealed anew, 0 not" in typed("keys", "rewrap", *asked, *common, "--compared")
    found = accounts(server, tmp_path, new)
    assert first.account in found
    assert second.account in found

    words = typed("keys", "list", "--keys", keys)
    assert words.count("days left") > 3
    fingerprint = fingerprint_of(hybrid(old).recipient())
    assert "nothing before" in typed("keys", "remove", OFFICE, fingerprint, "--keys", keys)
    server.stop()
    server.start()
    assert first.account in accounts(server, tmp_path, new)
    refused = subprocess.run(
        [sys.executable, "-m", "intake", "open", "-i", str(old), *map(str, asked[:4])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "not one of the office's keys" in refused.stderr
    assert "AGE-SECRET" not in server.log
