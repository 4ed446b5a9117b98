"""What a browser sealed: a case, what is added to it, how it stands. JSON of `core.wire`.

Rules: only ciphertext arrives; the token of a mailbox stands in the body, never in an address;
the digest of a filing is taken here over all that was sent, so the same sent twice is one case.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar

from flask import Response, request

from intake.core import canonical, limits, wire
from intake.core.entry import ID
from intake.core.programme import WITNESS, Programme
from intake.crypto.keeper import Deposit
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import WireError
from intake.server import api
from intake.server.services import services
from intake.store.cases import Addition
from intake.store.records import Filing, Item
from intake.web.origin import check_call

T = TypeVar("T")

Whole = wire.Filing | wire.Addition | wire.Withdrawal | wire.Deletion | wire.Closing

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
    refuse_unless(bool(sent.letters))
    addition = _addition(sent, _digest(sent))
    services().cases.add(addition)
    return api.answer(wire.Filed(addition.day, ()))


def withdraw() -> Response:
    """Take a case back from an office; say whether it had read any of it."""
    sent = receive(wire.Withdrawal)
    names = (*sent.entries, *sent.known)
    refuse_unless(len(names) <= limits.NAMES and bool(sent.entries) and _are_names(names))
    notice, others = _notice(sent.notice, sent), _messages(sent.others)
    known = frozenset(sent.known)
    was_read = services().cases.withdraw(notice, others, sent.entries, known)
    return api.answer(wire.Withdrawn(notice.day, was_read))


def delete() -> Response:
    """Have a case deleted after some days, or kept after all."""
    sent = receive(wire.Deletion)
    notice = _notice(sent.notice, sent)
    due = notice.day + timedelta(days=limits.DELETION_DAYS)
    services().cases.ask_deletion(notice, due if sent.wanted else None)
    return api.answer(wire.Filed(notice.day, ()))


def close() -> Response:
    """Let no words open a case any more."""
    sent = receive(wire.Closing)
    notice = _notice(sent.notice, sent)
    services().cases.close_mailbox(notice, services().random(_BYTES))
    return api.answer(wire.Filed(notice.day, ()))


def _notice(sent: wire.Addition, whole: Whole) -> Addition:
    """Return what an ending tells the offices, which may be none; it is a message and no more."""
    _messages(sent.letters)
    refuse_unless(not sent.keeper)
    return _addition(sent, _digest(whole))


def _addition(sent: wire.Addition, digest: bytes) -> Addition:
    items = _items(sent.letters, services().programme)
    refuse_unless(all(item.kind != "note" for item in items))
    names = (sent.id, *sent.marks, *sent.needs, *(item.entry for item in items))
    most = limits.OFFICES_PER_CASE
    refuse_unless(_are_names(names) and len(sent.marks) <= most * most and len(sent.needs) <= most)
    return Addition(
        id=sent.id,
        mailbox_hash=mailbox(sent.token),
        digest=digest,
        day=services().today(),
        items=items,
        needs=sent.needs,
        marks=sent.marks,
        keeper=_deposit(sent.keeper),
    )


def _messages(letters: tuple[wire.Letter, ...]) -> tuple[Item, ...]:
    items = _items(letters, services().programme)
    are_plain = all(item.kind == "message" and not item.evidence for item in items)
    refuse_unless(are_plain and _are_names(item.entry for item in items))
    return items


def receive(kind: type[T], limit: int = limits.FILING_BODY) -> T:
    """Return what a browser or a program sent, at most `limit` bytes; raises WireError."""
    check_call(request, services().config.origin)
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
    refuse_unless(offices <= limits.OFFICES_PER_CASE)
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


def _digest(sent: Whole) -> bytes:
    return hashlib.sha256(canonical.encode(sent)).digest()


def _are_names(names: Iterable[str]) -> bool:
    return all(ID.fullmatch(name) for name in names)


def refuse_unless(is_formed: bool) -> None:  # noqa: FBT001 - the question itself
    """Raise WireError for a message that is not in its form."""
    if not is_formed:
        raise WireError("the message is not in the expected form, load the page again")
