"""Changes to one office's file of keys, as text: what is not ours in it stays as it is.

Rules: no change leaves more than four keys, nor takes away one of the last two that are valid
today; a file with a wrong line is not changed before a person has corrected it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Self

from intake.core import limits
from intake.crypto import keyring
from intake.crypto.keyring import OfficeKey, Placed
from intake.errors import KeyringError

_HEX = frozenset("0123456789abcdef")
_HEX_NEEDED = 8
"""Hexadecimal digits that `check` prints of a key: among four keys no two share them."""


@dataclass(frozen=True)
class KeyFile:
    """The text of the recipients file `name`."""

    name: str
    text: str

    @property
    def keys(self) -> tuple[OfficeKey, ...]:
        """The keys in it; raises KeyringError."""
        return keyring.parse(self.text, self.name)

    def valid(self, today: date) -> tuple[OfficeKey, ...]:
        """Return the keys in use today; raises KeyringError."""
        return tuple(key for key in self.keys if key.is_valid(today))

    def find(self, words: str, wordlist: tuple[str, ...]) -> OfficeKey:
        """Return the key of a fingerprint, in its eight words or in hex; raises KeyringError."""
        wanted = " ".join(words.lower().split())
        is_hex = len(wanted) >= _HEX_NEEDED and set(wanted) <= _HEX
        found = [
            key
            for key in self.keys
            if keyring.spoken(key.fingerprint, wordlist) == wanted
            or (is_hex and key.fingerprint.startswith(wanted))
        ]
        if len(found) != 1:
            raise KeyringError(
                f"{self.name}: has no such key, give its eight words as keys list shows them"
            )
        return found[0]

    def replaced_by(self, role: str, replaces: OfficeKey | None, today: date) -> OfficeKey:
        """Return the key of a role that a new one follows; raises KeyringError."""
        valid = [key for key in self.valid(today) if key.role == role]
        if replaces:
            if replaces not in valid:
                raise KeyringError(
                    f"{self.name}: the key to replace is no {role} key of today, look: keys list"
                )
            return replaces
        if not valid:
            raise KeyringError(f"{self.name}: has no {role} key today, make one: keys new")
        if len(valid) > 1:
            raise KeyringError(
                f"{self.name}: has {len(valid)} {role} keys today, say which: --replaces WORDS"
            )
        return valid[0]

    def added(self, key: OfficeKey, today: date) -> Self:
        """Return the file with one key more, at its end; raises KeyringError."""
        start = self.text if self.text.endswith("\n") or not self.text else f"{self.text}\n"
        note = keyring.note(key.role, key.since, key.until)
        return self._changed(f"{start}{note}\n{key.recipient}\n", today)

    def ended(self, key: OfficeKey, last: date, today: date) -> Self:
        """Return the file with a key that ends on `last`, or before if it did; its other days stay.

        Raises KeyringError.
        """
        place, lines = self._place(key), self.text.split("\n")
        until = min(key.until or last, last)
        since = min(key.since, until) if key.since else None
        line_end = "\r" if lines[place.line].endswith("\r") else ""
        note = keyring.note(key.role, since, until) + line_end
        if place.note is None:
            lines.insert(place.line, note)
        else:
            lines[place.note] = note
        return self._changed("\n".join(lines), today)

    def without(self, key: OfficeKey, today: date) -> Self:
        """Return the file without a key and its note; raises KeyringError."""
        place, lines = self._place(key), self.text.split("\n")
        left = [line for at, line in enumerate(lines) if at not in (place.line, place.note)]
        return self._changed("\n".join(left), today)

    def _place(self, key: OfficeKey) -> Placed:
        places = keyring.places(self.text, self.name)
        return next(place for place in places if place.key == key)

    def _changed(self, text: str, today: date) -> Self:
        """Return the file with another text, where that may be; raises KeyringError."""
        made = type(self)(self.name, text)
        before, after = len(self.valid(today)), len(made.valid(today))
        if len(made.keys) > max(limits.RECIPIENTS_PER_OFFICE, len(self.keys)):
            raise KeyringError(
                f"{self.name}: would have more than four keys, remove one first: keys remove"
            )
        if after < before and after < limits.RECIPIENTS_NEEDED:
            raise KeyringError(
                f"{self.name}: would have fewer than two valid keys, first add one: keys new"
            )
        return made
