"""A case as sealed files: what leaves the vault opens elsewhere, and nothing of it is plain."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.vault import custody
from tests.support.programmes import SMALL
from tests.support.webdesk import WebDesk
from tests.support.webfiles import fetched

WORDS = b"sturgeon words in a file"


@pytest.fixture
def case(desk: WebDesk) -> str:
    """File a report that names a file, fetch both, and note something."""
    at = fetched(desk, WORDS, "note.txt", "text/plain")
    (case,) = {one.case for one in desk.shelf.sealed.values()}
    assert at.split("/")[2] in desk.shelf.sealed
    desk.post(f"/case/{case}/work", status="acting", text="sturgeon remark")
    return case


def test_tar_of_a_case_opens_without_the_desk(desk: WebDesk, case: str, tmp_path: Path) -> None:
    """By `intake open`, entries and file, each under its own name; nothing is plain."""
    answer = desk.post(f"/case/{case}/sealed")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={case}.tar"
    assert b"sturgeon" not in answer.data
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as tar:
        names = tar.getnames()
        assert {(one.mode, one.mtime, one.uid, one.uname) for one in tar} == {(0o600, 0, 0, "")}
        for one in tar:
            (tmp_path / one.name).write_bytes(tar.extractfile(one).read())  # type: ignore[union-attr]
    assert sorted(name.split(".")[1] for name in names) == ["age", "note", "report"]
    (tmp_path / "id").write_text(f"{desk.key.secret_text()}\n")
    (tmp_path / "small.toml").write_text(SMALL)
    given = ["open", *(str(tmp_path / name) for name in names), "-i", str(tmp_path / "id")]
    given += ["--programme", str(tmp_path / "small.toml"), "--out", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 0, done.output
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert sorted(kinds) == ["note", "report"]
    assert [path.read_bytes() for path in (tmp_path / "out").rglob("*note.txt")] == [WORDS]


def test_terminal_writes_the_same_tar(desk: WebDesk, case: str, tmp_path: Path) -> None:
    """Whole or not at all."""
    there = desk.post(f"/case/{case}/sealed").data
    desk.services.vault.lock()
    home, out = desk.services.home, tmp_path / "case.tar"
    given = ["desk", "export", case, "--vault", str(home.vault), "-i", str(home.identity)]
    done = CliRunner().invoke(command, [*given, "-o", str(out)])
    assert done.output == "written: 2 entries and 1 files\n", done.output
    assert out.read_bytes() == there
    given[2] = "f" * 32
    wrong = CliRunner().invoke(command, [*given, "-o", str(tmp_path / "other.tar")])
    assert "no such case" in str(wrong.exception)
    assert not (tmp_path / "other.tar").exists()


def test_export_is_noted(desk: WebDesk, case: str) -> None:
    """Who let it out, and when."""
    desk.post(f"/case/{case}/sealed")
    with desk.services.vault.use() as opened:
        links = custody.links(opened.database, case)
    assert [link.what for link in links].count("exported") == 1


def test_case_that_is_not_here_is_refused(desk: WebDesk) -> None:
    """By a sentence."""
    assert desk.post(f"/case/{'f' * 32}/sealed").status_code == 400


def test_file_is_read_beside_the_report(desk: WebDesk, case: str) -> None:
    """Report and file on one page, each noted as shown."""
    page = desk.get(f"/case/{case}").text
    link = next(part for part in page.split('"') if "?file=" in part)
    beside = desk.text(link.split("#")[0])
    assert "sturgeon words in a file" in beside
    assert "What happened?" in beside
    with desk.services.vault.use() as opened:
        done = [link.what for link in custody.links(opened.database, case)]
    assert done[-2:] == ["shown", "file shown"]
    assert desk.get(f"/case/{case}?file=x.y").status_code == 400
    at = "/evidence/" + link.split("=")[1].split("#")[0].replace(".", "/")
    back = desk.post(f"{at}/fetch", beside="1").headers["Location"]
    assert back == link
