"""The identity file of an investigator: sealed with her passphrase, readable by her alone.

Rules: what is there is never overwritten by something new; a new passphrase takes the place of the
old one only once it was seen to open the file.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from intake.core import limits
from intake.crypto.unseal import (
    HybridIdentity,
    X25519Identity,
    open_identities_file,
    seal_identities,
)
from intake.errors import ConfigError, KeyTextError, NoMatchError, VaultError

_MOST = 64 * limits.KIB
"""Bytes read: a few keys, sealed, need some hundreds."""

Keys = Sequence[HybridIdentity | X25519Identity]


def check_passphrase(passphrase: str, again: str) -> None:
    """Raise ConfigError unless a new passphrase is long enough and was typed alike twice."""
    if len(passphrase) < limits.PASSPHRASE:
        raise ConfigError(
            f"the passphrase has fewer than {limits.PASSPHRASE} characters, lengthen it"
        )
    if passphrase != again:
        raise ConfigError("the two passphrases differ, type both again")


def write(path: Path, keys: Keys, passphrase: str) -> None:
    """Write a file that was not there, whole or not at all; raises VaultError."""
    sealed = seal_identities(keys, passphrase)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    except FileExistsError as error:
        raise VaultError("there is an identity file already, it is not overwritten") from error
    except OSError as error:
        raise VaultError(f"the identity file: {error.strerror}, mend it") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise VaultError(f"the identity file: {error.strerror}, mend it") from error
        raise


def read(path: Path, passphrase: str) -> Keys:
    """Return the identities in a file; raises VaultError, KeyTextError, AgeError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST)
    except OSError as error:
        raise VaultError(f"the identity file: {error.strerror}, mend it") from error
    try:
        return open_identities_file(data, lambda: passphrase)
    except NoMatchError as error:
        raise NoMatchError("this is not its passphrase, type it again") from error


def own(keys: Keys) -> HybridIdentity:
    """Return the post-quantum identity among them; raises KeyTextError."""
    for key in keys:
        if isinstance(key, HybridIdentity):
            return key
    raise KeyTextError("the identity file holds no post-quantum identity, move it away")


def change(path: Path, old: str, new: str) -> None:
    """Seal the file with another passphrase; raises VaultError, AgeError, KeyTextError.

    The file before stays until the new one was opened.
    """
    keys = read(path, old)
    made = path.with_name(f"{path.name}.new")
    try:
        made.unlink(missing_ok=True)
        write(made, keys, new)
        if _texts(read(made, new)) != _texts(keys):
            raise VaultError("the new file does not open as the old one, nothing was changed")
        made.replace(path)
    except OSError as error:
        raise VaultError(f"the identity file: {error.strerror}, mend it") from error
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)


def _texts(keys: Keys) -> list[str]:
    return [key.secret_text() for key in keys]


_BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows alone would write other line ends than were sealed."""
