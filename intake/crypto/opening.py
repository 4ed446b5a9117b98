"""Opening what was sealed: for offices and witnesses, on their own machines. Secret keys.

Rules: a file key opens only its own payload; what is inside must equal what the entry was
filed under; a login challenge opens only under the login label.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from intake.core import entry as entries
from intake.core.entry import Entry, Outer
from intake.core.programme import Programme
from intake.crypto import login
from intake.crypto.age import HYBRID_SUITE, Header, HybridRecipient, make_header
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import HybridIdentity, Identity, file_key_of, open_sealed
from intake.errors import LoginError


def open_entry(
    sealed: Sealed, identities: Sequence[Identity], outer: Outer | None, programme: Programme
) -> Entry:
    """Return the entry; raises AgeError, EntryError, or MismatchError against `outer`.

    `outer` is None for a file that came without names: then there is nothing to compare.
    """
    entry = entries.parse(open_sealed(sealed.header.value, sealed.payload, identities))
    if outer is not None:
        entries.check(entry, outer, programme)
    return entry


def rewrap(
    header: SealedHeader, identities: Sequence[Identity], recipients: Sequence[HybridRecipient]
) -> SealedHeader:
    """Return a new header for other readers of the same payload: a referral, about 1.7 kB a key.

    The payload is neither needed nor changed. Raises AgeError where no identity fits.
    """
    file_key = file_key_of(Header.parse(header.value), identities)
    return SealedHeader(make_header(file_key, recipients).encode())


def answer(identity: HybridIdentity, bound: bytes, message: bytes) -> bytes:
    """Return the proof that answers a challenge bound to `bound`; raises LoginError.

    Whatever else the server sent, a stored report included, does not open.
    """
    try:
        token = HYBRID_SUITE.decrypt(message, identity.private_key, info=bound)
    except (InvalidTag, ValueError) as error:
        raise LoginError("the server's challenge is not for this login, do not trust it") from error
    if len(token) != login.TOKEN:
        raise LoginError("the server's challenge has the wrong size, do not trust it")
    return login.proof(token, bound)
