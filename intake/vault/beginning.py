"""A first start: an identity and a vault where there were none, both or nothing.

Rules: the identity is written before anything is sealed to it; the vault gets its name last, so a
power cut leaves an identity without a vault, which the next try uses; what failed leaves nothing
that was made by it; nothing that is there is overwritten.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from intake.crypto.age import HybridRecipient
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import KeyTextError, VaultError
from intake.vault import backup as backups
from intake.vault import identity as identities
from intake.vault.vault import Vault


@dataclass(frozen=True)
class Place:
    """Where the identity file and the folder of the vault will lie."""

    identity: Path
    vault: Path

    @property
    def has_identity(self) -> bool:
        """Whether an identity is there already: it is used, and never overwritten."""
        return self.identity.exists()


def make(
    place: Place,
    passphrase: str,
    others: Sequence[HybridRecipient],
    settings: Callable[[HybridIdentity], Mapping[str, str]],
) -> HybridIdentity:
    """Make identity and vault, which opens with it and with the keys of `others`.

    `settings` gives what the vault is told, for the identity. Raises VaultError, ConfigError, and
    AgeError, KeyTextError for an identity that is there.
    """
    return _begin(place, passphrase, partial(_make, others, settings))


def bring_back(
    place: Place, passphrase: str, backup: Path, recovery: Sequence[HybridIdentity]
) -> HybridIdentity:
    """Make an identity, and bring a vault back from its backup, which a recovery key opens.

    It opens with both from then on. Raises VaultError, AgeError, KeyTextError.
    """
    if not (recovery or place.has_identity):
        raise KeyTextError("type the secret key from the recovery sheet")
    return _begin(place, passphrase, partial(_bring_back, backup, recovery))


def _begin(
    place: Place, passphrase: str, fill: Callable[[HybridIdentity, Path], None]
) -> HybridIdentity:
    coming = place.vault.with_name(f"{place.vault.name}.not-whole")
    written = False
    try:
        _prepare(place)
        # Of a try that a power cut ended: it never had the name of a vault.
        shutil.rmtree(coming, ignore_errors=True)
        if place.has_identity:
            key = identities.own(identities.read(place.identity, passphrase))
        else:
            key = generate_hybrid()
            identities.write(place.identity, [key], passphrase)
            written = True
        fill(key, coming)
        _name(coming, place)
    except BaseException as error:
        shutil.rmtree(coming, ignore_errors=True)
        if written and not place.vault.is_dir():
            with suppress(OSError):
                place.identity.unlink()
        if isinstance(error, OSError):
            raise VaultError(f"the folder of the desk: {error.strerror}, mend it") from error
        raise
    return key


def _prepare(place: Place) -> None:
    """Make the folder around both; raises VaultError where a vault lies there, OSError."""
    if place.vault.is_dir() and any(place.vault.iterdir()):
        raise VaultError("there is a vault already, it is not overwritten")
    place.identity.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _name(coming: Path, place: Place) -> None:
    """Give a vault that is whole its name; raises VaultError, OSError."""
    if place.vault.is_dir():
        place.vault.rmdir()  # an empty one: on Windows nothing is renamed onto it
    if not place.identity.exists():  # another program was at it, and failed
        raise VaultError("the identity is gone, begin again")
    coming.rename(place.vault)


def _make(
    others: Sequence[HybridRecipient],
    settings: Callable[[HybridIdentity], Mapping[str, str]],
    key: HybridIdentity,
    folder: Path,
) -> None:
    Vault.make(folder, list(dict.fromkeys([key.recipient(), *others])), settings(key))


def _bring_back(
    backup: Path, recovery: Sequence[HybridIdentity], key: HybridIdentity, folder: Path
) -> None:
    to = list(dict.fromkeys(one.recipient() for one in (key, *recovery)))
    backups.restore(backup, folder, [*recovery, key], to)
