"""`intake keys rotate`, `remove`, `list`: a key follows another, a key leaves, all is said."""

import os
import re
import time
from datetime import date, timedelta
from pathlib import Path

import click
import pytest

from intake.cli.keys import keep_identity, spoken, today, write_public
from intake.cli.keys import keys as group
from intake.crypto import keyring
from intake.crypto.keyfile import KeyFile
from intake.crypto.unseal import generate_hybrid
from intake.errors import ConfigError, IntakeError, KeyringError
from tests.support.keys import Keys

OVERLAP = timedelta(days=30)


def ending(keys: Keys, days: int) -> None:
    """Let every key of the office end in so many days."""
    text = keys.path.read_text().replace(
        str(today() + timedelta(days=730)), str(today() + timedelta(days=days))
    )
    keys.path.write_text(text.replace(f"from {today()}", "from 2024-01-01"))


def test_new_key_follows_with_an_overlap(keys: Keys) -> None:
    """Both are sealed to for thirty days; then the new one and the recovery key."""
    made = keys.make("rotate", "new.age")
    assert made.exit_code == 0, made.output
    old, new = keys.key("old.age"), keys.key("new.age")
    assert (old.since, old.until) == (today(), today() + OVERLAP)
    assert (new.role, new.since, new.until) == ("working", today(), today() + timedelta(days=730))
    assert len(keys.file.valid(today() + OVERLAP)) == 3
    after = [key.recipient for key in keys.file.valid(today() + OVERLAP + timedelta(days=1))]
    assert after == [keys.key("recovery.age").recipient, new.recipient]


def test_both_fingerprints_and_the_next_step_are_said(keys: Keys) -> None:
    """What two people compare by voice, and what comes then."""
    said = keys.make("rotate", "new.age").output
    for name in ("old.age", "new.age"):
        assert spoken(keys.key(name).fingerprint) in said
    for step in ("compare both by voice", "start it again", "keys rewrap", "keys remove"):
        assert step in said


def test_dry_run_changes_nothing_and_asks_nothing(keys: Keys, tmp_path: Path) -> None:
    """No passphrase, no identity, no byte."""
    before = keys.path.read_bytes(), keys.path.stat().st_mtime_ns
    made = keys.change("rotate", "--identity", str(tmp_path / "new.age"), "--dry-run")
    assert made.exit_code == 0, made.output
    assert "nothing was changed" in made.output
    old = spoken(keys.key("old.age").fingerprint)
    assert keys.change("remove", *old.split(), "--dry-run").exit_code == 1
    assert (keys.path.read_bytes(), keys.path.stat().st_mtime_ns) == before
    assert not (tmp_path / "new.age").exists()


def test_recovery_key_is_followed_too(keys: Keys) -> None:
    """The working key stays as it is."""
    working = keys.key("old.age")
    assert keys.make("rotate", "new.age", "--role", "recovery").exit_code == 0
    assert keys.key("old.age") == working
    assert keys.key("new.age").role == "recovery"
    assert keys.key("recovery.age").until == today() + OVERLAP


def test_key_to_be_followed_is_said_where_there_are_two(keys: Keys) -> None:
    """During the overlap of one rotation another begins."""
    keys.make("rotate", "new.age")
    refused = keys.make("rotate", "newer.age")
    assert "say which: --replaces WORDS" in str(refused.exception)
    words = spoken(keys.key("new.age").fingerprint)
    assert keys.make("rotate", "newer.age", "--replaces", words).exit_code == 0
    assert keys.key("new.age").until == today() + OVERLAP


def test_a_fifth_key_is_refused_before_an_identity_is_made(keys: Keys, tmp_path: Path) -> None:
    """And the step that makes room is named; so is it for `new`."""
    for name in ("third.age", "fourth.age"):
        assert keys.make("new", name).exit_code == 0
    before = keys.path.read_bytes()
    for command, more in (("new", ()), ("rotate", ("--role", "recovery"))):
        made = keys.make(command, "fifth.age", *more)
        assert "more than four keys, remove one first: keys remove" in str(made.exception)
    assert keys.path.read_bytes() == before
    assert not (tmp_path / "fifth.age").exists()


def test_one_that_ends_beside_it_is_warned_of(keys: Keys) -> None:
    """After the overlap only one valid key would be left: a rotation is not refused for that."""
    ending(keys, 20)
    made = keys.make("rotate", "new.age")
    assert made.exit_code == 0, made.output
    assert "fewer than two keys are valid: rotate the other one too" in made.output
    assert keys.key("old.age").until == today() + timedelta(days=20)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--days", "30"), "shorten --overlap"),
        (("--replaces", "zoo " * 8), "has no such key"),
    ],
)
def test_rotation_that_makes_no_sense_is_refused(
    keys: Keys, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    """A new key that ends before the old one; a key that nobody has."""
    before = keys.path.read_bytes()
    assert said in str(keys.make("rotate", "new.age", *more).exception)
    assert keys.path.read_bytes() == before
    assert not (tmp_path / "new.age").exists()


def test_identity_does_not_go_among_the_public_keys(keys: Keys) -> None:
    """The folder goes to servers."""
    made = keys.make("rotate", "keys/new.age")
    assert isinstance(made.exception, KeyringError)
    assert "name another path" in str(made.exception)
    assert sorted(keys.public.iterdir()) == [keys.path]


def test_identity_is_never_overwritten(keys: Keys, tmp_path: Path) -> None:
    """And then the office's file stays too: a public half without its secret would lose reports."""
    before = keys.path.read_bytes(), (tmp_path / "old.age").read_bytes()
    made = keys.make("rotate", "old.age")
    assert isinstance(made.exception, ConfigError)
    assert (keys.path.read_bytes(), (tmp_path / "old.age").read_bytes()) == before


@pytest.mark.parametrize("office", ["nobody", "../keys/investigators", "", "/etc/passwd"])
def test_office_without_a_file_is_named(keys: Keys, office: str) -> None:
    """Whatever somebody types."""
    for command in ("rotate", "remove"):
        rest = keys.into("new.age") if command == "rotate" else ["abandon"]
        made = keys.run(command, office, "--keys", str(keys.public), *rest)
        assert made.exit_code == 1
        assert isinstance(made.exception, IntakeError)


def test_leaver_is_removed_once_a_replacement_is_there(keys: Keys) -> None:
    """By her words, after a refusal that names the step; what it cannot do is said."""
    words = spoken(keys.key("old.age").fingerprint).split()
    leaver = keys.key("old.age")
    refused = keys.change("remove", *words)
    assert "fewer than two valid keys, first add one: keys new" in str(refused.exception)
    assert keys.make("new", "new.age").exit_code == 0
    done = keys.change("remove", *words)
    assert done.exit_code == 0, done.output
    assert leaver not in keys.file.keys
    assert len(keys.file.keys) == 2
    for said in (
        "protects what is sealed from now on, and nothing before",
        "still opens it, from a copy that was kept",
        "logins end within 15 minutes",
        "keys rewrap",
    ):
        assert said in done.output


def test_key_is_removed_by_hex(keys: Keys) -> None:
    """As `check` prints it."""
    keys.make("new", "new.age")
    assert keys.change("remove", keys.key("old.age").fingerprint[:8]).exit_code == 0
    assert len(keys.file.keys) == 2


def test_file_is_replaced_whole(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way leaves the old file, and nothing beside it."""
    before = keys.path.read_bytes()
    keys.path.chmod(0o640)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        assert isinstance(keys.make("rotate", "new.age").exception, OSError)
    assert keys.path.read_bytes() == before
    assert list(keys.public.iterdir()) == [keys.path]
    write_public(keys.path, KeyFile(keys.path.name, "# other\n"))
    assert (keys.path.read_text(), keys.path.stat().st_mode & 0o777) == ("# other\n", 0o640)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, so it needs root")
@pytest.mark.parametrize("name", ["rotate", "remove"])
def test_root_takes_no_file_from_the_servers_user(keys: Keys, name: str) -> None:
    """Owner, group and mode stay: a server that cannot read its keys does not start."""
    keys.make("rotate", "new.age")
    os.chown(keys.path, 0, 10001)
    keys.path.chmod(0o640)
    before = keys.path.read_bytes()
    if name == "rotate":
        changed = keys.make("rotate", "newer.age", "--role", "recovery")
    else:
        changed = keys.change("remove", *spoken(keys.key("old.age").fingerprint).split())
    assert changed.exit_code == 0, changed.output
    assert keys.path.read_bytes() != before
    stat = keys.path.stat()
    assert (stat.st_uid, stat.st_gid, stat.st_mode & 0o777) == (0, 10001, 0o640)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, so it needs root")
def test_new_file_takes_after_its_folder(keys: Keys) -> None:
    """For an office that is new on a server; it is read, and not entered."""
    os.chown(keys.public, 0, 10001)
    keys.public.chmod(0o750)
    keys.path.unlink()
    assert keys.make("new", "new.age").exit_code == 0
    stat = keys.path.stat()
    assert (stat.st_uid, stat.st_gid, stat.st_mode & 0o777) == (0, 10001, 0o640)


def test_owner_that_cannot_be_given_is_left(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is not root changes a file of hers in a group that is not hers."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.chown", refuse)
    assert keys.make("rotate", "new.age").exit_code == 0
    assert len(keys.file.keys) == 3


def test_key_is_made_where_there_are_no_owners(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has no chown, and a folder cannot be opened there."""
    monkeypatch.delattr("os.chown")
    monkeypatch.setattr("sys.platform", "win32")
    assert keys.make("rotate", "new.age").exit_code == 0
    assert len(keys.file.keys) == 3


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_list_in_the_wrong_folder_is_no_list(keys: Keys, tmp_path: Path, name: str) -> None:
    """Nothing said, and done, would pass for "no key ends soon"."""
    (tmp_path / "empty").mkdir()
    listed = keys.run("list", "--keys", str(tmp_path / name))
    assert isinstance(listed.exception, KeyringError)
    assert f"{tmp_path / name}: " in str(listed.exception)
    assert "name the folder of keys with --keys" in str(listed.exception)


def test_what_others_wrote_while_a_passphrase_was_typed_stays(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was read before that, and written after, would take their change back."""

    def slow(*words: object) -> None:
        keep_identity(*words)  # type: ignore[arg-type] # as it is called
        keys.path.write_text(f"# Maria was here\n{keys.path.read_text()}")

    monkeypatch.setattr("intake.cli.rotate.keep_identity", slow)
    assert keys.make("rotate", "new.age").exit_code == 0
    assert keys.path.read_text().startswith("# Maria was here\n")
    assert len(keys.file.keys) == 3


def test_link_to_a_file_stays_one(keys: Keys, tmp_path: Path) -> None:
    """Some keep keys in a checkout, and link to it."""
    real = tmp_path / "real.txt"
    keys.path.rename(real)
    keys.path.symlink_to(real)
    assert keys.make("rotate", "new.age").exit_code == 0
    assert keys.path.is_symlink()
    assert len(KeyFile("real.txt", real.read_text()).keys) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + data,
        lambda data: data.replace(b"# key:", b"# Key:", 1),
        lambda data: data[:-20],
        lambda data: data + b"\xff\xfe",
        lambda data: data + b"# key: working\n",
        lambda data: data + b"#" * 70_000,
        lambda data: data.replace(b"\n", b"\r"),
    ],
    ids=["mark", "doubled", "capital", "cut", "binary", "note alone", "huge", "old Mac"],
)
def test_file_spoiled_by_hand_is_named_and_left(keys: Keys, spoil: object, tmp_path: Path) -> None:
    """By all commands alike; no passphrase is asked, no identity made."""
    assert callable(spoil)
    keys.path.write_bytes(spoil(keys.path.read_bytes()))
    before = keys.path.read_bytes()
    making = keys.into("new.age")
    for arguments in (["rotate", *making], ["new", *making], ["remove", "abandon"]):
        made = keys.change(*arguments)
        assert isinstance(made.exception, KeyringError)
        assert str(made.exception).startswith("investigators.txt:")
    assert keys.path.read_bytes() == before
    assert not (tmp_path / "new.age").exists()


def test_file_saved_elsewhere_is_survived(keys: Keys) -> None:
    """Line ends of Windows and trailing blanks stay, and the keys are read."""
    text = keys.path.read_text().replace("\n", "  \r\n")
    keys.path.write_bytes(text.encode())
    assert keys.make("rotate", "new.age").exit_code == 0
    assert keys.path.read_bytes().startswith(b"# key: working, from ")
    assert len(keys.file.keys) == 3
    assert keys.path.read_bytes().count(b"\r\n") == 4


def test_last_line_without_an_end_takes_no_other_in(keys: Keys) -> None:
    """Two keys never become one line."""
    keys.path.write_text(keys.path.read_text().rstrip("\n"))
    assert keys.make("new", "new.age").exit_code == 0
    assert len(keys.file.keys) == 3


def test_list_says_role_days_left_and_what_ends_soon(keys: Keys) -> None:
    """Four weeks before, with the command that helps."""
    listed = keys.run("list", "--keys", str(keys.public)).output
    assert "730 days left" in listed
    assert "ends soon" not in listed
    fresh = keys.path.read_text()
    for days, warned in ((29, False), (28, True), (0, True)):
        keys.path.write_text(fresh)
        ending(keys, days)
        listed = keys.run("list", "--keys", str(keys.public)).output
        assert (
            f"working, 2024-01-01 to {today() + timedelta(days=days)}, {days} days left" in listed
        )
        assert ("ends soon: make the next one, intake keys rotate" in listed) == warned


def test_key_in_its_overlap_is_no_alarm(keys: Keys) -> None:
    """Another has followed it; the recovery key beside it is still warned of."""
    ending(keys, 20)
    keys.make("rotate", "new.age")
    assert keyring.ending(keys.file.keys, today()) == (keys.key("recovery.age"),)
    listed = keys.run("list", "--keys", str(keys.public)).output
    assert listed.count("ends soon") == 1


def test_list_names_what_ended_and_what_has_not_begun(keys: Keys) -> None:
    """Nothing is sealed to either."""
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    ended, coming = generate_hybrid().recipient(), generate_hybrid().recipient()
    with keys.path.open("a") as file:
        file.write(f"# key: working, until {yesterday}\n{ended}\n")
        file.write(f"{keyring.note('working', tomorrow, None)}\n{coming}\n")
    listed = keys.run("list", "--keys", str(keys.public)).output
    remedy = f"intake keys remove investigators {keyring.fingerprint(ended)[:8]}"
    assert f"ended: remove its line, {remedy}" in listed
    assert "not yet: nothing is sealed to it before its first day" in listed


def test_one_broken_file_does_not_hide_the_others(keys: Keys) -> None:
    """It is named, and the exit code says so."""
    (keys.public / "aaa.txt").write_text("nonsense\n")
    listed = keys.run("list", "--keys", str(keys.public))
    assert listed.exit_code == 1
    assert "aaa.txt:1:" in listed.output
    assert spoken(keys.key("old.age").fingerprint) in listed.output


def written() -> list[tuple[str, list[str]]]:
    """Return every command of keys in the README, with its options."""
    text = (Path(__file__).parents[2] / "keys" / "README.md").read_text("utf-8")
    found = re.findall(r"intake keys (\w+)((?:\\\n|[^\n`])*)", text)
    return [(name, re.findall(r"--[a-z-]+", rest)) for name, rest in found]


def test_every_command_of_the_procedures_exists() -> None:
    """Whoever has lost a key reads them once, under pressure."""
    commands = written()
    assert {name for name, _ in commands} == set(group.list_commands(click.Context(group)))
    for name, options in commands:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(options) <= known, name


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
def test_days_are_those_of_the_server(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """On an office's calendar it may be tomorrow: its key would be sealed to by nobody yet."""
    before = today()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert before <= today() <= before + timedelta(days=1)
        assert today() == date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime()))
    finally:
        monkeypatch.undo()
        time.tzset()
