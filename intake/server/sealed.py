"""What a browser sealed: a case, what is added to it, how it stands. JSON of `core.wire`.

Rules: only ciphertext arrives; the token of a mailbox stands in the body, never in an address;
the digest of a filing is taken here over all that was sent, so the same sent twice is one case.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from flask import Response, request

from intake.core import canonical, limits, wire
from intake.core.entry import ID
from intake.core.programme import WITNESS, Programme
from intake.crypto.keeper import Deposit
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import WireError
from intake.server import api, guard
from intake.server.services import services
from intake.store.cases import Addition
from intake.store.records import Filing, Item

T = TypeVar("T")

_BYTES = 32


def file() -> Response:
    """Keep a case that a browser sealed."""
    filing = filing_of(receive(wire.Filing), services().programme, services().today())
    status = services().door.keep(services().records, filing)
    found = tuple(wire.Delivery(item.fetched, item.reader) for item in status.deliveries)
    return api.answer(wire.Filed(status.day, found))


def filing_of(sent: wire.Filing, programme: Programme, today: date) -> Filing:
    """Return what is to be kept of a case that a browser sealed; raises WireError, StoreError."""
    items = _items(sent.letters, programme)
    names = (sent.case, *(item.entry for item in items))
    stubs = [item for item in items if item.kind == "note"]
    is_report = all(item.kind == "report" for item in items if item not in stubs)
    refuse_unless(len(stubs) <= 1 and len(stubs) < len(items))
    refuse_unless(is_report and len(sent.mailbox) == _BYTES and _are_names(names))
    return Filing(
        sent.case,
        today,
        sent.mailbox,
        _digest(sent),
        unscripted=False,
        items=items,
        urgent=sent.urgent,
    )


def look() -> Response:
    """Say how a case stands, to whoever has its words."""
    case = services().cases.behind(mailbox(receive(wire.Mailbox).token))
    held = (wire.Held(entry, one.fetched, one.reader) for entry, one in sorted(case.held.items()))
    return api.answer(
        wire.Case(
            tuple(sorted(case.additions)),
            case.id,
            case.day,
            case.deletion,
            tuple(held),
            case.mail,
            tuple(sorted(case.withdrawn)),
            case.reissued,
            case.wrapped,
        )
    )


def add() -> Response:
    """Keep what a browser sealed for a case."""
    services().door.refuse_addition()
    sent = receive(wire.Addition)
    items = _items(sent.letters, services().programme)
    refuse_unless(all(item.kind != "note" for item in items))
    names = (sent.id, *sent.marks, *sent.needs, *(item.entry for item in items))
    most = limits.OFFICES_PER_CASE
    refuse_unless(_are_names(names) and len(sent.marks) <= most * most and len(sent.needs) <= most)
    addition = Addition(
        id=sent.id,
        mailbox_hash=mailbox(sent.token),
        digest=_digest(sent),
        day=services().today(),
        items=items,
        needs=sent.needs,
        marks=sent.marks,
        keeper=_deposit(sent.keeper),
    )
    services().cases.add(addition)
    return api.answer(wire.Filed(addition.day, ()))


def receive(kind: type[T], limit: int = limits.FILING_BODY) -> T:
    """Return what a browser or a program sent, at most `limit` bytes; raises WireError."""
    guard.check_call(request, services().config.origin)
    return wire.parse(api.body(limit), kind)


def _items(letters: Iterable[wire.Letter], programme: Programme) -> tuple[Item, ...]:
    """Return what is to be kept, each for an office that holds keys, or a note for the witness.

    Raises NotSealedError, WireError.
    """
    readers = {office.id for office in programme.keyed}
    items = []
    for letter in letters:
        refuse_unless(
            (letter.reader == WITNESS if letter.kind == "note" else letter.reader in readers)
            and (letter.kind != "note" or not letter.evidence)
            and len(letter.evidence) <= 2 * limits.FILES
            and len(set(letter.evidence)) == len(letter.evidence)
            and _are_names(letter.evidence)
        )
        sealed = Sealed(SealedHeader(letter.header), letter.payload)
        items.append(Item(letter.entry, letter.reader, sealed, letter.kind, letter.evidence))
    offices = sum(item.kind != "note" for item in items)
    refuse_unless(bool(items) and offices <= limits.OFFICES_PER_CASE)
    return tuple(items)


def _deposit(given: bytes) -> Deposit | None:
    """Return what the server keeps of a keeper, None where none is named."""
    if not given:
        return None
    refuse_unless(len(given) == 2 * _BYTES)
    return Deposit(given[:_BYTES], given[_BYTES:])


def mailbox(token: bytes) -> bytes:
    """Return the hash that the server keeps of a token; raises WireError."""
    refuse_unless(len(token) == _BYTES)
    return hashlib.sha256(token).digest()


def _digest(sent: wire.Filing | wire.Addition) -> bytes:
    return hashlib.sha256(canonical.encode(sent)).digest()


def _are_names(names: Iterable[str]) -> bool:
    return all(ID.fullmatch(name) for name in names)


def refuse_unless(is_formed: bool) -> None:  # noqa: FBT001 - the question itself
    """Raise WireError for a message that is not in its form."""
    if not is_formed:
        raise WireError("the message is not in the expected form, load the page again")
