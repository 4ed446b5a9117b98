"""What tests of several commands share."""

from pathlib import Path

import pytest

from tests.support.keys import Keys, cheap


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Give an office with a working and a recovery key, whose passphrases cost little."""
    monkeypatch.setattr("intake.crypto.unseal.ScryptRecipient", cheap)
    return Keys(tmp_path).have()
