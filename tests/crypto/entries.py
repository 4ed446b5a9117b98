"""Entries to seal, open and authenticate: a report and a message of the small programme."""

import msgspec

from intake.core.entry import Entry, MessageBody, Outer, ReportBody
from tests.support.programmes import small

CASE = "0c" * 16
ID = "1e" * 16
PROGRAMME = small()


def report(office: str = "inv") -> Entry:
    """Return a report for an office."""
    body = ReportBody(
        answers={"account": "They took the list of names.", "agency": ("border",)},
        contact="ask at the bakery",
        digest=PROGRAMME.digest,
        evidence=(),
        language="en",
        message_key="2a" * 32,
        reply_to=b"",
        unscripted=False,
        version=PROGRAMME.version,
    )
    return Entry(
        body=body,
        case=CASE,
        date="2026-11-24+01:00",
        direction="in",
        format="intake/entry/v1",
        id=ID,
        kind="report",
        mac="",
        office=office,
        programme=PROGRAMME.id,
        seen=(),
    )


def message() -> Entry:
    """Return a message of the witness, without its MAC."""
    return msgspec.structs.replace(
        report(), kind="message", body=MessageBody((), "my date changed"), seen=("3b" * 16,)
    )


def outer(entry: Entry) -> Outer:
    """Return what the entry is filed under by an honest server."""
    return Outer(entry.case, entry.kind, PROGRAMME.office(entry.office).read_by, entry.id)
