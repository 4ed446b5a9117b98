"""A command for a site that exists makes none: it would be an empty one that nobody serves."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.crypto.unseal import generate_hybrid
from intake.errors import BackupError, StoreError
from intake.ops.restore import RESTORING

CLOSE = ("programme", "close", "--on", "2999-01-01")
EXISTING = [
    ("backup",),
    ("canary",),
    ("import", "case.tar"),
    ("outbox",),
    ("purge",),
    ("status",),
    ("programme", "stop"),
    ("programme", "stop", "--dry-run"),
    ("programme", "resume"),
    CLOSE,
    (*CLOSE, "--dry-run"),
    ("programme", "archive", "--to", "out", "--keyholders", "holders.txt", "--opens", "2999-01-01"),
    ("programme", "end", "--record", "record.txt"),
]


@pytest.mark.parametrize("line", EXISTING, ids=" ".join)
def test_command_in_the_wrong_place_says_so_and_makes_nothing(
    line: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --config the data folder is ./data; nothing is said to be done there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "backup.txt").write_text(f"{generate_hybrid().recipient()}\n")
    holders = (f"# {name}\n{generate_hybrid().recipient()}\n" for name in ("Ana", "Luis"))
    (tmp_path / "holders.txt").write_text("".join(holders))
    environ = {"INTAKE_BACKUP": str(tmp_path / "to"), "INTAKE_BACKUP_KEYS": "backup.txt"}
    found = CliRunner().invoke(command, line, env=environ)
    assert found.exit_code == 1
    assert isinstance(found.exception, StoreError)
    wanted = f"no database in {tmp_path}/data, name the settings with --config"
    assert str(found.exception) == wanted
    assert found.output == ""
    assert {path.name for path in tmp_path.iterdir()} == {"backup.txt", "holders.txt"}


def test_half_restored_folder_gets_no_new_database(tmp_path: Path) -> None:
    """It would be in the way of the one that comes back."""
    (tmp_path / RESTORING).mkdir()
    found = CliRunner().invoke(command, ["migrate"], env={"INTAKE_DATA": str(tmp_path)})
    assert isinstance(found.exception, BackupError)
    assert [path.name for path in tmp_path.iterdir()] == [RESTORING]
