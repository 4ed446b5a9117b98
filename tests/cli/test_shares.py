"""`intake keys split`, `combine`, `rehearse`: real files, real persons' mistakes, nothing leaks."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.cli.keys import spoken
from intake.crypto import shares
from intake.crypto.unseal import generate_x25519
from intake.errors import ConfigError, IntakeError, KeyringError, KeyTextError, ShareError
from tests.support.keys import PASSPHRASE, Keys


@pytest.fixture
def papers(keys: Keys) -> list[Path]:
    """Split the recovery key 2 of 3."""
    made = keys.run("split", keys.office, *keys.into("recovery.age"), "--out", out(keys))
    assert made.exit_code == 0, (made.output, made.exception)
    return sorted((keys.folder / "shares").iterdir())


def out(keys: Keys) -> str:
    """Return where the shares go."""
    return str(keys.folder / "shares")


def combined(keys: Keys, *files: Path, more: tuple[str, ...] = ()) -> IntakeError | None:
    """Combine shares into `again.age`; return what was wrong."""
    made = keys.run("combine", *map(str, files), *keys.into("again.age"), *more)
    error = made.exception
    assert error is None or isinstance(error, IntakeError), error
    return error


def test_any_two_of_three_files_make_the_key_and_no_one_alone(
    keys: Keys, papers: list[Path]
) -> None:
    """All three pairs: the identity, sealed anew, opens what was sealed to the key."""
    wanted = keys.identity("recovery.age").secret_text()
    for pair in itertools.combinations(papers, 2):
        assert combined(keys, *pair, more=("--keys", str(keys.public))) is None
        assert keys.identity("again.age").secret_text() == wanted
        assert (keys.folder / "again.age").stat().st_mode & 0o777 == 0o600
        (keys.folder / "again.age").unlink()
    for one in papers:
        assert "2 shares are needed, bring 1 more" in str(combined(keys, one))
    assert not (keys.folder / "again.age").exists()


def test_each_share_lies_in_a_file_of_its_own(keys: Keys, papers: list[Path]) -> None:
    """For its owner alone; each is one share, and the screen shows none."""
    assert [path.name for path in papers] == [f"investigators-share-{n}.txt" for n in (1, 2, 3)]
    assert {path.stat().st_mode & 0o777 for path in papers} == {0o600}
    assert (keys.folder / "shares").stat().st_mode & 0o777 == 0o700
    read = [shares.parse(path.read_text()) for path in papers]
    assert [paper.share.number for paper in read] == [1, 2, 3]
    assert read[0].label.key == spoken(keys.key("recovery.age").fingerprint)


def test_screen_shows_no_word_of_a_share(keys: Keys) -> None:
    """Only what is public: the fingerprint, and where the files lie."""
    made = keys.run("split", keys.office, *keys.into("recovery.age"), "--out", out(keys))
    for path in (keys.folder / "shares").iterdir():
        words = shares.parse(path.read_text()).share.words
        assert not [pair for pair in itertools.pairwise(words) if " ".join(pair) in made.output]


def test_dry_runs_write_nothing(keys: Keys, papers: list[Path]) -> None:
    """The identity is opened and looked for in the office's file; the shares are tried."""
    before = sorted(keys.folder.rglob("*"))
    dry = ("--dry-run", "--keys", str(keys.public))
    other = ("--out", str(keys.folder / "others"))
    made = keys.run("split", keys.office, *keys.into("recovery.age"), *other, *dry)
    assert "nothing was written" in made.output
    made = keys.run("combine", *map(str, papers), "--identity", str(keys.folder / "x.age"), *dry)
    assert spoken(keys.key("recovery.age").fingerprint) in made.output
    assert "nothing was written" in made.output
    made = keys.run("rehearse", *other, "--dry-run")
    assert "nothing was written" in made.output
    assert sorted(keys.folder.rglob("*")) == before


MISTAKES = {
    "wrong word": lambda text: text.replace("13 ", "13 maria-", 1),
    "edited number": lambda text: text.replace("share: 1", "share: 3"),
    "edited office": lambda text: text.replace("office: investigators", "office: children"),
    "cut off": lambda text: text[:-80],
    "empty": lambda _: "",
}


@pytest.mark.parametrize("spoil", MISTAKES.values(), ids=MISTAKES)
def test_spoiled_share_is_named_by_its_file(keys: Keys, papers: list[Path], spoil: object) -> None:
    """With the next step, and no identity is written."""
    assert callable(spoil)
    papers[0].write_text(spoil(papers[0].read_text()))
    error = combined(keys, *papers[:2])
    assert isinstance(error, ShareError)
    assert str(papers[0]) in str(error)
    assert "maria" not in str(error)
    assert not (keys.folder / "again.age").exists()


def test_share_twice_of_another_split_or_of_nothing_is_named(
    keys: Keys, papers: list[Path]
) -> None:
    """By what to bring instead."""
    assert "share 1 is there twice, bring another" in str(combined(keys, papers[0], papers[0]))
    other = keys.folder / "other"
    keys.run("split", keys.office, *keys.into("old.age"), "--out", str(other))
    strange = other / "investigators-share-2.txt"
    assert "the shares are of different splits" in str(combined(keys, papers[0], strange))
    assert isinstance(combined(keys, papers[0], keys.folder / "none.txt"), ConfigError)
    (keys.folder / "photo.txt").write_bytes(b"\xff\xd8")
    assert "is not text" in str(combined(keys, papers[0], keys.folder / "photo.txt"))
    assert isinstance(combined(keys, papers[0], keys.folder), ConfigError)
    assert not (keys.folder / "again.age").exists()


def test_key_that_the_office_has_not_is_not_written(keys: Keys, papers: list[Path]) -> None:
    """Shares of a key that was replaced, where the office's file is at hand."""
    keys.make("new", "new.age", "--role", "recovery")
    keys.change("remove", keys.key("recovery.age").fingerprint)
    error = combined(keys, *papers[:2], more=("--keys", str(keys.public)))
    assert "this key does not stand there" in str(error)
    assert combined(keys, *papers[:2]) is None


def test_nothing_is_overwritten(keys: Keys, papers: list[Path]) -> None:
    """Neither a share nor an identity, and none is written beside one that is there."""
    before = papers[2].read_text()
    papers[0].unlink()
    papers[1].unlink()
    made = keys.run("split", keys.office, *keys.into("recovery.age"), "--out", out(keys))
    assert "is not overwritten" in str(made.exception)
    assert [path.read_text() for path in (keys.folder / "shares").iterdir()] == [before]
    (keys.folder / "again.age").write_text("precious")
    assert "is not overwritten" in str(combined(keys, papers[2], papers[2]))
    assert (keys.folder / "again.age").read_text() == "precious"


def test_identity_made_again_does_not_go_among_public_keys(keys: Keys, papers: list[Path]) -> None:
    """That folder goes to servers."""
    rest = ("--identity", str(keys.public / "x"), "--keys", str(keys.public))
    made = keys.run("combine", *map(str, papers), *rest)
    assert isinstance(made.exception, KeyringError)
    assert list(keys.public.iterdir()) == [keys.path]


def test_half_written_split_leaves_no_share(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full stick: shares that do not make a key would be trusted."""
    written: list[Path] = []

    def full(path: Path, data: bytes) -> None:
        if written:
            raise ConfigError("No space left on device, check the file")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr("intake.cli.shares.write_new", full)
    made = keys.run("split", keys.office, *keys.into("recovery.age"), "--out", out(keys))
    assert isinstance(made.exception, ConfigError)
    assert len(written) == 1
    assert list((keys.folder / "shares").iterdir()) == []


def test_what_is_no_single_identity_is_refused(keys: Keys) -> None:
    """Two identities, a classic one, a wrong passphrase."""
    path = keys.folder / "two.txt"
    secret = keys.identity("old.age").secret_text()
    for text in (f"{secret}\n{secret}\n", f"{generate_x25519().secret_text()}\n"):
        path.write_text(text)
        made = keys.run("split", keys.office, *keys.into("two.txt"), "--out", out(keys))
        assert isinstance(made.exception, KeyTextError)
        assert "AGE-SECRET" not in str(made.exception)
    arguments = keys.into("old.age")
    (keys.folder / "passphrase").write_text("another passphrase")
    made = keys.run("split", keys.office, *arguments, "--out", out(keys))
    assert "not its passphrase" in str(made.exception)
    assert not (keys.folder / "shares").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "--out FOLDER, or --paper"),
        (("--out", "x", "--paper"), "--out FOLDER, or --paper"),
        (("--out", "x", "--need", "4"), "needed are at least two"),
        (("--out", "x", "--keys", "nowhere"), "is no file"),
        (("--paper",), "on a terminal only"),
    ],
)
def test_split_that_cannot_be_is_refused(keys: Keys, more: tuple[str, ...], said: str) -> None:
    """With what to write instead."""
    made = keys.run("split", keys.office, *keys.into("recovery.age"), *more)
    assert said in str(made.exception)


def numbered(words: Sequence[str]) -> str:
    """Return words as they stand on paper, in one line."""
    return " ".join(f"{number} {word}" for number, word in enumerate(words, 1))


def test_words_are_typed_where_there_is_only_paper(keys: Keys, papers: list[Path]) -> None:
    """Numbers and all; one typed wrong is asked again, and no error repeats it."""
    read = [shares.parse(path.read_text()) for path in papers]
    first, second = (numbered(paper.share.words) for paper in read[1:])
    key = read[0].label.key
    lines = (keys.office, "three words only", key, f"maria {first}", first, first, second, "")
    typed = "\n".join(lines)
    rest = ("--keys", str(keys.public))
    made = keys.run("combine", *keys.into("again.age"), *rest, typed=typed)
    assert made.exit_code == 0, (made.output, made.exception)
    for said in ("not eight words", "word 1 is none of the list", "share 2 is there twice"):
        assert said in made.output
    assert keys.identity("again.age").secret_text() == keys.identity("recovery.age").secret_text()


def test_paper_shows_one_share_at_a_time(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next comes only after a word was read back from paper and the screen was cleared."""
    monkeypatch.setattr("shamir_mnemonic.shamir.RANDOM_BYTES", lambda size: b"7" * size)
    monkeypatch.setattr("intake.cli.shares.secrets.randbelow", lambda _: 19)
    monkeypatch.setattr("intake.cli.shares._is_terminal", lambda: True)
    monkeypatch.setattr(click, "clear", lambda: click.echo("<clear>"))
    keys.run("split", keys.office, *keys.into("recovery.age"), "--out", out(keys))
    paths = sorted((keys.folder / "shares").iterdir())
    all_words = [shares.parse(path.read_text()).share.words for path in paths]
    typed = "\n".join(f"wrong\n{words[19]}\n" for words in all_words) + "\n"
    made = keys.run("split", keys.office, *keys.into("recovery.age"), "--paper", typed=typed)
    assert made.exit_code == 0, (made.output, made.exception)
    screens = made.output.split("<clear>")
    # A word of its checksum that no other share has, nor what is said around it.
    shown = [
        [at for at, words in enumerate(all_words) if f"33 {words[32]}" in screen]
        for screen in screens
    ]
    assert [numbers for numbers in shown if numbers] == [[0], [0], [1], [1], [2], [2]]
    assert "close this window now" in screens[-1]


def test_rehearsal_is_opened_by_every_pair(keys: Keys) -> None:
    """With a throw-away key: split, handed out, combined, a letter opened."""
    folder = keys.folder / "rehearsal"
    made = keys.run("rehearse", "--out", str(folder))
    assert made.exit_code == 0, made.output
    papers = sorted(folder.glob("rehearsal-share-*.txt"))
    assert len(papers) == 3
    opened = set()
    for pair in itertools.combinations(papers, 2):
        assert combined(keys, *pair) is None
        passphrase = str(keys.folder / "passphrase")
        letter = ["-i", str(keys.folder / "again.age"), "--passphrase-file", passphrase]
        opened.add(run_age(*letter, str(folder / "letter.age")))
        (keys.folder / "again.age").unlink()
    (said,) = opened
    assert said.startswith("it opens: ")
    assert said.strip().removeprefix("it opens: ") not in made.output


def run_age(*arguments: str) -> str:
    """Return what `intake age decrypt` printed."""
    return CliRunner().invoke(command, ["age", "decrypt", *arguments]).output


def test_passphrase_of_the_key_made_again_is_a_new_one(keys: Keys, papers: list[Path]) -> None:
    """As long as every other: short ones are refused."""
    (keys.folder / "short").write_text("short")
    identity, short = str(keys.folder / "x.age"), str(keys.folder / "short")
    rest = ("--identity", identity, "--passphrase-file", short)
    made = keys.run("combine", *map(str, papers), *rest)
    assert "fewer than 12 characters" in str(made.exception)
    assert len(PASSPHRASE) >= 12
    assert not (keys.folder / "x.age").exists()
