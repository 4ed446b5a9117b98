"""`intake purge`: what is due goes, the rest stays, and nothing runs on another schema."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from intake.cli import intake as command
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.blobs import Blobs
from intake.store.cases import Addition, Cases
from intake.store.database import FILE, Database
from intake.store.records import Records
from intake.store.uploads import Uploads
from tests.ops.conftest import sealed_file
from tests.store.samples import filing, rows


def run(folder: Path) -> tuple[int, str]:
    """Return exit code and output for the database in a folder."""
    found = CliRunner().invoke(command, ["purge"], env={"INTAKE_DATA": str(folder)})
    return found.exit_code, found.output or str(found.exception)


def test_cases_whose_day_has_come_are_deleted(tmp_path: Path) -> None:
    """Yesterday's and today's, not tomorrow's, nor those that nobody asked to delete."""
    today = utc_today()
    with closing(Database(tmp_path)) as database:
        migrate.migrate(database)
        for number, days in ((1, -1), (2, 0), (3, 1), (4, None)):
            one = filing(number, "inv")
            Records(database).file(one)
            notice = Addition(f"{number:032x}", one.mailbox_hash, b"d" * 32, today, ())
            due = None if days is None else today + timedelta(days=days)
            Cases(database).ask_deletion(notice, due)
        assert run(tmp_path) == (0, "cases deleted: 2\ncases too old: 0\nfiles removed: 0\n")
        assert run(tmp_path) == (0, "cases deleted: 0\ncases too old: 0\nfiles removed: 0\n")
        assert rows(database, "cases") == 2
        # Nothing is left of the order of filing, in the log neither.
        assert (tmp_path / f"{FILE}-wal").stat().st_size == 0


def test_files_of_a_deleted_case_go_with_it(tmp_path: Path) -> None:
    """From the disk, in the same night."""
    today, data, name = utc_today(), sealed_file(), "aa" * 16
    with closing(Database(tmp_path)) as database:
        migrate.migrate(database)
        uploads = Uploads(database, Blobs(tmp_path / "evidence", 0))
        uploads.begin(name, len(data), today)
        uploads.append(name, 0, [data], today)
        made = filing(1, "inv")
        made = replace(made, items=(replace(made.items[0], evidence=(name,)),))
        Records(database).file(made)
        Cases(database).ask_deletion(
            Addition("d" * 32, made.mailbox_hash, b"d" * 32, today, ()), today
        )
        assert run(tmp_path) == (0, "cases deleted: 1\ncases too old: 0\nfiles removed: 1\n")
    assert not [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]


def test_database_without_schema_is_refused(tmp_path: Path) -> None:
    """A mistyped folder is not taken for an empty store."""
    (tmp_path / FILE).touch()
    code, output = run(tmp_path)
    assert code == 1
    assert "run: intake migrate" in output
