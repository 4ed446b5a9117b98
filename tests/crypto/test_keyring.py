"""The folder of office keys: all that is wrong is named, and nothing secret is let in."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from intake.crypto import keyring
from intake.crypto.keyring import Keyring, OfficeKey
from intake.crypto.unseal import generate_hybrid, generate_x25519
from intake.errors import KeyExpiredError, KeyringError
from intake.wordlists import wordlist
from tests.support.programmes import small

TODAY = date(2026, 11, 24)
PROGRAMME = small()
OWN, RECOVERY, THIRD = (generate_hybrid().recipient() for _ in range(3))
GOOD = (
    f"# key: working, from 2026-01-01 until 2027-12-31\n{OWN}\n\n"
    f"# made on paper\n# key: recovery\n{RECOVERY}\n"
)


def folder_of(path: Path, **files: str) -> Path:
    """Return a folder with good keys of both offices, but for `files`."""
    for name, text in {"inv": GOOD, "det": GOOD, **files}.items():
        (path / f"{name}.txt").write_text(text, "utf-8")
    return path


def problems(folder: Path) -> tuple[str, ...]:
    """Return all that is wrong with a folder."""
    return keyring.read(folder, PROGRAMME, TODAY)[1]


def test_a_good_folder_has_no_problem(tmp_path: Path) -> None:
    """Every keyed office has its keys, with roles and days; a served office needs none."""
    found, wrong = keyring.read(folder_of(tmp_path), PROGRAMME, TODAY)

    assert wrong == ()
    assert found.offices.keys() == {"inv", "det"}
    assert found.offices["inv"] == (
        OfficeKey(OWN, "working", date(2026, 1, 1), date(2027, 12, 31)),
        OfficeKey(RECOVERY, "recovery"),
    )
    assert found.recipients("inv", TODAY) == (OWN, RECOVERY)


def test_a_note_counts_for_the_next_key_only() -> None:
    """A key without a note is a working key for always."""
    keys = keyring.parse(f"# key: recovery, until 2027-01-01\n{OWN}\n{RECOVERY}\n", "inv.txt")

    assert [key.role for key in keys] == ["recovery", "working"]
    assert [key.until for key in keys] == [date(2027, 1, 1), None]


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    """It says how to make the folder, and names each office without keys."""
    wrong = problems(tmp_path / "keys")

    assert wrong[0] == "the folder of keys does not exist, make it: keys new"
    assert [line.split(":")[0] for line in wrong[1:]] == ["inv.txt", "det.txt"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{OWN}\n", "fewer than two valid keys"),
        (f"{OWN}\n{OWN}\n", "inv.txt:2: is the key of line 1 again, remove one"),
        (f"{OWN}\n{THIRD}\n# key: recovery, until 2026-11-23\n{RECOVERY}\n", "expired on"),
        (f"# key: working, from 2026-11-25\n{OWN}\n{RECOVERY}\n", "fewer than two valid keys"),
        (f"{GOOD}{generate_x25519().recipient()}\n", "inv.txt:7: is a classic key"),
        (f"{GOOD}not a key\n", "inv.txt:7: the key"),
        (f"{GOOD}# key: spare\n", "inv.txt:7: write: # key: working, from"),
        (f"{GOOD}# key: working, from 2026-02-30\n", "inv.txt:7: a date of the key does not"),
        (f"{GOOD}{str(OWN).upper()[:-1]}\n", "inv.txt:7: the key"),
        ("", "fewer than two valid keys"),
        ("# nothing yet\n" * 10_000, "is too large"),
        (
            "".join(f"{generate_hybrid().recipient()}\n" for _ in range(5)),
            "has more than four keys",
        ),
    ],
)
def test_each_problem_is_named(tmp_path: Path, text: str, says: str) -> None:
    """One broken file makes one problem, which names it."""
    wrong = problems(folder_of(tmp_path, inv=text))

    assert len(wrong) == 1
    assert wrong[0].startswith("inv.txt:")
    assert says in wrong[0]


def test_a_key_that_was_followed_may_end(tmp_path: Path) -> None:
    """After a rotation the server still starts, whether or not the old line was removed in time."""
    ended = f"# key: working, from 2024-01-01 until 2026-11-23\n{THIRD}\n"
    folder = folder_of(tmp_path, inv=GOOD + ended)

    found, wrong = keyring.read(folder, PROGRAMME, TODAY)
    assert wrong == ()
    assert found.recipients("inv", TODAY) == (OWN, RECOVERY)


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    """A photograph saved under the office's name does not stop the reading of the others."""
    (folder_of(tmp_path) / "inv.txt").write_bytes(b"\xff\xd8\xff\xe0")
    found, wrong = keyring.read(tmp_path, PROGRAMME, TODAY)

    assert wrong == ("inv.txt: is not text, replace it",)
    assert found.offices.keys() == {"det"}


def test_a_file_of_no_office_is_a_problem(tmp_path: Path) -> None:
    """A forgotten or smuggled file is removed, not ignored; a served office has no keys."""
    assert problems(folder_of(tmp_path, oig=GOOD)) == (
        "oig.txt: belongs to no keyed office of the programme, remove it",
    )


@pytest.mark.parametrize("name", ["inv.txt", "notes", "deep/er/backup.bin"])
@pytest.mark.parametrize("upper", [True, False])
def test_a_secret_key_anywhere_in_the_folder_is_a_problem(
    tmp_path: Path, name: str, *, upper: bool
) -> None:
    """Upper or lower case, in whatever file: the folder is public."""
    path = folder_of(tmp_path) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = generate_hybrid().secret_text()
    with path.open("ab") as file:
        file.write(b"\x00\xff" * (name != "inv.txt"))
        file.write((secret if upper else secret.lower()).encode())
    wrong = problems(tmp_path)

    assert f"{path.name}: holds a secret key, move it away and replace the key" in wrong
    assert secret not in "".join(wrong).upper()


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    """Whoever mends a folder reads one list."""
    folder_of(tmp_path, inv=f"{generate_x25519().recipient()}\n{OWN}\ngarbage\n", stranger="")
    (tmp_path / "det.txt").unlink()
    wrong = problems(tmp_path)

    assert [line.split(": ")[0] for line in wrong] == [
        "stranger.txt",
        "inv.txt:1",
        "inv.txt:3",
        "det.txt",
    ]


def test_a_problem_never_holds_what_stands_in_the_file(tmp_path: Path) -> None:
    """The list is printed and logged."""
    wrong = "".join(problems(folder_of(tmp_path, inv="# key: Maria Gomez\nask for Maria\n")))

    assert "Maria" not in wrong


@pytest.mark.parametrize(
    ("today", "valid"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2027, 12, 31), True),
        (date(2028, 1, 1), False),
    ],
)
def test_both_ends_of_a_keys_days_are_included(today: date, *, valid: bool) -> None:
    """A key is sealed to from its first day to its last."""
    ring = Keyring({"inv": keyring.parse(GOOD, "inv.txt")})

    assert (OWN in ring.recipients("inv", today)) is valid
    assert RECOVERY in ring.recipients("inv", today)


@pytest.mark.parametrize("office", ["inv", "det"])
def test_an_office_without_a_valid_key_is_refused(office: str) -> None:
    """Nothing is ever sealed to nobody, nor to a key whose time is over."""
    ring = Keyring({"inv": (OfficeKey(OWN, "working", until=date(2026, 1, 1)),)})

    with pytest.raises(KeyringError):
        ring.recipients(office, TODAY)


def test_a_key_is_found_by_its_fingerprint() -> None:
    """A stranger's key and one whose time is over are told apart."""
    old = OfficeKey(THIRD, "working", until=date(2026, 1, 1))
    ring = Keyring({"inv": (OfficeKey(OWN, "working"), old)})

    assert ring.key("inv", keyring.fingerprint(OWN), TODAY).recipient is OWN
    with pytest.raises(KeyExpiredError):
        ring.key("inv", old.fingerprint, TODAY)
    for office, recipient in (("inv", RECOVERY), ("det", OWN)):
        with pytest.raises(KeyringError) as caught:
            ring.key(office, keyring.fingerprint(recipient), TODAY)
        assert not isinstance(caught.value, KeyExpiredError)


def test_the_note_that_is_written_is_read() -> None:
    """What `keys new` writes, `read` understands."""
    since, until = date(2026, 11, 24), date(2028, 11, 23)
    text = f"{keyring.note('recovery', since, until)}\n{OWN}\n"

    assert keyring.parse(text, "inv.txt") == (OfficeKey(OWN, "recovery", since, until),)


def test_a_spoken_fingerprint_never_changes() -> None:
    """Eight words noted on paper years ago still compare: 88 bits, eleven a word."""
    first = keyring.spoken("0" * 64, wordlist("en"))
    last = keyring.spoken("f" * 64, wordlist("en"))
    counted = "".join(f"{place:011b}" for place in range(8)) + "0" * 168
    some = keyring.spoken(f"{int(counted, 2):064x}", wordlist("en"))

    assert first == "abandon " * 7 + "abandon"
    assert last == "zoo " * 7 + "zoo"
    assert some == "abandon ability able about above absent absorb abstract"


def test_a_fingerprint_is_of_the_text_others_write() -> None:
    """Anyone can compute it with sha256sum, and its words are the same for ever."""
    recipient = generate_hybrid(lambda size: bytes(range(size))).recipient()
    found = keyring.fingerprint(recipient)

    assert found == "e1704ce7caadaa4e436845c280d1527742f46a8af62d934c41b60c624e7cb185"
    assert found == hashlib.sha256(str(recipient).encode()).hexdigest()
    assert keyring.spoken(found, wordlist("en")) == (
        "thumb list delay next survey cheese asset anger"
    )


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x0c", "\x0b", "\x85", "\x1c", "\r"])
def test_no_key_hides_in_a_comment(end: str) -> None:
    """What people and `age` read as a comment is one here too, whatever line end stands in it."""
    hidden = generate_hybrid().recipient()
    assert keyring.parse(f"# a harmless note{end}{hidden}\n", "inv.txt") == ()
