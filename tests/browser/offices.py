"""What an office writes to a witness, honestly and not, over a running server."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from intake.client import Office, Server
from intake.core import wire
from intake.core.entry import Entry, MessageBody, ReportBody, encode, parse
from intake.crypto import derive, unseal
from intake.crypto.age import HybridRecipient
from intake.crypto.seal import Plaintext, seal_for
from intake.crypto.unseal import HybridIdentity, open_identities_file
from intake.errors import AgeError, EntryError
from tests.support.server import DemoServer


@dataclass(frozen=True)
class Desk:
    """One office with one case open before it."""

    office: Office
    identity: HybridIdentity
    report: Entry

    @classmethod
    def of(cls, server: DemoServer, office: str, mark: str) -> "Desk":
        """Log in, and open the one case whose report holds this mark."""
        (key,) = open_identities_file(server.identity(office).read_bytes(), lambda: "")
        assert isinstance(key, HybridIdentity)
        logged_in = Server.at(server.origin).log_in(office, key)
        found = [
            entry
            for entry in _entries(logged_in, key)
            if isinstance(entry.body, ReportBody) and mark in str(entry.body.answers)
        ]
        assert len(found) == 1
        return cls(logged_in, key, found[0])

    @property
    def body(self) -> ReportBody:
        """What was reported."""
        assert isinstance(self.report.body, ReportBody)
        return self.report.body

    def reply(self, text: str, *asks: str, **changes: object) -> Entry:
        """Return a reply, which has seen all that is here."""
        here = {
            entry.id
            for entry in _entries(self.office, self.identity)
            if (entry.case, entry.office) == (self.report.case, self.report.office)
            and entry.kind != "note"
        }
        written = msgspec.structs.replace(
            self.report,
            body=MessageBody(asks, text),
            direction="out",
            id=secrets.token_hex(16),
            kind="reply",
            seen=tuple(sorted(here)),
        )
        changed = msgspec.structs.replace(written, **changes)
        return derive.authenticate(changed, bytes.fromhex(self.body.message_key))

    def send(self, entry: Entry, name: str = "") -> Entry:
        """Send a reply, under another id where one is given."""
        hers = HybridRecipient.from_bytes(self.body.reply_to)
        own, witness = seal_for(Plaintext(encode(entry)), [[self.identity.recipient()], [hers]])
        sent = wire.Reply(
            self.report.case,
            name or entry.id,
            own.header.value,
            "reply",
            own.payload,
            witness.header.value,
        )
        self.office.write(sent)
        return entry


def _entries(office: Office, identity: HybridIdentity) -> Iterator[Entry]:
    """Yield what opens: a test may have altered something on the server."""
    for sealed in office.entries():
        with suppress(AgeError, EntryError):
            yield parse(unseal.open_sealed(sealed.header, sealed.payload, (identity,)))
