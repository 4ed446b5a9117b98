"""Opening what was sealed: for offices and witnesses, on their own machines. Secret keys.

Rules: a file key opens only its own payload; what is inside must equal what the entry was
filed under; a login challenge opens only under the login label.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO

from cryptography.exceptions import InvalidTag

from intake.core import entry as entries
from intake.core import wire
from intake.core.entry import Entry, Outer, ReportBody
from intake.core.evidence import Digest, Evidence, padded
from intake.core.programme import WITNESS, Programme
from intake.core.thread import Aside
from intake.crypto import login
from intake.crypto.age import HYBRID_SUITE, Header, HybridRecipient, make_header
from intake.crypto.derive import SECRET_BYTES, WitnessKeys, verify
from intake.crypto.keeper import unwrapped
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.stream import ByteReader, ByteWriter, open_payload
from intake.crypto.unseal import (
    HybridIdentity,
    Identity,
    decrypt,
    file_key_of,
    parse_identity,
)
from intake.errors import (
    EntryError,
    EvidenceError,
    ForgedError,
    IntakeError,
    LoginError,
    MismatchError,
    NoMatchError,
)

_ASIDES: tuple[tuple[type[IntakeError], Aside], ...] = (
    (NoMatchError, Aside.CLOSED),
    (MismatchError, Aside.MISPLACED),
    (ForgedError, Aside.FORGED),
)


def witness_identity(keys: WitnessKeys) -> HybridIdentity:
    """Return the identity that opens what is sealed to a witness."""
    return HybridIdentity(keys.seed())


def unwrap(wrapped: bytes, new: WitnessKeys) -> WitnessKeys:
    """Return what a keeper sealed to new words: what the lost ones gave.

    Raises AgeError, EntryError.
    """
    plain = BytesIO()
    decrypt(BytesIO(wrapped), plain, [witness_identity(new)])
    return unwrapped(plain.getvalue())


def open_entry(
    sealed: Sealed, identities: Sequence[Identity], outer: Outer | None, programme: Programme
) -> Entry:
    """Return the entry; raises AgeError, EntryError, or MismatchError against `outer`.

    `outer` is None for a file that came without names: then there is nothing to compare.
    """
    file_key = file_key_of(sealed.header.parsed, identities)
    entry = entries.parse(open_payload(file_key, sealed.payload))
    if outer is not None:
        entries.check(entry, outer, programme)
    return entry


def check_author(entry: Entry, case: Iterable[Entry]) -> bool:
    """Return whether the writer of an entry could be checked; raises EntryError if it is another.

    A report is its own beginning. What follows has a MAC under the key in the report that the
    same office got of the same case. Without that report nothing can be said, nor where there
    are two: anybody can seal a report that claims the case.
    """
    if isinstance(entry.body, ReportBody):
        return True
    bodies = [
        other.body for other in case if (other.case, other.office) == (entry.case, entry.office)
    ]
    reports = [body for body in bodies if isinstance(body, ReportBody)]
    if len(reports) != 1:
        return False
    verify(entry, message_key(reports[0]))
    return True


def open_letter(got: wire.Sealed, keys: WitnessKeys, programme: Programme) -> Entry:
    """Return what her words open of a witness's mail, its writer checked.

    Raises AgeError, EntryError, NotSealedError: see `aside`.
    """
    sealed = Sealed(SealedHeader(got.header), got.payload)
    outer = Outer(got.case, got.kind, WITNESS, got.entry)
    entry = open_entry(sealed, (witness_identity(keys),), outer, programme)
    verify(entry, keys.message_key(entry.office))
    return entry


def aside(error: IntakeError) -> Aside:
    """Return why a letter is set aside, from what opening or checking it raised."""
    for kind, reason in _ASIDES:
        if isinstance(error, kind):
            return reason
    return Aside.ALTERED


def message_key(body: ReportBody) -> bytes:
    """Return a report's message key; raises EntryError where it is none, as without a way back."""
    try:
        key = bytes.fromhex(body.message_key)
    except ValueError:
        key = b""
    if len(key) != SECRET_BYTES:
        raise EntryError("the report has no message key, set its messages aside")
    return key


def open_evidence(told: Evidence, reader: ByteReader, writer: ByteWriter) -> None:
    """Write the file that `told` describes out of its sealed bytes; raises AgeError, EvidenceError.

    What is written before it raises is authentic, but not known to be the file: give it its name
    only afterwards.
    """
    cut = _Cut(told.length, writer)
    decrypt(reader, cut, [parse_identity(told.key)])
    if cut.size != padded(told.length) or cut.digest.hexdigest() != told.digest:
        raise EvidenceError(
            "the file is not the one that the report names, set it aside", "altered"
        )


class _Cut:
    """Lets a file's own bytes through, and nothing but zeros after them."""

    def __init__(self, length: int, writer: ByteWriter) -> None:
        self.size = 0
        self.digest = Digest()
        self._left = length
        self._writer = writer

    def write(self, data: bytes) -> None:
        own = data[: self._left]
        self.size += len(data)
        self._left -= len(own)
        if data.count(0, len(own)) != len(data) - len(own):
            raise EvidenceError("the file is longer than the report says, set it aside", "altered")
        self.digest.update(own)
        self._writer.write(own)


def rewrap(
    header: SealedHeader, identities: Sequence[Identity], recipients: Sequence[HybridRecipient]
) -> SealedHeader:
    """Return a new header for other readers of the same payload: a referral, about 1.7 kB a key.

    The payload is neither needed nor changed. Raises AgeError where no identity fits.
    """
    file_key = file_key_of(Header.parse(header.value), identities)
    return SealedHeader.of(make_header(file_key, recipients))


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
