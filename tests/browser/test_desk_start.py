"""The first start in a real browser: every page on the way, and what is printed of it."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import HybridIdentity, generate_hybrid, open_identities_file
from intake.desk import run
from intake.desk.home import Home
from intake.desk.run import Served, World
from intake.desk.sheet import typed_key
from intake.vault import key as vault_keys
from tests.support.browser import drive
from tests.support.desk import TODAY, Shelf
from tests.support.webdesk import NOW, Seen, office_of, reach

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSPHRASE = "a passphrase of five words"
WIDTHS = (1280, 800, 320)
PAGES = 19
"""On the way; each is looked at in every width."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a desk that was never begun."""
    home, shelf = Home(tmp_path_factory.mktemp("desk") / "home"), Shelf()
    world = World(
        partial(office_of, shelf), lambda: NOW, look=Seen().look, reach=partial(reach, shelf)
    )
    served = run.make(home, 0, world)
    thread = threading.Thread(target=served.server.serve_forever)
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()
    served.services.vault.lock()


@pytest.fixture(scope="module")
def walked(desk: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Begin, print, add a colleague, and look at each page."""
    base = tmp_path_factory.mktemp("walk")
    other = KeyFile("inv.txt", "")
    for role in ("working", "recovery"):
        other = other.added(OfficeKey(generate_hybrid().recipient(), role, TODAY), TODAY)
    task = {
        "profile": str(base / "profile"),
        "pictures": os.environ.get("INTAKE_PICTURES", ""),
        "widths": WIDTHS,
        "enter": desk.services.door.address(),
        "origin": desk.services.door.origin,
        "server": "https://site.test",
        "passphrase": PASSPHRASE,
        "colleague": str(generate_hybrid().recipient()),
        "file": other.text,
    }
    done: dict[str, Any] = drive("desk-start.mjs", task)
    return done


def test_pages_of_the_first_start_are_accessible(walked: dict[str, Any]) -> None:
    """Light, dark and in forced colours, at three widths; none is wider than its window."""
    assert len(walked["found"]) == PAGES * len(WIDTHS)
    for seen in walked["found"]:
        where = f"{seen['name']} at {seen['width']}"
        for kind in ("light", "dark", "forced"):
            assert seen.get(kind, []) == [], where
        assert seen["scroll"] <= seen["width"], where


def test_sheet_is_what_opens_the_vault_and_the_identity_is_as_age_makes_it(
    walked: dict[str, Any], desk: Served
) -> None:
    """Read from the page as a person reads it; the buttons are not on the paper."""
    key = typed_key(walked["secret"])
    home = desk.services.home
    assert vault_keys.read(home.vault, [key]).value
    (own,) = open_identities_file(home.identity.read_bytes(), lambda: PASSPHRASE)
    assert isinstance(own, HybridIdentity)
    assert vault_keys.read(home.vault, [own]).value
    assert walked["isPrintable"]
    assert "What it opens" in walked["printed"]
    assert "I printed it" not in walked["printed"]
    assert "never again" not in walked["printed"]
    assert walked["after"].endswith("/office")


def test_nothing_of_it_stays_in_the_browser(walked: dict[str, Any], tmp_path_factory: Any) -> None:  # noqa: ANN401 - pytest's factory
    """Neither secret key nor passphrase is in the profile."""
    key = typed_key(walked["secret"])
    base: Path = tmp_path_factory.getbasetemp()
    wanted = (PASSPHRASE, key.secret_text()[-40:], " ".join(walked["secret"].split()[1:4]))
    marks = [form for text in wanted for form in (text.encode(), text.encode("utf-16-le"))]
    for path in base.rglob("profile/**/*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [mark for mark in marks if mark in data], path
