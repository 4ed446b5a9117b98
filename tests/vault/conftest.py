"""A desk of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Make a desk, and lock its vault afterwards."""
    made = Desk(tmp_path / "vault")
    yield made
    made.vault.lock()
