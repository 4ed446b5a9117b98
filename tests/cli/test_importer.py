"""`intake import`: what is kept, what was kept, what is refused, each said by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from tests.support.parcels import saved
from tests.support.sealed import sealed_file
from tests.support.site import Site, make_site

PICTURE = sealed_file(b"\xff\xd8 a picture \xff\xd9" * 900)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give a site with its store."""
    made = make_site(tmp_path)
    yield made
    made.services.records.close()


def run(folder: Path, *names: str) -> Result:
    """Run it on files in a folder, with the site's settings."""
    env = {"INTAKE_KEYS": str(folder / "keys"), "INTAKE_DATA": str(folder / "data")}
    arguments = [str(folder / name) for name in names]
    return CliRunner().invoke(command, ["import", *arguments], env=env)


def test_each_is_said_by_itself_and_one_that_is_refused_blocks_no_other(
    site: Site, tmp_path: Path
) -> None:
    """The reason with the name of its file; nothing but ids of cases else."""
    one, two = saved(site, PICTURE), saved(site)
    (tmp_path / "a.tar").write_bytes(one.data)
    (tmp_path / "b.tar").write_bytes(one.data[:3000])
    (tmp_path / "c.tar").write_bytes(two.data)
    done = run(tmp_path, "a.tar", "b.tar", "missing.tar", "c.tar", "a.tar")
    assert done.exit_code == 1
    assert done.stdout == f"kept: {one.case}\nkept: {two.case}\nkept before: {one.case}\n"
    assert done.stderr == (
        "intake: b.tar: is cut off, ask for the whole file\n"
        "intake: missing.tar: No such file or directory, mend it\n"
    )
    assert site.count() == 2


def test_all_kept_is_well(site: Site, tmp_path: Path) -> None:
    """Also what was kept before."""
    made = saved(site)
    (tmp_path / "a.tar").write_bytes(made.data)
    assert run(tmp_path, "a.tar").exit_code == 0
    done = run(tmp_path, "a.tar")
    assert (done.exit_code, done.output) == (0, f"kept before: {made.case}\n")


def test_swapped_mailbox_is_named(site: Site, tmp_path: Path) -> None:
    """With what to do."""
    other = saved(site)
    (tmp_path / "a.tar").write_bytes(saved(site).saying(mailbox=other.contents.mailbox).data)
    done = run(tmp_path, "a.tar")
    assert done.exit_code == 1
    assert done.stderr == (
        "intake: a.tar: its case does not belong to its mailbox: somebody changed it on the way, "
        "ask for the file once more, by another way\n"
    )


def test_name_of_a_file_steers_no_terminal(site: Site, tmp_path: Path) -> None:
    """Whoever sends it names it."""
    assert site.count() == 0
    (tmp_path / "\x1b[2J.tar").write_bytes(b"")
    assert "\x1b" not in run(tmp_path, "\x1b[2J.tar").stderr


def test_urgent_one_is_filed_as_urgent(site: Site, tmp_path: Path) -> None:
    """The offices are told at once, as if it had come by the line."""
    made = saved(site).saying(urgent=True)
    (tmp_path / "a.tar").write_bytes(made.data)
    assert run(tmp_path, "a.tar").exit_code == 0
    with site.services.records._database.read() as connection:
        assert connection.exec_driver_sql("SELECT urgent FROM cases").scalar_one() == 1
