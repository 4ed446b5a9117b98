"""What `make faults` shows with a thousand filings, with few: nothing lost, doubled or unclear."""

from pathlib import Path

import pytest

from tests.faults.breaking import FAULTS, Fault
from tests.faults.run import run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_everybody_is_answered_and_what_was_acknowledged_opens_once(
    kind: type[Fault], tmp_path: Path
) -> None:
    """Sixty people with files, whatever breaks meanwhile."""
    if why := kind.missing():
        pytest.skip(why)
    figures = run(kind, 60, "check-all", tmp_path / "fault")
    assert figures.is_good, figures
