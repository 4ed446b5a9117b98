"""What all tests of the page's script share: a server, a browser, a folder for both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.crypto.unseal import generate_hybrid
from tests.browser.between import Between, laid
from tests.browser.opening import Office, Opener, opening, page_file
from tests.browser.returning import Witness
from tests.browser.scripted import Browser, browsing
from tests.support.server import DemoServer, started


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of server and browser."""
    return tmp_path_factory.mktemp("scripted")


@pytest.fixture(scope="session")
def server(base: Path) -> Iterator[DemoServer]:
    """Run one server: each case is alone in it."""
    with started(folder=base / "server") as one:
        yield one


@pytest.fixture(scope="session")
def chromium(base: Path) -> Iterator[Browser]:
    """Run one browser."""
    with browsing(base / "profile") as one:
        yield one


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Return the browser, and close every tab afterwards."""
    yield chromium
    chromium.forget()


@pytest.fixture
def between(server: DemoServer) -> Iterator[Between]:
    """Lay a line of its own for each test, and let nobody wait on it afterwards."""
    with laid(server.port) as line:
        yield line
        for rule in line.rules:
            if rule.held:
                rule.held.set()


@pytest.fixture
def witness_of(server: DemoServer, between: Between, browser: Browser) -> Callable[[], Witness]:
    """Return what files one more case of two offices, with script."""
    return lambda: Witness.filed(server, between, browser)


@pytest.fixture
def witness(witness_of: Callable[[], Witness]) -> Witness:
    """Return the witness of a case of two offices."""
    return witness_of()


@pytest.fixture(scope="session")
def opener_file(base: Path) -> Path:
    """Write the page."""
    folder = base / "opener"
    folder.mkdir()
    return page_file(folder)


@pytest.fixture(scope="session")
def opener(base: Path, opener_file: Path) -> Iterator[Opener]:
    """Run one Chromium without a network."""
    with opening("chromium", base / "opener-chromium", opener_file) as one:
        yield one


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Make an identity."""
    return Office(tmp_path, generate_hybrid())
