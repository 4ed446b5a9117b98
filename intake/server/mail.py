"""The conversation, for programs: what an office writes, what a browser fetches and deletes.

Rules: only ciphertext passes; the token of a mailbox stands in the body, never in an address; an
office writes where it holds something of the case, and no more than it may.
"""

from flask import Response, make_response

from intake.core import limits, wire
from intake.core.entry import ID
from intake.crypto.header import Header
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import NotSealedError
from intake.server import api, sealed
from intake.server.services import services
from intake.store.mail import Written


def fetch() -> Response:
    """Give the witness one letter, and note the day when she first fetched it."""
    sent = sealed.receive(wire.Fetch, limits.API_BODY)
    mailbox = sealed.mailbox(sent.token)
    return api.answer(services().mail.fetch(mailbox, sent.entry, services().today()))


def discard() -> Response:
    """Delete a reply that the witness has read."""
    sent = sealed.receive(wire.Discard, limits.API_BODY)
    mailbox = sealed.mailbox(sent.token)
    sealed.refuse_unless(all(map(ID.fullmatch, (sent.entry, sent.mark))))
    services().mail.discard(mailbox, sent.entry, sent.mark, services().today())
    return make_response("", 204)


def write() -> Response:
    """Keep what an office writes: a reply, or a note to itself."""
    office = api.office()
    services().door.refuse_addition()
    sent = wire.parse(api.body(limits.REPLY_BODY), wire.Reply)
    sealed.refuse_unless(
        all(map(ID.fullmatch, (sent.case, sent.entry)))
        and bool(sent.witness) == (sent.kind == "reply")
    )
    own = _header(sent.header, limits.RECIPIENTS_PER_OFFICE)
    witness = _header(sent.witness, 1) if sent.witness else None
    if len(sent.payload) > limits.REPLY + limits.KIB:
        raise NotSealedError("a reply has room for some fifteen pages, send it in parts")
    written = Written(sent.case, sent.entry, sent.kind, Sealed(own, sent.payload), witness)
    services().mail.write(office, written, services().today())
    return make_response("", 204)


def _header(value: bytes, most: int) -> SealedHeader:
    header = SealedHeader(value)
    if len(Header.parse(value).stanzas) > most:
        raise NotSealedError("a header has more keys than its reader, seal to fewer")
    return header
