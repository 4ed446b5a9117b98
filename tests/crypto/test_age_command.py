"""`intake age`: by pipe and by file, and nothing half done."""

import io
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from intake.cli.age import _Terminal, age
from intake.crypto.age import ScryptRecipient, parse_recipient
from intake.crypto.age import encrypt as seal_stream
from intake.errors import AgeError, ConfigError, HeaderError, KeyTextError, NoMatchError

WORDS = "correct horse battery staple"
TEXT = b"what the neighbours saw\n"


def run(*args: str | Path, given: bytes = b"") -> Result:
    """Run `intake age` with its standard input; its errors stay in the result."""
    return CliRunner().invoke(age, [str(arg) for arg in args], input=given)


def done(*args: str | Path, given: bytes = b"") -> bytes:
    """Run what must succeed; return its standard output."""
    result = run(*args, given=given)
    if result.exception:
        raise result.exception
    return result.stdout_bytes


def make_key(folder: Path, *options: str) -> tuple[Path, str]:
    """Return a new identity file and its recipient."""
    path = folder / "identity.txt"
    result = run("keygen", "-o", path, *options)
    assert result.exit_code == 0
    return path, result.stderr.removeprefix("Public key: ").strip()


def seal_identity(path: Path) -> Path:
    """Return the identity file sealed with WORDS, cheaply."""
    sealed = path.with_suffix(".age")
    with path.open("rb") as reader, sealed.open("wb") as writer:
        seal_stream(reader, writer, (ScryptRecipient(WORDS, work_factor=1),), armored=True)
    return sealed


def passphrase_file(folder: Path, text: str = WORDS + "\n") -> Path:
    """Return a file that holds a passphrase."""
    path = folder / "passphrase"
    path.write_text(text, "utf-8")
    return path


def test_keygen_makes_a_post_quantum_key_unless_asked(tmp_path: Path) -> None:
    """The default outlasts quantum computers; the classic kind needs a word."""
    (tmp_path / "classic").mkdir()
    path, recipient = make_key(tmp_path)
    classic, classic_recipient = make_key(tmp_path / "classic", "--classic")
    assert recipient.startswith("age1pq1")
    assert classic_recipient.startswith("age1")
    assert not classic_recipient.startswith("age1pq")
    assert "\nAGE-SECRET-KEY-PQ-1" in path.read_text()
    assert "\nAGE-SECRET-KEY-1" in classic.read_text()


def test_keygen_writes_the_identity_to_the_pipe_and_the_public_key_beside_it() -> None:
    """A pipe gets a whole identity file; standard error names the public half alone."""
    result = run("keygen")
    public = result.stderr.removeprefix("Public key: ").strip()
    assert result.stdout.startswith(f"# public key: {public}\nAGE-SECRET-KEY-PQ-1")
    assert "SECRET" not in result.stderr
    parse_recipient(public)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_keygen_writes_for_the_owner_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads a new identity."""
    path, _ = make_key(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keygen_never_overwrites(tmp_path: Path) -> None:
    """An identity that is gone opens nothing any more."""
    path, _ = make_key(tmp_path)
    before = path.read_bytes()
    assert isinstance(run("keygen", "-o", path).exception, ConfigError)
    assert path.read_bytes() == before


@pytest.mark.parametrize("options", [(), ("--classic",)])
@pytest.mark.parametrize("armored", [(), ("-a",)])
def test_what_is_sealed_by_pipe_opens_by_pipe(
    tmp_path: Path, options: Sequence[str], armored: Sequence[str]
) -> None:
    """Both kinds of key, as bytes and as text."""
    path, recipient = make_key(tmp_path, *options)
    sealed = done("encrypt", "-r", recipient, *armored, given=TEXT)
    assert sealed.startswith(b"-----BEGIN AGE" if armored else b"age-encryption.org/v1\n")
    assert done("decrypt", "-i", path, given=sealed) == TEXT


def test_what_is_sealed_by_file_opens_by_file(tmp_path: Path) -> None:
    """Recipients and identities from files, input and output by name."""
    path, recipient = make_key(tmp_path)
    readers = tmp_path / "readers.txt"
    readers.write_text(f"# two names of one office\n\n{recipient}\n{recipient}\n")
    plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
    plain.write_bytes(TEXT)
    done("encrypt", "-R", readers, "-o", sealed, plain)
    done("decrypt", "-i", path, "-o", opened, sealed)
    assert opened.read_bytes() == TEXT
    assert sealed.read_bytes().count(b"-> mlkem768x25519 ") == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_is_opened_is_for_the_owner_alone(tmp_path: Path) -> None:
    """A plaintext is not left readable for everyone on the machine."""
    path, recipient = make_key(tmp_path)
    opened = tmp_path / "opened"
    done("decrypt", "-i", path, "-o", opened, given=done("encrypt", "-r", recipient, given=TEXT))
    assert stat.S_IMODE(opened.stat().st_mode) == 0o600


@pytest.mark.parametrize("before", [None, b"what stood there"])
def test_a_failed_decrypt_leaves_the_name_as_it_was(tmp_path: Path, before: bytes | None) -> None:
    """A file cut off is never found under its name, nor beside it."""
    path, recipient = make_key(tmp_path)
    folder = tmp_path / "out"
    folder.mkdir()
    opened = folder / "opened"
    if before:
        opened.write_bytes(before)
    sealed = done("encrypt", "-r", recipient, given=bytes(200_000))
    assert isinstance(
        run("decrypt", "-i", path, "-o", opened, given=sealed[:-1]).exception, AgeError
    )
    assert [file.read_bytes() for file in folder.iterdir()] == [before] * bool(before)


def test_a_sealed_identity_file_opens_with_its_passphrase(tmp_path: Path) -> None:
    """The form in which the key ceremony leaves identities."""
    path, recipient = make_key(tmp_path)
    sealed = done("encrypt", "-r", recipient, given=TEXT)
    options = ("--passphrase-file", passphrase_file(tmp_path))
    assert done("decrypt", "-i", seal_identity(path), *options, given=sealed) == TEXT


def test_a_sealed_identity_file_asks_for_its_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked on the terminal by the file's name, on standard error and unseen."""
    asked = []

    def prompt(text: str, *, hide_input: bool, confirmation_prompt: bool, err: bool) -> str:
        asked.append((text, hide_input, confirmation_prompt, err))
        return WORDS

    monkeypatch.setattr(click, "prompt", prompt)
    path, recipient = make_key(tmp_path)
    identity = seal_identity(path)
    sealed = done("encrypt", "-r", recipient, given=TEXT)
    assert done("decrypt", "-i", identity, given=sealed) == TEXT
    assert asked == [(f"Passphrase of {identity}", True, False, True)]


def test_a_wrong_passphrase_opens_no_identity_file(tmp_path: Path) -> None:
    """The error names the identity file, not the one that was to be opened."""
    path, _ = make_key(tmp_path)
    wrong = passphrase_file(tmp_path, "wrong")
    result = run("decrypt", "-i", seal_identity(path), "--passphrase-file", wrong, given=b"")
    assert isinstance(result.exception, NoMatchError)
    assert str(result.exception).startswith(f"{path.with_suffix('.age')}: ")


def test_a_damaged_identity_file_is_named(tmp_path: Path) -> None:
    """Whoever gave several files, and the one to open, learns which is damaged."""
    path, _ = make_key(tmp_path)
    sealed = seal_identity(path)
    sealed.write_bytes(sealed.read_bytes()[:-40])
    right = passphrase_file(tmp_path)
    result = run("decrypt", "-i", sealed, "--passphrase-file", right, given=b"")
    assert isinstance(result.exception, AgeError)
    assert str(result.exception).startswith(f"{sealed}: ")


def test_a_passphrase_seals_and_opens(tmp_path: Path) -> None:
    """A passphrase file ends where its line ends, on any system."""
    unix = passphrase_file(tmp_path)
    sealed = done("encrypt", "-p", "--passphrase-file", unix, given=TEXT)
    windows = passphrase_file(tmp_path, WORDS + "\r\n")
    assert done("decrypt", "-p", "--passphrase-file", windows, given=sealed) == TEXT


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("encrypt",), KeyTextError),
        (("encrypt", "-r", "age1"), KeyTextError),
        (("encrypt", "-R", "missing"), ConfigError),
        (("decrypt",), KeyTextError),
        (("decrypt", "-i", "missing"), ConfigError),
        (("decrypt", "-i", "empty"), KeyTextError),
        (("decrypt", "-i", "huge"), KeyTextError),
        (("decrypt", "-i", "binary"), KeyTextError),
        (("encrypt", "-R", "binary"), KeyTextError),
        (("encrypt", "-R", "identity.txt"), KeyTextError),
        (("decrypt", "-i", "identity.txt", "missing"), ConfigError),
        (("decrypt", "-i", "identity.txt", "."), ConfigError),
        (("decrypt", "-i", "identity.txt", "-o", "missing/out"), ConfigError),
        (("decrypt", "-p", "--passphrase-file", "empty"), KeyTextError),
        (("decrypt", "-p", "--passphrase-file", "binary"), KeyTextError),
        (("decrypt", "-p", "--passphrase-file", "missing"), ConfigError),
        (("decrypt", "-i", "identity.txt"), HeaderError),
    ],
)
def test_whatever_is_wrong_is_a_named_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: Sequence[str], error: type[Exception]
) -> None:
    """No traceback of the system, and no secret in any message."""
    monkeypatch.chdir(tmp_path)
    identity, _ = make_key(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "huge").write_bytes(b"#" * 2_000_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    result = run(*args, given=b"not an age file")
    assert type(result.exception) is error
    assert "AGE-SECRET-KEY-PQ-1Q" not in str(result.exception)
    assert identity.read_text().splitlines()[1] not in str(result.exception)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here fails to be read")
def test_a_file_that_fails_to_be_read_is_the_one_named(tmp_path: Path) -> None:
    """A broken disk or stick is not looked for in the place that is written to."""
    _, recipient = make_key(tmp_path)
    result = run("encrypt", "-r", recipient, "-o", tmp_path / "sealed", "/proc/self/mem")
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith("/proc/self/mem: ")
    assert not (tmp_path / "sealed").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    """As `| head` does."""
    path, recipient = make_key(tmp_path)
    sealed = tmp_path / "sealed"
    done("encrypt", "-r", recipient, "-o", sealed, given=bytes(1_000_000))
    with subprocess.Popen(
        (sys.executable, "-m", "intake", "age", "decrypt", "-i", str(path), str(sealed)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as opener:
        assert opener.stdout
        assert opener.stderr
        assert opener.stdout.read(10) == bytes(10)
        opener.stdout.close()
        assert opener.stderr.read() == b""
    assert opener.returncode == 1


def test_a_passphrase_is_never_taken_from_the_pipe(tmp_path: Path) -> None:
    """Without a terminal the program says so, instead of showing what is typed."""
    path, _ = make_key(tmp_path)
    sealed = seal_identity(path)
    command = (sys.executable, "-m", "intake", "age", "decrypt", "-i", str(sealed))
    result = subprocess.run(
        command,
        input=f"{WORDS}\n".encode(),
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    assert result.returncode == 1
    assert b"--passphrase-file" in result.stderr
    assert WORDS.encode() not in result.stdout + result.stderr


def test_a_terminal_gets_harmless_text_only() -> None:
    """Opened content cannot move the cursor, nor pass for what the program says."""
    shown = io.BytesIO()
    terminal = _Terminal(shown)
    accented = "señora\n".encode()
    terminal.write(accented[:3])
    terminal.write(accented[3:])
    assert shown.getvalue() == accented
    for hostile in (b"\x1b[2J", b"\xff", "\N{RIGHT-TO-LEFT OVERRIDE}".encode()):
        with pytest.raises(ConfigError):
            _Terminal(shown).write(hostile)
    assert shown.getvalue() == accented


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_no_sealed_bytes() -> None:
    """As `age` does: binary on a terminal helps nobody, text does."""
    master, slave = os.openpty()
    command = (sys.executable, "-m", "intake", "age", "encrypt", "-r")
    recipient = run("keygen").stderr.removeprefix("Public key: ").strip()
    try:
        result = subprocess.run(
            (*command, recipient),
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(slave)
        os.close(master)
    assert result.returncode == 1
    assert b"not for a terminal" in result.stderr


def test_a_real_pipe_carries_more_than_it_holds(tmp_path: Path) -> None:
    """Two processes, a megabyte between them, and nothing but the content at the end."""
    path, recipient = make_key(tmp_path)
    command = (sys.executable, "-m", "intake", "age")
    plain = os.urandom(1_000_000)
    source = tmp_path / "plain"
    source.write_bytes(plain)
    with (
        source.open("rb") as given,
        subprocess.Popen(
            (*command, "encrypt", "-r", recipient), stdin=given, stdout=subprocess.PIPE
        ) as sealer,
    ):
        opener = subprocess.run(
            (*command, "decrypt", "-i", str(path)),
            stdin=sealer.stdout,
            capture_output=True,
            check=False,
        )
    assert sealer.returncode == opener.returncode == 0
    assert opener.stdout == plain
    assert opener.stderr == b""


def test_a_foreseen_error_is_a_sentence_and_exit_code_1() -> None:
    """Scripts can tell failure; people read what to do, not a traceback."""
    command = (sys.executable, "-m", "intake", "age", "encrypt", "-r", "age1nonsense")
    result = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.startswith(b"intake: the key ")
    assert b"Traceback" not in result.stderr
