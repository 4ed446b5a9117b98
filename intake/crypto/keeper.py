"""New words for a case whose own are lost: what her keeper office holds of them, and the server.

Rules: the secret behind the old words is split by a one-time pad, one half sealed to the office
that she chose, one kept by the server, and neither half tells anything; so the office cannot act
as she does but through the server, which lets the old words open nothing from then on; under the
new words the secret is sealed to the witness they make, so every name in the store stays.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from intake.crypto.age import HybridRecipient, make_header
from intake.crypto.derive import SECRET_BYTES, WitnessKeys
from intake.crypto.stream import seal_payload
from intake.errors import EntryError

WRAPPED = b"intake/words/v1"
"""What stands before the secret that new words open: nothing else is taken for one."""

_TOKEN = 32
_FILE_KEY = _NONCE = 16


@dataclass(frozen=True, repr=False)
class Deposit:
    """What the server keeps: its half, and the hash of the token by which the keeper asks."""

    token_hash: bytes
    half: bytes


@dataclass(frozen=True, repr=False)
class Trust:
    """What the keeper office keeps, 64 bytes: the token, and its half."""

    token: bytes
    half: bytes

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a secret is never pickled")

    @property
    def text(self) -> str:
        """Return it as it stands in the keeper's entry: hex."""
        return (self.token + self.half).hex()

    @classmethod
    def parse(cls, text: str) -> "Trust":
        """Return what stands in an entry; raises EntryError."""
        try:
            value = bytes.fromhex(text)
        except ValueError:
            value = b""
        if len(value) != _TOKEN + SECRET_BYTES or value.hex() != text:
            raise EntryError("the entry does not make this office the keeper of the words")
        return cls(value[:_TOKEN], value[_TOKEN:])


def entrust(keys: WitnessKeys, random: Callable[[int], bytes]) -> tuple[Trust, Deposit]:
    """Return the two halves of what the words give."""
    token, half = random(_TOKEN), random(SECRET_BYTES)
    return (
        Trust(token, _xor(keys.secret, half)),
        Deposit(token_hash(token), half),
    )


def token_hash(token: bytes) -> bytes:
    """Return what the server keeps of a token."""
    return hashlib.sha256(token).digest()


def join(trust: Trust, half: bytes, office: str, report: str) -> WitnessKeys:
    """Return what the lost words gave; raises EntryError where the server's half is another one.

    `report` is the id of the first entry that the keeper `office` got of the case: the words of
    no other case give it.
    """
    if len(half) != SECRET_BYTES:
        raise EntryError("the server's half has a wrong length, ask its operator")
    keys = WitnessKeys(_xor(trust.half, half))
    if not hmac.compare_digest(keys.entry("report", office), report):
        raise EntryError("the server's half is not that of this case, ask its operator")
    return keys


def wrap(keys: WitnessKeys, to: HybridRecipient, random: Callable[[int], bytes]) -> bytes:
    """Return an age file that gives new words, whose recipient is `to`, what the lost ones gave."""
    file_key = random(_FILE_KEY)
    payload = seal_payload(file_key, random(_NONCE), WRAPPED + keys.secret)
    return make_header(file_key, [to]).encode() + payload


def unwrapped(plain: bytes) -> WitnessKeys:
    """Return what stands in an opened wrapping; raises EntryError."""
    if len(plain) != len(WRAPPED) + SECRET_BYTES or not plain.startswith(WRAPPED):
        raise EntryError("what the new words open is none of theirs, ask the keeper again")
    return WitnessKeys(plain[len(WRAPPED) :])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
