"""Another header for an entry: by the office that has it, and by nobody else."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import cast

import msgspec
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.client import Office, Server
from intake.core import limits, wire
from intake.crypto import opening
from intake.crypto.age import make_header, x25519_recipient_of
from intake.crypto.seal import SealedHeader
from intake.crypto.unseal import HybridIdentity, generate_hybrid, open_sealed
from intake.errors import (
    AgeError,
    ConflictError,
    NoMatchError,
    NotSealedError,
    ServerError,
    WireError,
)
from intake.store.database import Database
from intake.store.records import Records
from intake.store.tables import grants
from tests.server.test_api import FakeAnswer, FakeConnection, at
from tests.server.test_case import Witness, come
from tests.support.site import Site

NEW = generate_hybrid()


@dataclass
class Held:
    """One entry of an office that is logged in."""

    site: Site
    witness: Witness
    office: Office
    entry: str
    before: bytes

    def put(self, header: bytes, before: bytes | None = None, entry: str = "") -> TestResponse:
        """Send a header, past the client's own checks."""
        digest = hashlib.sha256(self.before if before is None else before).hexdigest()
        return self.raw(wire.encode(wire.Rewrap(digest, header)), entry)

    def raw(self, body: bytes, entry: str = "", token: str | None = None) -> TestResponse:
        """Send any body."""
        bearer = self.office.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        path = f"/api/v1/entries/{entry or self.entry}/header"
        return self.site.client.put(path, data=body, headers=headers)

    def rewrapped(self, *keys: HybridIdentity) -> SealedHeader:
        """Return the header sealed anew to keys."""
        mine = [self.site.identities["children"]]
        to = [key.recipient() for key in keys or (NEW,)]
        return opening.rewrap(SealedHeader(self.before), mine, to)


@pytest.fixture
def held(site: Site) -> Held:
    """File a report, and log in as one of its offices."""
    witness = come(site)
    office = at(site).log_in("children", site.identities["children"])
    (entry,) = office.items()
    return Held(site, witness, office, entry, office.header(entry))


@pytest.fixture
def database(site: Site) -> Iterator[Database]:
    """Open the site's database a second time."""
    with closing(Database(Path(site.services.config.data))) as opened:
        yield opened


def kept(database: Database) -> list[tuple[object, ...]]:
    """Return every grant as it stands on the disk."""
    with database.read() as connection:
        query = select(grants).order_by(grants.c.entry, grants.c.reader)
        return [tuple(row) for row in connection.execute(query)]


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, wire.parse(answer.data, wire.Refusal).code


def test_new_header_opens_for_the_new_key_and_no_more_for_the_old(held: Held) -> None:
    """The payload is the same, byte for byte."""
    payload = held.office.entry(held.entry).payload
    held.office.rewrap(held.entry, held.before, held.rewrapped())
    found = held.office.entry(held.entry)
    assert found.payload == payload
    assert open_sealed(found.header, found.payload, [NEW])
    with pytest.raises(NoMatchError):
        open_sealed(found.header, found.payload, [held.site.identities["children"]])


def test_only_the_one_header_changes_on_the_disk(held: Held, database: Database) -> None:
    """Not the day of filing, nor that of fetching, nor what another reader has."""
    before = kept(database)
    held.office.rewrap(held.entry, held.before, held.rewrapped())
    changed = [(a, b) for a, b in zip(before, kept(database), strict=True) if a != b]
    assert len(changed) == 1
    old, new = changed[0]
    assert old[:2] == new[:2] == (held.entry, "children")
    assert old[4:] == new[4:]


def test_old_header_is_in_no_file_after_the_night(held: Held, database: Database) -> None:
    """Deleted bytes are overwritten, also in the log: a disk taken later fits no old key."""
    held.office.rewrap(held.entry, held.before, held.rewrapped())
    wrapped = held.before.splitlines()[3]

    def left() -> list[str]:
        files = [path for path in database.path.parent.rglob("*") if path.is_file()]
        return [path.name for path in files if wrapped in path.read_bytes()]

    assert left() != []
    database.tidy()
    assert left() == []


def test_header_alone_is_no_fetching(held: Held) -> None:
    """The witness still takes an unread report back as unread."""
    held.office.rewrap(held.entry, held.before, held.rewrapped())
    assert held.office.header(held.entry) != held.before
    assert "It is removed." in held.witness.end("withdraw", "children").text


def test_hashes_of_the_day_tell_that_a_header_changed(held: Held) -> None:
    """Another desk of the office finds it by comparing days, as always."""
    records = held.site.services.records
    before, others = records.days("children"), records.days("investigators")
    held.office.rewrap(held.entry, held.before, made := held.rewrapped())
    (day,) = records.days("children")
    assert before != (day,)
    digest = hashlib.sha256(made.value).hexdigest()
    assert records.items("children", day.day) == (wire.Item(held.entry, digest),)
    assert records.days("investigators") == others


def test_sent_twice_it_is_kept_once(held: Held) -> None:
    """The answer that was lost on the line comes again."""
    made = held.rewrapped().value
    first, second = held.put(made), held.put(made)
    assert first.status_code == second.status_code == 200
    assert first.data == second.data


def test_replayed_header_does_not_come_back(held: Held) -> None:
    """Nor one made for a header that was changed meanwhile by somebody else."""
    first, second = held.rewrapped(), held.rewrapped()
    assert held.put(first.value).status_code == 200
    assert code(held.put(second.value)) == (409, "conflict")
    assert held.put(second.value, before=first.value).status_code == 200
    assert code(held.put(first.value)) == (409, "conflict")
    assert held.office.header(held.entry) == second.value


def test_office_changes_no_header_of_another(held: Held, database: Database) -> None:
    """Knowing entry and digest opens no door."""
    other = at(held.site).log_in("investigators", held.site.identities["investigators"])
    foreign = next(other.items())
    before, header = kept(database), other.header(foreign)
    refused = held.put(held.rewrapped().value, before=header, entry=foreign)
    assert code(refused) == (404, "not_found")
    with pytest.raises(ServerError, match="no such entry for this office"):
        held.office.header(foreign)
    assert kept(database) == before


def test_withdrawn_office_changes_nothing_any_more(held: Held, database: Database) -> None:
    """With a session that still lives; what is gone does not come back."""
    held.witness.end("withdraw", "children")
    before = kept(database)
    assert code(held.put(held.rewrapped().value)) == (404, "not_found")
    with pytest.raises(ServerError, match="no such entry"):
        held.office.header(held.entry)
    assert kept(database) == before


def test_readers_of_the_witness_stay(held: Held, database: Database) -> None:
    """Her own header on the same entry is another grant."""
    with database.write() as connection:
        query = select(grants).where(grants.c.entry == held.entry)
        row = dict(connection.execute(query).mappings().one())
        connection.execute(grants.insert().values(**{**row, "reader": "witness"}))
    held.office.rewrap(held.entry, held.before, held.rewrapped())
    mine = [row for row in kept(database) if row[:2] == (held.entry, "witness")]
    assert mine == [(held.entry, "witness", held.before, *mine[0][3:])]


def test_header_of_another_entry_opens_nothing(held: Held) -> None:
    """An office that mixes up its own entries spoils one, and reads no words under a wrong name."""
    come(held.site)
    other = next(entry for entry in held.office.items() if entry != held.entry)
    mine = [held.site.identities["children"]]
    made = opening.rewrap(SealedHeader(held.office.header(other)), mine, [NEW.recipient()])
    assert code(held.put(made.value, before=held.office.header(other))) == (409, "conflict")
    held.office.rewrap(held.entry, held.before, made)
    found = held.office.entry(held.entry)
    with pytest.raises(AgeError):
        open_sealed(found.header, found.payload, [NEW])


def classic(_held: Held) -> bytes:
    """Return a header that is not post-quantum."""
    return make_header(bytes(16), [x25519_recipient_of(bytes(range(32)))]).encode()


def mixed(held: Held) -> bytes:
    """Return a post-quantum header with a classic stanza put in."""
    start, stanza, rest = held.before.partition(b"-> ")
    _, mark, weak = classic(held).partition(b"-> ")
    return start + mark + weak.partition(b"--- ")[0] + stanza + rest


BAD: dict[str, tuple[Callable[[Held], bytes], str]] = {
    "classic": (classic, "not_sealed"),
    "mixed": (mixed, "not_sealed"),
    "five keys": (lambda h: h.rewrapped(*[NEW] * 5).value, "not_sealed"),
    "no key": (lambda _: b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n", "not_sealed"),
    "empty": (lambda _: b"", "not_sealed"),
    "cut off": (lambda h: h.before[:-1], "not_sealed"),
    "with a payload": (lambda h: h.before + b"x", "not_sealed"),
    "no header": (lambda _: b"\x00" * 2000, "not_sealed"),
    "too large": (lambda h: h.before + bytes(limits.API_BODY), "wire"),
    "larger than a header": (lambda h: h.rewrapped(*[NEW] * 11).value, "wire"),
}


@pytest.mark.parametrize(("make", "refused"), BAD.values(), ids=BAD)
def test_what_is_no_header_of_an_office_is_refused(
    held: Held, database: Database, make: Callable[[Held], bytes], refused: str
) -> None:
    """By its length, its kind of keys and their number; nothing is changed."""
    before = kept(database)
    assert code(held.put(make(held))) == (400, refused)
    assert kept(database) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"\xff", b"[" * 9000, b'{"before":"a","header":1}', b'{"header":"AAAA"}'],
)
def test_what_is_no_message_is_refused(held: Held, database: Database, body: bytes) -> None:
    """Nor one with a field more."""
    before = kept(database)
    assert code(held.raw(body)) == (400, "wire")
    whole = msgspec.json.encode({"before": "a", "header": "AAAA", "more": 1})
    assert code(held.raw(whole)) == (400, "wire")
    assert kept(database) == before


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 10_000])
def test_without_a_session_nothing_is_given_or_taken(held: Held, token: str) -> None:
    """Neither the header nor its change."""
    body = wire.encode(wire.Rewrap("a", held.before))
    assert code(held.raw(body, token=token)) == (401, "login")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = held.site.client.get(f"/api/v1/entries/{held.entry}/header", headers=headers)
    assert code(answer) == (401, "login")


@pytest.mark.parametrize("name", ["abc", "0" * 32, "%ED%A0%80", "..", "x" * 3000])
def test_what_names_no_entry_is_not_found(held: Held, name: str) -> None:
    """Whatever stands in the address."""
    assert code(held.put(held.before, entry=name))[0] == 404


def test_store_takes_a_sealed_header_only(site: Site, held: Held) -> None:
    """By its exact type, at run time."""
    records: Records = site.services.records
    digest = hashlib.sha256(held.before).hexdigest()
    for thing in (held.before, None, "text", object()):
        with pytest.raises(NotSealedError):
            records.rewrap("children", held.entry, digest, thing)  # type: ignore[arg-type] # the mistake it must catch
    with pytest.raises(ConflictError):
        records.rewrap("children", held.entry, "", held.rewrapped())


def test_client_believes_no_other_entry_nor_answer(held: Held) -> None:
    """A hostile server that answers for another entry, or says to have kept another header."""
    answers = {
        "header": wire.encode(wire.Wrapping("0" * 32, held.before)),
        "rewrap": wire.encode(wire.Item(held.entry, "0" * 64)),
    }

    class Hostile(FakeConnection):
        def request(self, method: str, *_: object) -> None:
            self.answer = FakeAnswer(200, answers["header" if method == "GET" else "rewrap"])

    line = lambda: cast("HTTPConnection", Hostile(held.site))  # noqa: E731 - shorter than a method
    hostile = replace(held.office, server=Server("", line))
    with pytest.raises(WireError, match="another entry"):
        hostile.header(held.entry)
    with pytest.raises(WireError, match="kept another header"):
        hostile.rewrap(held.entry, held.before, held.rewrapped())
    for call in (hostile.header, lambda name: hostile.rewrap(name, b"", held.rewrapped())):
        with pytest.raises(WireError, match="by no id"):
            call("../../health")
