"""`intake open`: each way an entry can be wrong has its error, and blocks no other entry."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.cli.opener import _keep
from intake.core import programme as programmes
from intake.core import wire
from intake.core.entry import AdditionBody, Entry, Outer, ReportBody, encode
from intake.core.plain import printable
from intake.crypto.derive import authenticate
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import ConfigError
from tests.crypto import entries
from tests.support.programmes import SMALL


@pytest.fixture
def key(tmp_path: Path) -> HybridIdentity:
    """Make an identity, with its file and the programme beside it."""
    identity = generate_hybrid()
    (tmp_path / "id.txt").write_text(identity.secret_text() + "\n")
    (tmp_path / "small.toml").write_text(SMALL)
    return identity


def keep(folder: Path, entry: Entry, key: HybridIdentity, name: str = "") -> Path:
    """Seal an entry into a file, by default under the name it should have."""
    sealed = seal(Plaintext(encode(entry)), [key.recipient(), generate_hybrid().recipient()])
    path = folder / (name or f"{entry.case}.{entry.kind}.{entry.office}.{entry.id}.age")
    path.write_bytes(sealed.header.value + sealed.payload)
    return path


def opened(folder: Path, *files: Path, more: tuple[str, ...] = ()) -> Result:
    """Return what `intake open` gave."""
    arguments = ["open", "--identity", str(folder / "id.txt"), *more, *map(str, files)]
    arguments += ["--programme", str(folder / "small.toml")]
    return CliRunner().invoke(command, arguments)


def test_entry_is_printed_for_people(tmp_path: Path, key: HybridIdentity) -> None:
    """Questions with their answers, and what was not asked said so."""
    found = opened(tmp_path, keep(tmp_path, entries.report(), key))
    assert found.exit_code == 0, found.output
    assert "What happened?" in found.output
    assert "(not asked)" in found.output


def test_entry_is_printed_as_json(tmp_path: Path, key: HybridIdentity) -> None:
    """One object a line, all of the entry."""
    found = opened(tmp_path, keep(tmp_path, entries.report(), key), more=("--json",))
    assert json.loads(found.output)["case"] == entries.report().case


@pytest.mark.usefixtures("key")
def test_wrong_key_is_named(tmp_path: Path) -> None:
    """Sealed to another office: says so, with the file's name."""
    path = keep(tmp_path, entries.report(), generate_hybrid())
    found = opened(tmp_path, path)
    assert found.exit_code == 1
    assert "none of the identities opens this file" in found.output


@pytest.mark.parametrize("size", [10, 1000, 3000, 5000, 7000])
def test_truncated_file_is_named(tmp_path: Path, key: HybridIdentity, size: int) -> None:
    """Cut off in header or payload: an error, and nothing printed of the report."""
    path = keep(tmp_path, entries.report(), key)
    path.write_bytes(path.read_bytes()[:size])
    found = opened(tmp_path, path)
    assert found.exit_code == 1
    assert "get" in found.output or "not an age file" in found.output
    assert "What happened?" not in found.output


@pytest.mark.parametrize("place", [30, 2000, 4000, -100])
def test_altered_file_is_named(tmp_path: Path, key: HybridIdentity, place: int) -> None:
    """One flipped bit anywhere: an error, and nothing printed of the report."""
    path = keep(tmp_path, entries.report(), key)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))
    found = opened(tmp_path, path)
    assert found.exit_code == 1
    assert "What happened?" not in found.output


def test_entry_under_another_name_is_set_aside(tmp_path: Path, key: HybridIdentity) -> None:
    """Inner and outer case must be equal."""
    entry = entries.report()
    path = keep(tmp_path, entry, key, f"{'0' * 32}.{entry.kind}.{entry.office}.{entry.id}.age")
    found = opened(tmp_path, path)
    assert found.exit_code == 1
    assert "differ from outside, set it aside" in found.output


def test_file_that_is_no_entry_is_refused(tmp_path: Path, key: HybridIdentity) -> None:
    """An age file of anything else opens with `intake age`, not here."""
    sealed = seal(Plaintext(b" " * 4096), [key.recipient()])
    path = tmp_path / "x.age"
    path.write_bytes(sealed.header.value + sealed.payload)
    assert "the entry is not in the expected form" in opened(tmp_path, path).output


def test_one_bad_entry_blocks_no_other(tmp_path: Path, key: HybridIdentity) -> None:
    """The good one is printed, the bad one named, the exit code says that something was wrong."""
    bad = tmp_path / "bad.age"
    bad.write_bytes(b"\x00\xff nonsense")
    found = opened(tmp_path, bad, keep(tmp_path, entries.report(), key))
    assert found.exit_code == 1
    assert "bad.age" in found.output
    assert "What happened?" in found.output


def test_evidence_beside_its_entry_is_no_entry(tmp_path: Path, key: HybridIdentity) -> None:
    """`open *.age` in a folder that holds both; alone it is opened as what it is not."""
    evidence = tmp_path / f"{'0d' * 16}.age"
    evidence.write_bytes(b"age-encryption.org/v1")
    found = opened(tmp_path, evidence, keep(tmp_path, entries.report(), key))
    assert found.exit_code == 0, found.output
    assert "What happened?" in found.output
    assert opened(tmp_path, evidence).exit_code == 1


def test_missing_file_is_named(tmp_path: Path, key: HybridIdentity) -> None:
    """A path with a typo is named, and the good file beside it is opened."""
    good = keep(tmp_path, entries.report(), key)
    found = opened(tmp_path, tmp_path / "gone.age", good)
    assert found.exit_code == 1
    assert "check the path" in found.output
    assert "What happened?" in found.output


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("more", [("--server", "http://127.0.0.1:1"), ("--office", "inv"), ()])
def test_files_or_server_must_be_named(tmp_path: Path, more: tuple[str, ...]) -> None:
    """Half a command line says what belongs together."""
    assert "name files, or --server with --office" in str(opened(tmp_path, more=more).exception)


@pytest.mark.usefixtures("key")
def test_unreachable_server_is_named(tmp_path: Path) -> None:
    """A server that does not answer is an error of ours."""
    more = ("--server", "http://127.0.0.1:1", "--office", "inv")
    assert "cannot be reached" in str(opened(tmp_path, more=more).exception)


def test_report_cannot_steer_the_terminal() -> None:
    """Escape codes, bells and direction overrides are shown as harmless marks."""
    hostile = "a\x1b[2J\x07b\u202ec\x9b31m\x00"
    assert printable(hostile) == "a\ufffd[2J\ufffdb\ufffdc\ufffd31m\ufffd"
    assert printable("\u200f\u05e9\nñandú\t") == "\u200f\u05e9\nñandú\t"


def test_programme_of_the_tests_parses() -> None:
    """The small programme is one."""
    assert programmes.parse(SMALL).id == "small"


HOSTILE = "before\x1b]0;PWNED\x07\x9b31m after"


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_words_of_a_report_cannot_steer_the_terminal(
    tmp_path: Path, key: HybridIdentity, more: tuple[str, ...]
) -> None:
    """Neither for people nor as JSON does an escape code of a report reach the terminal."""
    entry = entries.report()
    assert isinstance(entry.body, ReportBody)
    body = msgspec.structs.replace(
        entry.body, answers={"account": HOSTILE}, contact=HOSTILE, version=HOSTILE, digest="0"
    )
    found = opened(
        tmp_path, keep(tmp_path, msgspec.structs.replace(entry, body=body), key), more=more
    )
    assert found.exit_code == 0
    assert "before" in found.output
    assert not set("\x1b\x07\x9b") & set(found.output)


def test_kept_entry_is_never_replaced_and_stays_in_its_folder(tmp_path: Path) -> None:
    """A server that names an entry badly, or sends another content later, changes no file."""
    sealed = wire.Sealed("a" * 32, "b" * 32, "report", date(2026, 1, 1), "inv", b"h", b"p")
    outer = Outer(sealed.case, sealed.kind, "inv", sealed.entry)
    _keep(tmp_path, sealed, outer)
    _keep(tmp_path, sealed, outer)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="differs"):
        _keep(tmp_path, msgspec.structs.replace(sealed, payload=b"x"), outer)
    for kind in ("../../x", "report/../..", ""):
        with pytest.raises(ConfigError, match="do not trust"):
            _keep(tmp_path, sealed, Outer(sealed.case, kind, "inv", sealed.entry))
    assert path.read_bytes() == b"hp"
    assert list(tmp_path.iterdir()) == [path]


def added(**changes: object) -> Entry:
    """Return an addition to the report of the samples, with its MAC."""
    body = AdditionBody(
        answers={"care": "A nurse.", "harms": ("body", "unknown")},
        digest=entries.PROGRAMME.digest,
        evidence=(),
        group="harm",
        keeper="",
        language="en",
        people=({"alias": "Ana", "acts": ("yes",)}, {"relation": "self"}),
        refer=("det",),
        unscripted=True,
        version="1",
    )
    body = msgspec.structs.replace(body, **changes)
    message = msgspec.structs.replace(
        entries.report(), id="9c" * 16, kind="message", body=body, seen=(entries.ID,)
    )
    return authenticate(message, bytes.fromhex("2a" * 32))


def test_additions_follow_their_report_and_read_like_it(
    tmp_path: Path, key: HybridIdentity
) -> None:
    """Whatever the order of the files; what was not asked is said so."""
    group = added(group="persons", answers={})
    files = [keep(tmp_path, entry, key) for entry in (group, entries.report())]
    found = opened(tmp_path, *files)
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert lines.index("What happened?") < lines.index("Added: The persons it happened to")
    assert "--- Person 1 of 2 ---" in lines
    assert lines[lines.index("Name, or what we may call this person") + 1] == "  Ana"
    assert lines[lines.index("--- Person 2 of 2 ---") + 3] == "  It is me"
    assert lines[lines.index("--- Person 1 of 2 ---") - 1] == ""
    assert any(line.startswith("Not asked: Who is this person to you?; Age then") for line in lines)
    assert "The person wants what you hold passed on to: Detention ombudsman" in lines
    assert "could not be checked" not in found.output


def test_addition_that_its_report_does_not_sign_is_set_aside(
    tmp_path: Path, key: HybridIdentity
) -> None:
    """It is named, and the report is printed all the same."""
    forged = msgspec.structs.replace(added(), mac="00" * 32)
    files = [keep(tmp_path, entry, key) for entry in (forged, entries.report())]
    found = opened(tmp_path, *files)
    assert found.exit_code == 1
    assert "was not written by who it says" in found.output
    assert "What happened?" in found.output
    assert "A nurse." not in found.output


def test_addition_without_its_report_says_that_nobody_checked_it(
    tmp_path: Path, key: HybridIdentity
) -> None:
    """It can be read, with a warning before it."""
    found = opened(tmp_path, keep(tmp_path, added(), key))
    assert found.exit_code == 0
    assert "author could not be checked" in found.output.splitlines()[2]


ADDED = {
    "unknown group": {"group": "\x1b[2Jgroup"},
    "unknown answers": {"answers": {"\x1b[2Jkey": "\x1b[2Jvalue"}},
    "text for a choice": {"answers": {"harms": "\x1b[2J"}},
    "choices for a text": {"answers": {"care": ("\x1b[2J", "b")}},
    "strange people": {"group": "persons", "people": ({"\x1b[2Jkey": "x"}, {})},
    "strange office": {"refer": ("\x1b[2J",)},
    "strange version": {"digest": "", "version": "\x1b[2J"},
}


@pytest.mark.parametrize("changes", ADDED.values(), ids=ADDED)
def test_hostile_addition_is_printed_harmlessly(
    tmp_path: Path, key: HybridIdentity, changes: dict[str, object]
) -> None:
    """Nothing steers the terminal, nothing stops the others."""
    files = [keep(tmp_path, entry, key) for entry in (added(**changes), entries.report())]
    found = opened(tmp_path, *files)
    assert found.exit_code == 0, found.output
    assert "\x1b" not in found.output
    assert "What happened?" in found.output
