"""The key of a vault: 32 random bytes, sealed to the identities that may open it.

One passphrase opens both: it opens the identity file, and that identity opens this key. So a new
passphrase changes the identity file alone, a new identity only this file, and SQLCipher gets a
random key, which needs no stretching of its own.
"""

import os
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from intake.core import limits
from intake.crypto.age import HybridRecipient, encrypt
from intake.crypto.unseal import Identity, decrypt
from intake.errors import AgeError, NoMatchError, VaultDamagedError, VaultError, VaultKeyError

FILE = "vault.key"
SIZE = 32
"""Bytes of a key: AES-256."""
_MOST = 64 * limits.KIB
"""Bytes of the file: a header of a dozen recipients is below 20 KiB."""


class VaultKey:
    """A key that is never shown or pickled."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        """Take 32 bytes; raises VaultDamagedError for another length."""
        if len(value) != SIZE:
            raise VaultDamagedError(f"{FILE} holds no key, restore a backup: intake desk restore")
        self.value = value

    def __repr__(self) -> str:
        """Hide the key."""
        return "VaultKey(withheld)"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("a secret is never pickled")


def make(random: Callable[[int], bytes]) -> VaultKey:
    """Return a new key."""
    return VaultKey(random(SIZE))


def read(folder: Path, identities: Sequence[Identity]) -> VaultKey:
    """Return the key of the vault in a folder; raises VaultKeyError, VaultDamagedError."""
    path, plain = folder / FILE, BytesIO()
    try:
        with path.open("rb") as file:
            sealed = file.read(_MOST)
    except FileNotFoundError as error:
        raise VaultDamagedError(
            f"{FILE} is missing, and without it nothing opens: restore a backup"
        ) from error
    except OSError as error:
        raise VaultError(f"{FILE}: {error.strerror}, mend it") from error
    try:
        decrypt(BytesIO(sealed), plain, identities)
    except NoMatchError as error:
        raise VaultKeyError("this identity does not open this vault, give its own") from error
    except AgeError as error:
        raise VaultDamagedError(f"{FILE} was altered, restore a backup") from error
    return VaultKey(plain.getvalue())


def write(folder: Path, key: VaultKey, recipients: Sequence[HybridRecipient]) -> None:
    """Seal the key to those who may open the vault; the file before stays until this one is whole.

    Raises VaultError.
    """
    path = folder / FILE
    made = path.with_name(f"{FILE}.new")
    try:
        with made.open("wb") as file:
            encrypt(BytesIO(key.value), file, recipients)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except OSError as error:
        raise VaultError(f"{FILE}: {error.strerror}, mend it") from error
