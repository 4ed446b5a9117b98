"""What derives from a filing secret, from a receipt and from a message key.

Rules: every derived value has its own label; case id and receipt derive from the filing
secret, never the reverse; nothing here can be turned back. HKDF is RFC 5869 with SHA-256.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import NoReturn

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from intake.core import entry as entries
from intake.core import receipt
from intake.core.entry import Entry
from intake.core.programme import WITNESS
from intake.core.receipt import Receipt
from intake.crypto.age import HybridRecipient, hybrid_recipient_of
from intake.crypto.stream import derive_key
from intake.errors import ForgedError, ReportError

PBKDF2_ROUNDS = 4096
"""102 random bits need no stretching; the rounds only keep the derivation off a fast path."""

SECRET_BYTES = 32
_CASE_BYTES = 16
_CASE_OF_MAILBOX = b"intake/case-of-mailbox/v1"


def derive(secret: bytes, label: str, length: int = SECRET_BYTES) -> bytes:
    """Return `length` bytes, at most 32, bound to a label."""
    return derive_key(secret, b"", b"intake/v1/" + label.encode())[:length]


def case_of(mailbox: bytes) -> str:
    """Return the id of a case that was filled in without a line: bound to its mailbox (32 bytes).

    It stands inside each sealed report, so whoever carries it can give it no other mailbox.
    """
    return hashlib.sha256(_CASE_OF_MAILBOX + mailbox).digest()[:_CASE_BYTES].hex()


@dataclass(frozen=True, repr=False)
class FilingSecret:
    """32 random bytes held by the page being filled in."""

    value: bytes

    def __post_init__(self) -> None:
        """Refuse another length."""
        if len(self.value) != SECRET_BYTES:
            raise ReportError("the page's secret is damaged, fill in the form again")

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a secret is never pickled")

    def case(self) -> str:
        """Return the id of the case: 128 bits in hex."""
        return derive(self.value, "case", 16).hex()

    def receipt(self) -> Receipt:
        """Return the ten words that this filing will answer with, each time it is sent."""
        return receipt.make(derive(self.value, "receipt", 13))

    def digest(self, *parts: bytes) -> bytes:
        """Return the HMAC over a form and its offices: two sendings agree or conflict by it."""
        return _digest(self.value, parts)

    def no_mailbox(self) -> bytes:
        """Return what stands for a mailbox where she wants no way back: no words open it."""
        return hashlib.sha256(derive(self.value, "no-mailbox")).digest()

    def note_key(self, office: str) -> bytes:
        """Return an office's key for its notes where she wants no way back: no words give it."""
        return derive(self.value, f"note/{office}")


@dataclass(frozen=True, repr=False)
class WitnessKeys:
    """What a witness's ten words give in one programme."""

    secret: bytes

    @classmethod
    def of(cls, words: Receipt, programme: str) -> "WitnessKeys":
        """Stretch the receipt's 110 bits, salted with the programme's id."""
        kdf = PBKDF2HMAC(SHA256(), SECRET_BYTES, programme.encode(), PBKDF2_ROUNDS)
        return cls(kdf.derive(words.secret))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a secret is never pickled")

    def entry(self, addition: str, office: str) -> str:
        """Return the id of what one office gets of the report or of an addition.

        So whoever has the words, and nobody else, knows which stored entry is what.
        """
        return derive(self.secret, f"entry/{addition}/{office}", 16).hex()

    def stub(self) -> str:
        """Return the id of what the filing browser seals to these words."""
        return self.entry("stub", WITNESS)

    def discarded(self, reply: str) -> str:
        """Return the name of the mark that a reply was deleted by whoever has the words."""
        return self.addition(f"discarded/{reply}", 0)

    def addition(self, group: str, number: int) -> str:
        """Return the id under which the server remembers an addition: 128 bits in hex."""
        return derive(self.secret, f"addition/{group}/{number}", 16).hex()

    def digest(self, *parts: bytes) -> bytes:
        """Return the HMAC over an addition: two sendings agree or conflict by it."""
        return _digest(self.secret, parts)

    def mailbox(self) -> bytes:
        """Return the hash that the server keeps of the token which opens the mailbox."""
        return hashlib.sha256(derive(self.secret, "mailbox")).digest()

    def recipient(self) -> HybridRecipient:
        """Return the public half of the witness's age identity; it travels inside reports."""
        return hybrid_recipient_of(self.seed())

    def seed(self) -> bytes:
        """Return the seed of the witness's age identity, which opens what is sealed to her."""
        return derive(self.secret, "identity")

    def message_key(self, office: str) -> bytes:
        """Return the key that authenticates what she and this office write to each other."""
        return derive(self.secret, f"message/{office}")


def acknowledgement(message_key: bytes) -> str:
    """Return the id of an office's first answer to a case: of several, the server keeps one."""
    return derive(message_key, "acknowledgement", 16).hex()


def _digest(secret: bytes, parts: tuple[bytes, ...]) -> bytes:
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(derive(secret, "digest"), message, "sha256")


def authenticate(entry: Entry, message_key: bytes) -> Entry:
    """Return the message, reply or note with its MAC, under the key of its direction."""
    return msgspec.structs.replace(entry, mac=_mac(entry, message_key).hex())


def verify(entry: Entry, message_key: bytes) -> None:
    """Raise ForgedError unless the MAC is that of the entry's content and direction."""
    if not hmac.compare_digest(_mac(entry, message_key).hex().encode(), entry.mac.encode()):
        raise ForgedError("the entry was not written by who it says, set it aside")


def _mac(entry: Entry, message_key: bytes) -> bytes:
    key = derive(message_key, f"mac/{entry.direction}")
    return hmac.digest(key, entries.authenticated(entry), "sha256")
