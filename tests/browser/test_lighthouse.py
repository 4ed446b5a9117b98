"""What Lighthouse says of the form, with script, on a real server.

It is no dependency: 114 packages and 176 MB, among them a crash reporter. Whoever wants its word
installs it anywhere and names the folder: `LIGHTHOUSE=…/node_modules/lighthouse`.
"""

import os
from pathlib import Path

import pytest

from tests.crypto import node
from tests.support.browser import drive
from tests.support.server import started

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Not INTAKE_…: a server refuses a setting that it does not know.
LIGHTHOUSE = Path(os.environ.get("LIGHTHOUSE", node.NODE_MODULES / "lighthouse"))
CATEGORIES = ("accessibility", "best-practices")


@pytest.mark.skipif(
    not LIGHTHOUSE.is_dir(),
    reason="no Lighthouse here (npm install lighthouse anywhere, then set LIGHTHOUSE)",
)
def test_lighthouse_finds_no_fault(tmp_path: Path) -> None:
    """100 of 100; its console audit fails on any message of the page's own policy."""
    with started(folder=tmp_path / "server") as server:
        task = {
            "url": f"{server.origin}/en/",
            "profile": str(tmp_path / "profile"),
            "lighthouse": str(LIGHTHOUSE),
            "categories": CATEGORIES,
        }
        said = drive("lighthouse.mjs", task)
    assert said["faults"] == []
    assert said["scores"] == dict.fromkeys(CATEGORIES, 1)
    assert f"{server.origin}/en/sealing.json" in said["requests"], "the script did not run"
