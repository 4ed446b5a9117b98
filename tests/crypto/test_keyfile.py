"""An office's file of keys is changed without touching what others wrote into it."""

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.crypto import keyring
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import generate_hybrid
from intake.errors import KeyringError
from intake.wordlists import wordlist

TODAY = date(2026, 11, 24)
LATER = TODAY + timedelta(days=700)
OLD, RECOVERY, NEW, FOURTH, FIFTH = (generate_hybrid().recipient() for _ in range(5))
TEXT = (
    f"# Maria's, in the blue house\n# key: working, from 2026-01-01 until 2027-12-31\n{OLD}\n"
    f"\n# on paper\n# key: recovery\n# seen by two\n{RECOVERY}\n# the end"
)
FILE = KeyFile("inv.txt", TEXT)
MADE = OfficeKey(NEW, "working", TODAY, LATER)


def key_of(file: KeyFile, recipient: object) -> OfficeKey:
    """Return the key of a recipient in a file."""
    return next(key for key in file.keys if key.recipient == recipient)


def test_added_key_stands_at_the_end_under_its_note() -> None:
    """Also where the last line had no end: two lines never become one."""
    made = FILE.added(MADE, TODAY)
    assert made.text == f"{TEXT}\n{keyring.note('working', TODAY, LATER)}\n{NEW}\n"
    assert made.keys == (*FILE.keys, MADE)


def test_ended_key_keeps_its_other_days_and_the_file_its_comments() -> None:
    """One line differs, and no other."""
    last = TODAY + timedelta(days=30)
    made = FILE.ended(key_of(FILE, OLD), last, TODAY)
    assert made.text == TEXT.replace("2027-12-31", str(last))


def test_key_that_ends_before_is_not_lengthened() -> None:
    """An overlap never makes a key last longer."""
    assert FILE.ended(key_of(FILE, OLD), LATER, TODAY) == FILE


def test_key_that_ends_before_it_begins_has_one_day() -> None:
    """Two days in the wrong order would spoil the file."""
    later = FILE.added(OfficeKey(NEW, "working", LATER, None), TODAY)
    made = later.ended(key_of(later, NEW), TODAY, TODAY)
    assert key_of(made, NEW) == OfficeKey(NEW, "working", TODAY, TODAY)


def test_key_without_a_note_or_days_gets_its_end() -> None:
    """It was valid for always."""
    bare = KeyFile("inv.txt", f"{OLD}\n# key: recovery\n{RECOVERY}\n")
    made = bare.ended(key_of(bare, OLD), TODAY, TODAY)
    assert made.text == f"# key: working, until {TODAY}\n{OLD}\n# key: recovery\n{RECOVERY}\n"
    made = bare.ended(key_of(bare, RECOVERY), TODAY, TODAY)
    assert key_of(made, RECOVERY) == OfficeKey(RECOVERY, "recovery", None, TODAY)


def test_removed_key_takes_its_note_along_and_nothing_else() -> None:
    """What people wrote around it stays."""
    made = FILE.added(MADE, TODAY).without(key_of(FILE, RECOVERY), TODAY)
    assert [key.recipient for key in made.keys] == [OLD, NEW]
    assert "# on paper\n# seen by two\n# the end\n" in made.text
    assert "recovery" not in made.text


def test_last_two_valid_keys_stay() -> None:
    """Neither may be removed; one whose time is over may, however few are left."""
    for key in FILE.keys:
        with pytest.raises(KeyringError, match="first add one: keys new"):
            FILE.without(key, TODAY)
    ended = KeyFile("inv.txt", f"# key: working, until 2026-01-01\n{OLD}\n{RECOVERY}\n")
    assert [key.recipient for key in ended.without(ended.keys[0], TODAY).keys] == [RECOVERY]


def test_a_fifth_key_is_refused() -> None:
    """A header would grow beyond what servers take."""
    four = FILE.added(MADE, TODAY).added(OfficeKey(FOURTH, "working"), TODAY)
    with pytest.raises(KeyringError, match="more than four keys, remove one first"):
        four.added(OfficeKey(FIFTH, "working"), TODAY)


def test_key_that_is_followed_must_be_said_where_there_are_more() -> None:
    """Each investigator may have her own."""
    old = key_of(FILE, OLD)
    assert FILE.replaced_by("working", None, TODAY) == old
    two = FILE.added(MADE, TODAY)
    with pytest.raises(KeyringError, match="2 working keys today, say which"):
        two.replaced_by("working", None, TODAY)
    assert two.replaced_by("working", old, TODAY) == old
    with pytest.raises(KeyringError, match="no working key of today"):
        two.replaced_by("working", key_of(two, RECOVERY), TODAY)
    with pytest.raises(KeyringError, match="has no working key today"):
        KeyFile("inv.txt", f"# key: recovery\n{OLD}\n").replaced_by("working", None, TODAY)


@pytest.mark.parametrize("change", [str.upper, lambda text: f"  {text.replace(' ', '   ')} ", str])
def test_key_is_found_by_its_words(change: object) -> None:
    """As somebody types them who reads them from paper."""
    assert callable(change)
    words = keyring.spoken(keyring.fingerprint(OLD), wordlist("en"))
    assert FILE.find(change(words), wordlist("en")).recipient == OLD


def test_key_is_found_by_hex_and_by_nothing_less() -> None:
    """Eight digits, as `check` prints them, or all."""
    hexed = keyring.fingerprint(OLD)
    for wanted in (hexed, hexed[:8], hexed[:8].upper()):
        assert FILE.find(wanted, wordlist("en")).recipient == OLD
    for wanted in ("", hexed[:7], hexed[1:], "zoo " * 8, "abandon"):
        with pytest.raises(KeyringError, match="has no such key"):
            FILE.find(wanted, wordlist("en"))


def test_line_ends_of_another_system_stay() -> None:
    """Saved by Notepad, it is still read, and changed in its own way."""
    file = KeyFile("inv.txt", TEXT.replace("\n", "\r\n"))
    made = file.ended(key_of(file, OLD), TODAY, TODAY)
    assert made.text == TEXT.replace("2027-12-31", str(TODAY)).replace("\n", "\r\n")
    assert key_of(file.added(MADE, TODAY), NEW) == MADE


SPOILED = {
    "byte order mark": (f"\N{ZERO WIDTH NO-BREAK SPACE}{TEXT}", "inv.txt:1: begins with a byte"),
    "key twice": (f"{TEXT}\n{OLD}\n", "inv.txt:10: is the key of line 3 again"),
    "key twice, once as recovery": (f"{TEXT}\n# key: recovery\n{OLD}\n", "inv.txt:11: is the key"),
    "note alone": (f"{TEXT}\n# key: working\n", "inv.txt:10: is a note without a key"),
    "two notes": (f"# key: working\n# key: recovery\n{OLD}\n", "inv.txt:1: is a note without"),
    "note in capitals": (f"# Key: working\n{OLD}\n", "inv.txt:1: write: # key:"),
    "note without space": (f"#key: working, until 2026-01-01\n{OLD}\n", "inv.txt:1: write: # key:"),
    "note moved in": (f"  # key: working\n{OLD}\n", "inv.txt:1: "),
    "comment moved in": (f"  # mine\n{OLD}\n", "inv.txt:1: "),
    "key cut off": (f"{str(OLD)[:-3]}\n{RECOVERY}\n", "inv.txt:1: "),
    "key wrapped": (f"{str(OLD)[:70]}\n{str(OLD)[70:]}\n", "inv.txt:1: "),
    "two keys on a line": (f"{OLD} {RECOVERY}\n", "inv.txt:1: "),
    "dates swapped": (f"# key: working, from 2027-01-01 until 2026-12-31\n{OLD}\n", "inv.txt:1: "),
    "zero byte": (f"{OLD}\x00\n{RECOVERY}\n", "inv.txt:1: "),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SPOILED.values(), ids=SPOILED)
def test_spoiled_file_is_not_changed_and_the_line_is_named(text: str, said: str) -> None:
    """A person corrects it first; no line is guessed at, and none quoted."""
    file = KeyFile("inv.txt", text)
    with pytest.raises(KeyringError) as caught:
        file.added(MADE, TODAY)
    assert said in str(caught.value)
    assert str(OLD)[:20] not in str(caught.value)


@pytest.mark.parametrize("blanks", [" ", "\t", "\r", "  \t ", "\N{NO-BREAK SPACE}"])
def test_trailing_blanks_are_survived(blanks: str) -> None:
    """Mail programs add them."""
    text = "".join(f"{line}{blanks}\n" for line in TEXT.split("\n")) + f"{blanks}\n\n"
    assert KeyFile("inv.txt", text).keys == FILE.keys


def test_no_key_hides_behind_another_line_end_in_a_file(tmp_path: Path) -> None:
    """A carriage return in a comment is none when the file is read from disk either."""
    path = tmp_path / "inv.txt"
    path.write_bytes(f"# harmless\r{NEW}\n{OLD}\r\n".encode())
    found = keyring.parse(keyring.read_text(path), "inv.txt")
    assert [key.recipient for key in found] == [OLD]


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever somebody saved under the name."""
    with suppress(KeyringError):
        KeyFile("inv.txt", text).added(MADE, TODAY)


@given(st.lists(st.text(st.characters(exclude_characters="\n"))), st.integers(0, 5))
def test_comments_of_others_survive_a_rotation(comments: list[str], place: int) -> None:
    """Byte for byte, in their order."""
    lines = TEXT.split("\n")
    own = [f"# - {comment}" for comment in comments]
    lines[place:place] = own
    file = KeyFile("inv.txt", "\n".join(lines))
    made = file.added(MADE, TODAY).ended(key_of(file, OLD), TODAY, TODAY)
    assert made.text.split("\n")[place : place + len(own)] == own
    assert len(made.keys) == 3
