"""An office's keys at a desk: what a page shows of them, and what follows when they change.

Rules: a desk seals to the file that it was given, never to keys from the server; whoever opens this
vault is its owner and, on paper, the office's recovery key: never a colleague.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from intake.core import limits
from intake.crypto import keyring
from intake.crypto.age import HybridRecipient
from intake.crypto.keyfile import KeyFile
from intake.crypto.keyring import OfficeKey
from intake.crypto.unseal import HybridIdentity
from intake.desk.resealing import CHANGED
from intake.errors import KeyringError
from intake.vault.vault import Open, Vault
from intake.vault.writing import KEYS
from intake.wordlists import wordlist


@dataclass(frozen=True)
class Shown:
    """A key as a page shows it."""

    key: OfficeKey
    words: str
    is_own: bool
    is_valid: bool
    is_ending: bool

    @property
    def days(self) -> str:
        """From when until when it is sealed to."""
        since = f"from {self.key.since}" if self.key.since else ""
        until = f"until {self.key.until}" if self.key.until else ""
        return " ".join(part for part in (since, until) if part) or "without end"


def shown(
    keys: Sequence[OfficeKey], own: Sequence[HybridRecipient], today: date
) -> tuple[Shown, ...]:
    """Return keys with their words; `own` are this desk's."""
    ending = keyring.ending(keys, today)
    return tuple(
        Shown(
            key,
            words_of(key.recipient),
            key.recipient in own,
            key.is_valid(today),
            key in ending,
        )
        for key in keys
    )


def words_of(recipient: HybridRecipient) -> str:
    """Return the eight words of a key's fingerprint."""
    return keyring.spoken(keyring.fingerprint(recipient), wordlist("en"))


def dated(
    recipient: HybridRecipient, role: str, today: date, days: int = limits.KEY_DAYS
) -> OfficeKey:
    """Return a key that is sealed to from today on, for so many days."""
    return OfficeKey(recipient, role, today, today + timedelta(days=days))


def file_of(opened: Open) -> KeyFile:
    """Return the office's file of keys that this desk was given; empty where it has none."""
    return KeyFile(f"{opened.settings['office']}.txt", opened.settings.get(KEYS, ""))


def own_of(opened: Open) -> list[HybridRecipient]:
    """Return the public halves of the identities that opened the vault."""
    return [one.recipient() for one in opened.identities if isinstance(one, HybridIdentity)]


def recovery_of(file: KeyFile, today: date) -> list[OfficeKey]:
    """Return the recovery keys of today; raises KeyringError."""
    return [key for key in file.valid(today) if key.role == "recovery"]


def other_than_own(file: KeyFile, fingerprint: str, own: Sequence[HybridRecipient]) -> OfficeKey:
    """Return the key that somebody wants to take out; raises KeyringError for one's own."""
    key = file.find(fingerprint, wordlist("en"))
    if key.recipient in own:
        raise KeyringError("this is your own key: a colleague takes it out on her desk")
    return key


def with_recovery(file: KeyFile, recipient: HybridRecipient, today: date) -> KeyFile:
    """Return the file with a new recovery key in place of those it has; raises KeyringError."""
    old, new = (
        [key for key in file.keys if key.role == "recovery"],
        dated(recipient, "recovery", today),
    )
    has_room = len(file.keys) < limits.RECIPIENTS_PER_OFFICE
    made = file.added(new, today) if has_room else file
    for key in old:
        made = made.without(key, today)
    return made if has_room else made.added(new, today)


def take(vault: Vault, file: KeyFile, today: date) -> None:
    """Use another file of keys from now on; the vault opens with its recovery keys then.

    Raises KeyringError, VaultError.
    """
    with vault.use() as opened:
        recovery = [key.recipient for key in recovery_of(file, today)]
        vault.reseal(list(dict.fromkeys([*own_of(opened), *recovery])))
        vault.set(KEYS, file.text)
        vault.set(CHANGED, today.isoformat())
