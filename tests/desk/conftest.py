"""A web desk of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.webdesk import WebDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WebDesk]:
    """Make a desk that is unlocked, and close it afterwards."""
    made = WebDesk.make(tmp_path / "home")
    yield made
    made.close()
