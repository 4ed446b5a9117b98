"""The offices' public keys: a folder with one standard age recipients file per keyed office.

Rules: post-quantum keys only, two to four of them; a comment line before a key may state its
role and days of validity; a secret key in the folder stops everything; a file edited by hand is
taken as it was meant or refused with the line. All that is wrong is reported at once.

    # key: working, from 2026-11-24 until 2028-11-24
    age1pq1…
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from intake.core import limits
from intake.core.programme import Programme
from intake.crypto.age import HybridRecipient, parse_recipient
from intake.errors import KeyExpiredError, KeyringError, KeyTextError

FINGERPRINT_WORDS = 8
"""88 bits: beyond search for a second key, short enough to read over a telephone."""

_SOON = timedelta(days=28)
"""Four weeks: a key ceremony needs two people and a telephone, and one of them may be away."""

_NOTE = re.compile(
    r"# key: (?P<role>working|recovery)"
    r"(?:, from (?P<since>\d{4}-\d\d-\d\d))?(?:,? until (?P<until>\d{4}-\d\d-\d\d))?"
)
_ALMOST_NOTE = re.compile(r"\s*#\s*key\s*:", re.IGNORECASE)
"""What was meant as a note: read as a comment, it would leave its key valid for always."""
_FILE_BYTES = 64 * limits.KIB


@dataclass(frozen=True)
class OfficeKey:
    """One key of an office, with its role and the days on which it is sealed to."""

    recipient: HybridRecipient
    role: str
    since: date | None = None
    until: date | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the recipient's text, in hex."""
        return fingerprint(self.recipient)

    def is_valid(self, today: date) -> bool:
        """Whether the key is in use on this day (both ends included)."""
        return (self.since is None or self.since <= today) and (
            self.until is None or today <= self.until
        )


@dataclass(frozen=True)
class Placed:
    """A key of a file, with its place and that of its note in the lines, from zero."""

    key: OfficeKey
    line: int
    note: int | None


@dataclass(frozen=True)
class Keyring:
    """The keys of every office, as read."""

    offices: dict[str, tuple[OfficeKey, ...]]

    def is_open(self, office: str, today: date) -> bool:
        """Whether anything can be sealed to the office today."""
        return any(key.is_valid(today) for key in self.offices.get(office, ()))

    def recipients(self, office: str, today: date) -> tuple[HybridRecipient, ...]:
        """Return the keys to seal to today; raises KeyringError where there is none."""
        valid = tuple(k.recipient for k in self.offices.get(office, ()) if k.is_valid(today))
        if not valid:
            raise KeyringError("this office has no valid key today, choose another office")
        return valid

    def key(self, office: str, wanted: str, today: date) -> OfficeKey:
        """Return the office's key of this fingerprint; raises KeyExpiredError, KeyringError."""
        for key in self.offices.get(office, ()):
            if key.fingerprint == wanted:
                if not key.is_valid(today):
                    raise KeyExpiredError("this key is not valid today, use the office's new key")
                return key
        raise KeyringError("this key is not one of the office's keys, check office and identity")


def fingerprint(recipient: HybridRecipient) -> str:
    """Return the SHA-256 of a recipient's text, in hex."""
    return hashlib.sha256(str(recipient).encode()).hexdigest()


def spoken(key_fingerprint: str, wordlist: Sequence[str]) -> str:
    """Return eight words (88 bits of the fingerprint) that people can compare by voice."""
    bits = int(key_fingerprint, 16) >> (256 - 11 * FINGERPRINT_WORDS)
    places = (bits >> 11 * i & 2047 for i in reversed(range(FINGERPRINT_WORDS)))
    return " ".join(wordlist[place] for place in places)


def note(role: str, since: date | None, until: date | None) -> str:
    """Return the comment line that states a key's role and days."""
    start = f", from {since}" if since else ","
    return f"# key: {role}{start if since or until else ''}{f' until {until}' if until else ''}"


def ending(keys: Sequence[OfficeKey], today: date) -> tuple[OfficeKey, ...]:
    """Return an office's keys that end within four weeks, and that no other of their role follows.

    In the overlap of a rotation the old key ends soon, as it should.
    """
    soon = today + _SOON
    lasting = {
        key.role for key in keys if key.is_valid(today) and (key.until is None or key.until > soon)
    }
    return tuple(
        key
        for key in keys
        if key.is_valid(today) and key.until and key.until <= soon and key.role not in lasting
    )


def parse(text: str, name: str) -> tuple[OfficeKey, ...]:
    """Return the keys in the text of a recipients file `name`.

    Raises KeyringError, with a line for each line that is wrong.
    """
    return tuple(placed.key for placed in places(text, name))


def places(text: str, name: str) -> tuple[Placed, ...]:
    """Return the keys with their places in the text of a recipients file `name`.

    Raises KeyringError, with a line for each line that is wrong.
    """
    reader = _Lines()
    # Line feeds only: at other line ends a key could hide in what everybody reads as a comment.
    for number, line in enumerate(text.split("\n")):
        try:
            reader.take(number, line)
        except (KeyTextError, KeyringError) as error:
            reader.problems.append((number, str(error)))
    reader.end_note()
    if reader.problems:
        lines = (f"{name}:{number + 1}: {problem}" for number, problem in sorted(reader.problems))
        raise KeyringError("\n".join(lines))
    return tuple(reader.found)


class _Lines:
    """Reads a recipients file line by line; a note counts for the next key only."""

    def __init__(self) -> None:
        self.found: list[Placed] = []
        self.problems: list[tuple[int, str]] = []
        self._note: tuple[int, str, date | None, date | None] | None = None

    def take(self, number: int, line: str) -> None:
        """Read one line; raises KeyTextError, KeyringError."""
        if line.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
            raise KeyringError("begins with a byte order mark, save it as UTF-8 without one")
        if _ALMOST_NOTE.match(line):
            self.end_note()
            self._note = number, *_read_note(line)
        elif line.strip() and not line.startswith("#"):
            self._key(number, line)

    def _key(self, number: int, line: str) -> None:
        note, self._note = self._note, None
        place, role, since, until = note or (None, "working", None, None)
        recipient = _recipient(line)
        for other in self.found:
            if other.key.recipient == recipient:
                raise KeyringError(f"is the key of line {other.line + 1} again, remove one")
        self.found.append(Placed(OfficeKey(recipient, role, since, until), number, place))

    def end_note(self) -> None:
        """Find that the last note has no key: somebody removed half of the two lines."""
        if self._note:
            self.problems.append((self._note[0], "is a note without a key under it, remove it"))
            self._note = None


def read(folder: Path, programme: Programme, today: date) -> tuple[Keyring, tuple[str, ...]]:
    """Return the keyring in a folder and everything that is wrong with it."""
    problems = _strangers(folder, programme)
    offices: dict[str, tuple[OfficeKey, ...]] = {}
    for office in programme.keyed:
        path = folder / f"{office.id}.txt"
        if not path.is_file():
            problems.append(f"{path.name}: no keys of office {office.id}, make them: keys new")
            continue
        try:
            keys = parse(read_text(path), path.name)
        except KeyringError as error:
            problems += str(error).splitlines()
            continue
        offices[office.id] = keys
        problems += _counts(path.name, keys, today)
    return Keyring(offices), tuple(problems)


def secrets(folder: Path) -> list[str]:
    """Name every file in the folder that holds a secret key."""
    return [
        f"{path.name}: holds a secret key, move it away and replace the key"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and b"AGE-SECRET-KEY-" in path.read_bytes().upper()
    ]


def _strangers(folder: Path, programme: Programme) -> list[str]:
    """Name secret keys anywhere in the folder, and files that no office owns."""
    if not folder.is_dir():
        return ["the folder of keys does not exist, make it: keys new"]
    known = {f"{office.id}.txt" for office in programme.keyed}
    return secrets(folder) + [
        f"{path.name}: belongs to no keyed office of the programme, remove it"
        for path in sorted(folder.rglob("*.txt"))
        if path.parent != folder or path.name not in known
    ]


def _counts(name: str, keys: Sequence[OfficeKey], today: date) -> list[str]:
    problems = []
    valid = [key for key in keys if key.is_valid(today)]
    # One that another of its role has followed may stand there: nothing is sealed to it, and a
    # server that would not start again on the day after a rotation is the worse of the two.
    followed = {key.role for key in valid}
    problems += [
        f"{name}: the {key.role} key {key.fingerprint[:8]} expired on {key.until}, replace it"
        for key in keys
        if key.until and key.until < today and key.role not in followed
    ]
    if len({key.fingerprint for key in valid}) < limits.RECIPIENTS_NEEDED:
        problems.append(f"{name}: has fewer than two valid keys, add a recovery key")
    if len(keys) > limits.RECIPIENTS_PER_OFFICE:
        problems.append(f"{name}: has more than four keys, share a working key instead")
    return problems


def read_text(path: Path) -> str:
    """Return the text of a recipients file, its line ends as they are; raises KeyringError."""
    if path.stat().st_size > _FILE_BYTES:
        raise KeyringError(f"{path.name}: is too large for a file of keys, replace it")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise KeyringError(f"{path.name}: is not text, replace it") from None


def _read_note(line: str) -> tuple[str, date | None, date | None]:
    match = _NOTE.fullmatch(line.rstrip())
    try:
        if match:
            since, until = (match[k] and date.fromisoformat(match[k]) for k in ("since", "until"))
            if since and until and since > until:
                raise KeyringError("the key ends before it starts, correct a date")
            return match["role"], since or None, until or None
    except ValueError as error:
        raise KeyringError("a date of the key does not exist, correct it") from error
    raise KeyringError("write: # key: working, from 2026-01-31 until 2028-01-31")


def _recipient(line: str) -> HybridRecipient:
    recipient = parse_recipient(line.strip())
    if not isinstance(recipient, HybridRecipient):
        raise KeyringError("is a classic key, replace it by a post-quantum one (age1pq…)")
    return recipient
