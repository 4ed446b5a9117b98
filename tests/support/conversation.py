"""Both sides of a conversation: what an office writes, what the witness's keys give of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import text

from intake.core import report, wire
from intake.core.entry import Entry, MessageBody, encode
from intake.core.report import Answers
from intake.crypto.age import HybridRecipient
from intake.crypto.derive import WitnessKeys, authenticate, derive
from intake.crypto.seal import Plaintext, seal, seal_for
from intake.server import nojs
from intake.server.nojs import Draft
from intake.store.cases import Addition
from intake.store.records import Item
from tests.server.test_api import at
from tests.support.site import TODAY, Site

OFFICE = "investigators"


@dataclass(frozen=True)
class Filed:
    """A case on a site, with the keys that its words give."""

    site: Site
    draft: Draft

    @classmethod
    def at(cls, site: Site, *offices: str, language: str = "en", way_back: bool = True) -> "Filed":
        """File a case for these offices, as the page without script does."""
        told: Answers = {
            "account": "They took the list of names.",
            "child": "yes",
            "agency": ("cbp",),
        }
        answered = report.make(told, site.services.programme, language)
        begun = nojs.begin(site.services, answered)
        draft = replace(begun, offices=offices or (OFFICE,), way_back=way_back)
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


# What a server that was taken over can do to what it keeps.


def put(filed: Filed, entry: Entry) -> None:
    """Put an entry into the case, sealed to its office."""
    reader = filed.site.services.programme.office(entry.office).read_by
    made = seal(Plaintext(encode(entry)), [filed.site.identities[reader].recipient()])
    item = Item(entry.id, reader, made, entry.kind)
    name, mailbox = entry.id[::-1], filed.keys.mailbox()
    filed.site.services.cases.add(Addition(name, mailbox, b"d" * 32, TODAY, (item,)))


def drop(filed: Filed, entry: str) -> None:
    """Leave an entry out, for everybody."""
    _run(filed, "DELETE FROM grants WHERE entry = :one", one=entry)


def alter(filed: Filed, one: str, _two: str = "") -> None:
    """Change a byte of an entry's payload."""
    changed = bytearray(_column(filed, "payload", one))
    changed[-20] ^= 1
    _run(filed, "UPDATE entries SET payload = :new WHERE id = :one", one=one, new=bytes(changed))


def copy_over(filed: Filed, one: str, two: str) -> None:
    """Give an entry again, under the name of another."""
    _write_over(filed, two, *_sealed(filed, one))


def swap(filed: Filed, one: str, two: str) -> None:
    """Give each of two entries under the name of the other."""
    first, second = _sealed(filed, one), _sealed(filed, two)
    _write_over(filed, two, *first)
    _write_over(filed, one, *second)


def relabel(filed: Filed, one: str, _two: str = "") -> None:
    """Call an entry by another kind."""
    change = "UPDATE entries SET kind = CASE kind WHEN 'note' THEN 'reply' ELSE 'note' END"
    _run(filed, f"{change} WHERE id = :one", one=one)


def move(filed: Filed, one: str, _two: str = "") -> None:
    """Give an entry in another case."""
    other = Filed.at(filed.site)
    change = 'UPDATE entries SET "case" = :new WHERE id = :one'
    _run(filed, change, one=one, new=other.case)


def _run(filed: Filed, statement: str, **values: object) -> None:
    with filed.site.services.records._database.write() as connection:
        connection.execute(text(statement), values)


def _column(filed: Filed, column: str, entry: str) -> bytes:
    with filed.site.services.records._database.read() as connection:
        query = text(f"SELECT {column} FROM entries WHERE id = :one")  # noqa: S608 - names of ours
        return bytes(connection.execute(query, {"one": entry}).scalar_one())


def _sealed(filed: Filed, entry: str) -> tuple[bytes, dict[str, bytes]]:
    """Return an entry's payload, and its header for each reader."""
    with filed.site.services.records._database.read() as connection:
        query = text("SELECT reader, header FROM grants WHERE entry = :one")
        headers = {row.reader: row.header for row in connection.execute(query, {"one": entry})}
    return _column(filed, "payload", entry), headers


def _write_over(filed: Filed, entry: str, payload: bytes, headers: dict[str, bytes]) -> None:
    _run(filed, "UPDATE entries SET payload = :new WHERE id = :one", one=entry, new=payload)
    change = "UPDATE grants SET header = :new WHERE entry = :one AND reader = :reader"
    for reader, header in headers.items():
        _run(filed, change, one=entry, new=header, reader=reader)
