"""`intake export-form`: one file of this server's programme and keys, or why not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.server.services import utc_today
from intake.web.assets import OFFLINE_PAGE, OFFLINE_WORKERS
from tests.support.site import Site, make_site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give a site's keys, and scripts as a build would leave them."""
    (tmp_path / "static").mkdir()
    for name in (OFFLINE_PAGE, *OFFLINE_WORKERS.values()):
        (tmp_path / "static" / name).write_text(f"'{name}'")
    monkeypatch.setattr("intake.cli.export_form.PACKAGE", tmp_path)
    made = make_site(tmp_path)
    yield made
    made.services.records.close()


def run(folder: Path, *arguments: str) -> Result:
    """Run it for the keys in a folder."""
    env = {"INTAKE_KEYS": str(folder / "keys"), "INTAKE_DATA": str(folder / "data")}
    return CliRunner().invoke(command, ["export-form", *arguments], env=env)


@pytest.mark.usefixtures("site")
def test_file_is_written_and_its_keys_are_named_to_compare(tmp_path: Path) -> None:
    """As `keys list` names them; with its size and its last day."""
    out = tmp_path / "form.html"
    done = run(tmp_path, "-o", str(out))
    assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(command, ["keys", "list", "--keys", str(tmp_path / "keys")])
    words = [line.rpartition(": ")[2] for line in listed.output.splitlines() if ": " in line]
    assert len(words) > 4
    page = out.read_text("utf-8")
    for one in words:
        assert one in done.output
        assert one in page
    ends = utc_today() + timedelta(days=90)
    last = done.output.splitlines()[-1]
    assert last == f"{out}: {out.stat().st_size:,} bytes, ends on {ends}"


@pytest.mark.usefixtures("site")
def test_written_twice_it_is_the_same(tmp_path: Path) -> None:
    """Two people can make it and compare."""
    for name in ("one", "two"):
        assert run(tmp_path, "-o", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.usefixtures("site")
def test_days_and_language_are_taken(tmp_path: Path) -> None:
    """A week, in Spanish."""
    out = tmp_path / "form.html"
    done = run(tmp_path, "-o", str(out), "--days", "7", "--language", "es")
    assert f"ends on {utc_today() + timedelta(days=7)}" in done.output
    assert '<html lang="es"' in out.read_text("utf-8")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("language", ["fr", "../es"])
def test_language_that_the_programme_does_not_speak_is_refused(
    language: str, tmp_path: Path
) -> None:
    """With those that it speaks; nothing is written."""
    done = run(tmp_path, "-o", str(tmp_path / "form.html"), "--language", language)
    assert "name one of: en, es" in str(done.exception)
    assert not (tmp_path / "form.html").exists()


@pytest.mark.usefixtures("site")
def test_keys_that_are_wrong_are_refused(tmp_path: Path) -> None:
    """What is handed out cannot be called back: less than two keys, or a secret among them."""
    out, keys = tmp_path / "form.html", tmp_path / "keys"
    whole = (keys / "children.txt").read_text()
    (keys / "children.txt").write_text(whole[: whole.index("# key: working")])
    done = run(tmp_path, "-o", str(out))
    assert "fewer than two valid keys" in str(done.exception)
    (keys / "children.txt").write_text(whole)
    (keys / "notes").write_text("AGE-SECRET-KEY-PQ-1…")
    done = run(tmp_path, "-o", str(out))
    assert "holds a secret key" in str(done.exception)
    assert not out.exists()


@pytest.mark.usefixtures("site")
def test_checkout_without_scripts_is_told_to_build_them(tmp_path: Path) -> None:
    """Half a form seals nothing."""
    (tmp_path / "static" / "offline-files.js").unlink()
    done = run(tmp_path, "-o", str(tmp_path / "form.html"))
    assert "the scripts are not built" in str(done.exception)


@pytest.mark.usefixtures("site")
def test_programme_and_keys_may_be_named(tmp_path: Path) -> None:
    """Those of a server that is elsewhere."""
    done = run(tmp_path, "-o", str(tmp_path / "x"), "--keys", str(tmp_path / "none"))
    assert "the folder of keys does not exist" in str(done.exception)
    done = run(tmp_path, "-o", str(tmp_path / "x"), "--programme", str(tmp_path / "none.toml"))
    assert "check the path" in str(done.exception)
