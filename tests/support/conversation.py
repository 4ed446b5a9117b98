"""Both sides of a conversation: what an office writes, what the witness's keys give of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from intake.core import report, wire
from intake.core.entry import Entry, MessageBody, encode
from intake.core.report import Answers
from intake.crypto.age import HybridRecipient
from intake.crypto.derive import WitnessKeys, authenticate, derive
from intake.crypto.seal import Plaintext, seal_for
from intake.server import nojs
from intake.server.nojs import Draft
from tests.server.test_api import at
from tests.support.site import Site

OFFICE = "investigators"


@dataclass(frozen=True)
class Filed:
    """A case on a site, with the keys that its words give."""

    site: Site
    draft: Draft

    @classmethod
    def at(cls, site: Site, *offices: str) -> "Filed":
        """File a case for these offices, as the page without script does."""
        told: Answers = {
            "account": "They took the list of names.",
            "child": "yes",
            "agency": ("cbp",),
        }
        answered = report.make(told, site.services.programme, "en")
        draft = replace(nojs.begin(site.services, answered), offices=offices or (OFFICE,))
        nojs.file(site.services, draft)
        return cls(site, draft)

    @property
    def keys(self) -> WitnessKeys:
        """What the words give."""
        return WitnessKeys.of(nojs.words(self.draft), self.site.services.programme.id)

    @property
    def token(self) -> bytes:
        """What opens the mailbox."""
        return derive(self.keys.secret, "mailbox")

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.draft.secret.case()

    @property
    def words(self) -> str:
        """The ten numbers."""
        return " ".join(nojs.words(self.draft).numbers())

    def reply(self, number: int = 1, office: str = OFFICE, **changes: object) -> Entry:
        """Return a reply of an office, as its investigator would write it."""
        written = Entry(
            body=MessageBody((), f"Reply {number} of {office}."),
            case=self.case,
            date="2026-11-25-06:00",
            direction="out",
            format="intake/entry/v1",
            id=f"{number:032x}",
            kind="reply",
            mac="",
            office=office,
            programme=self.site.services.programme.id,
            seen=(self.keys.entry("report", office),),
        )
        fields = {name: getattr(written, name) for name in written.__struct_fields__}
        return authenticate(Entry(**{**fields, **changes}), self.keys.message_key(office))

    def sealed(self, entry: Entry) -> wire.Reply:
        """Return what an office sends."""
        return sealed(entry, [self.keys.recipient()], [self.site.identities[OFFICE].recipient()])

    def send(self, entry: Entry, office: str = OFFICE, **changes: object) -> int:
        """Send a reply as an office, whatever it holds; return the status."""
        made = self.sealed(entry)
        fields = {name: getattr(made, name) for name in made.__struct_fields__}
        return post(self.site, wire.Reply(**{**fields, **changes}), office)


def sealed(
    entry: Entry, witness: Sequence[HybridRecipient], office: Sequence[HybridRecipient]
) -> wire.Reply:
    """Return an entry sealed to both, or a note to the office alone."""
    readers = [office, witness] if entry.kind == "reply" else [office]
    own, *hers = seal_for(Plaintext(encode(entry)), readers)
    header = hers[0].header.value if hers else b""
    kind: Literal["reply", "note"] = "reply" if entry.kind == "reply" else "note"
    return wire.Reply(entry.case, entry.id, own.header.value, kind, own.payload, header)


def post(site: Site, sent: object, office: str = OFFICE, *, token: str | None = None) -> int:
    """Send what an office writes; return the status."""
    if token is None:
        token = at(site).log_in(office, site.identities[office]).token
    data = sent if isinstance(sent, bytes) else wire.encode(sent)
    headers = {"Authorization": f"Bearer {token}"}
    return site.client.post("/api/v1/entries", data=data, headers=headers).status_code
