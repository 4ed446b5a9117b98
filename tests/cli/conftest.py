"""What tests of several commands share."""

from pathlib import Path

import pytest

from intake.crypto.age import ScryptRecipient
from tests.support.keys import CHEAP, Keys


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Give an office with a working and a recovery key, whose passphrases cost little."""

    def cheap(passphrase: str) -> ScryptRecipient:
        return ScryptRecipient(passphrase, CHEAP)

    monkeypatch.setattr("intake.cli.keys.ScryptRecipient", cheap)
    return Keys(tmp_path).have()
