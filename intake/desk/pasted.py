"""Keys as people paste them into a page: a colleague's line, an office's file.

Rules: a secret key is refused before anything else is looked at, and stands in no answer; one key
at a time; of a file every line is right or nothing is taken; who holds each key is for people to
compare by voice.
"""

from dataclasses import dataclass
from datetime import date

from intake.core import limits
from intake.crypto.age import HybridRecipient, parse_recipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.errors import KeyringError, KeyTextError

_LINE = 8 * limits.KIB
"""Characters of a pasted key: four times its length, for what a mail puts around it."""
_FILE = 64 * limits.KIB
"""Characters of an office's file: as much as is read of one from a disk."""


class SecretKeyError(KeyTextError):
    """A secret key stands where a public one belongs: it must not be shown again."""


@dataclass(frozen=True)
class Difference:
    """What taking another file would change."""

    added: tuple[OfficeKey, ...]
    removed: tuple[OfficeKey, ...]
    changed: tuple[OfficeKey, ...]
    """Keys whose role or days are others."""

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return bool(self.added or self.removed or self.changed)


def public_key(text: str) -> HybridRecipient:
    """Return the one public key in what was pasted, also where a mail broke its line.

    Raises KeyTextError, SecretKeyError.
    """
    _refuse_secrets(text)
    lines = [line.strip() for line in text.splitlines()]
    rest = [line for line in lines if line and not line.startswith("#")]
    if not rest:
        raise KeyTextError("paste a colleague's key line, it begins age1pq1")
    joined = "".join(rest)
    if len(joined) > _LINE:
        raise KeyTextError("this is more than one key line, paste nothing else with it")
    if joined.lower().count("age1pq1") > 1:
        raise KeyTextError("these are several keys, add one after the other")
    found = parse_recipient(joined)
    if not isinstance(found, HybridRecipient):
        raise KeyTextError("this is a classic key, a post-quantum one (age1pq1…) is needed")
    return found


def office_file(text: str, office: str, today: date) -> KeyFile:
    """Return an office's file of keys, fit to be sealed to today.

    Raises KeyringError, SecretKeyError.
    """
    _refuse_secrets(text)
    if len(text) > _FILE:
        raise KeyringError("this is too large for a file of keys, give the file as it was exported")
    file = KeyFile(f"{office}.txt", text.replace("\r\n", "\n"))
    if not file.keys:
        raise KeyringError("there is no key in this, give the office's file of keys")
    valid = len(file.valid(today))
    if len(file.keys) > limits.RECIPIENTS_PER_OFFICE or valid < limits.RECIPIENTS_NEEDED:
        raise KeyringError(
            f"{file.name}: has {len(file.keys)} keys, {valid} of them valid today, "
            "two to four are needed: ask your colleague for the whole file"
        )
    return file


def difference(before: KeyFile, after: KeyFile) -> Difference:
    """Return what taking `after` would change; a file that is broken holds nothing."""
    try:
        old = {key.recipient: key for key in before.keys}
    except KeyringError:
        old = {}
    new = {key.recipient: key for key in after.keys}
    return Difference(
        tuple(key for one, key in new.items() if one not in old),
        tuple(key for one, key in old.items() if one not in new),
        tuple(key for one, key in new.items() if one in old and old[one] != key),
    )


def _refuse_secrets(text: str) -> None:
    if "AGE-SECRET-KEY" in "".join(text.upper().split()):
        raise SecretKeyError(
            "this is a secret key, it was not kept: whoever's it is must make a new one, "
            "and give only the line that begins age1pq1"
        )
