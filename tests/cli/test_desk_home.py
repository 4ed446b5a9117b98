"""Terminal and browser work on one vault: commands take the desk's own where none is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from tests.support.webdesk import WebDesk


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Begin a desk as the browser does, and close it."""
    made = WebDesk.make(tmp_path / "home")
    made.close()
    return made.folder


def typed(*arguments: str, home: Path | None = None) -> Result:
    """Return what a command gave on a machine with this desk."""
    environ = {"INTAKE_DESK": str(home)} if home else {"INTAKE_DESK": "/nowhere"}
    return CliRunner().invoke(command, ["desk", *arguments], env=environ)


def test_commands_take_vault_and_identity_of_the_desk(home: Path) -> None:
    """Named by the environment or by --home; nothing else is asked."""
    assert typed("list", home=home).output == "nothing\n"
    assert typed("--home", str(home), "list").output == "nothing\n"
    assert typed("lock", home=home).exit_code == 0
    assert (home / "vault" / "lock").exists()


def test_what_is_named_comes_before_the_desk(home: Path, tmp_path: Path) -> None:
    """Each for itself."""
    other = typed("list", "--vault", str(tmp_path / "none"), home=home)
    assert "vault.key is missing" in str(other.exception)
    stranger = tmp_path / "other.txt"
    stranger.write_text("garbage\n")
    assert "other.txt" in str(typed("list", "-i", str(stranger), home=home).exception)


def test_without_a_desk_both_must_be_named() -> None:
    """In the words of any option that is missing."""
    found = typed("list")
    assert (found.exit_code, "Missing option '--vault'" in found.output) == (2, True)
    found = typed("list", "--vault", "x")
    assert (found.exit_code, "Missing option '--identity' / '-i'" in found.output) == (2, True)
    assert "Missing option" in typed("lock").output


def test_desk_that_is_there_is_never_made_again(home: Path) -> None:
    """`new` without a folder finds it full."""
    before = (home / "vault" / "vault.key").read_bytes()
    told = ("--server", "https://site.test", "--office", "investigators", "--who", "Ana")
    assert "must be empty" in str(typed("new", *told, home=home).exception)
    assert (home / "vault" / "vault.key").read_bytes() == before
