"""The calls of the conversation: who may write, fetch and delete what; refused in form."""

from collections.abc import Callable

import msgspec
import pytest

from intake.core import limits, wire
from intake.core.entry import Outer, StubBody
from intake.core.programme import WITNESS
from intake.crypto import opening
from intake.crypto.derive import authenticate, derive, verify
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import ServerError
from intake.store.state import Name
from tests.server.conftest import MakeSite
from tests.server.test_api import at
from tests.server.test_sealed import call
from tests.support.conversation import OFFICE, Filed, post, sealed
from tests.support.sealed import filing, message
from tests.support.site import Site

MARK = "0d" * 16


@pytest.fixture
def filed(site: Site) -> Filed:
    """Return a case for two offices."""
    return Filed.at(site, OFFICE, "children")


def test_reply_opens_for_the_witness_and_for_its_office(filed: Filed) -> None:
    """From one payload; nobody else gets it, and the server cannot tell what it says."""
    written = filed.reply()
    assert filed.send(written) == 204
    status, given = call(filed.site, "mail", wire.Fetch(written.id, filed.token))
    assert status == 200
    got = wire.parse(wire.encode(given), wire.Sealed)
    own = at(filed.site).log_in(OFFICE, filed.site.identities[OFFICE]).entry(written.id)
    assert (got.payload, got.reader) == (own.payload, WITNESS)
    readers = {
        WITNESS: (got, HybridIdentity(derive(filed.keys.secret, "identity"))),
        OFFICE: (own, filed.site.identities[OFFICE]),
    }
    for reader, (one, key) in readers.items():
        whole = Sealed(SealedHeader(one.header), one.payload)
        outer = Outer(one.case, one.kind, reader, one.entry)
        entry = opening.open_entry(whole, [key], outer, filed.site.services.programme)
        verify(entry, filed.keys.message_key(OFFICE))
        assert entry == written
    other = at(filed.site).log_in("children", filed.site.identities["children"])
    with pytest.raises(ServerError):
        other.entry(written.id)


def test_case_tells_of_mail_and_when_it_was_fetched(filed: Filed) -> None:
    """By the token alone; no office's own copy is among what offices hold of hers."""
    filed.send(filed.reply())
    note = filed.reply(2, kind="note", direction="own")
    assert post(filed.site, filed.sealed(note)) == 204
    look = wire.Mailbox(filed.token)
    _, case = call(filed.site, "case", look)
    (waiting,) = case["mail"]
    assert (waiting["entry"], waiting["kind"], waiting["fetched"]) == (
        filed.reply().id,
        "reply",
        None,
    )
    assert {held["entry"] for held in case["held"]} == {
        filed.keys.entry("report", office) for office in (OFFICE, "children")
    }
    call(filed.site, "mail", wire.Fetch(filed.reply().id, filed.token))
    assert call(filed.site, "case", look)[1]["mail"][0]["fetched"] == "2026-11-24"


def test_office_lists_what_it_holds_of_a_case(filed: Filed) -> None:
    """So that it need not fetch all that it has to answer one."""
    filed.send(filed.reply())
    office = at(filed.site).log_in(OFFICE, filed.site.identities[OFFICE])
    names = {filed.keys.entry("report", OFFICE), filed.reply().id}
    assert set(office.of_case(filed.case)) == names
    other = at(filed.site).log_in("detention", filed.site.identities["detention"])
    for name in (filed.case, "f" * 32):
        with pytest.raises(ServerError, match="no such case"):
            list(other.of_case(name))
    path = f"/api/v1/cases/{filed.case}"
    assert filed.site.client.get(path).status_code == 401


def test_nobody_writes_without_holding_the_case(filed: Filed) -> None:
    """Without a session, with that of another office, in a case that is not there."""
    sent = filed.sealed(filed.reply())
    assert post(filed.site, sent, token="") == 401
    assert post(filed.site, sent, token="x") == 401
    assert post(filed.site, sent, "detention") == 404
    assert post(filed.site, msgspec.structs.replace(sent, case="f" * 32)) == 404
    assert call(filed.site, "case", wire.Mailbox(filed.token))[1]["mail"] == []


def test_nobody_logs_in_as_the_witness(filed: Filed) -> None:
    """Her name is none of an office."""
    key = HybridIdentity(derive(filed.keys.secret, "identity"))
    with pytest.raises(Exception, match="not one of the office's keys"):
        at(filed.site).log_in(WITNESS, key)


def test_reply_sent_again_is_kept_once_and_another_conflicts(filed: Filed) -> None:
    """A lost answer costs nothing."""
    sent = filed.sealed(filed.reply())
    assert [post(filed.site, sent) for _ in range(3)] == [204] * 3
    assert post(filed.site, filed.sealed(filed.reply())) == 409
    assert len(call(filed.site, "case", wire.Mailbox(filed.token))[1]["mail"]) == 1


def _changed(**changes: object) -> Callable[[wire.Reply], object]:
    return lambda sent: msgspec.structs.replace(sent, **changes)


@pytest.mark.parametrize(
    "change",
    [
        _changed(case="x"),
        _changed(case="A" * 32),
        _changed(entry="../" * 10),
        _changed(witness=b""),
        _changed(kind="note"),
        _changed(kind="message"),
        _changed(kind="report"),
        _changed(header=b""),
        _changed(header=b"age-encryption.org/v1\n-> X25519 x\n\n--- x\n"),
        _changed(witness=b"age-encryption.org/v1\n-> X25519 x\n\n--- x\n"),
        _changed(payload=b"We met you at the station. " * 200),
        _changed(payload=b""),
        lambda sent: wire.encode(sent).replace(b'"case"', b'"case":1,"case"'),
        lambda sent: wire.encode(sent)[:-5],
        lambda _: b"\xff" * 100,
        lambda _: b"[" * 100_000,
        lambda _: b" " * (limits.REPLY_BODY + 1),
    ],
)
def test_reply_out_of_form_is_refused(filed: Filed, change: Callable[[wire.Reply], object]) -> None:
    """400, and nothing kept."""
    assert post(filed.site, change(filed.sealed(filed.reply()))) == 400
    assert call(filed.site, "case", wire.Mailbox(filed.token))[1]["mail"] == []


def test_reply_longer_than_the_longest_or_for_more_readers_is_refused(filed: Filed) -> None:
    """The longest fits with four keys; a second reader beside the witness does not."""
    keys = [generate_hybrid().recipient() for _ in range(4)]
    words = filed.keys.recipient()
    for characters, status in ((limits.REPLY - limits.KIB, 204), (limits.REPLY + 1, 400)):
        body = msgspec.structs.replace(filed.reply().body, text="x" * characters)
        long = filed.reply(characters, body=body)
        assert post(filed.site, sealed(long, [words], keys)) == status
    both = sealed(filed.reply(3), [words, keys[0]], keys)
    assert post(filed.site, both) == 400
    assert post(filed.site, sealed(filed.reply(4), [words], [*keys, words])) == 400


def test_nothing_is_written_while_the_site_is_stopped(sites: MakeSite) -> None:
    """As with everything else; what waits is still read."""
    filed = Filed.at(sites())
    filed.send(filed.reply())
    filed.site.services.door.remember(Name.STOPPED, filed.site.services.today())
    filed.site.services.door._until = 0.0
    assert filed.send(filed.reply(2)) == 503
    assert call(filed.site, "mail", wire.Fetch(filed.reply().id, filed.token))[0] == 200


def test_mail_is_fetched_by_the_token_of_its_case_alone(filed: Filed) -> None:
    """404 for another's, 400 for what has no form, 403 from another site."""
    written = filed.reply()
    filed.send(written)
    other = Filed.at(filed.site)
    assert call(filed.site, "mail", wire.Fetch(written.id, other.token))[0] == 404
    assert call(filed.site, "mail", wire.Fetch("f" * 32, filed.token))[0] == 404
    assert call(filed.site, "mail", wire.Fetch(written.id, b"?" * 32))[0] == 404
    assert call(filed.site, "mail", wire.Fetch(written.id, b"short"))[0] == 400
    assert call(filed.site, "mail", b"{}")[0] == 400
    assert call(filed.site, "mail", b" " * (limits.API_BODY + 1))[0] == 400
    evil = {"Origin": "https://evil.test"}
    assert call(filed.site, "mail", wire.Fetch(written.id, filed.token), **evil)[0] == 403


def test_read_reply_is_deleted_and_stays_with_its_office(filed: Filed) -> None:
    """409 before it is read; a lost answer costs nothing."""
    written = filed.reply()
    filed.send(written)
    sent = wire.Discard(written.id, MARK, filed.token)
    assert call(filed.site, "mail/discard", sent)[0] == 409
    call(filed.site, "mail", wire.Fetch(written.id, filed.token))
    for _ in range(3):
        assert call(filed.site, "mail/discard", sent)[0] == 204
    case = call(filed.site, "case", wire.Mailbox(filed.token))[1]
    assert (case["mail"], case["additions"]) == ([], [MARK])
    at(filed.site).log_in(OFFICE, filed.site.identities[OFFICE]).entry(written.id)
    assert call(filed.site, "mail/discard", wire.Discard("f" * 32, MARK, filed.token))[0] == 409
    gone = wire.Discard(written.id, "0e" * 16, filed.token)
    assert call(filed.site, "mail/discard", gone)[0] == 404
    assert call(filed.site, "mail/discard", wire.Discard("x", "x", filed.token))[0] == 400


def stub_of(site: Site) -> tuple[wire.Filing, Filed]:
    """Return a case as a browser files it, with what it seals to its own words."""
    filed = Filed(site, filing(site))
    body = StubBody({}, {OFFICE: ("ab" * 32,)})
    kept = filed.reply(
        kind="note", direction="own", office=WITNESS, body=body, id=filed.keys.stub(), seen=()
    )
    kept = authenticate(kept, filed.keys.message_key(WITNESS))
    words = filed.keys.recipient()
    made = sealed(kept, [words], [words])
    sent = wire.Letter(kept.id, (), made.header, "note", made.payload, WITNESS)
    plain = message(site, filed.draft)
    return msgspec.structs.replace(plain, letters=(*plain.letters, sent)), filed


def test_filing_takes_what_a_browser_seals_to_its_words(site: Site) -> None:
    """It waits for them, and is no office's."""
    sent, filed = stub_of(site)
    status, kept = call(site, "cases", sent)
    assert status == 200
    assert [one["reader"] for one in kept["deliveries"]] == [OFFICE]
    assert call(site, "cases", sent) == (status, kept)
    case = call(site, "case", wire.Mailbox(filed.token))[1]
    assert [(one["entry"], one["kind"]) for one in case["mail"]] == [(filed.keys.stub(), "note")]
    assert call(site, "mail", wire.Fetch(filed.keys.stub(), filed.token))[0] == 200
    mark = wire.Discard(filed.keys.stub(), MARK, filed.token)
    assert call(site, "mail/discard", mark)[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda sent: (*sent.letters, sent.letters[1]),
        lambda sent: sent.letters[1:],
        lambda sent: (sent.letters[0], _letter(sent, reader=OFFICE)),
        lambda sent: (sent.letters[0], _letter(sent, kind="report")),
        lambda sent: (sent.letters[0], _letter(sent, kind="message")),
        lambda sent: (sent.letters[0], _letter(sent, evidence=("0d" * 16,))),
    ],
)
def test_filing_takes_one_note_and_for_the_witness_alone(
    site: Site, change: Callable[[wire.Filing], tuple[wire.Letter, ...]]
) -> None:
    """400, and nothing kept."""
    sent, _ = stub_of(site)
    assert call(site, "cases", msgspec.structs.replace(sent, letters=change(sent)))[0] == 400
    assert site.count() == 0


def test_addition_takes_no_note(filed: Filed) -> None:
    """Nobody puts another in place of the one that was filed."""
    sent, _ = stub_of(filed.site)
    added = wire.Addition("0a" * 16, sent.letters[1:], (), (), filed.token)
    assert call(filed.site, "additions", added)[0] == 400


def _letter(sent: wire.Filing, **changes: object) -> wire.Letter:
    return msgspec.structs.replace(sent.letters[1], **changes)
