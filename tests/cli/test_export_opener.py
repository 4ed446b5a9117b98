"""`intake export-opener`: one file, whole or not at all, or why not."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.web.assets import OPENER
from tests.support.programmes import SMALL


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a script as a build would leave it."""
    made = tmp_path / "static" / OPENER
    made.parent.mkdir()
    made.write_text("'opener'")
    monkeypatch.setattr("intake.cli.export_opener.PACKAGE", tmp_path)
    return made


def run(*arguments: str) -> Result:
    """Run it."""
    return CliRunner().invoke(command, ["export-opener", *arguments])


def test_file_is_written_and_its_size_and_digest_are_told(tmp_path: Path) -> None:
    """So that whoever gets it can compare; anybody may read it, it holds no secret."""
    out = tmp_path / "open.html"
    done = run("-o", str(out))
    assert done.exit_code == 0, done.output
    data = out.read_bytes()
    assert done.output.splitlines() == [
        f"{out}: {len(data):,} bytes",
        f"SHA-256: {sha256(data).hexdigest()}",
    ]
    assert b"'opener'" in data
    assert out.stat().st_mode & 0o777 == 0o644


def test_written_twice_it_is_the_same(tmp_path: Path) -> None:
    """Two people can make it and compare."""
    for name in ("one", "two"):
        assert run("-o", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_programme_and_language_are_taken(tmp_path: Path) -> None:
    """Its labels, in Spanish."""
    (tmp_path / "small.toml").write_text(SMALL)
    out = tmp_path / "open.html"
    named = ("--programme", str(tmp_path / "small.toml"), "--language", "es")
    assert run("-o", str(out), *named).exit_code == 0
    page = out.read_text("utf-8")
    assert '<html lang="es"' in page
    assert "Investigación propia" in page


@pytest.mark.parametrize("language", ["fr", "../es"])
def test_language_that_the_programme_does_not_speak_is_refused(
    language: str, tmp_path: Path
) -> None:
    """With those that it speaks; nothing is written."""
    done = run("-o", str(tmp_path / "open.html"), "--language", language)
    assert "name one of: en, es" in str(done.exception)
    assert not (tmp_path / "open.html").exists()


def test_what_was_there_stays_where_nothing_can_be_made(built: Path, tmp_path: Path) -> None:
    """The last good page is not lost to a checkout that was not built."""
    out = tmp_path / "open.html"
    out.write_text("before")
    built.unlink()
    assert "the scripts are not built" in str(run("-o", str(out)).exception)
    assert out.read_text() == "before"
    assert list(tmp_path.glob("*.part")) == []


def test_programme_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to do."""
    done = run("-o", str(tmp_path / "x"), "--programme", str(tmp_path / "none.toml"))
    assert "check the path" in str(done.exception)
