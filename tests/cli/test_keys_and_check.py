"""`intake keys`, `check`, `config` and `serve`: everything wrong is said before a server starts."""

import tomllib
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.cli.keys import add
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.crypto.unseal import (
    HybridIdentity,
    generate_hybrid,
    generate_x25519,
    open_identities_file,
)
from intake.errors import IntakeError, UnsafeError
from intake.paths import shipped
from intake.server.config import REASONS, Config, describe, read
from intake.wordlists import wordlist

TODAY = date.today()  # noqa: DTZ011 - what the command takes for today
LATER = TODAY + timedelta(days=30)
PASSPHRASE = "a passphrase of five words"


def run(*arguments: str, environ: dict[str, str] | None = None) -> Result:
    """Return what a command line gave."""
    return CliRunner().invoke(command, arguments, env=environ)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give settings of a server whose keys are right."""
    programme = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
    for office in programme.keyed:
        for role in ("working", "recovery"):
            note = keyring.note(role, TODAY - timedelta(days=1), LATER)
            add(tmp_path / "keys", office.id, generate_hybrid(), note)
    return {"INTAKE_KEYS": str(tmp_path / "keys"), "INTAKE_DATA": str(tmp_path / "data")}


def test_check_finds_nothing_wrong_with_good_keys(environ: dict[str, str]) -> None:
    """Exit code 0, and it says so; with the programme's words, which a desk that begins shows."""
    found = run("check", environ=environ)
    first, second = found.output.splitlines()
    assert (found.exit_code, first) == (0, "nothing is wrong")
    digest = programmes.parse(shipped("programmes/default.toml").read_text("utf-8")).digest
    assert second.endswith(f": {keyring.spoken(digest, wordlist('en'))}")


@pytest.mark.parametrize("name", ["check", "serve"])
def test_settings_that_contradict_are_named(
    name: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `check`, and nothing is served: anybody could name a circuit."""
    monkeypatch.setattr("intake.server.run.forget_memory", lambda: None)
    wrong = {"INTAKE_CIRCUITS": "true", "INTAKE_BIND": "0.0.0.0:8081", "INTAKE_PROXIES": "1"}
    found = run(name, environ=environ | wrong)
    assert found.exit_code == 1
    assert "circuits: bind must be loopback" in str(found.exception)
    assert "circuits: set proxies to 0" in str(found.exception)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Public key: {generate_hybrid().recipient()}\n", "backup keys: "),
        (f"{generate_x25519().recipient()}\n", "backup keys: one is a classic key"),
        (generate_hybrid().secret_text(), "backup keys: "),
        ("", "backup keys: "),
        ("\udcff", "backup_keys: cannot be read"),
    ],
    ids=["as keygen says it", "classic", "secret", "empty", "no text"],
)
def test_backup_key_that_makes_no_backup_is_named(
    tmp_path: Path, environ: dict[str, str], text: str, said: str
) -> None:
    """Before the night in which it would be needed; where it is not there yet, a site starts."""
    file = tmp_path / "backup.txt"
    made = environ | {"INTAKE_BACKUP": str(tmp_path / "b"), "INTAKE_BACKUP_KEYS": str(file)}
    assert run("check", environ=made).exit_code == 0
    file.write_text(f"{generate_hybrid().recipient()}\n")
    assert run("check", environ=made).exit_code == 0
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = run("check", environ=made)
    assert isinstance(found.exception, UnsafeError)
    assert said in str(found.exception)
    assert "AGE-SECRET-KEY" not in str(found.exception)


def test_check_says_everything_at_once(tmp_path: Path, environ: dict[str, str]) -> None:
    """Six mistakes, six lines, each with its file and its mend."""
    folder = tmp_path / "keys"
    (folder / "investigators.txt").unlink()
    lines = (folder / "detention.txt").read_text().splitlines()
    (folder / "detention.txt").write_text("\n".join(lines[:2]) + "\n")
    (folder / "children.txt").write_text(
        (folder / "children.txt").read_text().replace(str(LATER), str(TODAY - timedelta(days=1)))
    )
    with (folder / "legal-aid.txt").open("a") as file:
        file.write(f"{generate_x25519().recipient()}\n")
    (folder / "backup").mkdir()
    (folder / "backup" / "old").write_text(generate_x25519().secret_text())
    (folder / "stranger.txt").write_text("# nobody\n")
    found = run("check", environ=environ)
    assert isinstance(found.exception, UnsafeError)
    text = str(found.exception)
    for expected in (
        "investigators.txt: no keys of office investigators",
        "detention.txt: has fewer than two valid keys",
        "children.txt: the working key",
        "expired on",
        "legal-aid.txt:5: is a classic key",
        "old: holds a secret key",
        "stranger.txt: belongs to no keyed office",
    ):
        assert expected in text
    assert "AGE-SECRET" not in text


def test_check_names_a_route_to_an_unknown_office(tmp_path: Path, environ: dict[str, str]) -> None:
    """A programme with a typo is named by its key; secret keys are still looked for."""
    text = shipped("programmes/default.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('office = "dhs-oig"', 'office = "dhs-ogi"'))
    (tmp_path / "keys" / "secret").write_text(generate_x25519().secret_text())
    found = run("check", environ={**environ, "INTAKE_PROGRAMME": str(path)})
    assert "office: no such office" in str(found.exception)
    assert "secret: holds a secret key" in str(found.exception)


def test_serve_refuses_what_check_finds(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server does not start with a secret key in its folder, and makes no database."""
    monkeypatch.setattr("intake.server.run.forget_memory", lambda: None)
    (tmp_path / "keys" / "secret").write_text(generate_x25519().secret_text())
    found = run("serve", environ=environ)
    assert isinstance(found.exception, UnsafeError)
    assert not (tmp_path / "data").exists()


def test_new_key_is_sealed_by_its_passphrase_and_listed(tmp_path: Path) -> None:
    """The identity opens with the passphrase; its public half stands in the office's file."""
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    identity, folder = tmp_path / "id.age", tmp_path / "keys"
    made = run(
        "keys", "new", "shelter", "--keys", str(folder), "--identity", str(identity),
        "--passphrase-file", str(tmp_path / "passphrase"),
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert identity.stat().st_mode & 0o777 == 0o600
    (key,) = open_identities_file(identity.read_bytes(), lambda: PASSPHRASE)
    assert isinstance(key, HybridIdentity)
    (public,) = keyring.parse((folder / "shelter.txt").read_text(), "shelter.txt")
    assert public.recipient == key.recipient()
    listed = run("keys", "list", "--keys", str(folder))
    spoken = made.output.splitlines()[-1].removeprefix("compare by voice: ")
    assert len(spoken.split()) == keyring.FINGERPRINT_WORDS
    assert spoken in listed.output


@pytest.mark.parametrize(
    ("office", "passphrase", "said"),
    [("Not An Id", PASSPHRASE, "small letters"), ("shelter", "short", "fewer than 12")],
)
def test_bad_key_request_makes_nothing(
    tmp_path: Path, office: str, passphrase: str, said: str
) -> None:
    """A clear error, and no file."""
    (tmp_path / "passphrase").write_text(passphrase)
    made = run(
        "keys", "new", office, "--keys", str(tmp_path / "keys"), "--identity",
        str(tmp_path / "id.age"), "--passphrase-file", str(tmp_path / "passphrase"),
    )  # fmt: skip
    assert isinstance(made.exception, IntakeError)
    assert said in str(made.exception)
    assert not (tmp_path / "id.age").exists()
    assert not (tmp_path / "keys").exists()


def test_identity_is_never_overwritten(tmp_path: Path) -> None:
    """A second key needs a second file; the public half of a key that was not kept is not added."""
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "id.age").write_text("precious")
    made = run(
        "keys", "new", "shelter", "--keys", str(tmp_path / "keys"), "--identity",
        str(tmp_path / "id.age"), "--passphrase-file", str(tmp_path / "passphrase"),
    )  # fmt: skip
    assert "not overwritten" in str(made.exception)
    assert (tmp_path / "id.age").read_text() == "precious"
    assert not (tmp_path / "keys").exists()


def test_every_setting_has_a_reason_and_is_printed() -> None:
    """`intake config` shows each with default, value and reason, as TOML that reads back."""
    names = [field.name for field in fields(Config)]
    assert sorted(REASONS) == sorted(names)
    text = run("config").output
    assert list(tomllib.loads(text)) == names
    for name in names:
        assert f"# {REASONS[name]}" in text


def test_settings_come_from_the_file_and_variables_win(tmp_path: Path) -> None:
    """One file, then INTAKE_* variables."""
    path = tmp_path / "intake.toml"
    path.write_text('workers = 3\norigin = "https://site.test"\n')
    config = read({"INTAKE_WORKERS": "4", "HOME": "/"}, path)
    assert (config.workers, config.origin, config.https) == (4, "https://site.test", True)
    assert tomllib.loads(describe(config))["workers"] == 4


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"INTAKE_WOKRERS": "2"}, "wokrers: no such setting"),
        ({"INTAKE_WORKERS": "two"}, "workers: must be a int"),
        ({"INTAKE_WORKERS": "0"}, "must lie between"),
        ({"INTAKE_SEAL_WITHOUT_SCRIPT": "maybe"}, "true or false"),
        ({"INTAKE_ORIGIN": "site.test"}, "origin: write it as"),
        ({"INTAKE_ORIGIN": "https://site.test/path"}, "origin: write it as"),
    ],
)
def test_bad_setting_is_named(environ: dict[str, str], said: str) -> None:
    """Never a silent default."""
    with pytest.raises(IntakeError, match=said):
        read(environ)
