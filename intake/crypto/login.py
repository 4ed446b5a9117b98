"""How an office proves that it holds its key, without ever opening a file for a server.

The challenge is an HPKE message, not an age file: its `info` can never equal age's label, so
a stored report sent in its place does not open, and an opened challenge is no report.

1. The office asks, naming itself and one of its keys.
2. The server seals a random token to that key, bound to origin, office, key and expiry.
3. The office takes origin and office from its own settings, never from the server.
4. It answers HMAC(token, info). The server lets each challenge be answered once.
"""

import hmac

from intake.crypto.age import HYBRID_SUITE, HybridRecipient

LABEL = b"intake/login/v1"
TOKEN = 32


def info(origin: str, office: str, fingerprint: str, expiry: int) -> bytes:
    """Return what a challenge is bound to: each part after its length in four bytes."""
    parts = (LABEL, origin.encode(), office.encode(), fingerprint.encode(), str(expiry).encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def challenge(recipient: HybridRecipient, bound: bytes, token: bytes) -> bytes:
    """Return the token sealed to an office's key, bound to `info`."""
    return HYBRID_SUITE.encrypt(token, recipient.public_key, info=bound)


def proof(token: bytes, bound: bytes) -> bytes:
    """Return the answer to a challenge: HMAC-SHA-256 of `info` under its token."""
    return hmac.digest(token, bound, "sha256")
