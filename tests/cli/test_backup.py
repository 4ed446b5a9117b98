"""`intake backup` and `intake restore`: what they say, and that they go together."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.crypto.unseal import generate_hybrid
from intake.ops.restore import RESTORING
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.blobs import Blobs
from intake.store.database import FILE, Database
from intake.store.records import Records
from intake.store.uploads import Uploads
from tests.ops.conftest import sealed_file
from tests.store.samples import filing


def run(folder: Path, *words: str, data: str = "data") -> tuple[int, str]:
    """Return exit code and output of a command in a folder."""
    env = {
        "INTAKE_DATA": str(folder / data),
        "INTAKE_BACKUP": str(folder / "backups"),
        "INTAKE_BACKUP_KEYS": str(folder / "backup.txt"),
    }
    found = CliRunner().invoke(command, words, env=env)
    return found.exit_code, found.output or str(found.exception)


def prepare(folder: Path) -> None:
    """Keep a case, and make a backup key."""
    database = Database(folder / "data")
    migrate.migrate(database)
    Records(database).file(filing(1, "inv", "det"))
    database.close()
    key = generate_hybrid()
    (folder / "backup.txt").write_text(f"{key.recipient()}\n")
    (folder / "backup.identity").write_text(f"{key.secret_text()}\n")


def test_backup_is_made_checked_tried_and_restored(tmp_path: Path) -> None:
    """With the commands of the guide alone."""
    prepare(tmp_path)
    code, said = run(tmp_path, "backup")
    assert (code, said.split(": ")[1]) == (0, "1 cases, 2 entries\nfiles")
    assert "is whole: 0 files" in run(tmp_path, "backup", "--check")[1]
    way = ("restore", str(tmp_path / "backups"), "--identity", str(tmp_path / "backup.identity"))
    code, said = run(tmp_path, *way, "--drill")
    assert (code, said.endswith("the throw-away folder is removed\n")) == (0, True)
    assert not list(tmp_path.glob("intake-drill-*"))
    code, said = run(tmp_path, *way)
    assert (code, "move it away: mv" in said) == (1, True)
    code, said = run(tmp_path, *way, data="again")
    assert (code, "1 cases, 2 entries, 0 files\ntombstones applied: 0\n" in said) == (0, True)
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o700


def test_restore_without_a_file_names_it_and_fails(tmp_path: Path) -> None:
    """Also where `--partial` asked for it: a script that goes on by the exit code stops."""
    prepare(tmp_path)
    name, data = "aa" * 16, sealed_file()
    with closing(Database(tmp_path / "data")) as database:
        uploads = Uploads(database, Blobs(tmp_path / "data" / "evidence", 0))
        uploads.begin(name, len(data), utc_today())
        uploads.append(name, 0, [data], utc_today())
        made = filing(2, "inv")
        made = replace(made, items=(replace(made.items[0], evidence=(name,)),))
        Records(database).file(made)
    run(tmp_path, "backup")
    (copied,) = (tmp_path / "backups").glob("files-*/aa/*")
    copied.unlink()
    way = ("restore", str(tmp_path / "backups"), "--identity", str(tmp_path / "backup.identity"))
    code, said = run(tmp_path, *way, "--drill")
    assert (code, f"file {name} is missing" in said) == (1, True)
    code, said = run(tmp_path, *way, "--partial", data="again")
    assert (code, said.endswith(f"file {name} is missing\n")) == (1, True)
    assert (tmp_path / "again" / FILE).exists()


@pytest.mark.parametrize("words", ["purge", "backup", "status", "migrate", "programme stop"])
def test_no_command_opens_what_is_half_restored(tmp_path: Path, words: str) -> None:
    """A timer goes on in the night: what it made there would stand in the restore's way."""
    prepare(tmp_path)
    run(tmp_path, "backup")
    (tmp_path / "again" / RESTORING).mkdir(parents=True)
    code, said = run(tmp_path, *words.split(), data="again")
    assert (code, "a restore was not finished, run it again" in said) == (1, True)
    assert [path.name for path in (tmp_path / "again").iterdir()] == [RESTORING]
    way = ("restore", str(tmp_path / "backups"), "--identity", str(tmp_path / "backup.identity"))
    assert run(tmp_path, *way, data="again")[0] == 0


def test_damage_is_seen_without_a_key(tmp_path: Path) -> None:
    """The operator's machine has none."""
    prepare(tmp_path)
    assert run(tmp_path, "backup", "--check") == (
        1,
        "there is no snapshot, make one: intake backup",
    )
    run(tmp_path, "backup")
    (listed,) = (tmp_path / "backups").glob("*.json")
    assert json.loads(listed.read_text())["files"] == {}
    listed.with_suffix(".age").write_bytes(b"x")
    code, said = run(tmp_path, "backup", "--check")
    assert (code, "is not whole, back up again" in said) == (1, True)


def test_backup_without_settings_names_them(tmp_path: Path) -> None:
    """Nothing is guessed."""
    prepare(tmp_path)
    found = CliRunner().invoke(command, ["backup"], env={"INTAKE_DATA": str(tmp_path / "data")})
    assert "name folder and key file in the settings" in str(found.exception)
    (tmp_path / "backup.txt").unlink()
    assert run(tmp_path, "backup") == (1, "backup_keys: cannot be read, check the path")
