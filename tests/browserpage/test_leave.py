"""Leaving at once, in a real Chromium: when it happens, when it does not, and what is left."""

from pathlib import Path
from typing import Any

import pytest

from tests.browserpage.pages import look

# Half a minute of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAYS = (
    "two",
    "slow",
    "interrupted",
    "capitals",
    "third with a letter",
    "held down",
    "with control",
    "with the mouse",
)
"""What people do with Shift who only write."""


@pytest.fixture(scope="module", params=["keys", "link", "keys, and stopping fails"])
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """Leave once in each way."""
    by, _, fails = request.param.partition(",")
    folder: Path = tmp_path_factory.mktemp("leave")
    return look("leave.mjs", "leave=1" if fails else "leave", folder, by=by)


def test_shift_in_writing_does_not_leave(left: dict[str, Any]) -> None:
    """What was typed would be lost."""
    assert {name: left[name] for name in STAYS} == dict.fromkeys(STAYS, True)


def test_page_is_blank_before_anything_else(left: dict[str, Any]) -> None:
    """Within 100 ms, and as long as the other site does not answer, without even a title."""
    assert 0 <= left["ms"] < 100
    assert len(left["looks"]) > 5
    assert {tuple(look) for look in left["looks"]} == {("localhost", "")}


def test_history_does_not_hold_the_page(left: dict[str, Any]) -> None:
    """Its entry is the other site's, and no dialog asked with the page's name."""
    assert left["url"] == "/left"
    assert left["history"] == ["about:blank", "http://localhost/left"]
    assert left["dialogs"] == 0
