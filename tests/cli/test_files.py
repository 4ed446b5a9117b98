"""`intake open --out`: files are opened beside their entries, under their names once whole."""

import io
import json
import os
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socket import socket
from typing import cast

import msgspec
import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.cli.files import Pieces, harmless
from intake.cli.opener import _fetch_evidence
from intake.client import Office, Server
from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Evidence
from intake.crypto.unseal import HybridIdentity
from intake.errors import ServerError
from tests.cli.test_opener import keep, key  # noqa: F401 - a fixture
from tests.crypto import entries
from tests.support.sealed import File, sealed_file

PLAIN = os.urandom(200_000)
NAME = "0d" * 16


def reported(*files: Evidence) -> Entry:
    """Return a report that names files."""
    made = entries.report()
    assert isinstance(made.body, ReportBody)
    return msgspec.structs.replace(made, body=msgspec.structs.replace(made.body, evidence=files))


def told(file: File, **changes: object) -> Evidence:
    """Return what is told of a file, with an id."""
    return msgspec.structs.replace(file.told, **{"id": NAME, **changes})


def opened(folder: Path, entry: Entry, identity: HybridIdentity) -> tuple[int, str, Path]:
    """Return code and output of opening an entry with its files, and where they should lie."""
    path = keep(folder, entry, identity)
    arguments = ["open", "-i", str(folder / "id.txt"), "--programme", str(folder / "small.toml")]
    found = CliRunner().invoke(command, [*arguments, "--out", str(folder / "out"), str(path)])
    return found.exit_code, found.output, folder / "out" / entry.case / entry.id


def test_file_is_opened_under_its_name(tmp_path: Path, key: HybridIdentity) -> None:  # noqa: F811
    """Byte for byte, readable by its owner alone."""
    file = sealed_file(PLAIN)
    (tmp_path / f"{NAME}.age").write_bytes(file.data)
    code, output, folder = opened(tmp_path, reported(told(file)), key)
    assert code == 0, output
    path = folder / "01-photo.jpg"
    assert path.read_bytes() == PLAIN
    assert path.stat().st_mode & 0o077 == 0
    assert "photo.jpg (image/jpeg, 200,000 bytes, as it was made)" in output


@pytest.mark.parametrize(
    "changes",
    [{"length": 199_999}, {"length": 200_001}, {"digest": "00" * 32}, {"length": 10}],
)
def test_file_that_is_not_the_one_named_is_not_shown(
    tmp_path: Path,
    key: HybridIdentity,  # noqa: F811
    changes: dict[str, object],
) -> None:
    """Nothing lies there under its name, nor under another."""
    file = sealed_file(PLAIN)
    (tmp_path / f"{NAME}.age").write_bytes(file.data)
    code, output, folder = opened(tmp_path, reported(told(file, **changes)), key)
    assert code == 1
    assert "set it aside" in output
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("size", [0, 100, 5000, 100_000, 202_000])
def test_file_cut_off_is_not_shown(
    tmp_path: Path,
    key: HybridIdentity,  # noqa: F811
    size: int,
) -> None:
    """Wherever it was cut, nor one that was altered; the entry is shown all the same."""
    file = sealed_file(PLAIN)
    for data in (file.data[:size], file.data[:size] + b"?" + file.data[size + 1 :]):
        (tmp_path / f"{NAME}.age").write_bytes(data)
        code, output, folder = opened(tmp_path, reported(told(file)), key)
        assert code == 1
        assert "What happened?" in output
        assert not folder.exists() or not list(folder.iterdir())


def test_nothing_that_is_there_is_replaced(tmp_path: Path, key: HybridIdentity) -> None:  # noqa: F811
    """An investigator may have written into what was opened before."""
    file = sealed_file(PLAIN)
    (tmp_path / f"{NAME}.age").write_bytes(file.data)
    code, output, folder = opened(tmp_path, reported(told(file)), key)
    assert code == 0, output
    (folder / "01-photo.jpg").write_bytes(b"mine")
    code, output, _ = opened(tmp_path, reported(told(file)), key)
    assert code == 1
    assert "name another folder" in output
    assert (folder / "01-photo.jpg").read_bytes() == b"mine"


def test_missing_file_is_named(tmp_path: Path, key: HybridIdentity) -> None:  # noqa: F811
    """And the others are opened."""
    first, second = sealed_file(PLAIN), sealed_file(b"voice", "note.ogg", "audio/ogg")
    (tmp_path / f"{'0e' * 16}.age").write_bytes(second.data)
    entry = reported(told(first), told(second, id="0e" * 16))
    code, output, folder = opened(tmp_path, entry, key)
    assert code == 1
    assert "put the sealed file there" in output
    assert (folder / "02-note.ogg").read_bytes() == b"voice"


def test_json_says_where_files_lie(tmp_path: Path, key: HybridIdentity) -> None:  # noqa: F811
    """By their ids."""
    file = sealed_file(PLAIN)
    (tmp_path / f"{NAME}.age").write_bytes(file.data)
    path = keep(tmp_path, reported(told(file)), key)
    arguments = ["open", "-i", str(tmp_path / "id.txt"), "--json", "--out", str(tmp_path / "out")]
    arguments += ["--programme", str(tmp_path / "small.toml"), str(path)]
    found = json.loads(CliRunner().invoke(command, arguments).output)
    assert Path(found["files"][NAME]).read_bytes() == PLAIN


class Line:
    """A line on which one answer comes, and then its end."""

    def __init__(self, answer: bytes) -> None:
        """Bring these bytes."""
        self._answer = answer

    def makefile(self, _mode: str) -> io.BytesIO:
        """Return what comes."""
        return io.BytesIO(self._answer)


class Connection:
    """A connection whose only answer is one of a file."""

    def __init__(self, data: bytes, length: int) -> None:
        """Announce `length` bytes, and send these."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length
        self._line = Line(head + data)

    def request(self, *_asked: object) -> None:
        """Do nothing."""

    def getresponse(self) -> HTTPResponse:
        """Return the answer."""
        answer = HTTPResponse(cast("socket", self._line))
        answer.begin()
        return answer

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("more", [-1, -150_000, 1 << 20])
def test_sealed_file_that_did_not_come_as_it_is_is_not_kept(tmp_path: Path, more: int) -> None:
    """Cut off it would be taken for kept ever after; endless it would fill the disk."""
    file = sealed_file(PLAIN)
    lines = [(file.data + bytes(max(0, more)), len(file.data) + more), (file.data, len(file.data))]
    if more < 0:
        lines[0] = file.data[:more], len(file.data)
    answers = iter(lines)
    server = Server("", lambda: cast("HTTPConnection", Connection(*next(answers))))
    office = Office(server, "inv", "")
    with pytest.raises(ServerError):
        b"".join(_fetch_evidence(office, tmp_path, told(file)))
    assert not list(tmp_path.iterdir())
    assert b"".join(_fetch_evidence(office, tmp_path, told(file))) == file.data
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.age"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("photo.jpg", "photo.jpg"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("CON:x|y?.txt", "CON_x_y_.txt"),
        ("a\x1b[31mb", "a\N{REPLACEMENT CHARACTER}[31mb"),
        ("long" * 60 + ".jpg", ("long" * 60 + ".jpg")[-150:]),
        (
            "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 196 + ".jpg",
            "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 48 + ".jpg",
        ),
    ],
)
def test_names_are_made_harmless(name: str, made: str) -> None:
    """For every file system, and for a terminal."""
    assert harmless(name) == made


def test_long_name_in_any_script_can_be_opened(tmp_path: Path, key: HybridIdentity) -> None:  # noqa: F811
    """Two hundred letters are up to eight hundred bytes."""
    file = sealed_file(PLAIN, "\N{ARABIC LETTER BEH}" * 196 + ".jpg")
    (tmp_path / f"{NAME}.age").write_bytes(file.data)
    code, output, folder = opened(tmp_path, reported(told(file)), key)
    assert code == 0, output
    assert [path.read_bytes() for path in folder.iterdir()] == [PLAIN]


def test_pieces_read_as_a_file() -> None:
    """In any cut."""
    data = b"one\ntwo\n" + bytes(1000)
    for size in (1, 3, 8, 500, 2000):
        reader = Pieces(data[at : at + size] for at in range(0, len(data), size))
        assert reader.readline(100) == b"one\n"
        assert reader.readline(2) == b"tw"
        assert reader.read(2) == b"o\n"
        assert reader.readline(10_000) == bytes(1000)
        assert reader.read(5) == b""
